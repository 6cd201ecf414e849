"""What the package is without this repository, and without what only a part of it needs."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DATA = {".csv", ".json", ".npz"}


@pytest.mark.parametrize(
    ("module", "missing", "extra"),
    [
        ("lib.book.figures.plots", "matplotlib", "figures"),
        ("lib.keras", "tensorflow", "keras"),
        ("lib.keras.keras2", "tensorflow_hub", "keras"),
        ("lib.pretrained", "platformdirs", "keras"),
        ("lib.book.experiments.sweeps", "pandas", "experiments"),
        ("lib.book.experiments.learning_curve", "sklearn", "experiments"),
    ],
)
def test_missing_package_is_named_in_one_sentence(module, missing, extra):
    code = (
        "import importlib, sys\n"
        f"sys.modules[{missing!r}] = None\n"
        f"try:\n    module = importlib.import_module({module!r})\n"
        "    module.read(module.RESULTS / 'memory_span.csv')  # where pandas is first needed\n"
        "except ModuleNotFoundError as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == (
        f"{missing}: expected this module to be installed; run pip install "
        f"'recurrent-networks-unrolled[{extra}]'"
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder in which the built wheel lies as pip would lay it, and nothing else."""
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("made")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "lib", source / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    subprocess.run([*build, "--wheel-dir", made, source], check=True, capture_output=True)
    (wheel,) = made.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(made / "site")
    return made / "site"


def run(code, site, folder):
    """What `code` prints in a Python of its own, in another folder, which sees that `lib` alone."""
    checked = f"import lib; assert lib.__file__.startswith({str(site)!r}), lib.__file__\n{code}"
    done = subprocess.run(
        [sys.executable, "-P", "-c", checked],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.slow
class TestWheel:
    def test_holds_every_file_of_data(self, site):
        expected = {
            path.relative_to(ROOT)
            for path in (ROOT / "lib").rglob("*")
            if path.suffix in DATA or path.suffix == ".py" or path.name == "py.typed"
        }
        found = {path.relative_to(site) for path in site.rglob("*") if path.is_file()}
        assert {path.suffix for path in expected} >= DATA
        assert expected - found == set()

    def test_needs_numpy_alone(self, site, tmp_path):
        code = (
            "import sys\n"
            "from lib import LSTMCell, unroll, gradients, conventions\n"
            "from lib.data import tasks\n"
            "y, _ = unroll(LSTMCell.from_seed(2, 3, 0), tasks.adding(4, 6, seed=0)[0])\n"
            "others = {'keras', 'matplotlib', 'pandas', 'requests', 'scipy', 'tensorflow'}\n"
            "print(y.shape, others & sys.modules.keys())"
        )
        assert run(code, site, tmp_path) == "(4, 6, 3) set()"

    def test_reads_its_results_from_another_folder(self, site, tmp_path):
        code = (
            "from lib.book.experiments import sweeps\n"
            "from lib.data import reviews, shipped, sunspots\n"
            "for name in ('memory_span', 'learning_curve', 'fine_tuning'):\n"
            "    runs, known = sweeps.read(sweeps.RESULTS / f'{name}.csv')\n"
            "    assert len(runs) == known['runs'] > 50\n"
            "assert shipped.read(sweeps.RESULTS / 'case_study.npz')\n"
            "from lib.pretrained import word_vectors\n"
            "assert word_vectors.read().vectors.shape == (20_000, 50)\n"
            "assert shipped.read(word_vectors.ASSET.with_name('language_model.npz'))\n"
            "assert len(sunspots.yearly()[0]) == 309\n"
            "assert len(reviews.rotten_tomatoes().test.texts) == 2000\n"
            "print('all read')"
        )
        assert run(code, site, tmp_path) == "all read"

    def test_names_its_extras(self, site):
        (metadata,) = site.glob("*.dist-info/METADATA")
        lines = metadata.read_text(encoding="utf-8").splitlines()
        extras = {line.split(": ")[1] for line in lines if line.startswith("Provides-Extra")}
        assert extras == {"figures", "data", "keras", "experiments", "cluster"}
        needed = [line for line in lines if line.startswith("Requires-Dist") and ";" not in line]
        assert needed == ["Requires-Dist: numpy"]
