"""The good practice of transfer learning as experiments: a language model learns to rate films.

    python -m lib.book.experiments fine_tuning [--seeds 5] [--jobs 1] [--dask ADDRESS]

The network reads a sentence of Rotten Tomatoes with the language model's vectors and GRU and with
the book's word vectors, the table, and pools what they say over its n words:

    u = [mean_t h(t), sum_t v(x(t)) / sqrt(n)],  h(t) = GRU(e(x(t)), h(t-1))

A dropout and a dense layer make a logit of u.

A `Recipe` says which layers come from the language model, which are trained and how. Every recipe
runs with little and with much data and several seeds, which choose the labelled sentences and the
fresh weights. Rates and epochs were settled on the 1,000 validation sentences, but for the two
controls, "thawed for longer" and "pooled, rate not lowered". Every (recipe, labels, seed) is a run
of its own, see `sweeps`. The runs go to fine_tuning.csv, what they were made with to
fine_tuning.json.

Source: Howard and Ruder (2018) for a language model pooled and fine-tuned.
"""

import time
from collections.abc import Collection, Sequence
from functools import cache
from itertools import product
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib import checks
from lib.book.experiments import sweeps
from lib.checks import Array
from lib.data.reviews import rotten_tomatoes
from lib.data.words import Numbers, batches, padded
from lib.keras import keras
from lib.pretrained import language_model, word_vectors

with checks.extra("experiments"):
    import pandas

NAME = "fine_tuning"
RESULTS = sweeps.RESULTS / f"{NAME}.csv"
KEYS = ("recipe", "labels", "seed")  # of a run, for `sweeps.repeated`
CLOSE = {"accuracy": 0.01}  # another processor adds in another order
Models = tuple[keras.Model, keras.Sequential, keras.Model]
LABELS = 500, 5530
BATCHES, HEAD_EPOCHS = (32, 128), (20, 10)  # for each number of labels
RATE, LOWER_RATE = 2e-2, 1e-3
DROPOUT = 0.5
LOSS = keras.losses.BinaryCrossentropy(from_logits=True)


class Recipe(NamedTuple):
    """What becomes of the pretrained layers.

    source      "pretrained" or "fresh", of vectors and table
    gru         "pretrained", "fresh" or None for no GRU, which leaves the table alone
    hidden      units of a fresh relu layer before the answer, 0 for none
    thaw        those of vectors, gru and table that are trained beside the fresh layers after them
    head_first  whether all else is frozen while those fresh ones are trained once on their own
    rate        of Adam when layers are thawed; it falls to zero along a line
    epochs      with layers thawed, for each number of labels in `LABELS`
    """

    source: str = "pretrained"
    gru: str | None = "pretrained"
    hidden: int = 0
    thaw: tuple[str, ...] = ()
    head_first: bool = True
    rate: float = LOWER_RATE
    epochs: tuple[int, ...] = (6, 2)


TOP = ("gru", "table")
ALL = ("vectors", *TOP)
POOLED = Recipe(gru=None, hidden=128, thaw=("table",), epochs=(10, 4))
RECIPES = {
    "from scratch": Recipe("fresh", "fresh", 0, ALL, False, 2e-3, (12, 3)),
    "pooled vectors": POOLED,
    "freeze all": Recipe(),
    "unfreeze the top": Recipe(thaw=("gru",)),
    "unfreeze two": Recipe(thaw=TOP),
    "rate not lowered": Recipe(thaw=TOP, rate=RATE),
    "thawed for longer": Recipe(thaw=TOP, epochs=(18, 8)),
    "pooled, rate not lowered": POOLED._replace(rate=RATE),
    "drop the GRU": Recipe(gru=None, thaw=("table",), epochs=(10, 4)),
    "replace the GRU": Recipe("pretrained", "fresh", 0, ("gru",), False, 2e-3, (12, 3)),
    "add a layer": Recipe(hidden=64, thaw=TOP),
}


