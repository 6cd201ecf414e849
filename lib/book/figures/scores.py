"""Plots of how well probabilities fit: histograms and reliability curves."""

import matplotlib
import numpy as np

from lib.book.figures import style
from lib.book.figures.plots import blank, legend_above


@matplotlib.rc_context(style.RC)
def histograms(groups, edges, xlabel, ylabel):
    """How the values of several groups are spread, as stepped outlines over the same bins.

    groups  {name: values}
    edges   of the bins, (bins + 1,)
    """
    figure, axes = blank()
    looks = style.looks("groups", groups)
    for (name, values), look in zip(groups.items(), looks, strict=True):
        counts, _ = np.histogram(values, edges)
        axes.stairs(counts, edges, label=name, linewidth=style.LINE_WIDTH, **look)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_ylim(bottom=0)
    legend_above(axes, len(groups))
    return figure


@matplotlib.rc_context(style.RC)
def reliability(curves):
    """How often it was so, against the probability that was given. The diagonal is perfect.

    curves  {name: (mean probability of a bin, share of positives in it)}
    """
    figure, axes = blank()
    axes.plot([0, 1], [0, 1], color=style.GREY, linestyle="-", linewidth=style.THIN)
    looks = style.looks("curves", curves)
    named = zip(curves.items(), looks, "os^Dv"[: len(looks)], strict=True)
    for (name, (given, found)), look, marker in named:
        axes.plot(given, found, label=name, marker=marker, markersize=4.5, **look)
    axes.set(
        xlim=(0, 1),
        ylim=(0, 1),
        xlabel="probability of a positive review",
        ylabel="share of positive reviews",
    )
    legend_above(axes, len(curves))
    return figure
