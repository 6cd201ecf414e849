"""What runs in the worker, run here: what a cell prints, shows and gets wrong."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def page():
    spec = importlib.util.spec_from_file_location("live_page", ROOT / "_html/live/page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def told(page, code):
    found = []
    well = page.run(code, "cell 1", lambda kind, text: found.append((kind, text)))
    return well, found


def test_prints_and_shows_the_value_of_the_last_line(page):
    assert told(page, "a = 2\nprint('x')\na + 1") == (True, [("text", "x\n3\n")])
    assert told(page, "a") == (True, [("text", "2\n")])  # names stay
    assert told(page, "None") == (True, [])


def test_an_error_shows_the_lines_of_the_reader(page):
    well, found = told(page, "print('before')\ndef f():\n    return 1 / 0\n\nf()")
    assert not well
    assert found[0] == ("text", "before\n")
    kind, text = found[1]
    assert kind == "error"
    assert "return 1 / 0" in text
    assert text.endswith("ZeroDivisionError: division by zero\n")
    assert "page.py" not in text


def test_a_slip_of_syntax_is_shown_where_it_is(page):
    well, found = told(page, "x = (1\ny = 2")
    assert not well
    assert "SyntaxError" in found[0][1]


def test_a_checker_says_one_sentence(page):
    code = (
        "from lib.book.exercises.perceptron import check_recurrent_step\n"
        "def step(x, y_before, W_x, W_y, b):\n    return x\n\n"
        "check_recurrent_step(step)"
    )
    well, found = told(page, code)
    assert not well
    assert found == [("error", found[0][1])]
    assert found[0][1].startswith("Not yet: ")


def test_endless_output_is_cut_and_said_to_be(page):
    well, found = told(page, "for _ in range(10_000):\n    print('x' * 10_000)")
    assert well
    text = "".join(text for _, text in found)
    assert len(text) < page.KEPT + 100
    assert "cut" in text[-80:]


def test_ending_the_program_is_an_error_like_any_other(page):
    assert told(page, "raise SystemExit(3)")[0] is False
    assert sys.stdout is not None


def test_a_figure_becomes_a_picture_that_cannot_run_anything(page):
    code = "import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot as plt\n"
    well, found = told(page, code + "_ = plt.plot([1, 2])")
    assert well
    assert [kind for kind, _ in found] == ["picture"]
    assert found[0][1].startswith("data:image/svg+xml;base64,")
