"""The checkers of all chapters: the solutions pass, and every wrong answer gets one sentence.

Solutions and starters are those of the chapters' own cells. A wrong answer is the solution after a
slip, "old -> new" in its source as `ast.unparse` writes it, or a function of its own, a lambda that
may call the solution by its name.
"""

import ast
import contextlib
import importlib
import importlib.util
import inspect
import io
import re
import subprocess
import sys
import textwrap
import time
import traceback
import warnings
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import jupytext
import numpy as np
import pytest

from lib.book.exercises import mistakes
from lib.book.exercises.feedback import NotYet, ask, checker, compare
from lib.cells.activations import sigmoid
from tests.mutants import mutants

ROOT = Path(__file__).parents[1]
CHECKED = re.compile(r"^(?:exercises\.)?(check_\w+)\((\w+)\)$", re.MULTILINE)
BINDS = (ast.Import, ast.ImportFrom, ast.FunctionDef)
NOT_YET_SEEN = "the numbers are not"


class Exercise(NamedTuple):
    """What a chapter says about one checked exercise."""

    module: str
    answer: str  # the name of the reader's function
    starter: str
    solution: str
    names: dict  # what the solution needs of the cells before it


def _exercises():
    found = {}
    for path in sorted((ROOT / "chapters").glob("*.md")):
        module = f"lib.book.exercises.{path.stem.replace('-', '_')}"
        starters, before = {}, []
        for cell in jupytext.read(path).cells:
            if cell.cell_type != "code":
                continue
            nodes = ast.parse(re.sub(r"^[%!].*$", "", cell.source, flags=re.MULTILINE)).body
            functions = {n.name: ast.unparse(n) for n in nodes if isinstance(n, ast.FunctionDef)}
            for name, source in functions.items():
                if "raise NotImplementedError" in source:
                    starters[name] = source
            for check, name in CHECKED.findall(cell.source):
                if name in starters:
                    names = _names(functions[name], before)
                    found[check] = Exercise(module, name, starters[name], functions[name], names)
            before += [node for node in nodes if isinstance(node, BINDS)]
    return found


def _names(source, before):
    """The imports and functions of earlier cells that a solution needs."""
    wanted = {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}
    names = {}
    for node in before:
        bound = {node.name} if isinstance(node, ast.FunctionDef) else _imported(node)
        if bound & wanted:
            exec(ast.unparse(node), names)
    return names


def _imported(node):
    return {(alias.asname or alias.name).split(".")[0] for alias in node.names}


EXERCISES = _exercises()
CHECKS = {
    check: getattr(importlib.import_module(exercise.module), check)
    for check, exercise in EXERCISES.items()
}

