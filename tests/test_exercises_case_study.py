"""The checkers of the case study: right answers pass, typical wrong ones are explained."""

import numpy as np
import pytest

from lib.book.exercises.case_study import (
    check_area,
    check_calibration_error,
    check_cooled,
    check_leaks,
)
from lib.book.exercises.feedback import NotYet
from lib.data.reviews import plain


def area(labels, scores, tie=0.5):
    gaps = scores[labels == 1][:, None] - scores[labels == 0]
    return np.mean((gaps > 0) + tie * (gaps == 0))


def calibration_error(labels, p, bins=10, measure=abs):
    place = np.minimum((p * bins).astype(int), bins - 1)
    total = 0
    for b in np.unique(place):
        here = place == b
        total += here.mean() * measure(labels[here].mean() - p[here].mean())
    return total


def cooled(p, temperature):
    return 1 / (1 + ((1 - p) / p) ** (1 / temperature))


def leaks(train, test):
    known = {plain(text) for text in train}
    return [plain(text) in known for text in test]


@pytest.mark.parametrize(
    ("check", "solution"),
    [
        (check_area, area),
        (check_calibration_error, calibration_error),
        (check_cooled, cooled),
        (check_leaks, leaks),
    ],
)
def test_solution_passes(check, solution, capsys):
    check(solution)
    assert capsys.readouterr().out == "Correct.\n"


def unweighted(labels, p, bins=10):
    place = (p * bins).astype(int)
    return np.mean(
        [abs(labels[place == b].mean() - p[place == b].mean()) for b in np.unique(place)]
    )


@pytest.mark.parametrize(
    ("check", "wrong", "message"),
    [
        (check_area, lambda y, s: area(y, s, tie=0), "A tie counts one half: add"),
        (check_area, lambda y, s: area(y, s, tie=1), "not one"),
        (check_area, lambda y, s: area(1 - y, s), "the other way round"),
        (
            check_area,
            lambda y, s: area(y, s) * y.sum() * (1 - y).sum() / len(y) ** 2,
            "a positive and a negative review only",
        ),
        (check_calibration_error, unweighted, "Every bin counts the same here"),
        (
            check_calibration_error,
            lambda y, p, bins: calibration_error(y, p, bins, measure=lambda gap: gap),
            "cancel out: take the absolute value bin by bin.",
        ),
        (
            check_calibration_error,
            lambda y, p, bins: calibration_error(y, p, bins, measure=np.square),
            "squared gaps",
        ),
        (
            check_calibration_error,
            lambda y, p, bins: np.abs(y - p).mean(),
            "mean distance of a probability from its label",
        ),
        (check_cooled, lambda p, t: cooled(p, 1 / t), "Multiplied"),
        (check_cooled, lambda p, t: p / t, "not the probability"),
        (check_cooled, lambda p, t: np.log(p / (1 - p)) / t, "logits still"),
        (check_cooled, lambda p, t: 1 / (1 + np.exp(-p / t)), "sigmoid of a probability"),
        (check_leaks, lambda a, b: [text in a for text in b], "agree to the letter"),
        (check_leaks, lambda a, b: leaks(b, a), "which training texts come again"),
        (check_leaks, lambda a, b: sum(leaks(a, b)), "This is how many"),
        (
            check_leaks,
            lambda a, b: [plain(text) in " | ".join(map(plain, a)) for text in b],
            "compare whole texts",
        ),
        (check_leaks, lambda a, b: [not leak for leak in leaks(a, b)], "The other way round"),
    ],
)
def test_mistake_is_explained(check, wrong, message):
    with pytest.raises(NotYet, match=message):
        check(wrong)
