"""Questions: what is asked has one right answer, and every other a reason."""

import pytest

from lib.book import questions


@pytest.fixture
def asked(monkeypatch):
    found = []
    monkeypatch.setattr(questions, "show", found.append)
    return found


def test_a_question_has_its_right_answer_among_the_others(asked):
    questions.ask("How many?", "3", {"2": "One is missing.", "4": "One too many."}, because="See.")
    (found,) = asked
    assert sorted(found.choices) == ["2", "3", "4"]
    assert found.choices[found.right] == "3"
    assert dict(zip(found.choices, found.reasons, strict=True)) == {
        "2": "One is missing.",
        "3": "See.",
        "4": "One too many.",
    }
    assert str(found).count("\n") == 3
    assert found._repr_mimebundle_()[questions.MIME]["right"] == found.right


def test_the_right_answer_has_no_place_of_its_own(asked):
    for number in range(60):
        questions.ask(f"Number {number}?", "a", {"b": "No.", "c": "No."})
    places = [found.right for found in asked]
    assert all(places.count(place) >= 10 for place in range(3))


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("3", {}, "wrong: expected other answers than '3'"),
        ("3", {"3": "x"}, "wrong: expected other answers than '3'"),
        ("3", {"2": " "}, "expected a reason for each answer, got none for '2'"),
    ],
)
def test_a_question_without_a_choice_is_refused(asked, right, wrong, message):
    with pytest.raises(ValueError, match=message):
        questions.ask("How many?", right, wrong)


def test_an_answer_that_does_not_hold_ends_the_build(asked):
    with pytest.raises(AssertionError, match="does not hold"):
        questions.ask("Which?", "a", {"b": "No."}, holds=1 > 2)
