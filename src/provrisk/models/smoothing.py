"""Exponential smoothing of counts."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr

from provrisk.errors import ProvriskError
from provrisk.features.panel import counts_upto_origin
from provrisk.models import negbin
from provrisk.models.base import Model
from provrisk.models.levels import ewma


class EwmaNB(Model):
    """An exponentially weighted mean with negative-binomial spread.

    Every horizon has the same mean, the level at the origin, and its own spread: the size of the
    distribution is a power of the level, fitted by maximum likelihood on all pairs of a level (after
    ``burn_in`` months) and the count that came ``horizon`` months later, no later than the origin.
    """

    def __init__(self, weight: float = 0.3, floor: float = 0.02, burn_in: int = 12, horizons: int = 12) -> None:
        self.weight = weight
        self.floor = floor
        self.burn_in = burn_in
        self.horizons = horizons

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        if len(counts) <= self.burn_in:
            raise ProvriskError(f"EWMA-NB needs more than {self.burn_in} months of counts: lower its burn_in.")
        level = self._level(counts)
        self.log_size_ = {}
        for horizon in range(1, self.horizons + 1):
            before, after = level[self.burn_in - 1 : -horizon], counts[self.burn_in - 1 + horizon :]
            known = ~np.isnan(after)
            if known.any():
                self.log_size_[horizon] = negbin.fit_size(after[known], before[known])
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        level = self._level(counts_upto_origin(panel))[-1]
        furthest = max(self.log_size_)
        r = np.stack([negbin.size(self.log_size_[min(h, furthest)], level) for h in horizons], axis=1)
        shape = (*r.shape, draws)
        return negbin.draw(np.broadcast_to(level[:, None, None], shape), np.broadcast_to(r[..., None], shape), rng)

    def _level(self, counts: np.ndarray) -> np.ndarray:
        return np.maximum(ewma(counts, self.weight, self.burn_in), self.floor)
