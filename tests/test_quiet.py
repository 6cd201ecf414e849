"""Keras starts without a word, and on one thread."""

import subprocess
import sys

import pytest

SCRIPT = """
from lib.keras import keras, tensorflow
model = keras.Sequential([keras.layers.Embedding(5, 2, mask_zero=True), keras.layers.SimpleRNN(2)])
model(tensorflow.constant([[0, 1, 2]]))
print(tensorflow.config.threading.get_intra_op_parallelism_threads())
import os
os.write(2, b"still heard")
"""


@pytest.mark.slow
def test_starts_silently_and_gives_the_stream_back():
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120
    )
    assert run.stderr == "still heard"
    assert run.stdout.strip() == "1"
