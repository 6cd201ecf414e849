"""What other frameworks computed, from data/frameworks.npz, and stand-ins for their modules.

The file was written by data/make_frameworks.py, which does not know `lib`.
"""

import json
from pathlib import Path
from types import FunctionType

import numpy as np


def _read():
    with np.load(Path(__file__).parent / "data" / "frameworks.npz") as file:
        numbers, table = file["numbers"], json.loads(file["table"].item())
    found, start = {}, 0
    for name, entry in table.items():
        if isinstance(entry, list) and isinstance(entry[-1], list):
            dtype, shape = entry
            stop = start + int(np.prod(shape))
            found[name] = numbers[start:stop].reshape(shape).astype(dtype)
            start = stop
        else:
            found[name] = entry
    assert start == len(numbers)
    return found


FOUND = _read()


def arrays_of(label):
    """Every array and text of one label, by its name in the framework."""
    prefix = f"{label}/"
    return {
        name.removeprefix(prefix): value for name, value in FOUND.items() if name.startswith(prefix)
    }


def module(label):
    """What stands in for the module of the framework: an object whose class has the same name,
    with the attributes and the arrays that the module had."""
    return _stand_in(json.loads(FOUND[f"{label}/module"]), arrays_of(label))


def _stand_in(value, arrays, path=""):
    if isinstance(value, list):
        return [_stand_in(v, arrays, f"{path}[{k}].") for k, v in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "function" in value:
        # Only its name and home count; called, it fails.
        function = FunctionType((lambda: None).__code__, {}, value["function"])
        function.__module__ = value["home"]
        return function
    attributes = {
        name: _stand_in(inner, arrays, f"{path}{name}.")
        for name, inner in value.items()
        if name not in ("class", "state_dict")
    }
    if "state_dict" in value:
        state = {name: arrays[path + name] for name in value["state_dict"]}
        attributes["state_dict"] = lambda self: dict(state)
    return type(value["class"], (), attributes)()
