"""Exponential smoothing of counts."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr

from provrisk.errors import ProvriskError
from provrisk.features.panel import counts_upto_origin
from provrisk.models import negbin
from provrisk.models.base import Model
from provrisk.models.smoothed_levels import ewma


class EwmaNB(Model):
    """An exponentially weighted mean with negative-binomial spread.

    Every horizon has the same mean, the level at the origin, and its own spread: the size of the
    distribution is a power of the level, fitted by maximum likelihood on all pairs of a level (after
    ``burn_in`` months) and the count ``horizon`` months later, no later than the origin.
    Of several ``weight`` each horizon takes the one of greatest likelihood.
    """

    def __init__(
        self, weight: float | Sequence[float] = 0.3, floor: float = 0.02, burn_in: int = 12, horizons: int = 12
    ) -> None:
        self.weight = weight
        self.floor = floor
        self.burn_in = burn_in
        self.horizons = horizons

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        if len(counts) <= self.burn_in:
            raise ProvriskError(f"EWMA-NB needs more than {self.burn_in} months of counts: lower its burn_in.")
        levels = {weight: self._level(counts, weight) for weight in np.atleast_1d(self.weight)}
        self.weight_: dict[int, float] = {}
        self.log_size_: dict[int, np.ndarray] = {}
        for horizon in range(1, self.horizons + 1):
            after = counts[self.burn_in - 1 + horizon :]
            known = ~np.isnan(after)
            best = -np.inf
            for weight, level in levels.items() if known.any() else ():
                before = level[self.burn_in - 1 : -horizon][known]
                log_size = negbin.fit_size(after[known], before)
                likelihood = negbin.log_likelihood(after[known], before, negbin.size(log_size, before)).mean()
                if likelihood > best:
                    best, self.weight_[horizon], self.log_size_[horizon] = likelihood, weight, log_size
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        counts = counts_upto_origin(panel)
        last = {weight: self._level(counts, weight)[-1] for weight in set(self.weight_.values())}
        fitted = [min(horizon, max(self.log_size_)) for horizon in horizons]
        level = np.stack([last[self.weight_[h]] for h in fitted], axis=1)
        r = np.stack([negbin.size(self.log_size_[h], level[:, i]) for i, h in enumerate(fitted)], axis=1)
        return negbin.draws(level, r, draws, rng)

    def _level(self, counts: np.ndarray, weight: float) -> np.ndarray:
        return np.maximum(ewma(counts, weight, self.burn_in), self.floor)
