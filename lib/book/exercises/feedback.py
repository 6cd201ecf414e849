"""How every exercise is checked: an answer is right, or the reader gets one sentence.

A checker hands the reader's function to `compare`, with the right function, the cases to try both
on, and the mistakes that deserve a sentence of their own. The reader's code runs in `ask` alone.
"""

import functools
import inspect
import itertools
import re
import traceback
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from typing import Any

import numpy as np

from lib.book.exercises.mistakes import pairs, related, same, singles, with_slip

ROWS = "vectors are rows here: a row x meets the rows of W in x @ W.T"


class NotYet(AssertionError):
    """The answer is not right yet; the message says what to look at."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback, which would print the solution."""
        return [f"Not yet: {self}"]


class Recognised(NotYet):
    """The answer is what a slip in the source gives; the message says which."""


class Foreseen(Recognised):
    """The answer is what a mistake gives that the exercise has a sentence of its own for."""


def checker(check: Callable[[Callable], None]) -> Callable[[Callable], None]:
    """A check as the reader calls it: it prints "Correct." when all is done, or raises NotYet.

    The error is made afresh here, so that plain Python shows no line of the check either.
    """

    @functools.wraps(check)
    def checked(answer: Callable) -> None:
        problem = None
        try:
            check(answer)
        except NotYet as found:
            problem = type(found)(str(found))
        if problem is not None:
            raise problem
        print("Correct.")

    return checked


def compare(
    answer: Callable,
    solution: Callable,
    cases: Mapping[str, tuple],
    mistakes: Mapping[str, str | Callable],
    *,
    returns: str = "",
    given: Callable[..., tuple] | None = None,
    view: Callable[[Any], Any] | None = None,
    hint: str = "",
    keeps: bool = False,
    tolerance: float = 1e-9,
) -> None:
    """Raise NotYet unless `answer` gives in every case what `solution` gives.

    answer     the reader's function
    solution   the right one, which returns an array, or a tuple or a dict of arrays. Where it has
               an argument `equations`, a function, slips are looked for in that one
    cases      {what is special about a case: the arguments}, the usual case first
    mistakes   {sentence: a slip in the source, as `mistakes.rewritten` reads it, or a wrong
               function}; they come before those that are derived from the source
    returns    how the last line should read where a tuple is to be returned: "h, c"
    given      makes of the arguments those of `solution` and of the mistakes, where they would
               compute the same again and again
    view       makes of a result what is compared, such as the outputs of a cell with these
               weights; its name says what that is
    hint       what to add where NumPy cannot combine the shapes
    keeps      whether the arrays that are handed over have to stay as they are
    tolerance  how far a number may be off, relative to itself and to the largest in its array, or
               to 1 if that is less; the default leaves room for another order of summation
    """
    names = tuple(inspect.signature(given or solution).parameters)
    trials = []
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        for case, arguments in cases.items():
            passed_on = given(*arguments) if given else arguments
            trial = _Trial(case, passed_on, solution, returns, view, tolerance)
            try:
                trial.take(ask(answer, *arguments, names=names, hint=hint, keeps=keeps))
            except NotYet as problem:
                trial.problem = str(problem)
            trials.append(trial)
        if not all(trial.is_right for trial in trials):
            raise _verdict(trials, solution, mistakes)


def ask(
    answer: Callable,
    *arguments: Any,
    names: tuple[str, ...] = (),
    hint: str = "",
    keeps: bool = False,
) -> Any:
    """What `answer` returns for copies of `arguments`; NotYet where it cannot be called or raises.

    names        of the arguments, to name them where the signature is wrong
    hint, keeps  as in `compare`
    """
    if not callable(answer):
        raise NotYet(
            f"Hand over the function itself, without calling it: this is of type "
            f"{type(answer).__name__}."
        )
    given = deepcopy(arguments)
    with suppress(ValueError):  # not every function written in C has a signature
        signature = inspect.signature(answer)
        try:
            signature.bind(*given)
        except TypeError:
            wanted = ", ".join(names[: len(given)])
            raise NotYet(f"Your function takes {signature}; it has to take ({wanted}).") from None
    try:
        result = answer(*given)
    except NotImplementedError as error:
        raise NotYet(f"There is no code yet: {_line(error)}.") from None
    except KeyboardInterrupt:
        raise NotYet("Your function was still running when it was stopped: does it end?") from None
    except (Exception, SystemExit) as error:
        raise NotYet(_raised(error, answer, hint)) from None
    if keeps and not _equal(given, arguments):
        raise NotYet("Your function changes the arrays that it was given; make new ones.")
    return result


