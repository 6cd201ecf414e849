"""The repository as Binder sees it: its build, its JupyterLab, its chapters run as notebooks."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest
from jupyter_cache import get_cache
from nbclient import NotebookClient
from repo2docker.app import Repo2Docker

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted(
    path for path in (ROOT / "chapters").glob("*.md") if "{code-cell}" in path.read_text()
)


@pytest.fixture
def build_pack(monkeypatch):
    """The first build pack that takes the repository, as repo2docker chooses it."""
    monkeypatch.chdir(ROOT)
    app = Repo2Docker()
    packs = (pack(app.base_image) for pack in app.buildpacks)
    pack = next(pack for pack in packs if pack.detect())
    pack.platform = app.platform
    return pack


def test_binder_takes_the_repository_for_python(build_pack):
    assert type(build_pack).__name__ == "PythonBuildPack"
    assert build_pack.python_version == "3.11"


def test_binder_installs_the_lock_then_the_repository_then_post_build(build_pack):
    dockerfile = build_pack.render()
    steps = [
        " src/requirements.txt ",
        'pip install --no-cache-dir -r "requirements.txt"',
        " src/ ${REPO_DIR}/",  # only now: a change in a chapter installs nothing again
        "RUN ./postBuild",
    ]
    places = [dockerfile.index(step) for step in steps]
    assert places == sorted(places)
    assert len(re.findall(r"pip install", dockerfile)) == 1


def test_post_build_opens_chapters_as_notebooks(tmp_path):
    """postBuild with a stand-in for pip's Python, and the real jupytext-config."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$*" >>calls\n')
    python.chmod(0o755)
    config = tmp_path / "config"
    path = os.pathsep.join([str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "JUPYTER_CONFIG_DIR": str(config)}
    assert os.access(ROOT / "postBuild", os.X_OK)
    subprocess.run([ROOT / "postBuild"], cwd=tmp_path, env=environment, check=True, timeout=60)

    call = (tmp_path / "calls").read_text()
    assert call.startswith("-m pip install")
    assert {"--no-deps", "-e", "."} <= set(call.split())
    settings = json.loads((config / "labconfig/default_setting_overrides.json").read_text())
    viewers = settings["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]
    assert viewers["markdown"] == "Jupytext Notebook"


def run(notebook, directory):
    resources = {"metadata": {"path": str(directory)}}
    NotebookClient(notebook, timeout=600, resources=resources).execute()


def newest_run(chapter):
    """The folder with what the build has kept of a chapter's last run."""
    folders = (ROOT / f"_build/.jupyter_cache/chapters-{chapter.stem}").glob("*/")
    folders = sorted(folders, key=os.path.getmtime)
    if not folders:
        pytest.fail("the book is not built: run make book first")
    return folders[-1]


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs_from_the_root(chapter):
    run(jupytext.read(chapter), ROOT)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_does_not_care_where_it_runs(chapter):
    """Its cells, run by the build in its folder, opened nothing as seen from there; so the first
    one, which imports what the others use, stands for them all."""
    record = json.loads((newest_run(chapter) / "record.json").read_text())
    assert record["reached"]["relative"] == []
    notebook = jupytext.read(chapter)
    assert notebook.metadata.kernelspec.name == "python3"
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"][:1]
    run(notebook, ROOT)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_runs_from_its_own_folder(chapter):
    """The build has run it there already: the same cells, which its cache is asked for."""
    notebook = jupytext.read(chapter)
    get_cache(newest_run(chapter)).match_cache_notebook(
        notebook
    )  # a KeyError where the cells differ

    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"][:1]
    assert "import" in notebook.cells[0].source
    run(notebook, chapter.parent)


def test_no_folder_that_hides_the_root_from_binder():
    assert not [name for name in ("binder", ".binder") if (ROOT / name).exists()]
