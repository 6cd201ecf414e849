"""The text embeddings: words, table, module, and the Keras layer around a module."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lib import pretrained
from lib.data import reviews
from lib.data.words import words
from lib.keras import keras
from lib.keras import tensorflow as tf
from lib.pretrained import saved_model, word_vectors
from lib.pretrained.text_embedding import TextEmbedding

WORDS = ["the", "film", "good", "bad", "é"]
TEXTS = ["The film: GOOD,\tgood!", "bad", "", "...", "Unheard-of film_é", "É"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def vectors(rng):
    return rng.normal(size=(8, 4)).astype(np.float32)


@pytest.fixture
def folder(vectors, tmp_path):
    return saved_model.save(saved_model.Module(WORDS, vectors), tmp_path / "module")


def by_hand(text, known, vectors):
    """The sum of a text's vectors over the root of their number; None where a word is unknown."""
    found = words(text)
    if not all(word in known for word in found):
        return None
    total = sum((vectors[known.index(word)] for word in found), np.zeros(vectors.shape[1]))
    return total / np.sqrt(max(len(found), 1))


def network(layer):
    return keras.Sequential(
        [keras.Input((), dtype="string"), layer, keras.layers.Dense(1, activation="sigmoid")]
    )


def fitted(model, rate=0.1):
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy")
    labels = np.array([1, 0, 1, 0, 1, 0])
    model.fit(tf.constant(TEXTS), labels, epochs=2, batch_size=2, verbose=0)
    return model


class TestModule:
    def test_is_the_sum_over_the_root_of_the_number(self, folder, vectors):
        found = pretrained.load(folder)(TEXTS).numpy()
        for text, vector in zip(TEXTS, found, strict=True):
            expected = by_hand(text, WORDS, vectors)
            if expected is not None:
                np.testing.assert_allclose(vector, expected, rtol=1e-6, atol=1e-6)
        assert [by_hand(text, WORDS, vectors) is None for text in TEXTS].count(True) == 1

    def test_unknown_word_takes_a_bucket_by_its_hash(self, folder, vectors):
        embed, buckets = pretrained.load(folder), vectors[len(WORDS) :]
        chosen = embed([f"word{k}" for k in range(30)]).numpy()
        rows = {int(np.argmin(abs(buckets - vector).sum(1))) for vector in chosen}
        assert rows == {0, 1, 2}
        assert np.array_equal(chosen, embed([f"WORD{k}!" for k in range(30)]).numpy())

    def test_splits_reviews_as_python_does(self, tmp_path):
        """Every word of these reviews is known, so that one cut elsewhere would change a sum."""
        texts = reviews.imdb().validation.texts[:300]
        known = sorted({word for text in texts for word in words(text)})
        vectors = np.random.default_rng(1).normal(size=(len(known) + 1, 3)).astype(np.float32)
        found = saved_model.Module(known, vectors)(tf.constant(texts)).numpy()
        index = {word: k for k, word in enumerate(known)}
        for text, vector in zip(texts, found, strict=True):
            rows = [index[word] for word in words(text)]
            expected = vectors[rows].sum(0, dtype=float) / np.sqrt(len(rows))
            np.testing.assert_allclose(vector, expected, rtol=1e-4, atol=1e-4)

    def test_without_a_bucket_is_refused(self, vectors):
        with pytest.raises(ValueError, match="vectors: expected more rows than the 5 words, got 5"):
            saved_model.Module(WORDS, vectors[:5])

    def test_is_what_the_hub_package_expects(self, folder):
        from lib.keras.keras2 import hub as tensorflow_hub

        layer = tensorflow_hub.KerasLayer(str(folder), trainable=True)
        assert [tuple(weight.shape) for weight in layer.trainable_weights] == [(8, 4)]
        assert np.array_equal(layer(tf.constant(TEXTS)), pretrained.load(folder)(TEXTS))


class TestLayer:
    def test_frozen_keeps_the_table(self, folder, vectors):
        model = fitted(network(TextEmbedding(folder)))
        assert np.array_equal(model.layers[0].get_weights()[0], vectors)
        assert len(model.trainable_weights) == 2

    def test_unfrozen_trains_the_module_itself(self, folder, vectors):
        model = fitted(network(TextEmbedding(folder, trainable=True)))
        layer = model.layers[0]
        assert np.array_equal(layer.get_weights()[0], layer.module.embeddings.numpy())
        moved = (layer.get_weights()[0] != vectors).any(axis=1)
        assert moved[:5].all()  # every known word occurs
        assert len(model.trainable_weights) == 3

    def test_is_unfrozen_and_frozen_at_any_time(self, folder, vectors):
        model = fitted(network(TextEmbedding(folder)))
        model.layers[0].trainable = True
        moved = fitted(model).layers[0].get_weights()[0]
        assert not np.array_equal(moved, vectors)
        model.layers[0].trainable = False
        assert np.array_equal(fitted(model).layers[0].get_weights()[0], moved)

    @pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own
    def test_model_is_saved_and_loaded(self, folder, vectors, tmp_path):
        model = fitted(network(TextEmbedding(folder, trainable=True)))
        model.save(tmp_path / "model.keras")
        again = keras.models.load_model(tmp_path / "model.keras")
        ours, theirs = (m.predict(tf.constant(TEXTS), verbose=0) for m in (model, again))
        assert np.array_equal(ours, theirs)
        assert again.layers[0].trainable
        assert not np.array_equal(again.layers[0].get_weights()[0], vectors)
        fitted(again)

    def test_handle_that_is_not_there_is_told(self, tmp_path):
        with pytest.raises(pretrained.HubError, match="which is not there"):
            TextEmbedding(tmp_path / "nowhere")


