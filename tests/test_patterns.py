"""The four patterns of input and output sequences."""

import numpy as np

from lib import encoder_decoder, sequence_to_sequence, sequence_to_vector, vector_to_sequence
from tests.helpers import close, random_cell, refused


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
