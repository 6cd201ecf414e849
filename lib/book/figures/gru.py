"""Figures 10 to 12: the GRU cell from outside, its three layers and its three steps."""

from lib.book.figures.draw import Sheet, at, check_highlight

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
    sheet = Sheet(5.7, 4.7, highlight)
    sheet.cell(2.75, 2.46, 4.1, 3.07, part=ALL)
    state, layers, short_term, inputs = 3.65, 2.0, 1.33, 1.12
    result = ("recognise", "store")

    r = sheet.layer(1.5, layers, "σ", "gate", part=("r", "reset"), width=0.56)
    z = sheet.layer(2.8, layers, "σ", "gate", part=UPDATE, width=0.56)
    g = sheet.layer(4.2, layers, "tanh", "layer", part=("g", "recognise"), width=0.56)
    reset = sheet.operator(2.08, 2.9, "×", part=("g", "reset"))
    keep = sheet.operator(z.x, state, "×", part="store")
    switch = sheet.operator(3.44, 2.95, "1 −", part=result, width=0.5)
    admit = sheet.operator(g.x, 2.95, "×", part="recognise")
    add = sheet.operator(g.x, state, "+", part=result)

    before, branch = (0.95, state), (reset.x, state)
    sheet.wire((0.15, state), before, role="h", part=ALL, head=False)
    sheet.dot(*before, "h", ALL)
    sheet.wire(before, branch, role="h", part=("g", "reset", "store"), head=False)
    sheet.dot(*branch, "h", ("g", "reset"))
    sheet.wire(branch, reset.top, role="h", part=("g", "reset"))
    sheet.wire(branch, keep.left, role="h", part="store")
    sheet.wire(keep.right, add.left, role="h", part="store")
    sheet.wire(add.right, (5.55, state), role="h", part=result)

    sheet.wire(r.top, (r.x, reset.y), reset.left, part=("r", "reset"))
    sheet.wire(z.top, (z.x, switch.y), part=UPDATE, head=False)
    sheet.wire((z.x, switch.y), keep.bottom, part=("z", "store"))
    sheet.dot(z.x, switch.y, part=result)
    sheet.wire((z.x, switch.y), switch.left, part=result)
    sheet.wire(switch.right, admit.left, part="recognise")
    sheet.wire(g.top, admit.bottom, part=("g", "recognise"))
    sheet.wire(admit.top, add.bottom, part="recognise")

    bottom = r.bottom[1]
    sheet.wire(
        reset.bottom,
        (reset.x, 1.54),
        (g.x - 0.1, 1.54),
        (g.x - 0.1, bottom),
        role="h",
        part=("g", "reset"),
    )
    sheet.rail(
        (before, (before[0], short_term)),
        [((r.x - 0.1, bottom), ("r", "reset")), ((z.x - 0.1, bottom), UPDATE)],
        "h",
        over="cell",
    )
    signal_in = sheet.plate(r.x + 0.1, 0.4, at("x", "t"), "x", part=ALL)
    sheet.rail(
        (signal_in.top, (signal_in.x, inputs)),
        [
            ((r.x + 0.1, bottom), ("r", "reset")),
            ((z.x + 0.1, bottom), UPDATE),
            ((g.x + 0.1, bottom), ("g", "recognise")),
        ],
        "x",
        over="cell",
    )
    signal_out = sheet.plate(5.1, 4.4, at("y", "t"), "y", part=result)
    sheet.dot(5.1, state, "h", result)
    sheet.wire((5.1, state), signal_out.bottom, role="y", part=result)

    sheet.label(0.37, state + 0.24, at("h", "t-1"), part=ALL)
    sheet.label(5.42, state - 0.24, at("h", "t"), part=result)
    for name, box, part in [
        ("r", r, ("r", "reset")),
        ("z", z, UPDATE),
        ("g", g, ("g", "recognise")),
    ]:
        sheet.label(box.x + 0.26, 2.5, at(name, "t"), part=part)
    return sheet.figure
