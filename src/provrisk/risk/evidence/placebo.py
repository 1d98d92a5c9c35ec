"""One month's rate ratio among those of every other month: p-values, interval, and what could have been detected.

The other months are placebos: nothing in the claim happened there. If an effect multiplies what comes by
theta, the event's ratio is distributed as theta times a placebo's. From this follow p-values by rank, as in permutation
tests (Phipson and Smyth 2010), an interval by inverting them, and the smallest theta that would have been detected.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from provrisk.features.known_dates import month_numbers


@dataclass(frozen=True)
class Placebo:
    """An ``estimate`` of a rate ratio, judged by the ``placebos``: the ratios of other months."""

    estimate: float
    placebos: np.ndarray

    @property
    def percentile(self) -> float:
        """The share of placebos below the estimate."""
        return float((self.placebos < self.estimate).mean())

    def p_above(self, ratio: float) -> float:
        """One-sided p-value of an effect up to ``ratio`` against one above it."""
        return self._p(self.placebos * ratio >= self.estimate)

    def p_below(self, ratio: float) -> float:
        """One-sided p-value of an effect of ``ratio`` or more against one below it."""
        return self._p(self.placebos * ratio <= self.estimate)

    def interval(self, level: float) -> tuple[float, float]:
        """The effects that neither one-sided test at half of 1 - ``level`` rejects."""
        bottom, top = self._beyond((1 - level) / 2)
        return _over(self.estimate, top), _over(self.estimate, bottom)

    def detectable(self, alpha: float, power: float, bar: float = 1.0) -> tuple[float, float]:
        """The smallest fall below 1 / ``bar`` and rise above ``bar`` that a one-sided test at ``alpha`` finds.

        It finds them with ``power``. Where even the highest ratio of all would not be enough they are 0 and infinite.
        """
        bottom, top = self._beyond(alpha)
        weak, strong = np.quantile(self.placebos, [1 - power, power])
        return _over(bottom, strong) / bar, _over(top, weak) * bar

    def _beyond(self, alpha: float) -> tuple[float, float]:
        """Below and above which ratio a p-value is ``alpha`` at most: 0 and infinity if none is."""
        # p = (1 + placebos at least as far) / (1 + n), so k - 1 of them may be.
        k = int(np.floor(alpha * (1 + len(self.placebos)) + 1e-9))
        if k < 1:
            return 0.0, float("inf")
        ordered = np.sort(self.placebos)
        return float(ordered[k - 1]), float(ordered[-k])

    def _p(self, beyond: np.ndarray) -> float:
        return float((1 + beyond.sum()) / (1 + len(beyond)))


def placebo(ratio: pd.Series, month: pd.Timestamp, window: int, reach: int = 0) -> Placebo:
    """The ratio of ``month`` among those of all months whose window of ``window`` months does not overlap its own.

    Nor may a placebo's window overlap the ``reach`` months from ``month`` on.
    """
    away = month_numbers(ratio.index) - month_numbers(pd.DatetimeIndex([month]))[0]
    others = ratio[(away <= -window) | (away >= max(window, reach))]
    return Placebo(float(ratio[month]), others[np.isfinite(others)].to_numpy())


def _over(above: float, below: float) -> float:
    return float(above / below) if below > 0 else float("inf")  # above / infinity is 0: no lower bound
