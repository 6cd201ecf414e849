"""Cells that run in the page, in a real browser: needs a book built by `make live`."""

import html
import json
import math
import re
import time

import nbformat
import pytest

from lib.book.exercises.mistakes import rewritten
from tests.test_browser import (  # noqa: F401
    CHROMIUM,
    SITE,
    address,
    browser,
    policy,
    violations,
)
from tests.test_exercises import EXERCISES, MISTAKES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(
        not (SITE / "live" / "pyodide").is_dir(), reason="the book was built without LIVE_FROM"
    ),
]


class Page:
    """A chapter as a reader works on it."""

    def __init__(self, context, site, chapter):
        self.tab = context.new_page()
        self.asked = []
        self.tab.on("request", lambda request: self.asked.append(request.url))
        self.tab.goto(f"{site}/chapters/{chapter}.html")

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
        return state.text_content()  # in a fold, what is seen is nothing

    def output(self, bar):
        return bar.locator("xpath=following-sibling::div[contains(@class, 'live-output')]")


@pytest.fixture
def chapter():
    """The chapter that a test is about, if it names no other."""
    return "perceptron"


@pytest.fixture
def page(browser, address, chapter):  # noqa: F811
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(120_000)
    yield Page(context, address, chapter)
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
    page.press(page.cell("def recurrent_step"), "Reset")
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


def test_the_editor_is_dressed_as_code(page):
    page.press(page.cell("def recurrent_step"), "Edit")
    editor = page.tab.get_by_label(re.compile("^Code of cell"))
    assert "mono" in editor.evaluate("it => getComputedStyle(it).fontFamily").lower()


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


def sampled(chapters):
    """All chapters every night, as each takes a minute, and one whenever tests run."""
    return [
        pytest.param(name, marks=[] if name == "perceptron" else pytest.mark.nightly)
        for name in sorted(chapters)
    ]


CHAPTERS = sampled(path.stem for path in (SITE / "live" / "chapters").glob("*.json"))
CHECKED = {  # {chapter: its checkers}
    chapter: [check for check, exercise in EXERCISES.items() if exercise.module == module]
    for module in {exercise.module for exercise in EXERCISES.values()}
    for chapter in [module.rpartition(".")[2].replace("_", "-")]
}
TRAINS = re.compile(r"\btrain\(|Adam|Timer|perf_counter|process_time|fit\(")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def printed(text):
    """What a cell printed, without the lines of claims, which the page shows elsewhere."""
    lines = [line for line in text.splitlines() if not line.startswith("Holds: ")]
    return " ".join(" ".join(lines).split())


def same(here, built):
    """Whether two outputs have the same words, and the same numbers but for rounding."""
    here, built = printed(here), printed(built)
    if NUMBER.sub("#", here) != NUMBER.sub("#", built):
        return False
    pairs = zip(NUMBER.findall(here), NUMBER.findall(built), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=1e-10, abs_tol=1e-10) for a, b in pairs)


def behind(cells, number):
    """The code of a cell and of all cells that it needs."""
    needed = [it for it in cells[number]["needs"] if isinstance(it, int)]
    return "\n".join(cells[it]["code"] for it in [*needed, number])


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.timeout(1200)
def test_the_cells_of_a_chapter_run_from_top_to_bottom(page, chapter):
    """Asserts hold; what no training made is what the build has printed; none takes too long."""
    cells = json.loads((SITE / "live" / "chapters" / f"{chapter}.json").read_text("utf-8"))
    wrong = []
    for bar in page.tab.locator(".live:has(button)").all():
        number = int(bar.get_attribute("data-cell"))
        code = cells[number]["code"]
        if "raise NotImplementedError" in code:  # the starter of an exercise
            continue
        start = time.monotonic()
        bar.evaluate("bar => bar.querySelector('button').click()")  # it may be folded away
        said = page.wait(bar)
        took = time.monotonic() - start
        here = page.output(bar).evaluate("it => it.textContent")
        built = bar.evaluate(
            "bar => [...bar.closest('.cell').querySelectorAll('.cell_output pre')]"
            ".map(it => it.textContent).join('')"
        )
        if said != "Done.":
            wrong.append((number, said, here))
        elif took > 40:  # twice the limit: two of them share the processors
            wrong.append((number, f"took {took:.0f} s"))
        elif built and not TRAINS.search(behind(cells, number)) and not same(here, built):
            wrong.append((number, here, built))
    assert wrong == []


