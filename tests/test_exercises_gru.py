"""The checkers of chapter 4: right answers pass, wrong ones get the message that teaches."""

import numpy as np
import pytest

from lib.book.exercises.feedback import NotYet
from lib.book.exercises.gru import check_gru_step, check_keep_bias, check_swapped_to_ours
from lib.cells.activations import sigmoid


def step(x, h, w):
    z = sigmoid(x @ w["W_xz"].T + h @ w["W_hz"].T + w["b_z"])
    r = sigmoid(x @ w["W_xr"].T + h @ w["W_hr"].T + w["b_r"])
    g = np.tanh(x @ w["W_xg"].T + (r * h) @ w["W_hg"].T + w["b_g"])
    return z * h + (1 - z) * g


def swapped(w):
    return w | {name: -w[name] for name in ("W_xz", "W_hz", "b_z")}


def bias(steps):
    z = 2 ** (-1 / steps)
    return -np.log(1 / z - 1)


SOLUTIONS = [(check_gru_step, step), (check_swapped_to_ours, swapped), (check_keep_bias, bias)]


@pytest.mark.parametrize(("check", "solution"), SOLUTIONS)
def test_solution_passes(check, solution, capsys):
    check(solution)
    assert capsys.readouterr().out == "Correct.\n"


def step_with(
    first="z",
    second="r",
    keep=lambda z: z,
    proposal=np.tanh,
    see=lambda x, h, r, w: (r * h) @ w["W_hg"].T,
):
    """A step of a GRU with one mistake in it, written out as the equations are."""

    def wrong(x, h, w):
        gate = {
            name: sigmoid(
                np.dot(x, w[f"W_x{name}"].T) + np.dot(h, w[f"W_h{name}"].T) + w[f"b_{name}"]
            )
            for name in "zr"
        }
        g = proposal(x @ w["W_xg"].T + see(x, h, gate[second], w) + w["b_g"])
        kept = keep(gate[first])
        return g + kept * (h - g)

    return wrong


def step_without_biases(x, h, w):
    return step(x, h, {name: 0 * v if name.startswith("b") else v for name, v in w.items()})


def step_without_main_bias(x, h, w):
    return step(x, h, w | {"b_g": 0})


def step_transposed(x, h, w):
    return step(x, h, {name: v.T for name, v in w.items()})


def step_proposal_only(x, h, w):
    r = sigmoid(x @ w["W_xr"].T + h @ w["W_hr"].T + w["b_r"])
    return np.tanh(x @ w["W_xg"].T + (r * h) @ w["W_hg"].T + w["b_g"])


def step_in_columns(x, h, w):
    return np.tanh(w["W_xg"] @ x + w["W_hg"] @ h + w["b_g"])


def step_without_return(x, h, w):
    step(x, h, w)


def negate(*names):
    return lambda w: {name: -v if name in names else v for name, v in w.items()}


def exchange_gates(w):
    other = {"z": "r", "r": "z", "g": "g"}
    return {name: w[name[:-1] + other[name[-1]]] for name in w}


@pytest.mark.parametrize(
    ("check", "wrong", "message"),
    [
        (check_gru_step, step_with(keep=lambda z: 1 - z), "z is swapped"),
        (check_gru_step, step_with(first="r"), "The wrong gate blends"),
        (check_gru_step, step_with(first="r", second="z"), "The gates are exchanged"),
        (check_gru_step, step_with(second="z"), "it is r that resets"),
        (
            check_gru_step,
            step_with(see=lambda x, h, r, w: r * (h @ w["W_hg"].T)),
            "r acts after the product",
        ),
        (check_gru_step, step_with(see=lambda x, h, r, w: r @ w["W_hg"].T), "gets r itself"),
        (
            check_gru_step,
            step_with(see=lambda x, h, r, w: h @ w["W_hg"].T),
            "r plays no part",
        ),
        (check_gru_step, step_with(proposal=sigmoid), "tanh, not sigmoid"),
        (check_gru_step, step_without_biases, "The biases b_z, b_r and b_g are missing"),
        (check_gru_step, step_without_main_bias, "The bias b_g of the main layer is missing"),
        (check_gru_step, step_transposed, "The matrices are transposed"),
        (check_gru_step, step_proposal_only, "This is g, the proposal"),
        (check_gru_step, step_in_columns, "NumPy could not combine the shapes"),
        (check_gru_step, step_without_return, "does it end with `return`"),
        (check_swapped_to_ours, lambda w: w, "These are the weights as they came"),
        (check_swapped_to_ours, negate("W_xz", "W_hz"), "The bias b_z is missing"),
        (check_swapped_to_ours, negate("b_z"), "Only the bias changed"),
        (check_swapped_to_ours, negate("W_xz", "b_z"), "W_hz is missing"),
        (check_swapped_to_ours, negate("W_hz", "b_z"), "W_xz is missing"),
        (check_swapped_to_ours, negate("W_xr", "W_hr", "b_r"), "The wrong gate"),
        (check_swapped_to_ours, lambda w: {n: -v for n, v in w.items()}, "All nine changed"),
        (check_swapped_to_ours, exchange_gates, "both stay, and the sign of one changes"),
        (
            check_swapped_to_ours,
            lambda w: {n: 1 - v if n.endswith("z") else v for n, v in w.items()},
            "1 - W is not what turns z",
        ),
        (check_swapped_to_ours, lambda w: {"b_z": -w["b_z"]}, "Return a dict with the names W_xz"),
        (
            check_swapped_to_ours,
            lambda w: w.update(b_z=-w["b_z"]),
            "Return a dict with the names W_xz",
        ),
        (check_keep_bias, lambda steps: 2 ** (-1 / steps), "This is z."),
        (check_keep_bias, lambda steps: -bias(steps), "The sign is wrong"),
        (check_keep_bias, lambda steps: bias(steps / 2), "one step of half the length"),
        (check_keep_bias, lambda steps: -np.log(np.expm1(1 / steps)), "This keeps 1/e"),
        (check_keep_bias, lambda steps: np.log(2 * steps - 1), "no straight line"),
        (check_keep_bias, lambda steps: -np.log(2) / steps, "ln z alone"),
        (check_keep_bias, lambda steps: steps, "the numbers are not"),
        (check_keep_bias, lambda steps: None, "does it end with `return`"),
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
