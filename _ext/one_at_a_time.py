"""Let one process at a time do something; a second one says so and waits.

The system itself lets go of the lock when its process ends, however it ends: nothing is left behind
that a person would have to remove.
"""

import os
import sys
import time


def _try(file):
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock(path, what):
    """Return an open file that holds the lock until it is closed or this process ends.

    what  what the other process is doing, for the sentence that the one who waits reads
    """
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    file = open(path, "a")  # noqa: SIM115 - it stays open
    told = False
    while True:
        try:
            _try(file)
            return file
        except OSError:
            if not told:
                sentence = f"Another process is {what}; this one goes on when that has ended."
                print(sentence, file=sys.stderr, flush=True)
                told = True
            time.sleep(0.2)
