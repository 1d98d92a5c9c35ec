"""A mixture of a fast and a slow negative binomial whose weight follows the province's recent volatility."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr

from provrisk.features.panel import counts_upto_origin
from provrisk.models import mixture
from provrisk.models.base import Model
from provrisk.models.levels import FLOOR, discounted_mean, ewma, need_months, pairs, volatility


class FastSlowNB(Model):
    """Two negative binomials between a fast EWMA and a slow mean, fitted by CRPS.

    Either component's mean is a weighted mean of the two levels times a bounded gain, its size a power of its
    mean. The slow mean weighs all past months alike unless ``slow`` discounts them. The weight of the first
    component is logistic in the recent volatility, in the log of the slow level and in how far the fast one
    stands above it. Fitted at the horizons ``anchors`` for all provinces together; between them the
    parameters are interpolated in the log of the horizon. ``prior`` is the number of pairs that the starting
    parameters weigh as much as, which is what holds a short record.
    """

    def __init__(
        self,
        fast: float = 0.5,
        slow: float = 0.0,
        memory: float = 0.15,
        burn_in: int = 12,
        anchors: Sequence[int] = (1, 3, 6, 12),
        prior: float = 3.0,
        steps: int = 60,
        least: int = 72,
    ) -> None:
        self.fast = fast
        self.slow = slow
        self.memory = memory
        self.burn_in = burn_in
        self.anchors = anchors
        self.prior = prior
        self.steps = steps
        self.least = least

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        need_months(counts, max(self.least, self.burn_in + 1), "The fast-and-slow mixture")
        levels, signals = self._state(counts)
        theta = mixture.start(levels.shape[-1], signals.shape[-1])
        self.theta_: dict[int, np.ndarray] = {}
        for horizon in self.anchors:
            (at, signal), after = pairs([levels, signals], counts, horizon, self.burn_in)
            if len(after):
                theta = mixture.MixtureFit(at, signal, after, self.prior).best(theta, self.steps)
                self.theta_[horizon] = theta
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        levels, signals = (state[-1] for state in self._state(counts_upto_origin(panel)))
        fitted = sorted(self.theta_)
        table = np.stack([self.theta_[h] for h in fitted])
        out = []
        for horizon in horizons:
            theta = np.array([np.interp(np.log(horizon), np.log(fitted), column) for column in table.T])
            out.append(mixture.draw(theta, levels, signals, draws, rng))
        return np.stack(out, axis=1)

    def _state(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Levels (month, province, 2) and signals (month, province, 4) after each month."""
        fast = np.maximum(ewma(counts, self.fast, self.burn_in), FLOOR)
        slow = np.maximum(discounted_mean(counts, self.slow), FLOOR)
        signals = [
            np.ones_like(fast), volatility(counts, slow, self.memory),
            np.log((fast + 0.5) / (slow + 0.5)), np.log(slow + 0.5),
        ]  # fmt: skip
        return np.stack([fast, slow], axis=-1), np.stack(signals, axis=-1)
