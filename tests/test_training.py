"""The training loop, Adam and clipping; and that training gives what it gave."""

import builtins
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lib import Bidirectional, GRUCell, LSTMCell, PeepholeLSTMCell, Readout, SimpleCell, last
from lib.book.experiments import memory_span as memory
from lib.data import tasks
from lib.gradients import bptt, fast_bptt, fast_unroll, mean_squared_error, squared_error
from lib.training import Adam, clip, train
from tests.helpers import outside_the_page, random_cell, refused
from tests.test_gradients import readout

CELLS = {**memory.CELLS, "LSTM, peepholes": PeepholeLSTMCell}
GOLDEN = json.loads(
    (Path(__file__).parent / "data" / "golden_training.json").read_text(encoding="utf-8")
)


# What training gave before


@pytest.mark.parametrize("run", GOLDEN, ids=lambda run: "/".join(list(run.values())[:3]))
def test_training_gives_what_it_gave(run):
    """Ten updates of every task and cell of the sweep, as the code of before `train` did them.

    The script that wrote the file ran that code; it is in the history, at
    tests/data/make_golden_training.py. float32 keeps seven digits, of which ten updates may cost
    two; float64 keeps sixteen.
    """
    dtype, tolerance = run["dtype"], {"float32": 1e-5, "float64": 1e-12}[run["dtype"]]
    cell = CELLS[run["cell"]].from_seed(2, memory.UNITS, 0, dtype=dtype)
    network = Readout.from_seed(cell, 1, 0)
    found = train(
        network,
        lambda seed: memory.examples(run["task"], 12, seed, memory.BATCH),
        updates=10,
        rate=memory.RATES[run["task"]],
        norm=memory.CLIP,
    )
    np.testing.assert_allclose(found.losses, run["losses"], rtol=tolerance)
    assert projections(network) == pytest.approx(run["weights"], rel=tolerance, abs=tolerance)


@pytest.mark.parametrize(
    "run",
    [run for run in GOLDEN if run["dtype"] == "float32"],
    ids=lambda run: "/".join(list(run.values())[:2]),
)
def test_the_sweep_trains_as_it_did(run):
    """Its batches, rates and norm, by way of the function that the sweep calls."""
    cell = CELLS[run["cell"]].from_seed(2, memory.UNITS, 0, dtype=np.float32)
    network = Readout.from_seed(cell, 1, 0)
    memory.train(network, run["task"], lag=12, seed=0, updates=10)
    assert projections(network) == pytest.approx(run["weights"], rel=1e-5, abs=1e-5)


def projections(network):
    """Of every weight, the sum of its numbers times fixed random ones."""
    return {
        name: float(np.sum(w * np.random.default_rng(1).normal(size=w.shape)))
        for name, w in network.weights.items()
    }


# The loop


def running_sum(seed, batch=16, steps=6):
    x = np.random.default_rng(seed).normal(size=(batch, steps, 1))
    return x, x.cumsum(axis=1) / 3


def small(kind=LSTMCell, seed=0, units=8):
    return Readout.from_seed(kind.from_seed(1, units, seed, dtype=np.float32), 1, seed)


def test_every_cell_learns(kind):
    network = small(kind)
    run = train(network, running_sum, 150, rate=0.01)
    assert run.losses.shape == (run.updates,) == (150,)
    assert np.mean(run.losses[-10:]) < 0.2 * np.mean(run.losses[:10])


def test_both_directions_learn_what_one_cannot():
    """The first output is the mean of all inputs, which a forward network has not seen yet."""

    def mean_of_all(seed):
        x = np.random.default_rng(seed).normal(size=(16, 5, 1))
        return x, np.tile(x.mean(axis=1, keepdims=True), (1, 5, 1))

    cells = [GRUCell.from_seed(1, 8, seed, dtype=np.float32) for seed in (0, 1)]
    both = Readout.from_seed(Bidirectional(*cells), 1, 0)
    run = train(both, mean_of_all, 250, rate=0.02)
    one_way = train(small(GRUCell, units=16), mean_of_all, 250, rate=0.02)
    assert np.mean(run.losses[-20:]) < 0.25 * np.mean(one_way.losses[-20:])


