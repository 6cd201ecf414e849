"""The built pages in Chromium: on a phone and a desk, light and dark."""

import atexit
import contextlib
import functools
import http.server
import re
import runpy
import shutil
import sys
import threading
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python", reason="axe is not installed")

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "_ext"))

from pages import policy  # noqa: E402

PRINTED = runpy.run_path(str(ROOT / "slides" / "conf.py"))["policy_styles"]
SITE = ROOT / "_build" / "html"
PAGES = [
    *sorted(f"chapters/{path.stem}.html" for path in (ROOT / "chapters").glob("*.md")),
    "genindex.html",
    "search.html",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

# The newest axe, if .ci/run could get it from npm; else the one that the package index has.
NEWEST_AXE = ROOT / "_build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
BUNDLED_AXE = Path(axe.__file__).parent / "axe.min.js"
AXE = NEWEST_AXE if NEWEST_AXE.exists() else BUNDLED_AXE
TAGS = "wcag2a wcag2aa wcag21a wcag21aa wcag22aa best-practice".split()
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"label-content-name-mismatch": {"enabled": True}},  # experimental in older releases
    "resultTypes": ["violations"],
}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),  # a page that never answers must not hold up the rest
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """A server that sends the policy of the pages as a header too."""

    def end_headers(self):
        text = policy(PRINTED if self.path.startswith("/slides/") else ())
        self.send_header("Content-Security-Policy", f"{text}; frame-ancestors 'self'")
        super().end_headers()

    def log_message(self, *args):
        """Keep the list of requests out of pytest's output."""


