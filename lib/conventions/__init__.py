"""Networks to and from the frameworks, each with its own conventions.

A converter takes a layer, a list of layers or a whole recurrent network, or
its arrays and the class of cells that they are for; nothing here imports a
framework.
"""

from lib.conventions.equinox import from_equinox
from lib.conventions.flax import from_flax
from lib.conventions.keras import from_keras, to_keras
from lib.conventions.onnx import from_onnx, to_onnx
from lib.conventions.torch import from_torch, to_torch

__all__ = [
    "from_equinox",
    "from_flax",
    "from_keras",
    "from_onnx",
    "from_torch",
    "to_keras",
    "to_onnx",
    "to_torch",
]
