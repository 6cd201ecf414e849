"""A small kit to draw networks with: plates, boxes, operators, wires and labels on one sheet.

All lengths are inches, and every position is the centre of the thing. A sheet may single out parts:
whatever belongs to a part that is not highlighted is drawn thin and grey.
"""

from typing import NamedTuple

import matplotlib
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.patches import Circle, Ellipse, FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path

from lib.book.figures import style
from lib.checks import count


class Node(NamedTuple):
    """Where a drawn thing is, with the middle of each of its sides."""

    x: float
    y: float
    width: float
    height: float

    @property
    def left(self):
        return self.x - self.width / 2, self.y

    @property
    def right(self):
        return self.x + self.width / 2, self.y

    @property
    def top(self):
        return self.x, self.y + self.height / 2

    @property
    def bottom(self):
        return self.x, self.y - self.height / 2


class Sheet:
    """An empty sheet of `width` by `height` inches on which only `highlight` has colour.

    `highlight` is None (everything has colour), a part, or several parts. A thing belongs to one
    part or to several, and has colour where one of them is highlighted.
    """

    def __init__(self, width, height, highlight=None):
        self.highlight = None if highlight is None else set(several(highlight))
        with matplotlib.rc_context(style.RC):
            self.figure = Figure(
                figsize=(width, height), layout=PlaceHolderLayoutEngine(True, True)
            )
            self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(0, height))
        self.axes.set_axis_off()

    def muted(self, part):
        """Whether what belongs to `part` is drawn without colour."""
        return self.highlight is not None and self.highlight.isdisjoint(several(part))

    def look(self, role, part):
        """The colours and the line width of `role`, or those of muted things."""
        if role == "muted" or self.muted(part):
            return style.ROLES["muted"], style.THIN
        return style.ROLES[role], style.LINE_WIDTH

    def plate(self, x, y, text, role, part=None):
        """A signal that enters or leaves: square for an input, round for all others."""
        width, height = 0.58, 0.4
        corner = 0.02 if role == "x" else height / 2
        return self._box(x, y, width, height, text, role, part, corner)

    def layer(self, x, y, text, role, part=None, width=0.62, height=0.42):
        """A fully connected layer: sharp corners."""
        return self._box(x, y, width, height, text, role, part, 0)

    def cell(self, x, y, width, height, text="", role="cell", part=None):
        """The outline of a cell, a layer of cells or a network: round corners."""
        return self._box(x, y, width, height, text, role, part, 0.12, zorder=1)

    def operator(self, x, y, text, part=None, width=0.3):
        """An elementwise operation, without weights: a circle, or an ellipse for a longer name."""
        role, line_width = self.look("op", part)
        shape = Ellipse((x, y), width, 0.3, fc=role.fill, ec=role.line, lw=line_width, zorder=4)
        self.axes.add_patch(shape)
        size = style.TEXT_SIZE if len(text) == 1 else style.SMALL
        self._text(x, y, text, role.text, size)
        return Node(x, y, width, 0.3)

    def circle(self, x, y, diameter, part=None):
        """One unit of a layer."""
        role, line_width = self.look("op", part)
        self.axes.add_patch(
            Circle((x, y), diameter / 2, fc=role.fill, ec=role.line, lw=line_width, zorder=4)
        )

    def wire(self, *points, role="cell", part=None, head=True, over=None, dashed=False):
        """A line through `points`, corners rounded.

        Where it crosses a line drawn before, `over` leaves a gap in that line: it names the ground
        that shows there, "cell" or "paper".
        """
        look, line_width = self.look(role, part)
        if role == "c" and not dashed and not self.muted(part):
            line_width = style.THICK
        path, level = rounded(points), 1.9 if self.muted(part) else 2
        if over:
            self.axes.add_patch(
                FancyArrowPatch(
                    path=path,
                    arrowstyle="-",
                    lw=line_width + 5,
                    ec=style.ROLES["cell"].fill if over == "cell" else style.PAPER,
                    zorder=level,
                )
            )
        self.axes.add_patch(
            FancyArrowPatch(
                path=path,
                arrowstyle="-|>,head_length=0.55,head_width=0.28" if head else "-",
                mutation_scale=12 if line_width < style.THICK else 16,
                lw=line_width,
                ec=look.line,
                fc=look.line,
                ls=(0, (3, 2)) if dashed else "-",
                joinstyle="miter",
                capstyle="butt",
                zorder=level,
            )
        )

    def rail(self, start, taps, role, over=None):
        """A line through the points of `start` that branches to several ends.

        It runs level from the last point of `start` and turns up or down under each end. `taps`
        holds an (end, part) pair for each; a stretch of the line belongs to every part it feeds.
        """
        line = list(start)
        for k, (end, part) in enumerate(taps):
            corner = end[0], line[-1][1]
            if corner != line[-1]:
                line.append(corner)
            if k == len(taps) - 1:
                self.wire(*line, end, role=role, part=part, over=over)
            else:
                fed = sum((several(part) for _, part in taps[k:]), ())
                self.wire(*line, role=role, part=fed, head=False)
                self.dot(*corner, role, fed)
                self.wire(corner, end, role=role, part=part, over=over)
            line = [corner]

    def dot(self, x, y, role="cell", part=None):
        """A joint: here one line becomes two that carry the same signal."""
        look, line_width = self.look(role, part)
        self.axes.add_patch(
            Circle((x, y), 0.022 * line_width + 0.015, fc=look.line, lw=0, zorder=3)
        )

    def label(
        self, x, y, text, role="op", part=None, size=style.TEXT_SIZE, ha="center", va="center"
    ):
        """Words or a symbol beside what they name."""
        look, _ = self.look(role, part)
        self._text(x, y, text, look.text, size, ha, va)

    def time_axis(self, start, end, y):
        """An arrow along which time runs."""
        self.wire((start, y), (end, y), role="muted")
        self.label(start, y + 0.13, "time", role="muted", size=style.SMALL, ha="left")

    def _box(self, x, y, width, height, text, role, part, corner, zorder=4):
        look, line_width = self.look(role, part)
        place, size = (x - width / 2, y - height / 2), (width, height)
        if corner:
            shape = FancyBboxPatch(place, *size, boxstyle=f"round,pad=0,rounding_size={corner}")
        else:
            shape = Rectangle(place, *size)
        shape.set(fc=look.fill, ec=look.line, lw=line_width, zorder=zorder)
        self.axes.add_patch(shape)
        if text:
            self._text(x, y, text, look.text, style.TEXT_SIZE)
        return Node(x, y, width, height)

    def _text(self, x, y, text, colour, size, ha="center", va="center"):
        with matplotlib.rc_context(style.RC):
            self.axes.text(x, y, text, color=colour, fontsize=size, ha=ha, va=va, zorder=5)


