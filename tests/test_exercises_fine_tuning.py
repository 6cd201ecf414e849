"""The checkers of fine-tuning: right answers pass, wrong ones get the message that teaches."""

import numpy as np
import pytest

from lib.book.exercises.feedback import NotYet
from lib.book.exercises.fine_tuning import check_perplexity, check_pool, check_tracks


def chosen(scores, targets, axis=1):
    """ln p of the targets."""
    logs = scores - np.logaddexp.reduce(scores, axis=axis, keepdims=True)
    return logs[range(len(targets)), targets]


def perplexity(scores, targets):
    return np.exp(-chosen(scores, targets).mean())


def tracks_of(stream, tracks, steps):
    n = len(stream) // (tracks * steps)
    return np.stack(np.split(stream[: n * tracks * steps].reshape(tracks, -1), n, axis=1))


def pool(h, mask):
    rows = [(a[m].mean(axis=0), a[m].max(axis=0)) for a, m in zip(h, mask, strict=True)]
    return np.array([np.concatenate(row) for row in rows])


SOLUTIONS = [(check_perplexity, perplexity), (check_tracks, tracks_of), (check_pool, pool)]


@pytest.mark.parametrize(("check", "solution"), SOLUTIONS)
def test_solution_passes(check, solution, capsys):
    check(solution)
    assert capsys.readouterr().out == "Correct.\n"


def pool_with(mean=None, top=None):
    """The pool, with a part of it replaced by another function of (h, mask)."""

    def wrong(h, mask):
        left, right = np.split(pool(h, mask), 2, axis=1)
        return np.hstack([mean(h, mask) if mean else left, top(h, mask) if top else right])

    return wrong


def mean_of_all(h, mask):
    return h.mean(axis=1)


def mean_over_all_steps(h, mask):
    return np.einsum("btu,bt->bu", h, mask) / h.shape[1]


def max_of_all(h, mask):
    return h.max(axis=1)


def max_with_zeros(h, mask):
    return np.where(mask[..., None], h, 0).max(axis=1)


@pytest.mark.parametrize(
    ("check", "wrong", "message"),
    [
        (check_perplexity, lambda s, t: -chosen(s, t).mean(), "This is the loss"),
        (check_perplexity, lambda s, t: np.exp(-chosen(s, t).sum()), "not their sum"),
        (check_perplexity, lambda s, t: 1 / perplexity(s, t), "The sign is wrong"),
        (check_perplexity, lambda s, t: 1 / np.exp(chosen(s, t)).mean(), "mean probability"),
        (check_perplexity, lambda s, t: 2 ** -chosen(s, t).mean(), "the power is of 2"),
        (check_perplexity, lambda s, t: np.exp(-chosen(s, t, 0).mean()), "the wrong axis"),
        (check_tracks, lambda s, n, k: s[:30].reshape(-1, n, k), "Track k does not go on"),
        (check_tracks, lambda s, n, k: s[:30].reshape(n, -1, k), "the updates come first"),
        (
            check_tracks,
            lambda s, n, k: tracks_of(np.concatenate([s[:30][i::n] for i in range(n)]), n, k),
            "each second word",
        ),
        (
            check_tracks,
            lambda s, n, k: tracks_of(s, n, k).swapaxes(1, 2),
            "the steps come last",
        ),
        (check_tracks, lambda s, n, k: s.reshape(n, -1, k), "could not combine the shapes"),
        (check_pool, pool_with(mean_of_all, max_of_all), "The padding is counted in both"),
        (check_pool, pool_with(mean=mean_over_all_steps), "The mean divides by all steps; divide"),
        (check_pool, pool_with(top=max_with_zeros), "takes the zeros of the masked steps"),
        (
            check_pool,
            pool_with(mean_over_all_steps, max_with_zeros),
            "and the maximum takes zeros for values",
        ),
        (check_pool, pool_with(top=max_of_all), "The maximum still sees the padding"),
        (check_pool, pool_with(mean=mean_of_all), "The mean still sees the padding"),
        (check_pool, lambda h, m: np.roll(pool(h, m), 4, axis=1), "The mean comes first"),
        (check_pool, lambda h, m: pool(h, m)[:, :4], "the mean alone"),
        (check_pool, lambda h, m: None, "does it end with `return`"),
    ],
)
def test_wrong_answer_is_explained(check, wrong, message):
    with pytest.raises(NotYet) as caught:
        check(wrong)
    assert message in str(caught.value)


@pytest.mark.parametrize("check", [check for check, _ in SOLUTIONS])
def test_starter_says_that_it_is_not_written(check):
    def starter(*arguments):
        raise NotImplementedError("write it")

    with pytest.raises(NotImplementedError, match="write it"):
        check(starter)
