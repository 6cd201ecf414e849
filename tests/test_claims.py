"""Claims: what they measure, when they fall and how often fresh seeds would refute them."""

import json

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from scipy import stats

from lib.book import claims
from lib.book.claims import MIME, Claim, claim, seeds
from tests.helpers import refused


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in (claims.FIRST_SEED, claims.REPORT):
        monkeypatch.delenv(name, raising=False)


def said(capsys, *given, **settings):
    """What `claim` prints."""
    claim(*given, **settings)
    return capsys.readouterr().out


def made(*given, **settings):
    """The `Claim` that `claim` shows, whether or not it holds."""
    shown = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(claims, "show", shown.append)
        patch.setenv(claims.REPORT, "1")
        claim(*given, **settings)
    return shown[0]


@pytest.mark.parametrize("df", [4, 5, 9, 19, 99, 999, 10**5])
def test_student_is_that_of_scipy(df):
    for t in (-30, -3, -0.5, 0, 0.5, 2, 3.3, 6, 30):
        expected = stats.t.sf(t, df)
        assert claims._student_above(t, df) == pytest.approx(expected, rel=1e-4, abs=1e-12)
    for p in (0.6, 0.975, 0.9995):
        assert claims._student_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=1e-4)


@pytest.mark.parametrize("n", [5, 12, 40, 2000])
def test_beta_binomial_is_that_of_scipy(n):
    for seen in (0, n // 3, n):
        a, b = seen + 0.5, n - seen + 0.5
        expected = stats.betabinom(n, a, b)
        for k in (0, n // 4, n // 2, n):
            found = claims._beta_binomial(k, n, a, b)
            assert found == pytest.approx(expected.pmf(k), rel=1e-6, abs=1e-300)
        half = n // 2
        assert claims._share_falls(seen / n, n, half / n, None) == pytest.approx(expected.cdf(half))
        above = claims._share_falls(seen / n, n, None, half / n)
        assert above == pytest.approx(expected.sf(half - 1), abs=1e-9)


@pytest.mark.parametrize(("seen", "n"), [(0, 5), (5, 5), (9, 12), (50, 100)])
def test_the_interval_of_a_share_is_wilsons(seen, n):
    expected = stats.binomtest(seen, n).proportion_ci(method="wilson")
    assert claims._wilson(seen / n, n) == pytest.approx(tuple(expected), abs=1e-4)


def test_the_interval_of_a_mean_is_students():
    values = np.random.default_rng(0).normal(5, 1, 8)
    expected = stats.t.interval(0.95, 7, values.mean(), stats.sem(values))
    found = made("so", values, above=0)
    assert found.interval == pytest.approx(expected, rel=1e-4)
    assert found.spread == (values.min(), values.max())
    assert found.value == values.mean()


@pytest.mark.parametrize("n", [5, 10, 40])
@pytest.mark.parametrize("gap", [0.5, 1.5, 4.0, 8.0])
def test_an_accepted_mean_falls_on_fresh_seeds_less_than_once_in_a_thousand(n, gap):
    """Of all runs whose true mean is `gap` spreads above the bound, at most one in a thousand is
    accepted on one sample and refuted by the next: however near the truth is to the bound."""
    rng, runs = np.random.default_rng([n, int(10 * gap)]), 100_000
    first = rng.normal(gap, 1, (runs, n))
    fresh = rng.normal(gap, 1, (runs, n)).mean(axis=1)
    means, errors = first.mean(axis=1), first.std(axis=1, ddof=1) / np.sqrt(n)
    reach = claims._student_quantile(1 - 1 / claims.RARELY, n - 1) * np.sqrt(2)
    accepted = means > reach * errors
    for k in range(20):  # the same judgement as the function's
        values = first[k] if accepted[k] else first[k] - 1e-9
        assert made("so", values, above=0).holds == accepted[k]
    assert np.mean(accepted & (fresh <= 0)) < 1 / claims.RARELY
    if gap == 8:  # a true claim that is plain is accepted, and then nearly never falls
        assert accepted.mean() > (0.8 if n == 5 else 0.99)
        assert np.mean(fresh[accepted] <= 0) < 1 / claims.RARELY


@pytest.mark.parametrize("n", [13, 20, 50])
def test_an_accepted_share_falls_on_fresh_seeds_less_than_once_in_a_thousand(n):
    """On average over shares, which is what the beta-binomial distribution is about."""
    rng, runs = np.random.default_rng(n), 200_000
    truth = rng.beta(0.5, 0.5, runs)
    first, fresh = rng.binomial(n, truth), rng.binomial(n, truth)
    accepts = np.array([claims._share_falls(k / n, n, 0.5, None) < 1e-3 for k in range(n + 1)])
    accepted = accepts[first]
    assert accepted.mean() > 0.1
    assert np.mean(fresh[accepted] / n <= 0.5) < 1 / claims.RARELY


@pytest.mark.parametrize("n", [5, 10, 40])
def test_the_chance_of_falling_is_what_simulation_gives(n):
    """The mean's, for two samples of one distribution: t of their difference, by its own spread."""
    rng, runs = np.random.default_rng(n), 200_000
    first, fresh = rng.normal(size=(2, runs, n))
    error = first.std(axis=1, ddof=1) / np.sqrt(n)
    for gap in (1.0, 3.0):  # bounds at so many errors below the mean
        seen = np.mean(fresh.mean(axis=1) < first.mean(axis=1) - gap * error)
        assert claims._mean_falls(gap, 1.0, n, 0.0, None) == pytest.approx(seen, abs=3e-3)


def test_a_claim_says_what_it_measured(capsys):
    line = said(capsys, "A gains over B", {0: 3.0, 1: 3.1, 2: 2.9, 3: 3.2, 4: 3.0}, above=0)
    assert line == (
        "Holds: A gains over B: mean 3.04 over 5 seeds, 95 % 2.9 to 3.18 (asked: above 0)\n"
    )
    line = said(capsys, "It blows up", [True] * 19 + [False], above=0.5)
    assert line == ("Holds: It blows up: 19 of 20 seeds, 95 % 0.76 to 0.99 (asked: above 0.5)\n")
    line = said(capsys, "The norm is one", 1.0004, above=0.999, below=1.001)
    assert line == "Holds: The norm is one: 1 (asked: above 0.999 and below 1.001)\n"


@pytest.mark.parametrize(
    "measured",
    [
        {7: 1.0, 8: 1.1, 9: 0.9, 10: 1.0, 11: 1.2},
        [1.0, 1.1, 0.9, 1.0, 1.2],
        (1.0, 1.1, 0.9, 1.0, 1.2),
        np.array([1.0, 1.1, 0.9, 1.0, 1.2], np.float32),
    ],
)
def test_a_mapping_a_list_and_an_array_say_the_same(measured):
    found = made("so", measured, above=0)
    assert (found.kind, found.seeds) == ("mean", 5)
    assert found.value == pytest.approx(1.04)


@pytest.mark.parametrize(
    "measured", [[True] * 15, np.ones(15, bool), dict.fromkeys(range(15), np.True_)]
)
def test_truths_are_a_share(measured):
    found = made("so", measured, above=0.5)
    assert (found.kind, found.seeds, found.value, found.holds) == ("share", 15, 1.0, True)


def test_one_number_is_exact_and_never_falls_on_other_seeds():
    found = made("so", np.float32(0.5), below=1)
    assert (found.kind, found.seeds, found.falls) == ("exact", 0, 0.0)
    assert found.interval == found.spread == (0.5, 0.5)
    assert found.holds


@pytest.mark.parametrize(
    ("measured", "bounds"),
    [
        (1.0, {"above": 1.0}),
        (1.0, {"below": 1.0}),
        (2.0, {"above": 0.0, "below": 1.0}),
        ([1.0, 2.0, 1.5, 1.2, 0.9], {"above": 5.0}),
        ([1.0, 2.0, 1.5, 1.2, 0.9], {"below": -5.0}),
        ([True, False] * 10, {"above": 0.6}),
        ([True] * 20, {"below": 0.5}),
    ],
)
def test_a_claim_that_does_not_hold_ends_the_build(capsys, measured, bounds):
    with refused(AssertionError, "FALLS: It is so: "):
        claim("It is so", measured, **bounds)
    assert capsys.readouterr().out.startswith("FALLS: It is so: ")


@pytest.mark.parametrize(
    ("measured", "bounds"),
    [
        ([1.0, 2.0, 1.5, 1.2, 0.1], {"above": 0.5}),
        ([1.0, 2.0, 1.5, 1.2, 0.1], {"below": 1.8}),
        ([True] * 12, {"above": 0.5}),
        ([True] * 15 + [False] * 5, {"above": 0.6}),
    ],
)
def test_a_claim_too_near_its_bound_ends_the_build_too(measured, bounds):
    with pytest.raises(AssertionError, match=r"^NEAR ITS BOUND: .* fresh seeds would refute it in"):
        claim("It is so", measured, **bounds)
    found = made("It is so", measured, **bounds)
    assert (found.kept, found.holds) == (True, False)
    assert found.falls >= 1e-3


def test_both_bounds_count():
    values = [1.0, 1.1, 0.9, 1.0, 1.05]
    alone = made("so", values, above=0.5).falls + made("so", values, below=1.5).falls
    assert made("so", values, above=0.5, below=1.5).falls == pytest.approx(alone)


def test_a_run_that_reports_goes_on(capsys, monkeypatch):
    monkeypatch.setenv(claims.REPORT, "1")
    assert said(capsys, "It is so", 2.0, below=1).startswith("FALLS: It is so: 2 ")
    near = said(capsys, "It is so", [1.0, 2.0, 1.5, 1.2, 0.1], above=0.5)
    assert near.startswith("NEAR ITS BOUND: It is so: ")


def test_seeds_begin_where_they_are_told(monkeypatch):
    assert list(seeds(5)) == [0, 1, 2, 3, 4]
    monkeypatch.setenv(claims.FIRST_SEED, "3000")
    assert list(seeds(5)) == [3000, 3001, 3002, 3003, 3004]
    monkeypatch.setenv(claims.FIRST_SEED, "many")
    with refused(ValueError, "BOOK_FIRST_SEED: expected a whole number of at least 0, got 'many'"):
        seeds(5)
    monkeypatch.delenv(claims.FIRST_SEED)
    with refused(ValueError, "number: expected a whole number of at least 1, got 0"):
        seeds(0)


@pytest.mark.parametrize(
    ("measured", "settings", "error", "message"),
    [
        ([1.0] * 5, {}, ValueError, "claim: expected a bound, above or below, got none"),
        ([1.0] * 4, {"above": 0}, ValueError, "measured: expected one number, or five seeds"),
        ([], {"above": 0}, ValueError, "measured: expected one number, or five seeds at least"),
        ({}, {"above": 0}, ValueError, "measured: expected one number, or five seeds at least"),
        (np.ones((5, 2)), {"above": 0}, ValueError, "measured: expected one number, or five"),
        ([1.0, np.nan, 1, 1, 1], {"above": 0}, ValueError, "measured: expected finite numbers"),
        (["a"] * 5, {"above": 0}, TypeError, "measured: expected real numbers, got dtype <U1"),
        (True, {"above": 0}, TypeError, "measured: expected real numbers, got dtype bool"),
        ([[1.0], [1.0, 2.0]], {"above": 0}, ValueError, "measured: expected rows of equal length"),
        (1.0, {"above": np.nan}, ValueError, "above: expected a finite number, got nan"),
        (1.0, {"below": "2"}, TypeError, "below: expected a number, got '2'"),
        (1.0, {"above": 2, "below": 1}, ValueError, "below: expected more than above, 2.0, got 1"),
        (1.0, {"above": 0, "made": "guessed"}, ValueError, "made: expected one of computed, rep"),
    ],
)  # fmt: skip
def test_what_is_refused(measured, settings, error, message):
    with refused(error, message):
        claim("It is so", measured, **settings)


def test_a_sentence_is_a_text():
    with refused(TypeError, "sentence: expected a string, got"):
        claim(None, 1.0, above=0)


def test_a_notebook_keeps_all_of_it():
    found = made("so", [1.0, 1.1, 0.9, 1.0, 1.2], above=0, fooled_by="rates", control="swept")
    bundle = found._repr_mimebundle_()
    assert bundle["text/plain"] == str(found)
    kept = json.loads(json.dumps(bundle[MIME], allow_nan=False))
    assert (kept["sentence"], kept["fooled_by"], kept["control"]) == ("so", "rates", "swept")
    assert (kept["kept"], kept["holds"], kept["made"]) == (True, True, "computed")
    own = {name: kept[name] for name in Claim.__dataclass_fields__}
    own |= {name: tuple(own[name]) for name in ("interval", "spread")}
    assert Claim(**own) == found


def test_in_a_notebook_the_claim_is_displayed(capsys):
    shell = InteractiveShell.instance()
    try:
        with pytest.MonkeyPatch.context() as patch:
            shown = []
            patch.setattr(shell.display_pub, "publish", lambda data, **_: shown.append(data))
            claim("It is so", 1.0, above=0)
    finally:
        InteractiveShell.clear_instance()
    assert [sorted(data) for data in shown] == [[MIME, "text/plain"]]
    assert capsys.readouterr().out == ""
