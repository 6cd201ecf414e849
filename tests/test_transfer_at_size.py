"""The lecture's network at its full size, trained unfrozen, which takes more than a chapter may."""

import subprocess
import sys
from pathlib import Path

import pytest

NEEDED = 4  # GiB; 2.8 were measured under Keras 2, 2.3 under Keras 3

CODE = """
import sys
import numpy as np
from lib import pretrained
from lib.keras.keras2 import hub, keras as keras2, tf
from lib.pretrained import saved_model
from lib.pretrained.text_embedding import TextEmbedding
from lib.keras import keras

saved_model.stand_in(pretrained.NNLM, 963_812, 50)
texts, labels = tf.constant(["A good film.", "a bad one"] * 16), np.array([1, 0] * 16)
if sys.argv[1] == "2":
    keras = keras2
    layers = [hub.KerasLayer(pretrained.NNLM, input_shape=[], dtype=tf.string, trainable=True)]
else:
    layers = [keras.Input((), dtype="string"), TextEmbedding(pretrained.NNLM, trainable=True)]
layers += [keras.layers.Dense(128, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
model = keras.Sequential(layers)
model.compile(keras.optimizers.Adam(1e-4), "binary_crossentropy", metrics=["accuracy"])
assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 48_197_257
before = model.layers[0](texts[:2]).numpy()
table = model.layers[0].get_weights()[0].sum(axis=1)
model.fit(texts, labels, epochs=1, verbose=0)
moved = np.flatnonzero(model.layers[0].get_weights()[0].sum(axis=1) != table)
assert 0 < len(moved) <= 5, moved
assert not np.array_equal(model.layers[0](texts[:2]).numpy(), before)
"""


def free_memory():
    """GiB that a new process may take; 0 where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    (found,) = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found) / 2**20


@pytest.mark.slow
@pytest.mark.parametrize("release", ["2", "3"])
def test_unfrozen_training_at_the_lectures_size(release, tmp_path, monkeypatch):
    if free_memory() < NEEDED:
        pytest.skip(f"needs {NEEDED} GiB of free memory, {free_memory():.1f} are there")
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    done = subprocess.run([sys.executable, "-c", CODE, release], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
