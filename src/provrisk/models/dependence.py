"""Dependence between provinces and horizons: draws reordered by a Gaussian copula of past errors."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr
from scipy.special import ndtri

from provrisk.models.base import Combiner
from provrisk.models.pit import randomised_pit

CELL = ("province", "horizon")


class Dependence(Combiner):
    """Reorders the draws of its one member so that provinces and horizons rise and fall together.

    Each cell keeps its draws: only which of them belong together changes, as in a Schaake shuffle (Clark et
    al. 2004), whose template here is a Gaussian copula. Its correlation is the product of one between
    provinces and one between horizons, from the normal scores of past randomised PITs, shrunk as if ``prior``
    origins had shown a correlation ``provinces`` between any two provinces and ``horizons`` ** d between
    horizons d apart. Without a past those stand alone.
    """

    def __init__(
        self, members: Sequence[str], provinces: float = 0.3, horizons: float = 0.7, prior: float = 24
    ) -> None:
        self.members = members
        self.provinces = provinces
        self.horizons = horizons
        self.prior = prior

    def fit(self, past: xr.DataArray, observed: xr.DataArray) -> Self:
        (name,) = self.members
        dims = ("origin", *CELL)
        counts = observed.transpose(*dims).to_numpy()
        self.horizons_ = list(observed.horizon.values)
        n = observed.sizes["province"]
        self.between_provinces_ = np.full((n, n), self.provinces) + (1 - self.provinces) * np.eye(n)
        self.between_horizons_ = self._decay(self.horizons_)
        if past.sizes["origin"] and name in past.model.values:
            draws = past.sel(model=name).transpose(*dims, "draw").to_numpy()
            scores = ndtri(randomised_pit(draws, counts))
            self.between_provinces_ = self._shrunk(np.moveaxis(scores, 1, 2), self.between_provinces_)
            self.between_horizons_ = self._shrunk(scores, self.between_horizons_)
        return self

    def combine(self, forecasts: xr.DataArray, rng: np.random.Generator) -> xr.DataArray:
        (name,) = self.members
        one = forecasts.sel(model=name, drop=True).transpose(*CELL, "draw")
        n, h, m = one.shape
        left, right = _root(self.between_provinces_), _root(self._between(list(one.horizon.values)))
        template = left @ (right @ rng.standard_normal((m, h, n))).swapaxes(1, 2)
        return one.copy(data=reorder(one.to_numpy(), np.moveaxis(template, 0, -1)))

    def _between(self, horizons: list[int]) -> np.ndarray:
        """The correlation between ``horizons``: as learnt, or as assumed if one of them is new."""
        if not set(horizons) <= set(self.horizons_):
            return self._decay(horizons)
        chosen = [self.horizons_.index(horizon) for horizon in horizons]
        return self.between_horizons_[np.ix_(chosen, chosen)]

    def _decay(self, horizons: list[int]) -> np.ndarray:
        return self.horizons ** np.abs(np.subtract.outer(horizons, horizons)).astype(float)

    def _shrunk(self, scores: np.ndarray, towards: np.ndarray) -> np.ndarray:
        """The correlation over the last axis of ``scores`` (origin, other, one), shrunk; rows with gaps stay out."""
        whole = ~np.isnan(scores).any(axis=-1)
        rows = scores[whole]
        origins = len(rows) / scores.shape[1]
        if not len(rows):
            return towards
        # About zero, not about their mean: that a forecast was off everywhere is what is to be learnt.
        moments = rows.T @ rows + 1e-9 * np.eye(len(towards))
        spread = np.sqrt(np.diag(moments))
        return (origins * moments / np.outer(spread, spread) + self.prior * towards) / (origins + self.prior)


def reorder(draws: np.ndarray, template: np.ndarray) -> np.ndarray:
    """``draws`` rearranged along the last axis to have the ranks of ``template`` (same shape)."""
    ranks = template.argsort(axis=-1).argsort(axis=-1)
    return np.take_along_axis(np.sort(draws, axis=-1), ranks, axis=-1)


def _root(correlation: np.ndarray) -> np.ndarray:
    return np.linalg.cholesky(correlation + 1e-8 * np.eye(len(correlation)))