def _raised(error, answer, hint):
    """The sentence on an exception of the reader's function."""
    message = _line(error)
    shapes = "broadcast|mismatch|shapes|dimension|reshape|inhomogeneous|aligned"
    if isinstance(error, ValueError) and re.search(shapes, message):
        sizes = re.search(r"size (\d+) is different from (\d+)", message)
        if sizes:  # NumPy says it in terms of its gufuncs
            message = f"in a product {sizes[2]} numbers meet {sizes[1]}"
        text = f"NumPy could not combine the shapes ({message})"
    else:
        text = f"Your function raises {type(error).__name__} ({message})"
        hint = "counting starts at 0" if isinstance(error, IndexError) else ""
    file = getattr(getattr(answer, "__code__", None), "co_filename", None)
    own = [f.line for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    if own and own[-1]:
        text += f" at `{own[-1]}`"
    return f"{text}; {hint}." if hint else f"{text}."


def _line(error):
    """A message on one line, and not too long."""
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}..."


def _equal(one, other):
    """Whether two sets of arguments hold the same arrays."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return all(map(_equal, one, other))
    return not isinstance(one, np.ndarray) or np.array_equal(one, other, equal_nan=True)


class _Trial:
    """One case: the arguments, what is right, and what the reader's function gave."""

    def __init__(self, case, arguments, solution, returns, view, tolerance):
        self.case, self.arguments, self.returns = case, arguments, returns
        self.view, self.tolerance = view, tolerance
        self.right = solution(*arguments)
        self.found, self.problem = None, ""

    def take(self, result):
        """Keep what the reader's function returned; NotYet where it is not of the right form."""
        result = _read(result, self.right, self.returns)
        self.found = dict(self.parts(result))
        try:
            self.seen = dict(self.parts(result, self.view))
        except (TypeError, ValueError) as error:
            raise NotYet(f"What came back does not fit: {_line(error)}.") from None

    def parts(self, result, view=None):
        """(name, array) of all in a result, or of what it looks like in this view."""
        if view:
            result = {view.__name__: view(result)}
        elif isinstance(result, tuple):
            result = dict(zip(self.returns.split(", "), result, strict=True))
        elif not isinstance(result, dict):
            result = {"": result}
        return ((name, np.asarray(part, float)) for name, part in result.items())

    @property
    def is_right(self):
        return not self.problem and self.is_same(self.seen, self.right, self.view)

    @property
    def is_finite(self):
        """Whether the reader's function gave any number at all."""
        return any(np.isfinite(part).any() for part in self.found.values())

    def is_made_by(self, mistake, view):
        """Whether a wrong function gives what the reader's function gave."""
        try:
            result = mistake(*self.arguments)
            return self.is_same(self.seen if view else self.found, result, view)
        except Exception:  # it is no answer at all
            return False

    def is_same(self, found, result, view):
        """Whether a result consists of what was found."""
        names = []
        for name, part in self.parts(result, view):
            if name not in found or not same(found[name], part, self.tolerance):
                return False
            names.append(name)
        return len(names) == len(found)

    def difference(self):
        """What is wrong with the first array that is."""
        for name, right in self.parts(self.right, self.view):
            if not same(self.seen[name], right, self.tolerance):
                told = _difference(self.seen[name], right, self.tolerance)
                return f"{name}: {told}" if name else told
        return ""


def _difference(found, right, tolerance):
    if found.shape != right.shape:
        if found.size == right.size and same(found.reshape(right.shape), right, tolerance):
            return f"The numbers are right, the shape is not: {right.shape}, not {found.shape}."
        return f"Wrong shape: expected {right.shape}, got {found.shape}."
    if not np.isfinite(found).all():
        number = found[~np.isfinite(found)][0]
        causes = "0 / 0, or ln of a negative number" if np.isnan(number) else "a division by zero"
        return f"There is {number} in the answer: look for {causes}, or for a number too large."
    if same(found, right, 1e-4) and np.array_equal(found, np.float32(found)):
        return "The numbers are right in float32 only; compute in float64."
    worst = np.unravel_index(np.argmax(np.abs(found - right)), right.shape)
    at = f"at index {tuple(map(int, worst))} " if worst else ""
    digits = 6 if f"{found[worst]:.6g}" != f"{right[worst]:.6g}" else 17
    return (
        f"The shape {right.shape} is right, the numbers are not: {at}expected "
        f"{right[worst]:.{digits}g}, got {found[worst]:.{digits}g}."
    )


