"""Recurrent neural networks, written as their equations. The numerical core needs NumPy alone."""

from lib.cells import Cell, Readout, SimpleCell, Stack
from lib.patterns import (
    encoder_decoder,
    sequence_to_sequence,
    sequence_to_vector,
    vector_to_sequence,
)
from lib.unrolling import unroll

__all__ = [
    "Cell",
    "Readout",
    "SimpleCell",
    "Stack",
    "encoder_decoder",
    "sequence_to_sequence",
    "sequence_to_vector",
    "unroll",
    "vector_to_sequence",
]
