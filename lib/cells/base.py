"""What all recurrent networks have in common: sizes, states, weights by
name."""

import copy
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Self, get_type_hints

import numpy as np
from numpy.typing import DTypeLike

from lib import checks
from lib.checks import Array, ArrayLike, States

# A cell declares each weight as one of these sorts, which name its axes.
InputWeight = Annotated[Array, ("units", "inputs")]
StateWeight = Annotated[Array, ("units", "units")]
UnitWeight = Annotated[Array, ("units",)]


class Cell:
    """One step of a recurrent network.

    A cell takes the input of this step and its own states after the step
    before, and gives this step's output and its new states:

        y(t), s(t) = cell(x(t), s(t-1))

    It knows nothing of time: `lib.unroll` carries the states from one step
    to the next.

    A kind of cell defines `step`. It declares its weights as attributes, in
    the order of its equations (`W_x: InputWeight`); their names and sizes
    follow from that.

    Explained in: d04-recurrent-layer
    """

    state_names: tuple[str, ...] = ("h",)
    input_size: int
    output_size: int
    state_sizes: tuple[int, ...]

    def __call__(
        self, inputs: ArrayLike, states: States
    ) -> tuple[Array, States]:
        """One checked step.

        inputs   (input_size,) or (batch, input_size)
        states   a tuple of arrays (size,) or (batch, size), one for each of
                 `state_sizes`
        returns  (output, new_states): output (output_size,) or
                 (batch, output_size), and a tuple of arrays of the same
                 shapes as `states`

        Raises TypeError or ValueError naming the argument, what it expected
        and what it got.
        """
        x = checks.array(
            "inputs",
            inputs,
            (self.input_size,),
            ("batch", self.input_size),
        )
        batch_shape = x.shape[:-1]
        return self.step(
            x,
            checks.states("states", states, self.state_sizes, batch_shape),
        )

    def step(self, x: Array, states: States) -> tuple[Array, States]:
        """The bare equations of one step, on arrays that were checked."""
        raise NotImplementedError(f"{type(self).__name__} defines no step")

    @property
    def causal(self) -> bool:
        """Whether y(t) needs x(0) ... x(t) alone, so that there is a
        step."""
        return True

    @classmethod
    @cache
    def _axes(cls) -> dict[str, tuple[str, ...]]:
        """The axes of every declared weight by its name."""
        hints = get_type_hints(cls, include_extras=True)
        return {
            name: hint.__metadata__[0]
            for name, hint in hints.items()
            if hint in (InputWeight, StateWeight, UnitWeight)
        }

    @classmethod
    def weight_shapes(
        cls, input_size: Any, units: Any
    ) -> dict[str, tuple[Any, ...]]:
        """The name and shape of every weight, in the order of the
        equations."""
        sizes = {"inputs": input_size, "units": units}
        return {
            name: tuple(sizes[axis] for axis in axes)
            for name, axes in cls._axes().items()
        }

    def _start(self, weights: Mapping[str, ArrayLike]) -> None:
        """Keep copies of the first weights, and read the sizes off them."""
        kind = type(self)
        _check_names(kind.__name__, weights, kind._axes())
        sizes: dict[str, int] = {}
        found = {}
        for name, axes in kind._axes().items():
            shape = tuple(sizes.get(axis, axis) for axis in axes)
            found[name] = checks.array(name, weights[name], shape)
            sizes.update(zip(axes, found[name].shape, strict=True))
        dtype = np.result_type(*found.values())
        for name, weight in found.items():
            setattr(self, name, np.array(weight, dtype))
        self.input_size, self.output_size = sizes["inputs"], sizes["units"]
        self.state_sizes = (sizes["units"],) * len(self.state_names)

    @property
    def weights(self) -> "Weights":
        """The weights by name, in the order of the equations.

        Assigning to an entry, or to `weights` as a whole, copies the new
        numbers into the network's own arrays.

        Explained in: weights-by-name
        """
        return Weights(self._arrays())

    @weights.setter
    def weights(self, new: Mapping[str, ArrayLike]) -> None:
        self.set_weights(new)

    def _arrays(self) -> dict[str, Array]:
        """What `weights` holds."""
        return {name: getattr(self, name) for name in self._axes()}

    def set_weights(self, weights: Mapping[str, ArrayLike]) -> None:
        """Copy new numbers into all weights.

        weights  an array for every name in `self.weights`, of its shape

        Raises TypeError where a name is missing or unknown, TypeError or
        ValueError where a weight has the wrong shape, is not finite or not
        real; then nothing has changed.
        """
        own = self.weights
        new = checks.mapping("weights", weights)
        _check_names(type(self).__name__, new, own)
        own.update(new)

    # Parts of a network, which are what they are from the start.
    _parts: tuple[str, ...] = ()

    def __setattr__(self, name, value):
        """A weight that is there already takes the numbers of `value`; a
        part cannot be exchanged."""
        old = self.__dict__.get(name)
        if name in self._parts and old is not None:
            raise TypeError(
                f"{name}: the parts of a {type(self).__name__} cannot be"
                " exchanged; make a new one"
            )
        if name == "f":
            checks.function("f", value)
        if isinstance(old, np.ndarray) and value is not old:
            Weights({name: old})[name] = value
        else:
            super().__setattr__(name, value)

    def replace(self, **weights: ArrayLike) -> Self:
        """A copy of this network with some weights exchanged; errors as in
        `set_weights`.

        Explained in: lstm-limits
        """
        new = copy.deepcopy(self)
        new.weights.update(weights)
        return new

    @property
    def parameter_count(self) -> int:
        """How many numbers the network learns."""
        return sum(weight.size for weight in self.weights.values())

    @property
    def dtype(self) -> np.dtype:
        """The floating-point type of the weights."""
        return np.result_type(*self.weights.values())

    def initial_states(self, batch_shape: tuple[int, ...] = ()) -> States:
        """States before the first step, all zero: (*batch_shape, size)."""
        return tuple(
            np.zeros((*batch_shape, size), self.dtype)
            for size in self.state_sizes
        )


