"""Every figure draws, the same way each time, with text that stays on the sheet and can be read."""

import functools
import io
import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path

from lib.book.figures import (
    gru,
    lstm,
    memory_cells,
    memory_measured,
    perceptron,
    plots,
    short_term_memory,
    style,
    training_through_time,
    transfer,
)
from lib.book.figures.draw import Sheet
from tests.helpers import refused

DIAGRAMS = {
    "1": perceptron.recurrent_perceptron,
    "1 feedback": lambda: perceptron.recurrent_perceptron("feedback"),
    "2": perceptron.unrolled,
    "2 step by step": lambda: perceptron.unrolled(steps=4, highlight=1, upto=2),
    "3": perceptron.layer_unrolled,
    "4": memory_cells.output_and_state,
    "4 apart": lambda: memory_cells.output_and_state("apart"),
    "5": memory_cells.four_patterns,
    **{f"5 {kind}": lambda kind=kind: memory_cells.pattern(kind) for kind in memory_cells.PATTERNS},
    "6": memory_cells.deep,
    "6 step by step": lambda: memory_cells.deep(layers=2, steps=4, highlight=[1, 2], upto=2),
    "7": lstm.black_box,
    "8": lstm.architecture,
    "8 layers": lambda: lstm.architecture(lstm.LAYERS),
    "8 peepholes": lambda: lstm.architecture(peepholes=True),
    **{f"9 {step}": lambda step=step: lstm.steps(step) for step in lstm.STEPS},
    "7 unrolled": lstm.unrolled,
    "7 unrolled step by step": lambda: lstm.unrolled(highlight=1, upto=1),
    "gradient road": lstm.gradient_road,
    "gradient road step by step": lambda: lstm.gradient_road(highlight=(2, 1)),
    "10": gru.black_box,
    "11": gru.architecture,
    "11 layers": lambda: gru.architecture(gru.LAYERS),
    **{f"12 {step}": lambda step=step: gru.steps(step) for step in gru.STEPS},
    "backwards": training_through_time.backwards,
    "backwards cut": lambda: training_through_time.backwards(window=2),
    "backwards step by step": lambda: training_through_time.backwards(
        window=2, highlight=[2, 3], upto=3
    ),
    "forwards": training_through_time.forwards,
    "fading": lambda: short_term_memory.fading(0.6 ** np.arange(8)),
    "13": transfer.layers,
    **{f"13 {part}": lambda part=part: transfer.layers(part) for part in transfer.PARTS},
}
RNG = np.random.default_rng(0)
RUNS = {"short-term": RNG.random((3, 20)), "LSTM": 1 + RNG.random((3, 20))}


def latch():
    """Inputs of a latch and what could go on in it, for two sequences of six steps."""
    inputs = np.zeros((2, 6, 3))
    inputs[:, 0, 1] = inputs[:, 4, 2] = 1
    rng = np.random.default_rng(0)
    values = {name: rng.random((2, 6, 2)) for name in ("g", "f", "i", "o", "c", "tanh_c", "h")}
    return inputs, values


PLOTS = {
    "loss": lambda: plots.loss_curves(RUNS, baseline=("naive", 0.5)),
    "lines": lambda: plots.lines_with_spread(range(1, 21), RUNS, "lag", "error", True, True),
    "bars": lambda: plots.bars_with_spread(RUNS, "error", baseline=("naive", 0.5)),
    "series": lambda: plots.series_forecast(
        range(20), RUNS["LSTM"][0], {"a": RUNS["LSTM"][1]}, "y"
    ),
    "heat map": lambda: plots.heat_map(RUNS["LSTM"], ["a", "b", "c"], label="value"),
    "costs": lambda: training_through_time.costs(
        [8, 16],
        {"a": ([1.0, 2.0], [2e4, 4e4]), "b": ([1.0, 1.0], [2e4, 2e4])},
        "n",
        {"a": (1, 1), "b": (0, 0)},
    ),
    "captioned": lambda: memory_cells.captioned(RNG.random((7, 8, 8)), ["four·"] * 7),
    "anatomy": lambda: lstm.anatomy(*latch(), unit=1),
    "starts": lambda: lstm.starts(
        {"a": RUNS["short-term"][0], "b": RUNS["LSTM"][0]}, "error", ("naive", 0.5)
    ),
    "norms": lambda: memory_measured.norms({"as one starts": RUNS, "as the other": RUNS}),
    "race": lambda: memory_measured.race({"adding": {"a": [50, 70, np.inf]}}, 300),
    "spans": lambda: memory_measured.spans(SPANS, (5, 10, 20)),
    "heat maps": lambda: plots.heat_maps({"f": RUNS["short-term"], "c": -RUNS["LSTM"]}, mark=[3]),
}
SPANS = {
    start: {task: {"a": [5, 20, 0], "b": [10, 10, 20]} for task in ("recall", "adding")}
    for start in ("Keras", "open")
}
DIAGRAM = pytest.mark.parametrize("draw", DIAGRAMS.values(), ids=DIAGRAMS)
FIGURE = pytest.mark.parametrize(
    "draw", [*DIAGRAMS.values(), *PLOTS.values()], ids=[*DIAGRAMS, *PLOTS]
)


