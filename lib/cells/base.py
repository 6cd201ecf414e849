"""What all recurrent cells have in common."""

import numpy as np

from lib import checks


class Cell:
    """One step of a recurrent network.

    A cell takes the input of this step and its own states after the step
    before, and gives this step's output and its new states:

        y(t), s(t) = cell(x(t), s(t-1))

    It knows nothing of time: `lib.unroll` carries the states from one step
    to the next.

    A cell of its own kind defines `step`, `input_size`, `output_size` and
    `state_sizes`. One that holds weights itself defines `weight_shapes`,
    and `hold` reads the sizes off the weights.
    """

    state_names = ("h",)
    input_size: int
    output_size: int
    state_sizes: tuple[int, ...]

    def __call__(self, inputs, states):
        """One checked step.

        inputs   (input_size,) or (batch, input_size)
        states   a tuple of arrays (size,) or (batch, size), one for each of
                 `state_sizes`
        returns  (output, new_states): output (output_size,) or (batch,
                 output_size), and a tuple of arrays of the same shapes as
                 `states`

        Raises TypeError or ValueError naming the argument, what it expected
        and what it got.
        """
        x = checks.array(
            "inputs", inputs, (self.input_size,), ("batch", self.input_size)
        )
        return self.step(
            x,
            checks.states("states", states, self.state_sizes, x.shape[:-1]),
        )

    def step(self, x, states):
        """The bare equations of one step, on arrays that have been
        checked."""
        raise NotImplementedError(f"{type(self).__name__} defines no step")

    @staticmethod
    def weight_shapes(input_size, units):
        """The name and shape of every weight, in the order in which the
        constructor takes them."""
        return {}

    def hold(self, weights):
        """Check the weights against `weight_shapes`, keep them, and read
        the sizes off them.

        Raises TypeError where a name is missing or unknown, TypeError or
        ValueError where a weight has the wrong shape, is not finite or not
        real.
        """
        shapes = self.weight_shapes("inputs", "units")
        wrong = [f"no {name}" for name in shapes if name not in weights]
        wrong += [
            f"an unknown {name}" for name in weights if name not in shapes
        ]
        if wrong:
            raise TypeError(
                f"{type(self).__name__}: expected the weights"
                f" {', '.join(shapes)}; got {', '.join(wrong)}"
            )
        sizes = {}
        for name, axes in shapes.items():
            shape = tuple(sizes.get(axis, axis) for axis in axes)
            weight = checks.array(name, weights[name], shape)
            sizes.update(zip(axes, weight.shape, strict=True))
            setattr(self, name, weight)
        self.input_size, self.output_size = sizes["inputs"], sizes["units"]
        self.state_sizes = (sizes["units"],) * len(self.state_names)

    @property
    def weights(self):
        """The weights by name, in the order of `weight_shapes`."""
        return {
            name: getattr(self, name) for name in self.weight_shapes(0, 0)
        }

    @property
    def parameter_count(self):
        """How many numbers the cell learns."""
        return sum(weight.size for weight in self.weights.values())

    @property
    def dtype(self):
        """The floating-point type of the weights."""
        return np.result_type(*self.weights.values())

    def initial_states(self, batch_shape=()):
        """States before the first step, all zero: arrays (*batch_shape,
        size)."""
        return tuple(
            np.zeros((*batch_shape, size), self.dtype)
            for size in self.state_sizes
        )
