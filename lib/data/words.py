"""From a text to its words, and from words to the numbers that a network
reads.

One numbering serves the whole book: 0 is padding, 1 a word that is not
known, and the known words follow from 2. Shorter sequences are padded
behind, and padding is always masked: `keras.layers.Embedding(...,
mask_zero=True)` makes the mask. With it the side makes no difference to the
result; without it a network would go on stepping through the padding. And
behind is the side that Keras' fast forms of LSTM and GRU ask for.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lib import checks

# Everything in ASCII that is no letter and no digit. It means the same to
# Python and to TensorFlow.
BETWEEN_WORDS = r"[\t\n\v\f\r -/:-@\[-`{-~]+"
PADDING, UNKNOWN = 0, 1
Numbers: TypeAlias = Sequence[int] | NDArray[np.integer]  # of one text


def words(text: str) -> list[str]:
    """The words of a text in order: lower case, punctuation and white space
    taken out.

    Explained in: sequence-to-vector-reviews
    """
    parts = re.split(BETWEEN_WORDS, checks.text("text", text).lower())
    return [word for word in parts if word]


class Vocabulary:
    """Known words and their numbers.

    words  each once, the first of them gets number 2

    `len(vocabulary)` counts the numbers, those of padding and of unknown
    words too, and so is the number of rows of a table of word vectors.

    Raises ValueError where a word comes twice.

    Explained in: sequence-to-vector-reviews
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(checks.texts("words", words))
        self._numbers = {
            word: k for k, word in enumerate(self.words, start=UNKNOWN + 1)
        }
        if len(self._numbers) < len(self.words):
            ((word, times),) = Counter(self.words).most_common(1)
            raise ValueError(
                f"words: expected each word once, got {word!r} {times}"
                " times"
            )

    @classmethod
    def most_frequent(
        cls, texts: Iterable[str], count: int
    ) -> "Vocabulary":
        """The `count` most frequent words of the texts, or all where there
        are fewer; of words as frequent as each other, those that come
        first."""
        checks.count("count", count)
        counts = Counter(
            word
            for text in checks.texts("texts", texts)
            for word in words(text)
        )
        return cls(word for word, _ in counts.most_common(count))

    def __len__(self) -> int:
        return UNKNOWN + 1 + len(self.words)

    def numbers(self, text: str) -> NDArray[np.int32]:
        """The numbers of a text's words in order, (words,)."""
        known = [self._numbers.get(word, UNKNOWN) for word in words(text)]
        return np.array(known, np.int32)

    def word(self, number: int) -> str:
        """The word of a number; "(padding)" and "(unknown)" for 0 and 1.

        Raises ValueError for a number that no word has.
        """
        if checks.count("number", number, least=0) >= len(self):
            raise ValueError(
                f"number: expected less than {len(self)}, got {number}"
            )
        if number <= UNKNOWN:
            return ("(padding)", "(unknown)")[number]
        return self.words[number - UNKNOWN - 1]


def padded(
    sequences: Sequence[Numbers], steps: int | None = None
) -> NDArray[np.int32]:
    """Sequences of numbers as one array (sequences, steps), with padding
    behind the shorter ones.

    steps  None for the length of the longest

    Raises TypeError where they are no sequences of whole numbers,
    ValueError where one is longer than `steps`.

    Explained in: sequence-to-vector-reviews
    """
    lengths = [len(row) for row in _of_numbers(sequences)]
    longest = max(lengths, default=0)
    steps = (
        longest if steps is None else checks.count("steps", steps, longest)
    )
    rows = np.full((len(sequences), steps), PADDING, np.int32)
    for row, sequence, length in zip(rows, sequences, lengths, strict=True):
        row[:length] = sequence
    return rows


def batches(
    lengths: ArrayLike,
    size: int,
    rng: np.random.Generator | None = None,
) -> list[NDArray[np.intp]]:
    """The places of sequences of these lengths, batch by batch, those of
    like length together: then little of a batch is padding.

    lengths  (sequences,)
    size     sequences a batch; the last may have fewer
    rng      None for the order of length, a generator for an order that
             changes from call to call

    Raises TypeError or ValueError naming the argument.

    Explained in: sequence-to-vector-reviews
    """
    size = checks.count("size", size)
    lengths = checks.array("lengths", lengths, ("sequences",))
    noise: Any = 0
    if rng is not None:
        rng = checks.generator("rng", rng)
        noise = rng.uniform(0, 20, len(lengths))
    order = np.argsort(lengths + noise, kind="stable")
    cuts = range(size, len(lengths), size)
    parts = np.split(order, cuts)
    if rng is not None:
        rng.shuffle(parts)
    return parts


def _of_numbers(sequences):
    """`sequences`, each a row of whole numbers."""
    if not isinstance(sequences, list | tuple):
        raise TypeError(
            "sequences: expected a list of rows of word numbers, got a"
            f" {type(sequences).__name__}"
        )
    for k, sequence in enumerate(sequences):
        row = np.asarray(sequence)
        if row.ndim != 1 or (row.size and row.dtype.kind not in "iu"):
            raise TypeError(
                f"sequences[{k}]: expected a row of word numbers, got"
                f" {str(sequence)[:40]!r}"
            )
    return sequences
