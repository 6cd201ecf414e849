"""A layer for Keras 3 around a pretrained text embedding."""

from os import PathLike
from typing import Any

from lib import pretrained
from lib.keras import keras, tensorflow


@keras.saving.register_keras_serializable(package="lib")
class TextEmbedding(keras.layers.Layer):
    """A pretrained module as a layer: texts (batch,) of strings to vectors
    (batch, dimensions).

    handle     what `pretrained.folder` takes; None for the word vectors
               that ship with the book
    trainable  whether training may change the module's variables; to be set
               at any time before `compile`

    The module's variables are the layer's weights, not copies of them. A
    saved model keeps the weights and the handle, and asks for the handle
    again when it is loaded.

    Keras has no public way to hand a layer variables that exist already;
    `_track_variable` is what its own TFSMLayer calls. That one gives them
    names that Adam cannot build upon.

    Explained in: d26-implementing-it
    """

    def __init__(
        self,
        handle: str | PathLike | None = None,
        trainable: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, **kwargs)
        self.handle = None if handle is None else str(handle)
        self.module = tensorflow.saved_model.load(
            str(pretrained.folder(handle))
        )
        trained = {
            variable.ref() for variable in self.module.trainable_variables
        }
        for variable in self.module.variables:
            self._track_variable(
                keras.Variable(
                    variable,
                    trainable=variable.ref() in trained,
                    dtype=variable.dtype.name,
                    name=variable.name.split(":")[0].replace("/", "_"),
                )
            )

    def build(self, input_shape: tuple) -> None:
        pass  # the module is built already

    def call(self, texts: tensorflow.Tensor) -> tensorflow.Tensor:
        return self.module(texts)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "handle": self.handle}
