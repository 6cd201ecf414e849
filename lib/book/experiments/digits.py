"""Small networks that read handwritten digits, 8 by 8 pixels, trained by the fast road.

A *captioner* receives a picture at each of five steps and writes the name of its digit, a letter a
step. A *row reader* receives the eight rows of a picture one after the other and answers after the
last.
"""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lib import Readout, SimpleCell, Stack, checks, sequence_to_vector, vector_to_sequence
from lib.book.experiments.softmax import cross_entropy
from lib.cells import Cell
from lib.checks import Array
from lib.training import train

with checks.extra("experiments"):
    from sklearn.datasets import load_digits

NAMES = np.array("zero· one·· two·· three four· five· six·· seven eight nine·".split())
SPELT = np.array([list(name) for name in NAMES])
LETTERS = np.unique(SPELT)
UNSEEN, SEEN = slice(360), slice(360, None)


@cache
def load() -> tuple[Array, NDArray[np.integer]]:
    """scikit-learn's digits, shuffled: pictures (1797, 8, 8) from 0 to 1, and which digit each is.

    Those at `UNSEEN` are for tests, those at `SEEN` to learn from.
    """
    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.target))
    return found.images[order] / 16, found.target[order]


def draws(size: int, *arrays: Array) -> Callable[[list[int]], list[Array]]:
    """Batches of `size` examples, drawn anew for every seed: what `train` asks for."""

    def draw(seed: list[int]) -> list[Array]:
        chosen = np.random.default_rng(seed).integers(len(arrays[0]), size=size)
        return [array[chosen] for array in arrays]

    return draw


def captioner(seed: int, updates: int = 500) -> Readout:
    """A simple cell of 64 units with a readout of one number a letter, trained."""
    cell = SimpleCell.from_seed(64, 64, seed, dtype=np.float32)
    network = Readout.from_seed(cell, len(LETTERS), seed)
    pictures, digit = load()
    shown = np.repeat(pictures[SEEN].reshape(-1, 1, 64), 5, axis=1)
    asked = np.asarray(SPELT[digit[SEEN], :, np.newaxis] == LETTERS, float)
    train(network, draws(32, shown, asked), updates, rate=3e-3, loss=cross_entropy, seed=seed)
    return network


def captions(network: Cell, pictures: Array) -> NDArray[np.str_]:
    """What a captioner writes, the most probable letter at each step: (pictures,) of texts."""
    probable = vector_to_sequence(network, pictures.reshape(-1, 64), steps=5).argmax(axis=-1)
    return np.array(["".join(row) for row in LETTERS[probable]])


def row_reader(units: Sequence[int], seed: int) -> Readout:
    """A fresh network: simple cells on top of each other, with one output a digit.

    units  of each layer, the lowest first
    """
    layers = [
        SimpleCell.from_seed(below, size, [seed, k], dtype=np.float32)
        for k, (below, size) in enumerate(pairwise([8, *units]))
    ]
    return Readout.from_seed(Stack(layers), 10, seed)


def share_read(units: Sequence[int], seed: int, updates: int = 400) -> float:
    """The share of unseen pictures that a trained row reader gets right."""
    pictures, digit = load()
    network = row_reader(units, seed)
    asked = np.repeat(np.eye(10)[digit][:, np.newaxis], 8, axis=1)
    at_the_end = np.repeat(np.eye(8)[-1:], len(digit), axis=0)
    examples = (array[SEEN] for array in (pictures, asked, at_the_end))
    train(network, draws(64, *examples), updates, rate=3e-3, loss=cross_entropy, seed=seed)
    answers = sequence_to_vector(network, pictures[UNSEEN]).argmax(axis=1)
    return float(np.mean(answers == digit[UNSEEN]))
