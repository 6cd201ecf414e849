"""The checkers of chapter 6: right answers pass, typical wrong ones are explained."""

import numpy as np
import pytest

from lib.book.exercises.feedback import NotYet
from lib.book.exercises.short_term_memory import check_clipped, check_horizon
from lib.gradients import norms_over_lag, state_jacobians


def clipped(gradient, norm):
    length = np.linalg.norm(np.concatenate([d.ravel() for d in gradient.values()]))
    return {name: d * min(1, norm / length) for name, d in gradient.items()}


def horizon(cell, inputs, share):
    return np.max(np.nonzero(norms_over_lag(state_jacobians(cell, inputs)) >= share))


@pytest.mark.parametrize(
    ("check", "solution"), [(check_clipped, clipped), (check_horizon, horizon)]
)
def test_solution_passes(check, solution, capsys):
    check(solution)
    assert capsys.readouterr().out == "Correct.\n"


def clipped_array_by_array(gradient, norm):
    return {name: clipped({name: d}, norm)[name] for name, d in gradient.items()}


def clipped_number_by_number(gradient, norm):
    return {name: np.minimum(np.maximum(d, -norm), norm) for name, d in gradient.items()}


def clipped_always(gradient, norm):
    length = np.linalg.norm(np.concatenate([d.ravel() for d in gradient.values()]))
    return {name: norm / length * d for name, d in gradient.items()}


def clipped_in_place(gradient, norm):
    for name, d in clipped(gradient, norm).items():
        gradient[name][...] = d
    return gradient


def horizon_one_more(cell, inputs, share):
    return horizon(cell, inputs, share) + 1


def horizon_one_less(cell, inputs, share):
    norms = norms_over_lag(state_jacobians(cell, inputs))[1:]
    return np.max(np.nonzero(norms >= share))


def horizon_of_single_jacobians(cell, inputs, share):
    norms = [np.linalg.norm(J, 2) for J in state_jacobians(cell, inputs)]
    return sum(norm >= share for norm in norms)


def horizon_of_the_bound(cell, inputs, share):
    bound, lag = 1.0, 0
    for J in state_jacobians(cell, inputs)[::-1]:
        bound *= np.linalg.svd(J, compute_uv=False)[0]
        lag += bound >= share
    return lag


def horizon_forwards(cell, inputs, share):
    product, last = np.eye(sum(cell.state_sizes)), 0
    for k, J in enumerate(state_jacobians(cell, inputs)):
        product = J @ product
        last = k + 1 if np.linalg.norm(product, 2) >= share else last
    return last


@pytest.mark.parametrize(
    ("check", "answer", "message"),
    [
        (check_clipped, clipped_array_by_array, "by its own length"),
        (check_clipped, clipped_number_by_number, "one by one"),
        (check_clipped, clipped_always, "is stretched"),
        (check_clipped, clipped_in_place, "make new ones"),
        (check_clipped, lambda gradient, norm: gradient, "Nothing is clipped"),
        (check_clipped, lambda gradient, norm: None, "nothing"),
        (check_horizon, horizon_one_more, "One too many"),
        (check_horizon, horizon_one_less, "One too few"),
        (check_horizon, horizon_of_single_jacobians, "single Jacobians"),
        (check_horizon, horizon_of_the_bound, "upper bound"),
        (check_horizon, horizon_forwards, "looks forward"),
    ],
)
def test_wrong_answers_are_explained(check, answer, message):
    with pytest.raises(NotYet, match=message):
        check(answer)
