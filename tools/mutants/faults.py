"""Faults chosen by hand: what goes wrong in such code without anybody noticing.

Each takes one piece of text, which stands exactly once in its file, and puts another in its place.
`kind` groups them on the page of the book.
"""

# ruff: noqa: E501  (the texts to look for stand in one piece)
from dataclasses import dataclass, field

from tools.mutants.mutants import statement

LSTM, GRU, COMPOSE = "lib/cells/lstm.py", "lib/cells/gru.py", "lib/cells/compose.py"
STEP, FAST = "lib/gradients/backward_step.py", "lib/gradients/fast.py"
TIME, ONLINE = "lib/gradients/through_time.py", "lib/gradients/real_time.py"
LOSSES, TRAINING = "lib/gradients/losses.py", "lib/training.py"
UNROLL, PATTERNS, TASKS = "lib/unrolling.py", "lib/patterns.py", "lib/data/tasks.py"
SPAN = "lib/book/experiments/memory_span.py"


@dataclass(frozen=True)
class Fault:
    """`new` in place of `old` in a module."""

    what: str
    kind: str
    module: str
    old: str = field(repr=False)
    new: str = field(repr=False)
    operator: str = "hand"
    occurrence: int = 0
    line: int = 0

    @property
    def name(self):
        return f"{self.module}: {self.what}"

    def source(self, text):
        return text.replace(self.old, self.new)

    def place(self, text):
        """The lines that it changes, and the function they are in."""
        first = text[: text.index(self.old)].count("\n") + 1
        last = first + self.old.rstrip("\n").count("\n")
        lines, _, function = statement(text, last)
        return range(min(first, lines.start), max(last + 1, lines.stop)), function


def _of(kind, *faults):
    return [Fault(what, kind, module, old, new) for what, module, old, new in faults]


