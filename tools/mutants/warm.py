"""Runs pytest again and again in processes that need not start: python -m tools.mutants.warm.

NumPy, pytest and Hypothesis are imported once; every run is a fork of that. A line of the input is
one run, [arguments, file for what it prints, seconds of the processor, seconds]; a line of the
output is its exit code, below 0 for the signal that ended it.
"""

import json
import os
import resource
import signal
import sys
import traceback


def run(arguments, output, cpu_seconds, seconds):
    """Run pytest in a fork of this process, and return its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.setpgid(0, 0)
    sys.stdin.close()
    file = os.open(output, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    signal.alarm(seconds)
    code = 3
    try:
        code = int(pytest.main(arguments))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    import hypothesis.extra.numpy  # noqa: F401
    import numpy as np  # noqa: F401
    import pytest

    for line in sys.stdin:
        print(run(*json.loads(line)), flush=True)
