"""Figures 7 to 9: the LSTM cell from outside, its four layers, its three steps; its peepholes."""

from lib.book.figures.draw import Sheet, at, check_highlight
from lib.book.figures.style import SMALL

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
    everything = LAYERS + STEPS
    sheet = Sheet(5.75, 4.7, highlight)
    sheet.cell(2.8, 2.47, 4.2, 3.05, part=everything)
    long_term, layers, short_term, inputs = 3.65, 2.0, 1.4, 1.15

    places = {"f": 1.4, "i": 2.31, "g": 3.0, "o": 3.98}
    owners = {"f": "store", "i": "recognise", "g": "recognise", "o": "extract"}
    parts = {name: (name, owner) for name, owner in owners.items()}
    boxes = {}
    for name, x in places.items():
        role, text = ("layer", "tanh") if name == "g" else ("gate", "σ")
        boxes[name] = sheet.layer(x, layers, text, role, parts[name], width=0.56)

    forget = sheet.operator(1.4, long_term, "×", part="store")
    add = sheet.operator(2.655, long_term, "+", part="store")
    admit = sheet.operator(2.655, 2.9, "×", part="recognise")
    squash = sheet.operator(4.52, 3.17, "tanh", part="extract", width=0.56)
    let_out = sheet.operator(4.52, 2.68, "×", part="extract")

    sheet.wire((0.15, long_term), forget.left, role="c", part="store")
    sheet.wire(forget.right, add.left, role="c", part="store")
    sheet.wire(add.right, (5.6, long_term), role="c", part=("store", "extract"))
    sheet.wire(boxes["f"].top, forget.bottom, part=parts["f"])
    sheet.wire(boxes["i"].top, (2.31, admit.y), admit.left, part=parts["i"])
    sheet.wire(boxes["g"].top, (3.0, admit.y), admit.right, part=parts["g"])
    sheet.wire(admit.top, add.bottom, part="recognise")
    sheet.dot(squash.x, long_term, "c", "extract")
    sheet.wire((squash.x, long_term), squash.top, role="c", part="extract")
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

    sheet.label(0.37, long_term + 0.24, at("c", "t-1"), part="store")
    sheet.label(5.42, long_term + 0.24, at("c", "t"), part=("store", "extract"))
    sheet.label(0.37, short_term + 0.24, at("h", "t-1"), part=everything)
    sheet.label(5.42, short_term + 0.24, at("h", "t"), part="extract")
    for name, x in places.items():
        sheet.label(x + 0.24, 2.42, at(name, "t"), part=parts[name])

    if peepholes:
        _peepholes(sheet, boxes, long_term)
    return sheet.figure


def _peepholes(sheet, boxes, long_term):
    """c(t-1) to the forget and input gates, c(t) to the output gate."""
    f, i, o = (boxes[name].left for name in "fio")
    before, after, across = 0.92, 3.52, 2.68
    for start, *path, part in [
        ((before, long_term), (before, f[1]), f, "f"),
        ((before, across), (1.86, across), (1.86, i[1]), i, "i"),
        ((after, long_term), (after, o[1]), o, "o"),
    ]:
        sheet.dot(*start, "c", part)
        sheet.wire(start, *path, role="c", part=part, dashed=True, over="cell")
    sheet.label(2.0, 0.4, "dashed: peephole connections", size=SMALL, ha="left")