FAULTS = [
    *_of(
        "equations of a cell",
        (
            "i and f exchanged in c(t)",
            LSTM,
            "h @ self.W_hg.T + self.b_g)\n        c = f * c + i * g",
            "h @ self.W_hg.T + self.b_g)\n        c = i * c + f * g",
        ),
        (
            "h and c exchanged where they come in",
            LSTM,
            '"""Eqs. (2) to (7): i, f, o, g, c, tanh_c, h."""\n        h, c = states',
            '"""Eqs. (2) to (7): i, f, o, g, c, tanh_c, h."""\n        c, h = states',
        ),
        (
            "the forget gate reads the input gate's W_x",
            LSTM,
            "f = sigmoid(x @ self.W_xf.T + h",
            "f = sigmoid(x @ self.W_xi.T + h",
        ),
        (
            "the output gate reads the forget gate's W_h",
            LSTM,
            "o = sigmoid(x @ self.W_xo.T + h @ self.W_ho.T",
            "o = sigmoid(x @ self.W_xo.T + h @ self.W_hf.T",
        ),
        (
            "the main layer of the LSTM is a gate",
            LSTM,
            "g = tanh(x @ self.W_xg.T",
            "g = sigmoid(x @ self.W_xg.T",
        ),
        (
            "the forget bias of a fresh cell is not set",
            LSTM,
            'cell.b_f += checks.number("forget_bias", forget_bias)',
            'checks.number("forget_bias", forget_bias)',
        ),
        (
            "the peephole of the forget gate reads h",
            LSTM,
            "f = sigmoid(net_f + self.p_f * c)",
            "f = sigmoid(net_f + self.p_f * h)",
        ),
        (
            "the peephole of the output gate reads c(t-1)",
            LSTM,
            "o = sigmoid(net_o + self.p_o * c)",
            "o = sigmoid(net_o + self.p_o * states[1])",
        ),
        (
            "z and 1 - z exchanged",
            GRU,
            "self.b_g)\n        h = z * h + (1 - z) * g",
            "self.b_g)\n        h = (1 - z) * h + z * g",
        ),
        (
            "reset after the product in the cell that has it before",
            GRU,
            "(r * h) @ self.W_hg.T",
            "r * (h @ self.W_hg.T)",
        ),
        (
            "reset before the product in the cell that has it after",
            GRU,
            "g_h = h @ self.W_hg.T + self.b_hg\n        g = tanh(x @ self.W_xg.T + self.b_xg + r * g_h)",
            "g_h = (r * h) @ self.W_hg.T + self.b_hg\n        g = tanh(x @ self.W_xg.T + self.b_xg + g_h)",
        ),
        (
            "the reset gate does not act on the second bias",
            GRU,
            "self.b_xg + r * g_h)",
            "self.b_xg + r * (g_h - self.b_hg) + self.b_hg)",
        ),
        (
            "the simple cell uses W_y untransposed",
            "lib/cells/simple.py",
            "y @ self.W_y.T",
            "y @ self.W_y",
        ),
        (
            "the sigmoid by way of tanh, which loses closed gates",
            "lib/cells/activations.py",
            "return 1 / (1 + np.exp(-x))",
            "return (1 + np.tanh(x / 2)) / 2",
        ),
        (
            "orthogonal weights keep the signs of the factorisation",
            "lib/cells/initialisers.py",
            "return Q * np.sign(np.diag(R))",
            "return Q",
        ),
        (
            "the readout of a network has the cell's random numbers",
            COMPOSE,
            'default_rng([checks.count("seed", seed, 0), 1])',
            'default_rng(checks.count("seed", seed, 0))',
        ),
    ),
    *_of(
        "time, masks and directions",
        (
            "a padded step overwrites the states",
            UNROLL,
            "np.where(real, new, old)",
            "np.where(real, new, new)",
        ),
        (
            "a padded step gives the output that it computes",
            UNROLL,
            "new_output = np.where(real, new_output, output)",
            "new_output = np.where(real, new_output, new_output)",
        ),
        (
            "the mask is turned round",
            UNROLL,
            "real = mask[..., t, np.newaxis]\n            new_output",
            "real = ~mask[..., t, np.newaxis]\n            new_output",
        ),
        ("the outputs of a reversed run stay reversed", UNROLL, "        outputs.reverse()\n", ""),
        (
            "the second direction reads forwards",
            UNROLL,
            "cell.backward, inputs, back, mask, not reverse",
            "cell.backward, inputs, back, mask, reverse",
        ),
        (
            "the mask is ignored by the second direction",
            UNROLL,
            "cell.backward, inputs, back, mask, not reverse",
            "cell.backward, inputs, back, None, not reverse",
        ),
        (
            "the initial states are dropped",
            UNROLL,
            'return inputs, checks.states(\n        "initial_states", initial_states, cell.state_sizes, batch_shape\n    )',
            "return inputs, cell.initial_states(batch_shape)",
        ),
        ("a stream begins each piece anew", UNROLL, "        self.states = last(states)\n", ""),
        (
            "the last state is the last but one",
            UNROLL,
            "[..., -1, :]\n        for k, state",
            "[..., -2, :]\n        for k, state",
        ),
        (
            "a vector is read before the sequence ends",
            PATTERNS,
            "0 if reverse else -1",
            "0 if reverse else -2",
        ),
        (
            "the backward half of a vector is read at the wrong end",
            PATTERNS,
            "0 if reverse else -1",
            "-1",
        ),
    ),
    *_of(
        "gradients",
        (
            "the gradient forgets what reaches c by way of h",
            STEP,
            "d_c = d_states[1] + d_h * v.o * (1 - v.tanh_c**2)\n",
            "d_c = d_states[1] * 1.0\n",
        ),
        (
            "the gradient of c does not pass the forget gate",
            STEP,
            "return d_x, (d_h_before, d_c * v.f), d_weights",
            "return d_x, (d_h_before, d_c), d_weights",
        ),
        (
            "the gradient forgets the peepholes to c(t-1)",
            STEP,
            'd_c_before = d_c * v.f + d_a["i"] * cell.p_i + d_a["f"] * cell.p_f',
            "d_c_before = d_c * v.f",
        ),
        (
            "the gradient of p_o is taken with c(t-1)",
            STEP,
            '_over_batch(d_a["o"] * v.c)',
            '_over_batch(d_a["o"] * c_before)',
        ),
        (
            "the gradient of the GRU forgets the road through the reset gate",
            STEP,
            "+ d_reset * v.r\n",
            "+ d_reset * 0\n",
        ),
        ("W_y is not transposed on the way back", STEP, "(d_a @ cell.W_y,)", "(d_a @ cell.W_y.T,)"),
        (
            "the gradient is that of the last step alone",
            TIME,
            "            gradient[name] += d\n",
            "            gradient[name] = d\n",
        ),
        (
            "every step takes the states after it",
            TIME,
            "s[..., t + before, :] for s in history",
            "s[..., t, :] for s in history",
        ),
        (
            "the weights of the steps are ignored",
            LOSSES,
            "derivative = difference * weights[..., np.newaxis]\n",
            "derivative = difference * 1.0\n",
        ),
        ("the mean square has half its derivative", LOSSES, "    derivative *= 2\n", ""),
        (
            "the mean is taken over all steps, not those that count",
            LOSSES,
            "counted = np.broadcast_to(weights, difference.shape[:-1]).sum()",
            "counted = float(np.prod(difference.shape[:-1]))",
        ),
        (
            "a truncated window is one step short",
            TIME,
            "now = slice(start, start + window)",
            "now = slice(start, start + window - 1)",
        ),
        (
            "a truncated window begins from zeros",
            TIME,
            "            initial_states=states,\n            mask=None if mask is None else mask[..., now],",
            "            initial_states=None,\n            mask=None if mask is None else mask[..., now],",
        ),
        (
            "RTRL forgets what earlier weights did",
            ONLINE,
            "P, states = J @ P + D, new_states",
            "P, states = D, new_states",
        ),
        (
            "RTRL forgets what the weights do now",
            ONLINE,
            "_flat(d_weights, network) + np.concatenate(d_before) @ P",
            "np.concatenate(d_before) @ P",
        ),
        (
            "the product of Jacobians is taken in the wrong order",
            "lib/gradients/jacobians.py",
            "product = product @ J",
            "product = J @ product",
        ),
        (
            "the norm of Jacobians is Frobenius' one",
            "lib/gradients/jacobians.py",
            "norms.append(float(np.linalg.norm(product, 2)))",
            "norms.append(float(np.linalg.norm(product)))",
        ),
        (
            "differences to one side, divided by both",
            "lib/gradients/differences.py",
            "weight[index] = kept - e",
            "weight[index] = kept",
        ),
    ),
    *_of(
        "the fast road",
        ("gates in the order i, o, f", FAST, 'for k in "ifog")', 'for k in "iofg")'),
        (
            "the bias is not learned",
            FAST,
            "            gradient[b] = d[:, -1]\n",
            "            gradient[b] = 0 * d[:, -1]\n",
        ),
        (
            "the forget gate's road of the gradient is missing",
            FAST,
            "            d_c *= F[t]\n",
            "            d_c *= 1\n",
        ),
        (
            "padding lets states through",
            FAST,
            "                np.copyto(s[t + 1], s[t], where=padding.steps[t])",
            "                pass",
        ),
        ("the second direction is not turned back", FAST, "[Y, Y_back[::-1]]", "[Y, Y_back]"),
        (
            "the slope of a gate is s",
            FAST,
            "    np.subtract(1, s, out=out)\n    out *= s\n",
            "    np.copyto(out, s)\n",
        ),
        (
            "arrays are lent twice",
            FAST,
            "array = free.pop() if free else None",
            "array = free[-1] if free else None",
        ),
    ),
    *_of(
        "training",
        ("never clipped", TRAINING, "            clip(gradient, norm)\n", "            pass\n"),
        (
            "clipped after the update",
            TRAINING,
            "            clip(gradient, norm)\n        adam.update(gradient)\n",
            "            pass\n        adam.update(gradient)\n        if norm is not None:\n            clip(gradient, norm)\n",
        ),
        (
            "each weight is clipped by itself",
            TRAINING,
            '            for share in shares:\n                np.multiply(d, np.float64(share), d, casting="same_kind")',
            "            np.clip(d, -norm, norm, out=d)",
        ),
        (
            "a norm without the square root",
            TRAINING,
            "relative = float(np.linalg.norm(d.astype(float) / largest))",
            "relative = float(np.linalg.norm(d.astype(float) / largest)) ** 2",
        ),
        (
            "short gradients are made longer",
            TRAINING,
            "    if length > norm:\n",
            "    if length != norm:\n",
        ),
        ("one batch for ever", TRAINING, "batches([seed, update])", "batches([seed, 1])"),
        ("one seed for all runs", TRAINING, "batches([seed, update])", "batches([0, update])"),
        (
            "Adam without the correction of its bias",
            TRAINING,
            "        rate = self.rate * math.sqrt(1 - self.beta_2**self.t)\n        rate /= 1 - self.beta_1**self.t\n",
            "        rate = self.rate\n",
        ),
        (
            "Adam divides by v, not by its root",
            TRAINING,
            "(np.sqrt(self.v) + self.epsilon)",
            "(self.v + self.epsilon)",
        ),
        (
            "Adam without momentum",
            TRAINING,
            "self.m += (1 - self.beta_1) * (d - self.m)",
            "self.m += d - self.m",
        ),
        (
            "training goes uphill",
            TRAINING,
            "            w -= step[start:end]",
            "            w += step[start:end]",
        ),
        (
            "it never goes back to the best weights",
            TRAINING,
            "    network.weights.update(best)\n",
            "",
        ),
        (
            "validation on the batch of training",
            TRAINING,
            'examples = _examples("validation", validation, dtype)',
            "pass",
        ),
        (
            "patience is never lost",
            TRAINING,
            "if patience is not None and waited >= patience:",
            "if patience is not None and waited > updates:",
        ),
    ),
    *_of(
        "tasks and the experiment on memory",
        ("the symbol to recall is the last one", TASKS, "values[:, :1]", "values[:, -1:]"),
        (
            "the flag of the first symbol stands everywhere",
            TASKS,
            "    flags[:, 0] = 1\n",
            "    flags[:] = 1\n",
        ),
        (
            "a recall gives what is stored later",
            TASKS,
            "np.maximum.accumulate(\n        np.where(store, np.arange(steps), 0), axis=1\n    )",
            "np.maximum.accumulate(\n        np.where(store, np.arange(steps), 0), axis=0\n    )",
        ),
        (
            "both numbers to add lie in one half",
            TASKS,
            "rng.integers(half, steps, sequences)",
            "rng.integers(0, half, sequences)",
        ),
        (
            "the copy is wanted one step early",
            TASKS,
            "    inputs[:, lag:, 1] = 1\n",
            "    inputs[:, lag - 1 : -1, 1] = 1\n",
        ),
        (
            "the longest interval never comes",
            TASKS,
            "rng.integers(shortest, longest + 1, sequences)",
            "rng.integers(shortest, longest, sequences)",
        ),
        (
            "answers are wanted one step early",
            TASKS,
            "    weights[-k:] = 1\n",
            "    weights[-k - 1 : -1] = 1\n",
        ),
        ("the sweep clips nothing", SPAN, "        norm=norm,\n", "        norm=None,\n"),
        (
            "the sweep has one seed for all starts",
            SPAN,
            "return Readout.from_seed(started(cell, start, seed), 1, seed)",
            "return Readout.from_seed(started(cell, start, seed), 1, 0)",
        ),
        (
            "an error without its baseline",
            SPAN,
            "float(run.validation[-1]) / BASELINES[task]",
            "float(run.validation[-1])",
        ),
        (
            "the sweep validates on a batch of training",
            SPAN,
            "[seed, 0], CHECKED",
            "[seed, 1], BATCH",
        ),
        (
            "the lag of a task is one too short",
            SPAN,
            "tasks.adding(n, lag + 1, seed)",
            "tasks.adding(n, lag, seed)",
        ),
    ),
    *_of(
        "weights, words and frameworks",
        (
            "Keras' LSTM packed as i, o, f, g",
            "lib/conventions/orders.py",
            '"Keras": {\n        SimpleCell: "",\n        LSTMCell: "ifgo",',
            '"Keras": {\n        SimpleCell: "",\n        LSTMCell: "iofg",',
        ),
        (
            "PyTorch's GRU packed as Keras'",
            "lib/conventions/orders.py",
            '"PyTorch": {\n        SimpleCell: "",\n        LSTMCell: "ifgo",\n        ResetAfterGRUCell: "rzg",',
            '"PyTorch": {\n        SimpleCell: "",\n        LSTMCell: "ifgo",\n        ResetAfterGRUCell: "zrg",',
        ),
        (
            "a kernel of Keras is not transposed",
            "lib/conventions/keras.py",
            "arrays = [W_x.T, W_h.T]",
            "arrays = [W_x.T, W_h]",
        ),
        (
            "PyTorch's second bias is the first again",
            "lib/conventions/torch.py",
            "[*biases, np.zeros_like(biases[0])][:2]",
            "[*biases, biases[0]][:2]",
        ),
        (
            "every known word has the number of the next",
            "lib/data/words.py",
            "for k, word in enumerate(self.words, start=UNKNOWN + 1)",
            "for k, word in enumerate(self.words, start=UNKNOWN)",
        ),
        (
            "padding stands before the words",
            "lib/data/words.py",
            "row[:length] = sequence",
            "row[steps - length :] = sequence",
        ),
    ),
]