def _read(found, right, returns):
    """An answer as arrays of real numbers in the form of the right one; NotYet where it differs."""
    if found is None:
        raise NotYet("Your function gave back nothing (None): does it end with `return`?")
    if isinstance(right, dict):
        if not isinstance(found, Mapping) or found.keys() != right.keys():
            raise NotYet(f"Return a dict with the names {', '.join(right)}.")
        return {name: _numbers(found[name], f"{name}: ") for name in right}
    if isinstance(right, tuple):
        try:
            found = [] if isinstance(found, str | Mapping) else list(found)
        except TypeError:
            found = []
        if len(found) != len(right):
            raise NotYet(f"Return {len(right)} values: `return {returns}`.")
        return tuple(map(_numbers, found))
    return _numbers(found)


def _numbers(value, prefix=""):
    """An answer as a float64 array; NotYet, by name, for what does not hold real numbers."""
    kind, problem = type(value).__name__, ""
    if isinstance(value, np.ma.MaskedArray):
        raise NotYet(f"{prefix}A masked array came back; return a plain one.")
    try:
        array = np.asarray(value)
    except Exception as error:
        problem = _line(error)
    if "inhomogeneous" in problem:
        raise NotYet(f"{prefix}A ragged list came back: its rows differ in length.")
    if problem:
        raise NotYet(f"{prefix}NumPy cannot read the {kind} that came back: {problem}.")
    if array.dtype.kind not in "fiub":
        names = {"c": "complex numbers", "U": "text", "S": "text", "O": "Python objects"}
        what = names.get(array.dtype.kind, f"values of dtype {array.dtype}")
        raise NotYet(f"{prefix}Real numbers are asked for; what came back holds {what} ({kind}).")
    return array.astype(np.float64)


def _verdict(trials, solution, mistakes):
    """What to raise for a wrong answer: a mistake that gives the same numbers, or the
    difference."""
    usual, *_ = trials
    wrong = [trial for trial in trials if not trial.is_right]
    where = "" if wrong[0] is usual else f"Right for {usual.case}, but not for {wrong[0].case}: "
    if wrong[0].problem:
        return NotYet(where + wrong[0].problem)
    # A mistake has to explain the usual case and what is wrong. If the usual case is wrong, one
    # whose numbers overflow depends too much on how the mistake is written.
    trials = [usual] + [
        trial
        for trial in wrong
        if trial is not usual and not trial.problem and (usual.is_right or trial.is_finite)
    ]
    for sentence, mistake, view in _candidates(trials, solution, mistakes):
        if mistake is None or all(trial.is_made_by(mistake, view) for trial in trials):
            return Foreseen(sentence) if sentence in mistakes else Recognised(sentence)
    return NotYet(where + wrong[0].difference())


def _says_one_number(trials):
    """Whether an answer is one number throughout, which no case can have suggested."""
    found = [part.ravel() for trial in trials for part in (trial.found or {}).values()]
    numbers = np.unique(np.concatenate(found))
    return len(numbers) == 1 and (sum(map(len, found)) > 1 or numbers[0] in (0.0, 0.5, 1.0))


def _candidates(trials, solution, mistakes):
    """(sentence, wrong function or None, view): those written by hand, then those derived."""
    view = trials[0].view
    parameters = inspect.signature(solution).parameters
    source = parameters["equations"].default if "equations" in parameters else solution

    def whole(function):
        return function if source is solution else functools.partial(solution, equations=function)

    for sentence, slip in mistakes.items():
        with suppress(OSError):  # where the source is not at hand
            yield sentence, whole(with_slip(source, slip)) if isinstance(slip, str) else slip, view
    if returns := trials[0].returns:
        for order in itertools.permutations(range(len(trials[0].right))):
            sentence = f"The order is wrong: `return {returns}`."
            yield sentence, lambda *a, order=order: tuple(solution(*a)[k] for k in order), None
    wrong = [trial for trial in trials if not trial.is_right]
    arrays = [
        (trial.found[name], right) for trial in wrong for name, right in trial.parts(trial.right)
    ]
    # From nan alone nothing follows, and from one number for everything too much does: a slip that
    # happens to give it would only tell what stands in the solution.
    if any(trial.is_finite for trial in wrong) and not _says_one_number(trials):
        yield from ((sentence, whole(mistake), None) for sentence, mistake in singles(source))
        yield from ((sentence, None, None) for sentence in related(arrays, trials[0].tolerance))
        yield from ((sentence, whole(mistake), None) for sentence, mistake in pairs(source))
