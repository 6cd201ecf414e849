"""Checkers of the exercises of the chapter on the short-term memory problem."""

import numpy as np

from lib.book.exercises.feedback import NotYet, judge
from lib.book.experiments import memory
from lib.cells import GRUCell, LSTMCell, SimpleCell
from lib.gradients import norms_over_lag, state_jacobians


def check_clipped(answer):
    """Clipping as a whole: answer(gradient, norm) -> a new dict of arrays like gradient."""
    rng = np.random.default_rng(1)
    gradient = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=3)}
    length = np.sqrt(sum(np.sum(d**2) for d in gradient.values()))
    norms = (0.5 * length, 2 * length)

    kept = {name: d.copy() for name, d in gradient.items()}
    results = [answer(gradient, norm) for norm in norms]
    if any(result is None for result in results):
        raise NotYet("Your function gave back nothing (None): does it end with `return`?")
    if any(not np.array_equal(gradient[name], kept[name]) for name in kept):
        raise NotYet("Your function changes the arrays that it was given; make new ones.")

    def each(rule):
        return _flat({name: rule(d, norm) for name, d in gradient.items()} for norm in norms)

    judge(
        _flat(results),
        each(lambda d, norm: d * min(1, norm / length)),
        {
            "Each array is clipped by its own length; the length is that of all of them "
            "together, so that the direction stays.": each(
                lambda d, norm: d * min(1, norm / np.linalg.norm(d))
            ),
            "The numbers are cut off one by one, which turns the gradient; shrink all of "
            "them by the same factor.": each(lambda d, norm: np.clip(d, -norm, norm)),
            "A gradient shorter than the norm is stretched; it must stay as it is.": each(
                lambda d, norm: d * norm / length
            ),
            "Nothing is clipped.": each(lambda d, norm: d),
        },
    )


def check_horizon(answer):
    """The memory horizon of trained and fresh cells: answer(cell, inputs, share) -> int.

    The last of the four is an LSTM that has just learned to recall a symbol.
    """
    rng = np.random.default_rng(2)
    net = memory.network("LSTM", seed=3)
    memory.train(net, "recall", lag=10, seed=3)
    cells = [
        SimpleCell.from_seed(2, 8, seed=4),
        GRUCell.from_seed(2, 6, seed=5),
        LSTMCell.from_seed(2, 6, seed=6),
        net.cell,
    ]
    shares = (0.3, 0.02, 0.05, 0.05)
    sequences = [rng.choice([-1.0, 1.0], (30, 2)) for _ in cells]

    expected, mistakes = [], {message: [] for message in HORIZON_MISTAKES}
    for cell, inputs, share in zip(cells, sequences, shares, strict=True):
        jacobians = state_jacobians(cell, inputs)
        expected.append(np.flatnonzero(norms_over_lag(jacobians) >= share)[-1])
        for message, mistake in HORIZON_MISTAKES.items():
            mistakes[message].append(mistake(jacobians, share))
    judge(
        [answer(*given) for given in zip(cells, sequences, shares, strict=True)],
        expected,
        mistakes,
    )


HORIZON_MISTAKES = {
    "One too many: this is the first lag below the share; the horizon is the last one above "
    "it.": lambda J, share: np.flatnonzero(norms_over_lag(J) >= share)[-1] + 1,
    "One too few: the first of the norms belongs to lag 0, so an index is a lag "
    "as it is.": lambda J, share: np.flatnonzero(norms_over_lag(J) >= share)[-1] - 1,
    "These are the norms of the single Jacobians; what counts is the norm of their "
    "product.": lambda J, share: int(np.sum(np.linalg.norm(J, 2, axis=(1, 2)) >= share)),
    "The product of the norms is only an upper bound; multiply the matrices first, then take "
    "the norm.": lambda J, share: int(
        np.sum(np.cumprod(np.linalg.norm(J[::-1], 2, axis=(1, 2))) >= share)
    ),
    "This looks forward from the first step; the horizon looks back from the "
    "last.": lambda J, share: np.flatnonzero(_forward(J) >= share)[-1],
}


def _forward(jacobians):
    """The norm of ds(k)/ds(0) for k = 0 ..., with the product grown from the other end."""
    product, norms = np.eye(jacobians.shape[-1]), [1.0]
    for J in jacobians:
        product = J @ product
        norms.append(np.linalg.norm(product, 2))
    return np.array(norms)


def _flat(results):
    """All numbers of some dicts of arrays, in the order of the names."""
    return np.concatenate([np.ravel(result[name]) for result in results for name in ("W", "b")])
