"""Write the page of what each chapter took when it was run last: python -m tools.measures.

The build keeps a record beside the outputs of every chapter; the page is a table of these, with the
versions of what they were run with. It changes only when this is called.
"""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

import yaml

PAGE = Path("chapters/measures.md")
PACKAGES = (
    "numpy",
    "matplotlib",
    "tensorflow",
    "keras",
    "tf-keras",
    "scikit-learn",
    "jupyter-book",
)


def chapters(toc):
    """Return the names of all pages in the table of contents, in its order."""
    parts = toc.get("parts", [toc])
    entries = [entry["file"] for part in parts for entry in part.get("chapters", [])]
    return [Path(name).name for name in (toc["root"], *entries)]


def records(names, kept):
    """Return {chapter: the record of its newest run} for those that have been run."""
    found = {}
    for name in names:
        paths = sorted(kept.glob(f"chapters-{name}/*/record.json"), key=os.path.getmtime)
        if paths:
            found[name] = json.loads(paths[-1].read_text("utf-8"))
    return found


def page(found, versions, machine):
    """Return the text of the page."""
    total = sum(record["seconds"] for record in found.values())
    rows = [
        f"| [](/chapters/{name}) | {record['seconds']:.0f} | {record['peak'] / 2**20:.0f} |"
        for name, record in found.items()
    ]
    return "\n".join(
        [
            "(measures)=",
            "# What running the book takes",
            "",
            "Seconds from the start of a chapter's kernel to its end, and the most memory it held,",
            f"when it ran last on {machine}; {total:.0f} seconds in all, one after the other.",
            "`make measures` writes this page anew, from what the build has recorded.",
            "",
            "| Chapter | Seconds | Memory (MiB) |",
            "|---|---:|---:|",
            *rows,
            "",
            "| Run with | Version |",
            "|---|---|",
            *(f"| {name} | {number} |" for name, number in versions.items()),
            "",
        ]
    )


def main():
    toc = yaml.safe_load(Path("_toc.yml").read_text("utf-8"))
    found = records(chapters(toc), Path("_build/.jupyter_cache"))
    versions = {"Python": platform.python_version()} | {name: version(name) for name in PACKAGES}
    machine = f"{os.cpu_count()} processors under {platform.system()}"
    PAGE.write_text(page(found, versions, machine), "utf-8")
    print(f"{PAGE}: {len(found)} chapters")


if __name__ == "__main__":
    main()
