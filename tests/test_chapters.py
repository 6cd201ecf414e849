"""The form that all chapters share; what they claim is checked by their cells in the build."""

import ast
import re
from pathlib import Path

import jupytext
import pytest

FOLDER = Path(__file__).parents[1] / "chapters"

ALL_ITEMS = range(1, 33)  # D01 to D32
ITEMS = {  # the numbers of the lecture's items that each page teaches
    "preface": [1],
    "perceptron": range(2, 6),
    "memory-cells": range(6, 10),
    "lstm": range(12, 18),
    "gru": range(18, 22),
    "memory-measured": [12],  # and with the LSTM, where the two cells are introduced
    "training-through-time": [10],
    "short-term-memory": [11],
    "transfer-learning": [22, 23, *range(26, 31)],
    "fine-tuning": [24, 25],
    "case-study": [32],
    "references": [31],
}
ERRATA = {
    "perceptron": [1, 2],
    "memory-cells": [3],
    "lstm": [5, 9],
    "gru": [6, 7, 8],
    "short-term-memory": [4],
    "memory-measured": [13],
    "transfer-learning": [10, 11, 12],
    "fine-tuning": [10],
}
LIBRARY = {f"library{page}" for page in ("", "-training", "-frameworks", "-data", "-book")}
WITHOUT_EXERCISES = LIBRARY | {
    "accessibility",
    "claims",
    "preface",
    "notation",
    "conventions",
    "glossary",
    "how-equal",
    "how-strong",
    "progress",
    "learning",
    "measures",
    "references",
    "teaching",
}

TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.md"))}
CHAPTERS = sorted(TEXTS.keys() - WITHOUT_EXERCISES)