def test_a_run_is_its_updates_by_hand():
    network, by_hand, seeds = small(), small(), []

    def batches(seed):
        seeds.append(list(seed))
        return running_sum(seed)

    run = train(network, batches, 5, rate=0.02, norm=0.1, seed=7)
    assert seeds == [[7, 1], [7, 2], [7, 3], [7, 4], [7, 5]]
    adam = Adam(by_hand.weights, 0.02)
    for seed, loss in zip(seeds, run.losses, strict=True):
        x, targets = running_sum(seed)
        x = x.astype(np.float32)
        value, gradient, *_ = fast_bptt(by_hand, x, targets, loss=mean_squared_error)
        assert value == loss
        assert clip(gradient, 0.1) > 0.1
        adam.update(gradient)
    for name, weight in network.weights.items():
        np.testing.assert_array_equal(by_hand.weights[name], weight)
        assert weight.dtype == np.float32


def test_the_norm_and_the_loss_are_used():
    runs = []
    for options in ({}, {"norm": 1e-3}, {"loss": squared_error}, {"rate": 0.05}):
        network = small()
        train(network, running_sum, 3, **options)
        runs.append(np.concatenate([w.ravel() for w in network.weights.values()]))
    for k in range(4):
        assert all((runs[k] != runs[j]).any() for j in range(k))


def test_batches_may_have_weights_or_be_arguments():
    """Weights of steps, a mask, and the states before the first step."""
    x, targets = running_sum(3)
    weights = np.arange(6.0)
    first = tuple(np.full((16, 8), 0.5) for _ in range(2))
    mask = np.arange(6) < np.random.default_rng(0).integers(1, 7, (16, 1))
    for examples, arguments in [
        ((x, targets, weights), {"weights": weights}),
        (
            {"inputs": x, "targets": targets, "initial_states": first, "mask": mask},
            {"initial_states": first, "mask": mask},
        ),
    ]:
        network = small()
        expected = bptt(network, x, targets, loss=mean_squared_error, **arguments).loss
        run = train(network, lambda _, given=examples: given, 1, validation=examples)
        assert run.losses[0] == pytest.approx(expected, rel=1e-5)
        after = bptt(network, x, targets, loss=mean_squared_error, **arguments).loss
        assert run.validation[0] == pytest.approx(after, rel=1e-5)


def test_the_validation_part_is_asked_every_so_often_and_at_the_end():
    network = small()
    run = train(network, running_sum, 25, every=10, validation=running_sum(99))
    assert run.checked_at.tolist() == [10, 20, 25]
    outputs, _ = fast_unroll(network, running_sum(99)[0].astype(np.float32))
    assert run.validation[-1] == pytest.approx(np.mean((outputs - running_sum(99)[1]) ** 2))
    assert train(small(), running_sum, 5).validation.shape == (0,)


def turning(seed):
    """Right answers for thirty updates, then their opposites."""
    x, targets = running_sum(seed)
    return x, targets if seed[1] <= 30 else -targets


def test_patience_stops_and_goes_back_to_the_best_weights():
    options = {"rate": 0.02, "every": 5, "validation": running_sum(99)}
    network = small()
    run = train(network, turning, 200, patience=3, **options)
    best = run.checked_at[run.validation.argmin()]
    assert 25 <= best <= 40
    assert run.updates == run.checked_at[-1] == best + 3 * 5
    at_the_best = small()
    train(at_the_best, turning, int(best), **options)
    for name, weight in network.weights.items():
        np.testing.assert_array_equal(at_the_best.weights[name], weight)
    without = small()
    assert train(without, turning, 60, **options).updates == 60
    assert (without.cell.W_xi != network.cell.W_xi).any()


def test_patience_goes_back_also_where_the_budget_ends_first():
    network = small()
    run = train(network, turning, 50, rate=0.02, every=5, validation=running_sum(99), patience=100)
    assert run.updates == 50
    outputs, _ = fast_unroll(network, running_sum(99)[0].astype(np.float32))
    found = np.mean((outputs - running_sum(99)[1]) ** 2)
    assert found == pytest.approx(run.validation.min(), rel=1e-6)
    assert run.validation.argmin() < len(run.validation) - 1


def test_a_run_stops_below_a_loss():
    options = {"rate": 0.02, "every": 10, "validation": running_sum(99)}
    low = np.median(train(small(), running_sum, 200, **options).validation)
    run = train(small(), running_sum, 400, stop_below=low, **options)
    assert 10 < run.updates < 400
    assert run.validation[-1] < low
    assert (run.validation[:-1] >= low).all()