def rounded(points, radius=0.1):
    """The path through `points` with a rounded corner at every inner point."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        vertices += [_towards(corner, before, radius), corner, _towards(corner, after, radius)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])


def _towards(start, end, distance):
    dx, dy = end[0] - start[0], end[1] - start[1]
    share = min(0.5, distance / (dx**2 + dy**2) ** 0.5)
    return start[0] + share * dx, start[1] + share * dy


def several(value):
    """`value` as a tuple: a single part becomes a tuple of one."""
    return tuple(value) if isinstance(value, tuple | list | set | range) else (value,)


def check_highlight(highlight, parts):
    """Raise ValueError where `highlight` is neither None nor made of `parts`."""
    for part in () if highlight is None else several(highlight):
        if part not in parts:
            names = ", ".join(repr(name) for name in parts)
            raise ValueError(f"highlight: expected None or some of {names}, got {part!r}")


def check_steps(steps, highlight=None, upto=None):
    """The steps to draw, 0 to `upto`; ValueError where `highlight` or `upto` is no such step."""
    check_highlight(highlight, range(count("steps", steps)))
    if upto is None:
        return range(steps)
    if upto not in range(steps):
        raise ValueError(f"upto: expected None or a step from 0 to {steps - 1}, got {upto!r}")
    return range(upto + 1)


def at(symbol, step, bold=True):
    """The label of `symbol` at a time step, as the equations write it."""
    return rf"$\mathbf{{{symbol}}}_{{({step})}}$" if bold else rf"${symbol}_{{({step})}}$"