MULTILINE, DOTALL = re.MULTILINE, re.MULTILINE | re.DOTALL
LABEL = re.compile(r"^\(([^()\s]+)\)=$", MULTILINE)
ADMONITION = re.compile(r"^```\{admonition\} ([^\n]*)\n(.*?)^```$", DOTALL)
EXERCISE = re.compile(r"^```\{exercise-start\}(.*?)^```\{exercise-end\}", DOTALL)
SOLUTION = re.compile(r"^```\{solution-start\} (\S+)\n(.*?)^```\{solution-end\}", DOTALL)
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(?:---\n.*?^---\n)?(.*?)^```$", DOTALL)
ANY_BLOCK = re.compile(r"^```.*?^```$", DOTALL)


def cells(chapter):
    """The code cells of a chapter, as notebook cells."""
    notebook = jupytext.reads(TEXTS[chapter], fmt="md:myst")
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def exercises(chapter):
    """(label, statement) of every exercise."""
    found = [match[1] for match in EXERCISE.finditer(TEXTS[chapter])]
    return [(re.search(r"^:label: (\S+)$", text, MULTILINE)[1], text) for text in found]


def starters(statement):
    """The functions that an exercise asks for."""
    return [
        node
        for match in CELL.finditer(statement)
        for node in ast.parse(match[1]).body
        if isinstance(node, ast.FunctionDef)
    ]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_asks_and_the_page_shows_the_question_alone(chapter):
    asking = [cell for cell in cells(chapter) if re.search(r"^ask\(", cell.source, MULTILINE)]
    assert len(asking) >= 2
    assert all(cell.metadata.get("tags") == ["remove-input"] for cell in asking)


def test_there_are_chapters():
    assert "perceptron" in CHAPTERS


def test_every_item_has_its_section():
    wanted = [(n, page) for page, items in ITEMS.items() for n in items]
    assert {n for n, _ in wanted} == set(ALL_ITEMS)
    found = [
        (int(label[1:3]), page)
        for page, text in TEXTS.items()
        for label in LABEL.findall(text)
        if re.match(r"d\d\d-", label)
    ]
    assert sorted(found) == sorted(wanted)


def test_items_come_in_the_order_of_the_lecture():
    """But for those that the preface names, and the long-term cells, met twice."""
    contents = (FOLDER.parent / "_toc.yml").read_text(encoding="utf-8")
    pages = re.findall(r"(?:file|root): chapters/([\w-]+)$", contents, MULTILINE)
    order = [
        int(number)
        for page in pages
        for number in re.findall(r"^\(d(\d\d)-[\w-]+\)=$", TEXTS[page], MULTILINE)
    ]
    elsewhere = {12, 24, 25, 31, 32}
    kept = [number for number in order if number not in elsewhere]
    assert kept == sorted(kept)
    assert "(D24 and D25) comes after the implementation" in " ".join(TEXTS["preface"].split())


# Greek letters of LaTeX, and bold ones, stand for something: the page of notation says what.
FORMULA = re.compile(r"^```\{math\}.*?^```|\$\$.*?\$\$|\$[^$\n]+\$", DOTALL)
GREEK = "alpha beta gamma delta epsilon varepsilon eta theta lambda rho sigma tau ell".split()
SYMBOL = re.compile(rf"\\(?:mathbf|boldsymbol)\{{(\\?\w+)\}}|\\({'|'.join(GREEK)})\b")
WITH_SYMBOLS = ("perceptron", "memory-cells", "training-through-time", "short-term-memory")
WITH_SYMBOLS += ("lstm", "gru", "memory-measured", "how-equal")


def symbols(page):
    formulas = FORMULA.findall(CELL.sub("", TEXTS[page]))
    return {bold or greek for text in formulas for bold, greek in SYMBOL.findall(text)}


@pytest.mark.parametrize("page", [page for page in WITH_SYMBOLS if page in TEXTS])
def test_notation_has_every_bold_and_every_greek_letter(page):
    # Of a proof or an exercise, and explained there.
    local = {"perceptron": {r"Q"}, "gru": {"R"}}.get(page, set())
    assert symbols(page) - symbols("notation") - local == set()


def test_every_erratum_has_its_note():
    assert {n for numbers in ERRATA.values() for n in numbers} == set(range(1, 14))
    for page, numbers in ERRATA.items():
        for number in numbers:
            admonitions = ADMONITION.findall(TEXTS[page])
            notes = [body for title, body in admonitions if title.endswith(f"(E{number})")]
            assert len(notes) == 1, f"{page}: E{number} has {len(notes)} notes"
            assert ":class: warning" in notes[0], f"{page}: the note on E{number} has another class"


@pytest.mark.parametrize("page", sorted(TEXTS))
def test_page_opens_with_its_label_and_title(page):
    body = re.sub(r"\A---\n.*?^---\n", "", TEXTS[page], flags=DOTALL).lstrip()
    assert re.match(rf"\({page}\)=\n# \S", body)


@pytest.mark.parametrize("page", sorted(TEXTS))
def test_page_with_code_opens_as_a_notebook(page):
    if "{code-cell}" in TEXTS[page]:
        metadata = jupytext.reads(TEXTS[page], fmt="md:myst").metadata
        assert metadata["kernelspec"]["name"] == "python3"
        assert metadata["jupytext"]["text_representation"]["format_name"] == "myst"


@pytest.mark.parametrize("chapter", CHAPTERS)
class TestChapter:
    def test_opens_with_an_overview_of_three_bullets(self, chapter):
        opening = TEXTS[chapter].split("\n## ")[0]
        overviews = [body for title, body in ADMONITION.findall(opening) if title == "Overview"]
        assert len(overviews) == 1
        assert len(re.findall(r"^- ", overviews[0], MULTILINE)) == 3

    def test_ends_with_summary_exercises_further_reading(self, chapter):
        headings = re.findall(r"^## (.*)$", ANY_BLOCK.sub("", TEXTS[chapter]), MULTILINE)
        assert headings[-3:] == ["Summary", "Exercises", "Further reading"]
        assert "{cite:t}`" in TEXTS[chapter].split("\n## Further reading")[1]

    def test_has_four_exercises_with_hint_and_solution(self, chapter):
        labels = [label for label, _ in exercises(chapter)]
        assert len(labels) >= 4
        assert labels == [match[1] for match in SOLUTION.finditer(TEXTS[chapter])]
        for label, statement in exercises(chapter):
            titles = [title for title, _ in ADMONITION.findall(statement)]
            assert "Hint" in titles, f"{label}: no hint"

    def test_hints_and_solutions_are_folded_away(self, chapter):
        for title, body in ADMONITION.findall(TEXTS[chapter]):
            assert title != "Hint" or ":class: dropdown" in body
        for match in SOLUTION.finditer(TEXTS[chapter]):
            assert ":class: dropdown" in match[2]

    def test_starters_are_left_to_the_reader(self, chapter):
        for label, statement in exercises(chapter):
            for function in starters(statement):
                *docstring, last = function.body
                assert len(docstring) == 1, f"{label}: a docstring and no code"
                assert ast.get_docstring(function), f"{label}: no docstring"
                assert isinstance(last, ast.Raise), f"{label}: does not raise"
                assert last.exc.func.id == "NotImplementedError"

    def test_two_exercises_have_a_checker(self, chapter):
        solutions = {match[1]: match[2] for match in SOLUTION.finditer(TEXTS[chapter])}
        checked = 0
        for label, statement in exercises(chapter):
            for function in starters(statement):
                call = re.compile(rf"check_\w+\({function.name}\)")
                assert call.search(statement), f"{label}: names no checker"
                assert call.search(solutions[label]), f"{label}: its solution is not checked"
                checked += 1
        assert checked >= 2

    def test_figures_have_name_caption_and_alt_text(self, chapter):
        for cell in cells(chapter):
            draws = "plt.subplots(" in cell.source
            if draws or "mystnb" in cell.metadata:
                settings = cell.metadata.get("mystnb", {})
                assert settings.get("image", {}).get("alt", "").strip(), cell.source
                assert settings.get("figure", {}).get("name", "").startswith("fig-"), cell.source
                assert settings.get("figure", {}).get("caption", "").strip(), cell.source

    def test_tensorflow_comes_late_and_where_it_is_used(self, chapter):
        first, *later = [cell.source for cell in cells(chapter)]
        assert not imports_tensorflow(first)
        for source in filter(imports_tensorflow, later):
            statements = ast.parse(source).body
            only_imports = all(isinstance(node, ast.Import | ast.ImportFrom) for node in statements)
            assert only_imports or re.search(r"\b(keras|tensorflow|tf)\.", source), source


