"""A rate, or a share, before and after a day: the change with its p-values, its interval, and what could be found.

For figures so few that no other dates are at hand to serve as placebos: a handful of published periods, of unequal
length, on either side of a day.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize, special, stats

FURTHEST = np.log(1e4)
"""No bound is looked for beyond a change by this factor, either way."""

HIGHEST = 40.0
"""The linear predictor stays between this and its negative."""


@dataclass(frozen=True)
class RateChange:
    """Counts of periods, each out of a ``size``: its days for a rate, all counts of the period for a share.

    ``after`` marks the periods after the day. The change theta multiplies the rate, or the odds of the share. A rate's
    counts are negative binomial (variance m + spread m^2), a share's binomial times a spread; the spread is that of
    Pearson's residuals around the two means, never below the Poisson's or the binomial's. Theta is judged by its
    efficient score (Rao 1948) against a t distribution with the periods less two as degrees of freedom, which allows
    for how ill so few periods tell the spread. Periods must be three at least, some on either side.
    """

    count: np.ndarray
    size: np.ndarray
    after: np.ndarray
    share: bool = False

    @property
    def freedom(self) -> int:
        """Degrees of freedom: the periods less two."""
        return len(self.count) - 2

    @property
    def estimate(self) -> float:
        """The change; half a count is added where a side has none, or nothing else (Haldane 1955)."""
        return self._odds(self.after) / self._odds(~self.after)

    @property
    def expected(self) -> float:
        """What would have come after the day, had nothing changed."""
        return float(self.count[~self.after].sum() / self.size[~self.after].sum() * self.size[self.after].sum())

    def before(self, level: float) -> tuple[float, float]:
        """What the time before by itself tells of the old rate (or share): an interval of the central ``level``."""
        odds = self._odds(~self.after)
        error = 1 / np.sqrt(self._parts(np.log(odds), 0.0)[2][~self.after].sum())
        bound = float(stats.t.ppf((1 + level) / 2, self.freedom)) * error
        low, high = odds * np.exp(-bound), odds * np.exp(bound)
        return (low / (1 + low), high / (1 + high)) if self.share else (float(low), float(high))

    def p_above(self, ratio: float) -> float:
        """One-sided p-value of a change up to ``ratio`` against one above it."""
        return float(stats.t.sf(self._score(np.log(ratio)), self.freedom))

    def p_below(self, ratio: float) -> float:
        """One-sided p-value of a change of ``ratio`` or more against one below it."""
        return float(stats.t.cdf(self._score(np.log(ratio)), self.freedom))

    def interval(self, level: float) -> tuple[float, float]:
        """The changes that a two-sided test at 1 - ``level`` does not reject."""
        bound = float(stats.t.ppf((1 + level) / 2, self.freedom))
        low = _first(lambda log: bound - self._score(log), np.log(self.estimate), -FURTHEST)
        high = _first(lambda log: bound + self._score(log), np.log(self.estimate), FURTHEST)
        return (0.0 if low is None else low), (np.inf if high is None else high)

    def detectable(self, alpha: float, power: float, margin: float = 1.0) -> tuple[float, float]:
        """The smallest fall and rise that a one-sided test of ``margin`` at ``alpha`` finds with ``power``.

        From the periods, the level before and the spread at hand. 0 and infinity: none would be found.
        """
        needed = float(stats.t.isf(alpha, self.freedom) + stats.t.ppf(power, self.freedom))
        edge = np.log(margin)
        fall = _first(lambda log: needed + self._to_be_expected(log, -edge), -edge, -FURTHEST)
        rise = _first(lambda log: needed - self._to_be_expected(log, edge), edge, FURTHEST)
        return (0.0 if fall is None else fall), (np.inf if rise is None else rise)

    @cached_property
    def spread(self) -> float:
        """The over-dispersion: alpha of the negative binomial (0 is Poisson), or the factor of the binomial (1)."""
        mean = np.where(self.after, self._pooled(self.after), self._pooled(~self.after)) * self.size
        seen = mean > 0
        squares, mean, size = (self.count - mean)[seen] ** 2, mean[seen], self.size[seen]
        if self.share:
            variance = mean * (1 - mean / size)
            return max(1.0, float((squares[variance > 0] / variance[variance > 0]).sum()) / self.freedom)

        def excess(alpha: float) -> float:
            return float((squares / (mean + alpha * mean**2)).sum()) - self.freedom

        return optimize.brentq(excess, 0.0, 1e4) if excess(0.0) > 0 else 0.0

    def _score(self, change: float) -> float:
        """The standardised efficient score of the change (a logarithm): positive where the counts speak for more."""
        return self._standardised(self.count, change)

    def _to_be_expected(self, true: float, tested: float) -> float:
        """The score of ``tested`` at the counts to be expected if ``true`` is the change (both logarithms)."""
        odds = self._odds(~self.after)
        level = np.log(odds)
        return self._standardised(self._parts(level, true)[0], tested)

    def _standardised(self, count: np.ndarray, change: float) -> float:
        def slope(level: float) -> float:
            mean, weight, _ = self._parts(level, change)
            return float((weight * (count - mean)).sum())

        low, high = -HIGHEST, HIGHEST
        level = (
            optimize.brentq(slope, low, high) if slope(low) > 0 > slope(high) else (high if slope(high) > 0 else low)
        )
        mean, weight, information = self._parts(level, change)
        after, before = information[self.after].sum(), information[~self.after].sum()
        efficient = after * before / max(after + before, 1e-300)
        return float((weight * (count - mean))[self.after].sum() / np.sqrt(max(efficient, 1e-300)))

    def _parts(self, level: float, change: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean, weight of the residual, and information of each period at a log ``level`` and log ``change``."""
        predictor = level + change * self.after
        if self.share:
            part = special.expit(predictor)
            mean = self.size * part
            return mean, np.full(len(mean), 1 / self.spread), mean * (1 - part) / self.spread
        mean = self.size * np.exp(np.clip(predictor, -HIGHEST, HIGHEST))
        weight = 1 / (1 + self.spread * mean)
        return mean, weight, mean * weight

    def _pooled(self, side: np.ndarray) -> float:
        return float(self.count[side].sum() / self.size[side].sum())

    def _odds(self, side: np.ndarray) -> float:
        """The rate, or the odds of the share, of one side."""
        count, size = self.count[side].sum(), self.size[side].sum()
        if not self.share:
            return float((count or 0.5) / size)
        half = 0.5 if count in (0, size) else 0.0
        return float((count + half) / (size - count + half))


def _first(positive_until: Callable[[float], float], start: float, furthest: float) -> float | None:
    """e to where ``positive_until`` turns negative on the way from ``start`` to ``furthest``; None if it does not."""
    if positive_until(start) <= 0:
        return float(np.exp(start))
    if positive_until(furthest) > 0:
        return None
    return float(np.exp(optimize.brentq(positive_until, *sorted((start, furthest)))))
