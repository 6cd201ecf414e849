"""The recurrent cells: each module holds one kind, each `step` reads as its
equations."""

from lib.cells.base import Cell
from lib.cells.compose import Bidirectional, Readout, Stack
from lib.cells.gru import GRUCell, ResetAfterGRUCell
from lib.cells.lstm import LSTMCell, PeepholeLSTMCell
from lib.cells.simple import SimpleCell

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
]
