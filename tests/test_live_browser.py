"""Cells that run in the page, in a real browser: needs a book built by `make live`."""

import re

import pytest

from tests.test_browser import CHROMIUM, SITE, address, browser, violations  # noqa: F401

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(
        not (SITE / "live" / "pyodide").is_dir(), reason="the book was built without LIVE_FROM"
    ),
]
BUSY = re.compile(r"Starting|Running|Fetching")


class Page:
    """The chapter on the perceptron as a reader works on it."""

    def __init__(self, context, site):
        self.tab = context.new_page()
        self.asked = []
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.goto(f"{site}/chapters/perceptron.html")

    def cell(self, text):
        """The cell whose code holds this text."""
        code = self.tab.locator(".cell:not(.solution .cell)").filter(has_text=text).first
        return code.locator(".live")

    def press(self, bar, name):
        bar.get_by_role("button", name=name).click()

    def wait(self, bar):
        state = bar.locator(".live-state")
        self.tab.wait_for_function(
            "state => state.textContent && !/Starting|Running|Fetching/.test(state.textContent)",
            arg=state.element_handle(),
            timeout=240_000,
        )
        return state.inner_text()

    def output(self, bar):
        return bar.locator("xpath=following-sibling::div[contains(@class, 'live-output')]")


@pytest.fixture
def page(browser, address):  # noqa: F811
    context = browser.new_context()
    context.set_default_timeout(120_000)
    yield Page(context, address)
    context.close()


def test_nothing_is_fetched_before_the_first_press(page):
    assert not any("/live/" in url and not url.endswith("live.js") for url in page.asked)
    assert page.tab.locator(".live-count").is_visible()


def test_a_cell_runs_with_what_it_needs(page):
    bar = page.cell("def say")
    bar = bar if bar.count() else page.tab.locator(".live:has(button)").nth(2)
    page.press(bar, "Run")
    assert page.wait(bar) == "Done."
    assert not any("matplotlib" in url for url in page.asked) or page.output(bar).locator("img")


def test_a_checker_answers_explains_and_remembers(page):
    bar = page.cell("def recurrent_step")
    page.press(bar, "Edit")
    editor = page.tab.get_by_label(re.compile("^Code of cell"))
    head = "def recurrent_step(x, y_before, W_x, W_y, b):\n    return "
    editor.fill(f"{head}np.tanh(x @ W_x + y_before @ W_y.T + b)")
    page.press(bar, "Check")
    assert page.wait(bar) == "Not yet."
    assert "W_x is transposed" in page.output(bar).inner_text()
    for theme in ("light", "dark"):
        page.tab.emulate_media(color_scheme=theme)
        assert violations(page.tab) == [], theme
    editor.fill(f"{head}np.tanh(x @ W_x.T + y_before @ W_y.T + b)")
    page.press(bar, "Check")
    assert page.wait(bar) == "Solved."
    page.tab.reload()
    assert "np.tanh(x @ W_x.T" in page.tab.get_by_label(re.compile("^Code of cell")).input_value()
    page.press(page.cell("recurrent_step"), "Reset")
    assert not page.tab.get_by_label(re.compile("^Code of cell")).count()


def test_an_endless_loop_is_stopped_and_the_page_goes_on(page):
    bar = page.cell("def recurrent_step")
    page.press(bar, "Edit")
    editor = page.tab.get_by_label(re.compile("^Code of cell"))
    editor.fill("while True:\n    pass")
    page.press(bar, "Run")
    page.tab.wait_for_function("s => s.textContent === 'Running'",
                               arg=bar.locator(".live-state").element_handle())  # fmt: skip
    page.press(bar, "Stop")
    assert page.wait(bar).startswith("Stopped.")
    editor.fill("print(1 + 1)")
    page.press(bar, "Run")
    assert page.wait(bar) == "Done."
    assert page.output(bar).inner_text().strip() == "2"


def test_a_lost_connection_is_said_and_tried_again(page):
    page.tab.context.set_offline(True)
    bar = page.cell("def recurrent_step")
    page.press(bar, "Run")
    assert "could not be fetched" in page.wait(bar)
    page.tab.context.set_offline(False)
    page.press(bar, "Run")
    assert page.wait(bar) == "Done."


def test_the_editor_lets_go_after_escape(page):
    bar = page.cell("def recurrent_step")
    page.press(bar, "Edit")
    editor = page.tab.get_by_label(re.compile("^Code of cell"))
    editor.fill("")
    editor.press("Tab")
    assert editor.input_value() == "    "
    editor.press("Escape")
    editor.press("Tab")
    assert editor.input_value() == "    "
    assert not editor.evaluate("it => it === document.activeElement")
