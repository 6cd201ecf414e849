"""The figures that one can turn, in a real browser: right, small, quick, and for everyone."""

import importlib
import json
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup

from lib import GRUCell, LSTMCell, PeepholeLSTMCell, ResetAfterGRUCell, SimpleCell, unroll
from lib.cells.activations import identity, relu, sigmoid
from lib.gradients import backward_step, bptt, state_jacobians
from tests.test_browser import (  # noqa: F401
    AXE,
    OPTIONS,
    SITE,
    address,
    browser,
    launched,
    pytestmark,
    set_to,
    sideways,
    tab,
    visit,
)
from tests.test_turn import NAMES, SCRIPTS

DESK = pytest.mark.parametrize(("width", "theme"), [(1280, "light")])
LIBRARY = SCRIPTS / "lib"
MOST_BYTES, MOST_OF_THREE = 20_000, 45_000
SLOWER = 6  # times than here is the processor for which figures are made
# Milliseconds an event: twice the 16 that figures aim at, since tests share the processor. What
# each takes where nothing else runs, benchmarks/bench_turn.py says.
FRAME = 32
EQUAL = 1e-12


def places():
    """Return {name of a figure: (its page, its id)}, where it occurs first."""
    found = {}
    for page in sorted((SITE / "chapters").glob("*.html")):
        for element in BeautifulSoup(page.read_text("utf-8"), "html.parser").select(".turn"):
            found.setdefault(element.name.removeprefix("rnn-"), (page.name, element["id"]))
    return found


class Turned:
    """A figure on a page, opened by keyboard."""

    def __init__(self, tab, address, name):  # noqa: F811
        page, ident = places()[name]
        self.errors, self.requests = visit(tab, f"{address}/chapters/{page}")
        assert not [it for it in self.requests if "/turn/rnn-" in it or "figure.js" in it]
        self.tab, self.name, self.ident = tab, name, ident
        self.box = tab.locator(f"#{ident}")
        self.picture = tab.locator(f"figure:has(> #{ident}) > img")
        self.stage = self.box.locator(".turn-stage")
        self.open()

    def open(self):
        self.box.locator(".turn-open").focus()
        self.tab.keyboard.press("Enter")
        self.stage.wait_for()
        assert not self.picture.is_visible()

    def show(self, **state):
        query = "&".join(f"{name}={value}" for name, value in state.items())
        self.box.evaluate("(box, state) => box.show(state)", query)

    def value(self, key):
        path = json.dumps(key.split("."))
        found = self.box.evaluate(f"box => {path}.reduce((it, key) => it[key], box.values)")
        return np.array(found, float)

    def bytes(self):
        """What was fetched for it, and the data in the page."""
        scripts = {it for it in self.requests if "/turn/" in it and it.endswith(".js")}
        scripts = {it for it in scripts if not it.endswith(("turn.js", "symbols.js"))}
        sizes = [(SITE / "turn" / it.split("/turn/")[1]).stat().st_size for it in scripts]
        return sum(sizes) + len((self.box.get_attribute("data-told") or "").encode())

    def error(self):
        """The largest difference to what the library computes, in all states."""
        own = importlib.import_module(f"tests.turned.{self.name.replace('-', '_')}")
        told = json.loads(self.box.get_attribute("data-told") or "{}")
        largest = 0.0
        for state in own.STATES:
            self.show(**state)
            for key, value in own.expected(state, told).items():
                found, value = self.value(key), np.array(value, float)
                assert found.shape == value.shape, f"{key} in {state}"
                apart = abs(found - value) / np.maximum(1, abs(value))
                assert np.all(apart <= EQUAL), f"{key} in {state}: {apart.max()}"
                largest = max([largest, *np.ravel(apart)])
        return largest

    def move_all(self):
        """Move each control by a key; return how many there are."""
        state = "box => JSON.stringify(box.state)"
        controls = self.stage.locator(".turn-controls :is(input, select)").all()
        for control in controls:
            before = self.box.evaluate(state)
            control.focus()
            for key in ("ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"):
                self.tab.keyboard.press(key)
                if self.box.evaluate(state) != before:
                    break
            assert self.box.evaluate(state) != before, control.get_attribute("id")
            if control.get_attribute("type") == "range":
                assert re.match(r"−?[\d.,]+", control.get_attribute("aria-valuetext"))
        return len(controls)

    def violations(self, options):
        if not self.tab.evaluate("'axe' in window"):
            self.tab.evaluate(AXE.read_text("utf-8"))
        run = f"(options) => axe.run('figure:has(> #{self.ident})', options)"
        return [it["id"] for it in self.tab.evaluate(run, options)["violations"]]

    def events(self):
        """{control: milliseconds of each event and its drawing}, the processor six times slower."""
        session = self.tab.context.new_cdp_session(self.tab)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
        times = {name: self.box.evaluate(EVENTS, name) for name in self.controls()}
        session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        return times

    def work(self):
        """{control: milliseconds of the processor that an event and its drawing take}."""
        session = self.tab.context.new_cdp_session(self.tab)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})

        def spent():
            found = session.send("Performance.getMetrics")["metrics"]
            parts = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
            return 1000 * sum(it["value"] for it in found if it["name"] in parts)

        def each(name):
            before, events = spent(), self.box.evaluate(EVENTS, name)
            return (spent() - before) / len(events)

        return {name: each(name) for name in self.controls()}

    def controls(self):
        return self.box.evaluate("box => Object.keys(box.inputs)")


