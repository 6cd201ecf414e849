"""Figures 7 to 9: the LSTM cell from outside, its four layers, its three steps; its peepholes.

Also the cell unrolled, with the way of its gradient, and what a trained one does along a sequence.
"""

import matplotlib
import numpy as np

from lib.book.figures import style
from lib.book.figures.draw import Sheet, at, check_highlight, check_steps, several
from lib.book.figures.plots import blank, legend_above, paint
from lib.book.figures.style import SMALL

LAYERS = ("f", "i", "o", "g")
STEPS = ("recognise", "store", "extract")
PITCH, FIRST, CELL_STATE, HIDDEN = 1.95, 1.35, 2.75, 1.3


def black_box(highlight=None):
    """Fig. 7: a simple cell (left) and an LSTM cell (right) from outside.

    `highlight` is None or some of "simple", "LSTM".
    """
    check_highlight(highlight, ("simple", "LSTM"))
    sheet = Sheet(5.4, 3.5, highlight)
    for part, x in [("simple", 1.35), ("LSTM", 4.05)]:
        box = sheet.cell(x, 1.75, 1.3, 1.1, f"{part}\ncell", part=part)
        signal_in = sheet.plate(x, 0.5, at("x", "t"), "x", part)
        signal_out = sheet.plate(x, 3.05, at("y", "t"), "y", part)
        sheet.wire(signal_in.top, box.bottom, role="x", part=part)
        sheet.wire(box.top, signal_out.bottom, role="y", part=part)
        states = [("h", 1.5)] if part == "simple" else [("h", 1.5), ("c", 2.05)]
        for state, y in states:
            sheet.wire((x - 1.25, y), (box.left[0], y), role=state, part=part)
            sheet.wire((box.right[0], y), (x + 1.25, y), role=state, part=part)
            sheet.label(x - 0.98, y + 0.2, at(state, "t-1"), part=part)
            sheet.label(x + 0.98, y + 0.2, at(state, "t"), part=part)
    sheet.wire((2.7, 0.2), (2.7, 3.3), role="muted", head=False, dashed=True)
    return sheet.figure


def architecture(highlight=None, peepholes=False):
    """Fig. 8: the four fully connected layers of an LSTM cell, and how they act on its states.

    `highlight` is None or some of "f", "i", "o", "g"; `peepholes` adds the connections by which the
    gates see the cell state.
    """
    check_highlight(highlight, LAYERS)
    return _cell(highlight, peepholes)


def steps(highlight=None):
    """Fig. 9: the three steps of an LSTM cell.

    `highlight` is None or some of "recognise" (the input gate), "store" (the forget gate and the
    cell state), "extract" (the output gate).
    """
    check_highlight(highlight, STEPS)
    return _cell(highlight, peepholes=False)


def unrolled(steps=3, highlight=None, upto=None):
    """The LSTM cell once for each step: the cell state runs through all of them along the top.

    `highlight` is None or the steps to single out, `upto` the last step to draw (all by default).
    """
    drawn = check_steps(steps, highlight, upto)
    sheet = Sheet(2 * FIRST + (steps - 1) * PITCH + 0.15, 4.1, highlight)
    for step in drawn:
        x = _small_cell(sheet, step, step)
        after = x + 0.8
        sheet.dot(after, HIDDEN, "h", step)
        signal_out = sheet.plate(after, 3.8, at("y", step), "y", step)
        sheet.wire((after, HIDDEN), signal_out.bottom, role="y", part=step, over="paper")
        if step == drawn[-1]:
            for state, y in (("c", CELL_STATE), ("h", HIDDEN)):
                sheet.wire((x + 0.6, y), (x + 1.4, y), role=state, part=step)
    return sheet.figure


