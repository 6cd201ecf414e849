"""The rooms of `lib`: its files and folders, which imports which, and on how many floors.

    python tools/rooms.py

A room is a file or folder directly in `lib` (the door `lib/__init__.py` left out), an arrow leads
from a room to one that it imports, and a room stands one floor above the highest that it imports.
Imports inside functions count as well.
"""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

LIB = Path(__file__).parents[1] / "lib"


def imports(file):
    """The dotted names under `lib` that a Python file imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module == "lib":
                yield from (f"lib.{alias.name}" for alias in node.names)
            elif node.module.startswith("lib."):
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("lib."))


def arrows(lib=LIB):
    """{room: the rooms that it imports}.

    What is imported from the door itself (`from lib import LSTMCell`) counts for the room that
    the door takes it from.
    """
    rooms = sorted(
        path.stem
        for path in lib.iterdir()
        if path.stem[0] not in "._" and (path.is_dir() or path.suffix == ".py")
    )
    door = {
        alias.asname or alias.name: node.module
        for node in ast.parse((lib / "__init__.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    found = {}
    for room in rooms:
        path = lib / room
        files = path.rglob("*.py") if path.is_dir() else [path.with_suffix(".py")]
        names = {name for file in files for name in imports(file)}
        targets = {
            (door.get(name.removeprefix("lib."), name)).split(".")[1]
            for name in names
            if len(door.get(name.removeprefix("lib."), name).split(".")) > 1
        }
        found[room] = sorted((targets & set(rooms)) - {room})
    return found


def floors(found):
    """{room: its floor}, 0 at the bottom; graphlib.CycleError where rooms import each other."""
    floor = {}
    for room in TopologicalSorter(found).static_order():
        floor[room] = 1 + max((floor[other] for other in found[room]), default=-1)
    return floor


def main():
    found = arrows()
    floor = floors(found)
    for room in sorted(found, key=lambda room: (-floor[room], room)):
        print(f"{floor[room]}  {room:14} -> {', '.join(found[room]) or '-'}")
    count = sum(map(len, found.values()))
    print(f"{len(found)} rooms, {count} arrows, {max(floor.values()) + 1} floors")


if __name__ == "__main__":
    main()
