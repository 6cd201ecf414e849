"""Checkers of the exercises of the case study."""

import numpy as np

from lib.book.exercises.feedback import judge


def check_area(answer):
    """The area under the ROC curve: answer(labels, scores) -> a number; ties count one half."""
    rng = np.random.default_rng(1)
    labels = rng.permutation(np.repeat([0, 1], [13, 8]))
    scores = np.round(labels * 0.3 + rng.normal(size=21), 1)
    scores[:4] = 0.2
    gaps = scores[labels == 1][:, None] - scores[labels == 0]
    assert (gaps == 0).any()
    wins, ties = (gaps > 0).mean(), (gaps == 0).mean()
    judge(
        answer(labels, scores),
        wins + ties / 2,
        {
            "A tie counts one half: add (gaps == 0) / 2.": wins,
            "A tie counts one half, not one: >= takes it for a win.": wins + ties,
            "This is the chance that the negative review wins: subtract the other way round.": 1
            - wins
            - ties / 2,
            "Count pairs of a positive and a negative review only, not all pairs: divide by "
            "n_positive * n_negative.": (wins + ties / 2) * gaps.size / len(labels) ** 2,
        },
    )


def check_calibration_error(answer):
    """The expected calibration error: answer(labels, probabilities, bins=10) -> a number."""
    rng = np.random.default_rng(2)
    p = rng.beta(0.5, 0.7, size=200)
    labels = (rng.uniform(size=200) < p**1.5).astype(int)

    def error(weighted=True, size=abs, given=p, bins=10):
        place = np.minimum((given * bins).astype(int), bins - 1)
        filled = [place == b for b in range(bins) if np.any(place == b)]
        gaps = [size(labels[b].mean() - given[b].mean()) for b in filled]
        return np.average(gaps, weights=[b.sum() for b in filled] if weighted else None)

    judge(
        answer(labels, p, 10),
        error(),
        {
            "Every bin counts the same here. Weight it by its share of the reviews.": error(
                weighted=False
            ),
            "Gaps of either sign cancel out: take the absolute value bin by bin.": error(
                size=lambda gap: gap
            ),
            "Gaps of either sign cancel out: take the absolute value bin by bin, not at the "
            "end.": abs(error(size=lambda gap: gap)),
            "These are squared gaps; the definition has absolute ones.": error(
                size=lambda gap: gap**2
            ),
            "This is the mean distance of a probability from its label. Take the means within a "
            "bin first, then the distance.": np.mean(abs(labels - p)),
        },
    )


def check_cooled(answer):
    """Temperature on a probability: answer(p, temperature) -> sigmoid(logit(p) / temperature)."""
    p, temperature = np.random.default_rng(3).uniform(0.02, 0.98, size=7), 1.7
    z = np.log(p / (1 - p))

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    judge(
        answer(p, temperature),
        sigmoid(z / temperature),
        {
            "Multiplied: a temperature above 1 has to draw the probabilities towards one "
            "half.": sigmoid(z * temperature),
            "The temperature divides the logit, not the probability.": p / temperature,
            "These are logits still: the sigmoid at the end is missing.": z / temperature,
            "The logit comes first: this takes the sigmoid of a probability.": sigmoid(
                p / temperature
            ),
        },
    )


def check_leaks(answer):
    """Which test texts were trained on: answer(train, test) -> booleans, one a test text."""
    train = ["A fine film.<br /><br />Go.", "Dull, and long", "So  so", "Fine acting", "No."]
    test = ["Dull, and long", "A fine film. Go.", "New", "Fine", "So so ", "A fine film. Go."]
    expected = np.array([1, 1, 0, 0, 1, 1])
    judge(
        answer(train, test),
        expected,
        {
            "Only texts that agree to the letter were found. Compare them by `plain`, on both "
            "sides.": np.array([text in train for text in test]),
            "This says which training texts come again in the test; asked is one answer a test "
            "text.": np.array([1, 1, 1, 0, 0]),
            "This is how many; asked is which, one answer a test text.": np.array(4),
            "'Fine' is part of a longer training text, but is not the same text: compare whole "
            "texts.": np.array([1, 1, 0, 1, 1, 1]),
            "The other way round: True stands for a text that was trained on.": 1 - expected,
        },
    )
