"""What can happen to a build: the next one works, what was finished is kept, the message helps."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.books import Book, cell, finished

pytestmark = pytest.mark.slow

QUICK = cell("print('quick')")
SLOW = cell(
    "import os, time\nfrom pathlib import Path\n"
    "Path(os.environ['STARTED']).write_text(str(os.getpid()))\n"
    "time.sleep(float(os.environ.get('SLEEP', '0')))"
)


def waited_for(found, seconds=120):
    end = time.time() + seconds
    while not found():
        assert time.time() < end, "it did not happen"
        time.sleep(0.1)


def lives(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_a_build_that_is_killed(tmp_path):
    book = Book(tmp_path / "book", {"quick": QUICK, "slow": SLOW})
    started = tmp_path / "started"
    with book.start(STARTED=str(started), SLEEP="300") as build:
        waited_for(lambda: list(book.folder.glob("_build/.jupyter_cache/chapters-quick/*")))
        waited_for(lambda: started.exists() and started.read_text())
        build.kill()
    waited_for(lambda: not lives(started.read_text()))  # no kernel is left behind
    assert book.ran(STARTED=str(started)) == ["slow"]
    assert not list(book.folder.glob("_build/.jupyter_cache/.unfinished-*"))


def test_a_build_that_is_interrupted(tmp_path):
    book = Book(tmp_path / "book", {"slow": SLOW})
    started = tmp_path / "started"
    with book.start(STARTED=str(started), SLEEP="300") as build:
        waited_for(lambda: started.exists() and started.read_text())
        build.send_signal(2)
        printed = build.communicate(timeout=60)[0]
    assert build.returncode != 0
    waited_for(lambda: not lives(started.read_text()))
    assert "Interrupted" in printed or "interrupted" in printed
    assert book.ran(STARTED=str(started)) == ["slow"]


def test_two_builds_at_once(tmp_path):
    book = Book(tmp_path / "book", {"one": SLOW, "two": QUICK})
    started = {"STARTED": str(tmp_path / "started"), "SLEEP": "3"}
    with book.start(**started) as first, book.start(**started) as second:
        printed = [build.communicate(timeout=300)[0] for build in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], printed
    assert sorted(finished(printed[0]) + finished(printed[1])) == ["one", "two"]
    assert "Another process is building this book" in printed[0] + printed[1]


FAILURES = {
    "exception": (
        cell("a = 1") + cell("def f():\n    raise ValueError('too long')\n\n\nf()"),
        [".md, cell 2 of 2", "ValueError: too long", "Traceback"],
    ),
    "dead kernel": (
        cell("a = 1") + cell("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
        [".md, cell 2 of 2", "kernel died", "memory", "JOBS=1"],
    ),
    "exit": (cell("import os\nos._exit(3)"), [".md, cell 1 of 1", "kernel died"]),
    "hang": (
        cell("import time\ntime.sleep(600)"),
        [".md, cell 1 of 1", "more than 4 seconds", "timeout:"],
    ),
}


def test_every_failure_is_told_and_the_others_are_kept(tmp_path):
    names = {name: name.replace(" ", "-") for name in FAILURES}
    pages = {names[name]: page for name, (page, _) in FAILURES.items()}
    book = Book(tmp_path / "book", {"good": QUICK, **pages})
    book.change("_config.yml", "timeout: 300", "timeout: 4")
    code, printed = book.build()
    assert code != 0
    assert finished(printed) == ["good"]
    assert "4 chapters failed. The others are kept" in printed
    told = printed[printed.index("5 of them to run") :]
    for name, (_, words) in FAILURES.items():
        place = re.search(rf"^\S*{names[name]}\.md.*?(?=^\S|\Z)", told, re.M | re.S)
        assert place, name
        for word in words:
            assert word in place[0], name
    assert len(re.findall("Traceback", printed)) == 1, "only that of the cell"
    assert len(told.splitlines()) < 100

    for name in FAILURES:
        book.write(f"chapters/{names[name]}.md", book_page(book, "good"))
    assert book.ran() == sorted(names.values())


def book_page(book, name):
    text = (book.folder / f"chapters/{name}.md").read_text("utf-8")
    return re.sub(r"Cites.*?```\n\n(?=```)", "", text, flags=re.S)


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="mounting a small disk takes root")
def test_a_full_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", place]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        # kept, but nothing that a page would show
        large = "display({'text/x-large': 'x' * 4_000_000}, raw=True)"
        large = cell(f":tags: [remove-output]\n\nfrom IPython.display import display\n\n{large}")
        book = Book(place / "book", {"quick": QUICK, "large": large})
        filler = place / "filler"
        free = os.statvfs(place).f_bavail * os.statvfs(place).f_frsize
        filler.write_bytes(bytes(free - 2_000_000))
        code, printed = book.build(JOBS="1")
        assert code != 0
        assert "The disk is full. Free some space and run the same command again." in printed
        assert "large.md" in printed
        assert finished(printed) == ["quick"]
        filler.unlink()
        assert book.ran() == ["large"]
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_damaged_cache_is_made_again(tmp_path):
    book = Book(tmp_path / "book", {"one": QUICK, "two": QUICK, "three": QUICK})
    assert book.ran() == ["one", "three", "two"]
    kept = book.folder / "_build/.jupyter_cache"
    next(kept.glob("chapters-one/*/global.db")).write_bytes(b"no database")
    next(kept.glob("chapters-two/*/record.json")).write_text("{")
    assert book.ran() == ["one", "two"]
    assert book.ran() == []


def test_any_place_any_language_any_time(tmp_path):
    """A path with spaces and umlauts and without .git, LANG=C without UTF-8, the far Pacific."""
    book = Book(tmp_path / "my b\u00fccher (copy)", {"one": cell("print('\u00fc \u2212 \u4e16')")})
    plain = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    assert book.ran(**plain) == ["one"]
    assert "\u00fc \u2212 \u4e16" in book.page("one")
    assert book.ran(TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8") == []