# What people write: {slip or function: part of the sentence that they get}.
MISTAKES = {
    "check_recurrent_step": {
        "W_x.T -> W_x": "W_x is transposed the wrong way",
        "W_y.T -> W_y": "W_y is transposed the wrong way",
        ".T -> ": "All matrices are transposed",
        " + b) -> )": "The term b is missing",
        " + b) -> ) + b": "added after the activation",
        "+ y_before -> + 0 * y_before": "plays no part",
        " @ W_y.T -> ": "The product with W_y.T is missing",
        "np.tanh -> ": "The tanh of the part with x, W_x, y_before, W_y and b",
        "np.tanh -> np.sin": NOT_YET_SEEN,
        "np.tanh -> 3 * np.tanh": "the right one times 3",
        "+ b -> - b": "he sign of b is wrong",
        "W_y.T + b -> W_y": "W_y has to be transposed, and the term b is missing",
        "x @ W_x.T + y_before @ W_y.T -> W_x @ x + W_y @ y_before": "vectors are rows here",
        "return  -> ": "does it end with `return`",
    },
    "check_run_layer": {
        "W_y @ y -> W_y @ np.zeros(len(b))": "The state is not carried on",
        "y = np.tanh(W_x @ x_t + W_y @ y + b)\n        outputs.append(y) -> "
        "outputs.append(y)\n        y = np.tanh(W_x @ x_t + W_y @ y + b)": "row t holds y(t-1)",
        "[]) -> [np.zeros(len(b))])": "One row too many",
        "(outputs) -> (outputs)[1:]": "The first row is missing",
        "in x -> in x[:-1]": "leaves out the last element",
        "np.array(outputs) -> y": "Only the last row came back",
        "outputs.append(y) -> outputs.insert(0, y)": "in reverse order",
        "in x -> in reversed(x)": "The loop runs in the other direction",
        "np.zeros -> np.ones": "ones where zeros belongs",
    },
    "check_averager": {
        "share, 1 - share, -> 1 - share, share,": "swapped",
        "(share, -> (1,": "adds up instead of averaging",
        "1 - share -> 1": "nothing is ever forgotten",
        "1 - share -> -(1 - share)": "sign of w_y",
        "0.0 -> 0.1": NOT_YET_SEEN,
        "(share, 1 - share, 0.0) -> share": "Return 3 values: `return w_x, w_y, b`",
        "return  -> ": "does it end with `return`",
    },
    "check_last_outputs": {
        "lengths - 1 -> -1": "last step of the padded batch",
        "lengths - 1 -> lengths": "the step after the last real one",
        "lengths - 1 -> lengths - 2": "the step before the last real",
        "lengths - 1 -> 0": "first step",
        "np.arange(len(outputs)) -> :": "pair each length with its own row",
        "lambda y, n: y.mean(axis=1)": "mean over all steps",
        "lambda y, n: np.array([s[:k].mean(axis=0) for s, k in zip(y, n)])": "over the real steps",
        "lengths - 1 -> lengths + 1": "counting starts at 0",
        "return  -> ": "does it end with `return`",
    },
    "check_generate": {
        "cell(x -> cell(vector": "The vector is the input of every step",
        "outputs.append(x) -> outputs.append(x)\n        x = np.zeros_like(x)": "the input is zero",
        "cell(x, states) -> cell(x, cell.initial_states())": "The states are not carried on",
        "outputs.append(x) -> outputs.append(x)\n        x = states[0]": "The state is fed back",
        "outputs.append(x) -> outputs.append(x)\n        states = (x,)": "go on beside it",
        "outputs.append(x) -> outputs.append(x)\n        x, states = (0 * x, (x,))": (
            "and the input is zero"
        ),
        "lambda c, v, n: np.array([v, *generate(c, v, n - 1)])": "the vector is an input",
        "[]) -> [vector])": "One row too many",
        "(outputs) -> (outputs)[-1]": "Only the last row came back",
        "range(steps) -> range(steps - 1)": "the last output is missing",
    },
    "check_parameters_of_stack": {
        "m + n + 1 -> m + n": "The biases",
        "m + n + 1 -> m + 1": "The weights W_h",
        "m + n + 1 -> n + 1": "The weights W_x",
        "lambda m, u: sum(parameters_of_stack(m, [n]) for n in u)": "Only the first layer",
        "m + n + 1 -> 2 * n + 1": "as many inputs as it has units",
        "lambda m, u: parameters_of_stack(m, u[:1])": "first layer",
        "lambda m, u: parameters_of_stack(m, [sum(u)])": "one layer as wide",
        "lambda m, u: 1": NOT_YET_SEEN,
    },
    "check_lstm_step": {
        "tanh(c), -> tanh(c_before),": "the old cell state",
        "(o * np.tanh(c), c) -> (c, o * np.tanh(c))": "The order is wrong: `return h, c`",
        "o * np.tanh(c) -> o * c": "the tanh of c is missing",
        "o * np.tanh(c) -> np.tanh(c)": "In h, the factor o is missing",
        "(o * np.tanh(c), c) -> o * np.tanh(c)": "Return 2 values: `return h, c`",
        "return  -> ": "does it end with `return`",
        "f * c_before + i * g -> i * c_before + f * g": "f and i are exchanged",
        "f * c_before -> o * c_before; (o -> (f": "o and f are exchanged",
        "+ i * g -> + o * g; (o -> (i": "o and i are exchanged",
        "f * c_before + -> ": "The past is lost",
        "f * c_before -> c_before": "Nothing is ever forgotten",
        "i * g -> g": "In c, the factor i is missing",
        "g = np.tanh -> g = sigmoid": "In g, it says sigmoid where tanh belongs",
        " + w['b_i'] -> ; + w['b_f'] -> ; + w['b_o'] -> ; + w['b_g'] -> ": (
            "In i, f, o and g, the term b is missing"
        ),
        " + w['b_f'] -> ": "In f, the term b_f is missing",
        ".T -> ": "The matrices are transposed",
        "w['W_hi'].T -> w['W_hi']; w['W_hf'].T -> w['W_hf']; w['W_ho'].T -> w['W_ho']; "
        "w['W_hg'].T -> w['W_hg']": "In i, f, o and g, W_h has to be transposed",
        "w['W_xf'] -> w['W_xi']": "In f, it says W_xi where W_xf belongs",
        "x @ -> x.T @": "NumPy could not combine the shapes",
    },
    "check_peephole_step": {
        "w['p_o'] * c) -> w['p_o'] * c_before)": "looks at the old cell state",
        " + w['p_o'] * c) -> )": "In o, the term p_o * c is missing",
        " + w['p_i'] * c_before -> ": "In i, the term p_i * c is missing",
        " + w['p_f'] * c_before -> ": "In f, the term p_f * c is missing",
        " + w['p_i'] * c_before -> ; + w['p_f'] * c_before -> ": (
            "The input and forget gates have no peepholes"
        ),
        " + w['p_i'] * c_before -> ; + w['p_f'] * c_before -> ; + w['p_o'] * c) -> )": (
            "This is the plain LSTM"
        ),
        "w['p_i'] -> w['q']; w['p_f'] -> w['p_i']; w['q'] -> w['p_f']": "p_i and p_f are exchanged",
        "] * c_before -> ] * np.tanh(c_before); w['p_o'] * c -> w['p_o'] * np.tanh(c)": (
            "not at tanh(c)"
        ),
        " + w['p_i'] * c_before) -> ) + w['p_i'] * c_before; + w['p_f'] * c_before) -> "
        ") + w['p_f'] * c_before; + w['p_o'] * c) -> ) + w['p_o'] * c": "came after the sigmoid",
        "tanh(c), -> tanh(c_before),": "h = o * tanh(c)",
        "(o * np.tanh(c), c) -> (c, o * np.tanh(c))": "The order is wrong: `return h, c`",
        ".T -> ": "NumPy could not combine the shapes",
    },
    "check_latch": {
        "[[0, 0, 100]] -> [[0, 0, 0]]; 'b_o': [-50] -> 'b_o': [50]": "output gate is always open",
        "'b_o': [-50] -> 'b_o': [-500]": "output gate never opens",
        "-100 -> 0": "forget gate never closes",
        "'b_f': [50] -> 'b_f': [-50]": "forget gate never opens",
        "[0, -100, 0] -> [0, 100, 0]; 'b_f': [50] -> 'b_f': [-50]": "forget gate is upside down",
        "-100, 0 -> -100, -100": "reading must not erase",
        "'b_i': [-50] -> 'b_i': [50]": "input gate is always open",
        "[0, 100, 0] -> [0, 0, 100]": "opens at a recall instead",
        "'b_f': [50] -> 'b_f': [1]; [-50] -> [-1]": NOT_YET_SEEN,
        "return  -> ": "does it end with `return`",
        "'b_g': [0] -> 'b_g': [0], 'p_i': [0]": "Return a dict with the names W_",
        "[0, 100, 0] -> [0, 100]": "W_xf: expected shape",
        "lambda: {n: np.zeros(s) for n, s in {'W_xi': (2, 2), 'W_hi': (2, 2), 'b_i': 2, 'W_xf': (2,"
        " 2), 'W_hf': (2, 2), 'b_f': 2, 'W_xo': (2, 2), 'W_ho': (2, 2), 'b_o': 2, 'W_xg': (2, 2), "
        "'W_hg': (2, 2), 'b_g': 2}.items()}": "three inputs and one unit",
    },
    "check_gru_step": {
        "z * h_before + (1 - z) * g -> (1 - z) * h_before + z * g": "z is swapped",
        "z * h_before + (1 - z) -> r * h_before + (1 - r)": "The wrong gate blends",
        "r * h_before @ -> z * h_before @; z * h_before + (1 - z) -> r * h_before + (1 - r)": (
            "The gates are exchanged"
        ),
        "r * h_before @ -> z * h_before @": "it is r that resets",
        "r * h_before @ w['W_hg'].T -> r * (h_before @ w['W_hg'].T)": "r acts after the product",
        "r * h_before @ -> r @": "gets r itself",
        "r * h_before @ -> h_before @": "r plays no part",
        "np.tanh -> sigmoid": "In g, it says sigmoid where tanh belongs",
        " + w['b_z'] -> ; + w['b_r'] -> ; + w['b_g'] -> ": ("In z, r and g, the term b is missing"),
        " + w['b_g'] -> ": "In g, the term b_g is missing",
        ".T -> ": "The matrices are transposed",
        "z * h_before + (1 - z) * g -> g": "This is g, the proposal",
        "lambda x, h, w: np.tanh(w['W_xg'] @ x + w['W_hg'] @ h + w['b_g'])": "vectors are rows",
        "return  -> ": "does it end with `return`",
    },
    "check_swapped_to_ours": {
        "-w[name] -> w[name]": "These are the weights as they came",
        "('W_xz', 'W_hz', 'b_z') -> ('W_xz', 'W_hz')": "The minus before b_z is missing",
        "('W_xz', 'W_hz', 'b_z') -> ('b_z',)": "Only the bias changed",
        "('W_xz', 'W_hz', 'b_z') -> ('W_xz', 'b_z')": "The minus before W_hz",
        "('W_xz', 'W_hz', 'b_z') -> ('W_hz', 'b_z')": "The minus before W_xz",
        "('W_xz', 'W_hz', 'b_z') -> ('W_xr', 'W_hr', 'b_r')": "The wrong gate",
        "lambda w: {n: -v for n, v in w.items()}": "All nine changed",
        "lambda w: {n: w[n[:-1] + {'z': 'r', 'r': 'z', 'g': 'g'}[n[-1]]] for n in w}": "both stay",
        "-w[name] -> 1 - w[name]": "1 - W is not what turns z",
        "lambda w: {'b_z': -w['b_z']}": "Return a dict with the names W_xz",
        "lambda w: w.update(b_z=-w['b_z'])": "does it end with `return`",
        "lambda w: {n: v[:2] for n, v in w.items()}": "does not fit",
    },
    "check_baseline": {
        "numbers * -> ": "the variance of one number",
        "numbers * -> numbers ** 2 * ": "standard deviations do not",
        "lambda *a: np.sqrt(baseline(*a))": "This is the standard deviation",
        "lambda n, a, b: n * (b - a) ** 2 / 12 + (n * (a + b) / 2) ** 2": "answering 0",
        "lambda n, a, b: n * (b - a) / 12": "a variance of (high - low)**2 / 12",
        "lambda n, a, b: n * (a + b) / 2": "the best constant itself",
        "high - low -> high + low": "The sign of",
        "return  -> ": "does it end with `return`",
    },
    "check_longest_lag": {
        "lambda lags, learned: np.max(lags * learned)": "the climb ended at the first failure",
        "lambda lags, learned: np.append(lags, 99)[np.argmin(np.append(learned, 0))]": (
            NOT_YET_SEEN
        ),
        "lambda lags, learned: np.sum(learned)": "This counts the lags",
        "lambda lags, learned: np.argmin(np.append(learned, 0))": "the place of a lag",
        "[first_failure] -> [first_failure - 1]": "one too early",
        "return  -> ": "does it end with `return`",
    },
    "check_backward_layer": {
        "W_y.T -> W_y": "W_y has to be transposed",
        "(1 - y[t] ** 2) * -> ": "slope of tanh, 1 - y**2, is missing",
        " + from_later -> ": "only receives its own loss",
        "if t > 0 -> if True; y[t - 1] -> y[t]": "Off by one",
        "return gradient -> return gradient.T": "The result is transposed",
        "gradient += -> gradient =": "the term gradient is missing",
        "return  -> ": "does it end with `return`",
    },
    "check_sensitivity_step": {
        "W_y @ P + -> ": "The term W_y @ P is missing",
        " + np.kron(np.eye(len(y)), v) -> ": "The term kron(eye(len(y)), v) is missing",
        "(1 - y ** 2)[:, None] * -> ": "slope of tanh, 1 - y**2, is missing",
        "lambda P, v, y, W: np.diag(1 - y**2) @ W @ P + np.kron(np.eye(len(y)), v)": "only W_y @ P",
        "lambda P, v, y, W: W @ P + np.kron(np.diag(1 - y**2), v)": "only what this step adds",
        "W_y @ P -> W_y.T @ P": "W_y is not transposed here",
    },
    "check_clipped": {
        "norm / length -> norm / np.linalg.norm(d)": "by its own length",
        "d * min(1, norm / length) -> np.minimum(np.maximum(d, -norm), norm)": "one by one",
        "min(1, norm / length) -> (norm / length)": "is stretched",
        "lambda g, norm: [d.__imul__(c) for d, c in zip(g.values(), (.5, .5))] and g": "make new",
        "lambda gradient, norm: gradient": "Nothing is clipped",
        "lambda gradient, norm: 0.0": "Return a dict with the names W, b",
        "return  -> ": "does it end with `return`",
    },
    "check_horizon": {
        "[-1] -> [-1] + 1": "One too many",
        "norms = norms_over_lag(state_jacobians(cell, inputs)) -> "
        "norms = norms_over_lag(state_jacobians(cell, inputs))[1:]": "One too few",
        "lambda c, x, s: sum(np.linalg.norm(J, 2) >= s for J in state_jacobians(c, x))": "single",
        "lambda c, x, s: sum(np.cumprod([np.linalg.norm(J, 2) for J in "
        "state_jacobians(c, x)[::-1]]) >= s)": "upper bound",
        "lambda c, x, s: np.flatnonzero([np.linalg.norm(np.linalg.multi_dot([*J[k::-1], np.eye("
        "len(J[0]))]), 2) >= s for J in [state_jacobians(c, x)] for k in range(len(x))])[-1] + 1": (
            "looks forward"
        ),
        "np.flatnonzero(norms >= share)[-1] -> np.sum(norms >= share) - 1": "norms that come back",
        "norms >= share -> norms > share": "a share of 1",
        "lambda *arguments: None": "does it end with `return`",
    },
    "check_combined": {
        "sum(axis=0) / np.sqrt(max(len(vectors), 1)) -> mean(axis=0)": "This is the mean",
        " / np.sqrt(max(len(vectors), 1)) -> ": "This is the sum",
        "len(vectors) -> vectors.shape[1]": "number of dimensions",
        "axis=0 -> axis=1; len(vectors) -> vectors.shape[1]": "runs over the dimensions",
        "sum(axis=0) -> sum()": "The sum runs along all axes",
        "lambda v: v.sum(0) / np.linalg.norm(v.sum(0))": "unit vector",
        "max(len(vectors), 1) -> len(vectors)": "A text without words",
        "lambda v: v.sum(0) / np.sqrt(len(v)) if len(v) else 'none'": "a text without words",
        "return  -> ": "does it end with `return`",
    },
    "check_parameter_counts": {
        "(dimensions + 1) * units + (units + 1) -> dimensions * units + units": "The biases are",
        "(units + 1) -> units": "bias of the last",
        "(dimensions + 1) * units -> dimensions * units": "biases of the first",
        "+ head, head) -> + head, rows * dimensions + head)": "only the two dense layers",
        "(rows * dimensions + head, head) -> (head, rows * dimensions + head)": (
            "The order is wrong: `return all, trainable`"
        ),
        "+ head, head) -> + head, rows * dimensions)": "frozen parameters",
        "(dimensions + 1) * units -> (rows + 1) * units": "not all rows of the table",
    },
    "check_first_step": {
        "-rate -> rate": "The sign is wrong",
        " / (np.abs(gradient) + 1e-07) -> ": "plain gradient descent",
        "rate * -> ": "The rate is missing",
        "np.abs(gradient) + 1e-07 -> np.sqrt(gradient ** 2)": "0 / 0",
        "-rate -> -0.1 * rate": "m is not corrected",
        "np.abs(gradient) -> np.sqrt(0.001 * gradient ** 2)": "s is not corrected",
        "-rate -> -0.1 * rate; np.abs(gradient) -> np.sqrt(0.001 * gradient ** 2)": "Neither m nor",
        "np.abs(gradient) -> gradient ** 2": "The root is missing",
        "lambda g, rate: -rate * np.sign(g)": "the sign of the gradient",
        "np.abs(gradient) + 1e-07 -> np.sqrt(gradient ** 2 + 1e-07)": "outside the root",
        "1e-07 -> 1e-07 / np.sqrt(1 - 0.999)": "before s is corrected",
        "1e-07 -> 1e-08": NOT_YET_SEEN,
    },
    "check_perplexity": {
        "np.exp(losses.mean()) -> losses.mean()": "This is the loss",
        "losses.mean -> losses.sum": "It says sum where mean belongs",
        "lambda s, t: 1 / perplexity(s, t)": "The sign is wrong",
        "np.exp(losses.mean()) -> 1 / np.exp(-losses).mean()": "mean probability",
        "np.exp(losses.mean()) -> 2 ** losses.mean()": "the power is of 2",
        "lambda s, t: np.exp((np.log(np.exp(s).sum(axis=0))[t] - s[range(len(t)), t]).mean())": (
            "the wrong axis"
        ),
        "scores - top -> scores; + top[:, 0] -> ": "near 1000 and -1000, whose exp is infinite",
        "max(axis=1, -> mean(axis=1,": "2000 apart",
        "max(axis=1, -> max(": "near 1000 and -1000",
    },
    "check_tracks": {
        "(tracks, updates, steps) -> (updates, tracks, steps); .swapaxes(0, 1) -> ": (
            "Track k does not go on"
        ),
        ".swapaxes(0, 1) -> ": "the updates come first",
        "lambda s, n, k: tracks_of(np.concatenate([s[:len(s) // (n * k) * n * k][i::n] for i in "
        "range(n)]), n, k)": "each second word",
        "lambda s, n, k: tracks_of(s, n, k).swapaxes(1, 2)": "the steps come last",
        "[:updates * tracks * steps] -> ": "could not combine the shapes",
        "[:updates * tracks * steps] -> [len(stream) % (tracks * steps):]": "at the beginning",
    },
    "check_pool": {
        "np.where(real, h, 0).sum(axis=1) / real.sum(axis=1) -> h.mean(axis=1); "
        "np.where(real, h, -np.inf) -> h": "The padding is counted in both",
        "/ real.sum(axis=1) -> / h.shape[1]": "The mean divides by all steps; divide",
        "-np.inf -> 0": "takes the zeros of the masked steps",
        "/ real.sum(axis=1) -> / h.shape[1]; -np.inf -> 0": "and the maximum takes zeros",
        "np.where(real, h, -np.inf) -> h": "The maximum still sees the padding",
        "np.where(real, h, 0).sum(axis=1) / real.sum(axis=1) -> h.mean(axis=1)": "The mean still",
        "lambda h, m: np.roll(pool_states(h, m), h.shape[2], axis=1)": "The order of mean and top",
        "lambda h, m: pool_states(h, m)[:, :h.shape[2]]": "the mean alone",
        "return  -> ": "does it end with `return`",
    },
    "check_area": {
        " + 0.5 * (gaps == 0) -> ": "A tie counts one half: add",
        "(gaps > 0) + 0.5 * (gaps == 0) -> gaps >= 0": "not one",
        "lambda y, s: area_under_curve(1 - y, s)": "the other way round",
        "lambda y, s: area_under_curve(y, s) * y.sum() * (1 - y).sum() / len(y) ** 2": (
            "a positive and a negative review only"
        ),
    },
    "check_calibration_error": {
        "here.mean() * -> 1 / len(np.unique(place)) *": "Every bin counts the same here",
        "* abs( -> * (": "take the absolute value bin by bin.",
        "* abs( -> * (; return error -> return abs(error)": "bin by bin, not at the end",
        "* abs( -> * np.square(": "squared gaps",
        "lambda y, p, bins=10: np.abs(y - p).mean()": "of a probability from its label",
        "lambda y, p, bins=10: expected_error(y, p)": "plays no part",
        "bins - 1 -> bins": "a bin of its own",
        "bins - 1) -> bins); np.unique(place) -> np.unique(place[place < bins])": "is in no bin",
        "(probabilities * bins).astype(int) -> np.ceil(probabilities * bins) - 1": "wrong side",
        "bins=10 -> bins=9": "the usual number of bins",
    },
    "check_cooled": {
        "/ temperature -> * temperature": "Multiplied",
        "sigmoid(np.log(p / (1 - p)) / temperature) -> p / temperature": "not the probability",
        "sigmoid -> ": "The sigmoid of the part with p and temperature",
        "np.log(p / (1 - p)) -> p": "sigmoid of a probability",
    },
    "check_leaks": {
        "reviews.plain(text) -> text": "agree to the letter",
        "lambda a, b: leaks(b, a)": "which training texts come again",
        "lambda a, b: sum(leaks(a, b))": "This is how many",
        "lambda a, b: [reviews.plain(t) in ' | '.join(map(reviews.plain, a)) for t in b]": "whole",
        "in known -> not in known": "The other way round",
    },
}
# Slips that change nothing, or nothing that was asked for: of the latch only what it does counts.
HARMLESS = {
    "check_baseline": ["high - low -> low - high"],  # it is squared
    "check_run_layer": ["np.array(outputs) -> outputs", "b -> W_x", "b -> W_y"],
    "check_last_outputs": ["outputs -> lengths"],  # both have the length of the batch
    "check_generate": ["np.array(outputs) -> outputs", "for"],
    "check_parameters_of_stack": ["zip(below, units, strict=True) -> zip(below, units)"],
    "check_latch": ["50 ->", "100 ->", "0 -> 1", "0 -> -1"],
    "check_swapped_to_ours": ["('W_xz', 'W_hz', 'b_z') -> ('b_z', 'W_hz', 'W_xz')"],
    "check_backward_layer": ["for", "y -> d_y"],
    "check_sensitivity_step": ["y -> P", "y -> W_y"],
    "check_clipped": ["min(1, norm / length) -> min(norm / length, 1)"],
    "check_combined": ["max(len(vectors), 1) -> max(1, len(vectors))"],
    "check_perplexity": ["(:, 0) -> :", "targets -> scores", "0 -> -1"],
    "check_tracks": ["rows.swapaxes(0, 1) -> rows.swapaxes(1, 0)"],
    "check_pool": ["-1 -> 1"],  # the last axis
    "check_area": ["labels == 1 -> labels >= 1"],
    "check_calibration_error": [
        "for",
        "np.minimum((probabilities * bins).astype(int), bins - 1) -> "
        "np.minimum(bins - 1, (probabilities * bins).astype(int))",
        "labels[here].mean() - probabilities[here].mean() -> "
        "probabilities[here].mean() - labels[here].mean()",
    ],
}


