"""Seeded tasks with something to remember: each gives fresh sequences of a
known answer.

Every function returns `(inputs, targets)` in float64, inputs (sequences,
steps, features). The same arguments give the same arrays. Values have no
units.
"""

from typing import TypeAlias

import numpy as np

from lib import checks
from lib.checks import Array, ArrayLike

Seed: TypeAlias = int | list[int]  # what np.random.default_rng takes


def early_symbol(
    sequences: int, steps: int, seed: Seed
) -> tuple[Array, Array]:
    """Recall the first symbol after steps - 1 distractors.

        x(t) = (value, flag)    value is -1 or 1, at random;
                                flag is 1 at t = 0 only
        target = value at t = 0

    sequences  how many
    steps      length of each, at least 2
    seed       of the random generator
    returns    inputs (sequences, steps, 2), targets (sequences, 1)

    Answering 0 gives a squared error of 1.

    Source: after the recall tasks of Hochreiter and Schmidhuber (1997).

    Explained in: memory-measured
    """
    checks.count("sequences", sequences)
    checks.count("steps", steps, 2)
    rng = checks.generator("seed", seed)
    values = rng.choice([-1.0, 1.0], (sequences, steps))
    flags = np.zeros((sequences, steps))
    flags[:, 0] = 1
    return np.stack([values, flags], axis=-1), values[:, :1]


def store_and_recall(
    sequences: int, steps: int, seed: Seed, commands: float = 0.2
) -> tuple[Array, Array]:
    """A latch: store a value when told to, give it back when asked, ignore
    all other values.

        x(t) = (value, store, recall)    value uniform between -1 and 1,
                                         drawn afresh at every step
        target(t) = the value at the latest store before t where recall is
                    1, and 0 elsewhere

    The first step stores. Every later step is a store with probability
    `commands`/2, a recall with probability `commands`/2, and nothing
    otherwise.

    sequences  how many
    steps      length of each, at least 2
    seed       of the random generator
    commands   share of the later steps that store or recall, between 0 and
               1
    returns    inputs (sequences, steps, 3), targets (sequences, steps, 1)

    Answering 0 gives a squared error of 1/3 at a recall on average, the
    variance of a value.

    Explained in: lstm-anatomy
    """
    checks.count("sequences", sequences)
    checks.count("steps", steps, 2)
    commands = checks.number("commands", commands, 0, 1)
    rng = checks.generator("seed", seed)
    values = rng.uniform(-1, 1, (sequences, steps))
    chance = rng.random((sequences, steps))
    chance[:, 0] = 0
    store = chance < commands / 2
    store[:, 0] = True
    recall = ~store & (chance < commands)
    latest = np.maximum.accumulate(
        np.where(store, np.arange(steps), 0), axis=1
    )
    stored = np.take_along_axis(values, latest, axis=1)
    return (
        np.stack([values, store, recall], axis=-1),
        np.where(recall, stored, 0.0)[..., np.newaxis],
    )


def adding(sequences: int, steps: int, seed: Seed) -> tuple[Array, Array]:
    """Add the two marked numbers, one in each half of the sequence.

        x(t) = (value, mark)    value uniform between 0 and 1;
                                mark is 1 at two steps, 0 elsewhere
        target = value at the first mark + value at the second

    sequences  how many
    steps      length of each, at least 2
    seed       of the random generator
    returns    inputs (sequences, steps, 2), targets (sequences, 1)

    Answering 1 gives a squared error of 1/6 on average, the variance of a
    sum of two such numbers.

    Source: Hochreiter and Schmidhuber (1997), with the marks placed
    anywhere in their halves.

    Explained in: memory-measured
    """
    checks.count("sequences", sequences)
    checks.count("steps", steps, 2)
    rng = checks.generator("seed", seed)
    values = rng.random((sequences, steps))
    marks = np.zeros((sequences, steps))
    rows, half = np.arange(sequences), steps // 2
    marks[rows, rng.integers(0, half, sequences)] = 1
    marks[rows, rng.integers(half, steps, sequences)] = 1
    return np.stack([values, marks], axis=-1), (values * marks).sum(
        axis=1, keepdims=True
    )


