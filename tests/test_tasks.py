"""The synthetic tasks: shapes, seeds, and targets computed again the slow way."""

import numpy as np
import pytest

from lib.data import tasks
from tests.helpers import refused

KINDS = {"early_symbol": 2, "store_and_recall": 3, "adding": 2}


@pytest.mark.parametrize(("kind", "features"), KINDS.items())
@pytest.mark.parametrize("steps", [2, 3, 17])
def test_shapes(kind, features, steps):
    inputs, targets = getattr(tasks, kind)(5, steps, seed=1)
    assert inputs.shape == (5, steps, features)
    assert targets.shape == ((5, steps, 1) if kind == "store_and_recall" else (5, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_the_seed_decides(kind):
    first, again, other = (getattr(tasks, kind)(4, 12, seed=seed) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_early_symbol_is_the_flagged_value():
    inputs, targets = tasks.early_symbol(200, 9, seed=0)
    value, flag = inputs[..., 0], inputs[..., 1]
    assert np.array_equal(flag, np.tile([1] + [0] * 8, (200, 1)))
    assert np.array_equal(targets, value[:, :1])
    assert set(value.ravel()) == {-1, 1}
    assert abs(np.corrcoef(targets[:, 0], value[:, -1])[0, 1]) < 0.3


def test_store_and_recall_is_a_latch():
    inputs, targets = tasks.store_and_recall(50, 30, seed=0, commands=0.4)
    for sequence, target in zip(inputs, targets, strict=True):
        memory = None
        for (value, store, recall), wanted in zip(sequence, target[:, 0], strict=True):
            assert wanted == (memory if recall else 0)
            if store:
                memory = value
    store, recall = inputs[..., 1], inputs[..., 2]
    assert store[:, 0].all()
    assert not (store * recall).any()
    assert store[:, 1:].mean() == pytest.approx(0.2, abs=0.05)
    assert recall[:, 1:].mean() == pytest.approx(0.2, abs=0.05)


def test_adding_sums_one_marked_number_of_each_half():
    inputs, targets = tasks.adding(4000, 11, seed=0)
    for (values, marks), target in zip(inputs[:50].transpose(0, 2, 1), targets, strict=False):
        (first,), (second,) = np.flatnonzero(marks[:5]), np.flatnonzero(marks[5:])
        assert target == values[first] + values[5 + second]
    assert np.mean((targets - 1) ** 2) == pytest.approx(1 / 6, rel=0.1)


def test_spike_interval_is_the_time_between_the_spikes():
    inputs, targets = tasks.spike_interval(3000, 20, seed=0, shortest=5, longest=15)
    assert inputs.shape == targets.shape == (3000, 20, 1)
    rows, times = np.nonzero(inputs[..., 0])
    assert np.array_equal(rows, np.repeat(np.arange(3000), 2))
    first, second = times[::2], times[1::2]
    interval = second - first
    assert set(interval) == set(range(5, 16))
    assert first.min() == 0
    assert second.max() == 19
    expected = np.zeros((3000, 20))
    expected[np.arange(3000), second] = interval / 15
    assert np.array_equal(targets[..., 0], expected)
    assert np.array_equal(tasks.spike_interval(3000, 20, seed=0)[0], inputs)


def test_bad_interval_is_refused():
    with pytest.raises(ValueError, match="longest: expected a whole number of at least 6, got 5"):
        tasks.spike_interval(4, 20, seed=0, shortest=6, longest=5)
    with pytest.raises(ValueError, match="steps: expected a whole number of at least 16, got 15"):
        tasks.spike_interval(4, 15, seed=0)


@pytest.mark.parametrize("kind", KINDS)
def test_too_short_is_refused(kind):
    with pytest.raises(ValueError, match="steps: expected a whole number of at least 2, got 1"):
        getattr(tasks, kind)(4, 1, seed=0)


def test_bad_share_is_refused():
    with pytest.raises(
        ValueError, match=r"commands: expected .* at least 0 and of at most 1, got 1\.5"
    ):
        tasks.store_and_recall(4, 10, seed=0, commands=1.5)


def test_copying_repeats_the_symbols_after_the_lag():
    inputs, targets = tasks.copying(200, 9, seed=0, symbols=4)
    value, flag = inputs[..., 0], inputs[..., 1]
    assert inputs.shape == (200, 13, 2)
    assert np.array_equal(flag, np.tile([0] * 9 + [1] * 4, (200, 1)))
    assert np.array_equal(targets[..., 0], value[:, :4])
    assert not value[:, 4:].any()
    assert set(targets.ravel()) == {-1, 1}
    assert len({tuple(row) for row in targets[..., 0]}) == 2**4
    again, other = tasks.copying(200, 9, 0, 4)[0], tasks.copying(200, 9, 1, 4)[0]
    assert np.array_equal(inputs, again)
    assert not np.array_equal(inputs, other)


def test_copying_needs_room_for_its_symbols():
    with pytest.raises(ValueError, match="lag: expected a whole number of at least 4, got 3"):
        tasks.copying(2, 3, seed=0, symbols=4)


def test_bad_seed_is_refused():
    with pytest.raises(
        TypeError, match=r"seed: expected a whole number of at least 0, .* got None"
    ):
        tasks.adding(2, 4, seed=None)
    with pytest.raises(ValueError, match="seed: expected whole numbers of at least 0, got -1"):
        tasks.adding(2, 4, seed=[1, -1])


@pytest.mark.parametrize("axis", [False, True], ids=["(n, k)", "(n, k, 1)"])
def test_answers_at_the_end_are_targets_of_the_last_steps(axis):
    inputs, answers = tasks.copying(5, 9, seed=0, symbols=4)
    given, targets, weights = tasks.at_the_end(inputs, answers if axis else answers[..., 0])
    assert np.array_equal(given, inputs)
    assert targets.shape == (5, 13, 1)
    assert np.array_equal(targets[:, 9:], answers)
    assert not targets[:, :9].any()
    assert np.array_equal(weights, [0] * 9 + [1] * 4)


def test_an_answer_may_be_wanted_at_every_step():
    inputs, answers = tasks.store_and_recall(5, 9, seed=0)
    _, targets, weights = tasks.at_the_end(inputs, answers)
    assert np.array_equal(targets, answers)
    assert np.array_equal(weights, np.ones(9))


@pytest.mark.parametrize(
    ("inputs", "answers", "message"),
    [
        (np.ones((2, 3)), np.ones((2, 1)), "inputs: expected shape (sequences, steps, features)"),
        (np.ones((2, 3, 1)), np.ones((3, 1)), "answers: expected shape (2, k) or (2, k, 1), got"),
        (np.ones((2, 3, 1)), np.ones(2), "answers: expected shape (2, k) or (2, k, 1), got (2,)"),
        (np.ones((2, 3, 1)), np.ones((2, 4)), "answers: expected at most 3 for each sequence, on"),
        (np.ones((2, 3, 1)), np.ones((2, 0)), "answers: expected shape (2, k) or (2, k, 1), with"),
    ],
)
def test_answers_that_do_not_fit_are_named(inputs, answers, message):
    with refused(ValueError, message):
        tasks.at_the_end(inputs, answers)
