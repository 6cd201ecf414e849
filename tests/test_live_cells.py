"""Which cells run in the page and what runs before them, read from the source alone."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "_ext"))

import live_cells  # noqa: E402

FIRST = """import numpy as np
import matplotlib.pyplot as plt
from lib import SimpleCell, unroll
from lib.keras import keras
"""


@pytest.fixture(scope="module")
def library():
    return live_cells.Library(ROOT)


def needs(library, *cells):
    """What the last cell needs."""
    return live_cells.analyse(cells, library)[-1]["needs"]


def test_a_cell_needs_the_imports_that_it_uses_and_no_others(library):
    assert needs(library, FIRST, "np.zeros(3)") == ["import numpy as np"]
    assert needs(library, FIRST, "def f(cell):\n    return unroll(cell, np.ones((2, 1)))") == [
        "from lib import unroll",
        "import numpy as np",
    ]


@pytest.mark.parametrize(
    ("between", "also"),
    [
        ("print(x)", []),
        ("y = x + 1", []),
        ("x[0] = 5", [2]),
        ("x += 1", [2]),
        ("x.append(1)", [2]),
        ("unroll(x)", [2]),
        ("plt.plot(x)", []),
        ("z = 3", []),
    ],
)
def test_a_cell_needs_what_binds_and_what_may_change_a_name(library, between, also):
    found = needs(library, FIRST, "x = [1]", between, "print(x)")
    assert [need for need in found if isinstance(need, int)] == [1, *also]


def test_a_name_bound_again_hides_what_it_was(library):
    assert needs(library, "x = 1", "x = 2", "x") == [1]
    assert needs(library, "x = 1", "x = x + 1", "x") == [0, 1]


def test_names_within_comprehensions_and_functions_are_their_own(library):
    assert needs(library, "i = 1", "n = 3", "[i for i in range(n)]") == [1]
    assert needs(library, "a = 1", "def f(a):\n    return a\n\nf(2)") == []
    assert needs(library, "a = 1", "def f():\n    return a\n\nf()") == [0]


def test_what_the_page_does_not_have_keeps_a_cell_from_running(library):
    found = live_cells.analyse(
        [FIRST, "model = keras.Model()", "w = model.get_weights()", "np.ones(2)"], library
    )
    assert [bool(cell["why"]) for cell in found] == [True, True, True, False]
    assert found[1]["why"] == "needs TensorFlow"


def test_what_a_function_imports_when_it_is_called_counts(library):
    first = "from lib.book.experiments import sweeps"
    assert not live_cells.analyse([first], library)[0]["why"]
    assert "pandas" in live_cells.analyse([first, "sweeps.read('x')"], library)[1]["why"]


def test_figures_are_known_from_what_is_imported(library):
    cells = [FIRST, "plt.plot([1])", "np.ones(1)", "from lib.book.figures import lstm\nlstm.x()"]
    assert [cell["figures"] for cell in live_cells.analyse(cells, library)[1:]] == [
        True,
        False,
        True,
    ]


def test_a_cell_that_takes_too_long_says_so(library):
    found = live_cells.analyse(["a = 1", "b = a"], library, seconds=[9, 0.1], limit=1)
    assert found[0]["why"] == "takes more than 20 seconds there"
    assert found[1]["why"] == "needs an earlier cell, which takes more than 20 seconds there"


def test_a_file_of_another_package_is_not_there(library):
    code = ["from lib.data import sunspots", "years, counts = sunspots.yearly()"]
    assert live_cells.analyse(code, library)[1]["why"] == "needs statsmodels"


def test_packages_have_the_names_that_readers_know():
    assert live_cells.in_words(["keras", "socket", "tensorflow"]) == "TensorFlow"
    assert live_cells.in_words(["requests", "socket"]) == "the network"
    assert live_cells.in_words(["pandas", "sklearn", "keras"]) == (
        "pandas, scikit-learn and TensorFlow"
    )


def test_what_a_readers_own_names_come_from(library):
    cells = ["import numpy as np\na = [1]", "sorted(np.ones(2), key=abs)\na.append(2)", "b = 1"]
    found = live_cells.analyse(cells, library)
    assert [cell["binds"] for cell in found] == [["a"], ["a"], ["b"]]
    assert found[0]["imports"] == {"np": "import numpy as np"}


def test_handing_over_what_a_function_returns_does_not_change_the_function(library):
    assert needs(library, "def f(x):\n    return x", "a = []\na.append(f(1))", "f(2)") == [0]
