"""Checkers of the exercises of chapter 4, the gated recurrent unit."""

import numpy as np

from lib import GRUCell, unroll
from lib.book.exercises.feedback import NotYet, judge
from lib.cells.activations import sigmoid

GATE, OTHERS = ("W_xz", "W_hz", "b_z"), ("W_xr", "W_hr", "b_r", "W_xg", "W_hg", "b_g")


def check_gru_step(answer):
    """One step of a GRU for a batch: answer(x, h_before, w) -> (batch, units).

    There are as many inputs as units here, so that a transposed matrix gives numbers to recognise
    rather than an error of NumPy's.
    """
    rng = np.random.default_rng(1)
    x, h, w = rng.normal(size=(3, 4)), rng.uniform(-1, 1, size=(3, 4)), random_weights(rng, 4, 4)

    def net(layer, state):
        return x @ w[f"W_x{layer}"].T + state @ w[f"W_h{layer}"].T + w[f"b_{layer}"]

    def blend(z, g):
        return z * h + (1 - z) * g

    z, r = sigmoid(net("z", h)), sigmoid(net("r", h))
    g = np.tanh(net("g", r * h))
    product = h @ w["W_hg"].T
    no_bias = GRUCell(**{**w, "b_z": np.zeros(4), "b_r": np.zeros(4), "b_g": np.zeros(4)})
    transposed = GRUCell(**{name: weight.T for name, weight in w.items()})
    judge(
        _run(answer, x, h, dict(w)),
        blend(z, g),
        {
            "z is swapped: it keeps the old state, so z * h_before + (1 - z) * g.": blend(1 - z, g),
            "The wrong gate blends: r stands where z belongs in the last line.": blend(r, g),
            "The gates are exchanged: r resets what the main layer sees, z blends.": blend(
                r, np.tanh(net("g", z * h))
            ),
            "The main layer gets z * h_before; it is r that resets.": blend(
                z, np.tanh(net("g", z * h))
            ),
            "r acts after the product with W_hg. That is the other GRU, Keras' default; "
            "here the product is (r * h_before) @ W_hg.T.": blend(
                z, np.tanh(x @ w["W_xg"].T + r * product + w["b_g"])
            ),
            "The main layer gets r itself; it has to get r * h_before.": blend(
                z, np.tanh(net("g", r))
            ),
            "r plays no part: the main layer sees r * h_before, not h_before.": blend(
                z, np.tanh(net("g", h))
            ),
            "The biases b_z, b_r and b_g are missing.": no_bias.step(x, (h,))[0],
            "The bias b_g of the main layer is missing.": blend(
                z, np.tanh(net("g", r * h) - w["b_g"])
            ),
            "The matrices are transposed: rows meet rows, so x @ W_xz.T.": transposed.step(x, (h,))[
                0
            ],
            "The main layer has tanh, not sigmoid.": blend(z, sigmoid(net("g", r * h))),
            "This is g, the proposal; blend it with h_before.": g,
        },
    )


def check_swapped_to_ours(answer):
    """Weights of one convention from those of the other: answer(w) -> dict of the same names."""
    rng = np.random.default_rng(2)
    w, x = random_weights(rng, 3, 4), rng.normal(size=(8, 3))
    found = answer(dict(w))
    if not isinstance(found, dict) or found.keys() != w.keys():
        raise NotYet(f"Return a dict with the names {', '.join(w)}.")

    def output(weights):
        y, _ = unroll(GRUCell(**weights), x)
        return y

    def negated(*names):
        return output({name: -weight if name in names else weight for name, weight in w.items()})

    exchanged = {**w, "W_xz": w["W_xr"], "W_hz": w["W_hr"], "b_z": w["b_r"]}
    exchanged |= {"W_xr": w["W_xz"], "W_hr": w["W_hz"], "b_r": w["b_z"]}
    judge(
        output(found),
        negated(*GATE),
        {
            "These are the weights as they came; something has to turn z into 1 - z.": output(w),
            "The bias b_z is missing: its sign has to change too.": negated("W_xz", "W_hz"),
            "Only the bias changed its sign; the net input has two more terms.": negated("b_z"),
            "W_hz is missing: its sign has to change too.": negated("W_xz", "b_z"),
            "W_xz is missing: its sign has to change too.": negated("W_hz", "b_z"),
            "The wrong gate: these are the weights of r. The conventions differ in z.": negated(
                *OTHERS[:3]
            ),
            "All nine changed their sign; r and g are the same in both conventions.": negated(
                *GATE, *OTHERS
            ),
            "The gates are exchanged; both stay, and the sign of one changes.": output(exchanged),
            "1 - W is not what turns z into 1 - z: 1 - sigma(a) = sigma(-a).": output(
                {**w, **{name: 1 - w[name] for name in GATE}}
            ),
        },
    )


def check_keep_bias(answer):
    """The bias of a gate that keeps half of its state for some steps: answer(steps) -> a number."""
    steps = np.array([1, 5, 40])
    z = 0.5 ** (1 / steps)

    def logit(share):
        return np.log(share) - np.log1p(-share)

    with np.errstate(divide="ignore"):
        mistakes = {
            "This is z. Which bias does a gate need to stand there?": z,
            "The sign is wrong: a gate that keeps needs a positive net input.": -logit(z),
            "This z is left after one step of half the length; solve z ** steps = 1/2.": logit(
                0.5 ** (2 / steps)
            ),
            "This keeps 1/e instead of one half.": logit(np.exp(-1 / steps)),
            "Forgetting is no straight line: solve z ** steps = 1/2.": (logit(1 - 0.5 / steps)),
            "The inverse of sigma is ln(z / (1 - z)); ln z alone is that of exp.": np.log(z),
        }
    found = [answer(int(k)) for k in steps]
    judge(None if any(bias is None for bias in found) else found, logit(z), mistakes)


def random_weights(rng, inputs, units):
    """Nine generic weights of a GRU by name."""
    return {
        name: rng.normal(size=shape) for name, shape in GRUCell.weight_shapes(inputs, units).items()
    }


def _run(answer, *arguments):
    """What `answer` returns; NotYet in plain words where NumPy cannot combine its shapes."""
    try:
        return answer(*arguments)
    except ValueError as error:
        raise NotYet(
            f"NumPy could not combine the shapes ({error}). Vectors are rows here: "
            "a row x meets the rows of W_xz in x @ W_xz.T."
        ) from None
