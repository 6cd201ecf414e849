"""Everything that `lib` shows: hints, a place in the book, and clear errors for bad input."""

import ast
import copy
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import lib
from lib import LSTMCell, Readout, SimpleCell
from lib.data import number_words
from lib.gradients import squared_error

CHAPTERS = Path(__file__).parents[1] / "chapters"
# These need TensorFlow or another extra, or are for the pages alone; tests of their own try them.
APART = ("lib.book", "lib.keras", "lib.pretrained")


def modules():
    for found in pkgutil.walk_packages(lib.__path__, "lib."):
        if not found.name.startswith(APART) and "._" not in found.name:
            yield importlib.import_module(found.name)


def shown():
    """{dotted name: function or class} defined in `lib` under a name without underscore."""
    return {
        f"{module.__name__}.{name}": value
        for module in modules()
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == module.__name__
    }


SHOWN = shown()
FUNCTIONS = {name: value for name, value in SHOWN.items() if inspect.isfunction(value)}


# A place in the book


def labels():
    """Every label that a chapter or its cells define."""
    return {
        label
        for chapter in CHAPTERS.glob("*.md")
        for label in re.findall(
            r"^\(([\w-]+)\)=$|^\s*:label: ([\w-]+)$", chapter.read_text(encoding="utf-8"), re.M
        )
        for label in label
    }


def documented():
    """{dotted name: docstring} of all that is shown, without importing what needs TensorFlow."""
    found = {name: inspect.getdoc(value) or "" for name, value in SHOWN.items()}
    root = Path(lib.__path__[0])
    for folder in ("keras", "pretrained"):
        for file in sorted((root / folder).glob("*.py")):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_":
                    name = f"lib.{folder}.{file.stem}.{node.name}"
                    found[name] = ast.get_docstring(node) or ""
    return found


DOCUMENTED = documented()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_chapter_explains_it(name):
    explained = re.findall(r"^\s*Explained in: (\S+)$", DOCUMENTED[name], re.M)
    assert len(explained) == 1, f"{name} names {explained} as its place in the book"
    assert explained[0] in labels(), f"{name} is explained in {explained[0]}, which is no label"


# Hints


@pytest.mark.parametrize("name", FUNCTIONS)
def test_its_signature_is_complete(name):
    signature = inspect.signature(FUNCTIONS[name])
    bare = [p.name for p in signature.parameters.values() if p.annotation is p.empty]
    assert not bare, f"{name}: no hint for {bare}"
    assert signature.return_annotation is not signature.empty, name


# Bad input

rng = np.random.default_rng(11)


def example(*shape):
    return rng.normal(size=shape)


CELL = LSTMCell.generic(3, 4, 0)
NETWORK = Readout.from_seed(LSTMCell.generic(3, 4, 1), 2, 0)
MASK = np.arange(5) < np.array([[5], [3]])


def batches(seed):
    draw = np.random.default_rng(seed)
    return draw.normal(size=(2, 5, 3)), draw.normal(size=(2, 5, 2))


SEQUENCES = [np.array([2, 3, 4]), np.array([5])]

