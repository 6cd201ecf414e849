"""What the cells with gates have in common: weights by layer, inner values,
Keras and PyTorch."""

import numpy as np

from lib import checks
from lib.cells import initialisers
from lib.cells.base import Cell
from lib.conventions import layouts


class GatedCell(Cell):
    """A cell made of a few fully connected layers that all read x(t) and
    h(t-1).

    Each layer l has the weights

        W_xl  (units, inputs)  of the input
        W_hl  (units, units)   of the short-term state
        b_l   (units,)         bias

    A cell of its own kind names its `layers`, its `state_names` and, where
    a layer has more than one bias, its `biases`; and it writes its
    equations once, in `gates`.
    """

    layers: str
    state_names: tuple[str, ...]
    biases = ("b_",)

    def __init__(self, **weights):
        self.hold(weights)

    @classmethod
    def weight_shapes(cls, input_size, units):
        shapes = {}
        for layer in cls.layers:
            shapes[f"W_x{layer}"] = (units, input_size)
            shapes[f"W_h{layer}"] = (units, units)
            shapes |= {bias + layer: (units,) for bias in cls.biases}
        return shapes

    def gates(self, x, states):
        """Every inner value of one step by its name in the equations, a
        dict of arrays.

        The bare equations, on arrays that have been checked; `step` hands
        on what they give.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no gates")

    def step(self, x, states):
        values = self.gates(x, states)
        return values["h"], tuple(values[name] for name in self.state_names)

    @classmethod
    def from_seed(cls, input_size, units, seed, dtype=np.float64):
        """A fresh cell as Keras starts one: Glorot uniform W_x, orthogonal
        W_h, zeros elsewhere.

        As Keras does, it draws the W_x of all layers as one matrix (layers
        * units, inputs), and the W_h of all layers as one matrix (layers *
        units, units) with orthonormal columns.
        """
        inputs, units = (
            checks.count("input_size", input_size),
            checks.count("units", units),
        )
        rng, rows = np.random.default_rng(seed), len(cls.layers) * units
        shapes = cls.weight_shapes(inputs, units)
        weights = {name: np.zeros(shape) for name, shape in shapes.items()}
        weights |= layouts.unpack(
            initialisers.glorot_uniform(rng, rows, inputs),
            "W_x",
            cls.layers,
        )
        weights |= layouts.unpack(
            initialisers.orthogonal(rng, rows, units), "W_h", cls.layers
        )
        return cls(
            **{
                name: weight.astype(dtype)
                for name, weight in weights.items()
            }
        )

    @classmethod
    def from_keras(cls, weights):
        """The cell of a Keras layer, from its `layer.get_weights()`.

        Keras holds [kernel, recurrent_kernel, bias]: kernel (inputs, layers
        * units) and recurrent_kernel (units, layers * units) are the
        transposes of our W_x and W_h side by side, bias is (layers *
        units,), or (2, layers * units) where a layer has two biases.

        Raises TypeError where Keras has no such layer, ValueError where
        there are not three arrays or one has the wrong shape.
        """
        order = layouts.order("Keras", cls)
        if len(weights) != 3:
            raise ValueError(
                "weights: expected [kernel, recurrent_kernel, bias], got"
                f" {len(weights)} array(s)"
            )
        axes = ("units", f"{len(order)} * units")
        units = len(checks.array("recurrent_kernel", weights[1], axes))
        columns = len(order) * units
        recurrent_kernel = checks.array(
            "recurrent_kernel", weights[1], (units, columns)
        )
        kernel = checks.array("kernel", weights[0], ("inputs", columns))
        shape = (
            (columns,)
            if len(cls.biases) == 1
            else (len(cls.biases), columns)
        )
        bias = checks.array("bias", weights[2], shape).reshape(-1, columns)
        arrays = {
            "kernel": kernel.T,
            "recurrent_kernel": recurrent_kernel.T,
        }
        arrays |= {f"bias[{k}]": row for k, row in enumerate(bias)}
        return layouts.cell(cls, order, arrays)

    def to_keras(self):
        """[kernel, recurrent_kernel, bias], for a Keras layer's
        `set_weights`."""
        order = layouts.order("Keras", type(self))
        rows = [
            layouts.pack(self.weights, prefix, order)
            for prefix in self.biases
        ]
        return [
            layouts.pack(self.weights, "W_x", order).T,
            layouts.pack(self.weights, "W_h", order).T,
            rows[0] if len(rows) == 1 else np.stack(rows),
        ]

    @classmethod
    def from_torch(cls, state_dict, suffix="l0"):
        """The cell of one layer of a PyTorch network, from its
        `state_dict()`.

        PyTorch holds weight_ih_l0 (layers * units, inputs), weight_hh_l0
        (layers * units, units), bias_ih_l0 and bias_hh_l0 (layers *
        units,). The upper layers of a deep network have the suffix l1, l2
        ..., the backward layers of a bidirectional one l0_reverse,
        l1_reverse ...

        PyTorch has a bias with W_x and another with W_h everywhere. Where
        the equations only ever add the two, this cell holds their sum.

        state_dict  a mapping of names to arrays, or to tensors that NumPy
                    can read

        Raises TypeError where PyTorch has no such layer, ValueError where
        an array is missing or has the wrong shape.
        """
        order = layouts.order("PyTorch", cls)
        names = [
            f"{name}_{suffix}"
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        ]
        missing = [name for name in names if name not in state_dict]
        if missing:
            raise ValueError(
                f"state_dict: expected {', '.join(names)}, got no"
                f" {missing[0]}"
            )
        return layouts.cell(
            cls,
            order,
            {name: np.asarray(state_dict[name]) for name in names},
        )

    def to_torch(self, suffix="l0"):
        """The arrays of one PyTorch layer by their names in its
        `state_dict()`.

        Where this cell holds one bias a layer, it becomes bias_ih, and
        bias_hh is zero.
        """
        order = layouts.order("PyTorch", type(self))
        bias = [
            layouts.pack(self.weights, prefix, order)
            for prefix in self.biases
        ]
        if len(bias) == 1:
            bias.append(np.zeros_like(bias[0]))
        return {
            f"weight_ih_{suffix}": layouts.pack(self.weights, "W_x", order),
            f"weight_hh_{suffix}": layouts.pack(self.weights, "W_h", order),
            f"bias_ih_{suffix}": bias[0],
            f"bias_hh_{suffix}": bias[1],
        }