def copying(
    sequences: int, lag: int, seed: Seed, symbols: int = 3
) -> tuple[Array, Array]:
    """Repeat a row of symbols, each `lag` steps after it was shown.

        x(t) = (value, flag)    value is -1 or 1, at random, at the first
                                `symbols` steps, then 0; flag is 1 at the
                                last `symbols` steps, 0 before
        target(k) = value(k), wanted at step lag + k

    sequences  how many
    lag        steps between a symbol and its copy, at least `symbols`
    seed       of the random generator
    symbols    how many to repeat
    returns    inputs (sequences, lag + symbols, 2), targets (sequences,
               symbols, 1)

    Answering 0 gives a squared error of 1.

    Source: after Arjovsky, Shah and Bengio (2016), with two symbols in
    place of eight.

    Explained in: memory-measured
    """
    checks.count("sequences", sequences)
    checks.count("symbols", symbols)
    checks.count("lag", lag, symbols)  # one step a symbol
    rng = checks.generator("seed", seed)
    inputs = np.zeros((sequences, lag + symbols, 2))
    inputs[:, :symbols, 0] = rng.choice([-1.0, 1.0], (sequences, symbols))
    inputs[:, lag:, 1] = 1
    return inputs, inputs[:, :symbols, :1].copy()


def spike_interval(
    sequences: int,
    steps: int,
    seed: Seed,
    shortest: int = 5,
    longest: int = 15,
) -> tuple[Array, Array]:
    """Measure the time between two spikes, and be silent until the second.

        x(t) = 1 at the two spikes, 0 elsewhere
        target(t) = interval / longest at the second spike, 0 elsewhere

    The interval is a whole number of steps, each from `shortest` to
    `longest` as likely as the others, and so is the first spike's place
    among all that leave room for the second.

    sequences          how many
    steps              length of each, more than `longest`
    seed               of the random generator
    shortest, longest  of the interval
    returns            inputs (sequences, steps, 1), targets (sequences,
                       steps, 1)

    Source: after the spike delays of Gers and Schmidhuber (2000).

    Explained in: lstm-peepholes-measured
    """
    checks.count("longest", longest, checks.count("shortest", shortest))
    checks.count("sequences", sequences)
    checks.count("steps", steps, longest + 1)
    rng, rows = checks.generator("seed", seed), np.arange(sequences)
    interval = rng.integers(shortest, longest + 1, sequences)
    first = rng.integers(0, steps - interval)
    inputs, targets = np.zeros((2, sequences, steps, 1))
    inputs[rows, first] = 1
    inputs[rows, first + interval] = 1
    targets[rows, first + interval, 0] = interval / longest
    return inputs, targets


def at_the_end(
    inputs: ArrayLike, answers: ArrayLike
) -> tuple[Array, Array, Array]:
    """Answers that are wanted at the last steps, as targets and weights of
    all steps: (inputs, targets, weights), what `train` takes for a batch.

    inputs   (sequences, steps, features)
    answers  (sequences, k) or (sequences, k, 1), wanted at the last k steps
    returns  inputs as they are, targets (sequences, steps, 1), which are 0
             where nothing is wanted, and weights (steps,), 1 at the last k
             steps and 0 before

    Raises TypeError or ValueError naming the argument.

    Explained in: training-loop
    """
    inputs = checks.array(
        "inputs", inputs, ("sequences", "steps", "features")
    )
    n, steps, _ = inputs.shape
    answers = checks.array("answers", answers, (n, "k"), (n, "k", 1))
    k = answers.shape[1]
    if k > steps:
        raise ValueError(
            f"answers: expected at most {steps} for each sequence, one a"
            f" step, got {k}"
        )
    targets, weights = np.zeros((n, steps, 1)), np.zeros(steps)
    targets[:, -k:] = answers.reshape(n, k, 1)
    weights[-k:] = 1
    return inputs, targets, weights
