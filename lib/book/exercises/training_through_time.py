"""Checkers of the exercises of chapter 5, training through time."""

import numpy as np

from lib.book.exercises.feedback import judge


def check_backward_layer(answer):
    """BPTT of a tanh layer: answer(y, d_y, W_y) -> dL/dW_y, (units, units).

    y[t] is y(t), d_y[t] is dL(t)/dy(t), and y(-1) = 0.
    """
    rng = np.random.default_rng(1)
    steps, units = 6, 3
    W_y, b = rng.normal(size=(units, units)), rng.normal(size=(steps, units))
    d_y = rng.normal(size=(steps, units))
    y = np.zeros((steps, units))
    for t in range(steps):
        y[t] = np.tanh(b[t] + (W_y @ y[t - 1] if t else 0))

    def gradient(W_back=W_y, slope=lambda y: 1 - y**2, carried=True, past=True):
        before = np.vstack([np.zeros(units), y[:-1]]) if past else y
        d_later, total = np.zeros(units), np.zeros((units, units))
        for t in reversed(range(steps)):
            d_a = slope(y[t]) * (d_y[t] + d_later)
            total += np.outer(d_a, before[t])
            d_later = W_back @ d_a * carried
        return total

    right = gradient(W_back=W_y.T)
    judge(
        answer(y, d_y, W_y),
        right,
        {
            "On the way back W_y has to be transposed: what unit i sent to unit k comes back "
            "from k to i.": gradient(),
            "The slope of tanh, 1 - y**2, is missing.": gradient(
                W_back=W_y.T, slope=lambda y: np.ones_like(y)
            ),
            "Every step only hears of its own loss: add what comes back from the step "
            "after it.": gradient(W_back=W_y.T, carried=False),
            "Off by one: W_y multiplies y(t-1), so d_a(t) has to meet y[t - 1].": gradient(
                W_back=W_y.T, past=False
            ),
            "The result is transposed: row i holds the weights of unit i, so "
            "np.outer(d_a, y_before).": right.T,
        },
    )


def check_sensitivity_step(answer):
    """One step of RTRL for a tanh layer: answer(P, v, y, W_y) -> P(t).

    P is P(t-1), (units, units * len(v)); v joins x(t), y(t-1) and 1; y is y(t).
    """
    rng = np.random.default_rng(2)
    inputs, units = 2, 3
    W_x, W_y = rng.normal(size=(units, inputs)), rng.normal(size=(units, units))
    x, y_before, b = rng.normal(size=inputs), rng.normal(size=units), rng.normal(size=units)
    v = np.concatenate([x, y_before, [1]])
    P = rng.normal(size=(units, units * len(v)))
    y = np.tanh(W_x @ x + W_y @ y_before + b)

    slope, direct = (1 - y**2)[:, None], np.kron(np.eye(units), v)
    judge(
        answer(P, v, y, W_y),
        slope * (W_y @ P + direct),
        {
            "Only what this step adds is there; the sensitivity so far, W_y @ P, is missing.": slope
            * direct,
            "What this step adds is missing: the weights also act on y(t) directly.": slope
            * (W_y @ P),
            "The slope of tanh, 1 - y**2, is missing.": W_y @ P + direct,
            "The slope multiplies only one of the two terms; both pass through tanh.": slope
            * (W_y @ P)
            + direct,
            "The slope multiplies only one of the two terms; both pass through tanh. ": W_y @ P
            + slope * direct,
            "W_y is not transposed here: the sensitivities travel forwards.": slope
            * (W_y.T @ P + direct),
        },
    )