def gradient_road(steps=3, highlight=None):
    """The unrolled cell with the derivative on its way back along the cell state (dashed).

    Only this road has colour. At each step the derivative is multiplied by the forget gate.
    `highlight` is None or the steps whose factor is shown in colour.
    """
    check_steps(steps, highlight)
    shown = range(steps) if highlight is None else several(highlight)
    sheet = Sheet(2 * FIRST + (steps - 1) * PITCH - 0.1, 4.0, "road")
    end = FIRST + (steps - 1) * PITCH
    for step in range(steps):
        x = _small_cell(sheet, step, "else", road="road")
        part = "road" if step in shown else "else"
        sheet.wire((x + 0.9, 3.35), (x - 0.9, 3.35), part=part, dashed=True)
        sheet.label(x, 3.65, rf"$\times\;${at('f', step)}", part=part)
    sheet.wire((end + 0.6, CELL_STATE), (end + 1.1, CELL_STATE), role="c", part="road")
    sheet.wire((end + 0.6, HIDDEN), (end + 1.1, HIDDEN), role="h", part="else")
    return sheet.figure


def _small_cell(sheet, step, part, road=None):
    """One cell of the unrolled LSTM, with what comes in from the left and below: its x."""
    x, road = FIRST + step * PITCH, part if road is None else road
    sheet.cell(x, 2.05, 1.2, 2.1, part=part)
    forget = sheet.operator(x - 0.33, CELL_STATE, "×", part=road)
    add = sheet.operator(x + 0.03, CELL_STATE, "+", part=road)
    layers = sheet.layer(x - 0.17, 1.85, "layers", "gate", part, width=0.72, height=0.4)
    let_out = sheet.operator(x + 0.43, 1.85, "×", part=part)
    before = x - PITCH + 0.6 if step else x - 1.2
    sheet.wire((before, CELL_STATE), forget.left, role="c", part=road)
    sheet.wire(forget.right, add.left, role="c", part=road, head=False)
    sheet.wire(add.right, (x + 0.6, CELL_STATE), role="c", part=road, head=False)
    sheet.wire((forget.x, layers.top[1]), forget.bottom, part=part)
    sheet.wire((add.x, layers.top[1]), add.bottom, part=part)
    sheet.wire(layers.right, let_out.left, part=part)
    sheet.wire((let_out.x, CELL_STATE), let_out.top, role="c", part=part)
    sheet.wire(
        let_out.bottom, (let_out.x, HIDDEN), (x + 0.6, HIDDEN), role="h", part=part, head=False
    )
    signal_in = sheet.plate(x - 0.02, 0.45, at("x", step), "x", part)
    sheet.wire(signal_in.top, (signal_in.x, layers.bottom[1]), role="x", part=part)
    sheet.wire(
        (before, HIDDEN), (x - 0.3, HIDDEN), (x - 0.3, layers.bottom[1]), role="h", part=part
    )
    sheet.label(x - 0.97, CELL_STATE + 0.24, at("c", step - 1), part=road)
    sheet.label(x - 0.97, HIDDEN - 0.24, at("h", step - 1), part=part)
    return x


@matplotlib.rc_context(style.RC)
def anatomy(inputs, values, unit, one=0):
    """What goes on in a latch of two units along one sequence: heat maps, one above the other.

    inputs  (sequences, steps, 3): value, store, recall; S and R above mark stores and recalls
    values  what `trace` gives for them
    unit    the unit that holds the memory, drawn above the other
    one     which sequence
    """
    _, store, recall = shown = np.asarray(inputs)[one].T
    panels = {"inputs": (shown, ["value", "store", "recall"])}
    for name in ("g", "f", "i", "o", "c", "tanh_c", "h"):
        rows = values[name][one].T[[unit, 1 - unit]]
        panels[name.replace("_", " ")] = (rows, ["memory", "other"])
    heights = [0.5 + len(rows) for rows, _ in panels.values()]
    figure = style.empty(5.6, 0.7 + 0.27 * sum(heights))
    all_axes = figure.subplots(len(panels), 1, sharex=True, height_ratios=heights)
    for axes, (name, (rows, names)) in zip(all_axes, panels.items(), strict=True):
        gate = name in ("f", "i", "o")
        high = 1 if gate else np.abs(rows).max()
        image = paint(axes, rows, 0 if gate else -high, high)
        axes.set_yticks(range(len(rows)), names, fontsize=9)
        axes.set_ylabel(name, rotation=0, ha="right", va="center", labelpad=8)
        axes.tick_params(left=False, bottom=False)
        figure.colorbar(image, ax=axes, aspect=6, pad=0.02)
    signs = dict.fromkeys(np.flatnonzero(store), "S")
    signs |= dict.fromkeys(np.flatnonzero(recall), "R")
    all_axes[0].secondary_xaxis("top").set_xticks(list(signs), list(signs.values()))
    all_axes[-1].tick_params(bottom=True)
    all_axes[-1].set_xlabel("time step")
    return figure