def answer(check, slip=None):
    """The solution of an exercise, after a slip."""
    exercise = EXERCISES[check]
    names = dict(exercise.names) | {"np": np, "sigmoid": sigmoid}
    exec(exercise.solution, names)
    if slip is None:
        return names[exercise.answer]
    if slip.startswith("lambda"):
        return eval(slip, names)
    exec(mistakes.rewritten(exercise.solution, slip), names)
    return names[exercise.answer]


def verdict(check, wrong):
    with pytest.raises(NotYet) as caught:
        CHECKS[check](wrong)
    return str(caught.value)


ROWS = [(check, slip, part) for check, rows in MISTAKES.items() for slip, part in rows.items()]


def test_every_chapter_has_its_checkers():
    assert len(CHECKS) == 27
    assert MISTAKES.keys() == CHECKS.keys()
    public = {
        name
        for module in {exercise.module for exercise in EXERCISES.values()}
        for name in vars(importlib.import_module(module))
        if name.startswith("check_")
    }
    assert public == CHECKS.keys()


@pytest.mark.parametrize("check", CHECKS)
def test_solution_passes(check, capsys):
    CHECKS[check](answer(check))
    assert capsys.readouterr().out == "Correct.\n"


@pytest.mark.parametrize(("check", "slip", "part"), ROWS, ids=lambda text: text[:40])
def test_mistake_is_explained(check, slip, part, capsys):
    assert part in verdict(check, answer(check, slip))
    assert "Correct" not in capsys.readouterr().out