@outside_the_page
def test_progress_is_shown_if_wanted(capsys, monkeypatch):
    train(small(), running_sum, 4)
    assert capsys.readouterr() == ("", "")
    train(small(), running_sum, 4, progress=True)
    assert "4/4" in capsys.readouterr().err

    found = builtins.__import__

    def without_tqdm(name, *rest):
        if name == "tqdm":
            raise ImportError(name)
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_tqdm)
    train(small(), running_sum, 20, progress=True)
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 10
    assert out[-1] == "20 of 20 updates"


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"network": None}, TypeError, "network: expected a network"),
        ({"batches": 3}, TypeError, "batches: expected a function, got 3"),
        ({"batches": lambda _: 3}, TypeError, "batches: expected (inputs, targets), (inputs, tar"),
        ({"batches": lambda _: {}}, TypeError, "batches: expected (inputs, targets), (inputs, t"),
        (
            {"batches": lambda s: (running_sum(s)[0], np.ones((16, 5, 1)))},
            ValueError,
            "targets: expected shape (16, 6, 1), got (16, 5, 1)",
        ),
        ({"updates": 0}, ValueError, "updates: expected a whole number of at least 1, got 0"),
        ({"rate": -1.0}, ValueError, "rate: expected a finite number above 0, got -1.0"),
        ({"norm": 0.0}, ValueError, "norm: expected a finite number above 0, got 0.0"),
        ({"loss": None}, TypeError, "loss: expected a function, got None"),
        ({"seed": -1}, ValueError, "seed: expected a whole number of at least 0, got -1"),
        ({"every": 0}, ValueError, "every: expected a whole number of at least 1, got 0"),
        ({"patience": 2}, ValueError, "validation: expected examples, whose loss patience and st"),
        ({"stop_below": 0.1}, ValueError, "validation: expected examples, whose loss patience"),
        (
            {"validation": 3},
            TypeError,
            "validation: expected (inputs, targets), (inputs, targets, weights) or a dict",
        ),
        (
            {"validation": running_sum(0), "patience": 0},
            ValueError,
            "patience: expected a whole number of at least 1, got 0",
        ),
        (
            {"validation": running_sum(0), "stop_below": np.nan},
            ValueError,
            "stop_below: expected a finite number, got nan",
        ),
        ({"progress": "yes"}, TypeError, "progress: expected True or False, got 'yes'"),
    ],
)
def test_what_train_cannot_use_is_named(options, error, message):
    arguments = {"network": small(), "batches": running_sum, "updates": 2} | options
    with refused(error, message):
        train(**arguments)


# What is not a weight of the network can learn as well


@pytest.mark.parametrize("road", [bptt, fast_bptt])
def test_a_table_of_word_vectors_learns_from_the_gradient_of_the_inputs(road):
    """Twelve words, each worth -1 or 1; the answer is the mean worth of a text, of any length."""
    rng = np.random.default_rng(0)
    worth = rng.choice([-1.0, 1.0], 12)
    table = 0.1 * rng.normal(size=(12, 3))
    network = Readout.from_seed(LSTMCell.from_seed(3, 8, 0), 1, 0)
    adam = Adam({**network.weights, "table": table}, 0.03)
    losses = []
    for _ in range(120):
        words = rng.integers(0, 12, (16, 7))
        mask = np.arange(7) < rng.integers(2, 8, (16, 1))
        mean = (worth[words] * mask).sum(axis=1) / mask.sum(axis=1)
        targets, weights = np.zeros((16, 7, 1)), np.zeros(7)
        targets[:, -1, 0], weights[-1] = mean, 1
        found = road(network, table[words], targets, weights, mask=mask, loss=mean_squared_error)
        d_table = np.zeros_like(table)
        np.add.at(d_table, words, found.d_inputs)
        clip(found.gradient, 1.0)
        adam.update({**found.gradient, "table": d_table})
        losses.append(found.loss)
    assert np.mean(losses[-20:]) < 0.15 * np.mean(losses[:5])
    # One direction of the table tells the two kinds of words apart.
    projected = (table - table.mean(axis=0)) @ (table[worth > 0].mean(0) - table[worth < 0].mean(0))
    assert projected[worth > 0].min() > projected[worth < 0].max()


