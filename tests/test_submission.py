"""The submission file: what is written passes, and every fault is named."""

import pytest

from lib.data import submission
from tests.helpers import refused


@pytest.fixture
def path(tmp_path):
    return tmp_path / "submission.csv"


def test_written_file_passes(path):
    submission.write(path, {"12_3": 0.25, "r1": 1.0})
    assert path.read_text() == "id,sentiment\n12_3,0.250000\nr1,1.000000\n"
    submission.check(path, ["r1", "12_3"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,score\na,1\nb,0\n", r"expected the columns \['id', 'sentiment'\], got"),
        ("", r"expected the columns \['id', 'sentiment'\], got \[\]"),
        ("id,sentiment\na,1\n\n", "expected each of 2 ids once; 1 are missing, for instance 'b'"),
        ("id,sentiment\na,1\nb,0\nc,0\n", "1 are unknown, for instance 'c'"),
        ("id,sentiment\na,1\nb,0\na,1\n", "1 come twice, for instance 'a'"),
        ("id,sentiment\na,1.5\nb,0\n", r"a number within 0 and 1 for a, got \['1.5'\]"),
        ("id,sentiment\na,nan\nb,0\n", r"a number within 0 and 1 for a, got \['nan'\]"),
        ("id,sentiment\na,yes\nb,0\n", r"a number within 0 and 1 for a, got \['yes'\]"),
        ("id,sentiment\na\nb,0\n", r"a number within 0 and 1 for a, got \[\]"),
    ],
)
def test_faults_are_named(path, text, message):
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        submission.check(path, ["a", "b"])


def test_scores_that_are_no_numbers_are_not_written(path):
    with refused(TypeError, "scores['a']: expected a number, got 'good'"):
        submission.write(path, {"a": "good"})
    with refused(ValueError, "scores['a']: expected a finite number, got nan"):
        submission.write(path, {"a": float("nan")})
    assert not path.exists()