@cache
def outcomes(check):
    """{slip: sentence, or None where the answer is accepted} for all slips of `mutants`."""
    found = {}
    for slip, source in mutants(EXERCISES[check].solution):
        names = dict(EXERCISES[check].names) | {"np": np, "sigmoid": sigmoid}
        with warnings.catch_warnings(action="ignore"):  # 1[0] is a SyntaxWarning
            exec(source, names)
        try:
            CHECKS[check](names[EXERCISES[check].answer])
            found[slip, source] = None
        except NotYet as problem:
            found[slip, source] = str(problem)
    return found


@pytest.mark.parametrize("check", CHECKS)
def test_every_slip_is_refused_in_one_sentence(check):
    accepted = {slip for (slip, _), sentence in outcomes(check).items() if sentence is None}
    known = HARMLESS.get(check, [])
    assert [slip for slip in accepted if not slip.startswith(tuple(known))] == []
    assert [slip for slip in known if not any(found.startswith(slip) for found in accepted)] == []
    for sentence in filter(None, outcomes(check).values()):
        assert "\n" not in sentence
        assert sentence.endswith((".", "?"))


def test_most_slips_that_give_numbers_are_named():
    sentences = [s for check in CHECKS for s in outcomes(check).values() if s is not None]
    other = ("Your function", "NumPy could not", "Return", "What came back", "Python objects")
    numbers = [s for s in sentences if not s.startswith(other)]
    named = [s for s in numbers if NOT_YET_SEEN not in s and "Wrong shape" not in s]
    assert len(numbers) > 900
    assert len(named) / len(numbers) > 0.75