@pytest.mark.parametrize("road", [bptt, fast_bptt])
def test_an_encoder_learns_from_the_gradient_of_the_decoder_s_first_states(road):
    """Three numbers are read, then written by a decoder whose own input says nothing."""
    rng = np.random.default_rng(1)
    encoder = LSTMCell.from_seed(1, 12, 0)
    decoder = Readout.from_seed(LSTMCell.from_seed(1, 12, 1), 1, 1)
    adams = [Adam(network.weights, 0.01) for network in (encoder, decoder)]
    losses, kept = [], encoder.W_xg.copy()
    for _ in range(250):
        read = rng.choice([-1.0, 1.0], (16, 3, 1))
        _, states = fast_unroll(encoder, read)
        writing = road(
            decoder,
            np.ones_like(read),
            read,
            initial_states=last(states),
            loss=mean_squared_error,
        )
        reading = road(encoder, read, d_final_states=writing.d_initial_states)
        losses.append(writing.loss)
        for adam, gradient in zip(adams, (reading.gradient, writing.gradient), strict=True):
            clip(gradient, 1.0)
            adam.update(gradient)
    assert np.mean(losses[-10:]) < 0.1 * np.mean(losses[:5])
    assert (encoder.W_xg != kept).all()


# Adam


@outside_the_page
def test_adam_takes_the_steps_of_keras():
    from lib.keras import keras

    rng = np.random.default_rng(0)
    start = rng.normal(size=(3, 2)).astype(np.float32)
    gradients = rng.normal(size=(20, 3, 2)).astype(np.float32)
    variable = keras.Variable(start)
    theirs = keras.optimizers.Adam(0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-5)
    ours = {"w": start.copy()}
    adam = Adam(ours, rate=0.01, beta_1=0.8, beta_2=0.95, epsilon=1e-5)
    for gradient in gradients:
        theirs.apply([gradient], [variable])
        adam.update({"w": gradient})
    np.testing.assert_allclose(ours["w"], np.asarray(variable), atol=1e-6)


def test_adam_by_its_equation():
    rng = np.random.default_rng(0)
    start = rng.normal(size=4)
    w, m, v = start.copy(), np.zeros(4), np.zeros(4)
    weights = {"a": start[:1].copy(), "b": start[1:].reshape(1, 3).copy()}
    adam = Adam(weights, 0.1)
    for t in range(1, 6):
        d = rng.normal(size=4) * 10.0 ** rng.integers(-6, 6, 4)
        m = 0.9 * m + 0.1 * d
        v = 0.999 * v + 0.001 * d**2
        w -= 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7)
        adam.update({"b": d[1:].reshape(1, 3), "a": d[:1]})  # the names count, not their order
        np.testing.assert_allclose(weights["a"], w[:1], rtol=1e-12)
        np.testing.assert_allclose(weights["b"].ravel(), w[1:], rtol=1e-12)


def test_adam_changes_the_network_s_own_arrays_of_both_types():
    cell = random_cell(SimpleCell, 2, 3, dtype=np.float32)
    network = Readout(cell, np.ones((1, 3)), np.ones(1))
    arrays = dict(network.weights)
    gradient = {name: np.ones_like(w) for name, w in arrays.items()}
    kept = {name: w.copy() for name, w in arrays.items()}
    Adam(network.weights, 0.1).update(gradient)
    for name, w in network.weights.items():
        assert w is arrays[name]
        assert w.dtype == kept[name].dtype
        np.testing.assert_allclose(w, kept[name] - 0.1, rtol=1e-5, atol=1e-6)