@functools.cache
def served():
    """The site on this machine, served until the tests of this process end."""
    handler = functools.partial(QuietHandler, directory=SITE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    atexit.register(server.server_close)
    return f"http://127.0.0.1:{server.server_port}"


@functools.cache
def launched():
    """One browser for all tests of this process: to start it takes seconds."""
    started = playwright.sync_playwright().start()
    atexit.register(started.stop)
    return started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture
def address():
    assert SITE.is_dir(), "the book is not built: run make book"
    return served()


@pytest.fixture
def browser():
    return launched()


@pytest.fixture
def tab(browser, width, theme):
    """An empty tab of this width, for a reader on a first visit whose system has this theme."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    context.set_default_timeout(120_000)  # of a busy machine
    yield context.new_page()
    context.close()


# Boxes that are seen, scroll as far as axe cares, and that the keyboard does not reach yet.
UNMARKED = """() => [...document.querySelectorAll("pre, .output, .pst-scrollable-table-container")]
    .filter((box) => box.checkVisibility() && box.tabIndex < 0)
    .some((box) => box.scrollWidth > box.clientWidth + 13)"""


def measured(tab):
    """Give the page the time to find which of its boxes scroll; what it misses, axe finds.

    It hears of sizes once in a frame, and on a busy machine the last of them comes late.
    """
    tab.evaluate(
        """async () => {
            await document.fonts.ready;
            for (let k = 0; k < 3; k++) await new Promise(requestAnimationFrame);
        }"""
    )
    with contextlib.suppress(playwright.TimeoutError):
        tab.wait_for_function(f"() => !({UNMARKED})()", timeout=10_000)


def visit(tab, address):
    """Open a page and wait until it is set; return what it complained of and asked for."""
    errors, requests = [], []
    tab.on("console", lambda message: message.type == "error" and errors.append(message.text))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    assert tab.goto(address, wait_until="networkidle").ok
    measured(tab)
    return errors, requests


def set_to(tab, width, theme):
    """Make the window as wide and the system as light or dark as that; the page follows."""
    tab.emulate_media(color_scheme=theme, reduced_motion="reduce")
    tab.set_viewport_size({"width": width, "height": 900})
    # Size and system are told to the page when the browser has time, frames later if it is busy.
    tab.wait_for_function("(width) => window.innerWidth === width", arg=width)
    tab.locator(f"html[data-theme={theme}]").wait_for(state="attached")
    measured(tab)


def unfold(tab):
    """Show hidden cells, hints and solutions."""
    tab.evaluate("document.querySelectorAll('details').forEach((box) => (box.open = true))")
    measured(tab)


def violations(tab, options=OPTIONS):
    """What axe finds, however small: (rule, the first elements that break it).

    Only violations are asked for: with every element that passes, the answer of a long page is so
    large that on a busy machine it did not come to an end.
    """
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [(rule["id"], [node["html"][:200] for node in rule["nodes"][:5]]) for rule in found]


WIDTHS = [1280, 390, 320]
# Contrast takes most of axe's time. A page has the same colours at 320 px as at 390 px: see
# test_no_style_begins_between_the_narrow_widths.
BUT_CONTRAST = OPTIONS | {"rules": {**OPTIONS["rules"], "color-contrast": {"enabled": False}}}


def sideways(tab):
    """How many pixels a page is wider than its window."""
    return tab.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def answer(tab):
    """Choose the first answer of every question; the page says what is right or wrong with it."""
    tab.evaluate(
        "document.querySelectorAll('.question').forEach((it) => it.querySelector('input').click())"
    )


@pytest.mark.parametrize(("width", "theme"), [(1280, "light")])
@pytest.mark.parametrize("page", PAGES)
def test_page(tab, address, page, width, theme):
    """At three widths, folded, unfolded and answered, light and dark; a load serves all of it."""
    errors, requests = visit(tab, f"{address}/{page}")
    folds = tab.locator("details:not([open])").count()
    for state in ["folded", "unfolded"] if folds else ["folded"]:
        if state == "unfolded":
            unfold(tab)
        for each in WIDTHS:
            for colours in ["light", "dark"]:
                set_to(tab, each, colours)
                options = BUT_CONTRAST if each == 320 else OPTIONS
                assert violations(tab, options) == [], f"{state}, {each} px, {colours}"
                assert sideways(tab) <= 0, f"{state}, {each} px, {colours}"
    if tab.locator(".question").count():
        answer(tab)
        assert tab.locator(".question .reason:visible").count() == tab.locator(".question").count()
        for colours in ["light", "dark"]:
            set_to(tab, 390, colours)
            assert violations(tab) == [], f"answered, {colours}"
            assert sideways(tab) <= 0, f"answered, {colours}"
    assert errors == []
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []


def test_no_style_begins_between_the_narrow_widths():
    styles = [path.read_text("utf-8") for path in SITE.glob("_static/**/*.css")]
    assert styles
    queries = re.findall(r"@media[^{]*width[^{]*", " ".join(styles))
    limits = re.findall(r"width:\s*([\d.]+)px", " ".join(queries))
    assert len(limits) == sum(query.count("width") for query in queries)  # all of them in pixels
    assert not [limit for limit in limits if 320 <= float(limit) < 390]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("page", ["chapters/lstm.html", "genindex.html"])
def test_a_first_visit(tab, address, page, width, theme):
    """A browser that knows nothing of the book gets the theme of its system, without complaints."""
    errors, _ = visit(tab, f"{address}/{page}")
    assert tab.evaluate("document.documentElement.dataset.theme") == theme
    assert errors == []


# Targets on long pages, after figures and formulas, in the book's own style and in MyST's.
TARGETS = [
    "lstm.html#peephole-connections",
    "lstm.html#equation-eq-peephole-input",
    "lstm.html#exercises",
    "gru.html#equation-eq-gru-h",
    "gru.html#summary",
    "perceptron.html#exercises",
    "memory-cells.html#summary",
    "short-term-memory.html#exercises",
    "training-through-time.html#summary",
    "training-through-time.html#exercises",
    "transfer-learning.html#exercises",
    "fine-tuning.html#summary",
    "case-study.html#exercises",
    "notation.html#symbols",
]
STILL = """async () => {
    await document.fonts.ready;
    let last = -1, since = performance.now();
    while (performance.now() - since < 700) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (scrollY !== last) [last, since] = [scrollY, performance.now()];
    }
}"""


@pytest.mark.parametrize("theme", ["light"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("target", TARGETS)
def test_a_link_into_a_page_lands_there(tab, address, target):
    tab.goto(f"{address}/chapters/{target}")
    tab.evaluate(STILL)
    place = "document.getElementById(location.hash.slice(1)).getBoundingClientRect().top"
    assert 0 <= tab.evaluate(place) <= 120


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280])
@pytest.mark.parametrize("page", ["404.html", "slides/index.html", "slides/speaker.html"])
def test_pages_beside_the_book(tab, address, page, theme):
    assert tab.goto(f"{address}/{page}").ok
    assert violations(tab) == []
    if page != "slides/speaker.html":  # for a desk alone
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            assert sideways(tab) <= 0, f"{width} px"


OTHER_PAGES = [
    "search.html?q=forget+gate",
    "genindex.html",
    "slides/index.html",
    "slides/lstm.html?print-pdf",
]


@pytest.mark.parametrize("theme", ["dark"])
@pytest.mark.parametrize("width", [1280])
@pytest.mark.parametrize("page", OTHER_PAGES)
def test_the_policy_is_kept(tab, address, page):
    """On the other pages test_page and test_slides.py see what the browser refuses."""
    errors = []
    tab.on("console", lambda message: message.type == "error" and errors.append(message.text))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    assert tab.goto(f"{address}/{page}", wait_until="networkidle").ok
    assert errors == []


@pytest.mark.parametrize("theme", ["light"])
@pytest.mark.parametrize("width", [1280])
def test_the_policy_refuses_what_is_injected(tab, address):
    tab.goto(f"{address}/chapters/preface.html")
    tab.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.injected = true";
            document.body.append(script);
        }"""
    )
    assert not tab.evaluate("window.injected")
    with pytest.raises(playwright.Error, match=r"unsafe-eval|EvalError"):
        tab.evaluate(
            "() => new Promise((resolve, reject) => setTimeout(() => {"
            "try { resolve(window.eval('1')) } catch (error) { reject(error) } }))"
        )
