"""Figures 4 to 6: output and state of a memory cell, the four patterns of sequences, a deep RNN;
and pictures with what a network wrote below them."""

import itertools

import matplotlib
import numpy as np

from lib.book.figures import style
from lib.book.figures.draw import Sheet, at, check_highlight, check_steps
from lib.book.figures.plots import blank, paint
from lib.book.figures.style import SMALL
from lib.checks import count


def output_and_state(highlight=None):
    """Fig. 4: a cell whose output is its state (left), and one whose output is not (right).

    `highlight` is None or some of "same", "apart".
    """
    check_highlight(highlight, ("same", "apart"))
    sheet = Sheet(5.2, 4.3, highlight)
    for part, x, title in [("same", 1.3, "state = output"), ("apart", 3.9, "state ≠ output")]:
        box = sheet.cell(x, 2.0, 1.0, 0.62, "cell", part=part)
        signal_in = sheet.plate(x, 0.85, at("x", "t"), "x", part)
        signal_out = sheet.plate(x, 3.85, at("y", "t"), "y", part)
        sheet.label(x - 0.98, 2.22, at("h", "t-1"), part=part)
        sheet.wire(signal_in.top, box.bottom, role="x", part=part)
        sheet.wire((x - 1.2, 2.0), box.left, role="h", part=part)
        if part == "same":
            sheet.wire(box.top, signal_out.bottom, role="y", part=part)
            sheet.dot(x, 2.85, "h", part)
            sheet.wire(
                (x, 2.85), (x + 0.72, 2.85), (x + 0.72, 2.0), (x + 1.2, 2.0), role="h", part=part
            )
        else:
            read = sheet.layer(x, 2.95, "readout", "layer", part, width=0.9)
            sheet.wire(box.top, read.bottom, role="h", part=part)
            sheet.wire(read.top, signal_out.bottom, role="y", part=part)
            sheet.wire(box.right, (x + 1.2, 2.0), role="h", part=part)
        sheet.label(x + 1.0, 1.76, at("h", "t"), part=part)
        sheet.label(x, 0.3, title, part=part, size=SMALL)
    sheet.wire((2.6, 0.2), (2.6, 4.1), role="muted", head=False, dashed=True)
    return sheet.figure


PATTERNS = {
    "sequence-to-sequence": "a forecast at every step",
    "sequence-to-vector": "a rating at the end",
    "vector-to-sequence": "a caption from a picture",
    "encoder-decoder": "a translation",
}
STEPS, PITCH = 3, 0.84


def pattern(kind):
    """One panel of Fig. 5: `kind` is one of the four names in PATTERNS."""
    check_highlight(kind, PATTERNS)
    steps = 2 * STEPS if kind == "encoder-decoder" else STEPS
    sheet = Sheet(0.6 + steps * PITCH, 2.85)
    _pattern(sheet, kind, 0.3 + PITCH / 2, 0)
    return sheet.figure


def four_patterns(highlight=None):
    """Fig. 5: the four patterns of input and output sequences.

    `highlight` is None or some of the names in PATTERNS.
    """
    check_highlight(highlight, PATTERNS)
    sheet = Sheet(5.7, 8.75, highlight)
    places = [(0.74, 5.9), (3.56, 5.9), (0.74, 2.95), (0.74, 0.0)]
    for kind, (x, y) in zip(PATTERNS, places, strict=True):
        _pattern(sheet, kind, x, y)
    _key(sheet, 3.56, 2.95)
    return sheet.figure


def _key(sheet, x, y):
    """What the shapes stand for."""
    always = tuple(PATTERNS)
    sheet.plate(x, y + 1.98, r"$\mathbf{y}$", "y", always)
    sheet.cell(x, y + 1.46, 0.44, 0.38, part=always)
    sheet.wire((x - 0.29, y + 0.94), (x + 0.29, y + 0.94), role="h", part=always)
    sheet.plate(x, y + 0.42, r"$\mathbf{x}$", "x", always)
    for name, height in [("output", 1.98), ("cell", 1.46), ("state", 0.94), ("input", 0.42)]:
        sheet.label(x + 0.45, y + height, name, size=SMALL, ha="left", part=always)


def _pattern(sheet, kind, x, y):
    sheet.label(x - 0.38, y + 2.62, kind, part=kind, size=SMALL, ha="left")
    sheet.label(x - 0.38, y + 2.38, PATTERNS[kind], "muted", part=kind, size=SMALL, ha="left")
    every = [at("x", step) for step in range(STEPS)], [at("y", step) for step in range(STEPS)]
    if kind == "sequence-to-sequence":
        _row(sheet, kind, x, y, *every)
    elif kind == "sequence-to-vector":
        _row(sheet, kind, x, y, every[0], ["", "", r"$\mathbf{y}$"])
    elif kind == "vector-to-sequence":
        _row(sheet, kind, x, y, [r"$\mathbf{x}$"] * STEPS, every[1])
    else:
        start = x + STEPS * PITCH
        *_, last = _row(sheet, kind, x, y, every[0], [""] * STEPS)
        boxes = _row(sheet, kind, start, y, [""] * STEPS, every[1])
        sheet.label(x + PITCH, y + 1.62, "encoder", part=kind, size=SMALL)
        sheet.label(start + PITCH, y + 0.42, "decoder", part=kind, size=SMALL)
        turn, level = start - PITCH / 2, y + 0.72
        corners = last.right, (turn, last.y), (turn, level)
        sheet.rail(corners, [(box.bottom, kind) for box in boxes], "h")