@matplotlib.rc_context(style.RC)
def layers_of_state(layers, c):
    """c(t) over time as a stack of what each step has stored, as far as it is left.

    layers  (steps, steps): row t holds what is left at t of what was stored at step 0 ... t; the
            number of that step stands in its layers where there is room
    c       (steps,), their sums
    """
    figure, axes = blank()
    times = np.arange(len(c))
    colours = matplotlib.colormaps[style.SEQUENCE](np.linspace(0, 1, len(c)))
    ends = {sign: np.zeros(len(c)) for sign in (1, -1)}
    tall = 0.15 * np.ptp(c)
    for k, (share, colour) in enumerate(zip(np.transpose(layers), colours, strict=True)):
        for sign, end in ends.items():
            height = np.where(sign * share > 0, share, 0)
            axes.bar(times, height, 0.85, end, color=colour, edgecolor="white", linewidth=0.4)
            ink = style.PAPER if k < len(c) / 2 else style.INK
            for t in np.flatnonzero((abs(height) > tall) & (times % 3 == 0)):
                place = {"ha": "center", "va": "center", "fontsize": 9, "color": ink}
                axes.text(t, end[t] + height[t] / 2, str(k), **place)
            end += height
    axes.use_sticky_edges = False
    axes.margins(0.03)
    axes.plot(times, c, color=style.ROLES["c"].line, linewidth=style.THICK, label="c(t)")
    axes.set(xlabel="step t", ylabel="layers of c(t)", xticks=times[::3])
    scale = matplotlib.cm.ScalarMappable(matplotlib.colors.Normalize(0, len(c) - 1), style.SEQUENCE)
    figure.colorbar(scale, ax=axes, label="stored at step")
    axes.legend()
    return figure


@matplotlib.rc_context(style.RC)
def starts(groups, ylabel, baseline):
    """Each seed as a dot and their median as a bar, for results that fall into two heaps.

    groups    {name: one number a seed}
    baseline  (name, value): a level line
    """
    figure, axes = blank()
    for k, values in enumerate(groups.values()):
        beside = np.linspace(-0.2, 0.2, len(values))
        axes.plot(k + beside, np.sort(values), "o", color=style.ROLES["x"].line, markersize=5)
        axes.hlines(np.median(values), k - 0.32, k + 0.32, color=style.INK, linewidth=2.4)
    axes.set_xticks(range(len(groups)), list(groups))
    axes.set_ylabel(ylabel)
    axes.set_ylim(bottom=0)
    axes.grid(axis="x", visible=False)
    name, level = baseline
    axes.axhline(level, color=style.ROLES["y"].line, linestyle="--", label=name)
    legend_above(axes, 1)
    return figure