# What a parameter of this name is given unless `GIVEN` says otherwise for the function.
USUAL: dict[str, object] = {
    "cell": CELL,
    "network": NETWORK,
    "inputs": example(2, 5, 3),
    "targets": example(2, 5, 2),
    "weights": np.array([1.0, 0.5, 0.0, 2.0, 1.0]),
    "initial_states": (example(2, 4), example(2, 4)),
    "d_final_states": (example(2, 4), example(2, 4)),
    "mask": MASK,
    "reverse": True,
    "loss": squared_error,
    "steps": 6,
    "seed": 3,
    "sequences": 4,
    "x": example(2, 3),
    "states": (example(2, 4), example(2, 4)),
    "rng": np.random.default_rng(1),
    "units": 4,
    "number": 325,
    "text": "A film to see twice.",
    "updates": 2,
    "every": 1,
    "norm": 1.0,
}
ONE = {
    "inputs": example(5, 3),
    "targets": example(5, 2),
    "initial_states": (example(4), example(4)),
    "mask": MASK[1],
    "weights": np.array([1.0, 0.5, 2.0, 0.0, 0.0]),
}
# By function: what else it takes. A parameter that is absent here and in USUAL is left out.
GIVEN: dict[str, dict[str, object]] = {
    "lib.cells.base.generic_weights": {"kind": LSTMCell, "input_size": 3, "scale": 0.5},
    "lib.cells.initialisers.glorot_uniform": {"inputs": 3},
    "lib.cells.initialisers.orthogonal": {"rows": 4, "columns": 3},
    "lib.patterns.vector_to_sequence": {"vector": example(2, 3)},
    "lib.patterns.encoder_decoder": {"encoder": CELL, "decoder": SimpleCell.generic(4, 2, 1)},
    "lib.unrolling.last": {"states": (example(2, 5, 4), example(2, 5, 4))},
    "lib.gradients.through_time.truncated_bptt": {
        "window": 2, "weights": MASK.astype(float),
    },
    "lib.gradients.real_time.rtrl": ONE,
    "lib.gradients.real_time.rtrl_steps": ONE,
    "lib.gradients.jacobians.state_jacobians": ONE,
    "lib.gradients.jacobians.norms_over_lag": {"jacobians": example(5, 4, 4)},
    "lib.gradients.jacobians.lyapunov_exponent": {"jacobians": example(5, 4, 4), "skip": 1},
    "lib.gradients.differences.central_differences": {
        "network": SimpleCell.generic(2, 2, 0), "loss": lambda: 1.0, "step": 1e-5,
    },
    "lib.gradients.losses.squared_error": {"outputs": example(2, 5, 2)},
    "lib.gradients.losses.mean_squared_error": {"outputs": example(2, 5, 2)},
    "lib.training.train": {
        "network": NETWORK, "batches": batches, "rate": 0.01, "validation": batches(9),
        "patience": 1, "stop_below": 0.1, "progress": False,
    },
    "lib.training.clip": {"gradient": {"W": example(3, 2), "b": example(3)}},
    "lib.data.tasks.store_and_recall": {"commands": 0.3},
    "lib.data.number_words.table": {"words": number_words.english},
    "lib.data.tasks.copying": {"lag": 4, "symbols": 2},
    "lib.data.tasks.spike_interval": {"steps": 20, "shortest": 3, "longest": 6},
    "lib.data.tasks.at_the_end": {"answers": example(2, 1)},
    "lib.data.words.padded": {"sequences": SEQUENCES, "steps": 4},
    "lib.data.words.batches": {"lengths": [5, 2, 1], "size": 2},
}  # fmt: skip
# What these are given comes from `lib` itself, checked; or tests of their own give them bad input.
CHECKED_ELSEWHERE: dict[str, str] = {
    "lib.checks.": "the checks themselves, test_checks",
    "lib.conventions.": "layers and models of frameworks, test_conversions",
    "lib.cells.activations.": "elementwise on any array, as NumPy's own",
    "lib.cells.base.network": "a check, test_cells",
    "lib.unrolling.sequences": "a check, test_unrolling",
    "lib.unrolling.stack_steps": "arrays that unroll has made",
    "lib.gradients.backward_step.backward_step": "the bare derivative, on arrays that were checked",
    "lib.data.reviews.": "files, test_reviews",
    "lib.data.shipped.": "files, test_packaging and test_pretrained_vectors",
    "lib.data.submission.": "files, test_submission",
    "lib.saving.": "files, test_saving",
}