RIGHT_END = """(box) => Math.max(...[...box.querySelectorAll("svg text")]
    .map((it) => it.getBoundingClientRect().right))"""
EVENTS = """async (box, name) => {
    const it = box.inputs[name], times = [];
    const values = it.kind === "range"
        ? Array.from({ length: 24 }, (_, k) => it.min + (it.max - it.min) * ((k * 7) % 24) / 23)
        : Array.from({ length: 5 }, () => Object.keys(it.options)).flat();
    for (const value of values) {
        it.input.value = value;
        const begun = performance.now();
        it.input.dispatchEvent(new Event("input", { bubbles: true }));
        box.svg.getBoundingClientRect();
        times.push(performance.now() - begun);
        await new Promise(requestAnimationFrame);
    }
    box.show();
    return times;
}"""


@DESK
@pytest.mark.parametrize("name", NAMES)
def test_a_figure_turns(tab, address, name):  # noqa: F811
    """Right, small, quick, by keyboard alone, for everyone, and back to the picture."""
    figure = Turned(tab, address, name)
    assert tab.evaluate("document.activeElement.closest('.turn-stage') !== null")
    assert figure.bytes() <= MOST_BYTES
    assert figure.error() <= EQUAL
    for control, taken in figure.work().items():
        assert SLOWER * taken <= FRAME, f"{control}: {taken:.2f} ms"

    assert figure.move_all() > 0
    said = figure.box.locator(".turn-says")
    said.filter(has_text=re.compile(r"\.$")).wait_for()
    figure.box.locator(".turn-numbers summary").focus()
    tab.keyboard.press("Enter")
    figure.box.locator(".turn-rows tr").nth(1).wait_for()
    assert not re.search("NaN|undefined|Infinity", figure.box.inner_text())

    for width in (1280, 320):
        for theme in ("light", "dark"):
            set_to(tab, width, theme)
            assert figure.violations(OPTIONS) == [], f"{width} px, {theme}"
            assert sideways(tab) <= 0, f"{width} px"
            right = figure.box.evaluate(RIGHT_END)
            assert right <= width, f"a text leaves the page at {width} px"

    figure.stage.locator("summary").focus()
    tab.keyboard.press("Escape")
    assert figure.picture.is_visible()
    assert tab.evaluate("document.activeElement.className") == "turn-open"
    assert figure.errors == []


def test_three_figures_together_are_small():
    own = [(SITE / "turn" / f"rnn-{name}.js").stat().st_size for name in NAMES]
    shared = ["figure.js", "cell-figure.js", *(f"lib/{it.name}" for it in LIBRARY.glob("*.js"))]
    data = [
        len((element.get("data-told") or "").encode())
        for page in (SITE / "chapters").glob("*.html")
        for element in BeautifulSoup(page.read_text("utf-8"), "html.parser").select(".turn")
    ]
    largest = sum(sorted(own)[-3:]) + sum(sorted(data)[-3:])
    assert largest + sum((SITE / "turn" / it).stat().st_size for it in shared) <= MOST_OF_THREE


@DESK
def test_without_a_script_and_on_paper_there_is_the_picture(browser, address, width, theme):  # noqa: F811
    page, ident = places()["unit"]
    for options, media in (({"java_script_enabled": False}, "screen"), ({}, "print")):
        context = browser.new_context(**options)
        shown = context.new_page()
        shown.goto(f"{address}/chapters/{page}")
        shown.emulate_media(media=media)
        assert shown.locator(f"figure:has(> #{ident}) > img").is_visible()
        assert not shown.locator(f"#{ident}").is_visible()
        context.close()


@DESK
def test_a_link_opens_a_figure_in_a_state(tab, address):  # noqa: F811
    page, ident = places()["unit"]
    visit(tab, f"{address}/chapters/{page}#{ident}?f=tanh&w=1.5&kick=0.25")
    box = tab.locator(f"#{ident}")
    box.locator(".turn-stage").wait_for()
    assert box.evaluate("box => [box.state.f, box.state.w, box.state.kick]") == ["tanh", 1.5, 0.25]
    for wrong, said in (("v=1", "expected one of f, w, pulse, kick; got v"), ("w=9", "w does not")):
        tab.evaluate(f"location.hash = '#{ident}?{wrong}'")
        box.locator(".turn-failed", has_text=said).wait_for()