class TestShippedVectors:
    def test_is_the_default_and_written_once(self, cache):
        folder = pretrained.folder()
        written = (folder / "saved_model.pb").stat().st_mtime_ns
        assert pretrained.folder() == folder
        assert (folder / "saved_model.pb").stat().st_mtime_ns == written
        assert [path.name for path in cache.iterdir()] == [folder.name]

    @pytest.mark.parametrize(
        "part",
        ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"],
    )
    def test_mends_itself_when_half_deleted(self, part):
        (pretrained.folder() / part).unlink()
        assert pretrained.load()(["A good film."]).numpy().any()

    def test_is_found_by_its_vectors_and_its_code(self, monkeypatch, tmp_path):
        """Other code or other vectors make another folder, so that none answers for another."""
        first = pretrained.folder()
        code = tmp_path / "saved_model.py"
        code.write_bytes(Path(saved_model.__file__).read_bytes() + b"# changed")
        with monkeypatch.context() as patch:
            patch.setattr(saved_model, "__file__", str(code))
            second = pretrained.folder()
        with monkeypatch.context() as patch:
            patch.setattr(saved_model, "BETWEEN_WORDS", r"[ ]+")
            third = pretrained.folder()
        known = word_vectors.provenance()
        monkeypatch.setattr(word_vectors, "provenance", lambda: {**known, "sha256": "0" * 64})
        assert len({first, second, third, pretrained.folder()}) == 4

    def test_gives_what_the_table_says(self):
        known, vectors = word_vectors.read()
        found = pretrained.load()(["A good film.", "xyzzyq", "good xyzzyq"]).numpy()
        expected = by_hand("a good film", known, vectors)
        np.testing.assert_allclose(found[0], expected, rtol=1e-5, atol=1e-6)
        assert not found[1].any()  # an unknown word says nothing
        good = vectors[known.index("good")]
        np.testing.assert_allclose(found[2], good / np.sqrt(2), rtol=1e-5)

    def test_agrees_with_its_provenance(self):
        known, vectors = word_vectors.read()
        told = word_vectors.provenance()
        assert len(set(known)) == len(known) == told["words"] == 20_000
        assert vectors.shape == (20_000, told["settings"]["vector_size"])
        assert np.isfinite(vectors).all()
        assert word_vectors.ASSET.stat().st_size <= 2_000_000
        assert told["data"]["sha256"] == reviews.SHIPPED_SHA256

    def test_was_made_from_texts_that_the_book_does_not_test_on(self):
        texts = reviews.pretraining_text()
        told = word_vectors.provenance()
        assert len(texts) == told["reviews"]
        assert hashlib.sha256("\n".join(texts).encode()).hexdigest() == told["texts"]
        tested = {*reviews.imdb().test.texts, *reviews.rotten_tomatoes().test.texts}
        assert not tested & set(texts)

    def test_words_of_one_meaning_lie_together(self):
        known, vectors = word_vectors.read()
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

        def nearest(word):
            likeness = unit @ unit[known.index(word)]
            return [known[k] for k in np.argsort(-likeness)[1:11]]

        assert {"awful", "horrible"} <= set(nearest("terrible"))
        assert "zombies" in nearest("zombie")

    def test_damaged_file_is_told(self, tmp_path):
        path = tmp_path / "word_vectors.npz"
        word_vectors.write(
            word_vectors.WordVectors(["a", "b"], np.eye(2)), path, command="make it", packages=[]
        )
        assert word_vectors.read(path).words == ["a", "b"]
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        with pytest.raises(ValueError, match=r"word_vectors.npz: expected sha256 .* run make it"):
            word_vectors.read(path)


@pytest.mark.slow
class TestCommand:
    def run(self, path, hash_seed):
        command = [
            sys.executable,
            "-m",
            "lib.book.experiments",
            "train_word_vectors",
            "--texts",
            "60",
        ]
        subprocess.run(
            [*command, "--to", str(path)],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        return path.read_bytes(), json.loads(path.with_suffix(".json").read_text())

    def test_same_numbers_every_time(self, tmp_path):
        pytest.importorskip("gensim")
        first, told = self.run(tmp_path / "a.npz", "1")
        again, _ = self.run(tmp_path / "b.npz", "2")
        assert first == again
        assert told["reviews"] == 60
        assert told["settings"] == word_vectors.provenance()["settings"]
        assert told["command"] == word_vectors.provenance()["command"]

    def test_missing_gensim_is_told(self, monkeypatch):
        from lib.book.experiments import train_word_vectors

        monkeypatch.setitem(sys.modules, "gensim.models", None)
        with pytest.raises(ModuleNotFoundError, match=re.escape("install requirements-dev.txt")):
            train_word_vectors.learn([["a", "b"]])


def test_import_of_lib_needs_none_of_it():
    heavy = "{'tensorflow', 'requests', 'lib.pretrained'}"
    code = f"import sys, lib; assert not {heavy} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)