masked = np.ma.masked_less(example(2, 3), 0)
objects = np.array([[object(), 1.0]], dtype=object)
NOT_AN_ARRAY = [
    None, "text", 1j, [[1.0], [1.0, 2.0]], [[np.nan, 1.0]], [[1.0, -np.inf]], masked, objects,
    np.ones((1, 1, 1, 1, 1, 1)), np.zeros((0, 0, 0)), {}, example, [["a", "b"]],
]  # fmt: skip
NOT_A_NUMBER = [None, "1", 1j, np.nan, np.inf, [1.0], {}, example, np.ones(3), True]
NOT_A_COUNT = [None, "1", 1j, np.nan, -1, 0, 2.5, [1], True, example, 1.0]
NOT_A_SEED = [None, "1", 1j, np.nan, -1, 2.5, {}, example, [1, -1], [1.5]]
NOT_A_NETWORK = [None, "LSTM", 3, np.ones(3), [CELL], LSTMCell, {}]
NOT_STATES = [
    "ht", 3, np.ones((2, 4)), (), (example(2, 4),), (None, None), (example(2, 4), "c"),
    (example(2, 4), example(2, 5)), (example(2, 4), np.full((2, 4), np.nan)), {}, example,
]  # fmt: skip
NOT_A_MASK = ["text", 3, np.ones((2, 5)), np.ones(4, bool), [[True], [True, False]], {}, example]
NOT_A_FLAG = [None, "no", 3, np.ones(2, bool), []]
NOT_A_FUNCTION = [None, "tanh", 3, np.ones(3)]
NOT_A_DTYPE = [int, "words", 3, complex, None, bool]

NOT_POSITIVE = [*NOT_A_NUMBER, 0, -1.0]
NOT_A_SHARE = [*NOT_A_NUMBER, -0.1, 1.1]
NOT_A_GENERATOR = [*NOT_A_SEED]
NOT_A_TEXT = [None, 3, [], b"film", example]
NOT_EXAMPLES = ["text", 3, [], (example(2, 5, 3),), {"targets": example(2, 5, 2)}, example]
NOT_SEQUENCES = [None, "text", 3, [3], [np.ones((2, 2))], example]

BAD: dict[str, list] = {
    "cell": NOT_A_NETWORK,
    "network": NOT_A_NETWORK,
    "encoder": NOT_A_NETWORK,
    "decoder": NOT_A_NETWORK,
    "kind": [None, "LSTM", 3, CELL, int],
    "inputs": NOT_AN_ARRAY,
    "targets": [*NOT_AN_ARRAY, example(2, 4, 2), example(5, 2, 2), example(1, 5, 2)],
    "outputs": NOT_AN_ARRAY,
    "weights": [*NOT_AN_ARRAY, example(4), example(5, 2)],
    "answers": [*NOT_AN_ARRAY, example(3, 1), example(2, 6)],
    "vector": NOT_AN_ARRAY,
    "jacobians": [*NOT_AN_ARRAY, example(5, 4, 3), example(4, 4)],
    "skip": [None, "1", 1j, np.nan, -1, 2.5, [1], True, example, 1.0, 5],
    "initial_states": NOT_STATES,
    "d_final_states": NOT_STATES,
    "states": [*NOT_STATES, None],
    "mask": NOT_A_MASK,
    "reverse": NOT_A_FLAG,
    "progress": NOT_A_FLAG,
    "loss": NOT_A_FUNCTION,
    "words": NOT_A_FUNCTION,
    "batches": [*NOT_A_FUNCTION, lambda seed: None, lambda seed: (example(2, 5, 3),)],
    "validation": NOT_EXAMPLES,
    "steps": NOT_A_COUNT,
    "sequences": NOT_A_COUNT,
    "window": NOT_A_COUNT,
    "input_size": NOT_A_COUNT,
    "units": NOT_A_COUNT,
    "rows": [*NOT_A_COUNT, 2],
    "columns": [*NOT_A_COUNT, 5],
    "lag": [*NOT_A_COUNT, 1],
    "lengths": [*NOT_AN_ARRAY, [[1], [2]]],
    "symbols": [*NOT_A_COUNT],
    "shortest": NOT_A_COUNT,
    "longest": NOT_A_COUNT,
    "size": NOT_A_COUNT,
    "updates": NOT_A_COUNT,
    "every": NOT_A_COUNT,
    "patience": NOT_A_COUNT,
    "number": [*NOT_A_COUNT, 1000],
    "seed": NOT_A_SEED,
    "rng": NOT_A_GENERATOR,
    "scale": NOT_POSITIVE,
    "rate": NOT_POSITIVE,
    "norm": NOT_POSITIVE,
    "step": NOT_POSITIVE,
    "stop_below": NOT_A_NUMBER,
    "commands": NOT_A_SHARE,
    "gradient": [
        None, "text", 3, {}, {"W": "text"}, {"W": [1.0]}, {"W": np.array([np.nan])},
        {"W": np.array([np.inf])}, {"W": np.array([1])}, {"W": np.array([1j])},
    ],
    "dtype": NOT_A_DTYPE,
    "text": NOT_A_TEXT,
}  # fmt: skip
# Where one name means another thing.
BAD_FOR: dict[tuple[str, str], list] = {
    ("lib.cells.initialisers.glorot_uniform", "inputs"): NOT_A_COUNT,
    ("lib.data.words.padded", "sequences"): NOT_SEQUENCES,
    ("lib.training.train", "seed"): [*NOT_A_SEED, [1]],
    # Here the states may have any shape: they are those of some network.
    ("lib.unrolling.last", "states"): [
        None,
        "ht",
        3,
        np.ones((2, 5, 4)),
        (),
        (None,),
        (example(4),),
        {},
        example,
        (example(2, 5, 4), np.full((2, 5, 4), np.nan)),
    ],
}