class Pool(keras.layers.Layer):
    """(batch, steps, size) -> (batch, size): the sum over the words of a text, over their number n
    to a power; 1 makes it the mean, 0.5 what the lecture's module calls `sqrtn`."""

    supports_masking = True

    def __init__(self, power: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.power = power

    def call(self, h: Any, mask: Any = None) -> Any:
        real = keras.ops.cast(mask, h.dtype)[..., None]
        return keras.ops.sum(h * real, 1) / keras.ops.sum(real, 1) ** self.power

    def compute_mask(self, h: Any, mask: Any = None) -> None:
        return None


def network(recipe: Recipe) -> Models:
    """Untrained layers for a recipe: (lower, upper, whole), three Keras models that share them.

    lower  word numbers (batch, steps) -> features (batch, size), the layers that may be reused
    upper  features -> logit (batch, 1), the fresh ones
    whole  word numbers -> logit
    """
    reader = loaded()
    words = keras.Input((None,), dtype="int32")
    count, size = reader.embedding.embeddings.shape
    v = keras.layers.Embedding(count, size, mask_zero=True, name="table")(words)
    u = Pool(0.5)(v)
    if recipe.gru:
        e = keras.layers.Embedding(count, size, mask_zero=True, name="vectors")(words)
        h = keras.layers.GRU(reader.units, return_sequences=True, name="gru")(e)
        u = keras.layers.Concatenate()([Pool(1)(h), u])
    lower = keras.Model(words, u)
    added = [keras.layers.Dense(recipe.hidden, "relu")] if recipe.hidden else []
    upper = keras.Sequential(
        [keras.Input(u.shape[1:]), keras.layers.Dropout(DROPOUT), *added, keras.layers.Dense(1)]
    )
    whole = keras.Model(words, upper(u))
    upper.compile(keras.optimizers.Adam(), LOSS, jit_compile=False)
    for layer in lower.layers:
        layer.trainable = layer.name in recipe.thaw
    for model in (lower, whole):
        model.compile(keras.optimizers.Adam(), LOSS, jit_compile=False)
    return lower, upper, whole


@cache
def built(gru: str | None, hidden: int, thaw: tuple[str, ...]) -> Models:
    """As `network`, once for all recipes that differ in nothing else: to build one takes longer
    than to train it on little data."""
    return network(Recipe(gru=gru, hidden=hidden, thaw=thaw))


def start(recipe: Recipe, lower: keras.Model, upper: keras.Sequential, seed: int) -> None:
    """Give every layer the weights that it starts from."""
    keras.utils.set_random_seed(seed)
    sources = {"vectors": recipe.source, "table": recipe.source, "gru": recipe.gru}
    for layer in (*lower.layers, *upper.layers):
        if isinstance(layer, keras.layers.Dropout):
            layer.seed_generator.state.assign([seed, 0])
        elif layer.weights:
            reused = sources.get(layer.name) == "pretrained"
            layer.set_weights(pretrained(layer.name) if reused else fresh(layer))


def fresh(layer: keras.layers.Layer) -> list[Array]:
    """Random starting weights for a layer."""
    twin = type(layer).from_config(layer.get_config())
    twin.build_from_config(layer.get_build_config())
    return twin.get_weights()


def pretrained(name: str) -> list[Array]:
    """The pretrained weights of "vectors" and "gru", from the language model, or of "table"."""
    if name == "table":
        _, vectors = word_vectors.read().numbered()
        return [vectors]
    return {"vectors": loaded().embedding, "gru": loaded().gru}[name].get_weights()


def run(name: str, labels: int, seed: int) -> dict[str, Any]:
    """One recipe with so many labels: a dict of its accuracy and the seconds it took."""
    begun, recipe = time.process_time(), RECIPES[name]
    (x, y), test = data()
    chosen = np.random.default_rng(seed).permutation(len(y))[:labels]
    model = trained(recipe, [x[k] for k in chosen], y[chosen], seed)
    return {
        "recipe": name,
        "labels": labels,
        "seed": seed,
        "accuracy": accuracy(model, *test),
        "seconds": time.process_time() - begun,
    }


def trained(recipe: Recipe, x: Sequence[Numbers], y: NDArray[np.integer], seed: int) -> keras.Model:
    """A network made by the recipe from sequences x and labels y."""
    lower, upper, whole = built(recipe.gru and "any", recipe.hidden, recipe.thaw)
    start(recipe, lower, upper, seed)
    amount = LABELS.index(len(y))
    if recipe.head_first:
        fit(upper, predicted(lower, x), y, RATE, HEAD_EPOCHS[amount], BATCHES[amount], seed)
    if recipe.thaw:
        fit(whole, x, y, recipe.rate, recipe.epochs[amount], BATCHES[amount], seed)
    return whole


def fit(
    model: keras.Model,
    x: Sequence[Numbers] | Array,
    y: NDArray[np.integer],
    rate: float,
    epochs: int,
    size: int,
    seed: int,
) -> None:
    """Train with a fresh Adam, whose rate falls to zero, on batches of like length."""
    for variable in model.optimizer.variables:
        variable.assign(keras.ops.zeros_like(variable))
    rng = np.random.default_rng(seed)
    rates = iter(np.linspace(rate, 0, epochs * -(-len(y) // size), endpoint=False))
    for _ in range(epochs):
        for places in batches([len(each) for each in x], size, rng):
            model.optimizer.learning_rate = next(rates)
            model.train_on_batch(taken(x, places), y[places, None])


def predicted(model: keras.Model, x: Sequence[Numbers], size: int = 250) -> Array:
    """What the model gives for every item of x, (items, outputs)."""
    out = np.empty((len(x), model.output_shape[-1]), np.float32)
    for places in batches([len(each) for each in x], size):
        out[places] = model.predict_on_batch(taken(x, places))
    return out


def accuracy(model: keras.Model, x: Sequence[Numbers], y: NDArray[np.integer]) -> float:
    """The share of items whose logit has the sign of their label."""
    return float(np.mean((predicted(model, x)[:, 0] > 0) == y))


def taken(x: Sequence[Numbers] | Array, places: NDArray[np.integer]) -> NDArray:
    """Items of an array, or of a list of sequences, padded."""
    return x[places] if isinstance(x, np.ndarray) else padded([x[k] for k in places])


def shuffle(sequences: Sequence[Numbers], seed: int) -> list[Numbers]:
    """Each sequence with its words in random order; the first number, which opens it, stays."""
    rng = np.random.default_rng(seed)
    return [np.concatenate([x[:1], rng.permutation(x[1:])]) for x in sequences]


@cache
def loaded() -> language_model.LanguageModel:
    """The language model that ships with the book."""
    return language_model.load()


@cache
def data() -> list[tuple[list[Numbers], NDArray[np.integer]]]:
    """Training and test part of Rotten Tomatoes, each (sequences, labels)."""
    corpus, vocabulary = rotten_tomatoes(), language_model.vocabulary()
    return [
        (language_model.numbers(part.texts, vocabulary), part.labels)
        for part in (corpus.train, corpus.test)
    ]


def sweep(
    seeds: int,
    cache: str | PathLike,
    jobs: int = 1,
    recipes: Collection[str] = tuple(RECIPES),
    labels: Sequence[int] = LABELS,
) -> list[dict[str, Any]]:
    """All runs, in the order of recipes, labels and seeds; as in `learning_curve.sweep`."""
    runs = [(name, count, seed) for seed, count, name in product(range(seeds), labels, recipes)]
    found = dict(zip(runs, sweeps.over(runs, sweeps.once(run, cache), jobs), strict=True))
    return [found[each] for each in product(recipes, labels, range(seeds))]


def story(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """What the table's .json says beside the command's settings."""
    corpus = rotten_tomatoes()
    return {
        "labels": LABELS,
        "recipes": {name: recipe._asdict() for name, recipe in RECIPES.items()},
        "language model": language_model.provenance()["sha256"],
        "data": {"name": corpus.name, "sha256": corpus.sha256},
    }


def accuracies(runs: pandas.DataFrame) -> dict[str, dict[int, Array]]:
    """{recipe: {labels: accuracies (seeds,)}}, from the table of the sweep."""
    found: dict[str, dict[int, Array]] = {}
    for (name, labels), mine in runs.groupby(["recipe", "labels"], sort=False):
        found.setdefault(name, {})[labels] = mine["accuracy"].to_numpy()
    return found


def main(arguments: list[str] | None = None) -> None:
    sweeps.command(
        __doc__,
        sweep,
        NAME,
        arguments,
        seeds=5,
        packages=("tensorflow", "keras", "numpy", "joblib"),
        story=story,
        run=run,
        keys=KEYS,
        close=CLOSE,
    )
