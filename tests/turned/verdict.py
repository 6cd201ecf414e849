"""Which words the verdicts of three trained networks hang on."""

import functools

import numpy as np

from lib.book.experiments import verdict
from lib.data.words import UNKNOWN


def _state(sentence, out=0, after=0, bars="effect"):
    return {"sentence": sentence, "bars": bars, "out": out, "after": after}


STATES = [
    *map(_state, verdict.SENTENCES),
    _state("it was not great", 3),
    _state("the acting is not bad", 5, 20, "norm"),
    _state("good but not great", 6, 1),
    _state("loved it but it was dull", 6, 7),
    _state("this is not a good film", 1, 12, "norm"),
]

critics = functools.cache(verdict.read)


def told():
    return verdict.packed(critics())


def expected(state, told):
    said = [it for t, it in enumerate(state["sentence"].split(), 1) if t != state["out"]]
    behind = np.repeat(critics().vectors[[UNKNOWN]], state["after"], axis=0)
    x = np.concatenate([critics().read(" ".join(said)), behind])
    found = [verdict.hangs_on(network, x) for network in critics().networks.values()]
    return {
        "verdicts": [it.verdict for it in found],
        "norms": [it.norms for it in found],
        "effects": [it.effects for it in found],
    }
