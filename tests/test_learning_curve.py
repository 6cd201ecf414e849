"""The learning curve: its training, its sweep, and the file that it left."""

import numpy as np
import pytest

from lib.book.experiments import learning_curve, sweeps
from lib.data import reviews
from lib.data.reviews import Reviews
from lib.keras import keras
from lib.keras import tensorflow as tf
from lib.pretrained import word_vectors
from lib.pretrained.text_embedding import TextEmbedding


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path_factory.mktemp("hub")))


@pytest.fixture
def small(monkeypatch):
    """Two epochs, and a corpus of which only a part is read."""
    parts = reviews.rotten_tomatoes()
    few = {
        name: Reviews(*(values[:60] for values in getattr(parts, name)))
        for name in ("validation", "test")
    }
    monkeypatch.setattr(learning_curve, "EPOCHS", 2)
    monkeypatch.setitem(learning_curve.CORPORA, "small", lambda: parts._replace(**few))


def some(count, start=0):
    part = reviews.rotten_tomatoes().train
    chosen = slice(start, start + count)
    return tf.constant(part.texts[chosen]), part.labels[chosen]


@pytest.mark.slow
def test_vectors_of_a_frozen_table_can_be_computed_once(small):
    keras.utils.set_random_seed(0)
    embedding, top = TextEmbedding(), learning_curve.head()
    data, validation = some(100), some(60, start=100)
    start = top.get_weights()
    model = learning_curve.on_top_of(embedding, top)
    keras.utils.set_random_seed(1)
    learning_curve.fit(model, data, validation, 1e-3)
    whole = top.get_weights()
    assert not np.array_equal(whole[0], start[0])
    top.set_weights(start)
    keras.utils.set_random_seed(1)
    once = [(learning_curve.vectors(embedding, texts), y) for texts, y in (data, validation)]
    learning_curve.fit(top, *once, 1e-3)
    for a, b in zip(whole, top.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("arm", ["scratch", "frozen", "unfrozen"])
def test_arm_moves_the_table_or_not(small, arm):
    model, epochs = learning_curve.train(arm, some(60), some(60, start=60), seed=0)
    (found,) = model.layers[0].get_weights()
    pretrained = TextEmbedding().get_weights()[0]
    if arm == "scratch":
        assert abs(found).max() < 0.1  # nothing of the pretrained numbers is left
        assert np.corrcoef(found.ravel(), pretrained.ravel())[0, 1] < 0.01
    else:
        assert np.array_equal(found, pretrained) == (arm == "frozen")
    assert epochs == (4 if arm == "unfrozen" else 2)


def test_subset_is_drawn_from_the_training_part_without_repeats():
    texts, ratings = learning_curve.subset("Rotten Tomatoes", 200, seed=3)
    train = learning_curve.corpus("Rotten Tomatoes").train
    rating = dict(zip(train.texts, train.labels, strict=True))
    found = learning_curve.as_list(texts)
    assert len(set(found)) == 200
    assert [rating[text] for text in found] == ratings.tolist()
    assert found != learning_curve.as_list(learning_curve.subset("Rotten Tomatoes", 200, seed=4)[0])


@pytest.mark.slow
def test_sweep_goes_on_where_it_stopped(small, tmp_path, monkeypatch):
    sizes = {"small": (40, 60)}
    first = learning_curve.sweep(1, tmp_path, sizes={"small": (40,)}, arms=("frozen", "tf-idf"))
    assert [run["accuracy"] for run in first] == [pytest.approx(0.5, abs=0.35)] * 2
    monkeypatch.setattr(learning_curve, "head", lambda: pytest.fail("a run was repeated"))
    again = learning_curve.sweep(1, tmp_path, sizes=sizes, arms=("tf-idf",))
    assert again[0] == first[1]
    assert [run["labels"] for run in again] == [40, 60]
    assert learning_curve.sweep(1, tmp_path, sizes={"small": (40,)}, arms=("frozen",)) == first[:1]


def test_file_agrees_with_its_provenance():
    runs, told = sweeps.read(learning_curve.RESULTS)
    assert told["runs"] == len(runs)
    assert told["pretrained table"] == word_vectors.provenance()["sha256"]
    assert told["data"]["sha256"] == reviews.SHIPPED_SHA256
    assert told["batch"] == learning_curve.BATCH
    assert told["epochs at most"] == learning_curve.EPOCHS
    for name, sizes in learning_curve.SIZES.items():
        for arm in learning_curve.ARMS:
            assert learning_curve.accuracies(runs, name, arm).shape == (told["seeds"], len(sizes))


def test_written_table_is_read_back(tmp_path):
    runs = [
        ("X Y", "a", 500, 1, 0.9),
        ("X Y", "a", 100, 1, 0.8),
        ("X Y", "a", 100, 0, 0.6),
        ("X Y", "a", 500, 0, 0.7),
        ("Z", "a", 100, 0, 0.1),
    ]
    names = ("data", "arm", "labels", "seed", "accuracy")
    rows = [{**dict(zip(names, run, strict=True)), "seconds": 1.0} for run in runs]
    sweeps.write(rows, tmp_path / "runs.csv", command="make it", packages=["numpy"])
    runs, _ = sweeps.read(tmp_path / "runs.csv")
    assert learning_curve.accuracies(runs, "X Y", "a").tolist() == [[0.6, 0.7], [0.8, 0.9]]


def test_more_labels_than_there_are_are_refused():
    with pytest.raises(ValueError, match="labels: expected at most 5530 of Rotten Tomatoes, got"):
        learning_curve.subset("Rotten Tomatoes", 5531, seed=0)


def test_last_size_of_each_corpus_is_all_of_it():
    for name, sizes in learning_curve.SIZES.items():
        assert sizes[-1] == len(learning_curve.corpus(name).train.texts)
