"""Checkers of the exercises of the case study."""

from collections.abc import Callable

import numpy as np

from lib.book.exercises.feedback import checker, compare
from lib.cells.activations import sigmoid
from lib.data.reviews import plain


def area_under_curve(labels, scores):
    gaps = scores[labels == 1][:, None] - scores[labels == 0]
    return np.mean((gaps > 0) + 0.5 * (gaps == 0))


@checker
def check_area(answer: Callable) -> None:
    """The area under the ROC curve: answer(labels, scores) -> a number; ties count one half."""

    def case(seed, negative, positive, digits):
        rng = np.random.default_rng(seed)
        labels = rng.permutation(np.repeat([0, 1], [negative, positive]))
        scores = np.round(labels * 0.3 + rng.normal(size=len(labels)), digits)
        return labels, scores

    compare(
        answer,
        area_under_curve,
        {
            "scores that tie here and there": case(1, 13, 8, 0),
            "more positive ones": case(2, 5, 9, 1),
            "scores that do not tie": case(3, 7, 7, 6),
        },
        {
            "A tie counts one half: add (gaps == 0) / 2.": " + 0.5 * (gaps == 0) -> ",
            "A tie counts one half, not one: >= takes it for a win.": "0.5 * -> 1.0 *",
            "This is the chance that the negative review wins: subtract the other way round.": (
                "gaps > 0 -> gaps < 0"
            ),
            "Count pairs of a positive and a negative review only, not all pairs: divide by "
            "n_positive * n_negative.": (
                lambda labels, scores: (
                    area_under_curve(labels, scores)
                    * np.sum(labels == 1)
                    * np.sum(labels == 0)
                    / len(labels) ** 2
                )
            ),
        },
    )


def expected_error(labels, probabilities, bins=10):
    place = np.minimum((probabilities * bins).astype(int), bins - 1)
    error = 0.0
    for k in np.unique(place):
        here = place == k
        gap = labels[here].mean() - probabilities[here].mean()
        error = error + here.mean() * np.abs(gap)
    return error


@checker
def check_calibration_error(answer: Callable) -> None:
    """The expected calibration error: answer(labels, probabilities, bins=10) -> a number."""
    rng = np.random.default_rng(2)
    p = rng.beta(0.5, 0.7, size=200)
    borders = np.repeat(np.arange(8) / 8, 3)

    def labels(p):
        return (rng.uniform(size=p.shape) < p**1.5).astype(int)

    compare(
        answer,
        expected_error,
        {
            "ten bins": (labels(p), p, 10),
            "four bins": (labels(p), p, 4),
            "probabilities on the border of a bin, which belong to the upper one": (
                labels(borders),
                borders,
                8,
            ),
            "probabilities of 1, which belong to the last bin": (
                np.array([0, 0, 1, 1, 0, 1]),
                np.array([1, 1, 0.85, 0.9, 0.2, 0.1]),
                5,
            ),
            "the usual number of bins": (labels(p), p),
        },
        {
            "Every bin counts the same here. Weight it by its share of the reviews.": (
                "here.mean() * -> 1 / len(np.unique(place)) *"
            ),
            "Gaps of either sign cancel out: take the absolute value bin by bin.": (
                "np.abs(gap) -> gap"
            ),
            "Gaps of either sign cancel out: take the absolute value bin by bin, not at the "
            "end.": "np.abs(gap) -> gap; return error -> return abs(error)",
            "These are squared gaps; the definition has absolute ones.": "np.abs(gap) -> gap ** 2",
            "This is the mean distance of a probability from its label. Take the means within a "
            "bin first, then the distance.": lambda y, p, bins=10: np.abs(y - p).mean(),
            "The number of bins that is asked for plays no part.": (
                lambda y, p, bins=10: expected_error(y, p)
            ),
            "The probability 1 gets a bin of its own; it belongs to the last one.": (
                "np.minimum((probabilities * bins).astype(int), bins - 1) -> "
                "(probabilities * bins).astype(int)"
            ),
            "The probability 1 is in no bin here; it belongs to the last one.": (
                "np.unique(place) -> np.unique(place[place < bins]); bins - 1) -> bins)"
            ),
            "The bins are closed on the wrong side: a probability on a border belongs to the upper "
            "bin.": "(probabilities * bins).astype(int) -> np.ceil(probabilities * bins) - 1",
        },
    )


def cooled(p, temperature):
    return sigmoid(np.log(p / (1 - p)) / temperature)


@checker
def check_cooled(answer: Callable) -> None:
    """Temperature on a probability: answer(p, temperature) -> sigmoid(logit(p) / temperature)."""
    p = np.random.default_rng(3).uniform(0.02, 0.98, size=7)
    compare(
        answer,
        cooled,
        {
            "a temperature above 1": (p, 1.7),
            "a temperature below 1": (p[:4] ** 2, 0.6),
            "one probability": (0.3, 2.5),
        },
        {
            "Multiplied: a temperature above 1 has to draw the probabilities towards one "
            "half.": " / temperature -> * temperature",
            "The temperature divides the logit, not the probability.": (
                "sigmoid(np.log(p / (1 - p)) / temperature) -> p / temperature"
            ),
            "The logit comes first: this takes the sigmoid of a probability.": (
                "np.log(p / (1 - p)) -> p"
            ),
        },
    )


def leaks(train_texts, test_texts):
    known = {plain(text) for text in train_texts}
    return [plain(text) in known for text in test_texts]


@checker
def check_leaks(answer: Callable) -> None:
    """Which test texts were trained on: answer(train, test) -> booleans, one a test text."""
    train = ["A fine film.<br /><br />Go.", "Dull, and long", "So  so", "Fine acting", "No."]
    test = ["Dull, and long", "A fine film. Go.", "New", "Fine", "So so ", "A fine film. Go."]
    compare(
        answer,
        leaks,
        {"some texts": (train, test), "the parts exchanged": (test, train)},
        {
            "Only texts that agree to the letter were found. Compare them by `plain`, on both "
            "sides.": "plain(text) -> text",
            "This says which training texts come again in the test; asked is one answer a test "
            "text.": lambda train, test: leaks(test, train),
            "This is how many; asked is which, one answer a test text.": (
                lambda train, test: sum(leaks(train, test))
            ),
            "'Fine' is part of a longer training text, but is not the same text: compare whole "
            "texts.": "{plain(text) for text in train_texts} -> ' '.join(map(plain, train_texts))",
            "The other way round: True stands for a text that was trained on.": (
                " in known -> not in known"
            ),
        },
    )
