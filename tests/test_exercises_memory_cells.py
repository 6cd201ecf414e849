"""The checkers of chapter 2: right answers pass, typical wrong ones are explained."""

import numpy as np
import pytest

from lib import vector_to_sequence
from lib.book.exercises.feedback import NotYet
from lib.book.exercises.memory_cells import (
    check_generate,
    check_last_outputs,
    check_parameters_of_stack,
)


def last_outputs(outputs, lengths):
    return np.array([sequence[n - 1] for sequence, n in zip(outputs, lengths, strict=True)])


def generate(cell, vector, steps):
    x, states, outputs = vector, cell.initial_states(), []
    for _ in range(steps):
        x, states = cell(x, states)
        outputs.append(x)
    return np.array(outputs)


def parameters_of_stack(inputs, units):
    count = 0
    for n in units:
        count += n * inputs + n * n + n
        inputs = n
    return count


@pytest.mark.parametrize(
    ("check", "solution"),
    [
        (check_last_outputs, last_outputs),
        (check_generate, generate),
        (check_parameters_of_stack, parameters_of_stack),
    ],
)
def test_solution_passes(check, solution, capsys):
    check(solution)
    assert capsys.readouterr().out == "Correct.\n"


def generate_forgetting(cell, vector, steps):
    x, outputs = vector, []
    for _ in range(steps):
        x, _ = cell(x, cell.initial_states())
        outputs.append(x)
    return np.array(outputs)


def generate_then_silence(cell, vector, steps):
    x, states, outputs = vector, cell.initial_states(), []
    for _ in range(steps):
        y, states = cell(x, states)
        outputs.append(y)
        x = np.zeros_like(y)
    return np.array(outputs)


def generate_from_state(cell, vector, steps):
    x, states, outputs = vector, cell.initial_states(), []
    for _ in range(steps):
        y, states = cell(x, states)
        outputs.append(y)
        x = states[0]
    return np.array(outputs)


def generate_output_as_state(cell, vector, steps):
    y, states, outputs = vector, cell.initial_states(), []
    for _ in range(steps):
        y, _ = cell(y, states)
        states = (y,)
        outputs.append(y)
    return np.array(outputs)


def generate_output_as_state_only(cell, vector, steps):
    x, states, outputs = vector, cell.initial_states(), []
    for _ in range(steps):
        y, _ = cell(x, states)
        x, states = np.zeros_like(y), (y,)
        outputs.append(y)
    return np.array(outputs)


def generate_with_vector_first(cell, vector, steps):
    return np.array([vector, *generate(cell, vector, steps - 1)])


def generate_one_too_many(cell, vector, steps):
    return np.array([vector, *generate(cell, vector, steps)])


def parameters_all_see_inputs(inputs, units):
    return sum(parameters_of_stack(inputs, [n]) for n in units)


@pytest.mark.parametrize(
    ("check", "wrong", "message"),
    [
        (check_last_outputs, lambda y, n: y[:, -1], "last step of the padded batch"),
        (check_last_outputs, lambda y, n: y[range(len(n)), n], "the step after the last real one"),
        (check_last_outputs, lambda y, n: y[range(len(n)), n - 2], "the step before the last real"),
        (check_last_outputs, lambda y, n: y[:, 0], "first step"),
        (check_last_outputs, lambda y, n: y[:, n - 1], "pair each length with its own row"),
        (check_last_outputs, lambda y, n: y.mean(axis=1), "mean over all steps"),
        (
            check_last_outputs,
            lambda y, n: np.array([s[:k].mean(axis=0) for s, k in zip(y, n, strict=True)]),
            "mean over the real steps",
        ),
        (check_last_outputs, lambda y, n: y[range(len(n)), n + 1], "counting starts at 0"),
        (check_last_outputs, lambda y, n: None, "does it end with `return`"),
        (check_generate, vector_to_sequence, "The vector is the input of every step"),
        (check_generate, generate_then_silence, "After step 0 the input is zero"),
        (check_generate, generate_forgetting, "The states are not carried on"),
        (check_generate, generate_from_state, "The state is fed back as the input"),
        (check_generate, generate_output_as_state, "and the states go on beside it"),
        (check_generate, generate_output_as_state_only, "and the input is zero"),
        (check_generate, generate_with_vector_first, "Off by one: the vector is an input"),
        (check_generate, generate_one_too_many, "One row too many"),
        (check_generate, lambda c, v, n: generate(c, v, n)[-1], "Only the last output"),
        (check_generate, lambda c, v, n: generate(c, v, n - 1), "the last output is missing"),
        (check_parameters_of_stack, lambda m, u: parameters_of_stack(m, u) - sum(u), "The biases"),
        (
            check_parameters_of_stack,
            lambda m, u: parameters_of_stack(m, u) - sum(n * n for n in u),
            "The weights W_h",
        ),
        (check_parameters_of_stack, lambda m, u: sum(n * n + n for n in u), "The weights W_x"),
        (check_parameters_of_stack, parameters_all_see_inputs, "Only the first layer"),
        (
            check_parameters_of_stack,
            lambda m, u: sum(n * (2 * n + 1) for n in u),
            "as many inputs as it has units",
        ),
        (check_parameters_of_stack, lambda m, u: parameters_of_stack(m, u[:1]), "first layer"),
        (
            check_parameters_of_stack,
            lambda m, u: parameters_of_stack(m, [sum(u)]),
            "one layer as wide",
        ),
        (check_parameters_of_stack, lambda m, u: 1, "the numbers are not"),
    ],
)
def test_wrong_answer_is_explained(check, wrong, message):
    with pytest.raises(NotYet) as caught:
        check(wrong)
    assert message in str(caught.value)


@pytest.mark.parametrize("check", [check_last_outputs, check_generate, check_parameters_of_stack])
def test_starter_says_that_it_is_not_written(check):
    def starter(*arguments):
        raise NotImplementedError("write it")

    with pytest.raises(NotImplementedError, match="write it"):
        check(starter)
