"""Stands in for Hypothesis where it does not run: Pyodide, for which it has no wheel.

Its tests are skipped and say so; all others of the same file run.
"""

import sys
from types import ModuleType

import pytest


def given(*strategies, **more):
    return pytest.mark.skip(reason="Hypothesis does not run under Pyodide")


def settings(*arguments, **more):
    return lambda test: test


example = settings


class Anything(ModuleType):
    """A module whose names can be called and combined, and mean nothing."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything(name)

    def __call__(self, *arguments, **more):
        return self

    def __or__(self, other):
        return self


strategies = Anything("hypothesis.strategies")
extra = Anything("hypothesis.extra")
for module in (strategies, extra, Anything("hypothesis.extra.numpy")):
    sys.modules[module.__name__] = module
