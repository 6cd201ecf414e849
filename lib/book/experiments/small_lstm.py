"""LSTMs of one or two units, small enough to be read: a latch, and a clock that has to be silent.

The latch stores a value when told to and gives it back when asked (`tasks.store_and_recall`). The
clock says at the second of two spikes how long ago the first one was, and 0 at all other steps
(`tasks.spike_interval`), so it must measure time without showing that it does.
"""

import numpy as np
from numpy.typing import NDArray

from lib import unroll
from lib.book.experiments.memory_span import examples
from lib.cells import LSTMCell, Readout
from lib.checks import Array
from lib.data import tasks
from lib.gradients import fast_unroll, squared_error
from lib.training import train

STEPS, LONGEST, BATCH = 20, 15, 32
STORE, RECALL = 1, 2  # places in the input of the latch
KINDS_OF_STEPS = ("store", "hold", "recall")


def error_of_recall(
    seed: int, gate: str, bias: float, lag: int = 40, units: int = 16, updates: int = 300
) -> float:
    """Mean squared error of recalling the first symbol `lag` steps later, after training.

    All gates start with a bias of 0 but `gate`, "b_f" or another bias, which starts with `bias`.
    Answering 0 has an error of 1.
    """
    cell = LSTMCell.from_seed(2, units, seed, forget_bias=0, dtype=np.float32)
    cell.weights[gate] = np.full(units, bias)
    run = train(
        Readout.from_seed(cell, 1, seed),
        lambda seeds: examples("recall", lag, seeds, 16),
        updates,
        rate=3e-3,
        norm=1.0,
        seed=seed,
        validation=examples("recall", lag, [seed, 0], 256),
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


def gate_means(values: dict[str, Array], unit: int, x: Array) -> dict[tuple[str, str], float]:
    """Mean of f, i, o and |i g| of a unit at each kind of step, from what `trace` gives."""
    inside = {name: values[name][..., unit] for name in "fio"}
    inside["|i g|"] = abs(values["i"] * values["g"])[..., unit]
    return {
        (name, kind): float(value[steps].mean())
        for name, value in inside.items()
        for kind, steps in steps_of(x).items()
    }


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
