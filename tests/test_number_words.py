"""Number words against spellings from a dictionary."""

import pytest

from lib.data.number_words import english, german, table

SPELT = {
    1: ("eins", "one"),
    7: ("sieben", "seven"),
    10: ("zehn", "ten"),
    11: ("elf", "eleven"),
    12: ("zwölf", "twelve"),
    16: ("sechzehn", "sixteen"),
    17: ("siebzehn", "seventeen"),
    20: ("zwanzig", "twenty"),
    21: ("ein und zwanzig", "twenty one"),
    30: ("dreißig", "thirty"),
    66: ("sechs und sechzig", "sixty six"),
    77: ("sieben und siebzig", "seventy seven"),
    100: ("ein hundert", "one hundred"),
    101: ("ein hundert eins", "one hundred one"),
    111: ("ein hundert elf", "one hundred eleven"),
    120: ("ein hundert zwanzig", "one hundred twenty"),
    201: ("zwei hundert eins", "two hundred one"),
    325: ("drei hundert fünf und zwanzig", "three hundred twenty five"),
    999: ("neun hundert neun und neunzig", "nine hundred ninety nine"),
}


@pytest.mark.parametrize("number", SPELT)
def test_spelling(number):
    assert (" ".join(german(number)), " ".join(english(number))) == SPELT[number]


@pytest.mark.parametrize("words", [german, english])
def test_every_number_has_words_of_its_own(words):
    assert len({tuple(words(number)) for number in range(1, 1000)}) == 999


@pytest.mark.parametrize("words", [german, english])
@pytest.mark.parametrize("number", [0, -5, 1000, 2.5, "three", True])
def test_other_numbers_are_refused(words, number):
    with pytest.raises(ValueError, match="number: expected a whole number"):
        words(number)


@pytest.mark.parametrize("words", [german, english])
def test_the_table_holds_the_words_of_every_number(words):
    rows, known = table(words)
    assert rows.shape == (999, 5)
    assert known[0] == ""
    for number, row in enumerate(rows, start=1):
        assert [known[k] for k in row if k] == words(number)
        assert not row[len(words(number)) :].any()
