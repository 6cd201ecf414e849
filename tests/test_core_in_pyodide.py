"""The tests of the library's core, run under Pyodide as the pages run it, in Node."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RELEASE = ROOT / "_build" / "html" / "live" / "pyodide"
NODE = shutil.which("node")
CORE = (
    "cells gated_cells unrolling patterns gradients fast training online checks conversions tasks"
    " words number_words saving rounding"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(NODE is None, reason="Node is not installed"),
    pytest.mark.skipif(not RELEASE.is_dir(), reason="the book was built without LIVE_FROM"),
]


def test_the_core_passes_its_own_tests_under_pyodide():
    packages = Path(pytest.__file__).parents[1]
    files = [f"tests/test_{name}.py" for name in CORE.split()]
    command = [NODE, "tests/in_page/core.mjs", RELEASE, ROOT, packages, "-q", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:]
    passed = int(re.search(r"(\d+) passed", done.stdout)[1])
    skipped = int((re.search(r"(\d+) skipped", done.stdout) or [0, 0])[1])
    print(f"under Pyodide: {passed} passed, {skipped} skipped")
    assert passed > 1000
    assert skipped < 50  # of Hypothesis, threads and TensorFlow