def imports_tensorflow(source):
    """Whether a cell loads TensorFlow, by itself or through Keras."""
    loads = re.compile(r"^\s*(from|import) (lib\.quiet|keras|tf_keras|tensorflow)\b", MULTILINE)
    return bool(loads.search(source))


@pytest.mark.parametrize("page", [page for page in TEXTS if "{code-cell}" in TEXTS[page]])
def test_opening_and_saving_a_chapter_changes_nothing(page):
    notebook = jupytext.reads(TEXTS[page], fmt="md:myst")
    assert jupytext.writes(notebook, fmt="md:myst") == TEXTS[page]


PADDED = re.compile(
    r"""\bf["'].*\{[^{}]+:[<>^]?[1-9]\d*[^{}\]]*\}|\.[lr]just\(|["'][^"']*\w:?  +\S"""
)


@pytest.mark.parametrize("page", TEXTS)
def test_no_cell_aligns_columns_with_spaces(page):
    """A phone and a screen reader lose them; lib.book.tables.results keeps them."""
    cells = jupytext.reads(TEXTS[page], fmt="md:myst").cells
    lines = [line for cell in cells if cell.cell_type == "code" for line in cell.source.split("\n")]
    assert [line for line in lines if PADDED.search(line)] == []


@pytest.mark.parametrize("page", TEXTS)
def test_lines_of_code_fit_the_page(page):
    cells = jupytext.reads(TEXTS[page], fmt="md:myst").cells
    lines = [line for cell in cells if cell.cell_type == "code" for line in cell.source.split("\n")]
    for shown in re.findall(r"^```python\n(.*?)^```$", TEXTS[page], DOTALL):
        lines += shown.split("\n")
    assert [line for line in lines if len(line) > 76] == []
