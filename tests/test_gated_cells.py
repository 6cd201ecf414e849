"""LSTM, peepholes and GRU: each against its equations written out, and in limits that are exact."""

import math

import numpy as np
import pytest

from lib import (
    GRUCell,
    LSTMCell,
    PeepholeLSTMCell,
    ResetAfterGRUCell,
    SimpleCell,
    trace,
    unroll,
)
from tests.helpers import close, random_cell, random_states, refused


def logistic(a):
    return 1 / (1 + math.exp(-a))


def by_hand(cell, x, states):
    """One step of one sequence from the published equations, unit by unit, with plain numbers."""
    w = {name: weight.tolist() for name, weight in cell.weights.items()}
    h, units = states[0].tolist(), range(cell.output_size)

    def of_input(layer, j):
        return sum(w[f"W_x{layer}"][j][k] * x[k] for k in range(len(x)))

    def of_state(layer, j, state):
        return sum(w[f"W_h{layer}"][j][k] * state[k] for k in units)

    def layer(name, j):
        return of_input(name, j) + of_state(name, j, h) + w[f"b_{name}"][j]

    if isinstance(cell, LSTMCell):
        c = states[1].tolist()
        p_i, p_f, p_o = (w.get(name, [0.0] * len(c)) for name in ("p_i", "p_f", "p_o"))
        i = [logistic(layer("i", j) + p_i[j] * c[j]) for j in units]
        f = [logistic(layer("f", j) + p_f[j] * c[j]) for j in units]
        g = [math.tanh(layer("g", j)) for j in units]
        c = [f[j] * c[j] + i[j] * g[j] for j in units]
        o = [logistic(layer("o", j) + p_o[j] * c[j]) for j in units]
        tanh_c = [math.tanh(c[j]) for j in units]
        h = [o[j] * tanh_c[j] for j in units]
        return {"i": i, "f": f, "o": o, "g": g, "c": c, "tanh_c": tanh_c, "h": h}
    if isinstance(cell, GRUCell):
        z = [logistic(layer("z", j)) for j in units]
        r = [logistic(layer("r", j)) for j in units]
        past = [r[j] * h[j] for j in units]
        g = [math.tanh(of_input("g", j) + of_state("g", j, past) + w["b_g"][j]) for j in units]
    else:
        first = {
            name: [of_input(name, j) + w[f"b_x{name}"][j] for j in units] for name in cell.layers
        }
        second = {
            name: [of_state(name, j, h) + w[f"b_h{name}"][j] for j in units] for name in cell.layers
        }
        z = [logistic(first["z"][j] + second["z"][j]) for j in units]
        r = [logistic(first["r"][j] + second["r"][j]) for j in units]
        g = [math.tanh(first["g"][j] + r[j] * second["g"][j]) for j in units]
    h = [z[j] * h[j] + (1 - z[j]) * g[j] for j in units]
    return {"z": z, "r": r, "g": g, "h": h}


def saturated(cell, **biases):
    """The cell with gates that no input moves: `gate=1` is always open, `gate=0` always shut.

    Both matrices of the gate are zero and its bias is 50 or -50, where the logistic function is 1
    and 0 to the last digit of float64.
    """
    weights = dict(cell.weights)
    for gate, value in biases.items():
        for name in (f"W_x{gate}", f"W_h{gate}", f"p_{gate}"):
            if name in weights:
                weights[name] = np.zeros_like(weights[name])
        for bias in type(cell).biases:
            weights[bias + gate] = np.full(cell.output_size, 50.0 if value else -50.0)
    return type(cell)(**weights)


# The equations


def test_every_inner_value_is_that_of_the_equations(gated, rng):
    cell = random_cell(gated, 2, 3)
    x, states = rng.normal(size=2), random_states(cell)
    values, expected = cell.gates(x, states), by_hand(cell, x.tolist(), states)
    assert values.keys() == expected.keys()
    for name, value in values.items():
        close(value, expected[name])


def test_the_step_hands_on_the_inner_values(gated, rng):
    cell = random_cell(gated, 2, 3)
    x, states = rng.normal(size=(4, 2)), random_states(cell, (4,))
    values, (output, new_states) = cell.gates(x, states), cell(x, states)
    np.testing.assert_array_equal(output, values["h"])
    assert cell.state_names == (("h", "c") if isinstance(cell, LSTMCell) else ("h",))
    for name, state in zip(cell.state_names, new_states, strict=True):
        np.testing.assert_array_equal(state, values[name])


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (LSTMCell, "W_xi W_hi b_i W_xf W_hf b_f W_xo W_ho b_o W_xg W_hg b_g"),
        (PeepholeLSTMCell, "W_xi W_hi b_i W_xf W_hf b_f W_xo W_ho b_o W_xg W_hg b_g p_i p_f p_o"),
        (GRUCell, "W_xz W_hz b_z W_xr W_hr b_r W_xg W_hg b_g"),
        (
            ResetAfterGRUCell,
            "W_xz W_hz b_xz b_hz W_xr W_hr b_xr b_hr W_xg W_hg b_xg b_hg",
        ),
    ],
)
def test_weights_have_the_names_and_order_of_the_equations(kind, names):
    assert list(random_cell(kind, 2, 3).weights) == names.split()


