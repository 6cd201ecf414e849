"""Recurrent neural networks, written as their equations. The numerical core
needs NumPy alone."""

from lib.cells import (
    Bidirectional,
    Cell,
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    Readout,
    ResetAfterGRUCell,
    SimpleCell,
    Stack,
)
from lib.patterns import (
    encoder_decoder,
    sequence_to_sequence,
    sequence_to_vector,
    vector_to_sequence,
)
from lib.saving import load, save
from lib.unrolling import Stream, last, trace, unroll

__all__ = [
    "Bidirectional",
    "Cell",
    "GRUCell",
    "LSTMCell",
    "PeepholeLSTMCell",
    "Readout",
    "ResetAfterGRUCell",
    "SimpleCell",
    "Stack",
    "Stream",
    "encoder_decoder",
    "last",
    "load",
    "save",
    "sequence_to_sequence",
    "sequence_to_vector",
    "trace",
    "unroll",
    "vector_to_sequence",
]
