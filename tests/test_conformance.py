"""The table of the page 'Accessibility' is the one that tools/conformance.py makes."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOL = runpy.run_path(str(ROOT / "tools" / "conformance.py"))


def test_the_committed_table_is_not_stale():
    assert TOOL["main"]("--check") == 0


def test_it_has_every_criterion_of_both_levels_once():
    found = TOOL["criteria"]()
    numbers = [number for number, *_ in found]
    assert len(set(numbers)) == len(numbers)
    levels = [level for _, level, *_ in found]
    assert (levels.count("A"), levels.count("AA")) == (31, 24)  # WCAG 2.2


def test_a_check_that_is_gone_is_an_error():
    row = ("1.1.1", "A", "Non-text content", "met", "How", "test_site::test_that_is_gone")
    with pytest.raises(ValueError, match=r"1\.1\.1: there is no test"):
        TOOL["check_names"]([row])


def test_a_changed_table_is_stale():
    text = TOOL["PAGE"].read_text(encoding="utf-8")
    assert TOOL["page"](text.replace("| met |", "| partly |", 1)) == text
