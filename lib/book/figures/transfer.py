"""Figure 13: what becomes of the layers of a pretrained network in a network for another task."""

import itertools

from lib.book.figures.draw import Sheet, at, check_highlight
from lib.book.figures.style import SMALL

PARTS = "reused", "frozen", "replaced"
THEIRS, OURS = 1.2, 4.0
ROWS = 1.75, 2.75, 4.0


def layers(highlight=None):
    """Fig. 13: which layers are reused, frozen at first, and replaced.

    `highlight` is None or some of "reused", "frozen", "replaced".
    """
    check_highlight(highlight, PARTS)
    sheet = Sheet(5.75, 5.65, highlight)
    sheet.cell(OURS, 2.3, 1.8, 1.86, part="frozen")
    sheet.label(OURS - 0.1, 3.38, "frozen at first", part="frozen", size=SMALL, ha="right")
    pretrained = _column(sheet, THEIRS, "reused", "readout", "next word")
    ours = _column(sheet, OURS, ("reused", "frozen"), "fresh", "rating")
    for theirs, reused in zip(pretrained, ours, strict=True):
        sheet.wire(theirs.right, reused.left, part="reused", dashed=True)
        sheet.label(2.55, reused.y + 0.16, "weights", part="reused", size=SMALL)
    for (_, y), order in zip([box.right for box in ours], ("last", "first"), strict=True):
        sheet.label(5.0, y, f"thawed\n{order}", part="frozen", size=SMALL, ha="left")
    sheet.label(2.6, ROWS[2], "replaced", part="replaced", size=SMALL)
    sheet.label(THEIRS, 0.3, "pretrained", part=PARTS, size=SMALL)
    sheet.label(OURS, 0.3, "for our task", part=PARTS, size=SMALL)
    return sheet.figure


def _column(sheet, x, reused, top, answer):
    """A network from its input up; the two layers that are reused, the lower one first."""
    words = sheet.plate(x, 0.85, at("x", "t"), "x", reused)
    vectors = sheet.layer(x, ROWS[0], "vectors", "layer", reused, width=1.2)
    gru = sheet.layer(x, ROWS[1], "GRU", "layer", reused, width=1.2)
    last = sheet.layer(x, ROWS[2], top, "op", "replaced", width=1.2)
    out = sheet.plate(x, 4.95, r"$\mathbf{y}$", "y", "replaced")
    sheet.label(x, 5.35, answer, part="replaced", size=SMALL)
    stack = [(words, reused), (vectors, reused), (gru, reused), (last, "replaced"), (out, ())]
    for (below, _), (above, part) in itertools.pairwise(stack):
        sheet.wire(below.top, above.bottom, part=part or "replaced")
    return vectors, gru