@pytest.mark.parametrize("chapter", sampled(CHECKED))
def test_every_checker_accepts_the_solution_and_explains_mistakes(page, chapter):
    for check in CHECKED[chapter]:
        bar = page.tab.locator(f".live[data-check^='{check}(']")
        bar.evaluate("bar => bar.querySelectorAll('button')[1].click()")  # Edit
        box = bar.locator("xpath=ancestor::div[contains(@class, 'cell ')][1]")
        editor = box.locator("textarea")
        solution = EXERCISES[check].solution
        slips = [slip for slip in MISTAKES[check] if not slip.startswith("lambda")]
        for slip in slips[:3]:
            wrong = rewritten(solution, slip)
            assert self_checked(page, bar, editor, wrong) == "Not yet.", (check, wrong)
            said = page.output(bar).evaluate("it => it.textContent")
            assert MISTAKES[check][slip] in said, (check, wrong)
        assert self_checked(page, bar, editor, solution) == "Solved.", check


def self_checked(page, bar, editor, code):
    editor.evaluate(
        "(it, code) => { it.value = code; it.dispatchEvent(new Event('input')); }", code
    )
    bar.evaluate("bar => bar.querySelectorAll('button')[2].click()")  # Check
    return page.wait(bar)


def test_code_of_ones_own_gets_what_its_names_need(page):
    bar = page.cell("def recurrent_step")
    page.press(bar, "Edit")
    page.tab.get_by_label(re.compile("^Code of cell")).fill(
        "print(float(sum(by_hand)), np.pi > 3)  # constructor"
    )
    page.press(bar, "Run")
    assert page.wait(bar) == "Done."
    assert page.output(bar).inner_text().strip() == "4.75 True"


def test_answers_go_into_a_notebook_and_can_be_undone(page, tmp_path):
    bar = page.cell("def recurrent_step")
    page.press(bar, "Edit")
    page.tab.get_by_label(re.compile("^Code of cell")).fill("mine = 1")
    with page.tab.expect_download() as waiting:
        page.tab.get_by_role("button", name="Download as a notebook").click()
    waiting.value.save_as(tmp_path / "perceptron.ipynb")
    notebook = nbformat.read(tmp_path / "perceptron.ipynb", 4)
    nbformat.validate(notebook)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert "mine = 1" in code
    assert code[0].startswith("import matplotlib.pyplot as plt")
    cells = json.loads((SITE / "live" / "chapters" / "perceptron.json").read_text("utf-8"))
    assert len(code) == len(cells)
    page.tab.get_by_role("button", name="Undo my changes").click()
    assert not page.tab.get_by_label(re.compile("^Code of cell")).count()
    page.tab.reload()
    assert not page.tab.get_by_label(re.compile("^Code of cell")).count()


def test_python_may_come_from_another_origin(browser, address):  # noqa: F811
    """The same page with its setting and policy for the release's CDN, which a route stands for."""
    elsewhere = "https://cdn.example/v/full/"
    allowed = policy((), "https://cdn.example")
    context = browser.new_context()

    def rewrite(route):
        answer = route.fetch()
        body = answer.text().replace('data-from="pyodide/"', f'data-from="{elsewhere}"')
        body = body.replace(html.escape(policy(())), html.escape(allowed))
        body = body.replace(policy(()), allowed)
        headers = answer.headers | {"content-security-policy": allowed}
        route.fulfill(response=answer, body=body, headers=headers)

    def release(route):
        file = SITE / "live" / "pyodide" / route.request.url.rpartition("/")[2]
        kind = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}
        headers = {
            "access-control-allow-origin": "*",
            "content-type": kind.get(file.suffix, "application/octet-stream"),
        }
        route.fulfill(path=file, headers=headers)

    for what in ("**/chapters/*.html", "**/live/worker.js"):
        context.route(what, rewrite)
    context.route(f"{elsewhere}**", release)
    found = Page(context, address, "perceptron")
    found.tab.set_default_timeout(120_000)
    bar = found.cell("def recurrent_step")
    found.press(bar, "Run")
    assert found.wait(bar) == "Done."
    assert any(url.startswith(elsewhere) for url in found.asked)
    assert not any("/live/pyodide/" in url for url in found.asked)
    context.close()


def test_the_scripts_stay_small():
    sizes = [(SITE / "live" / name).stat().st_size for name in ("live.js", "worker.js")]
    assert sum(sizes) < 15_000
