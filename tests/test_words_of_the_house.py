"""One word for one thing, the usual one: what chapters and slides must not call it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("chapters/*.md"), *ROOT.glob("slides/*.md")])
THINGS = "step|run|row|input|output|unit|gate|layer|cell|chapter|sequence|sentence|seed|batch|word"

# A pattern of what is not said, and the word of the house. A word in *italics* is quoted, not used:
# so the lecture's word may stand once beside ours.
HOUSE = {
    r"former": "previous",
    r"learnt": "learned",
    r"short-term (?:memory )?cells?": "simple cell",
    r"long-term states?": "cell state",
    r"number by number": "elementwise",
    r"proposals?": "candidate",
    r"whisper\w*": "a network has an output; say how large it is",
    r"(?:over)?hear(?:s|d|ing)?": "receive, or have as an input",
    r"spe(?:ak|aks|aking)|spoke": "answer, or say whose sentence it is",
    r"tell(?:s|ing)?(?! apart)|told": "show, say or explain",
    rf"(?:one|copy|copies|rows?|weights?|numbers?|outputs?|updates?|bias(?:es)?|slides?) an? "
    rf"(?:{THINGS})": "per",
}
PATTERNS = {
    re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE): word for pattern, word in HOUSE.items()
}
QUOTED = re.compile(r"(?<!\*)\*(?!\*)[^*\n]+\*(?!\*)")
LINK = re.compile(r"\]\([^)\n]*\)|https?://\S+|\{ref\}`[^`<\n]+`")
TERM = re.compile(r"^\S.*$", re.MULTILINE)  # in the glossary: what one may look up


def found(text, glossary=False):
    """(line, what stands there, the word of the house) of every offence."""

    def blank(match):
        return " " * len(match[0])

    text = LINK.sub(blank, QUOTED.sub(blank, text))
    if glossary:
        start = text.index("```{glossary}")
        text = text[:start] + TERM.sub(blank, text[start:])
    for pattern, word in PATTERNS.items():
        for match in pattern.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match[0], word


def offences():
    for page in PAGES:
        name = page.relative_to(ROOT).as_posix()
        text = page.read_text(encoding="utf-8")
        for line, words, house in found(text, glossary=page.stem == "glossary"):
            yield name, line, words, house


def test_pages_use_the_words_of_the_house():
    lines = [
        f"{name}, line {line}: {words!r}; the word of the house: {house}"
        for name, line, words, house in offences()
    ]
    assert not lines, "\n" + "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The former output.", "former"),
        ("It learnt.", "learnt"),
        ("a short-term memory cell", "short-term memory cell"),
        ("multiplied\nnumber by number", "number by number"),
        ("It hears its output.", "hears"),
        ("one weight an input", "weight an input"),
        ("one copy a step", "copy a step"),
        ("is told in a chapter", "told"),
    ],
)
def test_an_offence_is_found(text, words):
    ((_, offence, _),) = found(text)
    assert offence == words


@pytest.mark.parametrize(
    "text",
    [
        "the previous output, learned elementwise",
        "the lecture's *short-term cell*",
        "it can tell apart",
        "the short-term memory problem",
        "the performer, the information, a foretold",
        "[a page](https://x.org/former)",
        "a number is an input",
    ],
)
def test_other_words_are_left_alone(text):
    assert not list(found(text))


def test_the_line_is_that_of_the_word():
    ((line, _, house),) = found("one\n\nthe former state\n")
    assert (line, house) == (3, "previous")
