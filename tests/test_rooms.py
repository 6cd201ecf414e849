"""The layout of `lib`: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tools import rooms

ROOT = Path(__file__).parents[1]


def test_no_room_imports_one_that_imports_it():
    floor = rooms.floors(rooms.arrows())
    assert floor["checks"] == 0
    assert max(floor, key=floor.get) == "book"


def test_nothing_in_lib_imports_what_only_the_pages_need():
    found = rooms.arrows()
    assert [room for room, targets in found.items() if "book" in targets] == []


def test_lib_shows_its_subject_at_a_glance():
    """About ten entries, and a line for each in the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = rooms.arrows()
    assert len(found) <= 12
    missing = [room for room in found if f"{room}/ " not in readme and f"{room}.py " not in readme]
    assert not missing


@pytest.mark.parametrize(
    "module", ["lib", "lib.gradients", "lib.training", "lib.conventions", "lib.data.tasks"]
)
def test_the_core_needs_numpy_alone(module):
    """Every other package that is installed is hidden."""
    code = (
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        if top not in sys.stdlib_module_names and top not in ('numpy', 'lib'):\n"
        "            raise ModuleNotFoundError(f'hidden: {name}')\n"
        "sys.meta_path.insert(0, Hidden())\n"
        f"import {module}\n"
    )
    command = [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_lib_imports_nothing_that_windows_lacks():
    lacking = {"fcntl", "grp", "pwd", "resource", "termios"}
    for file in (ROOT / "lib").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")]
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            assert not lacking & {name.partition(".")[0] for name in names}, file