def _cell(highlight, peepholes):
    everything = LAYERS + STEPS
    sheet = Sheet(5.75, 4.7, highlight)
    sheet.cell(2.8, 2.47, 4.2, 3.05, part=everything)
    cell_state, layers, short_term, inputs = 3.65, 2.0, 1.4, 1.15

    places = {"f": 1.4, "i": 2.31, "g": 3.0, "o": 3.98}
    owners = {"f": "store", "i": "recognise", "g": "recognise", "o": "extract"}
    parts = {name: (name, owner) for name, owner in owners.items()}
    boxes = {}
    for name, x in places.items():
        role, text = ("layer", "tanh") if name == "g" else ("gate", "σ")
        boxes[name] = sheet.layer(x, layers, text, role, parts[name], width=0.56)

    forget = sheet.operator(1.4, cell_state, "×", part="store")
    add = sheet.operator(2.655, cell_state, "+", part="store")
    admit = sheet.operator(2.655, 2.9, "×", part="recognise")
    squash = sheet.operator(4.52, 3.17, "tanh", part="extract", width=0.56)
    let_out = sheet.operator(4.52, 2.68, "×", part="extract")

    sheet.wire((0.15, cell_state), forget.left, role="c", part="store")
    sheet.wire(forget.right, add.left, role="c", part="store")
    sheet.wire(add.right, (5.6, cell_state), role="c", part=("store", "extract"))
    sheet.wire(boxes["f"].top, forget.bottom, part=parts["f"])
    sheet.wire(boxes["i"].top, (2.31, admit.y), admit.left, part=parts["i"])
    sheet.wire(boxes["g"].top, (3.0, admit.y), admit.right, part=parts["g"])
    sheet.wire(admit.top, add.bottom, part="recognise")
    sheet.dot(squash.x, cell_state, "c", "extract")
    sheet.wire((squash.x, cell_state), squash.top, role="c", part="extract")
    sheet.wire(squash.bottom, let_out.top, part="extract")
    sheet.wire(boxes["o"].top, (3.98, let_out.y), let_out.left, part=parts["o"])

    signal_in = sheet.plate(1.5, 0.4, at("x", "t"), "x", part=everything)
    for start, dx, role, over in [
        (((0.15, short_term),), -0.1, "h", None),
        ((signal_in.top, (1.5, inputs)), 0.1, "x", "cell"),
    ]:
        taps = [((x + dx, boxes[name].bottom[1]), parts[name]) for name, x in places.items()]
        sheet.rail(start, taps, role, over)

    sheet.wire(let_out.bottom, (4.52, short_term), (5.6, short_term), role="h", part="extract")
    signal_out = sheet.plate(5.12, 4.4, at("y", "t"), "y", part="extract")
    sheet.dot(5.12, short_term, "h", "extract")
    sheet.wire((5.12, short_term), signal_out.bottom, role="y", part="extract", over="paper")

    sheet.label(0.37, cell_state + 0.24, at("c", "t-1"), part="store")
    sheet.label(5.42, cell_state + 0.24, at("c", "t"), part=("store", "extract"))
    sheet.label(0.37, short_term + 0.24, at("h", "t-1"), part=everything)
    sheet.label(5.42, short_term + 0.24, at("h", "t"), part="extract")
    for name, x in places.items():
        sheet.label(x + 0.24, 2.42, at(name, "t"), part=parts[name])

    if peepholes:
        _peepholes(sheet, boxes, cell_state)
    return sheet.figure


def _peepholes(sheet, boxes, cell_state):
    """c(t-1) to the forget and input gates, c(t) to the output gate."""
    f, i, o = (boxes[name].left for name in "fio")
    before, after, across = 0.92, 3.52, 2.68
    for start, *path, part in [
        ((before, cell_state), (before, f[1]), f, "f"),
        ((before, across), (1.86, across), (1.86, i[1]), i, "i"),
        ((after, cell_state), (after, o[1]), o, "o"),
    ]:
        sheet.dot(*start, "c", part)
        sheet.wire(start, *path, role="c", part=part, dashed=True, over="cell")
    sheet.label(2.0, 0.4, "dashed: peephole connections", size=SMALL, ha="left")
