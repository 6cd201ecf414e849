"""What is left of one gradient on its way back along the unrolled network."""

import numpy as np
from matplotlib.patches import FancyArrowPatch

from lib.book.figures import style
from lib.book.figures.draw import Sheet, at
from lib.book.figures.style import SMALL

PITCH, FIRST, CELL, LOSS = 0.72, 0.5, 1.35, 3.05
WIDEST = 7.0  # points


def fading(left):
    """The unrolled network with a loss at its last step, and what of the gradient goes each step
    back.

    left  (steps,): the length of dL/ds after going back 0, 1, 2 ... steps, relative to the first; a
          dashed arrow is as wide as that, and the number stands below it
    """
    left = np.asarray(left, float)
    steps = len(left)
    width = 2 * FIRST + steps * PITCH
    sheet = Sheet(width, 3.45)
    sheet.time_axis(0.2, width - 0.2, 0.1)
    for step in range(steps + 1):
        x = FIRST + step * PITCH
        box = sheet.cell(x, CELL, 0.5, 0.6)
        signal_in = sheet.plate(x, 0.58, at("x", step), "x")
        sheet.wire(signal_in.top, box.bottom, role="x")
        if step == 0:
            continue
        before = x - PITCH + box.width / 2
        sheet.wire((before, CELL + 0.17), (box.left[0], CELL + 0.17), role="h")
        share = left[steps - step]
        sheet.axes.add_patch(
            FancyArrowPatch(
                (box.left[0], CELL - 0.1),
                (before, CELL - 0.1),
                arrowstyle="-",
                lw=max(style.THIN / 2, WIDEST * min(1.0, share)),
                ec=style.ROLES["cell"].line,
                ls=(0, (1.2, 0.6)),
                capstyle="butt",
                shrinkA=0,
                shrinkB=0,
            )
        )
        sheet.label(x - PITCH / 2, CELL - 0.44, f"{share:.2g}", size=SMALL)
    out = sheet.plate(x, 2.3, at("y", steps), "y")
    loss = sheet.plate(x, LOSS, at("L", steps, bold=False), "op")
    sheet.wire((x, CELL + 0.3), out.bottom, role="y")
    sheet.wire(out.top, loss.bottom, role="op")
    return sheet.figure
