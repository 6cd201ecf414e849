"""The long training of the case study: its parts, and that results are read for their own data."""

import json

import numpy as np
import pytest

from lib.book.experiments import case_study, sentiment
from lib.data import reviews
from lib.data.words import Vocabulary
from lib.keras import keras


def test_text_without_words_has_a_step_and_long_ones_are_shortened():
    vocabulary = Vocabulary(["good", "film"])
    first, empty, long = sentiment.numbers(["A GOOD film", "...", "good " * 9], vocabulary, steps=8)
    assert first.tolist() == [1, 2, 3]
    assert empty.tolist() == [1]
    assert long.tolist() == [2] * 8


def test_long_texts_keep_a_quarter_and_three():
    assert sentiment.shortened(range(100), 8).tolist() == [0, 1, 94, 95, 96, 97, 98, 99]
    assert sentiment.shortened([5, 6], 8).tolist() == [5, 6]


@pytest.fixture(scope="module")
def vectors():
    return np.random.default_rng(0).normal(size=(30, 5)).astype(np.float32)


def test_padding_does_not_change_a_rating(vectors):
    model = sentiment.network(30, vectors, learned_size=3, units=4)
    rng = np.random.default_rng(1)
    sequences = [rng.integers(2, 30, n) for n in (3, 9, 20)]
    alone = [sentiment.logits(model, [sequence])[0] for sequence in sequences]
    np.testing.assert_allclose(sentiment.logits(model, sequences), alone, atol=1e-5)


def test_pretrained_vectors_stay_and_own_ones_learn(vectors):
    model = sentiment.network(30, vectors, learned_size=3, units=4)
    own = model.get_layer("learned").get_weights()[0]
    rng = np.random.default_rng(2)
    sequences = [rng.integers(2, 30, rng.integers(3, 20)) for _ in range(300)]
    labels = np.array([np.mean(sequence < 16) > 0.5 for sequence in sequences]).astype(int)
    check = sequences[200:], labels[200:]
    areas = sentiment.fit(model, sequences[:200], labels[:200], check, 12, rate=0.02, size=16)
    assert max(areas) > 0.85
    assert np.array_equal(model.get_layer("pretrained").get_weights()[0], vectors)
    assert not np.allclose(model.get_layer("learned").get_weights()[0], own)


def test_fit_keeps_the_best_epoch(vectors):
    model = sentiment.network(30, vectors, learned_size=3, units=4)
    rng = np.random.default_rng(3)
    sequences = [rng.integers(2, 30, 6) for _ in range(60)]
    labels = rng.integers(0, 2, 60)  # nothing to learn but by heart
    check = sequences[40:], labels[40:]
    areas = sentiment.fit(model, sequences[:40], labels[:40], check, 5, rate=0.05, size=8)
    assert areas[-1] < max(areas)
    order = sentiment.logits(model, check[0])
    assert sentiment.roc_auc_score(check[1], order) == pytest.approx(max(areas))


# The command, on a handful of reviews in Kaggle's form.


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(4)
    words = np.array(["a", "film", "story", "actor", "scene", "end"])
    good_or_bad = np.array([["bad", "awful"], ["good", "great"]])

    def text(label):
        return " ".join([*rng.choice(words, 9), *rng.choice(good_or_bad[label], 3)])

    rows = [f"{k}\t{k % 2}\t{text(k % 2)}" for k in range(120)]
    (tmp_path / "labeledTrainData.tsv").write_text("\n".join(["id\tsentiment\treview", *rows]))
    rows = [f"t{k}\t{text(k % 2)}" for k in range(10)]
    (tmp_path / "testData.tsv").write_text("\n".join(["id\treview", *rows]))
    return tmp_path


def test_command_writes_what_the_chapter_reads(folder):
    corpus = reviews.imdb(folder, validation=20, test=20)
    models = {
        case_study.SCRATCH: case_study.Model({"learned_size": 4, "units": 4}, 1, 1),
        case_study.PRETRAINED: case_study.Model({"learned_size": 2, "units": 4}, 1, 2),
    }
    runs = case_study.sweep(corpus, folder / "cache", models=models)
    case_study.write(runs, corpus, folder, models)
    results = case_study.results(corpus, folder)
    shapes = {part: z.shape for part, z in results.logits[case_study.PRETRAINED].items()}
    assert shapes == {"validation": (2, 20), "test": (2, 20), "to_predict": (2, 10)}

    vocabulary, vectors = sentiment.pretrained()
    model = sentiment.network(len(vocabulary), vectors, learned_size=2, units=4, seed=9)
    for variable, value in zip(model.trainable_variables, results.weights, strict=True):
        variable.assign(value)
    z = sentiment.logits(model, sentiment.numbers(corpus.test.texts, vocabulary))
    np.testing.assert_allclose(z, results.logits[case_study.PRETRAINED]["test"][0], atol=1e-5)

    provenance = json.loads((folder / "case_study.json").read_text())
    assert provenance["data"]["name"] == "Kaggle's files"
    assert provenance["models"][case_study.PRETRAINED]["seeds"] == 2


def test_results_of_other_data_are_refused(folder):
    corpus = reviews.imdb(folder, validation=20, test=20)
    with pytest.raises(FileNotFoundError, match=r"expected .*case_study\.npz, which `python -m"):
        case_study.results(corpus, folder)
    with pytest.raises(ValueError, match=r"expected the reviews that .* was made with"):
        case_study.results(corpus)


def test_committed_results_are_those_of_the_shipped_reviews():
    results = case_study.results(reviews.imdb())
    for parts in results.logits.values():
        assert parts["validation"].shape[1] == 1000
        assert parts["test"].shape[1] == 5000
        assert np.isfinite(parts["test"]).all()


@pytest.fixture(autouse=True)
def _fresh_session():
    yield
    keras.backend.clear_session()
