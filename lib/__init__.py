"""Recurrent neural networks, written as their equations. The numerical core
needs NumPy alone."""

from lib.cells import (
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
from lib.unrolling import bidirectional, trace, unroll

__all__ = [
    "Cell",
    "GRUCell",
    "LSTMCell",
    "PeepholeLSTMCell",
    "Readout",
    "ResetAfterGRUCell",
    "SimpleCell",
    "Stack",
    "bidirectional",
    "encoder_decoder",
    "sequence_to_sequence",
    "sequence_to_vector",
    "trace",
    "unroll",
    "vector_to_sequence",
]
