"""Checkers of the exercises on a language model and its fine-tuning."""

import numpy as np

from lib.book.exercises.feedback import NotYet, judge


def check_perplexity(answer):
    """The perplexity of scores: answer(scores, targets) -> a number."""
    rng = np.random.default_rng(3)
    scores, targets = 2 * rng.normal(size=(7, 5)), rng.integers(0, 5, 7)
    weights = np.exp(scores)
    p = (weights / weights.sum(axis=1, keepdims=True))[np.arange(7), targets]
    losses = -np.log(p)
    across = (weights / weights.sum(axis=0))[np.arange(7), targets]
    judge(
        answer(scores, targets),
        np.exp(losses.mean()),
        {
            "This is the loss; the perplexity is its exponential.": losses.mean(),
            "Perplexity takes the mean of the losses over the steps, not their sum.": np.exp(
                losses.sum()
            ),
            "The sign is wrong: the loss is -ln p.": np.exp(-losses.mean()),
            "This is one over the mean probability; take the mean of ln p instead.": 1 / p.mean(),
            "The losses are in nats but the power is of 2; use exp.": 2 ** losses.mean(),
            "The softmax runs along the wrong axis: the words of one step are a row.": np.exp(
                -np.log(across).mean()
            ),
        },
    )


def check_tracks(answer):
    """Windows of a stream: answer(stream, tracks, steps) -> (updates, tracks, steps)."""
    stream, tracks, steps = np.arange(100, 131), 2, 5
    used = stream[:30]
    judge(
        _run(answer, stream.copy(), tracks, steps),
        used.reshape(tracks, 3, steps).swapaxes(0, 1),
        {
            "Track k does not go on: the end of a window has to meet the start of the next window "
            "on the same track. Cut into tracks first, then into windows.": used.reshape(
                3, tracks, steps
            ),
            "The axes are (tracks, updates, steps); the updates come first.": used.reshape(
                tracks, 3, steps
            ),
            "Every track takes each second word; a track is a stretch of text.": used.reshape(
                15, tracks
            )
            .T.reshape(tracks, 3, steps)
            .swapaxes(0, 1),
            "The axes are (updates, steps, tracks); the steps come last.": used.reshape(
                tracks, 3, steps
            ).transpose(1, 2, 0),
        },
    )


def check_pool(answer):
    """Mean and maximum without padding: answer(h, mask) -> (batch, 2 units)."""
    rng = np.random.default_rng(5)
    h = rng.normal(size=(3, 6, 4)) - 1.0
    h[..., 0] -= 3.0  # a unit that is negative throughout
    mask = np.arange(6) < np.array([6, 4, 2])[:, None]
    real = mask[..., None]
    h = np.where(real, h, 7.0)  # whatever stands in the padding must not matter
    mean = (h * real).sum(axis=1) / real.sum(axis=1)
    top = np.where(real, h, -np.inf).max(axis=1)

    def both(mean, top):
        return np.concatenate([mean, top], axis=-1)

    zeros = (h * real).max(axis=1)
    judge(
        _run(answer, h.copy(), mask.copy()),
        both(mean, top),
        {
            "The padding is counted in both; use the mask.": both(h.mean(axis=1), h.max(axis=1)),
            "The mean divides by all steps; divide by the number of real ones.": both(
                (h * real).mean(axis=1), top
            ),
            "The maximum takes the zeros of the masked steps for values; a unit that is negative "
            "throughout shows it. Put -inf there.": both(mean, zeros),
            "The mean divides by all steps, and the maximum takes zeros for values.": both(
                (h * real).mean(axis=1), zeros
            ),
            "The maximum still sees the padding.": both(mean, h.max(axis=1)),
            "The mean still sees the padding.": both(h.mean(axis=1), top),
            "The mean comes first, then the maximum.": both(top, mean),
            "This is the mean alone; put the maximum beside it.": mean,
        },
    )


def _run(answer, *arguments):
    """What `answer` returns; NotYet in plain words where NumPy cannot combine its shapes."""
    try:
        return answer(*arguments)
    except ValueError as error:
        raise NotYet(f"NumPy could not combine the shapes ({error}).") from None
