"""Learning on a stream, one step at a time: by RTRL, by BPTT over a window, by a linear filter.

What the chapter on training through time measures. All seeds run side by side, as arrays whose
first axis is that of the seeds; the training needs NumPy alone.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from lib.cells import Readout, SimpleCell
from lib.checks import Array
from lib.training import Adam

UNITS = 8


def network(inputs: int, seed: int) -> Readout:
    """What learns: a fresh simple cell of `UNITS` units and a linear readout."""
    return Readout.from_seed(SimpleCell.from_seed(inputs, UNITS, seed), 1, seed)


def learn(
    x: Array,
    targets: Array,
    seeds: Sequence[int],
    window: int | None = None,
    rate: float = 0.005,
    every: int = 1,
) -> Array:
    """The squared error of the answer at every step, while one network per seed learns.

    x, targets  (seeds, steps, inputs), (seeds, steps)
    window      None for RTRL; else how many steps BPTT looks back from the present one
    rate        of Adam
    every       an answer counts at every `every`-th step alone, and there the weights change
    returns     (seeds, steps)

    At a step, v = [x(t) y(t-1) 1], y = tanh(W v), and the answer is V y + d. With P = dy/dW and
    e the error,

        P(t) = diag(1 - y^2) (W_y P(t-1) + dv-block),   dL/dW = (e V)^T P(t)              (R1, R2)

    or, back from the present step, delta = (1 - y^2) (what arrives), dL/dW = sum of delta v^T, and
    W_y^T delta arrives one step earlier (T1, T2).
    """
    inputs = x.shape[2]
    nets = [network(inputs, seed) for seed in seeds]
    W = np.stack([np.hstack([n.cell.W_x, n.cell.W_y, n.cell.b[:, None]]) for n in nets])
    V, d = np.stack([n.W[0] for n in nets]), np.stack([n.b[0] for n in nets])
    adam, W_y = Adam({"W": W, "V": V, "d": d}, rate), W[:, :, inputs:-1]
    y, ones = np.zeros(V.shape), np.ones((len(nets), 1))
    P, past, errors = np.zeros((*V.shape, W[0].size)), [], []
    for t in range(x.shape[1]):
        v = np.hstack([x[:, t], y, ones])
        y = np.tanh(np.einsum("suc,sc->su", W, v))
        error = np.sum(V * y, axis=1) + d - targets[:, t]
        errors.append(error**2)
        counts = (t + 1) % every == 0
        if window is None:
            own = np.einsum("ij,sc->sijc", np.eye(UNITS), v).reshape(P.shape)
            P = (1 - y**2)[..., None] * (W_y @ P + own)  # (R1)
        else:
            past = [*past, (v, y)][-window:]
        if not counts:
            continue
        arriving, gradient = error[:, None] * V, np.zeros_like(W)
        if window is None:
            gradient = np.einsum("su,sup->sp", arriving, P).reshape(W.shape)  # (R2)
        else:
            for v_then, y_then in reversed(past):
                delta = (1 - y_then**2) * arriving
                gradient += delta[..., None] * v_then[:, None]  # (T2)
                arriving = np.einsum("su,suk->sk", delta, W_y)  # (T1)
        adam.update({"W": gradient, "V": error[:, None] * y, "d": error})
    return np.transpose(errors)


def filtered(values: Array, lags: int = 8, forget: float = 0.98) -> Array:
    """Squared errors of a linear filter that forecasts the next value from the last `lags`.

    values   (steps,)
    forget   how much an error of one step earlier counts in the fit, relative to the present one
    returns  (steps - 1,)

    The weights are those of recursive least squares: with u the last values and e the error,
    k = P u / (forget + u^T P u), w <- w + k e, P <- (P - k u^T P) / forget.
    """
    w, P, u, errors = np.zeros(lags), 100 * np.eye(lags), np.zeros(lags), []
    for now, later in itertools.pairwise(values):
        u = np.append(now, u[:-1])
        error = later - w @ u
        k = P @ u / (forget + u @ P @ u)
        w, P = w + k * error, (P - np.outer(k, u @ P)) / forget
        errors.append(error**2)
    return np.array(errors)


def changing(seed: int, steps: int = 2000) -> Array:
    """A noisy oscillation (steps,) whose period changes half-way from 12 steps to 5."""
    rng = np.random.default_rng(seed)
    turns = np.where(np.arange(steps) < steps // 2, 1 / 12, 1 / 5)
    return np.sin(2 * np.pi * turns.cumsum()) + 0.1 * rng.normal(size=steps)


def flagged(seed: int, rounds: int, lag: int = 20) -> tuple[Array, Array]:
    """Rounds of lag + 1 steps; each begins with a flagged symbol, -1 or 1, which is the target.

    returns  inputs (rounds (lag + 1), 2), the symbol and its flag, where later symbols are a tenth
             as large; targets (rounds (lag + 1),)
    """
    symbols = np.random.default_rng(seed).choice([-1.0, 1.0], (rounds, lag + 1))
    symbols[:, 1:] *= 0.1
    flags = np.eye(1, lag + 1).repeat(rounds, axis=0)
    x = np.stack([symbols.ravel(), flags.ravel()], axis=-1)
    return x, symbols[:, 0].repeat(lag + 1)
