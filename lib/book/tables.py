"""Results that are a table: HTML on a page, with headings that a screen reader knows, else text.

    results("Share of right answers", {"model": "", "accuracy": ".3f"}, [("GRU", 0.91), ...])

is shown by a cell that ends with it, or by ``display``.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["Table", "results"]

NOTHING = "–"  # what an empty cell shows


def shown(value: Any, form: str) -> str:
    return NOTHING if value is None else format(value, form)


class Table:
    """A table of texts; the first of a row says what the row is about."""

    def __init__(
        self,
        caption: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        languages: Mapping[str, str],
    ):
        self.caption, self.heads, self.rows = caption, heads, rows
        self.languages = [f' lang="{languages[it]}"' if it in languages else "" for it in heads]

    def __str__(self) -> str:
        lines = [self.heads, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        texts = [
            "  ".join(
                text.rjust(width) if place else text.ljust(width)
                for place, (text, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([self.caption, *texts])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in self.heads)
        rows = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(
                f"<td{language}>{escape(text.replace('-', '−'))}</td>"
                for text, language in zip(row[1:], self.languages[1:], strict=True)
            )
            + "</tr>\n"
            for row in self.rows
        )
        return (
            '<div class="pst-scrollable-table-container"><table class="table results">\n'
            f"<caption>{escape(self.caption)}</caption>\n"
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>"
        )


def results(
    caption: str,
    columns: Mapping[str, str],
    rows: Iterable[Sequence[Any]],
    languages: Mapping[str, str] | None = None,
) -> Table:
    """Return a table of results.

    caption    what the numbers are, in a few words
    columns    {heading: how its values are written}, such as {"model": "", "area": ".3f"}
    rows       a sequence of values for each row; None leaves a cell empty
    languages  {heading: language} of columns, but the first, whose words are not English

    Raises ValueError for a row of another length, or without rows.
    """
    forms = list(columns.values())
    texts = []
    for number, row in enumerate(rows):
        if len(row) != len(forms):
            raise ValueError(
                f"row {number}: expected {len(forms)} values, one for each of"
                f" {', '.join(map(repr, columns))}, got {len(row)}"
            )
        texts.append([shown(value, form) for value, form in zip(row, forms, strict=True)])
    if not texts:
        raise ValueError("rows: expected at least one row, got none")
    return Table(caption, list(columns), texts, languages or {})