def arguments(name):
    given = {**USUAL, **GIVEN.get(name, {})}
    return {p: given[p] for p in inspect.signature(FUNCTIONS[name]).parameters if p in given}


def run(function, given):
    """The result, with a generator run to its end."""
    given = {k: copy.deepcopy(v) if k == "network" else v for k, v in given.items()}
    found = function(**given)
    return list(found) if inspect.isgenerator(found) else found


TRIED = [name for name in FUNCTIONS if not name.startswith(tuple(CHECKED_ELSEWHERE))]


@pytest.mark.parametrize("name", TRIED)
def test_good_input_is_taken_and_left_as_it_was(name):
    given = arguments(name)
    arrays = {k: v if isinstance(v, tuple) else (v,) for k, v in given.items()}
    before = copy.deepcopy(arrays)
    run(FUNCTIONS[name], given)
    for parameter, values in before.items():
        for old, new in zip(values, arrays[parameter], strict=True):
            if isinstance(old, np.ndarray):
                np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("name", TRIED)
def test_every_parameter_is_tried(name):
    """A new function, or a new parameter of an old one, has to be given something bad here."""
    parameters = inspect.signature(FUNCTIONS[name]).parameters
    assert not [p for p in parameters if p not in BAD], name


@pytest.mark.parametrize("name", TRIED)
def test_bad_input_is_named(name):
    function, given = FUNCTIONS[name], arguments(name)
    unnamed = []
    for parameter in inspect.signature(function).parameters:
        default = inspect.signature(function).parameters[parameter].default
        for bad in BAD_FOR.get((name, parameter), BAD.get(parameter, [])):
            if bad is None and default is None:
                continue
            try:
                run(function, {**given, parameter: bad})
            except (TypeError, ValueError) as error:
                if not re.search(rf"\b{parameter}\b", str(error)):
                    unnamed.append(f"{parameter}={bad!r:.40}: {type(error).__name__}: {error}")
            else:
                unnamed.append(f"{parameter}={bad!r:.40}: taken")
    assert not unnamed, "\n".join([name, *unnamed])
