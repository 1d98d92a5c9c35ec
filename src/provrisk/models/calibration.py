"""Recalibration of draws by the randomised PIT of past forecasts."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import scoringrules as sr
import xarray as xr

from provrisk.models.base import Combiner
from provrisk.models.pit import randomised_pit

DIMS = ("origin", "province", "horizon")
LEVELS = np.linspace(0, 1, 21)


class PitCalibration(Combiner):
    """Moves the quantiles of its one member to where past PITs say they should stand.

    If G is the distribution function of past PITs, the calibrated quantile at level u is the old one
    at G^-1(u) (Gneiting, Balabdaoui and Raftery 2007). G is estimated apart for active cells (mean forecast
    at least ``active``) and others, at 20 equal steps, shrunk to no change as if ``prior`` cells had been perfectly
    calibrated. It is switched on for a kind only where it earned its place: learnt on the first half of
    the past origins, it must have lowered the CRPS of the second half by more than one standard
    error of the mean over origins. Ranks stay, so dependence does.
    """

    def __init__(
        self, members: Sequence[str], active: float = 1.0, prior: float = 500, memory: int = 60, least: int = 24
    ) -> None:
        self.members = members
        self.active = active
        self.prior = prior
        self.memory = memory
        self.least = least

    def fit(self, past: xr.DataArray, observed: xr.DataArray) -> Self:
        (name,) = self.members
        self.curves_: dict[bool, np.ndarray] = {}
        if name not in past.model.values or past.sizes["origin"] < self.least:
            return self
        draws = past.sel(model=name).transpose(*DIMS, "draw").to_numpy()[-self.memory :]
        counts = observed.transpose(*DIMS).to_numpy()[-self.memory :]
        levels = randomised_pit(draws, counts)
        is_active = draws.mean(axis=-1) >= self.active
        half = len(counts) // 2
        for kind in (True, False):
            mine = (is_active == kind) & ~np.isnan(counts)
            first, second = mine.copy(), mine.copy()
            first[half:], second[:half] = False, False
            # What the first half learnt it must have known when the second began: no target beyond that.
            for h in range(counts.shape[2]):
                first[max(half - h - 1, 0) :, :, h] = False
            if first.any() and second.any() and self._earns(draws, counts, second, self._curve(levels[first])):
                self.curves_[kind] = self._curve(levels[mine])
        return self

    def combine(self, forecasts: xr.DataArray, rng: np.random.Generator) -> xr.DataArray:
        (name,) = self.members
        one = forecasts.sel(model=name, drop=True).transpose("province", "horizon", "draw")
        draws = one.to_numpy().copy()
        is_active = draws.mean(axis=-1) >= self.active
        for kind, curve in self.curves_.items():
            draws[is_active == kind] = recalibrated(draws[is_active == kind], curve)
        return one.copy(data=draws)

    def _curve(self, pits: np.ndarray) -> np.ndarray:
        """The distribution function of ``pits`` at ``LEVELS``, shrunk to the straight line."""
        share = np.searchsorted(np.sort(pits), LEVELS, side="right") / len(pits)
        share[0], share[-1] = 0, 1
        return (len(pits) * share + self.prior * LEVELS) / (len(pits) + self.prior)

    @staticmethod
    def _earns(draws: np.ndarray, counts: np.ndarray, where: np.ndarray, curve: np.ndarray) -> bool:
        gain = np.zeros(counts.shape)
        old, happened = draws[where].astype(float), counts[where]
        new = recalibrated(old, curve)
        gain[where] = sr.crps_ensemble(happened, old, estimator="pwm") - sr.crps_ensemble(
            happened, new, estimator="pwm"
        )
        by_origin = gain.sum(axis=(1, 2))[where.any(axis=(1, 2))]
        return bool(by_origin.mean() > by_origin.std() / np.sqrt(len(by_origin)))


def recalibrated(draws: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """``draws`` (cell, draw) moved along ``curve``, the distribution function of PITs at ``LEVELS``; ranks stay."""
    m = draws.shape[-1]
    at = np.interp((np.arange(m) + 0.5) / m, curve, LEVELS)
    moved = np.sort(draws, axis=-1)[:, np.minimum((at * m).astype(int), m - 1)]
    ranks = draws.argsort(axis=-1, kind="stable").argsort(axis=-1)
    return np.take_along_axis(moved, ranks, axis=-1)
