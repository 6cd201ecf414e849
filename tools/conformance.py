"""Write the table of chapters/accessibility.md: python tools/conformance.py [--check].

Each criterion of WCAG 2.2, levels A and AA, with how the book meets it and what checks that. A
check is the name of a test, and has to exist; "read" means that somebody looked. With --check
nothing is written, and the exit code tells whether the committed table is up to date.
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "chapters" / "accessibility.md"
BEGIN, END = "% begin: made by tools/conformance.py", "% end"

PAGES = "test_browser::test_page"
COLOURS = "test_access::test_colours_and_focus"
KEYS = "test_access::TestKeys::"
NONE, MET, PARTLY = "does not apply", "met", "partly"

CRITERIA = """
1.1.1 A Non-text content | met | Every figure has a description, or the book does not build; \
formulas are MathML | test_site::test_every_picture_has_a_text
1.2.1 A Audio-only and video-only | does not apply | There is neither sound nor film | read
1.2.2 A Captions (prerecorded) | does not apply | As 1.2.1 | read
1.2.3 A Audio description or alternative | does not apply | As 1.2.1 | read
1.2.4 AA Captions (live) | does not apply | As 1.2.1 | read
1.2.5 AA Audio description | does not apply | As 1.2.1 | read
1.3.1 A Info and relationships | met | Headings, lists, tables and landmarks are marked as such | \
{PAGES}
1.3.2 A Meaningful sequence | met | The source has the order of the page | read
1.3.3 A Sensory characteristics | met | Figures and equations are named by number | read
1.3.4 AA Orientation | met | Pages fit any width from 320 pixels | {PAGES}
1.3.5 AA Identify input purpose | does not apply | Nothing about the reader is asked for | read
1.4.1 A Use of colour | met | Links are underlined; curves have labels or line styles | {PAGES}
1.4.2 A Audio control | does not apply | As 1.2.1 | read
1.4.3 AA Contrast (minimum) | met | Every text is measured, in the light and the dark theme | \
{COLOURS}
1.4.4 AA Resize text | met | At 400 % a page of 1280 pixels has the width of 320 | {PAGES}
1.4.5 AA Images of text | met | Drawings alone, whose words are part of them | read
1.4.10 AA Reflow | met | \
No page scrolls sideways at 320 pixels; code, wide tables and equations do so \
in their own box | {PAGES}
1.4.11 AA Non-text contrast | met | Rings and arrows have the colours of links and text | {COLOURS}
1.4.12 AA Text spacing | met | Nothing is cut or overlaps with the spacing of the criterion | \
{KEYS}test_wider_spacing_cuts_nothing
1.4.13 AA Content on hover or focus | met | Tips of buttons are the browser's own | read
2.1.1 A Keyboard | met | Controls are links, buttons and the browser's own folds | \
{KEYS}test_a_fold_opens_by_keyboard
2.1.2 A No keyboard trap | met | The Tab key leads through a page and out of it | \
{KEYS}test_tab_leads_out_again
2.1.4 A Character key shortcuts | met | Pages have none; those of the slides can be turned off | \
{KEYS}test_a_slash_is_only_a_character
2.2.1 A Timing adjustable | does not apply | Nothing is timed | read
2.2.2 A Pause, stop, hide | does not apply | Nothing moves | read
2.3.1 A Three flashes | met | Nothing flashes | read
2.4.1 A Bypass blocks | met | The first link leads to the text | {PAGES}
2.4.2 A Page titled | met | Each page has a title of its own | \
test_site::test_a_page_says_what_it_is
2.4.3 A Focus order | met | That of the source | read
2.4.4 A Link purpose (in context) | met | Links name where they lead | \
test_site::test_every_link_within_the_site_leads_somewhere
2.4.5 AA Multiple ways | met | Contents, search, index, glossary | test_search::TestSearch
2.4.6 AA Headings and labels | met | Folds say what they hold: "Hint for exercise 2.3" | \
{KEYS}test_folds_have_names_of_their_own
2.4.7 AA Focus visible | met | A ring at every control | {COLOURS}
2.4.11 AA Focus not obscured (minimum) | met | \
What has the focus is not under the bar at the top | \
{KEYS}test_focus_is_not_under_the_bar
2.5.1 A Pointer gestures | does not apply | A click does everything | read
2.5.2 A Pointer cancellation | met | Controls are the browser's, and act on release | read
2.5.3 A Label in name | met | Names contain what is shown | {PAGES}
2.5.4 A Motion actuation | does not apply | No motion is sensed | read
2.5.7 AA Dragging movements | does not apply | Nothing is dragged | read
2.5.8 AA Target size (minimum) | met | 24 pixels, or links in a text | {PAGES}
3.1.1 A Language of page | met | English | {PAGES}
3.1.2 AA Language of parts | met | German words are marked, in tables of results too | \
test_site::test_german_words_are_marked
3.2.1 A On focus | met | Focus changes nothing else | read
3.2.2 A On input | met | A search begins when it is sent | read
3.2.3 AA Consistent navigation | met | One template for all pages | read
3.2.4 AA Consistent identification | met | The same button has the same name everywhere | read
3.2.6 A Consistent help | met | Where the repository is known, each page has the way to it | read
3.3.1 A Error identification | met | A checker says in words what is wrong with an answer | read
3.3.2 A Labels or instructions | met | The search field has a label | {PAGES}
3.3.3 AA Error suggestion | met | Checkers know typical mistakes; each exercise has a hint | read
3.3.4 AA Error prevention | does not apply | Nothing is bought, signed or sent | read
3.3.7 A Redundant entry | does not apply | As 1.3.5 | read
3.3.8 AA Accessible authentication | does not apply | There is nothing to log in to | read
4.1.2 A Name, role, value | met | Native elements; folds show whether they are open | {PAGES}
4.1.3 AA Status messages | met | The search announces how much it has found | \
test_search::TestSearch::test_the_count_is_announced
"""


def criteria():
    """Return [(number, level, name, state, how, check)]."""
    lines = CRITERIA.format(PAGES=PAGES, COLOURS=COLOURS, KEYS=KEYS).strip().splitlines()
    found = []
    for line in lines:
        head, state, how, check = (part.strip() for part in line.split("|"))
        number, level, name = head.split(" ", 2)
        found.append((number, level, name, state, how, check))
    return found


def tests_of(file):
    """Return the names of the tests in a file: "test_page", "TestKeys::test_folds", "TestKeys"."""
    names = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = [it.name for it in node.body if isinstance(it, ast.FunctionDef)]
            names |= {node.name, *(f"{node.name}::{name}" for name in inner)}
    return names


def check_names(found):
    """ValueError where a check that the table names is not there."""
    for number, *_, check in found:
        if check != "read":
            file, _, name = check.partition("::")
            if name not in tests_of(ROOT / "tests" / f"{file}.py"):
                raise ValueError(f"{number}: there is no test {check}")


def table(found):
    rows = ["| Criterion | Level | State | How | Checked by |", "|---|---|---|---|---|"]
    for number, level, name, state, how, check in found:
        by = "a reader" if check == "read" else f"`{check.rpartition('::')[2]}`"
        rows.append(f"| {number} {name} | {level} | {state} | {how} | {by} |")
    states = [state for *_, state, _, _ in found]
    counts = ", ".join(f"{states.count(state)} {state}" for state in (MET, PARTLY, NONE))
    return "\n".join([*rows, "", f"Of {len(found)} criteria: {counts}."])


def page(text):
    """Return the text of the page with the table that belongs in it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    found = criteria()
    check_names(found)
    return f"{before}{BEGIN}\n\n{table(found)}\n\n{END}{after}"


def main(*arguments):
    old = PAGE.read_text(encoding="utf-8")
    new = page(old)
    if arguments == ("--check",):
        return 0 if new == old else "chapters/accessibility.md is stale: run tools/conformance.py"
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
