"""The loaders of real data: what they read is what the sources describe."""

import numpy as np
import pytest

from lib import data


def test_sunspots_are_the_yearly_series():
    years, counts = data.sunspots()
    assert years.tolist() == list(range(1700, 2009))
    assert counts.shape == (309,)
    assert counts.min() == 0
    assert years[counts.argmax()] == 1957  # the highest maximum of the series
    assert counts[0] == 5.0
    assert counts[-1] == 2.9


def test_reviews_are_all_there_and_balanced():
    train, test = data.rotten_tomatoes()
    labels = np.concatenate([train.labels, test.labels])
    assert len(train.texts) == len(train.labels) == 6824
    assert len(test.texts) == len(test.labels) == 1706
    assert (labels == 1).sum() == (labels == 0).sum() == 4265


def test_no_review_straddles_the_split():
    train, test = data.rotten_tomatoes()
    assert len({*train.texts, *test.texts}) == len(train.texts) + len(test.texts)


def test_reviews_are_shuffled_with_their_labels():
    (train, test), (other, _) = data.rotten_tomatoes(seed=0), data.rotten_tomatoes(seed=1)
    rating = dict(zip(train.texts + test.texts, [*train.labels, *test.labels], strict=True))
    assert train.texts != other.texts
    assert all(rating[text] == label for text, label in zip(other.texts, other.labels, strict=True))
    assert 0.45 < train.labels[:500].mean() < 0.55  # the file is sorted by label


def test_same_seed_same_split():
    (train, _), (again, _) = data.rotten_tomatoes(seed=3), data.rotten_tomatoes(seed=3)
    assert train.texts == again.texts
    assert np.array_equal(train.labels, again.labels)


@pytest.mark.parametrize("share", [0, 1, -0.1, 2])
def test_share_outside_is_refused(share):
    with pytest.raises(ValueError, match="test_share: expected a share between 0 and 1"):
        data.rotten_tomatoes(test_share=share)


def test_duplicates_are_dropped(monkeypatch, tmp_path):
    path = tmp_path / "reviews.csv"
    rows = [f"text {k % 7},{k % 7 % 2},rotten_tomatoes" for k in range(14)]
    path.write_text("\n".join(["text,label,source", *rows, "other,1,imdb"]), encoding="utf-8")
    monkeypatch.setattr(data, "_open", lambda package, name: path.open(encoding="utf-8"))
    train, test = data.rotten_tomatoes(test_share=0.3)
    assert sorted(train.texts + test.texts) == [f"text {k}" for k in range(7)]


def test_missing_package_is_named():
    with pytest.raises(ModuleNotFoundError, match=r"no-such-package: .*requirements\.txt"):
        data._open("no-such-package", "file.csv")
