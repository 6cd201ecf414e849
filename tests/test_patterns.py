"""The four patterns of input and output sequences."""

import numpy as np
import pytest

from lib import (
    Bidirectional,
    Readout,
    Stack,
    encoder_decoder,
    sequence_to_sequence,
    sequence_to_vector,
    vector_to_sequence,
)
from tests.helpers import GATED, close, random_cell, refused


def by_hand(cell, inputs):
    """The outputs at every step of one sequence, with nothing but the checked step."""
    states, outputs = cell.initial_states(), []
    for x in inputs:
        output, states = cell(x, states)
        outputs.append(output)
    return np.array(outputs)


def test_sequence_to_sequence_gives_every_output(kind, rng):
    cell, inputs = random_cell(kind, 2, 3), rng.normal(size=(5, 2))
    np.testing.assert_array_equal(sequence_to_sequence(cell, inputs), by_hand(cell, inputs))


def test_sequence_to_vector_gives_the_last(kind, rng):
    cell, inputs = random_cell(kind, 2, 3), rng.normal(size=(5, 2))
    np.testing.assert_array_equal(sequence_to_vector(cell, inputs), by_hand(cell, inputs)[-1])


def test_vector_to_sequence_feeds_the_vector_at_every_step(kind, rng):
    cell, vector = random_cell(kind, 2, 3), rng.normal(size=2)
    np.testing.assert_array_equal(vector_to_sequence(cell, vector, 4), by_hand(cell, [vector] * 4))


def test_encoder_decoder_reads_first_and_writes_then(kind, rng):
    encoder, decoder = random_cell(kind, 2, 3), random_cell(kind, 3, 4, seed=1)
    inputs = rng.normal(size=(5, 2))
    code = by_hand(encoder, inputs)[-1]
    outputs = encoder_decoder(encoder, decoder, inputs, 7)
    np.testing.assert_array_equal(outputs, by_hand(decoder, [code] * 7))


def test_each_pattern_takes_a_batch(kind, rng):
    cell, decoder = random_cell(kind, 2, 3), random_cell(kind, 3, 4, seed=1)
    inputs = rng.normal(size=(6, 5, 2))
    patterns = {
        (6, 5, 3): lambda batch: sequence_to_sequence(cell, batch),
        (6, 3): lambda batch: sequence_to_vector(cell, batch),
        (6, 8, 3): lambda batch: vector_to_sequence(cell, batch[..., 0, :], 8),
        (6, 7, 4): lambda batch: encoder_decoder(cell, decoder, batch, 7),
    }
    for shape, pattern in patterns.items():
        outputs = pattern(inputs)
        assert outputs.shape == shape
        for k in range(6):
            close(outputs[k], pattern(inputs[k]))


def test_errors_name_the_argument(kind):
    cell = random_cell(kind, 2, 3)
    with refused(ValueError, "vector: expected shape (2,) or (batch, 2), got (3,)"):
        vector_to_sequence(cell, np.ones(3), 4)
    with refused(ValueError, "steps: expected a whole number of at least 1, got 0"):
        vector_to_sequence(cell, np.ones(2), 0)
    with refused(ValueError, "decoder: expected a cell of 3 inputs, as many as the encoder has"):
        encoder_decoder(cell, cell, np.ones((5, 2)), 4)


def test_padding_changes_no_pattern(kind, rng):
    """Each sequence of a padded batch gives what it gives alone, from either side of padding."""
    cell, decoder = random_cell(kind, 2, 3), random_cell(kind, 3, 4, seed=1)
    lengths = [2, 5, 7]
    for behind in (True, False):
        X, mask = rng.normal(size=(3, 7, 2)), np.zeros((3, 7), bool)
        for k, length in enumerate(lengths):
            mask[k, slice(None, length) if behind else slice(7 - length, None)] = True
        vectors = sequence_to_vector(cell, X, mask)
        written = encoder_decoder(cell, decoder, X, 4, mask)
        every = sequence_to_sequence(cell, X, mask)
        for k in range(3):
            alone = X[k][mask[k]]
            close(vectors[k], sequence_to_vector(cell, alone))
            close(written[k], encoder_decoder(cell, decoder, alone, 4))
            close(every[k][mask[k]], sequence_to_sequence(cell, alone))
        assert not np.allclose(vectors[0], sequence_to_vector(cell, X[0]), atol=1e-3)


def test_in_both_directions_the_vector_has_read_everything_twice(kind, rng):
    forward, backward = random_cell(kind, 2, 3), random_cell(kind, 2, 4, seed=1)
    both = Bidirectional(forward, backward)
    W, b = rng.normal(size=(5, 7)), rng.normal(size=5)
    upper = Bidirectional(random_cell(kind, 7, 2, seed=2), random_cell(kind, 7, 2, seed=3))
    X, mask = rng.normal(size=(4, 6, 2)), np.arange(6) < [[2], [6], [4], [1]]
    for k in range(4):
        x = X[k][mask[k]]
        ends = np.concatenate([by_hand(forward, x)[-1], by_hand(backward, x[::-1])[-1]])
        close(sequence_to_vector(both, X, mask)[k], ends)
        close(sequence_to_vector(Readout(both, W, b), X, mask)[k], ends @ W.T + b)
        joined = np.concatenate([by_hand(forward, x), by_hand(backward, x[::-1])[::-1]], axis=1)
        top = [by_hand(upper.forward, joined)[-1], by_hand(upper.backward, joined[::-1])[-1]]
        close(sequence_to_vector(Stack([both, upper]), X, mask)[k], np.concatenate(top))


def test_what_is_no_network_is_named():
    cell, x = random_cell(GATED[0], 2, 3), np.ones((5, 2))
    for made in (
        lambda: sequence_to_sequence("cell", x),
        lambda: sequence_to_vector(None, x),
        lambda: vector_to_sequence(3, x[0], 4),
        lambda: encoder_decoder(None, cell, x, 4),
        lambda: encoder_decoder(cell, None, x, 4),
    ):
        with pytest.raises(TypeError, match=r"^(cell|encoder|decoder): expected a network"):
            made()
