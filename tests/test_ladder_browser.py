"""The ladders in a real browser: by keyboard alone, on a phone, and over a reload."""

import json

import numpy as np
import pytest

from tests.test_browser import (  # noqa: F401
    address,
    browser,
    launched,
    pytestmark,
    sideways,
    tab,
    violations,
    visit,
)
from tests.test_ladder import orders

PAGE, EXERCISE = "chapters/training-through-time.html", "backward_layer"
DESK = pytest.mark.parametrize(("width", "theme"), [(1280, "light")])


class Ladder:
    """The ladder of an exercise on a page."""

    def __init__(self, tab, name):  # noqa: F811
        self.tab, self.name = tab, name
        self.box = next(
            box
            for box in tab.locator(".ladder").all()
            if f"def {name}(" in box.get_attribute("data-ladder")
        )
        self.told = json.loads(self.box.get_attribute("data-ladder"))

    def rung(self, number):
        return self.box.locator("details").nth(number - 1)

    def said(self, number):
        return self.rung(number).locator(".ladder-state").inner_text()

    def press(self, label):
        """Reach a button with the key Tab, and press it with Enter."""
        self.reach(label)
        self.tab.keyboard.press("Enter")

    def reach(self, label):
        active = "document.activeElement.ariaLabel ?? document.activeElement.textContent"
        for _ in range(120):
            if self.tab.evaluate(active) == label:
                return
            self.tab.keyboard.press("Tab")
        pytest.fail(f"the key Tab does not reach {label}")

    def text(self, n):
        return [*self.told["lines"], *self.told["wrong"]][n][0].splitlines()[0]


@DESK
def test_all_rungs_by_keyboard(tab, address):  # noqa: F811
    errors, _ = visit(tab, f"{address}/{PAGE}")
    ladder = Ladder(tab, EXERCISE)
    lines, wrong = ladder.told["lines"], ladder.told["wrong"]

    def start(number):
        ladder.rung(number).locator("summary").focus()

    def open_it(number):
        start(number)
        tab.keyboard.press("Enter")
        ladder.rung(number).locator(".does").wait_for()

    open_it(1)
    ladder.press("Check the order")
    assert ladder.said(1) == f"So far nothing is wrong; {len(lines)} lines are missing."
    for n in [len(lines), *range(len(lines))]:  # a wrong line first
        start(1)
        ladder.press(f"Use: {ladder.text(n)}")
    ladder.press("Check the order")
    assert ladder.said(1) == f"{wrong[0][0]} is wrong. {wrong[0][2]}"
    start(1)
    ladder.press(f"Take out: {ladder.text(len(lines))}")
    start(1)
    ladder.press(f"Move down: {ladder.text(2)}")
    ladder.press("Check the order")
    assert ladder.said(1).endswith("."), "a sentence"
    assert not ladder.said(1).startswith("Right.")
    start(1)
    ladder.press(f"Move up: {ladder.text(2)}")
    ladder.press("Check the order")
    assert ladder.said(1).startswith("Right.")

    open_it(2)
    gaps = [part for part in ladder.told["gaps"] if isinstance(part, list)]
    mistake = next(k for k, (_, why) in enumerate(gaps[0]) if why)
    chosen = [[not why for _, why in choices].index(True) for choices in gaps]
    for choice in (mistake, chosen[0]):
        start(2)
        ladder.reach("Gap 1")
        tab.keyboard.press("Home")
        for _ in range(choice + 1):
            tab.keyboard.press("ArrowDown")
        ladder.press("Check the gaps")
        if choice == mistake:
            assert ladder.said(2) == f"Gap 1: {gaps[0][mistake][1]}".replace("`", "")
    assert ladder.said(2) == "So far nothing is wrong; gap 2 is empty."
    for n, choice in enumerate(chosen):
        start(2)
        ladder.reach(f"Gap {n + 1}")
        tab.keyboard.press("Home")
        for _ in range(choice + 1):
            tab.keyboard.press("ArrowDown")
    ladder.press("Check the gaps")
    assert ladder.said(2) == "Right."

    tab.reload()
    ladder = Ladder(tab, EXERCISE)
    for number in (1, 2):
        ladder.rung(number).locator("summary").click()
        assert ladder.said(number) == "Solved before."
    assert ladder.rung(1).locator(".program li").count() == len(lines)
    assert errors == []


@DESK
@pytest.mark.parametrize(
    ("page", "name"),
    [
        (PAGE, EXERCISE),
        ("chapters/perceptron.html", "run_layer"),
        ("chapters/lstm.html", "peephole_step"),
        ("chapters/gru.html", "gru_step"),
    ],
)
def test_the_page_accepts_what_works_and_nothing_else(tab, address, page, name):  # noqa: F811
    """Orders drawn at random, with two lines exchanged, and right ones."""
    visit(tab, f"{address}/{page}")
    ladder = Ladder(tab, name)
    every = [tuple(order) for order in orders(ladder.told["lines"], most=10_000)]
    rng, tried = np.random.default_rng(1), [every[0], every[-1]]
    for _ in range(8):
        order = list(every[rng.integers(len(every))])
        k, m = rng.choice(len(order), 2, replace=False)
        order[k], order[m] = order[m], order[k]
        tried.append(tuple(order))
    for order in tried:
        kept = json.dumps({"order": list(order)})
        tab.evaluate(f"localStorage.setItem('ladder {page[:-5]} {name}', '{kept}')")
        tab.reload()
        ladder = Ladder(tab, name)
        ladder.rung(1).locator("summary").click()
        ladder.box.get_by_role("button", name="Check the order").click()
        assert ladder.said(1).startswith("Right.") == (order in every), order


@pytest.mark.parametrize(("width", "theme"), [(320, "light"), (320, "dark")])
def test_on_a_phone(tab, address, width, theme):  # noqa: F811
    visit(tab, f"{address}/chapters/lstm.html")
    for box in tab.locator(".ladder").all():
        for summary in box.locator("summary").all():
            summary.click()
        box.get_by_role("button", name="Use: ").first.click()
    assert sideways(tab) <= 0
    assert violations(tab) == []
    # A rule for what only the script makes is in the style sheet too.
    moves = tab.locator(".ladder .does").first
    assert moves.evaluate("it => getComputedStyle(it).display") == "flex"
    said = tab.locator(".ladder-state").first
    tab.get_by_role("button", name="Check the order").first.click()
    assert said.evaluate("it => getComputedStyle(it).borderLeftWidth") == "3px"


@DESK
def test_without_a_script_and_on_paper_there_is_none(browser, address, width, theme):  # noqa: F811
    for options, media in (({"java_script_enabled": False}, "screen"), ({}, "print")):
        context = browser.new_context(**options)
        page = context.new_page()
        page.goto(f"{address}/{PAGE}")
        page.emulate_media(media=media)
        assert not page.locator(".ladder").first.is_visible()
        context.close()
