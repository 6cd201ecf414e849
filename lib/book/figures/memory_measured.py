"""Plots of the chapter that measures memory: what is left of a gradient, how soon and how far cells
learn."""

import matplotlib
import numpy as np

from lib.book.figures import style

SHORT = {"GRU, reset after": "reset after"}


@matplotlib.rc_context(style.RC)
def norms(panels):
    """Norms of products of Jacobians over the lag, on a logarithmic axis: the median of the seeds
    as a line, each seed as a thin line behind it.

    panels  {title: {name: (seeds, lags)}}, the same names in each
    """
    figure = style.empty(7.6, 3.3)
    every_axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, runs) in zip(every_axes, panels.items(), strict=True):
        for (name, values), look in zip(runs.items(), style.looks("runs", runs), strict=True):
            axes.plot(np.median(values, axis=0), label=name, **look)
            axes.plot(np.transpose(values), alpha=0.3, linewidth=0.5, **look)
        axes.set(xlabel="lag in steps", title=title, yscale="log")
    every_axes[0].set_ylabel("norm")
    lines, names = every_axes[0].get_legend_handles_labels()
    figure.legend(lines, names, loc="outside upper center", ncols=len(names))
    return figure


@matplotlib.rc_context(style.RC)
def race(tasks, budget):
    """Updates until a task is learned: a dot per seed, a bar at the median, and above all of them
    the runs that did not learn it.

    tasks   {task: {cell: (seeds,)}}, with infinity for "not within the budget"
    budget  of updates
    """
    figure = style.empty(7.2, 3.3)
    every_axes = figure.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
    for axes, (task, cells) in zip(every_axes, tasks.items(), strict=True):
        _dots(axes, {cell: np.minimum(found, 1.25 * budget) for cell, found in cells.items()})
        axes.set(title=task)
        steps = range(0, budget + 1, 100)
        axes.set_yticks([*steps, 1.25 * budget], [*steps, "not"])
        axes.set_ylim(0, 1.33 * budget)
    every_axes[0].set_ylabel("updates until learned")
    return figure


@matplotlib.rc_context(style.RC)
def spans(grid, lags):
    """The longest lag learned, on a logarithmic axis: a dot per seed, a bar at the median; rows are
    starts and columns are tasks.

    grid  {start: {task: {cell: (seeds,)}}}, with 0 for "not even the first lag"
    lags  that were tried, in rising order
    """
    tasks = list(next(iter(grid.values())))
    figure = style.empty(7.6, 1.1 + 2.1 * len(grid))
    rows = figure.subplots(len(grid), len(tasks), sharex="col", sharey=True, squeeze=False)
    lowest = lags[0] / 2  # where a seed stands that did not learn the first lag
    for row, (start, by_task) in zip(rows, grid.items(), strict=True):
        row[0].set_ylabel(f"{start}\nlag")
        for axes, (task, cells) in zip(row, by_task.items(), strict=True):
            _dots(axes, {cell: np.maximum(found, lowest) for cell, found in cells.items()})
            axes.set_yscale("log")
            axes.set_yticks([lowest, *lags], ["none", *lags])
            axes.minorticks_off()
            if row is rows[0]:
                axes.set_title(task)
    return figure


def _dots(axes, cells):
    """Each seed as a dot, side by side so that none hides another, and the median as a bar."""
    for k, (found, look) in enumerate(
        zip(cells.values(), style.looks("cells", cells), strict=True)
    ):
        found = np.asarray(found)
        places = k + np.linspace(-0.25, 0.25, len(found))
        axes.plot(places, found, "o", markersize=4, color=look["color"])
        axes.hlines(np.median(found), k - 0.35, k + 0.35, color=style.INK, linewidth=1)
    names = [SHORT.get(name, name) for name in cells]
    axes.set_xticks(range(len(cells)), names, rotation=35, ha="right", rotation_mode="anchor")
    axes.grid(axis="x", visible=False)
