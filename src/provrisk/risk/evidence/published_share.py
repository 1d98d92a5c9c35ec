"""A share over a few published periods, with its p-values and interval."""

from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class PublishedShare:
    """A share over some periods: ``count`` out of ``size``, binomial with the spread of Pearson's residuals.

    Judged by its score against a t distribution with the periods less one as degrees of freedom.
    """

    count: np.ndarray
    size: np.ndarray

    @property
    def estimate(self) -> float:
        """The share over all periods."""
        return float(self.count.sum() / self.size.sum())

    def p_above(self, share: float) -> float:
        """One-sided p-value of a share up to ``share`` against one above it."""
        return float(stats.t.sf(self._score(share), self._freedom))

    def p_below(self, share: float) -> float:
        """One-sided p-value of a share of ``share`` or more against one below it."""
        return float(stats.t.cdf(self._score(share), self._freedom))

    def interval(self, level: float) -> tuple[float, float]:
        """The shares that a two-sided test at 1 - ``level`` does not reject (Wilson 1927)."""
        t2 = stats.t.ppf((1 + level) / 2, self._freedom) ** 2 * self._spread
        size = self.size.sum()
        middle = (self.estimate + t2 / (2 * size)) / (1 + t2 / size)
        half = np.sqrt(t2 * (self.estimate * (1 - self.estimate) / size + t2 / (4 * size**2))) / (1 + t2 / size)
        return max(0.0, float(middle - half)), min(1.0, float(middle + half))

    @property
    def _freedom(self) -> int:
        return len(self.count) - 1

    @property
    def _spread(self) -> float:
        variance = self.size * self.estimate * (1 - self.estimate)
        if not (variance > 0).any():
            return 1.0
        seen = variance > 0
        squares = (self.count - self.size * self.estimate)[seen] ** 2 / variance[seen]
        return max(1.0, float(squares.sum()) / self._freedom)

    def _score(self, share: float) -> float:
        size = self.size.sum()
        return float((self.count.sum() - size * share) / np.sqrt(self._spread * size * share * (1 - share)))
