"""Plots of the chapter that measures memory: what is left of a gradient, which words a verdict
hangs on, how soon and how far cells learn."""

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
def verdict(words, found):
    """A bar for each word, the first on top: to the right what speaks in favour, to the left and
    hollow what speaks against.

    words  of a sentence
    found  {cell: (the verdict, (words,))}
    """
    figure = style.empty(7.2, 0.9 + 0.3 * len(words))
    every_axes = figure.subplots(1, len(found), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (name, (y, effects)) in zip(every_axes, found.items(), strict=True):
        line = style.ROLES["x"].line
        inside = [line if effect > 0 else style.PAPER for effect in effects]
        axes.barh(range(len(words)), effects, 0.6, color=inside, edgecolor=line)
        axes.axvline(0, color=style.GREY, linewidth=1)
        axes.set(title=f"{name}: {y:.2f}", xlabel="gradient · vector")
        axes.margins(x=0.1)
        axes.grid(axis="y", visible=False)
    every_axes[0].set_yticks(range(len(words)), words)
    every_axes[0].invert_yaxis()
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


def packed(runs, lags):
    """The sweep in a few kilobytes, for the figure to turn: a digit for each seed, the place of its
    longest lag in `lags`, 0 for none.

    runs     the table of the sweep, see `lib.book.experiments.sweeps.read`
    lags     those of the sweep, in rising order
    returns  {"lags", "cells", "reported": {task: {start: {cell: digits}}},
             "tuning": {task: {start: {cell: {rate: digits}}}}}
    """
    place = {lag: str(k) for k, lag in enumerate((0, *lags))}
    found = {"lags": [*lags], "cells": [*dict.fromkeys(runs["cell"])], "reported": {}, "tuning": {}}
    spans = (runs["lag"] * runs["learned"]).groupby(
        [runs[name] for name in ("part", "task", "start", "cell", "rate", "seed")], sort=False
    )
    for (part, task, start, cell, rate, _), span in spans.max().items():
        by_cell = found[part].setdefault(task, {}).setdefault(start, {})
        if part == "reported":
            by_cell[cell] = by_cell.get(cell, "") + place[span]
        else:
            by_rate = by_cell.setdefault(cell, {})
            by_rate[f"{rate:g}"] = by_rate.get(f"{rate:g}", "") + place[span]
    return found
