"""What the chapter on the LSTM measures: roads of the gradient, a latch, a clock that is silent.

The latch stores a value when told to and gives it back when asked (`tasks.store_and_recall`). The
clock says at the second of two spikes how long ago the first one was, and 0 at all other steps
(`tasks.spike_interval`), so it must measure time without showing that it does.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lib import trace, unroll
from lib.cells import Cell, LSTMCell, Readout
from lib.checks import Array
from lib.data import tasks
from lib.gradients import (
    bptt,
    central_differences,
    fast_bptt,
    fast_unroll,
    norms_over_lag,
    rtrl,
    squared_error,
    state_jacobians,
)
from lib.training import train

STEPS, LONGEST, BATCH = 20, 15, 32
STORE, RECALL = 1, 2  # places in the input of the latch
KINDS_OF_STEPS = ("store", "hold", "recall")
ROADS = ("all", "direct", "cut")


def unit(**layers: tuple[float, float, float]) -> LSTMCell:
    """One unit with one input: for each layer i, f, o, g its w_x, w_h and b."""
    weights = {}
    for layer, (w_x, w_h, b) in layers.items():
        weights |= {f"W_x{layer}": [[w_x]], f"W_h{layer}": [[w_h]], f"b_{layer}": [b]}
    return LSTMCell(**weights)


def layers_of_state(cell: LSTMCell, x: Array) -> tuple[Array, Array]:
    """c(t) of one unit by the step that stored it: layers (steps, steps), and what is left of each.

    left[t, k] is the product of f(k+1) ... f(t), layers[t, k] that times i(k) g(k); both are zero
    for k > t. The sum over k is c(t), from c(-1) = 0.
    """
    values = trace(cell, x)
    f, i, g = (values[name][:, 0] for name in "fig")
    steps = range(len(f))
    left = np.array([[np.prod(f[k + 1 : t + 1]) * (k <= t) for k in steps] for t in steps])
    return left * i * g, left


def gradients_apart(kind: type[Cell], scale: float) -> tuple[float, float]:
    """How far `fast_bptt` and `rtrl`, and central differences, are from `bptt`.

    Each relative to the largest number in the gradient of the same weight, the largest of all; on
    random weights of size `scale`, a random sequence and random targets.
    """
    cell, rng = kind.generic(2, 3, seed=1, scale=scale), np.random.default_rng(9)
    x, targets = rng.normal(size=(12, 2)), rng.normal(size=(12, 3))
    plain = bptt(cell, x, targets).gradient

    def apart(other):
        shares = [abs(other[name] - d).max() / abs(d).max() for name, d in plain.items()]
        return float(max(shares))

    exact = fast_bptt(cell, x, targets).gradient, rtrl(cell, x, targets)[1]
    differences = central_differences(cell, lambda: bptt(cell, x, targets).loss)
    return max(map(apart, exact)), apart(differences)


def norms(
    kind: type[Cell],
    seeds: Iterable[int],
    road: str = "all",
    units: int = 16,
    steps: int = 60,
    **start: float,
) -> Array:
    """Norm of ds(T)/ds(T-k) for k = 0 ... steps, one row a seed, of fresh cells on random inputs.

    road   "all"; of an LSTM "direct" for dc(t)/dc(t-1) alone, or "cut" for all without it
    start  goes to `from_seed`
    """
    if road not in ROADS:
        raise ValueError(f"road: expected one of {', '.join(ROADS)}, got {road!r}")
    rows = []
    for seed in seeds:
        x = np.random.default_rng([seed, 1]).normal(size=(steps, 3))
        J = state_jacobians(kind.from_seed(3, units, seed, **start), x)
        direct = J[:, units:, units:]
        if road == "cut":
            direct[...] = 0
        rows.append(norms_over_lag(direct if road == "direct" else J))
    return np.array(rows)


def error_of_recall(
    gate: str, bias: float, seed: int, lag: int = 30, units: int = 16, updates: int = 200
) -> float:
    """Mean squared error of recalling the first symbol `lag` steps later, after training.

    All gates start with a bias of 0 but `gate`, "b_f" or another bias, which starts with `bias`.
    Answering 0 has an error of 1.
    """

    def recalls(sequences, seeds):
        return tasks.at_the_end(*tasks.early_symbol(sequences, lag + 1, seeds))

    cell = LSTMCell.from_seed(2, units, seed, forget_bias=0, dtype=np.float32)
    cell.weights[gate] = np.full(units, bias)
    run = train(
        Readout.from_seed(cell, 1, seed),
        lambda seeds: recalls(16, seeds),
        updates,
        rate=3e-3,
        norm=1.0,
        seed=seed,
        validation=recalls(256, [seed, 0]),
        every=updates,
    )
    return float(run.validation[-1])


def latch(seed: int, updates: int = 600) -> Readout:
    """Two units and a linear one that reads them, trained to store and recall."""
    cell = LSTMCell.from_seed(3, 2, seed, dtype=np.float32)
    network = Readout.from_seed(cell, 1, seed)
    train(
        network,
        lambda seeds: tasks.store_and_recall(BATCH, STEPS, seeds),
        updates,
        rate=0.05,
        seed=seed,
    )
    return network


def steps_of(x: Array) -> dict[str, NDArray[np.bool_]]:
    """Which steps of the latch's inputs store, hold or recall: (sequences, steps) each."""
    store, recall = x[..., STORE] == 1, x[..., RECALL] == 1
    return dict(zip(KINDS_OF_STEPS, (store, ~store & ~recall, recall), strict=True))


