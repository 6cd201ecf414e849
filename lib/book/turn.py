"""Figures that one can turn: a cell puts one in the place of its picture.

    turn("unit", "Find the smallest kick that flips the unit.", figure="fig-switch", w=2, kick=1.9)

The page then shows a button under the picture `fig-switch`, and beside it the task. Pressed, the
element `rnn-unit` of `_html/turn/rnn-unit.js` takes the picture's place, with the values given
here. A notebook prints the task.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from lib import checks
from lib.book.claims import show

MIME = "application/vnd.book.turn+json"

__all__ = ["Turn", "turn"]


@dataclass(frozen=True)
class Turn:
    """A figure to turn: its name, what to find out with it, and what it is told."""

    name: str
    task: str
    figure: str
    state: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    equations: list[str] = field(default_factory=list)
    listing: str = ""

    def __str__(self) -> str:
        return f"To find out (in the page, this figure can be turned): {self.task}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """What a notebook keeps: the task to read, and all of it for the page."""
        return {"text/plain": str(self), MIME: asdict(self)}


def turn(
    name: str,
    task: str,
    /,
    *,
    figure: str,
    data: Mapping[str, Any] | None = None,
    equations: Sequence[str] = (),
    listing: str = "",
    **state: Any,
) -> None:
    """Let the reader turn a figure.

    name       of the element without "rnn-": what stands in `_html/turn`
    task       what to find out with it, in a sentence
    figure     the name of the picture that it takes the place of
    data       {name: number, text, array, or lists and dictionaries of such} that the chapter has
               computed and the figure needs, such as trained weights
    equations  labels of the equations whose symbols its wires carry
    listing    the target above the cell that prints the method with these symbols
    state      the values with which its controls start, numbers or texts

    Raises ValueError for an empty text, TypeError for data that is none of this.
    """
    texts = {"name": name, "task": task, "figure": figure}
    for argument, text in texts.items():
        if not checks.text(argument, text).strip():
            raise ValueError(f"{argument}: expected a text, got an empty one")
    values = {key: _plain(key, value) for key, value in state.items()}
    found = {key: _plain(f"data[{key!r}]", value) for key, value in (data or {}).items()}
    show(Turn(name, task, figure, values, found, list(equations), listing))


def _plain(name: str, value: Any) -> Any:
    """`value` as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(f"{name}[{key!r}]", it) for key, it in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(f"{name}[{k}]", it) for k, it in enumerate(value)]
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list):
        return _plain(name, value)
    if not isinstance(value, int | float | str):
        raise TypeError(f"{name}: expected numbers or texts, got a {type(value).__name__}")
    return value
