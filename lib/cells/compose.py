"""Cells made of cells: an output apart from the state, and layers on top of
each other."""

from lib import checks
from lib.cells.activations import identity
from lib.cells.base import Cell


class Readout(Cell):
    r"""A cell whose output is not its state: a fully connected layer reads
    the inner output h(t).

        h(t), s(t) = cell(x(t), s(t-1))
        y(t) = f(W h(t) + b)

    Only s(t) goes on to the next step; y(t) leaves the network and is
    forgotten.

    cell  the inner cell
    W     (outputs, cell.output_size)
    b     (outputs,)
    f     elementwise activation, the identity unless another is given

    Raises TypeError or ValueError where a weight has the wrong shape, is
    not finite or not real.

    Source: Elman (1990).
    """

    def __init__(self, cell, W, b, f=identity):
        self.cell = cell
        self.W = checks.array("W", W, ("outputs", cell.output_size))
        self.b = checks.array("b", b, self.W.shape[:1])
        self.f = f
        self.input_size, self.output_size = cell.input_size, self.W.shape[0]
        self.state_sizes = cell.state_sizes

    def step(self, x, states):
        h, states = self.cell.step(x, states)
        return self.f(h @ self.W.T + self.b), states

    @property
    def weights(self):
        return {
            f"cell.{name}": w for name, w in self.cell.weights.items()
        } | {
            "W": self.W,
            "b": self.b,
        }


class Stack(Cell):
    """A deep recurrent network seen as one cell: each cell's output is the
    input of the next.

        y_0(t) = x(t)
        y_l(t), s_l(t) = cell_l(y_{l-1}(t), s_l(t-1))       l = 1 ... layers

    Its output is the top cell's; its states are those of all cells, the
    lowest first.

    Raises ValueError where there is no cell, or one does not fit on the one
    below.
    """

    def __init__(self, cells):
        self.cells = list(cells)
        if not self.cells:
            raise ValueError("cells: expected at least one cell, got none")
        for k, (below, cell) in enumerate(
            zip(self.cells, self.cells[1:], strict=False), start=1
        ):
            if cell.input_size != below.output_size:
                raise ValueError(
                    f"cells[{k}]: expected a cell of {below.output_size}"
                    f" inputs, as many as cells[{k - 1}] has outputs, got"
                    f" one of {cell.input_size}"
                )
        self.input_size, self.output_size = (
            self.cells[0].input_size,
            self.cells[-1].output_size,
        )
        self.state_sizes = sum(
            (cell.state_sizes for cell in self.cells), ()
        )

    def step(self, x, states):
        new_states = []
        for cell, own in zip(self.cells, self.split(states), strict=True):
            x, own = cell.step(x, own)
            new_states.extend(own)
        return x, tuple(new_states)

    def split(self, states):
        """The states of each cell, a list of tuples, from those of all
        cells in one tuple."""
        remaining = iter(states)
        return [
            tuple(next(remaining) for _ in cell.state_sizes)
            for cell in self.cells
        ]

    @property
    def weights(self):
        return {
            f"cells[{k}].{name}": weight
            for k, cell in enumerate(self.cells)
            for name, weight in cell.weights.items()
        }
