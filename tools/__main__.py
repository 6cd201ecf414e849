"""Do what a target of the Makefile asks for: python -m tools TARGET [NAME=VALUE ...].

This file is read by whatever Python there is. If that will not do, it starts again with one that
does. On its own, `python -m tools book` makes the environment from the Python that runs it.
"""

import os
import subprocess
import sys

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENOUGH = "import sys; sys.exit(not {} <= sys.version_info[:2] <= {})".format(OLDEST, NEWEST)  # noqa: UP032


def fail(sentence):
    sys.stderr.write("make: " + sentence + "\n")
    sys.exit(1)


def answer(python, code):
    """Return what a Python prints, or None if it does not start or fails."""
    try:
        return subprocess.check_output([python, "-c", code], stderr=subprocess.DEVNULL).decode()
    except (OSError, subprocess.CalledProcessError):
        return None


def find_python():
    """Return the Python to make the environment from, or say what is missing."""
    named = os.environ.get("PYTHON")
    names = [named] if named else ["python3.11", "python3.12", "python3.13", "python3"]
    if not named and "MAKELEVEL" not in os.environ and not in_environment():
        names.insert(0, sys.executable)
    for name in names:
        if answer(name, ENOUGH) is not None:
            return name
    needs = "the book needs Python 3.11, 3.12 or 3.13, and "
    hint = "install one of them, or name it: make PYTHON=/path/to/python3.12."
    for name in [named] if named else ["python3", "python"]:
        version = answer(name, "import sys; print('%d.%d' % sys.version_info[:2])")
        if version:
            fail(needs + name + " is " + version.strip() + "; " + hint)
    fail(needs + (named or "python3") + " was not found or does not start; " + hint)


def in_environment():
    return os.path.abspath(sys.prefix).startswith(os.path.join(ROOT, ".venv"))


def main(target="help", *settings):
    for setting in settings:
        name, sign, value = setting.partition("=")
        if not sign:
            fail("NAME=VALUE was expected after " + target + ", not " + setting + ".")
        os.environ[name] = value
    os.chdir(ROOT)
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        command = [find_python(), "-m", "tools", target]
        sys.exit(subprocess.call(command))
    from tools import targets

    targets.run(target)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
