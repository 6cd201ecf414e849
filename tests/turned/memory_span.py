"""How far each cell remembers, from the committed sweep."""

from functools import cache

import numpy as np

from lib.book.experiments import memory_span, sweeps
from lib.book.figures.memory_measured import packed

STATES = [
    {"task": "recall", "start": "Keras", "view": "cells", "lag": "10"},
    {"task": "adding", "start": "PyTorch", "view": "cells", "lag": "160"},
    {"task": "copying", "start": "open", "view": "cells", "lag": "5"},
    {"task": "copying", "start": "Keras", "view": "simple", "lag": "40"},
    {"task": "adding", "start": "open", "view": "GRU, reset after", "lag": "20"},
    {"task": "recall", "start": "open", "view": "simple", "lag": "20"},
]


@cache
def runs():
    return sweeps.read(memory_span.RESULTS)[0]


def told():
    return packed(runs(), memory_span.LAGS)


def groups(state):
    """The spans of each cell, or of each rate of one."""
    task, start, view = state["task"], state["start"], state["view"]
    there = memory_span.combinations()
    if view == "cells":
        cells = [cell for cell in memory_span.CELLS if (task, cell, start) in there]
        return [memory_span.spans(runs(), task, cell, start) for cell in cells]
    table = runs()
    mine = table[(table["part"] == "tuning") & (table["task"] == task)]
    mine = mine[(mine["cell"] == view) & (mine["start"] == start)]
    longest = (mine["lag"] * mine["learned"]).groupby([mine["rate"], mine["seed"]]).max()
    return [longest[rate] for rate in memory_span.RATES_TRIED if rate in longest.index]


def expected(state, told):
    found = groups(state)
    return {
        "medians": [np.median(spans) for spans in found],
        "reached": [(spans >= int(state["lag"])).sum() for spans in found],
    }
