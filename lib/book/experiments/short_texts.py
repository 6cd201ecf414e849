"""Small networks that rate a sentence or translate a number, trained by the fast road.

Words come as numbers. A network learns a vector for each, its *embedding*: row k of a table E is
the vector of word k,

    x(t) = E[word(t)].
"""

import numpy as np
from numpy.typing import NDArray

from lib import Readout, SimpleCell, Stack, encoder_decoder, sequence_to_vector
from lib.book.experiments.digits import draws
from lib.book.experiments.softmax import cross_entropy
from lib.cells import Cell
from lib.checks import Array, ArrayLike
from lib.data.words import batches
from lib.gradients import fast_bptt, fast_unroll
from lib.training import Adam, train

UNITS, RATE, SIZE = 64, 3e-3, 32


class Critic:
    """An embedding of 16 numbers a word, a simple cell of 16 units and one output for each class.

    words  how many there are, padding among them: number 0, which is masked
    """

    def __init__(self, words: int, seed: int):
        rng = np.random.default_rng([seed, 2])
        self.E = rng.uniform(-0.05, 0.05, (words, 16)).astype(np.float32)
        cell = SimpleCell.from_seed(16, 16, seed, dtype=np.float32)
        self.network = Readout.from_seed(cell, 2, seed)

    def __call__(self, rows: NDArray[np.integer]) -> Array:
        """The output for each row of word numbers, (rows, 2)."""
        return sequence_to_vector(self.network, self.E[rows], mask=rows != 0)

    def gradient(
        self, rows: NDArray[np.integer], labels: NDArray, keep: ArrayLike = 1.0
    ) -> dict[str, Array]:
        """Of the cross-entropy of the last outputs, for `weights`.

        keep  what every number of the vectors is multiplied by, (rows, steps, 16)
        """
        steps = rows.shape[1]
        asked = np.repeat(np.eye(2)[labels][:, np.newaxis], steps, axis=1)
        found = fast_bptt(
            self.network,
            self.E[rows] * keep,
            asked,
            np.eye(steps)[-1],
            mask=rows != 0,
            loss=cross_entropy,
        )
        d_E = np.zeros_like(self.E)
        np.add.at(d_E, rows, found.d_inputs * keep)
        return found.gradient | {"E": d_E}

    @property
    def weights(self) -> dict[str, Array]:
        """All arrays that it learns, by name."""
        return dict(self.network.weights) | {"E": self.E}


def critic(
    words: int,
    learn: tuple[NDArray[np.integer], NDArray],
    validation: tuple[NDArray[np.integer], NDArray],
    seed: int,
    epochs: int = 3,
) -> Critic:
    """A critic after the epoch whose loss on the validation part is the lowest.

    learn, validation  (rows of word numbers, with padding behind; labels, 0 or 1)
    """
    found, rng = Critic(words, seed), np.random.default_rng([seed, 3])
    adam, (rows, labels) = Adam(found.weights, rate=4e-3), learn
    lengths, lowest = (rows != 0).sum(axis=1), np.inf
    for _ in range(epochs):
        for k in batches(lengths, 64, rng):
            some = rows[k, : lengths[k].max()]
            keep = 2 * rng.integers(0, 2, (*some.shape, 16)).astype(np.float32)
            adam.update(found.gradient(some, labels[k], keep))
        loss, _ = cross_entropy(found(validation[0]), np.eye(2)[validation[1]])
        if loss < lowest:
            lowest, best = loss, {name: w.copy() for name, w in found.weights.items()}
    for name, w in found.weights.items():
        w[...] = best[name]
    return found


def parts(words: int, classes: int, seed: int) -> tuple[SimpleCell, Readout]:
    """A fresh first cell, and a second one with a readout.

    The first reads one-hot words, of which its W_x picks a column: that is its embedding.
    """
    first = SimpleCell.from_seed(words, UNITS, [seed, 0], dtype=np.float32)
    second = SimpleCell.from_seed(UNITS, UNITS, [seed, 1], dtype=np.float32)
    return first, Readout.from_seed(second, classes, seed)


def aligned(
    source: Array, target: Array, learn: NDArray[np.integer], seed: int, updates: int = 400
) -> Array:
    """Outputs for all sequences of a trained translator that writes a word for each that it reads.

    source, target  one-hot, (sequences, steps, words)
    learn           which sequences to learn from
    """
    encoder, decoder = parts(source.shape[-1], target.shape[-1], seed)
    network = Readout(Stack([encoder, decoder.cell]), decoder.W, decoder.b)
    batches = draws(SIZE, source[learn], target[learn])
    train(network, batches, updates, rate=RATE, loss=cross_entropy, seed=seed)
    return fast_unroll(network, source)[0]


def encoded(
    source: Array, target: Array, learn: NDArray[np.integer], seed: int, updates: int = 400
) -> Array:
    """The same of an encoder-decoder of the same parts."""
    encoder, decoder = parts(source.shape[-1], target.shape[-1], seed)
    both = {"encoder": encoder, "decoder": decoder}
    adam = Adam({f"{p}.{n}": w for p, part in both.items() for n, w in part.weights.items()}, RATE)
    draw = draws(SIZE, source[learn], target[learn])
    for update in range(1, updates + 1):
        x, asked = draw([seed, update])
        gradients = encoder_decoder_gradient(encoder, decoder, x, asked)
        adam.update({f"{p}.{n}": d for p, found in gradients.items() for n, d in found.items()})
    return encoder_decoder(encoder, decoder, source, target.shape[1])


def encoder_decoder_gradient(
    encoder: Cell, decoder: Cell, x: Array, asked: Array
) -> dict[str, dict[str, Array]]:
    """Of the cross-entropy, for the weights of both.

    What the decoder's loss says of the vector that it reads at each step, added up, is what it
    says of the encoder's last state.
    """
    x = x.astype(encoder.dtype, copy=False)
    vector = fast_unroll(encoder, x)[0][:, -1]
    read = np.repeat(vector[:, np.newaxis], asked.shape[1], axis=1)
    late = fast_bptt(decoder, read, asked, loss=cross_entropy)
    early = fast_bptt(encoder, x, d_final_states=(late.d_inputs.sum(axis=1),))
    return {"encoder": early.gradient, "decoder": late.gradient}
