"""The plots of scores draw what they are given."""

import numpy as np
import pytest

from lib.book.figures import plots, scores


def test_histograms_have_an_outline_a_group():
    groups = {"one": [1, 1, 5], "other": [5, 5, 5, 9]}
    figure = scores.histograms(groups, [0, 3, 6], "value", "count")
    (axes,) = figure.axes
    assert [patch.get_data().values.tolist() for patch in axes.patches] == [[2, 1], [0, 3]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["one", "other"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("value", "count")


def test_reliability_has_the_diagonal_and_a_curve_a_model():
    given, found = np.array([0.1, 0.6]), np.array([0.2, 0.9])
    (axes,) = scores.reliability({"model": (given, found)}).axes
    diagonal, curve = axes.lines
    assert np.array_equal(diagonal.get_xdata(), diagonal.get_ydata())
    assert curve.get_xdata().tolist() == given.tolist()
    assert curve.get_ydata().tolist() == found.tolist()
    assert curve.get_marker() == "o"


def test_legend_with_long_names_lies_inside_the_figure():
    names = ("words", "GRU on pretrained words", "both of them, at their temperature")
    figure = scores.reliability({name: ([0.1, 0.9], [0.2, 0.8]) for name in names})
    figure.draw_without_rendering()
    legend = figure.axes[0].get_legend().get_window_extent()
    assert 0 <= legend.x0 < legend.x1 <= figure.bbox.width


NAMED = {
    "runs": lambda names: plots.lines_with_spread([1, 2], dict.fromkeys(names, (1, 2)), "x", "y"),
    "histories": lambda names: plots.loss_curves(dict.fromkeys(names, (1, 2))),
    "forecasts": lambda names: plots.series_forecast(
        [1, 2], [1, 2], dict.fromkeys(names, (1, 2)), "y"
    ),
    "groups": lambda names: scores.histograms(dict.fromkeys(names, (1, 2)), [0, 3], "x", "y"),
    "curves": lambda names: scores.reliability(dict.fromkeys(names, ([0.1], [0.2]))),
}


@pytest.mark.parametrize("argument", NAMED)
def test_every_name_is_drawn_or_refused(argument):
    """There are five looks that nobody confuses: a sixth name would be left out or look twice."""
    legend = NAMED[argument]("abcde").axes[0].get_legend()
    assert {text.get_text() for text in legend.get_texts()} >= set("abcde")
    expected = f"{argument}: expected at most 5 names, as many as there are looks, got 7"
    with pytest.raises(ValueError, match=expected):
        NAMED[argument]("abcdefg")


@pytest.mark.parametrize("logy", [False, True])
def test_the_thick_line_is_the_middle_as_the_axis_has_it(logy):
    """Geometric where the axis is logarithmic: among 1, 1 and 1000 an arithmetic mean is 334."""
    values = np.array([[1.0, 2.0], [1.0, 2.0], [1000.0, 2.0]])
    (axes,) = plots.lines_with_spread([1, 2], {"a": values}, "x", "y", logy=logy).axes
    thick, *thin = axes.lines
    expected = [10.0, 2.0] if logy else [334.0, 2.0]
    np.testing.assert_allclose(thick.get_ydata(), expected)
    assert thick.get_linewidth() > max(line.get_linewidth() for line in thin)
    assert [line.get_ydata().tolist() for line in thin] == values.tolist()


def test_a_logarithmic_axis_leaves_a_zero_out_and_refuses_what_is_below():
    (axes,) = plots.lines_with_spread([1, 2], {"a": [[1.0, 0], [4, 1]]}, "x", "y", logy=True).axes
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [2, 0])
    with pytest.raises(ValueError, match=r"runs\['a'\]: expected no value below zero on a log"):
        plots.lines_with_spread([1, 2], {"a": [[1.0, -1], [4, 1]]}, "x", "y", logy=True)