def left_over(network: Readout, x: Array, target: Array) -> float:
    """Squared error at a recall, as a share of that of the answer 0."""
    recall = steps_of(x)["recall"]
    y, _ = unroll(network, x)
    return float(np.mean((y - target)[recall] ** 2) / np.mean(target[recall] ** 2))


def memory_unit(c: Array, x: Array) -> int:
    """The unit whose cell state (sequences, steps, units) follows the stored value most closely."""
    times = np.where(x[..., STORE] == 1, np.arange(x.shape[1]), 0)
    latest = np.maximum.accumulate(times, axis=1)
    stored = np.take_along_axis(x[..., 0], latest, axis=1).ravel()
    follows = [abs(np.corrcoef(unit.ravel(), stored)[0, 1]) for unit in np.moveaxis(c, -1, 0)]
    return int(np.argmax(follows))


def read(network: Readout, x: Array) -> tuple[dict[str, Array], int]:
    """Every inner value of a latch, as `trace` gives them, and which unit holds the memory."""
    values = trace(network.cell, x)
    return values, memory_unit(values["c"], x)


def gate_means(networks: Iterable[Readout], x: Array) -> dict[tuple[str, str], Array]:
    """Mean of f, i, o and |i g| of the memory unit at each kind of step, one number a network."""
    found: dict[tuple[str, str], list[float]] = {}
    for network in networks:
        values, unit = read(network, x)
        values = {**values, "|i g|": abs(values["i"] * values["g"])}
        for name in ("f", "i", "o", "|i g|"):
            for kind, steps in steps_of(x).items():
                mean = values[name][..., unit][steps].mean()
                found.setdefault((name, kind), []).append(float(mean))
    return {key: np.array(means) for key, means in found.items()}


def clock(kind: type[LSTMCell], units: int, seed: int, updates: int = 1000) -> Readout:
    """A cell and a linear unit that reads it, trained to measure the time between two spikes."""
    cell = kind.from_seed(1, units, seed, dtype=np.float32)
    network = Readout.from_seed(cell, 1, seed)
    weights = np.full(STEPS, 2 / BATCH)  # the squared error of a sequence
    train(
        network,
        lambda seeds: (*tasks.spike_interval(BATCH, STEPS, seeds), weights),
        updates,
        rate=0.02,
        norm=1.0,
        loss=squared_error,
        seed=seed,
    )
    return network


def steps_off(network: Readout, sequences: int = 1000) -> float:
    """Root mean square of the clock's error at the second spike, in steps."""
    x, target = tasks.spike_interval(sequences, STEPS, seed=99, longest=LONGEST)
    second = target > 0
    y, _ = fast_unroll(network, x)
    return float(LONGEST * np.sqrt(np.mean((y - target)[second] ** 2)))


def steps_off_of_a_constant(sequences: int = 1000) -> float:
    """The same for a clock that always answers the mean interval."""
    _, target = tasks.spike_interval(sequences, STEPS, seed=99, longest=LONGEST)
    return float(LONGEST * np.std(target[target > 0]))


def without_peepholes(network: Readout) -> Readout:
    """A copy of a clock whose peepholes are zero."""
    none = np.zeros(network.cell.output_size)
    return network.replace(**{f"cell.p_{gate}": none for gate in "ifo"})
