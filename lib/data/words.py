"""From a text to its words, as the embedded table knows them. NumPy is not
needed here."""

import re

# Everything in ASCII that is no letter and no digit. It means the same to
# Python and to TensorFlow.
BETWEEN_WORDS = r"[\t\n\v\f\r -/:-@\[-`{-~]+"


def words(text):
    """The words of a text in order: lower case, punctuation and white space
    taken out."""
    return [word for word in re.split(BETWEEN_WORDS, text.lower()) if word]
