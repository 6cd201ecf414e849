"""Checkers of the exercises on a language model and its fine-tuning."""

from collections.abc import Callable

import numpy as np

from lib.book.exercises.feedback import checker, compare


def perplexity(scores, targets):
    top = scores.max(axis=1)
    picked = scores[np.arange(len(targets)), targets]
    losses = np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top - picked
    return np.exp(losses.mean())


@checker
def check_perplexity(answer: Callable) -> None:
    """The perplexity of scores: answer(scores, targets) -> a number."""
    rng = np.random.default_rng(3)
    scores, targets = 2 * rng.normal(size=(7, 5)), rng.integers(0, 5, 7)
    far = scores[:3] + 1000 * np.array([[1], [-1], [0]])
    apart = np.where(np.arange(5) == targets[:3, None], 1000, scores[:3] - 1000)

    def log_p_of_columns(scores, targets):
        p = np.exp(scores) / np.exp(scores).sum(axis=0)
        return np.log(p[np.arange(len(targets)), targets])

    compare(
        answer,
        perplexity,
        {
            "usual scores": (scores, targets),
            "more words than steps": (rng.normal(size=(3, 8)), np.array([7, 0, 3])),
            "scores near 1000 and -1000, whose exp is infinite or zero": (far, targets[:3]),
            "scores that are 2000 apart": (apart, targets[:3]),
        },
        {
            "This is the loss; the perplexity is its exponential.": (
                "np.exp(losses.mean()) -> losses.mean()"
            ),
            "The sign is wrong: the loss is -ln p.": "losses.mean -> -losses.mean",
            "This is one over the mean probability; take the mean of ln p instead.": (
                "np.exp(losses.mean()) -> 1 / np.exp(-losses).mean()"
            ),
            "This is the mean of 1 / p; take the mean of ln p first, then the exponential.": (
                "np.exp(losses.mean()) -> np.exp(losses).mean()"
            ),
            "The losses are in nats but the power is of 2; use exp.": (
                "np.exp(losses.mean()) -> 2 ** losses.mean()"
            ),
            "The softmax runs along the wrong axis: the words of one step are a row.": (
                lambda scores, targets: np.exp(-log_p_of_columns(scores, targets).mean())
            ),
        },
    )


def tracks_of(stream, tracks, steps):
    updates = len(stream) // (tracks * steps)
    rows = stream[: updates * tracks * steps].reshape(tracks, updates, steps)
    return rows.swapaxes(0, 1)


@checker
def check_tracks(answer: Callable) -> None:
    """Windows of a stream: answer(stream, tracks, steps) -> (updates, tracks, steps)."""
    compare(
        answer,
        tracks_of,
        {
            "31 words on 2 tracks": (np.arange(100, 131), 2, 5),
            "30 words on 3 tracks": (np.arange(200, 230), 3, 4),
            "a stream that fills its windows": (np.arange(300, 324), 4, 3),
        },
        {
            "Track k does not go on: the end of a window has to meet the start of the next window "
            "on the same track. Cut into tracks first, then into windows.": (
                "(tracks, updates, steps) -> (updates, tracks, steps); .swapaxes(0, 1) -> "
            ),
            "The axes are (tracks, updates, steps); the updates come first.": ".swapaxes(0, 1) -> ",
            "Every track takes each second word; a track is a stretch of text.": (
                ".reshape(tracks, updates, steps) -> "
                ".reshape(-1, tracks).T.reshape(tracks, updates, steps)"
            ),
            "The axes are (updates, steps, tracks); the steps come last.": (
                ".swapaxes(0, 1) -> .transpose(1, 2, 0)"
            ),
            "The words that do not fill the last window have to be left out at the end, not at the "
            "beginning.": "stream[: -> stream[len(stream) -; * steps] -> * steps :]",
        },
    )


def pool_states(h, mask):
    real = mask[..., None]
    mean = np.where(real, h, 0).sum(axis=1) / real.sum(axis=1)
    top = np.where(real, h, -np.inf).max(axis=1)
    return np.concatenate([mean, top], axis=-1)


@checker
def check_pool(answer: Callable) -> None:
    """Mean and maximum without padding: answer(h, mask) -> (batch, 2 units)."""

    def case(seed, units, lengths):
        rng = np.random.default_rng(seed)
        mask = np.arange(max(lengths) + 1) < np.array(lengths)[:, None]
        h = rng.normal(size=(*mask.shape, units)) - 1
        h[..., 0] -= 3  # a unit that is negative throughout
        return np.where(mask[..., None], h, 7.0), mask  # and padding that must not matter

    compare(
        answer,
        pool_states,
        {"three sequences": case(5, 4, [6, 4, 2]), "other lengths": case(6, 3, [1, 3, 5, 2])},
        {
            "The padding is counted in both; use the mask.": (
                "mask[..., None] -> np.ones_like(mask[..., None])"
            ),
            "The mean divides by all steps; divide by the number of real ones.": (
                "real.sum(axis=1) -> h.shape[1]"
            ),
            "The maximum takes the zeros of the masked steps for values; a unit that is negative "
            "throughout shows it. Put -inf there.": "-np.inf -> 0",
            "The mean divides by all steps, and the maximum takes zeros for values.": (
                "real.sum(axis=1) -> h.shape[1]; -np.inf -> 0"
            ),
            "The maximum still sees the padding.": "np.where(real, h, -np.inf) -> h",
            "The mean still sees the padding.": (
                "np.where(real, h, 0).sum(axis=1) / real.sum(axis=1) -> h.mean(axis=1)"
            ),
            "This is the mean alone; put the maximum beside it.": "[mean, top] -> [mean]",
            "This is the maximum alone; put the mean before it.": "[mean, top] -> [top]",
        },
    )
