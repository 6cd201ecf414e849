"""The recurrent cells: each module holds one kind, each `step` reads as its equations."""

from lib.cells.base import Cell
from lib.cells.compose import Readout, Stack
from lib.cells.simple import SimpleCell

__all__ = ["Cell", "Readout", "SimpleCell", "Stack"]
