"""Fetch the release of Pyodide, Python for the browser, that the pages run cells with.

    python -m tools.pyodide [FOLDER]

What a page loads comes into FOLDER, by default _build/pyodide: the core, whose hashes stand in
_ext/live.py, and the packages, whose hashes the release's own lock lists. A file that is there and
right is not fetched again. PYODIDE_MIRROR names another place that has the release.
"""

import json
import os
import sys
from pathlib import Path

import pooch
from requests import RequestException

sys.path.insert(0, str(Path(__file__).parents[1] / "_ext"))
from live import CORE, DRAWING, LOCK, packages

VERSION = "0.27.7"
RELEASE = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"


def fetch(folder: Path, mirror: str, core: dict[str, str]) -> None:
    """Bring the files of a release into a folder, each compared with its SHA-256.

    Raises RequestException where one cannot be fetched, ValueError where one is another.
    """
    release = pooch.create(folder, mirror, registry=dict(core), retry_if_failed=2)
    for name in core:
        release.fetch(name, progressbar=True)
    lock = json.loads((folder / LOCK).read_text("utf-8"))
    for entry in packages(lock, DRAWING).values():
        release.registry[entry["file_name"]] = entry["sha256"]
        release.fetch(entry["file_name"], progressbar=True)


def main(folder: str = "_build/pyodide") -> str | None:
    """Fetch, and return the sentence to end with where that fails."""
    mirror = os.environ.get("PYODIDE_MIRROR", RELEASE).rstrip("/") + "/"
    try:
        fetch(Path(folder), mirror, CORE)
    except RequestException as error:
        return (
            f"Pyodide {VERSION} could not be fetched from {mirror} ({type(error).__name__}); what"
            " came is kept: run the same command again, or name a copy: make live LIVE_FROM=FOLDER."
        )
    except ValueError as error:
        return f"{mirror} has another file than release {VERSION}, which was not kept: {error}"
    print(f"Pyodide {VERSION} is in {folder}.")
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
