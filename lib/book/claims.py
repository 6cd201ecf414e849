"""What the book concludes, said so that a cell can hold it to it.

    claim("The LSTM learns in fewer updates than the simple cell", gains, above=0)

prints what is claimed and what was measured, and ends the build where it does not hold. What the
fortune of a start decides is measured once for each of `seeds`, and a claim about it has to leave
its bound so far behind that as many fresh seeds would cross it less than once in `RARELY` runs.

Two variables of the environment serve the run on fresh seeds: `FIRST_SEED` is the number that the
seeds begin at, and with `REPORT` set a claim says whether it keeps its bounds, no more being asked
of it there, and lets the rest go on.
"""

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

import numpy as np

from lib import checks
from lib.checks import ArrayLike

RARELY = 1000
MADE = ("computed", "repeated in part", "committed")
FIRST_SEED, REPORT = "BOOK_FIRST_SEED", "BOOK_REPORT_CLAIMS"
MIME = "application/vnd.book.claim+json"

__all__ = ["Claim", "claim", "seeds"]


def seeds(number: int) -> range:
    """The seeds of an experiment that is repeated `number` times: 0, 1, 2 and so on.

    In a run on fresh seeds they begin at another number, see `FIRST_SEED`. Runs that were committed
    have seeds of their own, which a claim about them takes from their table.

    Raises ValueError where `number` or that one is no whole number.
    """
    told = os.environ.get(FIRST_SEED, "0")
    if not told.isdecimal():
        raise ValueError(f"{FIRST_SEED}: expected a whole number of at least 0, got {told!r}")
    return range(int(told), int(told) + checks.count("number", number))


