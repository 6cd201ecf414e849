"""From texts to words, to numbers, to one padded array."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.data.words import PADDING, UNKNOWN, Vocabulary, batches, padded, words
from tests.helpers import outside_the_page, refused

WORDS = st.text("abcdefgh", min_size=1, max_size=3)


def test_words_are_lower_case_without_punctuation():
    assert words("The film: GOOD,\tgood!") == ["the", "film", "good", "good"]
    assert words("don't <br />a_b c-d") == ["don", "t", "br", "a", "b", "c", "d"]
    assert words(" ... ") == words("") == []


def test_known_words_are_numbered_from_two():
    vocabulary = Vocabulary(["film", "good"])
    assert vocabulary.numbers("A GOOD film, good!").tolist() == [UNKNOWN, 3, 2, 3]
    assert vocabulary.numbers("...").shape == (0,)
    assert len(vocabulary) == 4
    names = [vocabulary.word(number) for number in range(4)]
    assert names == ["(padding)", "(unknown)", "film", "good"]


@given(st.lists(WORDS, unique=True), st.lists(WORDS))
def test_a_number_is_padding_never_and_goes_back_to_its_word(known, text):
    vocabulary = Vocabulary(known)
    numbers = vocabulary.numbers(" ".join(text))
    assert len(numbers) == len(text)
    assert PADDING not in numbers
    back = [vocabulary.word(number) for number in numbers]
    assert back == [word if word in known else "(unknown)" for word in text]


def test_the_most_frequent_words_come_first():
    texts = ["good good film", "Good, film. Bad?"]
    assert Vocabulary.most_frequent(texts, 2).words == ("good", "film")
    assert Vocabulary.most_frequent(texts, 9).words == ("good", "film", "bad")


@given(st.lists(st.lists(st.integers(1, 9), max_size=6)), st.integers(6, 9) | st.none())
def test_padding_stands_behind_and_nothing_is_lost(sequences, steps):
    rows = padded(sequences, steps)
    longest = max(map(len, sequences), default=0)
    assert rows.shape == (len(sequences), longest if steps is None else steps)
    for row, sequence in zip(rows, sequences, strict=True):
        assert row[: len(sequence)].tolist() == sequence
        assert (row[len(sequence) :] == PADDING).all()


def test_batches_hold_every_sequence_once_and_like_lengths_together():
    lengths = np.random.default_rng(0).integers(1, 300, 100)
    for rng in (None, np.random.default_rng(1)):
        parts = batches(lengths, 16, rng)
        assert sorted(np.concatenate(parts)) == list(range(100))
        assert max(np.ptp(lengths[places]) for places in parts) < 100
    one, two = (batches(lengths, 16, rng)[0].tolist() for _ in range(2))
    assert one != two


def test_bad_arguments_are_named():
    with refused(TypeError, "text: expected a string, got None"):
        words(None)
    with refused(TypeError, "words: expected a list of strings, got 'film'"):
        Vocabulary("film")
    with refused(ValueError, "words: expected each word once, got 'good' 2 times"):
        Vocabulary(["film", "good", "good"])
    with refused(TypeError, "texts: expected a list of strings, got 'a film'"):
        Vocabulary.most_frequent("a film", 2)
    with refused(ValueError, "count: expected a whole number of at least 1, got 0"):
        Vocabulary.most_frequent(["a film"], 0)
    with refused(ValueError, "number: expected less than 3, got 3"):
        Vocabulary(["film"]).word(3)
    with refused(ValueError, "steps: expected a whole number of at least 3, got 2"):
        padded([[1, 2, 3], [1]], 2)
    with refused(ValueError, "size: expected a whole number of at least 1, got 0"):
        batches([1], 0)
    with refused(ValueError, "lengths: expected shape (sequences,)"):
        batches([[1], [2]], 1)


@outside_the_page
@pytest.mark.slow
def test_padding_behind_is_what_the_fast_forms_of_keras_ask_for():
    """The check is Keras' own, which raises on a processor of its kind: private, so may move."""
    from keras.src.backend.tensorflow.rnn import _is_sequence_right_padded

    from lib.keras import tensorflow as tf

    rows = padded([[5, 6], [7], [8, 9, 10]])
    assert _is_sequence_right_padded(tf.constant(rows != PADDING))
    assert not _is_sequence_right_padded(tf.constant(rows[:, ::-1] != PADDING))
    assert np.array_equal(rows, [[5, 6, 0], [7, 0, 0], [8, 9, 10]])
