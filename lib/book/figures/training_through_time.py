"""Gradients through time: backwards along the unrolled network, cut into windows, and forwards."""

import matplotlib
import numpy as np

from lib.book.figures import style
from lib.book.figures.draw import Sheet, at, check_steps
from lib.book.figures.style import SMALL
from lib.checks import count

PITCH, FIRST, CELL, LOSS = 1.3, 0.75, 1.75, 3.75


def backwards(steps=4, window=None, highlight=None, upto=None):
    """The unrolled network with the loss of every step, and the gradient on its way back (dashed).

    With a `window` the gradient is cut after every `window` steps, while the states pass.
    `highlight` is None or the steps to single out, `upto` the last step to draw (all by default).
    """
    drawn = check_steps(steps, highlight, upto)
    if window is not None:
        count("window", window)
    sheet = _sheet(steps, highlight)
    for step in drawn:
        x, box = _column(sheet, step)
        sheet.wire((x + 0.14, LOSS - 0.2), (x + 0.14, 3.1), part=step, dashed=True)
        sheet.wire((x + 0.14, 2.7), (x + 0.14, CELL + 0.25), part=step, dashed=True)
        if step == 0:
            continue
        before = x - PITCH + box.width / 2
        sheet.wire((before, CELL + 0.11), (box.left[0], CELL + 0.11), role="h", part=step)
        if window is None or step % window:
            both = (step - 1, step)
            sheet.wire((box.left[0], CELL - 0.11), (before, CELL - 0.11), part=both, dashed=True)
        else:
            cut = x - PITCH / 2
            sheet.wire((cut, 0.45), (cut, LOSS + 0.2), role="muted", head=False, dashed=True)
    return sheet.figure


def forwards(steps=4, highlight=None, upto=None):
    """The unrolled network with the sensitivity P(t) carried along below the state.

    `highlight` is None or the steps to single out, `upto` the last step to draw (all by default).
    """
    drawn = check_steps(steps, highlight, upto)
    sheet = _sheet(steps, highlight)
    for step in drawn:
        x, box = _column(sheet, step)
        if step:
            before = x - PITCH + box.width / 2
            sheet.wire((before, CELL + 0.11), (box.left[0], CELL + 0.11), role="h", part=step)
            sheet.wire((before, CELL - 0.11), (box.left[0], CELL - 0.11), part=step, dashed=True)
            middle = x - PITCH / 2
            sheet.label(middle, CELL - 0.3, at("P", step - 1), part=step, size=SMALL)
    return sheet.figure


@matplotlib.rc_context(style.RC)
def costs(x, measured, xlabel, orders):
    """Time and memory of several methods on logarithmic axes, beside what theory expects.

    x         (points,)
    measured  {method: (seconds, bytes)}, each (points,)
    orders    {method: (power of x in time, power of x in memory)}, drawn as dotted lines through
              the last point of the method
    """
    x, names = np.asarray(x, float), style.looks("measured", measured)
    figure = style.empty(7, 3.6)
    panels = figure.subplots(1, 2)
    for k, (axes, ylabel) in enumerate(zip(panels, ("seconds", "bytes"), strict=True)):
        for (name, values), marker in zip(measured.items(), "os^vd"[: len(names)], strict=True):
            (line,) = axes.loglog(x, values[k], marker=marker, label=name)
            order = values[k][-1] * (x / x[-1]) ** orders[name][k]
            axes.loglog(x, order, color=line.get_color(), linewidth=style.THIN, linestyle=":")
        axes.set(xlabel=xlabel, ylabel=ylabel)
        axes.set_xticks(x, [f"{value:g}" for value in x])
        axes.minorticks_off()
    panels[1].set_ylim(bottom=1e4)
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=3)
    return figure


def _sheet(steps, highlight):
    sheet = Sheet(2 * FIRST + (steps - 1) * PITCH, 4.2, highlight)
    sheet.time_axis(0.2, 2 * FIRST + (steps - 1) * PITCH - 0.2, 0.12)
    return sheet


def _column(sheet, step):
    """Input, cell, output and loss of one step, with the wires forwards: (x, the cell)."""
    x = FIRST + step * PITCH
    signal_in = sheet.plate(x, 0.75, at("x", step), "x", step)
    box = sheet.cell(x, CELL, 0.7, 0.5, part=step)
    sheet.plate(x, 2.9, at("y", step), "y", step)
    loss = sheet.plate(x, LOSS, at("L", step, bold=False), "op", step)
    sheet.wire(signal_in.top, box.bottom, role="x", part=step)
    sheet.wire((x - 0.14, CELL + 0.25), (x - 0.14, 2.7), role="y", part=step)
    sheet.wire((x - 0.14, 3.1), (x - 0.14, loss.bottom[1]), role="op", part=step)
    return x, box