@pytest.fixture
def inside(monkeypatch):
    """What a checker hands to `compare`, and the equations in its solution."""

    def look(check):
        found = []

        def spy(answer, solution, cases, written, *, given=lambda *a: a, **settings):
            equations = inspect.signature(solution).parameters.get("equations")
            found.append((solution, cases, written, given, equations and equations.default))

        with monkeypatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
            patch.setattr(sys.modules[EXERCISES[check].module], "compare", spy)
            CHECKS[check](None)
        return found[0]

    return look


@pytest.mark.parametrize("check", CHECKS)
def test_each_sentence_of_a_checker_is_for_its_own_mistake(check, inside):
    solution, _, written, given, equations = inside(check)
    assert len(written) >= 3
    for sentence, slip in written.items():
        wrong = mistakes.with_slip(equations or solution, slip) if isinstance(slip, str) else slip
        if equations and isinstance(slip, str):
            wrong = partial(solution, equations=wrong)
        assert verdict(check, lambda *a, wrong=wrong: wrong(*given(*a))) == sentence


@pytest.mark.parametrize("check", CHECKS)
def test_where_nothing_is_chosen_nothing_is_wrong(check, inside, capsys):
    """The function with all choices in it is the right one until a choice is made."""
    solution, _, _, given, equations = inside(check)
    function, chosen, slips = mistakes._choices(equations or solution)
    assert len(slips) >= 3
    chosen.clear()
    whole = partial(solution, equations=function) if equations else function
    CHECKS[check](lambda *arguments: whole(*given(*arguments)))
    assert capsys.readouterr().out == "Correct.\n"


