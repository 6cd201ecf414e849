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


@pytest.mark.parametrize("task", memory_span.TASKS)
def test_the_error_is_that_of_fresh_sequences_over_the_baseline(task):
    net = memory_span.network("GRU", seed=1)
    spent, error = memory_span.train(net, task, 6, seed=4, updates=2)
    held_out = memory_span.examples(task, 6, [4, 0], 256)
    best = {"recall": 1.0, "adding": 1 / 6, "copying": 1.0}[task]
    assert spent == 2
    assert error == pytest.approx(bptt(net, *held_out, loss=mean_squared_error).loss / best, 1e-4)


@pytest.mark.parametrize("cell", memory_span.CELLS)
def test_every_seed_is_a_start_of_its_own(cell):
    one, again, other = (memory_span.network(cell, seed).weights for seed in (1, 1, 2))
    for name, weight in one.items():
        assert np.array_equal(weight, again[name])
        if weight.any() and not name.startswith("cell.b"):
            assert not np.isclose(weight, other[name]).any()


def test_an_easy_run_is_learned_and_a_hopeless_one_is_not():
    easy = memory_span.learn("recall", "simple", 5, seed=0)
    hopeless = memory_span.learn("adding", "simple", 40, seed=0, updates=30)
    assert easy["learned"] == 1
    assert easy["updates"] < memory_span.UPDATES
    assert easy["error"] < 0.1
    assert hopeless["learned"] == 0
    assert hopeless["updates"] == 30


def test_a_climb_stops_at_the_first_failure():
    asked = []

    def learn(task, cell, lag, seed, updates):
        asked.append(lag)
        return {"learned": lag != 20}

    runs = memory_span.climb("recall", "GRU", 0, lags=(5, 10, 20, 40), learn=learn)
    assert asked == [5, 10, 20]
    assert len(runs) == len(asked)


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
    runs, how = sweeps.read(memory_span.RESULTS)
    assert how["runs"] == len(runs)
    assert how["sequences trained on"] == memory_span.BATCH * runs["updates"].sum()
    assert (how["updates"], tuple(how["lags"])) == (memory_span.UPDATES, memory_span.LAGS)
    assert how["seeds"] >= 5
    assert ((runs["error"] < 0.1) == runs["learned"]).all()
    assert (runs["updates"][runs["learned"] == 0] == memory_span.UPDATES).all()
    recorded = runs.itertuples(index=False)
    for task in memory_span.TASKS:
        for cell in memory_span.CELLS:
            assert len(memory_span.spans(runs, task, cell)) == how["seeds"]
            for seed in range(how["seeds"]):

                def learn(task, cell, lag, seed, updates):
                    run = next(recorded)
                    assert (run.task, run.cell, run.lag, run.seed) == (task, cell, lag, seed)
                    return {"learned": run.learned}

                memory_span.climb(task, cell, seed, learn=learn)
    assert next(recorded, None) is None
