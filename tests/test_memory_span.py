"""The sweep of memory spans: what a run is, resuming after a kill, Dask, and the committed file."""

import csv
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from lib.book.experiments import memory_span, sweeps
from lib.gradients import bptt, mean_squared_error

ROOT = Path(__file__).parents[1]
TINY = ["--seeds", "1", "--lags", "4", "--updates", "10"]


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


def finished(cache):
    """{folder of a finished run: when it was written}"""
    return {file.parent.name: file.stat().st_mtime_ns for file in Path(cache).rglob("output.pkl")}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """The table of the tiny sweep, in one go."""
    folder = tmp_path_factory.mktemp("whole")
    arguments = ["--cache", str(folder / "cache"), "--to", str(folder / "table.csv")]
    memory_span.main([*TINY, "--jobs", "1", *arguments])
    return folder / "table.csv"


@pytest.mark.parametrize("task", memory_span.TASKS)
def test_the_baseline_is_the_error_of_the_best_constant(task):
    _, targets = memory_span.TASKS[task](12, 0, 20_000)
    assert np.var(targets) == pytest.approx(memory_span.BASELINES[task], rel=0.03)


@pytest.mark.parametrize("task", memory_span.TASKS)
def test_training_minimises_the_error_of_the_answers(task):
    """One update without clipping moves every weight against the gradient of the error."""
    net, twin = (memory_span.network("GRU", seed=3) for _ in range(2))
    before = {name: w.astype(float) for name, w in net.weights.items()}
    memory_span.train(net, task, 6, seed=5, updates=1, norm=None)
    examples = memory_span.examples(task, 6, [5, 1], memory_span.BATCH)
    direction = {name: net.weights[name] - w for name, w in before.items()}
    errors = []
    for size in (-1.0, 1.0):
        twin.weights = {name: w + size * direction[name] for name, w in before.items()}
        errors.append(bptt(twin, *examples, loss=mean_squared_error).loss)
    assert errors[1] < errors[0]


def test_an_easy_run_is_learned_and_a_hopeless_one_is_not():
    easy = memory_span.learn("recall", "simple", "Keras", 1e-3, 5, seed=0)
    hopeless = memory_span.learn("adding", "simple", "Keras", 3e-3, 40, seed=0, updates=30)
    assert easy["learned"] == 1
    assert easy["updates"] < memory_span.UPDATES
    assert easy["error"] < 0.1
    assert hopeless["learned"] == 0
    assert hopeless["updates"] == 30


def test_a_climb_stops_at_the_first_failure():
    asked = []

    def learn(task, cell, start, rate, lag, seed, updates):
        asked.append((start, rate, lag))
        return {"learned": lag != 20}

    lags = (5, 10, 20, 40)
    runs = memory_span.climb("recall", "GRU", "open", 0.1, 0, lags=lags, learn=learn)
    assert asked == [("open", 0.1, lag) for lag in lags[:3]]
    assert len(runs) == len(asked)


def test_the_best_rate_learns_the_most_lags_and_then_the_soonest():
    def climbed(*updates):
        runs = [{"learned": 1, "updates": each} for each in updates]
        return [*runs, {"learned": 0, "updates": 1000}]

    few, slow = [climbed(100), climbed()], [climbed(900), climbed(900)]
    quick = [climbed(300, 200), climbed()]
    assert memory_span.best_rate({1e-3: few, 3e-3: slow, 1e-2: quick}) == 1e-2
    assert memory_span.best_rate({1e-3: slow, 3e-3: few}) == 1e-3


@pytest.mark.parametrize("cell", memory_span.CELLS)
def test_each_start_is_the_one_that_it_is_named_after(cell):
    keras, pytorch = (memory_span.started(cell, start, 0) for start in ("Keras", "PyTorch"))
    recurrent = [name for name in keras.weights if name.startswith(("W_h", "W_y"))]
    limit = 1 / np.sqrt(memory_span.UNITS)
    stacked = np.concatenate([keras.weights[name] for name in recurrent])
    np.testing.assert_allclose(stacked.T @ stacked, np.eye(memory_span.UNITS), atol=1e-5)
    for name in recurrent:
        W = pytorch.weights[name]
        assert np.abs(W).max() <= limit
        assert W.std() == pytest.approx(limit / np.sqrt(3), rel=0.05)
    biases = np.concatenate([w for name, w in pytorch.weights.items() if name[0] == "b"])
    two = cell != "GRU, reset after"  # in one
    assert biases.std() == pytest.approx(limit * np.sqrt((1 + two) / 3), rel=0.2)
    assert not np.array_equal(biases, np.concatenate(
        [w for name, w in memory_span.started(cell, "PyTorch", 1).weights.items() if name[0] == "b"]
    ))  # fmt: skip


def test_open_differs_from_keras_in_one_bias():
    for cell, gate in memory_span.GATE_THAT_KEEPS.items():
        keras, opened = (memory_span.started(cell, start, 3).weights for start in ("Keras", "open"))
        others = [n for n in keras if not np.array_equal(keras[n], opened[n])]
        assert others == [gate]
        assert (opened[gate] == memory_span.OPEN).all()


