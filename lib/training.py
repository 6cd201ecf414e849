"""Training in NumPy: the loop, Adam and clipping, for every network with a
fast form."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from lib import checks
from lib.cells import Cell
from lib.cells.base import network as checked_network
from lib.checks import Array
from lib.gradients.fast import _fast_gradient, _fast_loss
from lib.gradients.losses import mean_squared_error
from lib.gradients.through_time import Loss


class Training(NamedTuple):
    """What `train` tells of a run.

    losses      one for each update, taken before it
    validation  the loss on the validation part, each time it was taken
    checked_at  after how many updates each of these was taken
    updates     how many updates there were

    Explained in: training-loop
    """

    losses: Array
    validation: Array
    checked_at: Array
    updates: int


def train(
    network: Cell,
    batches: Callable[[list[int]], Any],
    updates: int,
    *,
    rate: float = 1e-3,
    norm: float | None = None,
    loss: Loss = mean_squared_error,
    seed: int = 0,
    validation: Any = None,
    every: int = 100,
    patience: int | None = None,
    stop_below: float | None = None,
    progress: bool = False,
) -> Training:
    """Train a network with Adam; its weights change in place.

    batches     called with [seed, update], update = 1, 2 ...: the examples
                of that update, (inputs, targets) or
                (inputs, targets, weights), or a dict of arguments of
                `fast_bptt`. Inputs are taken in the network's own type
    updates     how many at most
    rate        of Adam
    norm        where the gradient is clipped; None for never
    loss        as in `bptt`
    validation  examples like those of a batch, to train on never. Their
                loss is taken every `every` updates and after the last
    patience    stop once so many validation losses in a row were no lower
                than the lowest, and go back to the weights that gave it;
                None for never
    stop_below  stop once the validation loss is below this; None for never
    progress    whether to show how far it is

    Raises TypeError or ValueError naming the argument.

    Explained in: training-loop
    """
    _check_numbers(updates, norm, seed, every, patience, stop_below)
    checks.function("batches", batches)
    if validation is None and not (patience is None and stop_below is None):
        raise ValueError(
            "validation: expected examples, whose loss patience and"
            " stop_below watch, got None"
        )
    adam = Adam(checked_network("network", network).weights, rate)
    dtype, losses, checked, best = network.dtype, [], {}, {}
    for update in _counted(updates, progress):
        examples = _examples("batches", batches([seed, update]), dtype)
        # What fast_bptt gives, less what no update needs.
        value, gradient = _fast_gradient(network, **examples, loss=loss)
        losses.append(value)
        if norm is not None:
            clip(gradient, norm)
        adam.update(gradient)

        if validation is None or (update % every and update < updates):
            continue
        examples = _examples("validation", validation, dtype)
        checked[update] = _fast_loss(network, **examples, loss=loss)
        found = list(checked.values())
        waited = len(found) - 1 - np.argmin(found)
        if patience is not None and waited == 0:
            best = {name: w.copy() for name, w in network.weights.items()}
        if stop_below is not None and found[-1] < stop_below:
            break
        if patience is not None and waited >= patience:
            break
    network.weights.update(best)
    found, checked_at = np.array([*checked.values()]), np.array([*checked])
    return Training(np.array(losses), found, checked_at, update)


def _check_numbers(updates, norm, seed, every, patience, stop_below):
    checks.count("updates", updates)
    checks.count("seed", seed, 0)
    checks.count("every", every)
    if norm is not None:
        checks.number("norm", norm, 0, open_low=True)
    if patience is not None:
        checks.count("patience", patience)
    if stop_below is not None:
        checks.number("stop_below", stop_below)


def _examples(name, given, dtype):
    """The arguments of `fast_bptt` from (inputs, targets[, weights]) or a
    dict, with inputs and initial states in the network's type."""
    if isinstance(given, tuple | list) and len(given) in (2, 3):
        names = ("inputs", "targets", "weights")
        examples = dict(zip(names, given, strict=False))
    elif isinstance(given, Mapping) and "inputs" in given:
        examples = dict(given)
    else:
        raise TypeError(
            f"{name}: expected (inputs, targets), (inputs, targets,"
            " weights) or a dict with inputs, got a"
            f" {type(given).__name__}"
        )
    inputs = checks.numeric("inputs", examples["inputs"])
    examples["inputs"] = inputs.astype(dtype, copy=False)
    if isinstance(examples.get("initial_states"), tuple | list):
        examples["initial_states"] = tuple(
            checks.numeric("initial_states", state).astype(dtype)
            for state in examples["initial_states"]
        )
    return examples


def _counted(updates, progress):
    """1 ... updates, shown as they pass if wanted: by tqdm where it is
    installed, else in ten lines."""
    if not checks.flag("progress", progress):
        return range(1, updates + 1)
    try:
        from tqdm import tqdm
    except ImportError:
        return _printed(updates)
    return tqdm(range(1, updates + 1), unit=" updates")


def _printed(updates):
    for update in range(1, updates + 1):
        yield update
        if update % math.ceil(updates / 10) == 0:
            print(f"{update} of {updates} updates")