def two_weights():
    return {"a": np.ones(2), "b": np.ones((2, 3))}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"c": np.ones(1)}, TypeError, "gradient: expected the names a, b; got an unknown c"),
        ({"b": None}, TypeError, "gradient['b']: expected a floating-point array, got NoneType"),
        ({"b": np.ones((2, 1))}, ValueError, "gradient['b']: expected shape (2, 3), got (2, 1)"),
        ({"a": np.ones(1)}, ValueError, "gradient['a']: expected shape (2,), got (1,)"),
        ({"a": np.array([0, np.nan])}, ValueError, "gradient['a']: expected finite numbers, got n"),
        ({"b": np.full((2, 3), np.inf)}, ValueError, "gradient['b']: expected finite numbers, go"),
        ({"a": np.full(2, 1e200)}, ValueError, "gradient: expected numbers whose squares fit fl"),
        ({"a": np.ones(2, int)}, TypeError, "gradient['a']: expected a floating-point array"),
        ({"a": np.ma.ones(2)}, TypeError, "gradient['a']: expected a floating-point array, got "),
    ],
)
def test_a_gradient_that_does_not_fit_changes_nothing(change, error, message):
    weights = two_weights()
    adam, twin = Adam(weights), Adam(two_weights())
    with refused(error, message):
        adam.update(two_weights() | change)
    with refused(TypeError, "gradient: expected the names a, b; got no b"):
        adam.update({"a": np.ones(2)})
    for name, w in two_weights().items():
        np.testing.assert_array_equal(weights[name], w)
    adam.update(two_weights())  # and the next update is the first
    twin.update(two_weights())
    for name, w in twin.weights.items():
        np.testing.assert_array_equal(weights[name], w)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": -1}, "rate: expected a finite number above 0, got -1.0"),
        ({"rate": 0.0}, "rate: expected a finite number above 0, got 0.0"),
        ({"rate": np.nan}, "rate: expected a finite number above 0, got nan"),
        ({"rate": np.inf}, "rate: expected a finite number above 0, got inf"),
        ({"beta_1": 1}, "beta_1: expected a finite number of at least 0 and below 1, got 1.0"),
        ({"beta_1": -0.1}, "beta_1: expected a finite number of at least 0 and below 1, got -0.1"),
        ({"beta_2": 1.0}, "beta_2: expected a finite number of at least 0 and below 1, got 1.0"),
        ({"epsilon": 0}, "epsilon: expected a finite number above 0, got 0.0"),
        ({"weights": {}}, "weights: expected at least one array, got none"),
    ],
)
def test_what_adam_cannot_use_is_named(options, message):
    with refused(ValueError, message):
        Adam(**{"weights": two_weights()} | options)


def test_adam_takes_arrays_alone():
    with refused(TypeError, "weights: expected a dict of arrays by name, got"):
        Adam([np.ones(2)])
    with refused(TypeError, "weights['a']: expected a floating-point array, got list"):
        Adam({"a": [1.0, 2.0]})
    with refused(TypeError, "rate: expected a number above 0, got 'fast'"):
        Adam(two_weights(), "fast")


# Clipping


def test_clipping_shrinks_the_whole_and_keeps_its_direction():
    gradient = {"a": np.array([3.0, 4.0]), "b": np.array([[12.0]])}
    assert clip(gradient, 2.6) == pytest.approx(13)
    np.testing.assert_allclose(gradient["a"], [0.6, 0.8])
    np.testing.assert_allclose(gradient["b"], [[2.4]])
    assert clip(gradient, 5.0) == pytest.approx(2.6)
    np.testing.assert_allclose(gradient["b"], [[2.4]])


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30, 3e37])
def test_clipping_in_float32_does_not_overflow(scale):
    gradient = {"a": np.array([3.0 * scale, 4.0 * scale], np.float32)}
    assert clip(gradient, scale) == pytest.approx(5 * scale, rel=1e-6)
    np.testing.assert_allclose(gradient["a"], [0.6 * scale, 0.8 * scale], rtol=1e-6)
    assert gradient["a"].dtype == np.float32


def test_clipping_an_explosion_to_one():
    gradient = {"a": np.array([3e30, 4e30], np.float32)}
    assert clip(gradient, 1) == pytest.approx(5e30)
    np.testing.assert_allclose(gradient["a"], [0.6, 0.8], rtol=1e-6)
    gradient = {"a": np.array([3e200, 4e200])}
    assert clip(gradient, 1) == pytest.approx(5e200)
    np.testing.assert_allclose(gradient["a"], [0.6, 0.8])


def test_an_exploding_gradient_is_clipped_to_its_norm():
    """Twenty steps of factor 3 in a linear float32 cell: the norm's square is beyond float32."""
    from lib.cells.activations import identity

    one = np.ones((1, 1), np.float32)
    cell = SimpleCell(one, 3 * one, one[0], identity)
    weights = np.eye(21)[-1]
    found = fast_bptt(cell, np.ones((21, 1), np.float32), np.zeros((21, 1)), weights)
    exact = np.concatenate([d.astype(float).ravel() for d in found.gradient.values()])
    assert np.linalg.norm(exact) > np.sqrt(np.finfo(np.float32).max)
    assert clip(found.gradient, 1.0) == pytest.approx(np.linalg.norm(exact))
    clipped = np.concatenate([d.ravel() for d in found.gradient.values()])
    np.testing.assert_allclose(clipped, exact / np.linalg.norm(exact), rtol=1e-5)


