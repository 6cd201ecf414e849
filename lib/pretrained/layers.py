"""A layer for Keras 3 around a pretrained text embedding."""

from lib import pretrained
from lib.keras import keras
from lib.keras import tensorflow as tf


@keras.saving.register_keras_serializable(package="lib")
class TextEmbedding(keras.layers.Layer):
    """A pretrained module as a layer: texts (batch,) of strings to vectors
    (batch, dimensions).

    handle     what `pretrained.folder` takes; None for the table that ships
               with the book
    trainable  whether training may change the module's variables; to be set
               at any time before `compile`

    The module's variables are the layer's weights, not copies of them. A
    saved model keeps the weights and the handle, and asks for the handle
    again when it is loaded.

    Keras has no public way to hand a layer variables that exist already;
    `_track_variable` is what its own TFSMLayer calls. That one gives them
    names that Adam cannot build upon.
    """

    def __init__(self, handle=None, trainable=False, **kwargs):
        super().__init__(trainable=trainable, **kwargs)
        self.handle = None if handle is None else str(handle)
        self.module = tf.saved_model.load(str(pretrained.folder(handle)))
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

    def build(self, input_shape):
        pass  # the module is built already

    def call(self, texts):
        return self.module(texts)

    def get_config(self):
        return {**super().get_config(), "handle": self.handle}