def output_of(code, **environment):
    """What `code` prints in a Python of its own, where `environment` is set too."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | environment,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def svg(figure):
    file = io.BytesIO()
    style.save(figure, file)
    return file.getvalue()


@functools.cache
def drawn(draw):
    """A diagram, and all that is written on it: each text with its box in pixels."""
    figure = draw()
    renderer = FigureCanvasAgg(figure).get_renderer()
    return figure, [(text, text.get_window_extent(renderer)) for text in figure.axes[0].texts]


@FIGURE
def test_the_same_drawing_gives_the_same_svg(draw):
    figure = draw()
    first = svg(figure)
    assert b"<svg" in first
    assert figure.get_facecolor() == (1, 1, 1, 1)
    assert svg(draw()) == first


def test_a_diagram_can_be_saved_twice():
    figure = gru.architecture()
    assert svg(figure) == svg(figure)


@pytest.mark.parametrize("code", ["gru.architecture()", "PLOTS['anatomy']()", "PLOTS['norms']()"])
def test_another_process_gives_the_same_bytes(code):
    """The solver of the layout differs there in the last bits; what it places must not."""
    drawing = f"svg({code})"
    there = f"import sys; from tests.test_figures import *; sys.stdout.buffer.write({drawing})"
    assert output_of(there, PYTHONHASHSEED="7") == eval(drawing).decode().strip()


@DIAGRAM
def test_text_stays_on_the_sheet_and_apart(draw):
    figure, boxes = drawn(draw)
    for text, box in boxes:
        assert figure.bbox.x0 <= box.x0, text
        assert box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0, text
        assert box.y1 <= figure.bbox.y1, text
    for (one, a), (other, b) in itertools.combinations(boxes, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        along = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= 1 or along <= 1, f"{one.get_text()} lies over {other.get_text()}"


@DIAGRAM
def test_no_line_runs_through_a_label(draw):
    """Neither a wire nor the edge of a box."""
    figure, boxes = drawn(draw)
    for patch in figure.axes[0].patches:
        wire = isinstance(patch, FancyArrowPatch)
        to_pixels = figure.axes[0].transData if wire else patch.get_transform()
        for line in patch.get_path().to_polygons(to_pixels, closed_only=False):
            for text, box in boxes:
                crosses = Path(line).intersects_bbox(box, filled=False)
                assert not crosses, f"a line runs through {text.get_text()}"


@DIAGRAM
def test_text_can_be_read_on_a_phone(draw):
    """Scaled to 350 pixels, the smallest letters are still 7 pixels high (their font size)."""
    figure, _ = drawn(draw)
    scale = min(1, 350 / (96 * figure.get_figwidth()))
    assert scale * style.SMALL * 96 / 72 >= 7


def linear_rgb(colour):
    """A colour as amounts of light."""
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """The contrast ratio of WCAG 2.2: 1 for equal colours, 21 for black on white."""
    weights = [0.2126, 0.7152, 0.0722]
    dark, light = sorted(linear_rgb(colour) @ weights for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("role", style.ROLES)
def test_text_stands_out(role):
    look = style.ROLES[role]
    assert contrast(look.text, look.fill) >= 4.5
    assert contrast(look.text, style.PAPER) >= 4.5


@pytest.mark.parametrize("role", sorted(set(style.ROLES) - {"muted"}))
def test_lines_stand_out(role):
    assert contrast(style.ROLES[role].line, style.PAPER) >= 3


# Machado, Oliveira and Fernandes (2009, doi:10.1109/TVCG.2009.113): what is left of linear RGB for
# a reader without the long, the middle or the short cones.
BLINDNESS = {
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deuteranopia": [
        [0.3673, 0.8606, -0.2280],
        [0.2801, 0.6726, 0.0473],
        [-0.0118, 0.0429, 0.9689],
    ],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}


def lab(linear):
    """CIE L*a*b* of linear sRGB: equal distances look about equally far apart."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(np.maximum(to_xyz @ linear / to_xyz.sum(axis=1), 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", BLINDNESS)
