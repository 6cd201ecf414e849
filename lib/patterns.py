"""The four patterns of input and output sequences, as compositions of
`unroll`."""

import numpy as np

from lib import checks
from lib.cells.base import Cell, network
from lib.cells.compose import Bidirectional, Readout, Stack
from lib.checks import Array, ArrayLike
from lib.unrolling import unroll


def sequence_to_sequence(
    cell: Cell, inputs: ArrayLike, mask: ArrayLike | None = None
) -> Array:
    """An output for every input: y(t) at t = 0 ... steps - 1, each from
    x(0) ... x(t).

    cell     a network, as in `unroll`
    inputs   (steps, input_size) or (batch, steps, input_size)
    mask     as in `unroll`
    returns  (steps, output_size) or (batch, steps, output_size)

    Errors as `unroll`.

    Explained in: d08-input-and-output-sequences
    """
    outputs, _ = unroll(cell, inputs, mask=mask)
    return outputs


def sequence_to_vector(
    cell: Cell, inputs: ArrayLike, mask: ArrayLike | None = None
) -> Array:
    """One output for the whole sequence: y(t) when all of it has been read.

    That is the last real step; of a network that reads in both directions,
    the last step of one half and the first of the other, where each has
    read everything.

    cell     a network, as in `unroll`
    inputs   (steps, input_size) or (batch, steps, input_size)
    mask     as in `unroll`: what stands at padded steps plays no part
    returns  (output_size,) or (batch, output_size)

    Errors as `unroll`.

    Explained in: d08-input-and-output-sequences
    """
    return _all_read(cell, inputs, mask, reverse=False)


def _all_read(cell, inputs, mask, reverse):
    if network("cell", cell).causal:
        outputs, _ = unroll(cell, inputs, None, mask, reverse)
        return outputs[..., 0 if reverse else -1, :]
    match cell:
        case Bidirectional():
            ahead = _all_read(cell.forward, inputs, mask, reverse)
            back = _all_read(cell.backward, inputs, mask, not reverse)
            return np.concatenate([ahead, back], axis=-1)
        case Readout():
            return cell.read(_all_read(cell.cell, inputs, mask, reverse))
        case Stack():
            for layer in cell.cells[:-1]:
                inputs, _ = unroll(layer, inputs, None, mask, reverse)
            return _all_read(cell.cells[-1], inputs, mask, reverse)


def vector_to_sequence(cell: Cell, vector: ArrayLike, steps: int) -> Array:
    """A sequence from one vector, which is the input of every step:
    x(t) = vector.

    cell     a network, as in `unroll`
    vector   (input_size,) or (batch, input_size)
    steps    how long the sequence is to be
    returns  (steps, output_size) or (batch, steps, output_size)

    Raises TypeError or ValueError naming the argument.

    Explained in: d08-input-and-output-sequences
    """
    size = network("cell", cell).input_size
    vector = checks.array("vector", vector, (size,), ("batch", size))
    steps = checks.count("steps", steps)
    return sequence_to_sequence(cell, np.stack([vector] * steps, axis=-2))


def encoder_decoder(
    encoder: Cell,
    decoder: Cell,
    inputs: ArrayLike,
    steps: int,
    mask: ArrayLike | None = None,
) -> Array:
    """Read the whole sequence into one vector, then write another sequence
    from it.

    inputs   (input_steps, encoder.input_size) or (batch, input_steps,
             encoder.input_size)
    steps    how long the output sequence is to be; it need not equal
             input_steps
    mask     of the inputs, as in `unroll`
    returns  (steps, decoder.output_size) or (batch, steps,
             decoder.output_size)

    Raises TypeError where one is no network, ValueError where the decoder
    does not take what the encoder gives, and errors as `unroll`.

    Explained in: d08-input-and-output-sequences
    """
    network("encoder", encoder)
    if network("decoder", decoder).input_size != encoder.output_size:
        raise ValueError(
            f"decoder: expected a cell of {encoder.output_size} inputs, as"
            " many as the encoder has outputs, got one of"
            f" {decoder.input_size}"
        )
    vector = sequence_to_vector(encoder, inputs, mask)
    return vector_to_sequence(decoder, vector, steps)