GOLDEN = {
    "recall, simple": [0.447152, 1.013975],
    "recall, LSTM": [0.96543, 0.996578],
    "recall, GRU": [1.016433, 1.009192],
    "recall, GRU, reset after": [1.017697, 1.008768],
    "adding, simple": [1.398998, 1.601097],
    "adding, LSTM": [1.166104, 1.994288],
    "adding, GRU": [1.015291, 1.076099],
    "adding, GRU, reset after": [0.872299, 1.048909],
    "copying, simple": [0.044339, 0.888922],
    "copying, LSTM": [0.816612, 0.967487],
    "copying, GRU": [0.905741, 0.963688],
    "copying, GRU, reset after": [0.907768, 0.957675],
}


@pytest.mark.parametrize(
    ("task", "cell"), [(t, c) for t in memory_span.TASKS for c in memory_span.CELLS]
)
def test_ten_updates_give_what_they_gave(task, cell):
    """The losses of the first updates, to the digits that float32 keeps: never clipping, one batch
    for ever, another readout or another baseline would change them."""
    assert first_losses(task, cell) == pytest.approx(GOLDEN[f"{task}, {cell}"], rel=2e-4)


def first_losses(task, cell):
    """What the error is after ten updates, and relative to what: two short runs at two norms."""
    found = []
    for norm, start in ((memory_span.CLIP, "Keras"), (0.01, "PyTorch")):
        net = memory_span.network(cell, 7, start)
        found += [memory_span.train(net, task, 6, 7, updates=10, norm=norm)[1]]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kill", [os.killpg, os.kill], ids=["all", "parent alone"])
def test_a_killed_sweep_goes_on_where_it_stopped(tmp_path, uninterrupted, kill):
    cache, table = tmp_path / "cache", tmp_path / "table.csv"
    command = [sys.executable, "-m", "lib.book.experiments", "memory_span", *TINY]
    command += ["--cache", str(cache), "--to", str(table)]
    sweep = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while len(finished(cache)) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    kill(sweep.pid, signal.SIGKILL)
    sweep.wait()
    before = finished(cache)
    runs = rows(uninterrupted)
    assert 4 <= len(before) < len(runs)
    assert not table.exists()

    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with suppress(ProcessLookupError):
        os.killpg(sweep.pid, signal.SIGKILL)  # workers that outlived their parent
    after = finished(cache)
    assert before.items() <= after.items()  # nothing lost, nothing run twice
    assert len(after) == len(runs)
    assert rows(table) == runs


@pytest.mark.slow
def test_the_same_command_runs_on_dask(tmp_path, uninterrupted):
    distributed = pytest.importorskip("distributed")
    table = tmp_path / "table.csv"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        memory_span.main([*TINY, "--dask", cluster.scheduler_address, "--to", str(table),
                          "--cache", str(tmp_path / "cache")])  # fmt: skip
        with distributed.Client(cluster) as client:
            took_part = client.run(lambda: "lib.book.experiments.memory_span" in sys.modules)
    assert list(took_part.values()) == [True, True]
    assert rows(table) == rows(uninterrupted)
    assert len(finished(tmp_path / "cache")) == len(rows(table))


def test_the_committed_file_is_a_whole_sweep():
    """Each climb is whole, the rates were chosen on seeds that are not reported."""
    runs, how = sweeps.read(memory_span.RESULTS)
    assert how["runs"] == len(runs)
    assert how["sequences trained on"] == memory_span.BATCH * runs["updates"].sum()
    assert (how["updates"], tuple(how["lags"])) == (memory_span.UPDATES, memory_span.LAGS)
    assert how["seeds"] >= 10
    assert ((runs["error"] < 0.1) == runs["learned"]).all()
    assert (runs["updates"][runs["learned"] == 0] == memory_span.UPDATES).all()
    recorded = runs.itertuples(index=False)
    low = [lag for lag in memory_span.LAGS if lag <= memory_span.TUNED_TO]

    def learn(task, cell, start, rate, lag, seed, updates):
        run = next(recorded)
        assert (run.task, run.cell, run.start, run.rate) == (task, cell, start, rate)
        assert (run.lag, run.seed) == (lag, seed)
        return {"learned": run.learned, "updates": run.updates}

    best = {}
    for one in memory_span.combinations():
        climbs = {
            rate: [
                memory_span.climb(*one, rate, seed, lags=low, learn=learn)
                for seed in memory_span.TUNING
            ]
            for rate in memory_span.RATES_TRIED
        }
        best[one] = memory_span.best_rate(climbs)
    for one in memory_span.combinations():
        assert len(memory_span.spans(runs, *one)) == how["seeds"]
        for seed in range(how["seeds"]):
            memory_span.climb(*one, best[one], seed, learn=learn)
    assert next(recorded, None) is None
    assert not set(memory_span.TUNING) & set(memory_span.reported(runs)["seed"])
