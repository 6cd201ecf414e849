"""The runs of the good practice: what a recipe does to its layers, and the committed results."""

import json
from itertools import product

import numpy as np
import pytest

from lib.book.experiments import fine_tuning, sweeps
from lib.book.experiments.fine_tuning import ALL, LABELS, RECIPES, TOP, Recipe
from lib.data.reviews import rotten_tomatoes
from lib.pretrained import language_model


@pytest.fixture(scope="module")
def parts():
    return fine_tuning.data()


@pytest.fixture(scope="module")
def provenance():
    _, known = sweeps.read(fine_tuning.RESULTS)
    return known


def test_every_run_is_there_once(provenance):
    runs, _ = sweeps.read(fine_tuning.RESULTS)
    places = list(zip(runs["recipe"], runs["labels"], runs["seed"], strict=True))
    assert places == list(product(RECIPES, LABELS, range(provenance["seeds"])))
    assert provenance["runs"] == len(runs)
    assert provenance["seeds"] >= 3


def test_accuracies_are_told_apart_by_recipe_and_labels():
    runs, known = sweeps.read(fine_tuning.RESULTS)
    found = fine_tuning.accuracies(runs)
    assert list(found) == list(RECIPES)
    for (name, labels), mine in runs.groupby(["recipe", "labels"]):
        by_seed = mine.sort_values("seed")["accuracy"].tolist()
        assert found[name][labels].tolist() == by_seed
        assert len(by_seed) == known["seeds"]


def test_runs_belong_to_the_language_model_and_the_recipes(provenance):
    assert provenance["language model"] == language_model.provenance()["sha256"]
    recipes = json.loads(json.dumps({name: r._asdict() for name, r in RECIPES.items()}))
    assert provenance["recipes"] == recipes


def test_parts_share_no_sentence(parts):
    corpus = rotten_tomatoes()
    assert set(corpus.train.texts).isdisjoint(corpus.test.texts)
    (x, _), (z, _) = parts
    assert (len(x), len(z)) == (LABELS[-1], 2000)


@pytest.mark.parametrize("thaw", [(), TOP])
def test_only_thawed_layers_move(parts, thaw):
    (x, y), _ = parts
    recipe = Recipe(thaw=thaw, epochs=(1, 1))
    model = fine_tuning.trained(recipe, x[:500], y[:500], seed=0)
    for name in ALL:
        before = fine_tuning.pretrained(name)
        after = model.get_layer(name).get_weights()
        moved = any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
        assert moved == (name in thaw), name


def test_start_depends_on_nothing_that_ran_before(parts):
    (x, y), _ = parts
    recipe = Recipe("fresh", "fresh", 0, ALL, False, 2e-3, (1, 1))
    first, other, again = (
        fine_tuning.trained(recipe, x[:500], y[:500], seed).get_weights() for seed in (3, 4, 3)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.allclose(first[0], other[0])


def test_padding_does_not_change_the_answer(parts):
    lower, upper, whole = fine_tuning.network(Recipe())
    fine_tuning.start(Recipe(), lower, upper, seed=0)
    x = parts[1][0][0]
    short, long = (np.array([[*x, *[0] * pads]]) for pads in (0, 9))
    assert np.allclose(whole(short), whole(long), atol=1e-5)


def test_shuffled_sequences_keep_their_words_and_their_opening(parts):
    x = parts[1][0][:50]
    mixed = fine_tuning.shuffle(x, seed=1)
    for before, after in zip(x, mixed, strict=True):
        assert before[0] == after[0]
        assert sorted(before) == sorted(after)
    assert any(not np.array_equal(a, b) for a, b in zip(x, mixed, strict=True))


def test_sweep_goes_on_where_it_stopped(tmp_path, monkeypatch):
    asked = []

    def run(name, labels, seed):
        asked.append((name, labels, seed))
        if len(asked) == 3:
            raise KeyboardInterrupt
        return {"recipe": name, "labels": labels, "seed": seed, "accuracy": 0.5, "seconds": 1.0}

    monkeypatch.setattr(fine_tuning, "run", run)
    with pytest.raises(KeyboardInterrupt):
        fine_tuning.sweep(2, tmp_path, recipes=["a", "b"], labels=(1,))
    runs = fine_tuning.sweep(2, tmp_path, recipes=["a", "b"], labels=(1,))
    assert [(r["recipe"], r["seed"]) for r in runs] == [("a", 0), ("a", 1), ("b", 0), ("b", 1)]
    assert len(asked) == 5  # the third was asked twice
