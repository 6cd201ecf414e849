"""Time cells in the page: from the press to a checker's answer, and to a figure.

    python -m benchmarks.bench_live [--rounds 5]

Needs a site built by `make live`, and Chromium. Each round opens the chapter on the perceptron in a
new profile (cold) and again in the same one (warm), lets it come to rest, solves its first
exercise, and checks it once and then three times more. Another new profile draws the first figure,
and a third has a worker alone load the same and check the same, which says what the machine is
worth today. The clock of the page counts, from the click to the words that say how it went. The
server is on this machine, and compresses what servers compress. The table shows medians and all
rounds; what was sent and asked for counts from the press to the first answer.
"""

import argparse
import functools
import gzip
import http.server
import shutil
import tempfile
import threading
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

SITE = Path(__file__).parents[1] / "_build" / "html"
CHAPTER = "chapters/perceptron.html"
ANSWER = """def recurrent_step(x, y_before, W_x, W_y, b):
    return np.tanh(x @ W_x.T + y_before @ W_y.T + b)"""
# A worker alone: as little as can be between the press and the answer.
ALONE = {
    "/alone.html": """<button>Check</button><script>
        document.querySelector("button").onclick = () => {
            const start = performance.now();
            new Worker("alone.js", { type: "module" }).onmessage = () => {
                window.took = (performance.now() - start) / 1000;
            };
        };</script>""",
    "/alone.js": """const from = new URL("live/pyodide/", self.location);
        const { loadPyodide } = await import(new URL("pyodide.mjs", from));
        const python = await loadPyodide({ indexURL: from.href });
        await python.loadPackage(["numpy"], { messageCallback() {} });
        const library = await fetch(new URL("live/lib.zip", self.location));
        python.unpackArchive(await library.arrayBuffer(), "zip");
        python.runPython(`import numpy as np
from lib.book.exercises.perceptron import check_recurrent_step
ANSWER
check_recurrent_step(recurrent_step)`);
        self.postMessage("done");""".replace("ANSWER", ANSWER),
}
PACKED = (".whl", ".zip", ".woff2", ".png")


class Handler(http.server.SimpleHTTPRequestHandler):
    """A server that counts what it sends, compressed where it is not yet."""

    sent = 0
    requests = 0
    packed: dict = {}  # noqa: RUF012 - shared by all requests

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if self.path in ALONE:
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(self.path))
            self.end_headers()
            return self.wfile.write(ALONE[self.path].encode())
        if not path.is_file():
            return self.send_error(404)
        body = self.packed.get(path)
        zipped = not path.name.endswith(PACKED)
        if body is None:
            body = path.read_bytes()
            body = self.packed[path] = gzip.compress(body, 6) if zipped else body
        tag = f'"{path.stat().st_mtime_ns}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            return self.end_headers()
        type(self).sent += len(body)
        type(self).requests += 1
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("ETag", tag)
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        return self.wfile.write(body)

    def log_message(self, *args):
        """Keep requests out of the table."""


def sent():
    return {"MB": Handler.sent / 1e6, "requests": Handler.requests}


CLOCK = """(state) => {
    let start;
    addEventListener("click", () => { start = performance.now(); }, { capture: true, once: true });
    const seen = new MutationObserver(() => {
        if (!/^(Done|Solved)/.test(state.textContent)) return;
        seen.disconnect();
        window.took = (performance.now() - start) / 1000;
    });
    window.took = 0;
    seen.observe(state, { childList: true, characterData: true, subtree: true });
}"""


def press(bar, name):
    """Press a button of a cell; the seconds until the page has said how it went."""
    bar.locator(".live-state").evaluate(CLOCK)
    bar.get_by_role("button", name=name).click()
    return bar.page.wait_for_function("() => window.took", timeout=120_000).json_value()


def check(tab, address):
    """Solve the first exercise: the seconds to the first answer, and to each further one."""
    tab.goto(address, wait_until="networkidle")
    bar = tab.locator(".live[data-check^='check_recurrent_step']")
    if not tab.get_by_label("Code of cell").count():
        bar.get_by_role("button", name="Edit").click()
    bar.locator("xpath=..").locator("textarea").fill(ANSWER)
    Handler.sent = Handler.requests = 0
    found = {"first answer": press(bar, "Check"), **sent()}
    return found | {"each further": median(press(bar, "Check") for _ in range(3))}


def draw(tab, address):
    """Open the chapter and draw its first figure."""
    tab.goto(address, wait_until="networkidle")
    bar = tab.locator(".live:has(button)").nth(1)
    Handler.sent = Handler.requests = 0
    found = {"first figure": press(bar, "Run"), **sent()}
    assert bar.locator("xpath=following-sibling::div[1]").locator("img").count()
    return found


def alone(tab, address):
    """Check the same answer with nothing but a worker."""
    tab.goto(address.replace(CHAPTER, "alone.html"), wait_until="networkidle")
    tab.locator("button").click()
    return {"first answer": tab.wait_for_function("() => window.took").json_value()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    handler = functools.partial(Handler, directory=SITE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/{CHAPTER}"
    found: dict = {}
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        for number in range(rounds):
            for what in (check, draw, alone):
                with tempfile.TemporaryDirectory() as profile:  # a private window keeps nothing
                    context = playwright.chromium.launch_persistent_context(
                        profile, executable_path=chromium, args=["--no-sandbox"]
                    )
                    for kind in ("cold", "warm"):
                        tab = context.new_page()
                        for name, value in what(tab, address).items():
                            found.setdefault((what.__name__, kind, name), []).append(value)
                        tab.close()
                    context.close()
            print(f"round {number + 1} of {rounds}", flush=True)
    server.shutdown()
    for (what, kind, name), values in found.items():
        shown = " ".join(f"{value:.2f}" for value in values)
        print(f"{what:6}{kind:6}{name:14}{median(values):8.2f}   {shown}")


if __name__ == "__main__":
    main()
