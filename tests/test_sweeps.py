"""What the experiments share: a call is done once, a table is read back as it was written, and
some of its runs are done again."""

import csv
import importlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.book import experiments
from lib.book.experiments import __main__ as door
from lib.book.experiments import sweeps
from lib.data import shipped
from tests.helpers import refused

ROOT = Path(__file__).parents[1]
RUNS = [
    {"cell": "LSTM, peepholes", "lag": 5, "error": 0.1, "seconds": 30.0},
    {"cell": "None", "lag": 10, "error": 1e-05, "seconds": 60.0},
]


def slow_run(log, seconds):
    with open(log, "a") as file:
        file.write("a run\n")
    time.sleep(seconds)
    return seconds


def failing_run(log):
    with open(log, "a") as file:
        file.write("a run\n")
    raise OSError("broken")


def test_a_run_that_is_under_way_is_waited_for(tmp_path):
    log, learn = tmp_path / "log", sweeps.once(slow_run, tmp_path / "new" / "cache")
    with ThreadPoolExecutor() as pool:
        results = [pool.submit(learn, log, 0.5) for _ in range(2)]
    assert [result.result() for result in results] == [0.5, 0.5]
    assert log.read_text() == "a run\n"


def test_any_argument_is_kept_apart(tmp_path):
    """Among them names that no file may have."""
    log = tmp_path / "log"
    learn = sweeps.once(slow_run, tmp_path / "cache")
    for seconds in (0, 1e-9, 0):
        assert learn(f"{log}", seconds) == seconds
    assert log.read_text().count("a run") == 2
    named = sweeps.once(str, tmp_path / "cache")
    assert [named(text) for text in ("a/b", "a\\b", "a" * 500)] == ["a/b", "a\\b", "a" * 500]


def test_a_run_that_failed_is_not_kept(tmp_path):
    log, learn = tmp_path / "log", sweeps.once(failing_run, tmp_path / "cache")
    for _ in range(2):
        with pytest.raises(OSError, match="broken"):
            learn(log)
    assert log.read_text().count("a run") == 2


def test_runs_come_in_the_order_of_their_calls():
    assert sweeps.over([(2, 3), (5, 2), (3, 3)], pow, jobs=2) == [8, 25, 27]


def test_table_is_read_back_with_its_story(tmp_path):
    path = tmp_path / "runs.csv"
    sweeps.write(RUNS, path, command="make it", packages=["numpy"], seeds=2)
    runs, known = sweeps.read(path)
    expected = [{key: run[key] for key in ("cell", "lag", "error")} for run in RUNS]
    assert runs.to_dict("records") == expected
    assert (known["command"], known["seeds"], known["runs"]) == ("make it", 2, 2)
    assert known["processor minutes"] == 1.5
    with open(path, newline="") as file:
        assert file.readline() == "cell;lag;error\n"
        assert list(csv.reader(file, delimiter=";"))[1] == ["None", "10", "1e-05"]


def test_a_table_changed_by_hand_is_refused(tmp_path):
    path = tmp_path / "runs.csv"
    sweeps.write(RUNS, path, command="make it", packages=[])
    path.write_text(path.read_text().replace("0.1", "0.05"))
    with pytest.raises(ValueError, match=r"runs\.csv: expected sha256 .* run make it"):
        sweeps.read(path)


def test_no_runs_are_refused(tmp_path):
    with refused(ValueError, "runs: expected at least one, got none"):
        sweeps.write([], tmp_path / "runs.csv", command="make it", packages=[])
    assert list(tmp_path.iterdir()) == []


EXPERIMENT = """\
import sys
from optimiser import step
from lib.book.experiments import sweeps

def run(task, seed):
    return {"task": task, "seed": seed, "error": step(seed), "seconds": 1.0}

if __name__ == "__main__":
    import experiment
    calls = [("a", 0), ("a", 1)]
    runs = sweeps.over(calls, sweeps.once(experiment.run, "cache"))
    sweeps.write(runs, "runs.csv", command="make it", packages=[],
                 code=sweeps.made_from(experiment.run))
"""
AGAIN = """\
import experiment
from lib.book.experiments import sweeps
print(sweeps.repeated("runs.csv", experiment.run, ["task", "seed"]))
"""


