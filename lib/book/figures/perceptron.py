"""Figures 1 to 3: a recurrent perceptron, the same unrolled through time, and a recurrent layer."""

from lib.book.figures.draw import Sheet, at, check_highlight, check_steps
from lib.book.figures.style import SMALL
from lib.checks import count


def recurrent_perceptron(highlight=None):
    """Fig. 1: a perceptron whose output returns to its input one step later.

    `highlight` is None or some of "input", "perceptron", "output", "feedback".
    """
    parts = ("input", "perceptron", "output", "feedback")
    check_highlight(highlight, parts)
    sheet = Sheet(4.2, 4.3, highlight)
    x = 1.75
    box = sheet.cell(x - 0.1, 2.2, 2.2, 1.8, part="perceptron")
    sheet.label(box.left[0] + 0.12, 2.86, "perceptron", part="perceptron", size=SMALL, ha="left")
    add = sheet.operator(x, 1.7, "Σ", part="perceptron", width=0.36)
    activation = sheet.layer(x, 2.5, "$f$", "layer", part="perceptron")
    sheet.label(0.9, 1.7, "$b$", part="perceptron")
    signal_in = sheet.plate(x, 0.4, at("x", "t", bold=False), "x", part="input")
    signal_out = sheet.plate(x, 3.9, at("y", "t", bold=False), "y", part="output")
    sheet.wire(signal_in.top, add.bottom, role="x", part="input")
    sheet.label(x - 0.14, 0.9, "$w_x$", part="input", ha="right")
    sheet.wire((1.04, 1.7), add.left, part="perceptron")
    sheet.wire(add.top, activation.bottom, part="perceptron")
    sheet.wire(activation.top, signal_out.bottom, role="y", part=("output", "feedback"))
    delay = sheet.cell(3.55, 2.5, 0.9, 0.6, "1 step\nlater", "op", part="feedback")
    sheet.dot(x, 3.4, "y", part=("output", "feedback"))
    sheet.wire((x, 3.4), (3.55, 3.4), delay.top, role="y", part="feedback")
    sheet.wire(delay.bottom, (3.55, 1.7), add.right, role="y", part="feedback")
    sheet.label(3.55, 1.45, at("y", "t-1", bold=False), part="feedback")
    sheet.label(2.35, 1.48, "$w_y$", part="feedback")
    return sheet.figure


def unrolled(steps=3, highlight=None, upto=None):
    """Fig. 2: a recurrent perceptron, and the same drawn once for each of `steps` time steps.

    `highlight` is None or the steps to single out, `upto` the last step to draw (all by default).
    """

    def perceptron(sheet, x, part):
        box = sheet.cell(x, HEIGHT, 0.8, 0.46, part=part)
        sheet.label(x - 0.18, HEIGHT, "Σ", part=part)
        sheet.label(x + 0.18, HEIGHT, "$f$", part=part)
        sheet.wire((x, HEIGHT - 0.23), (x, HEIGHT + 0.23), part=part, head=False)
        return box

    return _through_time(perceptron, steps, highlight, upto, bold=False)


def layer_unrolled(steps=3, units=3, highlight=None, upto=None):
    """Fig. 3: a recurrent layer of `units` perceptrons, folded and drawn once for each time step.

    Every perceptron receives the whole input and the whole former output of the layer.
    `highlight` is None or the steps to single out, `upto` the last step to draw (all by default).
    """
    count("units", units)

    def layer(sheet, x, part):
        pitch = min(0.26, 0.84 / units)
        for k in range(units):
            sheet.circle(x + (k - (units - 1) / 2) * pitch, HEIGHT, 0.8 * pitch, part)
        return sheet.cell(x, HEIGHT, 0.9, 0.46, part=part)

    return _through_time(layer, steps, highlight, upto, bold=True)


HEIGHT = 1.75


def _through_time(draw_box, steps, highlight, upto, bold):
    drawn = check_steps(steps, highlight, upto)
    first, pitch = 2.15, 1.25
    sheet = Sheet(first + (steps - 1) * pitch + 0.65, 3.5, highlight)

    x = 0.6
    box = _column(sheet, draw_box, x, "t", "folded", bold)
    sheet.dot(x, 2.4, "y", "folded")
    sheet.wire((x, 2.4), (x + 0.66, 2.4), (x + 0.66, HEIGHT), box.right, role="y", part="folded")
    sheet.wire((1.45, 0.5), (1.45, 3.3), role="muted", head=False, dashed=True)
    sheet.time_axis(first - 0.5, first + (steps - 1) * pitch + 0.5, 0.12)

    for step in drawn:
        x = first + step * pitch
        box = _column(sheet, draw_box, x, step, step, bold)
        if step > 0:
            start, middle = x - pitch, x - 0.56 * pitch
            sheet.dot(start, 2.4, "y", (step - 1, step))
            sheet.wire((start, 2.4), (middle, 2.4), (middle, HEIGHT), box.left, role="y", part=step)
    return sheet.figure


def _column(sheet, draw_box, x, time, part, bold):
    box = draw_box(sheet, x, part)
    signal_in = sheet.plate(x, 0.75, at("x", time, bold), "x", part)
    signal_out = sheet.plate(x, 3.1, at("y", time, bold), "y", part)
    sheet.wire(signal_in.top, box.bottom, role="x", part=part)
    sheet.wire(box.top, signal_out.bottom, role="y", part=part)
    return box
