"""Figures to turn: what a cell says of one, and what the build makes of it."""

import inspect
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

from lib import GRUCell, LSTMCell, SimpleCell
from lib.book import turn

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "_ext"))

import symbols  # noqa: E402
from turn import query  # noqa: E402

SCRIPTS = ROOT / "_html" / "turn"
NAMES = sorted(path.stem.removeprefix("rnn-") for path in SCRIPTS.glob("rnn-*.js"))
HTML = ROOT / "_build" / "html" / "chapters"


@pytest.fixture
def shown(monkeypatch):
    found = []
    monkeypatch.setattr(turn, "show", found.append)
    return found


def test_a_cell_says_what_the_page_needs(shown):
    data = {"W": np.array([[0.5, -1]]), "names": ["a", "b"], "by": {"x": np.float64(2)}}
    turn.turn("unit", "Find it.", figure="fig-one", data=data, w=2, f="tanh")
    (found,) = shown
    told = found._repr_mimebundle_()[turn.MIME]
    assert told["data"] == {"W": [[0.5, -1]], "names": ["a", "b"], "by": {"x": 2}}
    assert query(told["state"]) == "w=2&f=tanh"
    assert "Find it." in found._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"task": " "}, ValueError, "task"),
        ({"data": {"W": [[None]]}}, TypeError, r"data\['W'\]\[0\]\[0\]: .* got a NoneType"),
        ({"w": 1j}, TypeError, "w: expected numbers or texts, got a complex"),
    ],
)
def test_what_no_page_can_hold_is_refused(shown, arguments, error, message):
    given = {"task": "Find it.", "figure": "fig-one"} | arguments
    task = given.pop("task")
    with pytest.raises(error, match=message):
        turn.turn("unit", task, **given)
    assert shown == []


@pytest.mark.parametrize(
    ("kind", "method", "states", "layers"),
    [
        (LSTMCell, "gates", {"h", "c"}, "ifog"),
        (GRUCell, "gates", {"h"}, "zrg"),
        (SimpleCell, "step", {"y"}, ""),
    ],
)
def test_every_symbol_of_a_listing_is_marked(kind, method, states, layers):
    source = inspect.getsource(getattr(kind, method))
    html, found = symbols.in_listing(source)
    weights = set(kind.weight_shapes(1, 1))
    assert found == {"x", *layers, *states, *(f"{it}_before" for it in states), *weights}
    shown = BeautifulSoup(f"<pre>{html}</pre>", "html.parser")
    assert shown.get_text() == symbols.dedent(source).strip()
    assert len(shown.select("[tabindex='0']")) == 1
    lines = {
        line["data-symbols"] for line in shown.select("[data-symbols]") if "return" in line.text
    }
    assert not any("before" in line for line in lines), "a new state is not the old one"


def test_symbols_of_a_formula():
    formula = (
        "<math><msub><mi>𝐲</mi><mrow><mo>(</mo><mi>t</mi><mo>)</mo></mrow></msub><mo>=</mo>"
        "<msub><mi>𝐖</mi><mrow><mi>x</mi><mi>f</mi></mrow></msub>"
        "<msub><mi>𝐡</mi><mrow><mo>(</mo><mi>t</mi><mo>−</mo><mn>1</mn><mo>)</mo></mrow></msub>"
        "<mi>𝐛</mi><msub><mi>𝐛</mi><mi>i</mi></msub>"
        "<msub><mi>𝐲</mi><mrow><mo>(</mo><mo>−</mo><mn>1</mn><mo>)</mo></mrow></msub></math>"
    )
    marked, found = symbols.in_formula(formula, {"y": "h"})
    assert sorted(found) == ["W_xf", "b", "b_i", "h", "h_before"]
    assert re.sub(r"</?mrow[^>]*>", "", marked) == re.sub(r"</?mrow[^>]*>", "", formula)


def test_each_figure_has_its_page_its_task_and_its_numbers():
    pages = "".join(path.read_text("utf-8") for path in sorted(HTML.glob("*.html")))
    for name in NAMES:
        assert f"<rnn-{name} " in pages, f"no page turns {name}"
        assert (ROOT / "tests" / "turned" / f"{name.replace('-', '_')}.py").is_file(), name
    for element in BeautifulSoup(pages, "html.parser").select(".turn"):
        assert element.parent.name == "figure", "it stands within the figure of its picture"
        assert element.find_previous_sibling("img"), "right behind the picture"
        assert element.select_one(".turn-task").get_text().strip().endswith((".", "?"))


def test_what_is_served_says_what_is_written():
    """A program that makes scripts smaller may take spaces out of texts."""
    served = ROOT / "_build" / "html" / "turn"
    for path in SCRIPTS.rglob("*.js"):
        source = re.sub(r"^\s*//.*|\s//.*", "", path.read_text("utf-8"), flags=re.M)
        small = (served / path.relative_to(SCRIPTS)).read_text("utf-8")
        said = re.findall(r"\}( (?!of |else |from )[a-z]{2,} [a-z]{2,})", source)
        assert [it for it in said if it not in small] == [], path.name
        assert small.count("${") == source.count("${"), path.name
        assert len(small) < len(source)


def test_no_figure_fetches_from_elsewhere():
    for path in [*SCRIPTS.rglob("*.js"), *SCRIPTS.glob("*.css")]:
        text = re.sub(r"^\s*//.*", "", path.read_text("utf-8"), flags=re.M)
        addresses = set(re.findall(r"https?://[^\s\"'`]+", text))
        assert addresses <= {"http://www.w3.org/2000/svg"}, path.name
