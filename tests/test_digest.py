"""The digest of what a result is made from: it changes with that, and with nothing else."""

import sys

import pytest

from lib.book import digest

MODULES = {
    "lib/__init__.py": '"""The library."""\n',
    "lib/one.py": "from lib import two\nfrom lib.sub.three import f\n",
    "lib/two.py": '"""Two."""\n\n\ndef g(x):\n    """Add one."""\n    return x + 1  # one\n',
    "lib/sub/__init__.py": "",
    "lib/sub/three.py": "from . import four\nfrom ..data import tables\n\nf = four.f\n",
    "lib/sub/four.py": "import numpy as np\n\n\ndef f():\n    return np.pi\n",
    "lib/data/__init__.py": "",
    "lib/data/tables.py": "late = 1\n",
    "lib/lonely.py": "def h():\n    import lib.two\n",
}


@pytest.fixture
def book(tmp_path):
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "requirements.txt").write_text("numpy==2.4.6 \\\n    --hash=sha256:00\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.csv").write_text("1\n")
    return tmp_path


def of_one(book):
    return digest.digest_of(["lib.one"], ["data"], ["numpy"], root=book)


def names(book, module):
    found = digest.closure([digest.find(module, book)], book)
    return [path.relative_to(book).as_posix() for path in found]


def test_closure_follows_every_form_of_import(book):
    everything_but = {"lib/lonely.py"}
    assert set(names(book, "lib.one")) == set(MODULES) - everything_but
    assert names(book, "lib.two") == ["lib/two.py"]  # itself; who imports it adds the package
    assert names(book, "lib.lonely") == ["lib/__init__.py", "lib/lonely.py", "lib/two.py"]


def test_a_circle_of_imports_ends(book):
    (book / "lib/two.py").write_text("import lib.one\n")
    assert "lib/one.py" in names(book, "lib.two")


CHANGES = {
    "code of a module imported through others": ("lib/sub/four.py", "np.pi", "np.e"),
    "a value deep in an expression": ("lib/two.py", "x + 1", "x + 2"),
    "the package's own file": ("lib/sub/__init__.py", "", "late = 2\n"),
    "a data file": ("data/a.csv", "1", "2"),
    "a locked version": ("requirements.txt", "2.4.6", "2.4.7"),
    "a module that no longer parses": ("lib/two.py", "return", "return ="),
}
NO_CHANGES = {
    "a comment": ("lib/two.py", "# one", "# a one"),
    "a docstring": ("lib/two.py", "Add one.", "Add 1."),
    "a module's docstring": ("lib/__init__.py", "The library.", "A library."),
    "a blank line": ("lib/sub/four.py", "\n\n\n", "\n\n\n\n"),
    "a module that is not imported": ("lib/lonely.py", "lib.two", "lib"),
    "a hash in the lock": ("requirements.txt", "sha256:00", "sha256:11"),
    "a new package in the lock": ("requirements.txt", "numpy", "other==1\nnumpy"),
}


def changed(book, path, old, new):
    text = (book / path).read_text()
    assert old in text
    (book / path).write_text(text.replace(old, new))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_what_counts_changes_the_digest(book, change):
    before = of_one(book)
    changed(book, *change)
    assert of_one(book) != before


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_a_change_of_anything_else_does_not(book, change):
    before = of_one(book)
    changed(book, *change)
    assert of_one(book) == before


@pytest.mark.parametrize(
    "name", [".x.py.swp", "a.csv~", "#a.csv#", ".DS_Store", ".ipynb_checkpoints/a.csv"]
)
def test_what_editors_leave_behind_does_not_count(book, name):
    before = of_one(book)
    (book / "data" / name).parent.mkdir(exist_ok=True)
    (book / "data" / name).write_text("left")
    assert of_one(book) == before


def test_a_file_that_is_missing_counts_when_it_appears(book):
    before = digest.digest_of(files=["late.csv"], root=book)
    (book / "late.csv").write_text("")
    assert digest.digest_of(files=["late.csv"], root=book) != before


def test_a_listed_module_counts_with_its_comments(book):
    def listed():
        return digest.digest_of(listed=["lib.two"], root=book)

    before = listed()
    changed(book, "lib/two.py", "# one", "# a one")
    assert listed() != before


def test_the_order_of_what_is_named_is_of_no_account(book):
    there = digest.digest_of(["lib.one", "lib.two"], ["data", "lib/two.py"], root=book)
    back = digest.digest_of(["lib.two", "lib.one"], ["lib/two.py", "data"], root=book)
    assert there == back


def test_the_minor_version_of_python_counts_and_its_patch_does_not(book, monkeypatch):
    class Version(tuple):
        major, minor = property(lambda v: v[0]), property(lambda v: v[1])

    before = of_one(book)
    monkeypatch.setattr(sys, "version_info", Version((*sys.version_info[:2], 99)))
    assert of_one(book) == before
    monkeypatch.setattr(sys, "version_info", Version((3, 99, 0)))
    assert of_one(book) != before


def test_packages_bring_what_they_need(book):
    lines = digest.versions(["matplotlib"], book / "requirements.txt")
    assert any(line.startswith("numpy ") and line.endswith(" ==2.4.6") for line in lines)
    assert any(line.startswith("pillow ") for line in lines)
    assert not any(line.startswith("tensorflow ") for line in lines)


def test_a_module_that_is_not_there_is_named(book):
    with pytest.raises(ModuleNotFoundError, match=r"has no module 'lib\.nine'"):
        digest.digest_of(["lib.nine"], root=book)
