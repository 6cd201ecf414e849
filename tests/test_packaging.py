"""What the package is without this repository, and without what only a part of it needs."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "missing", "extra"),
    [
        ("lib.book.figures.plots", "matplotlib", "figures"),
        ("lib.keras", "tensorflow", "keras"),
        ("lib.keras.keras2", "tensorflow_hub", "keras"),
    ],
)
def test_missing_package_is_named_in_one_sentence(module, missing, extra):
    code = (
        "import importlib, sys\n"
        f"sys.modules[{missing!r}] = None\n"
        f"try:\n    importlib.import_module({module!r})\n"
        "except ModuleNotFoundError as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == (
        f"{missing}: expected this module to be installed; run pip install "
        f"'recurrent-networks-unrolled[{extra}]'"
    )