def generic_weights(
    kind: type[Cell],
    input_size: int,
    units: int,
    seed: int,
    *,
    scale: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> dict[str, Array]:
    """Weights without any pattern, for checks: every number is drawn from a
    normal distribution with mean 0 and standard deviation `scale`.

    What holds for them can hardly hold by accident, as it may for zeros or
    for the identity.

    kind     a class of cells
    returns  {name: array} of all its weights

    Raises ValueError or TypeError naming the argument.

    Explained in: weights-by-name
    """
    if not (isinstance(kind, type) and issubclass(kind, Cell)):
        raise TypeError(
            "kind: expected a class of cells such as LSTMCell, got"
            f" {kind!r:.60}"
        )
    inputs = checks.count("input_size", input_size)
    units = checks.count("units", units)
    scale = checks.number("scale", scale, 0, open_low=True)
    dtype = checks.floating("dtype", dtype)
    rng = checks.generator("seed", seed)
    return {
        name: rng.normal(0, scale, shape).astype(dtype)
        for name, shape in kind.weight_shapes(inputs, units).items()
    }


def network(name: str, value: Any) -> Cell:
    """`value`, a network; TypeError naming the argument for anything
    else.

    Explained in: what-is-refused
    """
    if not isinstance(value, Cell):
        raise TypeError(
            f"{name}: expected a network such as a SimpleCell or a Readout,"
            f" got a {type(value).__name__}"
        )
    return value


class Weights(dict):
    """The weights of a network by name; assigning changes the network.

    `weights[name] = new` and `weights.update(...)` copy numbers into the
    arrays that the network computes with, so the network, the optimiser and
    whoever else holds them agree. The names are fixed.

    Raises TypeError for an unknown name and for deleting one, TypeError or
    ValueError for an array that does not fit; then nothing has changed.

    Explained in: weights-by-name
    """

    def __setitem__(self, name, value):
        self.update({name: value})

    def update(self, *others, **named):
        new = dict(*others, **named)
        unknown = [name for name in new if name not in self]
        if unknown:
            raise TypeError(
                f"weights: expected names among {', '.join(self)}; got"
                f" {', '.join(map(repr, unknown))}"
            )
        found = {
            name: checks.array(name, value, self[name].shape)
            for name, value in new.items()
        }
        for name, value in found.items():
            self[name][...] = value

    def __ior__(self, other):  # type: ignore[misc]
        self.update(other)
        return self

    def _fixed(self, *_, **__):
        raise TypeError("weights: the names are fixed; none can be removed")

    __delitem__ = pop = popitem = clear = _fixed

    def setdefault(self, name, default=None):
        """As `weights[name]`; TypeError for an unknown name."""
        if name not in self:
            self.update({name: default})
        return self[name]

    def __reduce__(self):
        return dict, (dict(self),)


def _check_names(kind, given, expected):
    wrong = [f"no {name}" for name in expected if name not in given]
    wrong += [
        f"an unknown {name}" for name in given if name not in expected
    ]
    if wrong:
        raise TypeError(
            f"{kind}: expected the weights {', '.join(expected)}; got"
            f" {', '.join(wrong)}"
        )