def clip(gradient: Mapping[str, Array], norm: float) -> float:
    r"""Shrink a gradient as a whole, in place, to at most this Euclidean
    norm, and return the norm that it had.

        d <- d * min(1, norm / |d|)

    where d is all its numbers in one column.

    gradient  {name: array}, as `bptt` and `fast_bptt` give it
    norm      above 0

    Raises TypeError or ValueError naming the argument: for a norm that is
    not positive, or an array that is not finite; then nothing has changed.

    Source: Pascanu, Mikolov and Bengio (2013).

    Explained in: remedies
    """
    norm = checks.number("norm", norm, 0, open_low=True)
    gradient = _arrays("gradient", gradient)
    d = np.concatenate([d.ravel() for d in gradient.values()])
    largest = float(np.abs(d).max())
    if not math.isfinite(largest):
        _name_the_first_not_finite(gradient)
    if largest == 0:
        return 0.0
    # Relative to the largest number, no square is too large for its type.
    relative = float(np.linalg.norm(d.astype(float) / largest))
    length = largest * relative
    if length > norm:
        shares = [norm / largest / relative]
        if shares[0] < np.finfo(np.float64).tiny:  # it has lost digits
            shares = [1 / largest, norm / relative]
        for d in gradient.values():
            for share in shares:
                np.multiply(d, np.float64(share), d, casting="same_kind")
    return length


class Adam:
    r"""Adam, on a dict of weights that it changes in place.

        m <- beta_1 m + (1 - beta_1) d
        v <- beta_2 v + (1 - beta_2) d^2
        w <- w - rate * sqrt(1 - beta_2^t) / (1 - beta_1^t)
                      * m / (sqrt(v) + epsilon)

    for every number w of the weights and its derivative d, at update
    t = 1, 2 ...; m and v start at 0.

    weights         {name: array}, as `network.weights`
    rate            above 0
    beta_1, beta_2  at least 0 and below 1
    epsilon         above 0

    Raises TypeError or ValueError naming the argument.

    Source: Kingma and Ba (2015), in the form at the end of their section 2,
    as Keras computes it.

    Explained in: adam
    """

    def __init__(
        self,
        weights: Mapping[str, Array],
        rate: float = 1e-3,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
    ):
        self.weights = _arrays("weights", weights)
        self.rate = checks.number("rate", rate, 0, open_low=True)
        self.beta_1 = checks.number("beta_1", beta_1, 0, 1, open_high=True)
        self.beta_2 = checks.number("beta_2", beta_2, 0, 1, open_high=True)
        self.epsilon = checks.number("epsilon", epsilon, 0, open_low=True)
        # All numbers in one column, in the order of the weights.
        w = np.concatenate([w.ravel() for w in self.weights.values()])
        self.m, self.v, self.t = np.zeros_like(w), np.zeros_like(w), 0

    def update(self, gradient: Mapping[str, Array]) -> None:
        """One update of all weights.

        gradient  {name: array}, with the names and shapes of the weights

        Raises TypeError or ValueError naming the gradient where a name is
        missing or unknown, an array has another shape, is not finite, or so
        large that its square is not; then nothing has changed.
        """
        d = self._column(gradient)
        self.t += 1
        self.m += (1 - self.beta_1) * (d - self.m)
        self.v += (1 - self.beta_2) * (d * d - self.v)
        rate = self.rate * math.sqrt(1 - self.beta_2**self.t)
        rate /= 1 - self.beta_1**self.t
        step = rate * self.m / (np.sqrt(self.v) + self.epsilon)
        end = 0
        for w in self.weights.values():
            start, end = end, end + w.size
            w -= step[start:end].reshape(w.shape)

    def _column(self, gradient):
        """The numbers of the gradient in one column, checked."""
        gradient = _arrays("gradient", gradient)
        wrong = [
            f"no {name}" for name in self.weights if name not in gradient
        ]
        wrong += [
            f"an unknown {name}"
            for name in gradient
            if name not in self.weights
        ]
        if wrong:
            raise TypeError(
                f"gradient: expected the names {', '.join(self.weights)};"
                f" got {', '.join(wrong)}"
            )
        for name, w in self.weights.items():
            if gradient[name].shape != w.shape:
                raise ValueError(
                    f"gradient[{name!r}]: expected shape {w.shape}, got"
                    f" {gradient[name].shape}"
                )
        d = np.concatenate(
            [gradient[name].ravel() for name in self.weights]
        )
        largest = np.abs(d).max()
        with np.errstate(over="ignore"):
            d = d.astype(self.m.dtype, copy=False)
            fits = math.isfinite(float(np.max(d * d)))
        if not fits:
            _name_the_first_not_finite(gradient)
            raise ValueError(
                "gradient: expected numbers whose squares fit"
                f" {d.dtype}, got {largest:g}; clip it first"
            )
        return d


def _arrays(name, value):
    """`value`, a dict of floating-point arrays that may be changed."""
    arrays = checks.mapping(name, value)
    for key, array in arrays.items():
        if type(array) is np.ndarray and not array.flags.writeable:
            raise ValueError(
                f"{name}[{key!r}]: expected an array that may be changed,"
                " got a read-only one"
            )
        if type(array) is not np.ndarray or array.dtype.kind != "f":
            raise TypeError(
                f"{name}[{key!r}]: expected a floating-point array, got"
                f" {type(array).__name__}"
            )
    if not arrays:
        raise ValueError(f"{name}: expected at least one array, got none")
    return arrays


def _name_the_first_not_finite(gradient):
    for name, d in gradient.items():
        checks.numeric(f"gradient[{name!r}]", d)