def test_how_many_numbers_each_cell_learns():
    inputs, units = 5, 7
    layer = units * (inputs + units + 1)
    counts = {
        LSTMCell: 4 * layer,
        PeepholeLSTMCell: 4 * layer + 3 * units,
        GRUCell: 3 * layer,
        ResetAfterGRUCell: 3 * layer + 3 * units,
    }
    for kind, count in counts.items():
        assert random_cell(kind, inputs, units).parameter_count == count


def test_missing_and_unknown_weights_are_named(gated):
    weights = dict(random_cell(gated, 2, 3).weights)
    last = list(weights)[-1]
    known = ", ".join(weights)
    weights["W_hq"] = weights.pop(last)
    message = f"{gated.__name__}: expected the weights {known}; got no {last}, an unknown W_hq"
    with refused(TypeError, message):
        gated(**weights)


# Limits that hold exactly


@pytest.mark.parametrize("kind", [LSTMCell, PeepholeLSTMCell])
def test_forget_one_and_input_zero_keep_c_for_ever(kind, rng):
    cell = saturated(random_cell(kind, 2, 3), f=1, i=0)
    before = random_states(cell, (4,))
    values = trace(cell, rng.normal(size=(4, 1000, 2)), before)
    assert (values["c"] == before[1][:, np.newaxis]).all()
    assert (values["h"][:, 1:] != values["h"][:, :-1]).all()