def test_colour_blind_readers_tell_the_signals_apart(kind):
    """20 is about nine just noticeable differences of 2.3."""
    seen = [
        lab(np.clip(np.array(BLINDNESS[kind]) @ linear_rgb(style.ROLES[role].line), 0, 1))
        for role in "xyhc"
    ]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) >= 20


def test_highlighting_takes_colour_from_all_else():
    whole, one = perceptron.unrolled(), perceptron.unrolled(highlight=1)

    def coloured(figure):
        muted = to_rgb(style.ROLES["muted"].line)
        lines = [to_rgb(patch.get_edgecolor()) for patch in figure.axes[0].patches]
        return sum(line != muted for line in lines)

    assert 0 < coloured(one) < coloured(whole)


def test_bad_arguments_are_named():
    with refused(ValueError, "highlight: expected None or some of 'z', 'r', 'g', got 'f'"):
        gru.architecture("f")
    with refused(ValueError, "upto: expected None or a step from 0 to 2, got 3"):
        perceptron.unrolled(upto=3)
    with refused(ValueError, "steps: expected a whole number of at least 1, got 0"):
        memory_cells.deep(steps=0)


def test_marked_steps_are_ticks_above_each_panel_and_cover_nothing():
    figure = plots.heat_maps({"f": RUNS["short-term"], "c": -RUNS["LSTM"]}, mark=[3, 7])
    for axes in figure.axes[:2]:
        assert len(axes.lines) == 0
        (above,) = axes.child_axes
        assert above.get_xticks().tolist() == [3, 7]


def heights(axes):
    """The heights of the dots of each cell."""
    return [line.get_ydata().tolist() for line in axes.lines]


def written_at(axes, height):
    """What the vertical axis says at a height."""
    return axes.get_yticklabels()[axes.get_yticks().tolist().index(height)].get_text()


def test_runs_that_learn_nothing_stand_where_the_axis_says_so():
    (axes,) = memory_measured.race({"adding": {"a": [50, np.inf]}}, 300).axes
    assert heights(axes) == [[50, 375]]
    assert written_at(axes, 375) == "not"
    grid = memory_measured.spans(SPANS, (5, 10, 20)).axes
    assert heights(grid[0]) == [[5, 20, 2.5], [10, 10, 20]]
    assert written_at(grid[0], 2.5) == "none"


def test_the_thick_line_of_norms_is_the_median_of_the_seeds():
    values = np.array([[1, 1e-1], [1, 1e-3], [1, 1e-8]])
    (axes,) = memory_measured.norms({"fresh": {"simple": values}}).axes
    assert axes.lines[0].get_ydata().tolist() == [1, 1e-3]
    assert axes.get_yscale() == "log"


def test_the_sheet_does_not_depend_on_who_drew_before():
    first = svg(gru.architecture())
    sheet = Sheet(2, 2)
    sheet.label(1, 1, "x")
    assert svg(gru.architecture()) == first


def test_a_notebook_shows_svg_without_a_date():
    code = """if True:
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        from lib.book.figures import gru, style
        style.use()
        formats, _ = shell.display_formatter.format(gru.black_box())
        svg = formats["image/svg+xml"]
        print("image/png" in formats, "date" in svg, 'width="230.4pt"' in svg)"""
    assert output_of(code) == "False False True"


def test_importing_lib_needs_numpy_alone():
    code = "import lib, sys; print([m for m in ('matplotlib', 'keras') if m in sys.modules])"
    assert output_of(code) == "[]"
