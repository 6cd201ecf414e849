"""The numbers from 1 to 999 in German and in English, as lists of words."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lib import checks

ENGLISH_UNITS = (
    "one two three four five six seven eight nine ten eleven twelve"
    " thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
ENGLISH_TENS = (
    "twenty thirty forty fifty sixty seventy eighty ninety".split()
)
GERMAN_UNITS = (
    "ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn"
    " vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn"
).split()
GERMAN_TENS = (
    "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
).split()


def english(number: int) -> list[str]:
    """The words of a number from 1 to 999: 325 is three hundred twenty
    five.

    Without the British "and", so that every word carries a part of the
    number.

    Raises ValueError for anything else.

    Explained in: encoder-decoder-numbers
    """
    hundreds, rest = divmod(_number(number), 100)
    tens, units = divmod(rest, 10)
    words = [ENGLISH_UNITS[hundreds - 1], "hundred"] if hundreds else []
    if 0 < rest < 20:
        return [*words, ENGLISH_UNITS[rest - 1]]
    words += [ENGLISH_TENS[tens - 2]] if tens else []
    words += [ENGLISH_UNITS[units - 1]] if units else []
    return words


def german(number: int) -> list[str]:
    """The parts of the German word for a number from 1 to 999.

    German writes them as one word, with the units before the tens: 325 is
    three hundred five and twenty. A one at the end has a form of its own.

    Raises ValueError for anything else.

    Explained in: encoder-decoder-numbers
    """
    hundreds, rest = divmod(_number(number), 100)
    tens, units = divmod(rest, 10)
    words = [GERMAN_UNITS[hundreds - 1], "hundert"] if hundreds else []
    if rest == 1:
        return [*words, "eins"]
    if 0 < rest < 20:
        return [*words, GERMAN_UNITS[rest - 1]]
    words += [GERMAN_UNITS[units - 1], "und"] if units else []
    words += [GERMAN_TENS[tens - 2]] if tens else []
    return words


def table(
    words: Callable[[int], list[str]],
) -> tuple[NDArray[np.integer], list[str]]:
    """The words of 1 to 999 as numbers: rows (999, 5), and the list of
    words that they count in, of which the first is the blank behind shorter
    rows.

    words  `english` or `german`

    Explained in: encoder-decoder-numbers
    """
    spelt = [
        checks.function("words", words)(number) for number in range(1, 1000)
    ]
    known = ["", *sorted({word for row in spelt for word in row})]
    rows = np.zeros((999, 5), int)
    for row, filled in zip(spelt, rows, strict=True):
        filled[: len(row)] = [known.index(word) for word in row]
    return rows, known


def _number(number):
    if checks.count("number", number) > 999:
        raise ValueError(
            f"number: expected a whole number from 1 to 999, got {number!r}"
        )
    return int(number)