def test_c_is_all_that_was_stored_times_the_forget_gates_since(rng):
    values = trace(LSTMCell.generic(3, 4, seed=1), rng.normal(size=(20, 3)))
    stored = values["i"] * values["g"]
    left = [np.prod(values["f"][k + 1 :], axis=0) * stored[k] for k in range(20)]
    np.testing.assert_allclose(sum(left), values["c"][-1], rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", [LSTMCell, PeepholeLSTMCell])
def test_output_zero_hides_c_and_does_not_touch_it(kind, rng):
    cell = saturated(random_cell(kind, 2, 3), o=0)
    values = trace(cell, rng.normal(size=(4, 9, 2)), random_states(cell, (4,)))
    assert np.abs(values["h"]).max() < 1e-20
    assert np.abs(values["c"]).min() > 1e-6


def test_behind_a_closed_output_gate_c_moves_as_if_no_layer_read_h(rng):
    cell = saturated(LSTMCell.generic(2, 3, seed=1), o=0)
    none = {f"W_h{layer}": np.zeros((3, 3)) for layer in "ifog"}
    x = rng.normal(size=(50, 2))
    c, alone = (trace(some, x)["c"] for some in (cell, cell.replace(**none)))
    close(c, alone)
    other = trace(saturated(LSTMCell.generic(2, 3, seed=1), o=1), x)["c"]
    assert np.abs(other - c).max() > 0.1


def test_forget_zero_and_input_and_output_one_leave_a_simple_cell_with_a_second_tanh(rng):
    cell = saturated(LSTMCell.generic(2, 3, seed=1), f=0, i=1, o=1)
    twice = SimpleCell(cell.W_xg, cell.W_hg, cell.b_g, f=lambda a: np.tanh(np.tanh(a)))
    x = rng.normal(size=(50, 2))
    close(unroll(cell, x)[0], unroll(twice, x)[0])


@pytest.mark.parametrize("kind", [LSTMCell, PeepholeLSTMCell])
def test_forget_zero_and_input_one_replace_c_by_g(kind, rng):
    cell = saturated(random_cell(kind, 2, 3), f=0, i=1)
    values = trace(cell, rng.normal(size=(4, 9, 2)), random_states(cell, (4,)))
    close(values["c"], values["g"])


def test_without_forgetting_c_counts_up(rng):
    """f = i = 1: c(t) is c(-1) plus the sum of all g so far."""
    cell = saturated(random_cell(LSTMCell, 2, 3), f=1, i=1)
    before = random_states(cell)
    values = trace(cell, rng.normal(size=(50, 2)), before)
    close(values["c"], before[1] + np.cumsum(values["g"], axis=0))


def test_zero_peepholes_give_the_plain_lstm(rng):
    plain = random_cell(LSTMCell, 2, 3)
    inputs, before = rng.normal(size=(4, 9, 2)), random_states(plain, (4,))
    shut = PeepholeLSTMCell(**plain.weights, p_i=np.zeros(3), p_f=np.zeros(3), p_o=np.zeros(3))
    expected = trace(plain, inputs, before)
    for name, value in trace(shut, inputs, before).items():
        np.testing.assert_array_equal(value, expected[name])


@pytest.mark.parametrize(("peephole", "first_moved"), [("p_i", "i"), ("p_f", "f"), ("p_o", "o")])
def test_each_peephole_moves_its_own_gate_unit_by_unit(peephole, first_moved, rng):
    cell = random_cell(PeepholeLSTMCell, 2, 3)
    x, states = rng.normal(size=2), random_states(cell)
    moved = PeepholeLSTMCell(**{**cell.weights, peephole: cell.weights[peephole] + [0, 1, 0]})
    before, after = cell.gates(x, states), moved.gates(x, states)
    for gate in "ifog":
        changed = (before[gate] != after[gate]).tolist()
        own = gate == first_moved
        through_c = gate == "o" and peephole != "p_o"
        assert changed == [False, own or through_c, False]


def test_input_and_forget_gates_see_the_old_c_and_the_output_gate_the_new(rng):
    cell = random_cell(PeepholeLSTMCell, 2, 3)
    x, (h, c) = rng.normal(size=2), random_states(cell)
    w = cell.weights
    values = cell.gates(x, (h, c))
    for gate, seen in (("i", c), ("f", c), ("o", values["c"])):
        a = w[f"W_x{gate}"] @ x + w[f"W_h{gate}"] @ h + w[f"p_{gate}"] * seen + w[f"b_{gate}"]
        close(values[gate], 1 / (1 + np.exp(-a)))


@pytest.mark.parametrize("kind", [GRUCell, ResetAfterGRUCell])
def test_z_one_copies_the_state(kind, rng):
    cell = saturated(random_cell(kind, 2, 3), z=1)
    before = random_states(cell, (4,))
    outputs, _ = unroll(cell, rng.normal(size=(4, 1000, 2)), before)
    assert (outputs == before[0][:, np.newaxis]).all()


@pytest.mark.parametrize("kind", [GRUCell, ResetAfterGRUCell])
def test_z_zero_and_r_zero_forget_the_state(kind, rng):
    cell = saturated(random_cell(kind, 2, 3), z=0, r=0)
    x = rng.normal(size=(4, 2))
    one, other = (cell(x, random_states(cell, (4,), seed))[0] for seed in (1, 2))
    close(one, other)
    bias = cell.weights["b_g" if kind is GRUCell else "b_xg"]
    close(one, np.tanh(x @ cell.W_xg.T + bias))


def test_z_zero_and_r_one_are_a_recurrent_layer(rng):
    cell = saturated(random_cell(GRUCell, 2, 3), z=0, r=1)
    simple = SimpleCell(cell.W_xg, cell.W_hg, cell.b_g)
    inputs = rng.normal(size=(4, 9, 2))
    close(unroll(cell, inputs)[0], unroll(simple, inputs)[0])


def test_the_two_grus_agree_where_r_is_one_and_differ_elsewhere(rng):
    """The reset gate acts before or after the product: the same only where it does not act."""
    before = random_cell(GRUCell, 2, 3)
    inputs = rng.normal(size=(4, 9, 2))

    def reset_after(cell):
        one_bias = {f"b_x{layer}": cell.weights[f"b_{layer}"] for layer in cell.layers}
        no_bias = {f"b_h{layer}": np.zeros(3) for layer in cell.layers}
        matrices = {name: w for name, w in cell.weights.items() if name.startswith("W")}
        return ResetAfterGRUCell(**matrices, **one_bias, **no_bias)

    open_reset = saturated(before, r=1)
    close(unroll(reset_after(open_reset), inputs)[0], unroll(open_reset, inputs)[0])
    difference = np.abs(unroll(reset_after(before), inputs)[0] - unroll(before, inputs)[0])
    assert difference.max() > 1e-3


def test_the_forget_bias_of_a_fresh_lstm(dtype):
    for kind in (LSTMCell, PeepholeLSTMCell):
        assert (kind.from_seed(2, 3, 0, dtype=dtype).b_f == 1).all()
        cell = kind.from_seed(2, 3, 0, forget_bias=-0.5, dtype=dtype)
        assert (cell.b_f == -0.5).all()
        assert cell.b_f.dtype == dtype
        assert not any(cell.weights[f"b_{layer}"].any() for layer in "iog")


def test_a_fresh_peephole_cell_starts_as_the_plain_lstm_of_its_seed(rng):
    inputs = rng.normal(size=(4, 9, 2))
    plain, peephole = (kind.from_seed(2, 3, 7) for kind in (LSTMCell, PeepholeLSTMCell))
    np.testing.assert_array_equal(unroll(peephole, inputs)[0], unroll(plain, inputs)[0])
