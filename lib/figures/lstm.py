"""Figures 7 to 9: the LSTM cell from outside, its four layers, its three steps; its peepholes."""

from lib.figures.draw import Sheet, at, check_highlight
from lib.figures.style import SMALL

LAYERS = ("f", "i", "o", "g")
STEPS = ("recognise", "store", "extract")


def black_box(highlight=None):
    """Fig. 7: a short-term cell (left) and an LSTM cell (right) from outside.

    `highlight` is None or some of "short-term", "LSTM".
    """
    check_highlight(highlight, ("short-term", "LSTM"))
    sheet = Sheet(5.4, 3.5, highlight)
    for part, x in [("short-term", 1.35), ("LSTM", 4.05)]:
        box = sheet.cell(x, 1.75, 1.3, 1.1, f"{part}\ncell", part=part)
        signal_in = sheet.plate(x, 0.5, at("x", "t"), "x", part)
        signal_out = sheet.plate(x, 3.05, at("y", "t"), "y", part)
        sheet.wire(signal_in.top, box.bottom, role="x", part=part)
        sheet.wire(box.top, signal_out.bottom, role="y", part=part)
        states = [("h", 1.5)] if part == "short-term" else [("h", 1.5), ("c", 2.05)]
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
    gates see the long-term state.
    """
    check_highlight(highlight, LAYERS)
    return _cell(highlight, peepholes)


def steps(highlight=None):
    """Fig. 9: the three steps of an LSTM cell.

    `highlight` is None or some of "recognise" (the input gate), "store" (the forget gate and the
    long-term state), "extract" (the output gate).
    """
    check_highlight(highlight, STEPS)
    return _cell(highlight, peepholes=False)


def _cell(highlight, peepholes):
    sheet = Sheet(6.2, 4.6, highlight)
    sheet.cell(3.1, 2.45, 4.5, 2.75, part=STEPS)
    long_term, layers, short_term = 3.4, 2.0, 1.4

    places = {"f": 2.0, "i": 2.85, "g": 3.55, "o": 4.45}
    owners = {"f": "store", "i": "recognise", "g": "recognise", "o": "extract"}
    boxes = {}
    for name, x in places.items():
        part = (name, owners[name])
        role, text = ("layer", "tanh") if name == "g" else ("gate", "σ")
        boxes[name] = sheet.layer(x, layers, text, role, part, width=0.56)
        sheet.wire((x, short_term), boxes[name].bottom, role="h", part=part)

    forget = sheet.operator(places["f"], long_term, "×", part="store")
    add = sheet.operator(3.2, long_term, "+", part="store")
    admit = sheet.operator(3.2, 2.8, "×", part="recognise")
    squash = sheet.operator(5.0, 2.95, "tanh", part="extract", width=0.56)
    let_out = sheet.operator(5.0, 2.45, "×", part="extract")

    sheet.wire((0.15, long_term), forget.left, role="c", part="store")
    sheet.wire(forget.right, add.left, role="c", part="store")
    sheet.wire(add.right, (6.05, long_term), role="c", part="store")
    sheet.wire(boxes["f"].top, forget.bottom, part=("f", "store"))
    sheet.wire(boxes["i"].top, (places["i"], 2.8), admit.left, part=("i", "recognise"))
    sheet.wire(boxes["g"].top, (places["g"], 2.8), admit.right, part=("g", "recognise"))
    sheet.wire(admit.top, add.bottom, part="recognise")
    sheet.dot(5.0, long_term, "c", "extract")
    sheet.wire((5.0, long_term), squash.top, role="c", part="extract")
    sheet.wire(squash.bottom, let_out.top, part="extract")
    sheet.wire(boxes["o"].top, (places["o"], 2.45), let_out.left, part=("o", "extract"))

    sheet.wire(
        (0.15, short_term), (places["o"], short_term), role="h", part=LAYERS + STEPS, head=False
    )
    signal_in = sheet.plate(1.35, 0.45, at("x", "t"), "x", part=LAYERS + STEPS)
    sheet.wire(signal_in.top, (1.35, short_term), role="x", part=LAYERS + STEPS, head=False)
    sheet.dot(1.35, short_term, "h", LAYERS + STEPS)
    sheet.wire(let_out.bottom, (5.0, short_term), (6.05, short_term), role="h", part="extract")
    signal_out = sheet.plate(5.55, 4.3, at("y", "t"), "y", part="extract")
    sheet.dot(5.55, short_term, "h", "extract")
    sheet.wire((5.55, short_term), signal_out.bottom, role="y", part="extract", over=True)

    sheet.label(0.42, long_term + 0.24, at("c", "t-1"), part="store")
    sheet.label(5.93, long_term + 0.24, at("c", "t"), part="store")
    sheet.label(0.42, short_term + 0.24, at("h", "t-1"), part=LAYERS + STEPS)
    sheet.label(5.93, short_term - 0.24, at("h", "t"), part="extract")
    for name, dx in [("f", -0.26), ("i", -0.26), ("g", -0.24), ("o", -0.26)]:
        here = (name, owners[name])
        sheet.label(places[name] + dx, 2.48 if name != "o" else 2.68, at(name, "t"), part=here)

    if peepholes:
        _peepholes(sheet, boxes, long_term)
    return sheet.figure


def _peepholes(sheet, boxes, long_term):
    """c(t-1) to the forget and input gates, c(t) to the output gate."""
    before, after, level = 1.4, 4.0, 2.02
    sheet.dot(before, long_term, "c", "f")
    sheet.wire(
        (before, long_term),
        (before, level),
        (boxes["f"].left[0], level),
        role="c",
        part="f",
        dashed=True,
    )
    sheet.wire(
        (before, 2.66),
        (2.42, 2.66),
        (2.42, level),
        (boxes["i"].left[0], level),
        role="c",
        part="i",
        dashed=True,
    )
    sheet.dot(after, long_term, "c", "o")
    sheet.wire(
        (after, long_term),
        (after, level),
        (boxes["o"].left[0], level),
        role="c",
        part="o",
        dashed=True,
    )
    sheet.label(3.1, 0.45, "dashed: peephole connections", size=SMALL)
