"""How long one update takes: the fast road of `lib`, Keras, and PyTorch where it is installed.

    python -m benchmarks.bench_training [--rounds 15] [--torch PYTHON]

An update is forward, backward and Adam, of a recurrent layer with one linear output at every step
and the mean squared error, in float32, everyone on one thread; ours is one of `lib.training.train`,
with its checks. Each library has a process of its own, because TensorFlow and PyTorch do not get on
in one; PyTorch may even live in another Python, with NumPy, that --torch names. They take turns in
short blocks, so that whatever else the machine does falls on all alike; what counts is the
processor time, and its median over the rounds. The exit status is 1 where a cell misses the bar: no
slower than Keras at the first two sizes, within twice the faster of Keras and PyTorch at the third.

Keras' LSTM with peepholes is `lib.keras.peepholes.PeepholeLSTMCell` in its `RNN` layer. PyTorch has
neither that cell nor the GRU of eq. (10): its nearest layer stands in, marked *, and is shown
but not counted.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from lib import GRUCell, LSTMCell, PeepholeLSTMCell, Readout, ResetAfterGRUCell, SimpleCell
from lib.training import train

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
    cell = kind.from_seed(x.shape[-1], units, 0, dtype=np.float32)
    network = Readout.from_seed(cell, targets.shape[-1], 0)
    return lambda count: train(network, lambda _: (x, targets), count).losses[-1]


def repeated(update):
    """A function that does an update so many times and gives the last loss."""

    def updates(count):
        for _ in range(count):
            loss = update()
        return loss

    return updates


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
    return repeated(lambda: float(model.train_on_batch(x, targets)))


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

    return repeated(update)


LIBRARIES = {"lib": ours, "Keras": of_keras, "PyTorch": of_torch}


def worker(library):
    """In the process of one library: for each kind and size, one block whenever asked for it.

    It reads what to do from its standard input, a line of JSON at a time, and answers likewise.
    """
    answers, sys.stdout = sys.stdout, sys.stderr
    kinds = {kind.__name__: kind for kind in KINDS}
    for line in sys.stdin:
        kind, (batch, steps, inputs, units) = json.loads(line)
        rng = np.random.default_rng(0)
        x = rng.normal(size=(batch, steps, inputs)).astype(np.float32)
        targets = rng.normal(size=(batch, steps, 1)).astype(np.float32)
        updates = LIBRARIES[library](kinds[kind], x, targets, units)
        loss = updates(3)  # compiles, and warms up
        assert np.isfinite(loss), f"{library}: the loss is {loss}"
        count = max(1, round(BLOCK / block(updates, 2)))
        print("ready", file=answers, flush=True)
        while json.loads(sys.stdin.readline()):
            print(block(updates, count), file=answers, flush=True)


def block(updates, count):
    """Seconds an update takes, over `count` of them."""
    start = time.process_time()
    updates(count)
    return (time.process_time() - start) / count


def start(library, python):
    """The process of one library."""
    return subprocess.Popen(
        [python, "-m", "benchmarks.bench_training", "--worker", library],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(process, question):
    """Its answer to a question, or None where it expects none."""
    print(json.dumps(question), file=process.stdin, flush=True)
    if question is False:
        return None
    answer = process.stdout.readline()
    if not answer:
        raise SystemExit(f"{process.args[-1]}: the process ended, see above")
    return answer


def measure(processes, kind, size, rounds):
    """The median seconds of every library, who take turns."""
    for process in processes.values():
        ask(process, (kind.__name__, size))
    times = {name: [] for name in processes}
    for _ in range(rounds):
        for name, process in processes.items():
            times[name].append(float(ask(process, True)))
    for process in processes.values():
        ask(process, False)
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


def has_torch(python):
    return not subprocess.run(
        [python, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"]
    ).returncode


def main(rounds=15, sizes=SIZES, kinds=tuple(KINDS), torch=sys.executable):
    """Print the table; True where every cell meets the bar."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    pythons = {"lib": sys.executable, "Keras": sys.executable}
    if has_torch(torch):
        pythons["PyTorch"] = torch
    else:
        print("PyTorch is not installed: compared with Keras alone.")
    processes = {name: start(name, python) for name, python in pythons.items()}

    print("Milliseconds an update, and our share of theirs (below 1: we are faster).\n")
    print("| batch, steps, inputs, units | cell | lib | Keras | PyTorch | /Keras | /PyTorch | |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    met = True
    for size in sizes:
        for kind in kinds:
            seconds = measure(processes, kind, size, rounds)
            met &= meets_the_bar(size, kind, seconds)
            print(row(size, kind, seconds), flush=True)
    print("\n* the nearest layer, where that library has no such cell; not counted")
    for process in processes.values():
        process.stdin.close()
        process.wait()
    return met


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="turns of every contender")
    parser.add_argument("--torch", default=sys.executable, help="the Python that has PyTorch")
    parser.add_argument("--worker", choices=LIBRARIES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        worker(given.worker)
    else:
        sys.exit(not main(given.rounds, torch=given.torch))
