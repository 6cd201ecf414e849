"""What the book concludes, said so that a cell can hold it to it.

    claim("The LSTM learns in fewer updates than the simple cell", gains, above=0)

prints what is claimed and what was measured, and ends the build where it does not hold. What the
fortune of a start decides is measured once for each of `seeds`, and a claim about it has to leave
its bound so far behind that as many fresh seeds would cross it less than once in `RARELY` runs.

Two variables of the environment serve the run on fresh seeds: `FIRST_SEED` is added to every seed,
and with `REPORT` set a claim that does not hold says so and lets the rest go on.
"""

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lib import checks
from lib.checks import ArrayLike

RARELY = 1000
FIRST_SEED, REPORT = "BOOK_FIRST_SEED", "BOOK_REPORT_CLAIMS"
MIME = "application/vnd.book.claim+json"

__all__ = ["Claim", "claim", "seeds"]


def seeds(number: int) -> range:
    """The seeds of an experiment that is repeated `number` times: 0, 1, 2 and so on.

    In a run on fresh seeds they begin at another number.
    """
    first = int(os.environ.get(FIRST_SEED, 0))
    return range(first, first + checks.count("number", number))


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
    def holds(self) -> bool:
        """Whether the value keeps its bounds, and by far enough."""
        kept = (self.above is None or self.value > self.above) and (
            self.below is None or self.value < self.below
        )
        return kept and self.falls < 1 / RARELY

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
        return f"{'Holds' if self.holds else 'FALLS'}: {self.sentence}: {self.measured}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """What a notebook keeps: the line, and all of it for the page of claims."""
        return {"text/plain": str(self), MIME: {**asdict(self), "holds": self.holds}}


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

    How often it would fall on fresh seeds is taken from Student's distribution for a mean, with the
    spread of both samples; for a share from the beta-binomial one, with Jeffreys' prior.

    Raises ValueError where there is no bound, less than five seeds, or numbers that are not finite.
    """
    if above is None and below is None:
        raise ValueError("claim: expected a bound, above or below, got none")
    numbers = list(measured.values()) if isinstance(measured, Mapping) else measured
    values = np.asarray(numbers)
    yes_or_no = values.dtype == bool
    values = checks.numeric("measured", values.astype(float) if yes_or_no else values)
    if values.ndim > 1 or (values.ndim and len(values) < 5):
        raise ValueError(
            f"measured: expected one number, or five seeds at least, got shape {values.shape}"
        )
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
    _show(result)
    if not result.holds and not os.environ.get(REPORT):
        kept = result.falls >= 1 / RARELY
        why = f"; fresh seeds would refute it in {falls:.2g} of all runs: say less" if kept else ""
        raise AssertionError(f"{result}{why}")


def _show(result: Claim) -> None:
    """Print the line; a notebook keeps the rest of it as well."""
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        shell.display.display(result)
    else:
        print(result)


def _student_above(t: float, df: int) -> float:
    """The probability that Student's t with `df` degrees of freedom is above `t`."""
    # x = sqrt(df) tan(a) makes the density a power of cos(a) on a finite interval.
    angle = np.linspace(math.atan(t / math.sqrt(df)), math.pi / 2, 2001)
    density = np.cos(angle) ** (df - 1)
    scale = math.gamma((df + 1) / 2) / (math.gamma(df / 2) * math.sqrt(math.pi))
    return float(np.sum((density[1:] + density[:-1]) / 2 * np.diff(angle)) * scale)


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

    def log_beta(a: float, b: float) -> float:
        return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)

    a, b = seen + 0.5, n - seen + 0.5
    chances = [
        math.comb(n, k) * math.exp(log_beta(k + a, n - k + b) - log_beta(a, b))
        for k in range(n + 1)
    ]
    return sum(
        chance
        for k, chance in enumerate(chances)
        if (above is not None and k / n <= above) or (below is not None and k / n >= below)
    )
