"""Keras 2 and tensorflow_hub, which is made for it, started without noise.

    from lib.keras.keras2 import hub, keras, tf

The package tensorflow_hub asks for pkg_resources, which warns that it will
be dropped.
"""

import warnings

from lib import checks
from lib.keras import no_stderr
from lib.keras import tensorflow as tf

with (
    no_stderr(),
    warnings.catch_warnings(),
    checks.extra("keras"),
):
    warnings.simplefilter("ignore")
    import tensorflow_hub as hub
    import tf_keras as keras

__all__ = ["hub", "keras", "tf"]
