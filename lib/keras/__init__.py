"""Keras on TensorFlow, started without noise and on one thread.

    from lib.keras import keras

TensorFlow writes some lines to the standard error when it is imported and
when it first looks for a device, and heeds no setting that would stop them.
They say nothing about the book, and a chapter that writes to the standard
error fails the build. So the stream is shut for just that long; errors are
exceptions and still come through. Later warnings, such as the one that a
sixth small network had to be compiled, are left out too. One thread is
enough for networks of this size, and lets chapters run side by side.
"""

import contextlib
import os
import sys
from collections.abc import Iterator

from lib import checks

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


@contextlib.contextmanager
def no_stderr() -> Iterator[None]:
    """Throw away what any code, compiled code too, writes to the standard
    error of this process.

    Explained in: perceptron-keras
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


with no_stderr(), checks.extra("keras"):
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    tensorflow.config.list_logical_devices()

    import keras

tensorflow.get_logger().setLevel("ERROR")

__all__ = ["keras", "tensorflow"]
