"""The few plots of data that the chapters share, in the language of `lib.book.figures.style`."""

import matplotlib
import numpy as np

from lib.book.figures import style


@matplotlib.rc_context(style.RC)
def loss_curves(histories, ylabel="loss", baseline=None):
    """The loss after every epoch or update, one line a network.

    histories  {name: sequence of losses}, at most five names; a name's losses may also be an array
               (seeds, epochs), drawn as in `lines_with_spread`
    baseline   None, or (name, loss) of what the networks must beat: a level line
    """
    style.looks("histories", histories)
    runs = {name: np.atleast_2d(losses) for name, losses in histories.items()}
    epochs = np.arange(1, max(losses.shape[1] for losses in runs.values()) + 1)
    figure = lines_with_spread(epochs, runs, "epoch", ylabel)
    (axes,) = figure.axes
    axes.xaxis.get_major_locator().set_params(integer=True)
    if baseline is not None:
        name, level = baseline
        axes.axhline(level, color=style.INK, linestyle=(0, (1, 2)), label=name)
        legend_above(axes, len(runs) + 1)
    return figure


@matplotlib.rc_context(style.RC)
def lines_with_spread(x, runs, xlabel, ylabel, logx=False, logy=False):
    """The middle of several seeds as a thick line, each seed as a thin line behind it.

    x     (points,)
    runs  {name: (seeds, points)}, at most five names; fewer points than x where a line ends early

    The middle is the mean, or the geometric mean where the axis is logarithmic: it stands as far
    from twice as much as from half, as the eye takes it there, and one seed cannot lift it alone.

    Raises ValueError for a value below zero on a logarithmic axis.
    """
    figure, axes = blank()
    looks = style.looks("runs", runs)
    for (name, values), look in zip(runs.items(), looks, strict=True):
        values = np.atleast_2d(values)
        along = np.asarray(x)[: values.shape[1]]
        axes.plot(along, middle(name, values, logy), label=name, **look)
        if len(values) > 1:
            axes.plot(along, values.T, alpha=0.4, linewidth=0.7, **look)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.set_xscale("log" if logx else "linear")
    axes.set_yscale("log" if logy else "linear")
    if len(runs) > 1:
        legend_above(axes, len(runs))
    return figure


def middle(name, values, logarithmic):
    """The mean over the first axis of `values`, the geometric one where that is wanted."""
    if not logarithmic or len(values) == 1:
        return values.mean(axis=0)
    if (values < 0).any():
        raise ValueError(
            f"runs[{name!r}]: expected no value below zero on a logarithmic axis, got"
            f" {values.min():.3g}"
        )
    with np.errstate(divide="ignore"):  # a zero makes a zero, which such an axis leaves out
        return np.exp(np.log(values).mean(axis=0))


@matplotlib.rc_context(style.RC)
def bars_with_spread(groups, ylabel, baseline=None):
    """The mean of several seeds as a bar, each seed as a dot on it.

    groups    {name: sequence of values, one a seed}
    baseline  None, or (name, value): a level line
    """
    figure, axes = blank()
    for k, values in enumerate(groups.values()):
        axes.bar(k, np.mean(values), width=0.6, color=style.ROLES["x"].fill, edgecolor=style.INK)
        spread = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else [0]
        axes.plot(k + np.asarray(spread), values, "o", color=style.INK, markersize=4)
    axes.set_xticks(range(len(groups)), list(groups))
    axes.set_ylabel(ylabel)
    axes.grid(axis="x", visible=False)
    if baseline is not None:
        name, level = baseline
        axes.axhline(level, color=style.ROLES["y"].line, linestyle="--", label=name)
        legend_above(axes, 1)
    return figure


@matplotlib.rc_context(style.RC)
def series_forecast(times, truth, forecasts, ylabel, xlabel="year"):
    """A series and what was forecast of it, over the same times.

    times      (points,)
    truth      (points,)
    forecasts  {name: (points,)}
    """
    figure, axes = blank()
    axes.plot(times, truth, color=style.INK, linestyle="-", linewidth=style.THIN, label="measured")
    looks = style.looks("forecasts", forecasts)
    for (name, values), look in zip(forecasts.items(), looks, strict=True):
        axes.plot(times, values, label=name, **look)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    legend_above(axes, 1 + len(forecasts))
    return figure


@matplotlib.rc_context(style.RC)
def heat_map(values, rows, xlabel="time step", label="", low=None, high=None):
    """Values over time as colours, one row a unit or a gate.

    values     (rows, steps)
    rows       the name of every row
    low, high  the ends of the colour scale. If low = -high the scale diverges from zero, otherwise
               it runs from dark to light, and keeps its order in grey
    """
    values = np.asarray(values)
    low = values.min() if low is None else low
    high = values.max() if high is None else high
    figure = style.empty(5.2, 0.9 + 0.3 * len(rows))
    axes = figure.add_subplot()
    image = paint(axes, values, low, high)
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xlabel(xlabel)
    figure.colorbar(image, ax=axes, label=label)
    return figure


@matplotlib.rc_context(style.RC)
def heat_maps(panels, xlabel="time step", mark=None):
    """Several heat maps over the same steps, one above the other.

    panels  {name: (rows, steps)}; values within 0 and 1 (gates) get a scale from 0 to 1, others one
            that diverges from zero
    mark    None or time steps to point out by a tick above each panel
    """
    panels = {name: np.atleast_2d(values) for name, values in panels.items()}
    heights = [len(values) for values in panels.values()]
    figure = style.empty(5.2, 0.6 + sum(0.34 + 0.17 * height for height in heights))
    all_axes = figure.subplots(
        len(panels), 1, sharex=True, squeeze=False, height_ratios=[1 + height for height in heights]
    )[:, 0]
    for axes, (name, values) in zip(all_axes, panels.items(), strict=True):
        within = values.min() >= 0 and values.max() <= 1
        high = 1 if within else np.abs(values).max()
        image = paint(axes, values, 0 if within else -high, high)
        if mark is not None:  # above the panel, where they cover no value
            above = axes.secondary_xaxis("top")
            above.set_xticks(mark, [])
            above.tick_params(length=5, width=1.4, color=style.INK)
        axes.set_yticks([])
        axes.set_ylabel(name, rotation=0, ha="right", va="center")
        figure.colorbar(image, ax=axes, aspect=6, pad=0.02)
    all_axes[-1].set_xlabel(xlabel)
    return figure


def paint(axes, values, low, high):
    """`values` as coloured squares, on a scale that diverges from zero where low = -high."""
    axes.grid(visible=False)
    axes.xaxis.get_major_locator().set_params(integer=True)  # columns are steps
    colours = style.DIVERGING if low == -high else style.SEQUENCE
    return axes.imshow(
        values, aspect="auto", cmap=colours, vmin=low, vmax=high, interpolation="nearest"
    )


def blank():
    """An empty figure with one set of axes: (figure, axes)."""
    figure = style.empty()
    return figure, figure.add_subplot()


def legend_above(axes, entries):
    """The legend above the plot, where it covers no data, in as many columns as fit, at most 3."""
    room = axes.figure.bbox.width - axes.bbox.x0
    for columns in range(min(entries, 3), 0, -1):
        legend = axes.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=columns,
            borderaxespad=0.2,
            columnspacing=1.2,
            handlelength=2.2,
        )
        if legend.get_window_extent().width <= room:
            return
