"""The four patterns of input and output sequences, as compositions of
`unroll`."""

import numpy as np

from lib import checks
from lib.unrolling import unroll


def sequence_to_sequence(cell, inputs):
    """An output for every input: y(t) at t = 0 ... steps - 1, each from
    x(0) ... x(t).

    inputs   (steps, input_size) or (batch, steps, input_size)
    returns  (steps, output_size) or (batch, steps, output_size)
    """
    outputs, _ = unroll(cell, inputs)
    return outputs


def sequence_to_vector(cell, inputs):
    """One output for the whole sequence: y(t) at the last step.

    inputs   (steps, input_size) or (batch, steps, input_size)
    returns  (output_size,) or (batch, output_size)
    """
    return sequence_to_sequence(cell, inputs)[..., -1, :]


def vector_to_sequence(cell, vector, steps):
    """A sequence from one vector, which is the input of every step: x(t) =
    vector.

    vector   (input_size,) or (batch, input_size)
    steps    how long the sequence is to be
    returns  (steps, output_size) or (batch, steps, output_size)
    """
    vector = checks.array(
        "vector", vector, (cell.input_size,), ("batch", cell.input_size)
    )
    steps = checks.count("steps", steps)
    return sequence_to_sequence(cell, np.stack([vector] * steps, axis=-2))


def encoder_decoder(encoder, decoder, inputs, steps):
    """Read the whole sequence into one vector, then write another sequence
    from it.

    inputs   (input_steps, encoder.input_size) or (batch, input_steps,
             encoder.input_size)
    steps    how long the output sequence is to be; it need not equal
             input_steps
    returns  (steps, decoder.output_size) or (batch, steps,
             decoder.output_size)

    Raises ValueError where the decoder does not take what the encoder
    gives.
    """
    if decoder.input_size != encoder.output_size:
        raise ValueError(
            f"decoder: expected a cell of {encoder.output_size} inputs, as"
            " many as the encoder has outputs, got one of"
            f" {decoder.input_size}"
        )
    return vector_to_sequence(
        decoder, sequence_to_vector(encoder, inputs), steps
    )
