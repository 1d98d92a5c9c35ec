"""The ratio of the means of two autocorrelated series: its standard error, interval and p-values.

All come from one t statistic, so that they cannot contradict each other. The error is that of the mean of
own - ratio * other; its variance is the long-run variance, taken from the slowest cosines of the series (equal-weighted
cosine estimator), and the statistic then has a t distribution with as many degrees of freedom as there are cosines,
for any correlation over shorter times (Lazarus, Lewis, Stock and Watson 2018).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

MOST, LEAST = 4, 2
"""Largest number of cosines: more give little, and lose the level if the correlation is longer than it seems."""

SHORTEST = 6
"""Smallest number of time steps for each cosine: losses are correlated for longer than the horizons overlap."""


def cosines(length: int, span: int) -> int:
    """The number of cosines for the variance of a series of ``length``; 0 if it is too short.

    ``span`` is the number of steps by which its values overlap (the longest horizon): every cosine has at least as many
    steps.
    """
    number = min(MOST, length // max(SHORTEST, span))
    return number if number >= LEAST else 0


def fewest(span: int) -> int:
    """The length of the shortest usable series, by ``span`` as in ``cosines``."""
    return LEAST * max(SHORTEST, span)


def critical(degrees: int, level: float) -> float:
    """The value that |t| exceeds with probability 1 - ``level``."""
    return float(stats.t.ppf((1 + level) / 2, degrees))


@dataclass(frozen=True)
class Ratio:
    """An ``estimate``, its standard ``error`` and the ``degrees`` of freedom of that.

    If the series are too short, the error and every p-value and interval are NaN.
    """

    estimate: float
    error: float
    degrees: int

    def p_above(self, ratio: float) -> float:
        """One-sided p-value of a ratio up to ``ratio`` against one above it."""
        return float(stats.t.sf(self._t(ratio), self.degrees))

    def p_below(self, ratio: float) -> float:
        """One-sided p-value of a ratio of ``ratio`` or more against one below it."""
        return float(stats.t.cdf(self._t(ratio), self.degrees))

    def p_value(self, ratio: float = 1.0) -> float:
        """Two-sided p-value of ``ratio``; NaN if the series never differ from it."""
        return float(2 * stats.t.sf(abs(self._t(ratio)), self.degrees))

    def interval(self, level: float) -> tuple[float, float]:
        """The ratios, from 0 up, that the two-sided test at 1 - ``level`` does not reject."""
        reach = critical(self.degrees, level) * self.error
        return float(np.maximum(self.estimate - reach, 0)), self.estimate + reach

    def _t(self, ratio: float) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.divide(self.estimate - ratio, self.error))


def ratio_of(own: np.ndarray, other: np.ndarray, span: int) -> Ratio:
    """The ratio of the mean of ``own`` to that of ``other``, neither negative, both in order of time.

    ``span`` is the number of steps by which their values overlap. Steps at which both are zero give no
    information: there must be as many others as in the shortest usable series.
    """
    mean = float(np.mean(other))
    estimate = float(np.mean(own)) / mean if mean else float("nan")
    if np.count_nonzero((own != 0) | (other != 0)) < fewest(span):
        return Ratio(estimate, float("nan"), 0)
    error, degrees = error_of_mean(own - estimate * other, span)
    return Ratio(estimate, error / mean if mean else float("nan"), degrees)


def error_of_mean(series: np.ndarray, span: int) -> tuple[float, int]:
    """The standard error of the mean of ``series``, in order of time, and its degrees of freedom; NaN, 0 if short."""
    length = len(series)
    number = cosines(length, span)
    if not number:
        return float("nan"), 0
    times = (np.arange(length) + 0.5) / length
    waves = np.sqrt(2 / length) * np.cos(np.pi * np.outer(np.arange(1, number + 1), times))
    return float(np.sqrt(np.mean((waves @ series) ** 2) / length)), number
