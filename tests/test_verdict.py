"""The networks whose verdicts can be turned: how they are kept, what they are worth, what a verdict
hangs on."""

import re
from pathlib import Path

import numpy as np
import pytest

from lib import unroll
from lib.book.experiments import verdict
from lib.data import shipped
from lib.data.words import UNKNOWN, words

SCRIPT = Path(__file__).parents[1] / "_html" / "turn" / "rnn-verdict.js"


@pytest.fixture(scope="module")
def critics():
    return verdict.read()


def test_what_is_packed_can_be_unpacked():
    numbers = np.array([[-6.48, 6.47, 0], [0.01, -0.01, 1.23]])
    packed = verdict.pack(numbers)
    assert packed == "00zzi0i1hzlf"
    assert np.array_equal(verdict.unpacked(packed), numbers.ravel())
    for wrong in (6.48, -6.49):
        with pytest.raises(ValueError, match="expected some from"):
            verdict.pack([0, wrong])


def test_what_is_written_can_be_read(critics, tmp_path):
    path = tmp_path / "critics.npz"
    verdict.write(critics, path, command="none", packages=())
    again = verdict.read(path)
    assert again.words == critics.words
    assert np.array_equal(again.vectors, critics.vectors)
    for name, network in critics.networks.items():
        for key, w in network.weights.items():
            assert np.array_equal(again.networks[name].weights[key], w), (name, key)


def test_the_figure_is_told_every_word_and_every_weight(critics):
    told = verdict.packed(critics)
    assert told["words"].split() == sorted({*words(" ".join(verdict.SENTENCES))})
    vectors = verdict.unpacked(told["vectors"]).reshape(-1, verdict.VECTOR)
    assert np.array_equal(vectors[0], critics.vectors[1])
    assert np.array_equal(vectors[1:], critics.read(told["words"]))
    for name, network in critics.networks.items():
        assert len(told[name]) == 2 * network.parameter_count
    script = SCRIPT.read_text("utf-8")
    assert all(f'"{sentence}"' in script for sentence in verdict.SENTENCES)
    found = re.search(r"VECTOR = (\d+), UNITS = (\d+)", script)
    assert [int(it) for it in found.groups()] == [verdict.VECTOR, verdict.UNITS]


def test_the_shipped_networks_are_as_good_as_is_said(critics):
    said = shipped.provenance(verdict.ASSET)["right"]
    found = verdict.right(critics)
    assert found == pytest.approx(said, abs=6e-5)
    assert min(found[name] for name in verdict.CELLS) > found["always no"] + 0.1


def test_a_verdict_hangs_on_what_differences_say(critics):
    x, step = critics.read("this is not a good film"), 1e-6
    for network in critics.networks.values():
        found = verdict.hangs_on(network, x)
        gradient = np.zeros_like(x)
        for k in np.ndindex(x.shape):
            up, down = x.copy(), x.copy()
            up[k] += step
            down[k] -= step
            gradient[k] = verdict.hangs_on(network, up).verdict
            gradient[k] -= verdict.hangs_on(network, down).verdict
        gradient /= 2 * step
        assert np.allclose(found.norms, np.linalg.norm(gradient, axis=-1), atol=1e-8)
        assert np.allclose(found.effects, (gradient * x).sum(axis=-1), atol=1e-8)


def test_with_nothing_behind_all_of_the_gradient_reaches_the_sentence(critics):
    right = verdict.right(critics)
    for name, (share, reaches) in verdict.further_back(critics, 0).items():
        assert (share, reaches) == (right[name], 1)


def test_the_same_seed_learns_the_same():
    first, again, other = (verdict.learn(seed, epochs=1, most=2000) for seed in (1, 1, 2))
    assert first.vectors.shape == (2 + len(first.words), verdict.VECTOR)
    assert np.array_equal(first.vectors, again.vectors)
    assert not np.array_equal(first.vectors, other.vectors)
    for name, network in first.networks.items():
        for key, w in network.weights.items():
            assert np.array_equal(w, again.networks[name].weights[key])
            assert np.allclose(w, np.round(w, 2), rtol=0, atol=1e-12)


def test_what_the_chapter_says_of_them(critics):
    assert len(critics.words) == 259
    assert round(verdict.right(critics)["always no"], 2) == 0.58
    sentence = "this is not a good film"
    x, without = critics.read(sentence), critics.read(sentence.replace(" not", ""))
    for network in critics.networks.values():
        of_not = verdict.hangs_on(network, x).effects[2]
        lost = verdict.hangs_on(network, x).verdict - verdict.hangs_on(network, without).verdict
        assert lost < 2 * of_not < 0, "without it the verdict changes by far more"
    later = verdict.further_back(critics, 20)
    gated = [later[cell] for cell in ("LSTM", "GRU")]
    assert later["simple"][1] < 0.1 < 0.2 < min(reach for _, reach in gated)
    assert later["simple"][0] > max(right for right, _ in gated)


def test_the_simple_cell_settles_on_one_of_three_levels(critics):
    levels = np.array([0.06, 0.475, 0.92])
    for row in verdict.held_out(critics).rows[:100]:
        far_back = critics.vectors[[*row[row != 0], *[UNKNOWN] * 100]]
        judged, _ = unroll(critics.networks["simple"], far_back)
        assert np.min(abs(judged[-1, 0] - levels)) < 0.01
