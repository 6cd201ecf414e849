"""The language model that ships with the book: its file, its command and what it has not read."""

import hashlib
import json

import numpy as np
import pytest

from lib.book.experiments import train_language_model
from lib.data import reviews
from lib.data.words import Vocabulary
from lib.pretrained import language_model, word_vectors


@pytest.fixture(scope="module")
def texts():
    return reviews.pretraining_text()


@pytest.fixture(scope="module")
def parts(texts):
    return train_language_model.sequences(texts)


def test_asset_is_small():
    assert language_model.ASSET.stat().st_size <= 4e6


def test_provenance_names_data_and_table(texts):
    known = language_model.provenance()
    assert known["command"] == "python -m lib.book.experiments train_language_model"
    assert known["settings"] == train_language_model.SETTINGS
    assert known["data"]["sha256"] == reviews.SHIPPED_SHA256
    assert known["table"] == word_vectors.provenance()["sha256"]
    assert known["texts"] == hashlib.sha256("\n".join(texts).encode()).hexdigest()
    assert known["reviews"]["trained on"] + known["reviews"]["held out"] == len(texts)


def test_nothing_that_the_book_tests_on_was_read(texts):
    tested = {*reviews.imdb().test.texts, *reviews.rotten_tomatoes().test.texts}
    assert tested.isdisjoint(texts)


def test_command_reproduces_its_first_losses(parts):
    """Ten updates from the same start. Rounding on another processor moves a loss by about 1e-5,
    another draw of the sampled words by about 1e-1."""
    expected = language_model.provenance()["losses"]["first updates"]
    _, losses = train_language_model.learn(parts[1], updates=len(expected))
    assert losses == pytest.approx(expected, abs=1e-3)


def test_asset_has_the_held_out_loss_it_claims(parts):
    expected = language_model.provenance()["losses"]["held out, all words, first 50 reviews"]
    found = train_language_model.evaluate(language_model.load(), parts[0][:50])
    assert found == pytest.approx(expected, abs=1e-3)


def test_tracks_go_on_from_window_to_window():
    stream = np.arange(2 * 3 * 4 + 7)
    x, y = train_language_model.windows([stream[:5], stream[5:]], tracks=2, steps=4)
    assert x.shape == y.shape == (3, 2, 4)
    assert np.array_equal(y, x + 1)
    for track in range(2):
        along = x[:, track].reshape(-1)
        assert np.array_equal(along, along[0] + np.arange(12))


def test_numbers_open_every_text_and_know_unknown_words():
    vocabulary = Vocabulary(["a", "film"])
    one, none = language_model.numbers(["A film, xyzzy!", ""], vocabulary)
    assert one.tolist() == [1, 2, 3, 1]
    assert none.tolist() == [1]


def test_damaged_file_is_refused(tmp_path):
    vectors = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    file = tmp_path / "small.npz"
    language_model.write(
        language_model.LanguageModel(vectors, units=4), file, command="make it", packages=[]
    )
    same = language_model.load(file)
    assert np.allclose(same.embedding.get_weights()[0], vectors, atol=2e-3)
    claimed = json.loads(file.with_suffix(".json").read_text())
    file.with_suffix(".json").write_text(json.dumps(claimed | {"sha256": "0" * 64}))
    with pytest.raises(ValueError, match=r"expected sha256 000.*is damaged"):
        language_model.load(file)


def test_loss_is_the_mean_of_minus_log_p():
    rng = np.random.default_rng(1)
    model = language_model.LanguageModel(rng.normal(size=(6, 3)).astype(np.float32), units=4)
    x, y = rng.integers(0, 6, (2, 2, 5))
    loss, state = model.loss(x, y, model.initial_state(2))
    features, _ = model.features(x, model.initial_state(2))
    E = model.embedding.get_weights()[0].astype(float)
    scores = features.numpy().astype(float) @ E.T
    p = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    expected = -np.log(np.take_along_axis(p, y[..., None], -1)).mean()
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert state.shape == (2, 4)
