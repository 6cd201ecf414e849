"""Time cells in the page: from the press to a checker's answer, and to a figure.

    python -m benchmarks.bench_live [--rounds 5]

Needs a site built by `make live`, and Chromium. Each round opens the chapter on the perceptron in a
new profile (cold) and again in the same one (warm), solves its first exercise, and checks it once
and then three times more. Another new profile draws the first figure in the same way. The server is
on this machine, and compresses what servers compress. The table shows medians and all rounds; what
was sent and asked for counts from the press to the first answer.
"""

import argparse
import functools
import gzip
import http.server
import shutil
import threading
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

SITE = Path(__file__).parents[1] / "_build" / "html"
CHAPTER = "chapters/perceptron.html"
ANSWER = """def recurrent_step(x, y_before, W_x, W_y, b):
    return np.tanh(x @ W_x.T + y_before @ W_y.T + b)"""
PACKED = (".whl", ".zip", ".woff2", ".png")


class Handler(http.server.SimpleHTTPRequestHandler):
    """A server that counts what it sends, compressed where it is not yet."""

    sent = 0
    requests = 0
    packed: dict = {}  # noqa: RUF012 - shared by all requests

    def do_GET(self):
        path = Path(self.translate_path(self.path))
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


def press(bar, name):
    """Press a button of a cell; the seconds until the page has said how it went."""
    state = bar.locator(".live-state")
    start = time.monotonic()
    bar.get_by_role("button", name=name).click()
    bar.page.wait_for_function(
        "it => /^(Done|Solved)/.test(it.textContent)", arg=state.element_handle(), timeout=120_000
    )
    return time.monotonic() - start


def check(tab, address):
    """Solve the first exercise: the seconds to the first answer, and to each further one."""
    tab.goto(address)
    bar = tab.locator(".live[data-check^='check_recurrent_step']")
    if not tab.get_by_label("Code of cell").count():
        bar.get_by_role("button", name="Edit").click()
    bar.locator("xpath=..").locator("textarea").fill(ANSWER)
    Handler.sent = Handler.requests = 0
    found = {"first answer": press(bar, "Check"), **sent()}
    later = []
    for _ in range(3):
        tab.evaluate(
            "document.querySelectorAll('.live-state').forEach(it => (it.textContent = ''))"
        )
        later.append(press(bar, "Check"))
    return found | {"each further": median(later)}


def draw(tab, address):
    """Open the chapter and draw its first figure."""
    tab.goto(address)
    bar = tab.locator(".live:has(button)").nth(1)
    Handler.sent = Handler.requests = 0
    found = {"first figure": press(bar, "Run"), **sent()}
    assert bar.locator("xpath=following-sibling::div[1]").locator("img").count()
    return found


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
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for number in range(rounds):
            for what in (check, draw):
                context = browser.new_context()
                for kind in ("cold", "warm"):
                    tab = context.new_page()
                    for name, value in what(tab, address).items():
                        found.setdefault((what.__name__, kind, name), []).append(value)
                    tab.close()
                context.close()
            print(f"round {number + 1} of {rounds}", flush=True)
        browser.close()
    server.shutdown()
    for (what, kind, name), values in found.items():
        shown = " ".join(f"{value:.2f}" for value in values)
        print(f"{what:6}{kind:6}{name:14}{median(values):8.2f}   {shown}")


if __name__ == "__main__":
    main()
