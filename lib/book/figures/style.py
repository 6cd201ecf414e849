"""One visual language for every diagram and plot of the book.

The hues are those of Okabe and Ito (2008, https://jfly.uni-koeln.de/color/), which stay apart for
colour-blind readers; lines in blue and in purple are a shade darker, to stay apart from green too.
Each hue has one meaning, and a second sign tells it without colour:

    role    hue               second sign
    x       blue              square plate
    y       vermilion         round plate
    h       bluish green      thin line
    c       reddish purple    thick line
    gate    orange            box with sharp corners that reads σ
    layer   sky blue          box with sharp corners that reads tanh
    cell    very light grey   large box with round corners
    op      white             circle or ellipse
    muted   grey              thinner line

Text is dark on light, at a contrast of 4.5 or more (WCAG 2.2, 1.4.3). The background is opaque
white, so that a picture reads the same on a dark page and on paper.
"""

import sys
from collections.abc import Collection
from os import PathLike
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine


class Role(NamedTuple):
    """How one kind of thing looks: its line, the inside of its box, the text in or beside it."""

    line: str
    fill: str
    text: str


INK = "#1A1A1A"
PAPER = "#FFFFFF"
GREY = "#666666"

ROLES = {
    "x": Role("#0064A6", "#D6EAF5", INK),
    "y": Role("#D55E00", "#FBE3D2", INK),
    "h": Role("#009E73", "#D3EFE6", INK),
    "c": Role("#8F3A6A", "#F5E4EE", INK),
    "gate": Role(INK, "#F0B94D", INK),
    "layer": Role(INK, "#8CCBF0", INK),
    "cell": Role("#4D4D4D", "#F6F6F6", INK),
    "op": Role(INK, PAPER, INK),
    "muted": Role("#ABABAB", "#F6F6F6", GREY),
}

LINE_WIDTH = 1.6
THICK = 3.4
THIN = 1.0
TEXT_SIZE = 13
SMALL = 10.5

SEQUENCE = "cividis"
DIVERGING = "RdBu_r"

RC = {
    "figure.facecolor": PAPER,
    "figure.figsize": (5.2, 3.2),
    "figure.constrained_layout.use": True,
    "savefig.facecolor": PAPER,
    "savefig.transparent": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "recurrent-neural-networks-unrolled",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "mathtext.fontset": "dejavusans",
    "text.color": INK,
    "axes.facecolor": PAPER,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=[*(ROLES[role].line for role in "xyhc"), INK])
    + cycler(linestyle=["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))]),
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.8,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "image.cmap": SEQUENCE,
}

SAVE = {"bbox_inches": None, "metadata": {"Date": None}}


class SteadyLayout(ConstrainedLayoutEngine):
    """Matplotlib's layout to a billionth of the sheet.

    The last bits of its solver change from run to run, and SVG names what it clips by all bits.
    """

    def execute(self, fig: Figure) -> None:
        """Place the axes of `fig`."""
        super().execute(fig)
        for axes in fig.axes:
            place = axes.get_position(original=True)
            axes.set_position(np.round(place.bounds, 9), which="original")
            axes.set_in_layout(True)  # set_position takes them out of it


def empty(width: float = 5.2, height: float = 3.2) -> Figure:
    """An empty figure for plots, in inches, whose axes make room for their texts."""
    return Figure(figsize=(width, height), layout=SteadyLayout())


def looks(argument: str, names: Collection[str]) -> list[dict]:
    """The colour and the dashes of each name, for lines that are told apart without colour too.

    Raises ValueError, which names the `argument`, for more names than there are looks.
    """
    found = list(RC["axes.prop_cycle"])
    if len(names) > len(found):
        raise ValueError(
            f"{argument}: expected at most {len(found)} names, as many as there are looks, got "
            f"{len(names)}"
        )
    return found[: len(names)]


def described(figure: Figure, **numbers: Any) -> Figure:
    """The figure, which now tells `numbers` to its alt text and its caption.

    A cell that ends in

        described(plots.loss_curves(losses), last=losses["LSTM"][-1], seeds=len(losses["LSTM"]))

    may say `The loss falls to {last:.2f}, the mean of {seeds} seeds` in both: the page shows what
    the cell has computed, in Python's format. An array is told as a list: `{last[0]:.2f}`.

    Raises TypeError where a value is neither a number nor a text, nor an array or a list of such.
    """
    told = {name: np.asarray(value) for name, value in numbers.items()}
    for name, value in told.items():
        if value.dtype.kind not in "fiuU":
            raise TypeError(f"{name}: expected numbers or texts, got dtype {value.dtype}")
    figure.numbers = {name: value.tolist() for name, value in told.items()}
    return figure


def _numbers(figure: Figure, **_: Any) -> tuple[dict, dict]:
    """What a notebook keeps beside the picture: for the alt text, see _ext/alt_text.py."""
    numbers = getattr(figure, "numbers", {})
    return {}, {"numbers": numbers} if numbers else {}


def use() -> None:
    """Set the style for this process; in a notebook also show figures as SVG of their own size."""
    matplotlib.rcParams.update(RC)
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats
        from matplotlib_inline.config import InlineBackend

        backend = InlineBackend.instance(parent=shell)
        backend.figure_formats = {"svg"}
        backend.print_figure_kwargs = SAVE
        set_matplotlib_formats("svg")
        shell.display_formatter.mimebundle_formatter.for_type(Figure, _numbers)


def save(figure: Figure, path: str | PathLike) -> None:
    """Write `figure` to `path` as SVG: the same drawing gives the same bytes."""
    with matplotlib.rc_context(RC):
        figure.savefig(path, format="svg", **SAVE)
