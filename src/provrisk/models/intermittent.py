"""Croston's method and its kin, for provinces that are mostly zero."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
import xarray as xr

from provrisk.features.panel import counts_upto_origin
from provrisk.models import negbin
from provrisk.models.base import Model
from provrisk.models.smoothed_levels import FLOOR, known_mean, need_months, pairs

LevelOf = Callable[[np.ndarray], np.ndarray]


class _LevelNB(Model):
    """A level with negative-binomial spread fitted for each horizon, as EWMA-NB has it."""

    burn_in: int
    anchors: Sequence[int] = (1, 3, 6, 12)

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        need_months(counts, self.burn_in + 1, type(self).__name__)
        level = np.maximum(self._level(counts), FLOOR)
        self.log_size_: dict[int, np.ndarray] = {}
        for horizon in self.anchors:
            (before,), after = pairs([level], counts, horizon, self.burn_in)
            if len(after):
                self.log_size_[horizon] = negbin.fit_size(after, before)
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        level = np.maximum(self._level(counts_upto_origin(panel))[-1], FLOOR)
        fitted = np.array(list(self.log_size_))
        nearest = [int(fitted[np.abs(fitted - horizon).argmin()]) for horizon in horizons]
        r = np.stack([negbin.size(self.log_size_[horizon], level) for horizon in nearest], axis=1)
        return negbin.draws(np.broadcast_to(level[:, None], r.shape), r, draws, rng)

    @abstractmethod
    def _level(self, counts: np.ndarray) -> np.ndarray:
        """The mean count that each province is expected to see (province)."""


class CrostonSBA(_LevelNB):
    """The smoothed size of non-zero months over the smoothed gap between them.

    Croston (1972) with the factor 1 - weight / 2 of Syntetos and Boylan (2005) against its bias. The level stands
    still while nothing happens.
    """

    def __init__(self, weight: float = 0.1, burn_in: int = 12) -> None:
        self.weight = weight
        self.burn_in = burn_in

    def _level(self, counts: np.ndarray) -> np.ndarray:
        demand, share = _begin(counts[: self.burn_in])
        gap, since, out = 1 / share, np.ones_like(demand), np.empty_like(counts)
        for t, now in enumerate(counts):
            hit = now > 0
            demand = np.where(hit, demand + self.weight * (now - demand), demand)
            gap = np.where(hit, gap + self.weight * (since - gap), gap)
            since = np.where(hit, 1, since + ~np.isnan(now))
            out[t] = (1 - self.weight / 2) * demand / gap
        return out


class TSB(_LevelNB):
    """The smoothed size of non-zero months times the smoothed chance of one (Teunter, Syntetos and Babai 2011).

    Unlike Croston's, the level falls every month in which nothing happens.
    """

    def __init__(self, weight: float = 0.2, chance_weight: float = 0.1, burn_in: int = 12) -> None:
        self.weight = weight
        self.chance_weight = chance_weight
        self.burn_in = burn_in

    def _level(self, counts: np.ndarray) -> np.ndarray:
        demand, chance = _begin(counts[: self.burn_in])
        out = np.empty_like(counts)
        for t, now in enumerate(counts):
            hit, seen = now > 0, ~np.isnan(now)
            demand = np.where(hit, demand + self.weight * (now - demand), demand)
            chance = np.where(seen, chance + self.chance_weight * (hit - chance), chance)
            out[t] = demand * chance
        return out


def _begin(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean size of the non-zero months and the share of them; one attack and one month in fifty at the least."""
    size = known_mean(np.where(counts > 0, counts, np.nan))
    return np.maximum(size, 1), np.maximum(known_mean(np.where(np.isnan(counts), np.nan, counts > 0)), FLOOR)
