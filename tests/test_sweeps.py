"""What the experiments share: a call is done once, a table is read back as it was written."""

import csv
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.book import experiments
from lib.book.experiments import __main__ as door
from lib.book.experiments import sweeps
from tests.helpers import refused

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
    single = name.startswith("train_")
    assert ("--dask" in shown, "--cache" in shown) == (not single, not single)
