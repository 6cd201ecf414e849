"""Checkers of the exercises of the chapter on training through time."""

from collections.abc import Callable

import numpy as np

from lib.book.exercises.feedback import checker, compare


def backward_layer(y, d_y, W_y):
    gradient, d_later = np.zeros_like(W_y), np.zeros(len(W_y))
    for t in reversed(range(len(y))):
        d_a = (1 - y[t] ** 2) * (d_y[t] + d_later)
        if t > 0:
            gradient = gradient + np.outer(d_a, y[t - 1])
        d_later = W_y.T @ d_a
    return gradient


@checker
def check_backward_layer(answer: Callable) -> None:
    """BPTT of a tanh layer: answer(y, d_y, W_y) -> dL/dW_y, (units, units).

    y[t] is y(t), d_y[t] is dL(t)/dy(t), and y(-1) = 0.
    """

    def case(seed, steps, units):
        rng = np.random.default_rng(seed)
        W_y, d_y = rng.normal(size=(units, units)), rng.normal(size=(steps, units))
        y = np.tanh(rng.normal(size=(steps, units)))
        return y, d_y, W_y

    compare(
        answer,
        backward_layer,
        {
            "six steps": case(1, 6, 3),
            "more units than steps": case(2, 3, 5),
            "one step": case(3, 1, 2),
        },
        {
            "On the way back W_y has to be transposed: what unit i sent to unit k comes back "
            "from k to i.": "W_y.T -> W_y",
            "The slope of tanh, 1 - y**2, is missing.": "(1 - y[t] ** 2) * -> ",
            "Every step only receives its own loss: add what comes back from the step "
            "after it.": "+ d_later -> ",
            "Off by one: W_y multiplies y(t-1), so d_a(t) has to meet y[t - 1].": (
                "if t > 0 -> if t >= 0; y[t - 1] -> y[t]"
            ),
        },
    )


def sensitivity_step(P, v, y, W_y):
    return (1 - y**2)[:, None] * (W_y @ P + np.kron(np.eye(len(y)), v))


@checker
def check_sensitivity_step(answer: Callable) -> None:
    """One step of RTRL for a tanh layer: answer(P, v, y, W_y) -> P(t).

    P is P(t-1), (units, units * len(v)); v joins x(t), y(t-1) and 1; y is y(t).
    """

    def case(seed, inputs, units):
        rng = np.random.default_rng(seed)
        v = np.append(rng.normal(size=inputs + units), 1)
        P, W_y = rng.normal(size=(units, units * len(v))), rng.normal(size=(units, units))
        return P, v, np.tanh(rng.normal(size=units)), W_y

    compare(
        answer,
        sensitivity_step,
        {"three units": case(4, 2, 3), "more inputs than units": case(5, 4, 2)},
        {
            "The slope of tanh, 1 - y**2, is missing.": "(1 - y ** 2)[:, None] * -> ",
            "The slope multiplies only W_y @ P; what this step adds passes through tanh as "
            "well.": "(W_y @ P + -> W_y @ P + (",
            "The slope multiplies only what this step adds; W_y @ P passes through tanh as well.": (
                lambda P, v, y, W_y: W_y @ P + (1 - y**2)[:, None] * np.kron(np.eye(len(y)), v)
            ),
            "W_y is not transposed here: the sensitivities travel forwards.": "W_y @ -> W_y.T @",
        },
    )
