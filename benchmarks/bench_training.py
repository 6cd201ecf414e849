"""How long one update takes: our fused cells, Keras, and PyTorch where it is installed.

    python -m benchmarks.bench_training [--rounds 15]

An update is forward, backward and Adam, of a recurrent layer with one linear output at every step
and the mean squared error, in float32, everyone on one thread. Each library has a process of its
own, because TensorFlow and PyTorch do not get on in one. They take turns in short blocks, so that
whatever else the machine does falls on all alike; what counts is the median over the rounds. The
exit status is 1 where a cell misses the bar: no slower than Keras at the first two sizes, within
twice the faster of Keras and PyTorch at the third.

Keras' LSTM with peepholes is `lib.keras.peepholes.PeepholeLSTMCell` in its `RNN` layer. PyTorch has
neither that cell nor the GRU of eq. (10): its nearest layer stands in, marked *, and is shown
but not counted.
"""

import argparse
import importlib.util
import multiprocessing
import os
import statistics
import sys
import time

import numpy as np

from lib import GRUCell, LSTMCell, PeepholeLSTMCell, ResetAfterGRUCell, SimpleCell
from lib.training import Adam, Network

SIZES = [(1, 50, 4, 8), (32, 50, 4, 32), (32, 100, 16, 128)]
BLOCK = 0.1  # seconds that one contender works before the next one's turn

KINDS = {  # our cells, with PyTorch's layer that computes the same or comes nearest
    SimpleCell: "RNN",
    LSTMCell: "LSTM",
    PeepholeLSTMCell: "LSTM",
    GRUCell: "GRU",
    ResetAfterGRUCell: "GRU",
}
STAND_INS = {("PyTorch", PeepholeLSTMCell), ("PyTorch", GRUCell)}


def ours(kind, x, targets, units):
    network = Network.from_seed(kind, x.shape[-1], units, targets.shape[-1], seed=0)
    adam = Adam(network.weights)

    def update():
        difference = network(x) - targets
        adam.update(network.gradient(difference * np.float32(2 / difference.size)))
        return float(np.mean(difference**2))

    return update


def of_keras(kind, x, targets, units):
    from lib.keras import keras, peepholes

    keras.backend.clear_session()
    layers = {
        SimpleCell: keras.layers.SimpleRNN,
        LSTMCell: keras.layers.LSTM,
        PeepholeLSTMCell: lambda units, **options: keras.layers.RNN(
            peepholes.PeepholeLSTMCell(units), **options
        ),
        GRUCell: lambda units, **options: keras.layers.GRU(units, reset_after=False, **options),
        ResetAfterGRUCell: keras.layers.GRU,
    }
    model = keras.Sequential(
        [
            keras.Input(x.shape[1:]),
            layers[kind](units, return_sequences=True),
            keras.layers.Dense(targets.shape[-1]),
        ]
    )
    model.compile(optimizer="adam", loss="mean_squared_error")
    return lambda: float(model.train_on_batch(x, targets))


def of_torch(kind, x, targets, units):
    import torch

    torch.set_num_threads(1)
    layer = getattr(torch.nn, KINDS[kind])(x.shape[-1], units, batch_first=True)
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


LIBRARIES = {"lib": ours, "Keras": of_keras, "PyTorch": of_torch}


def worker(library, connection):
    """In the process of one library: for each (kind, size), one block whenever asked for it."""
    for kind, (batch, steps, inputs, units) in iter(connection.recv, None):
        rng = np.random.default_rng(0)
        x = rng.normal(size=(batch, steps, inputs)).astype(np.float32)
        targets = rng.normal(size=(batch, steps, 1)).astype(np.float32)
        update = LIBRARIES[library](kind, x, targets, units)
        losses = [update() for _ in range(3)]  # compiles, and warms up
        assert np.all(np.isfinite(losses)), f"{library}: the loss is {losses}"
        count = max(1, round(BLOCK / block(update, 2)))
        connection.send("ready")
        while connection.recv():
            connection.send(block(update, count))


def block(update, count):
    """Seconds an update takes, over `count` of them."""
    start = time.perf_counter()
    for _ in range(count):
        update()
    return (time.perf_counter() - start) / count


def measure(connections, kind, size, rounds):
    """The median seconds of every library, who take turns."""
    for connection in connections.values():
        connection.send((kind, size))
        connection.recv()
    times = {name: [] for name in connections}
    for _ in range(rounds):
        for name, connection in connections.items():
            connection.send(True)
            times[name].append(connection.recv())
    for connection in connections.values():
        connection.send(False)
    return {name: statistics.median(values) for name, values in times.items()}


def meets_the_bar(size, kind, seconds):
    if size == SIZES[2]:
        others = (name for name in seconds if name != "lib" and (name, kind) not in STAND_INS)
        return seconds["lib"] <= 2 * min(seconds[name] for name in others)
    return seconds["lib"] <= seconds["Keras"]


def row(size, kind, seconds):
    """A line of the table: the sizes, the cell, three times in milliseconds, two ratios."""
    marks = {name: "*" if (name, kind) in STAND_INS else "" for name in seconds}
    times = {name: f"{1e3 * seconds[name]:.3g}{marks[name]}" for name in seconds}
    ratios = {name: f"{seconds['lib'] / seconds[name]:.2f}{marks[name]}" for name in seconds}
    columns = [times.get(name, "") for name in ("lib", "Keras", "PyTorch")]
    columns += [ratios.get(name, "") for name in ("Keras", "PyTorch")]
    verdict = "met" if meets_the_bar(size, kind, seconds) else "missed"
    return "| " + " | ".join([str(size)[1:-1], kind.__name__, *columns, verdict]) + " |"


def main(rounds=15, sizes=SIZES, kinds=tuple(KINDS)):
    """Print the table; True where every cell meets the bar."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    names = list(LIBRARIES)
    if importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed: compared with Keras alone.")
        names.remove("PyTorch")
    context = multiprocessing.get_context("spawn")
    connections = {}
    for name in names:
        connections[name], theirs = context.Pipe()
        context.Process(target=worker, args=(name, theirs), daemon=True).start()
        theirs.close()  # so that a worker that fails ends the run instead of hanging it

    print("Milliseconds an update, and our share of theirs (below 1: we are faster).\n")
    print("| batch, steps, inputs, units | cell | lib | Keras | PyTorch | /Keras | /PyTorch | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    met = True
    for size in sizes:
        for kind in kinds:
            seconds = measure(connections, kind, size, rounds)
            met &= meets_the_bar(size, kind, seconds)
            print(row(size, kind, seconds), flush=True)
    print("\n* the nearest layer, where that library has no such cell; not counted")
    for connection in connections.values():
        connection.send(None)
    return met


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="turns of every contender")
    sys.exit(not main(parser.parse_args().rounds))
