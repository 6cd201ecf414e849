"""The drawings of the book. Needs matplotlib; `import lib` does not import this package."""

from importlib import import_module

from lib import checks

with checks.extra("figures"):
    import_module("matplotlib")