@pytest.mark.parametrize("check", CHECKS)
def test_a_wrong_answer_is_told_soon(check):
    """Before all mistakes have been tried: 50 ms on a quiet machine, here with room for others."""
    solution = answer(check)

    def wrong(*arguments):
        return _map(lambda a: np.cos(3 * a) + 0.1, solution(*arguments))

    verdict(check, wrong)  # the first time Python compiles the slips
    start = time.process_time()
    verdict(check, wrong)
    assert time.process_time() - start < 0.2


@pytest.mark.parametrize("check", CHECKS)
def test_starter_says_that_there_is_no_code(check):
    names = {}
    exec(EXERCISES[check].starter, names)
    name = EXERCISES[check].answer
    assert verdict(check, names[name]) == f"There is no code yet: write {name}."


def _map(change, result):
    """What becomes of a result when each array in it is changed."""
    if isinstance(result, dict):
        return {name: _map(change, part) for name, part in result.items()}
    if isinstance(result, tuple):
        return tuple(_map(change, part) for part in result)
    return change(np.asarray(result, float))


class Tensor:
    """What TensorFlow's and PyTorch's tensors have in common here."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.array, dtype)


class Stubborn:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("call detach() first")


REFUSED = {
    "complex": (lambda a: a + 5j, "complex numbers"),
    "complex without an imaginary part": (lambda a: a.astype(complex), "complex numbers"),
    "masked": (lambda a: np.ma.masked_array(a, np.zeros(a.shape, bool)), "masked array"),
    "objects": (lambda a: a.astype(object), "Python objects"),
    "text": (lambda a: "0.5", "text"),
    "dates": (lambda a: np.datetime64("2020-01-01"), "datetime64"),
    "a dict": (lambda a: {"a": 1}, "Python objects"),
    "None inside": (lambda a: [None], "Python objects"),
    "ragged": (lambda a: [[1, 2], [3]], "ragged"),
    "unreadable": (lambda a: Stubborn(), "call detach() first"),
    "nan": (lambda a: np.full(a.shape, np.nan), "nan"),
}
ACCEPTED = {
    "lists": lambda a: a.tolist(),
    "tensors": Tensor,
    "booleans": lambda a: a.astype(bool) if set(np.unique(a)) <= {0, 1} else a,
    "long double": lambda a: a.astype(np.longdouble),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("check", CHECKS)
def test_what_holds_no_real_numbers_is_refused_by_name(check, kind):
    (change, part), right = REFUSED[kind], answer(check)
    assert part in verdict(check, lambda *arguments: _map(change, right(*arguments)))


@pytest.mark.parametrize("kind", ACCEPTED)
@pytest.mark.parametrize("check", CHECKS)
def test_other_forms_of_real_numbers_are_right(check, kind, capsys):
    right = answer(check)
    CHECKS[check](lambda *arguments: _map(ACCEPTED[kind], right(*arguments)))
    assert capsys.readouterr().out == "Correct.\n"


def test_single_precision_is_told_from_a_mistake():
    right = answer("check_recurrent_step")
    single = verdict("check_recurrent_step", lambda *a: np.float32(right(*a)))
    assert single == "The numbers are right in float32 only; compute in float64."


RAISES = {
    "lambda *a: [][1]": "raises IndexError (list index out of range)",
    "lambda *a: {}['W']": "raises KeyError ('W')",
    "lambda *a: None + 1": "raises TypeError (unsupported operand",
    "lambda *a: 1 / 0": "raises ZeroDivisionError (division by zero)",
    "lambda *a: np.ones(2) + np.ones(3)": "could not combine the shapes (operands could not be",
    "lambda *a: np.ones((2, 3)) @ np.ones((2, 3))": "in a product 3 numbers meet 2",
    "lambda *a: (_ for _ in ()).throw(KeyboardInterrupt)": "does it end?",
    "lambda *a: (_ for _ in ()).throw(ValueError('one\\n  two'))": "raises ValueError (one two)",
    "lambda *a: (_ for _ in ()).throw(ValueError)": "raises ValueError",
    "lambda *a: (_ for _ in ()).throw(NotImplementedError)": "There is no code yet",
    "lambda *a: (_ for _ in ()).throw(SystemExit(2))": "raises SystemExit (2)",
    "lambda a, b, c, d, e, f, g: 0": "Your function takes (a, b, c, d, e, f, g); it has to take (",
    "np.ones(3)": "Hand over the function itself, without calling it: this is of type ndarray.",
    "None": "Hand over the function itself, without calling it: this is of type NoneType.",
}


@pytest.mark.parametrize("code", RAISES)
@pytest.mark.parametrize("check", CHECKS)
def test_what_the_readers_code_raises_becomes_a_sentence(check, code):
    assert RAISES[code] in verdict(check, eval(code, {"np": np}))


def test_a_sentence_quotes_the_line_that_raised(tmp_path):
    (tmp_path / "mine.py").write_text("def f(x):\n    y = []\n    return y[len(x)]\n")
    spec = importlib.util.spec_from_file_location("mine", tmp_path / "mine.py")
    mine = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mine)
    with pytest.raises(NotYet) as caught:
        ask(mine.f, [1])
    assert str(caught.value) == (
        "Your function raises IndexError (list index out of range) at `return y[len(x)]`; "
        "counting starts at 0."
    )


def test_the_reader_gets_copies():
    x = {"a": np.zeros(2)}

    def spoil(given):
        given["a"][:] = 1
        return 0

    assert ask(spoil, x) == 0
    assert np.array_equal(x["a"], np.zeros(2))
    with pytest.raises(NotYet, match="make new ones"):
        ask(spoil, x, keeps=True)


def test_correct_comes_after_the_last_test(capsys):
    @checker
    def check_twice(function):
        compare(function, double, {"once": (np.ones((1, 1)), np.ones((1, 1)))}, {})
        compare(function, double, {"again": (np.ones((1, 1)), 2 * np.ones((1, 1)))}, {})

    with pytest.raises(NotYet):
        check_twice(lambda x, W: [[3.0]])  # right the first time
    assert capsys.readouterr().out == ""


def double(x, W):
    y = x @ W.T
    return 2 * y + 1


@pytest.mark.parametrize("number", [0.0, 0.5, 1.0, 7.25])
@pytest.mark.parametrize("check", CHECKS)
def test_one_number_for_everything_is_not_explained_by_the_solution(check, number):
    """A slip that happens to give it would tell the reader a term of the solution."""
    sentence = verdict(check, lambda *a: number)
    assert not re.search(r"the (term|division|factor)|it says|plays no part", sentence), sentence


def test_slips_come_alone_and_in_pairs():
    x, W = np.random.default_rng(0).normal(size=(2, 3, 3))
    wrong = {
        "In y, W has to be transposed.": 2 * x @ W + 1,
        "The term 1 is missing.": 2 * x @ W.T,
        "The sign of 2 * y is wrong.": -2 * x @ W.T + 1,
        "The factor 2 is missing.": x @ W.T + 1,
    }
    alone = {sentence: function(x, W) for sentence, function in _tried(mistakes.singles, x, W)}
    for sentence, result in wrong.items():
        np.testing.assert_allclose(alone[sentence], result)
    both = {sentence: function(x, W) for sentence, function in _tried(mistakes.pairs, x, W)}
    np.testing.assert_allclose(
        both["In y, W has to be transposed, and the term 1 is missing."], 2 * x @ W
    )


def _tried(slips, *arguments):
    """The slips of `double` that give something, each with a function that gives it."""
    for sentence, function in slips(double):
        with contextlib.suppress(Exception):
            result = function(*arguments)
            yield sentence, lambda *_, result=result: result


def test_without_the_source_the_numbers_remain(monkeypatch):
    def no_source(function):
        raise OSError("could not get source code")

    mistakes.source.cache_clear()
    mistakes._choices.cache_clear()
    monkeypatch.setattr(inspect, "getsource", no_source)
    right = answer("check_recurrent_step")
    assert verdict("check_recurrent_step", lambda *a: -right(*a)).startswith("The sign of every")
    assert NOT_YET_SEEN in verdict("check_recurrent_step", lambda *a: np.sin(right(*a)))
    mistakes._choices.cache_clear()


def test_a_slip_that_does_not_fit_the_source_is_an_error():
    with pytest.raises(ValueError, match="slip: expected a piece of the source, got 'z'"):
        mistakes.rewritten("x + y", "z -> x")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda a: -a, "The sign of everything is wrong."),
        (lambda a: a.T, "The result is transposed."),
        (lambda a: a[::-1], "The rows are in reverse order."),
        (lambda a: a[1:], "The first row is missing."),
        (lambda a: np.vstack([np.zeros(4), a[:-1]]), "Row t holds what belongs into row t - 1."),
        (lambda a: np.vstack([a[1:], np.zeros(4)]), "Row t holds what belongs into row t + 1."),
        (lambda a: np.vstack([np.zeros(4), a]), "There is a row of zeros too many in front."),
        (lambda a: a / 4, "Every number is the right one times 0.25."),
        (lambda a: a - 3, "Every number is the right one plus -3."),
        (lambda a: np.exp(a), "This is the exponential of the right answer."),
    ],
)
def test_an_answer_that_follows_from_the_right_one(change, sentence):
    right = np.random.default_rng(1).normal(size=(4, 4))
    assert next(mistakes.related([(change(right), right)], 1e-9)) == sentence
    assert not list(mistakes.related([(np.cos(right), right), (change(right), right)], 1e-9))


@pytest.fixture(scope="module")
def shell():
    interactive = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell.instance()
    interactive.run_line_magic("colors", "nocolor")
    return interactive


@pytest.mark.parametrize("check", CHECKS)
def test_a_notebook_shows_one_sentence_and_nothing_of_the_solution(check, shell):
    wrong = ["lambda *a: 0.0", "lambda: 0", "lambda *a: [][1]", "None", "lambda *a: 1j"]
    wrong += ["lambda *a: float('nan')", "lambda *a: 'text'", "lambda *a: None"]
    shell.user_ns |= {"check": CHECKS[check], "wrong": None}
    source = inspect.getsource(sys.modules[EXERCISES[check].module])
    secret = [line.strip() for line in source.splitlines() if len(line.strip()) > 12]
    for function in [eval(code) for code in wrong] + [answer(check, s) for s in MISTAKES[check]]:
        shell.user_ns["wrong"] = function
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            result = shell.run_cell("check(wrong)")
        assert isinstance(result.error_in_exec, NotYet)  # the cell has failed
        text = shown.getvalue().strip()
        assert text == f"Not yet: {result.error_in_exec}"
        assert "\n" not in text
        assert not [line for line in secret if line in text]


@pytest.mark.parametrize("check", CHECKS)
def test_plain_python_shows_nothing_of_the_checker(check):
    with pytest.raises(NotYet) as caught:
        CHECKS[check](lambda *arguments: 0.0)
    shown = traceback.extract_tb(caught.value.__traceback__)
    assert [Path(frame.filename).name for frame in shown] == ["test_exercises.py", "feedback.py"]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_the_checkers_need_numpy_alone():
    """As in a page, where Python is Pyodide."""
    code = """
        import sys
        for name in ("tensorflow", "keras", "sklearn", "matplotlib", "pandas", "scipy", "torch"):
            sys.modules[name] = None  # importing it fails
        from importlib import import_module
        from lib.book.exercises.feedback import NotYet
        for name in sys.argv[1:]:
            module = import_module(name)
            for check in [c for c in vars(module) if c.startswith("check_")]:
                try:
                    getattr(module, check)(lambda *arguments: 0.0)
                except NotYet:
                    pass
        loaded = [name for name in sys.modules if name.startswith("lib.book.")]
        assert all(name.startswith("lib.book.exercises") for name in loaded), loaded
    """
    modules = sorted({exercise.module for exercise in EXERCISES.values()})
    subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *modules],
        check=True,
        cwd=ROOT,
    )