@dataclass(frozen=True)
class Claim:
    """A sentence, what was measured for it, and whether it holds.

    sentence  what is claimed
    kind      exact: one number that no seed moves; mean: of one number a seed; share: of the seeds
              for which it is so
    seeds     how many seeds there are, 0 for an exact claim
    value     what was measured: the number, the mean or the share
    interval  that holds the mean or the share of all seeds with a probability of 95 %
    spread    the smallest and the largest number
    above     the bounds that the value has to keep, None where there is none
    below
    falls     how probable it is that the claim falls on as many fresh seeds
    fooled_by what else could make it look so, and the `control` that rules this out
    made      where the numbers come from: computed, repeated in part or committed
    """

    sentence: str
    kind: str
    seeds: int
    value: float
    interval: tuple[float, float]
    spread: tuple[float, float]
    above: float | None
    below: float | None
    falls: float
    fooled_by: str
    control: str
    made: str

    @property
    def kept(self) -> bool:
        """Whether the value keeps its bounds."""
        return (self.above is None or self.value > self.above) and (
            self.below is None or self.value < self.below
        )

    @property
    def holds(self) -> bool:
        """Whether the value keeps its bounds by so far that fresh seeds will keep them too."""
        return self.kept and self.falls < 1 / RARELY

    @property
    def measured(self) -> str:
        """What was measured, in words."""
        bounds = [
            f"{word} {bound:.4g}"
            for word, bound in (("above", self.above), ("below", self.below))
            if bound is not None
        ]
        asked = f"asked: {' and '.join(bounds)}"
        if self.kind == "exact":
            return f"{self.value:.3g} ({asked})"
        low, high = self.interval
        if self.kind == "share":
            number = round(self.value * self.seeds)
            return f"{number} of {self.seeds} seeds, 95 % {low:.2f} to {high:.2f} ({asked})"
        interval = f"95 % {low:.3g} to {high:.3g}"
        return f"mean {self.value:.3g} over {self.seeds} seeds, {interval} ({asked})"

    def __str__(self) -> str:
        verdict = "Holds" if self.holds else "NEAR ITS BOUND" if self.kept else "FALLS"
        return f"{verdict}: {self.sentence}: {self.measured}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """What a notebook keeps: the line, and all of it for the page of claims."""
        said = {name: getattr(self, name) for name in ("kept", "holds", "measured")}
        return {"text/plain": str(self), MIME: {**asdict(self), **said}}


def claim(
    sentence: str,
    measured: ArrayLike | Mapping[int, Any],
    *,
    above: float | None = None,
    below: float | None = None,
    fooled_by: str = "",
    control: str = "",
    made: str = "computed",
) -> None:
    """Print what is claimed with what was measured, and raise AssertionError where it falls.

    sentence   what is claimed, as the text says it
    measured   one number, for what no seed moves; else one for each seed, or True and False for
               what is so or not: an array, or a dict by seed. Numbers are judged by their mean,
               which suits a difference or a logarithm; True and False by the share of the seeds.
    above      the bounds that the number, the mean or the share has to keep
    below
    fooled_by  what else could make it look so
    control    what rules this out
    made       computed by the cells; "repeated in part" or "committed" for a sweep's results

    How often it would fall on as many fresh seeds is taken from Student's distribution for a mean
    m with spread s, since a fresh mean strays as far as this one; for a share from the
    beta-binomial distribution with Jeffreys' prior, where k of n seeds were so:

        P(t(n - 1) > (m - above) / (s sqrt(2 / n)))
        P(k' / n <= above),  k' ~ BetaBinomial(n, k + 1/2, n - k + 1/2)

    Numbers that are all the same leave no chance; where only few different ones are possible, ask
    for True or False. A share needs 13 seeds that all agree to leave a bound of one half behind.

    Raises ValueError where there is no bound or none that a number could keep, less than five
    seeds, numbers that are not finite, or an unknown `made`; TypeError for what is no number.
    """
    checks.text("sentence", sentence)
    above, below = (
        bound if bound is None else checks.number(name, bound)
        for name, bound in (("above", above), ("below", below))
    )
    if above is None and below is None:
        raise ValueError("claim: expected a bound, above or below, got none")
    if above is not None and below is not None and above >= below:
        raise ValueError(f"below: expected more than above, {above}, got {below}")
    if made not in MADE:
        raise ValueError(f"made: expected one of {', '.join(MADE)}, got {made!r}")
    numbers = list(measured.values()) if isinstance(measured, Mapping) else measured
    yes_or_no = np.iterable(numbers) and all(isinstance(it, bool | np.bool_) for it in numbers)
    values = checks.numeric("measured", np.asarray(numbers, float) if yes_or_no else numbers)
    if values.ndim > 1 or (values.ndim and len(values) < 5):
        raise ValueError(
            f"measured: expected one number, or five seeds at least, got shape {values.shape}"
        )
    values = values.astype(float)
    value, n = float(values.mean()), values.size if values.ndim else 0
    if not n:
        kind, interval, falls = "exact", (value, value), 0.0
    elif yes_or_no:
        kind, interval, falls = "share", _wilson(value, n), _share_falls(value, n, above, below)
    else:
        error = float(values.std(ddof=1)) / math.sqrt(n)
        reach = _student_quantile(0.975, n - 1) * error
        kind, interval = "mean", (value - reach, value + reach)
        falls = _mean_falls(value, error, n, above, below)
    spread = (float(values.min()), float(values.max()))
    made_of = (sentence, kind, n, value, interval, spread, above, below, falls)
    result = Claim(*made_of, fooled_by, control, made)
    show(result)
    if not result.holds and not os.environ.get(REPORT):
        why = f"; fresh seeds would refute it in {falls:.2g} of all runs: say less"
        raise AssertionError(f"{result}{why if result.kept else ''}")


def show(result: object) -> None:
    """Print the line; a notebook keeps the rest of it as well."""
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        import_module("IPython.display").display(result)
    else:
        print(result)


def _student_above(t: float, df: int) -> float:
    """The probability that Student's t with `df` degrees of freedom is above `t`."""
    if t < 0:
        return 1 - _student_above(-t, df)
    # x = sqrt(df) tan(a) makes the density a power of cos(a) on a finite interval, of which 12
    # standard deviations are enough.
    start = math.atan(t / math.sqrt(df))
    angle = np.linspace(start, min(math.pi / 2, start + 12 / math.sqrt(df)), 2001)
    density = np.cos(angle) ** (df - 1)
    log_scale = math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - math.log(math.pi) / 2
    return float(np.trapezoid(density, angle)) * math.exp(log_scale)


def _student_quantile(p: float, df: int) -> float:
    """The t that Student's distribution stays below with probability `p`, by halving."""
    low, high = 0.0, 1e4
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _student_above(middle, df) > 1 - p else (low, middle)
    return high


def _mean_falls(
    mean: float, error: float, n: int, above: float | None, below: float | None
) -> float:
    """The probability that the mean of `n` fresh seeds is beyond a bound."""
    if error == 0:
        return 0.0
    # The fresh mean has an error of its own, as large as that of this one.
    apart = [mean - above] if above is not None else []
    apart += [below - mean] if below is not None else []
    return sum(_student_above(gap / (error * math.sqrt(2)), n - 1) for gap in apart)


def _wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share seen in `n` seeds."""
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _share_falls(share: float, n: int, above: float | None, below: float | None) -> float:
    """The probability that the share of `n` fresh seeds is beyond a bound."""
    seen = round(share * n)
    a, b = seen + 0.5, n - seen + 0.5
    chances = [_beta_binomial(k, n, a, b) for k in range(n + 1)]
    return sum(
        chance
        for k, chance in enumerate(chances)
        if (above is not None and k / n <= above) or (below is not None and k / n >= below)
    )


def _beta_binomial(k: int, n: int, a: float, b: float) -> float:
    """The probability of `k` in `n` where each is so with a probability drawn from Beta(a, b)."""

    def log_beta(a: float, b: float) -> float:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    ways = -math.log(n + 1) - log_beta(n - k + 1, k + 1)  # of choosing k from n
    return math.exp(ways + log_beta(k + a, n - k + b) - log_beta(a, b))