@settings(max_examples=100, deadline=None)
@example(np.array([6.4e16, 6.4e16, 0, 0, 0]), 1e-300)
@example(np.array([1.7e308, 1.7e308, 0, 0, 0]) / 2, 1e-8)
@given(
    arrays(np.float64, 5, elements=st.floats(-1e300, 1e300)),
    st.floats(1e-300, 1e300),
)
def test_a_clipped_gradient_is_no_longer_than_the_norm_and_points_the_same_way(values, norm):
    gradient = {"a": values[:2].copy(), "b": values[2:].copy()}
    largest = max(np.abs(values).max(), 1e-300)
    relative = np.linalg.norm(values / largest)
    length = largest * relative
    found = clip(gradient, norm)
    assert found == pytest.approx(length, rel=1e-12, abs=1e-300)
    clipped = np.concatenate([gradient["a"], gradient["b"]])
    expected = values if length <= norm else values / largest * (norm / relative)
    np.testing.assert_allclose(clipped, expected, rtol=1e-9, atol=1e-9 * min(norm, length))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_is_named_and_kept(bad):
    gradient = {"a": np.array([3.0, 4.0]), "b": np.array([1.0, bad])}
    with refused(ValueError, f"gradient['b']: expected finite numbers, got {bad} at index (1,)"):
        clip(gradient, 1.0)
    np.testing.assert_array_equal(gradient["a"], [3.0, 4.0])


@pytest.mark.parametrize("norm", [0, -1, np.nan, np.inf])
def test_a_norm_must_be_a_length(norm):
    with refused(ValueError, "norm: expected a finite number above 0, got"):
        clip({"a": np.array([3.0, 4.0])}, norm)


def test_clip_takes_arrays_alone():
    assert clip({"a": np.zeros(3)}, 1.0) == 0
    with refused(TypeError, "gradient: expected a dict of arrays by name"):
        clip([1.0, 2.0], 1.0)
    with refused(TypeError, "gradient['a']: expected a floating-point array, got list"):
        clip({"a": [3.0, 4.0]}, 1.0)


# Answers at the end


def test_the_task_s_answers_train_a_network():
    """`at_the_end` hands `train` what it takes."""
    network = Readout.from_seed(SimpleCell.from_seed(2, 16, 0, dtype=np.float32), 1, 0)
    run = train(
        network,
        lambda seed: tasks.at_the_end(*tasks.early_symbol(16, 4, seed)),
        100,
        rate=0.01,
        norm=1.0,
    )
    assert np.mean(run.losses[-10:]) < 0.1


def test_a_readout_of_float64_on_a_float32_cell_trains():
    cell = random_cell(LSTMCell, 1, 4, dtype=np.float32)
    network = readout(cell, 1)
    network = Readout(cell, network.W.astype(float), network.b.astype(float))
    assert train(network, running_sum, 3).updates == 3
    assert network.cell.W_xi.dtype == np.float32


@pytest.mark.parametrize("largest", [1.7e308, 1e-310])
def test_clipping_survives_numbers_at_the_ends_of_float64(largest):
    gradient = {"w": np.array([largest, largest])}
    norm = min(1.0, largest)
    clip(gradient, norm)
    np.testing.assert_allclose(gradient["w"], norm * np.sqrt([0.5, 0.5]), rtol=1e-6)


def test_an_array_that_may_not_be_changed_is_named_before_anything_changes():
    first, frozen = np.ones(2), np.ones(2)
    frozen.flags.writeable = False
    arrays = {"a": first, "b": frozen}
    message = r"\['b'\]: expected an array that may be changed, got a read-only one"
    with pytest.raises(ValueError, match=message):
        clip(arrays, 0.1)
    with pytest.raises(ValueError, match=message):
        Adam(arrays)
    assert (first == 1).all()


def test_a_gradient_too_large_for_the_weights_is_told_as_it_was():
    adam = Adam({"w": np.ones(2, np.float32)})
    with pytest.raises(ValueError, match=r"whose squares fit float32, got 1e\+300; clip it first"):
        adam.update({"w": np.array([1e300, 1.0])})
