"""Figures 10 to 12: the GRU cell from outside, its three layers and its three steps."""

from lib.figures.draw import Sheet, at, check_highlight

LAYERS = ("z", "r", "g")
STEPS = ("recognise", "store", "reset")
ALL = LAYERS + STEPS
UPDATE = ("z", "recognise", "store")


def black_box():
    """Fig. 10: a GRU cell from outside, with the inputs and outputs of a short-term cell."""
    sheet = Sheet(3.2, 3.5)
    box = sheet.cell(1.6, 1.75, 1.3, 1.1, "GRU\ncell")
    signal_in = sheet.plate(1.6, 0.5, at("x", "t"), "x")
    signal_out = sheet.plate(1.6, 3.05, at("y", "t"), "y")
    sheet.wire(signal_in.top, box.bottom, role="x")
    sheet.wire(box.top, signal_out.bottom, role="y")
    sheet.wire((0.2, 1.75), box.left, role="h")
    sheet.wire(box.right, (3.0, 1.75), role="h")
    sheet.label(0.55, 1.98, at("h", "t-1"))
    sheet.label(2.62, 1.98, at("h", "t"))
    return sheet.figure


def architecture(highlight=None):
    """Fig. 11: the three fully connected layers of a GRU cell, eqs. (8) to (11).

    `highlight` is None or some of "z", "r", "g".
    """
    check_highlight(highlight, LAYERS)
    return _cell(highlight)


def steps(highlight=None):
    """Fig. 12: the three steps of a GRU cell.

    `highlight` is None or some of "reset" (r chooses what of the past the main layer sees),
    "recognise" (the main layer, let in by 1 - z), "store" (the state, kept by z).
    """
    check_highlight(highlight, STEPS)
    return _cell(highlight)


def _cell(highlight):
    sheet = Sheet(6.2, 4.8, highlight)
    sheet.cell(3.1, 2.55, 4.5, 2.95, part=ALL)
    state, layers, rail = 3.6, 2.1, 1.4

    z = sheet.layer(3.3, layers, "σ", "gate", part=UPDATE, width=0.56)
    r = sheet.layer(1.95, layers, "σ", "gate", part=("r", "reset"), width=0.56)
    g = sheet.layer(4.6, layers, "tanh", "layer", part=("g", "recognise"), width=0.62)
    keep = sheet.operator(3.3, state, "×", part="store")
    switch = sheet.operator(4.05, 2.95, "1 −", part=("recognise", "store"), width=0.5)
    admit = sheet.operator(4.6, 2.95, "×", part="recognise")
    add = sheet.operator(4.6, state, "+", part=("recognise", "store"))
    reset = sheet.operator(2.55, 2.85, "×", part="reset")

    sheet.wire((0.15, state), (1.3, state), role="h", part=ALL, head=False)
    sheet.wire((1.3, state), (2.55, state), role="h", part=("store", "reset", "g"), head=False)
    sheet.wire((2.55, state), keep.left, role="h", part="store")
    sheet.wire(keep.right, add.left, role="h", part="store")
    sheet.wire(add.right, (6.05, state), role="h", part=("recognise", "store"))
    sheet.wire(z.top, keep.bottom, part=UPDATE)
    sheet.dot(3.3, 2.95, "cell", ("recognise", "store"))
    sheet.wire((3.3, 2.95), switch.left, part=("recognise", "store"))
    sheet.wire(switch.right, admit.left, part="recognise")
    sheet.wire(g.top, admit.bottom, part=("g", "recognise"))
    sheet.wire(admit.top, add.bottom, part="recognise")

    sheet.dot(1.3, state, "h", ALL)
    sheet.wire(
        (1.3, state),
        (1.3, rail),
        (z.x - 0.1, rail),
        (z.x - 0.1, z.bottom[1]),
        role="h",
        part=UPDATE,
    )
    sheet.wire(
        (1.3, state),
        (1.3, rail),
        (r.x - 0.1, rail),
        (r.x - 0.1, r.bottom[1]),
        role="h",
        part=("r", "reset"),
    )
    sheet.dot(r.x - 0.1, rail, "h", UPDATE)
    sheet.dot(2.55, state, "h", "reset")
    sheet.wire((2.55, state), reset.top, role="h", part="reset")
    sheet.wire(r.top, (r.x, 2.85), reset.left, part=("r", "reset"))
    sheet.wire(
        reset.bottom,
        (2.55, 1.62),
        (g.x - 0.12, 1.62),
        (g.x - 0.12, g.bottom[1]),
        role="h",
        part=("g", "reset"),
    )

    signal_in = sheet.plate(r.x + 0.1, 0.42, at("x", "t"), "x", part=ALL)
    low = 1.2
    sheet.dot(signal_in.x, low, "x", ALL)
    sheet.wire(signal_in.top, (signal_in.x, r.bottom[1]), role="x", part=("r", "reset"))
    for box, part in [(z, UPDATE), (g, ("g", "recognise"))]:
        x = box.x + 0.1
        sheet.wire(
            signal_in.top, (signal_in.x, low), (x, low), (x, box.bottom[1]), role="x", part=part
        )

    signal_out = sheet.plate(5.55, 4.5, at("y", "t"), "y", part=("recognise", "store"))
    sheet.dot(5.55, state, "h", ("recognise", "store"))
    sheet.wire((5.55, state), signal_out.bottom, role="y", part=("recognise", "store"))

    sheet.label(0.42, state + 0.24, at("h", "t-1"), part=ALL)
    sheet.label(5.93, state - 0.24, at("h", "t"), part=("recognise", "store"))
    sheet.label(r.x - 0.26, 2.55, at("r", "t"), part=("r", "reset"))
    sheet.label(z.x - 0.26, 2.55, at("z", "t"), part=UPDATE)
    sheet.label(g.x + 0.26, 2.55, at("g", "t"), part=("g", "recognise"))
    return sheet.figure