@DESK
def test_what_cannot_be_fetched_is_said(tab, address):  # noqa: F811
    page, ident = places()["unit"]
    tab.route("**/turn/rnn-unit.js", lambda route: route.abort())
    visit(tab, f"{address}/chapters/{page}")
    box = tab.locator(f"#{ident}")
    box.locator(".turn-open").click()
    box.locator(".turn-failed", has_text="could not be fetched").wait_for()
    assert tab.locator(f"figure:has(> #{ident}) > img").is_visible()


# --- the cells of the page against those of the library


def plain(values):
    """Arrays as the page has them."""
    if isinstance(values, dict):
        return {name: plain(value) for name, value in values.items()}
    if isinstance(values, tuple | list):
        return [plain(value) for value in values]
    return np.asarray(values).tolist()


ACTIVATIONS = {"identity": identity, "relu": relu, "sigmoid": sigmoid, "tanh": np.tanh}
KINDS = [LSTMCell, PeepholeLSTMCell, GRUCell, ResetAfterGRUCell, *ACTIVATIONS]


def random_cell(kind, scale, seed):
    if isinstance(kind, str):
        return SimpleCell.generic(3, 4, seed, f=ACTIVATIONS[kind], scale=scale)
    return kind.generic(3, 4, seed, scale=scale)


IN_PAGE = """async ({ address, kind, f, weights, x, states, d_output, d_states, d_outputs }) => {
    const parts = ["simple", "lstm", "peepholes", "gru", "reset-after", "gradients"];
    const loaded = parts.map((name) => import(`${address}/turn/lib/${name}.js`));
    const cells = Object.assign({}, ...(await Promise.all(loaded)));
    const cell = f ? cells.SimpleCell(f) : cells[kind];
    return {
        gates: cell.gates(weights, x[0], states),
        back: cell.back(weights, x[0], states, d_output, d_states),
        all: cells.bptt(cell, weights, x, d_outputs, states),
        jacobian: cells.jacobian(cell, weights, x[0], states),
    };
}"""


@DESK
@pytest.mark.parametrize("scale", [0.3, 3.0])
@pytest.mark.parametrize("kind", KINDS, ids=lambda it: getattr(it, "__name__", it))
def test_the_cells_of_the_page_are_those_of_the_library(tab, address, kind, scale):  # noqa: F811
    if not tab.url.startswith(address):
        tab.goto(f"{address}/chapters/preface.html")
    rng = np.random.default_rng([int(10 * scale), KINDS.index(kind)])
    cell = random_cell(kind, scale, int(rng.integers(1000)))
    x, d_outputs = rng.normal(size=(6, 3)), rng.normal(size=(6, 4))
    states = tuple(rng.normal(size=4) for _ in cell.state_sizes)
    d_states = tuple(rng.normal(size=4) for _ in cell.state_sizes)
    f = kind if isinstance(kind, str) else ""
    found = tab.evaluate(
        IN_PAGE,
        plain(
            {
                "x": x,
                "states": states,
                "d_output": d_outputs[0],
                "d_states": d_states,
                "d_outputs": d_outputs,
                "weights": cell.weights,
            }
        )
        | {"address": address, "kind": type(cell).__name__, "f": f},
    )

    def same(one, other, what):
        assert np.allclose(one, other, rtol=EQUAL, atol=EQUAL), what

    if f:
        same(found["gates"]["h"], cell(x[0], states)[0], "h")
    else:
        for name, value in cell.gates(x[0], states).items():
            same(found["gates"][name], value, name)
    d_x, d_before, d_weights = backward_step(cell, x[0], states, d_outputs[0], d_states)
    same(found["back"]["d_x"], d_x, "d_x")
    same(found["back"]["d_states"], d_before, "d_states")
    assert found["back"]["d_weights"].keys() == d_weights.keys()
    for name, value in d_weights.items():
        same(found["back"]["d_weights"][name], value, f"one step of {name}")

    def loss(outputs, targets, weights):
        return float((outputs * d_outputs).sum()), d_outputs

    whole = bptt(cell, x, np.zeros((6, 4)), initial_states=states, loss=loss)
    same(found["all"]["d_inputs"], whole.d_inputs, "d_inputs")
    same(found["all"]["d_before"][0], whole.d_initial_states, "d_initial_states")
    for name, value in whole.gradient.items():
        same(found["all"]["gradient"][name], value, f"the gradient of {name}")
    outputs, _ = unroll(cell, x, states)
    same([step["h"] for step in found["all"]["steps"]], outputs, "the outputs")
    same(found["jacobian"], state_jacobians(cell, x[:1], states)[0], "the Jacobian")


