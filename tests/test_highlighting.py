"""Colours of code: as many elements as colours, and no letter lost."""

import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES, Token

sys.path.append(str(Path(__file__).parents[1] / "_ext"))

from highlighting import SparseFormatter, look, plainest

CODE = 'def step(x, y=1.0):\n    """One."""\n    return f"{x:.3f} of" + "y" @ y  # why\n'


def coloured(formatter):
    return BeautifulSoup(highlight(CODE, PythonLexer(), formatter), "html.parser")


def test_no_letter_is_lost():
    assert coloured(SparseFormatter()).get_text() == coloured(HtmlFormatter()).get_text()


def test_most_elements_go():
    sparse, full = (len(coloured(it()).find_all("span")) for it in (SparseFormatter, HtmlFormatter))
    assert sparse < full / 2


@pytest.mark.parametrize("kind", STANDARD_TYPES, ids=str)
def test_nothing_changes_its_look(kind):
    assert look(plainest(kind)) == look(kind)


def test_names_and_brackets_are_plain_text_and_words_of_the_language_are_not():
    assert plainest(Token.Name) == plainest(Token.Punctuation) == Token.Text
    assert plainest(Token.Keyword) != Token.Text
