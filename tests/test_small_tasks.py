"""The small networks of the chapter on memory cells: their losses and gradients by differences, and
that training changes all that it should."""

import numpy as np
import pytest

from lib import Readout, SimpleCell, encoder_decoder, sequence_to_vector
from lib.book.experiments import digits, short_texts
from lib.book.experiments.softmax import cross_entropy

RNG = np.random.default_rng(0)


def slope(loss, array, place, step=1e-6):
    """The derivative of `loss()` with respect to one number of an array that it reads."""
    values, kept = [], array[place]
    for moved in (kept + step, kept - step):
        array[place] = moved
        values.append(loss())
    array[place] = kept
    return (values[0] - values[1]) / (2 * step)


def test_cross_entropy_against_its_formula_and_differences():
    outputs, weights = 5 * RNG.normal(size=(3, 4, 5)), RNG.random((3, 4))
    classes = RNG.integers(5, size=(3, 4))
    targets = np.eye(5)[classes]
    loss, derivative = cross_entropy(outputs, targets, weights)
    right = np.take_along_axis(np.exp(outputs), classes[..., None], -1)[..., 0]
    expected = -np.log(right / np.exp(outputs).sum(axis=-1))
    assert loss == pytest.approx(np.average(expected, weights=weights), rel=1e-12)
    for place in np.ndindex(outputs.shape):
        found = slope(lambda: cross_entropy(outputs, targets, weights)[0], outputs, place)
        assert derivative[place] == pytest.approx(found, abs=1e-8)


def test_cross_entropy_of_large_outputs_is_finite():
    loss, derivative = cross_entropy([[1e4, 0.0]], [[0.0, 1.0]])
    assert loss == 1e4
    assert derivative.tolist() == [[1, -1]]


def test_the_gradient_of_an_encoder_decoder():
    encoder = SimpleCell.generic(3, 4, seed=1)
    decoder = Readout.from_seed(SimpleCell.generic(4, 5, seed=2), 6, seed=3)
    x, asked = RNG.normal(size=(2, 5, 3)), np.eye(6)[RNG.integers(6, size=(2, 7))]

    def loss():
        return cross_entropy(encoder_decoder(encoder, decoder, x, 7), asked)[0]

    found = short_texts.encoder_decoder_gradient(encoder, decoder, x, asked)
    for part, network in {"encoder": encoder, "decoder": decoder}.items():
        assert found[part].keys() == network.weights.keys()
        for name, weight in network.weights.items():
            for place in np.ndindex(weight.shape):
                expected = slope(loss, weight, place)
                assert found[part][name][place] == pytest.approx(expected, abs=1e-8)


def double(critic):
    """A critic in double precision, so that differences tell something."""
    cell = SimpleCell(**{name: w.astype(float) for name, w in critic.network.cell.weights.items()})
    critic.network = Readout(cell, critic.network.W.astype(float), critic.network.b.astype(float))
    critic.E = RNG.normal(size=critic.E.shape)
    return critic


def test_the_gradient_of_a_critic():
    critic = double(short_texts.Critic(7, seed=0))
    rows, labels = np.array([[2, 3, 6, 2], [4, 5, 0, 0]]), np.array([0, 1])
    found = critic.gradient(rows, labels)
    assert found.keys() == critic.weights.keys()
    for name, weight in critic.weights.items():
        for place in RNG.integers(weight.shape, size=(10, weight.ndim)):
            place = tuple(place)
            loss = slope(lambda: cross_entropy(critic(rows), np.eye(2)[labels])[0], weight, place)
            assert found[name][place] == pytest.approx(loss, abs=1e-8)
    assert not found["E"][[0, 1]].any()  # padding, and a word that does not occur


def test_a_critic_reads_each_sentence_as_if_it_were_alone():
    critic = double(short_texts.Critic(7, seed=0))
    rows = np.array([[2, 3, 6, 2], [4, 5, 0, 0]])
    for row, found in zip(rows, critic(rows), strict=True):
        alone = sequence_to_vector(critic.network, critic.E[row[row != 0]])
        assert np.allclose(found, alone, rtol=0, atol=1e-12)


def test_a_critic_learns_which_word_is_good():
    rows = RNG.integers(2, 7, size=(400, 5))
    labels = (rows == 3).any(axis=1).astype(int)
    critic = short_texts.critic(7, (rows[:300], labels[:300]), (rows[300:], labels[300:]), 0, 15)
    assert np.mean(critic(rows).argmax(axis=1) == labels) > 0.9


def test_digits_are_split_and_named():
    pictures, _digit = digits.load()
    assert pictures.shape == (1797, 8, 8)
    assert pictures.max() == 1
    assert len(pictures[digits.UNSEEN]) + len(pictures[digits.SEEN]) == 1797
    assert "".join(digits.NAMES[7]) == "seven"
    assert {len(name) for name in digits.NAMES} == {5}


def test_layers_of_a_row_reader_start_apart():
    deep = digits.row_reader([16, 16, 16], seed=0)
    assert deep.parameter_count == 16 * 25 + 2 * 16 * 33 + 170
    assert np.any(deep.weights["cell.cells[1].W_y"] != deep.weights["cell.cells[2].W_y"])


def test_a_captioner_learns():
    pictures, digit = digits.load()
    shares = []
    for updates in (1, 60):
        written = digits.captions(digits.captioner(0, updates), pictures[digits.UNSEEN])
        letters = np.array([list(name) for name in written])
        shares.append(np.mean(letters == digits.SPELT[digit[digits.UNSEEN]]))
    assert shares[1] > shares[0] + 0.2
