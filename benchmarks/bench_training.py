"""How long one update takes: our fused cells, Keras, and PyTorch where it is installed.

    python -m benchmarks.bench_training [--rounds 15]

An update is forward, backward and Adam, of a recurrent layer with one linear output at every step
and the mean squared error, in float32, everyone on one thread. All contenders of a size take turns
in short blocks, so that whatever else the machine does falls on all alike; what counts is the
median over the rounds. The exit status is 1 where a cell misses the bar: no slower than Keras at
the first two sizes, within twice the faster of Keras and PyTorch at the third.

Where another library has no such layer, its nearest one stands in and is marked *: Keras and
PyTorch have no peepholes, and PyTorch has only the GRU that resets after the product.
"""

# ruff: noqa: E402  (the number of threads has to be set before NumPy is imported)
import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import argparse
import statistics
import sys
import time

import numpy as np

from lib import GRUCell, LSTMCell, PeepholeLSTMCell, ResetAfterGRUCell, SimpleCell
from lib.quiet import keras
from lib.training import Adam, Network

try:
    import torch
except ImportError:
    torch = None
else:
    torch.set_num_threads(1)

SIZES = [(1, 50, 4, 8), (32, 50, 4, 32), (32, 100, 16, 128)]
BLOCK = 0.1  # seconds that one contender works before the next one's turn

KERAS = {
    SimpleCell: (keras.layers.SimpleRNN, {}),
    LSTMCell: (keras.layers.LSTM, {}),
    PeepholeLSTMCell: (keras.layers.LSTM, {}),
    GRUCell: (keras.layers.GRU, {"reset_after": False}),
    ResetAfterGRUCell: (keras.layers.GRU, {}),
}
TORCH = {
    SimpleCell: "RNN",
    LSTMCell: "LSTM",
    PeepholeLSTMCell: "LSTM",
    GRUCell: "GRU",
    ResetAfterGRUCell: "GRU",
}
STAND_INS = {("Keras", PeepholeLSTMCell), ("PyTorch", PeepholeLSTMCell), ("PyTorch", GRUCell)}


def ours(kind, x, targets, units):
    network = Network.from_seed(kind, x.shape[-1], units, targets.shape[-1], seed=0)
    adam = Adam(network.weights)

    def update():
        difference = network(x) - targets
        adam.update(network.gradient(difference * np.float32(2 / difference.size)))
        return float(np.mean(difference**2))

    return update


def of_keras(kind, x, targets, units):
    layer, options = KERAS[kind]
    model = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            layer(units, return_sequences=True, **options),
            keras.layers.Dense(targets.shape[-1]),
        ]
    )
    model.compile(optimizer="adam", loss="mean_squared_error")
    return lambda: float(model.train_on_batch(x, targets))


def of_torch(kind, x, targets, units):
    layer = getattr(torch.nn, TORCH[kind])(x.shape[-1], units, batch_first=True)
    readout = torch.nn.Linear(units, targets.shape[-1])
    adam = torch.optim.Adam([*layer.parameters(), *readout.parameters()])
    x, targets = torch.from_numpy(x), torch.from_numpy(targets)

    def update():
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(readout(layer(x)[0]), targets)
        loss.backward()
        adam.step()
        return loss.item()

    return update


def block(update, count):
    """Seconds an update takes, over `count` of them."""
    start = time.perf_counter()
    for _ in range(count):
        update()
    return (time.perf_counter() - start) / count


def measure(updates, rounds):
    """The median seconds of every contender, who take turns."""
    counts = {}
    for name, update in updates.items():
        losses = [update() for _ in range(3)]  # compiles, and warms up
        assert np.all(np.isfinite(losses)), f"{name}: the loss is {losses}"
        counts[name] = max(1, round(BLOCK / block(update, 2)))
    times = {name: [] for name in updates}
    for _ in range(rounds):
        for name, update in updates.items():
            times[name].append(block(update, counts[name]))
    return {name: statistics.median(values) for name, values in times.items()}


def meets_the_bar(size, seconds):
    if size == SIZES[2]:
        return seconds["lib"] <= 2 * min(seconds[name] for name in seconds if name != "lib")
    return seconds["lib"] <= seconds["Keras"]


def row(size, kind, seconds):
    """A line of the table: the sizes, the cell, three times in milliseconds, two ratios."""
    marks = {name: "*" if (name, kind) in STAND_INS else "" for name in seconds}
    times = {name: f"{1e3 * seconds[name]:.3g}{marks[name]}" for name in seconds}
    ratios = {name: f"{seconds['lib'] / seconds[name]:.2f}{marks[name]}" for name in seconds}
    columns = [times.get(name, "") for name in ("lib", "Keras", "PyTorch")]
    columns += [ratios.get(name, "") for name in ("Keras", "PyTorch")]
    verdict = "met" if meets_the_bar(size, seconds) else "missed"
    return "| " + " | ".join([str(size)[1:-1], kind.__name__, *columns, verdict]) + " |"


def main(rounds=15, sizes=SIZES):
    """Print the table; True where every cell meets the bar."""
    makers = {"lib": ours, "Keras": of_keras} | ({"PyTorch": of_torch} if torch else {})
    if torch is None:
        print("PyTorch is not installed: compared with Keras alone.")
    print("Milliseconds an update, and our share of theirs (below 1: we are faster).\n")
    print("| batch, steps, inputs, units | cell | lib | Keras | PyTorch | /Keras | /PyTorch | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    met = True
    for size in sizes:
        batch, steps, inputs, units = size
        rng = np.random.default_rng(0)
        x = rng.normal(size=(batch, steps, inputs)).astype(np.float32)
        targets = rng.normal(size=(batch, steps, 1)).astype(np.float32)
        for kind in KERAS:
            updates = {name: make(kind, x, targets, units) for name, make in makers.items()}
            seconds = measure(updates, rounds)
            met &= meets_the_bar(size, seconds)
            print(row(size, kind, seconds), flush=True)
            keras.backend.clear_session()
    print("\n* the nearest layer, where that library has no such cell")
    return met


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="turns of every contender")
    sys.exit(not main(parser.parse_args().rounds))
