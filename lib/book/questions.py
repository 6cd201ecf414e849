"""Questions in the text, whose answers a cell computes.

    ask("What does the unit answer at step 2?", f"{y[2]:.2f}", {f"{y[1]:.2f}": "That is step 1."})

A page shows them as choices, each with what is to be said of it once it is chosen; a notebook
prints the question and its choices. A right answer that is no number computed on the spot comes
with `holds`, what makes it right.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lib import checks
from lib.book.claims import show

MIME = "application/vnd.book.question+json"

__all__ = ["Question", "ask"]


@dataclass(frozen=True)
class Question:
    """A question, its choices in the order in which they are shown, and what is said of each."""

    text: str
    choices: list[str]
    reasons: list[str]
    right: int

    def __str__(self) -> str:
        lines = [
            f"  {letter}  {choice}" for letter, choice in zip("ABCDEF", self.choices, strict=False)
        ]
        return "\n".join([f"Question: {self.text}", *lines])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """What a notebook keeps: the question to read, and all of it for the page."""
        return {"text/plain": str(self), MIME: asdict(self)}


def ask(
    question: str,
    right: str,
    wrong: Mapping[str, str],
    *,
    because: str = "",
    holds: bool = True,
) -> None:
    """Show a question with its choices.

    question  in a sentence
    right     the right answer, from what the cell has computed
    wrong     {answer: why it is wrong}, one at least; the usual mistakes
    because   what is to be said of the right one
    holds     what makes it right, where the answer itself is not computed

    Their order comes from the question: it is no clue, and always the same. Raises AssertionError
    where the answer does not hold, ValueError where two choices are the same or one is empty or has
    no reason.
    """
    checks.text("question", question)
    if not holds:
        raise AssertionError(f"{question} The answer {right!r} does not hold.")
    told = {checks.text("right", right): because, **wrong}
    if not 1 <= len(wrong) < 6 or len(told) <= len(wrong) or not all(told):
        raise ValueError(
            f"wrong: expected other answers than {right!r}, one to five, got {list(wrong)}"
        )
    silent = [answer for answer, reason in wrong.items() if not reason.strip()]
    if silent:
        raise ValueError(f"wrong: expected a reason for each answer, got none for {silent[0]!r}")

    def place(answer: str) -> str:
        return hashlib.sha256(f"{question} {answer}".encode()).hexdigest()

    choices = sorted(told, key=place)
    reasons = [told[answer] for answer in choices]
    show(Question(question, choices, reasons, choices.index(right)))