@DESK
def test_the_numbers_of_the_page_are_numpys(tab, address):  # noqa: F811
    tab.goto(f"{address}/chapters/preface.html")
    drawn = """async ([address, seed]) => {
        const next = (await import(`${address}/turn/lib/random.js`)).generator(seed);
        return Array.from({ length: 50 }, (_, k) => (k < 25 ? next() : next(-2, 3)));
    }"""
    for seed in (0, 1, 7, 12345, 2**31 + 5, 2**32 - 1):
        rng = np.random.default_rng(seed)
        expected = [*rng.random(25), *rng.uniform(-2, 3, 25)]
        assert np.allclose(tab.evaluate(drawn, [address, seed]), expected, rtol=1e-15), seed


# --- equation, wire, line of code

MARKED = ["simple", "lstm", "gru"]


@DESK
@pytest.mark.parametrize("name", MARKED)
def test_a_symbol_lights_up_in_its_three_places(tab, address, name):  # noqa: F811
    figure = Turned(tab, address, name)
    kinds = {"math": f"math[data-of={name}]", "wire": f"svg[data-of={name}]"}
    kinds |= {"line": f"div[data-of={name}]"}
    symbols = {
        kind: set(
            tab.locator(f"{where} [data-symbol]").evaluate_all(
                "all => all.map(it => it.dataset.symbol)"
            )
        )
        for kind, where in kinds.items()
    }
    assert symbols["math"]
    for kind in ("wire", "line"):
        assert symbols["math"] <= symbols[kind], f"{kind}: {symbols['math'] - symbols[kind]}"

    def lit():
        return {
            kind
            for kind, where in kinds.items()
            if tab.locator(f"{where} [data-symbol][data-lit]").count()
        }

    for kind, where in kinds.items():
        for symbol in sorted(symbols["math"]):
            mark = tab.locator(f"{where} [data-symbol='{symbol}']").first
            mark.evaluate("it => it.focus()")
            assert lit() == set(kinds), f"{symbol} of the {kind}"
            shown = tab.locator("[data-symbol][data-lit]").evaluate_all(
                "all => [...new Set(all.map(it => it.dataset.symbol))]"
            )
            assert shown == [symbol]
    tab.evaluate("document.activeElement.blur()")
    assert lit() == set()
    mark = tab.locator(f"{kinds['math']} [data-symbol]").first
    mark.hover()
    assert lit() == set(kinds)
    # One key reaches each equation; the arrows go through its symbols.
    tabbed = tab.locator(f"{kinds['math']} [tabindex='0']").count()
    assert tabbed == tab.locator(kinds["math"]).count()
    mark.evaluate("it => it.focus()")
    tab.keyboard.press("ArrowRight")
    assert tab.evaluate("document.activeElement.closest('math') !== null")
    assert figure.errors == []


@DESK
def test_a_symbol_opens_the_figure(tab, address):  # noqa: F811
    page, ident = places()["gru"]
    visit(tab, f"{address}/chapters/{page}")
    tab.locator("math[data-of=gru] [data-symbol=z]").first.evaluate("it => it.focus()")
    tab.keyboard.press("Enter")
    tab.locator(f"#{ident} .turn-stage").wait_for()


# --- on slides


def decks():
    slides = sorted((SITE / "slides").glob("*.html"))
    return [it.name for it in slides if 'class="turn"' in it.read_text("utf-8")]


@DESK
@pytest.mark.parametrize("deck", decks())
def test_figures_turn_on_slides(browser, address, deck, width, theme):  # noqa: F811
    context = browser.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce")
    tab = context.new_page()  # noqa: F811
    errors, _ = visit(tab, f"{address}/slides/{deck}")
    for box in tab.locator(".turn").all():
        at = box.evaluate(
            "box => { const { h, v } = Reveal.getIndices(box.closest('section'));"
            " Reveal.slide(h, v, 99); return h; }"
        )
        tab.keyboard.press("g")
        stage = box.locator(".turn-stage")
        stage.wait_for()
        tab.wait_for_timeout(100)
        tab.keyboard.press("ArrowRight")
        assert tab.evaluate("Reveal.getIndices().h") == at, "an arrow moves the control"
        edges = stage.evaluate(
            "stage => [...stage.querySelectorAll('svg text, svg, input, button, summary')]"
            ".map(it => it.getBoundingClientRect())"
            ".reduce(([a, b], it) => [Math.max(a, it.right), Math.max(b, it.bottom)], [0, 0])"
        )
        assert np.all(np.array(edges) <= (1280, 720)), f"{box.get_attribute('id')}: {edges}"
        tab.keyboard.press("Escape")
        assert not stage.is_visible()
    assert errors == []
    context.close()
