"""Checkers of the exercises of the chapter on the short-term memory problem."""

from collections.abc import Callable

import numpy as np

from lib.book.exercises.feedback import checker, compare
from lib.cells import SimpleCell
from lib.cells.activations import identity
from lib.cells.initialisers import orthogonal
from lib.gradients import norms_over_lag, state_jacobians


def clipped(gradient, norm):
    length = np.sqrt(sum(np.sum(d**2) for d in gradient.values()))
    return {name: d * min(1, norm / length) for name, d in gradient.items()}


@checker
def check_clipped(answer: Callable) -> None:
    """Clipping as a whole: answer(gradient, norm) -> a new dict of arrays like gradient."""

    def case(seed, part):
        rng = np.random.default_rng(seed)
        gradient = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=3)}
        return gradient, part * np.sqrt(sum(np.sum(d**2) for d in gradient.values()))

    compare(
        answer,
        clipped,
        {
            "a gradient longer than the norm": case(1, 0.5),
            "one that is much longer": case(2, 0.01),
            "one that is shorter": case(3, 2.0),
        },
        {
            "Each array is clipped by its own length; the length is that of all of them "
            "together, so that the direction stays.": "norm / length -> norm / np.linalg.norm(d)",
            "The numbers are cut off one by one, which turns the gradient; shrink all of "
            "them by the same factor.": "d * min(1, norm / length) -> np.clip(d, -norm, norm)",
            "A gradient shorter than the norm is stretched; it must stay as it is.": (
                "min(1, norm / length) -> (norm / length)"
            ),
            "Nothing is clipped.": "d * min(1, norm / length) -> d",
        },
        keeps=True,
    )


def horizon(jacobians, share):
    return np.flatnonzero(norms_over_lag(jacobians) >= share)[-1]


@checker
def check_horizon(answer: Callable) -> None:
    """The memory horizon of some cells: answer(cell, inputs, share) -> int.

    The linear cell keeps its state nearly whole. The turning one stretches some states and then
    loses them: its norms dip below the share and return.
    """

    def jacobians(cell, inputs, share):
        return state_jacobians(cell, inputs), share

    rng = np.random.default_rng(2)
    inputs, W_x = rng.choice([-1.0, 1.0], (30, 2)), rng.normal(size=(6, 2))
    fast = orthogonal(rng, 6, 6)
    slow = 0.97 * fast
    turning = 0.95 * np.array([[np.cos(0.5), -4 * np.sin(0.5)], [np.sin(0.5) / 4, np.cos(0.5)]])
    compare(
        answer,
        horizon,
        {
            "a cell that forgets fast": (SimpleCell(W_x, fast, np.zeros(6)), inputs, 0.02),
            "a simple cell": (SimpleCell.from_seed(2, 8, seed=4), inputs, 0.3),
            "a cell that forgets slowly": (
                SimpleCell(W_x, slow, np.zeros(6), identity),
                inputs,
                0.3,
            ),
            "norms that come back": (
                SimpleCell(np.zeros((2, 2)), turning, np.zeros(2)),
                inputs,
                1.0,
            ),
            "a share of 1": (SimpleCell.from_seed(2, 6, seed=7), inputs[:5], 1.0),
        },
        {
            "One too many: this is the first lag below the share; the horizon is the last one "
            "above it.": "[-1] -> [-1] + 1",
            "One too few: the first of the norms belongs to lag 0, so an index is a lag "
            "as it is.": "[-1] -> [-1] - 1",
            "These are the norms of the single Jacobians; what counts is the norm of their "
            "product.": lambda J, share: np.sum(np.linalg.norm(J, 2, axis=(1, 2)) >= share),
            "The product of the norms is only an upper bound; multiply the matrices first, then "
            "take the norm.": lambda J, share: np.sum(
                np.cumprod(np.linalg.norm(J[::-1], 2, axis=(1, 2))) >= share
            ),
            "This looks forward from the first step; the horizon looks back from the "
            "last.": lambda J, share: np.flatnonzero(_forward(J) >= share)[-1],
        },
        given=jacobians,
    )


def _forward(jacobians):
    """The norm of ds(k)/ds(0) for k = 0 ..., with the product grown from the other end."""
    product, norms = np.eye(jacobians.shape[-1]), [1.0]
    for J in jacobians:
        product = J @ product
        norms.append(np.linalg.norm(product, 2))
    return np.array(norms)