@pytest.fixture
def experiment(tmp_path):
    """An experiment in a folder of its own: runs a file or a piece of code, gives what it says."""
    (tmp_path / "experiment.py").write_text(EXPERIMENT)
    (tmp_path / "optimiser.py").write_text("def step(seed):\n    return seed + 0.5\n")

    def start(*command):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    start.folder = tmp_path
    return start


def test_a_sweep_with_a_broken_optimiser_is_another_sweep(experiment):
    """Runs that were kept are not published again under the date of a code that gives others."""
    table = experiment.folder / "runs.csv"
    experiment("experiment.py")
    first, known = sweeps.read(table)
    assert first["error"].tolist() == [0.5, 1.5]
    experiment("experiment.py")
    assert shipped.provenance(table)["code"] == known["code"]
    assert len(list(experiment.folder.rglob("output.pkl"))) == 2  # done once

    optimiser = experiment.folder / "optimiser.py"
    optimiser.write_text('"""Explained."""\n' + optimiser.read_text())
    experiment("experiment.py")
    assert len(list(experiment.folder.rglob("output.pkl"))) == 2  # said in other words

    optimiser.write_text(optimiser.read_text().replace("+", "-"))
    experiment("experiment.py")
    second, later = sweeps.read(table)
    assert second["error"].tolist() == [-0.5, 0.5]
    assert later["code"] != known["code"]


def test_runs_done_again_tell_a_table_of_other_code(experiment):
    experiment("experiment.py")
    assert experiment("-c", AGAIN) == (
        "2 of 2 runs done again, with the same results;\nthe table was made by this code\n"
    )
    optimiser = experiment.folder / "optimiser.py"
    optimiser.write_text("def step(seed):\n    return 0.5 + seed\n")  # the same results
    assert "with the same results;\nthe table was made by older code" in experiment("-c", AGAIN)
    optimiser.write_text("def step(seed):\n    return 0.5 + 2 * seed\n")
    said = experiment("-c", AGAIN)
    assert "AssertionError: runs.csv, made by older code: 2 runs done again differ in" in said
    assert "  task a, seed 1: error was 1.5, is 2.5" in said
    assert "seed 0" not in said


def half(task, seed):
    """A run for the tests below."""
    return {"task": task, "seed": seed, "error": seed / 2, "learned": int(seed > 3)}


KEYS = ("task", "seed")


@pytest.fixture
def table(tmp_path):
    """A table of forty runs of `half`, of a second each and every tenth of a minute."""
    runs = [
        {"part": "all", **half("a, b", k), "seconds": 60.0 if k % 10 == 9 else 1.0}
        for k in range(40)
    ]
    path = tmp_path / "runs.csv"
    code = sweeps.made_from(half)
    sweeps.write(runs, path, command="make it", packages=[], code=code)
    return path


def test_as_many_runs_are_repeated_as_fit(table):
    asked = []

    def run(task, seed):
        asked.append(seed)
        return half(task, seed)

    run.__module__ = half.__module__
    again = sweeps.repeated(table, run, KEYS)
    assert (again.runs, len(again.rows), again.seconds) == (40, 20, 20)
    assert asked == again.rows
    assert sorted(asked) != asked
    assert not {9, 19, 29, 39} & set(asked)
    assert sweeps.repeated(table, half, KEYS, seconds=1e6).rows != again.rows[:20]
    assert len(sweeps.repeated(table, half, KEYS, seconds=1e6).rows) == 40
    assert sweeps.repeated(table, half, KEYS) == again  # by no date


def test_other_code_draws_other_runs(table, monkeypatch):
    first = sweeps.repeated(table, half, KEYS).rows
    monkeypatch.setattr(sweeps, "made_from", lambda function: "0123456789abcdef")
    assert set(sweeps.repeated(table, half, KEYS).rows) != set(first)


def test_a_value_edited_by_hand_is_found_even_with_its_digest(table):
    text = table.read_text()
    table.write_text(text.replace("a, b;12;6.0", "a, b;12;5.9"))
    with pytest.raises(ValueError, match="expected sha256"):
        sweeps.repeated(table, half, KEYS, seconds=1e6)
    story = table.with_suffix(".json")
    known = json.loads(story.read_text())
    story.write_text(json.dumps(known | {"sha256": shipped.digest(table)}))
    with pytest.raises(AssertionError, match=r"task a, b, seed 12: error was 5\.9, is 6\.0"):
        sweeps.repeated(table, half, KEYS, seconds=1e6)
    assert (
        sweeps.repeated(table, half, KEYS, seconds=1e6, close={"error": 0.11}).code == "this code"
    )