def _row(sheet, part, x, y, inputs, outputs):
    """A cell at three steps, with a plate where there is a name for what it reads or writes."""
    boxes = [sheet.cell(x + k * PITCH, y + 1.2, 0.54, 0.46, part=part) for k in range(STEPS)]
    for left, right in itertools.pairwise(boxes):
        sheet.wire(left.right, right.left, role="h", part=part)
    for box, name in zip(boxes, inputs, strict=True):
        if name:
            sheet.wire(
                sheet.plate(box.x, y + 0.42, name, "x", part).top, box.bottom, role="x", part=part
            )
    for box, name in zip(boxes, outputs, strict=True):
        if name:
            sheet.wire(
                box.top, sheet.plate(box.x, y + 1.98, name, "y", part).bottom, role="y", part=part
            )
    return boxes


def deep(layers=3, steps=3, highlight=None, upto=None):
    """Fig. 6: a deep recurrent network, folded and drawn once for each time step.

    `highlight` is None or the steps to single out, `upto` the last step to draw (all by default).
    """
    count("layers", layers)
    drawn = check_steps(steps, highlight, upto)
    first, pitch, rise = 2.1, 1.25, 0.85
    top = 1.65 + (layers - 1) * rise
    sheet = Sheet(first + (steps - 1) * pitch + 0.65, top + 1.35, highlight)

    def column(x, time, part):
        boxes = [
            sheet.cell(x, 1.65 + k * rise, 0.84, 0.46, f"layer {k + 1}", part=part)
            for k in range(layers)
        ]
        signal_in = sheet.plate(x, 0.75, at("x", time), "x", part)
        signal_out = sheet.plate(x, top + 0.95, at("y", time), "y", part)
        sheet.wire(signal_in.top, boxes[0].bottom, role="x", part=part)
        for below, box in itertools.pairwise(boxes):
            sheet.wire(below.top, box.bottom, role="h", part=part)
        sheet.wire(boxes[-1].top, signal_out.bottom, role="y", part=part)
        return boxes

    for box in column(0.6, "t", "folded"):
        right, up = 0.6 + 0.62, box.y + 0.34
        sheet.dot(0.6, up, "h", "folded")
        sheet.wire((0.6, up), (right, up), (right, box.y), box.right, role="h", part="folded")
    sheet.wire((1.42, 0.5), (1.42, top + 1.2), role="muted", head=False, dashed=True)
    sheet.time_axis(first - 0.5, first + (steps - 1) * pitch + 0.5, 0.12)
    before = None
    for step in drawn:
        boxes = column(first + step * pitch, step, step)
        for old, new in zip(before or [], boxes, strict=False):
            sheet.wire(old.right, new.left, role="h", part=step)
        before = boxes
    return sheet.figure


@matplotlib.rc_context(style.RC)
def captioned(pictures, captions):
    """Pictures in rows of five, each below the caption that it got.

    pictures  (n, rows, columns), dark where the numbers are large
    captions  n texts
    """
    rows = -(-len(pictures) // 5)
    figure = style.empty(6, 1.5 * rows)
    axes = figure.subplots(rows, 5, squeeze=False).flat
    for ax in axes:
        ax.set_axis_off()
    for ax, picture, caption in zip(axes, pictures, captions, strict=False):
        ax.imshow(picture, cmap="gray_r")
        ax.set_title(str(caption), family="monospace")
    return figure


@matplotlib.rc_context(style.RC)
def candidates(counts, words):
    """How many words are possible at each place of a translation, while the source is read.

    counts  (places, words): the number of candidates after so many words
    words   those of the source
    """
    figure, axes = blank()
    paint(axes, np.log(counts), 0, np.log(np.max(counts)))
    for place, row in enumerate(counts):
        for read, possible in enumerate(row):
            pale = possible < np.sqrt(np.max(counts))
            colour = style.PAPER if pale else style.INK
            axes.text(read, place, possible, ha="center", va="center", color=colour)
    axes.set_xticks(range(len(words)), [f"… {word}" for word in words])
    axes.set_yticks(range(len(counts)), [f"place {place}" for place in range(len(counts))])
    axes.tick_params(left=False, bottom=False)
    axes.set_xlabel("after the German word")
    return figure