def test_what_cannot_be_repeated_is_refused(table):
    with refused(
        ValueError, "keys: expected some of ['part', 'task', 'seed', 'error', 'learned'], got ['a']"
    ):
        sweeps.repeated(table, half, ["a"])
    with refused(ValueError, "seconds: expected 1.0 at least, for a run, got 0.5"):
        sweeps.repeated(table, half, KEYS, seconds=0.5)


def test_the_age_of_a_table_is_told(table):
    known = shipped.provenance(table)
    assert sweeps.age(known, half) == "this code"
    assert sweeps.age(known | {"code": "0123"}, half) == "older code"
    assert sweeps.age(known | {"versions": {"Python": "3.1.7"}}, half) == "another Python"
    del known["code"]
    assert sweeps.age(known, half) == "code that it does not name"


def test_a_table_that_tells_no_seconds_has_their_mean(table):
    story = table.with_suffix(".json")
    known = json.loads(story.read_text())
    del known["seconds of the runs"]
    story.write_text(json.dumps(known))
    assert len(sweeps.repeated(table, half, KEYS).rows) == 2  # 20 of 7.5 seconds each


def test_pretrained_weights_count_as_code(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "using_weights.py").write_text("import weights_here\n\ndef run(): ...\n")
    (tmp_path / "weights_here.py").write_text("")
    (tmp_path / "weights_here.npz").write_bytes(b"one")
    run = importlib.import_module("using_weights").run
    first = sweeps.made_from(run)
    (tmp_path / "weights_here.npz").write_bytes(b"three")
    assert sweeps.made_from(run) != first


def test_what_only_keeps_results_counts_for_none():
    """Else a table would grow old with every word that a command learns to say."""
    found = sweeps.digest.closure([Path(sweeps.__file__)])
    assert {Path(it).resolve() for it in sweeps.APART} <= set(found)


def test_a_command_checks_its_table(table, capsys):
    def check(*more):
        sweeps.command("It.", None, "half", ["--check", "--to", str(table), *more], seeds=1,
                       packages=(), story=dict, run=half, keys=KEYS)  # fmt: skip
        return capsys.readouterr().out

    assert check().startswith("40 of 40 runs done again, with the same results;\nthe table was")
    assert check("--minutes", "0.1").startswith("6 of 40 runs")
    table.write_text(table.read_text().replace("6.0", "5.9"))
    with pytest.raises(ValueError, match="expected sha256"):
        check()


@pytest.mark.parametrize(
    "path",
    [*sorted(sweeps.RESULTS.glob("*.json")), *sorted((ROOT / "lib/pretrained").glob("*.json"))],
    ids=lambda path: path.stem,
)
def test_nobody_has_edited_what_is_committed(path):
    (file,) = (it for it in path.parent.glob(f"{path.stem}.*") if it.suffix in (".csv", ".npz"))
    assert shipped.provenance(file)["command"].startswith("python -m lib.book.experiments ")


@pytest.mark.parametrize("name", ["memory_span", "learning_curve", "fine_tuning", "case_study"])
def test_committed_results_name_the_command_that_makes_them(name):
    known = json.loads((sweeps.RESULTS / f"{name}.json").read_text())
    assert known["command"] == f"python -m lib.book.experiments {name}"
    assert name in door.NAMES


def test_the_one_command_knows_every_experiment(capsys):
    with pytest.raises(SystemExit):
        door.main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"\n{name} " in shown for name in door.NAMES)
    assert experiments.__doc__ in shown
    with pytest.raises(SystemExit):
        door.main(["nothing"])
    assert "invalid choice: 'nothing' (choose from" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", door.NAMES)
def test_every_experiment_says_what_it_takes(name):
    command = [sys.executable, "-m", "lib.book.experiments", name, "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert shown.startswith(f"usage: python -m lib.book.experiments {name} ")
    single = name.startswith("train_") or name == "verdict"
    assert ("--dask" in shown, "--cache" in shown) == (not single, not single)
