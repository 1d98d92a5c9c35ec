"""Dependence between provinces and horizons: draws reordered by a Gaussian copula of past errors."""

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
import xarray as xr
from scipy.linalg import blas

from provrisk.models import latent_correlation
from provrisk.models.base import Combiner

CELL = ("province", "horizon")
PART = 100
"""Draws, or provinces, that are worked on together: where there are thousands, all at once would fill the memory."""


class Dependence(Combiner):
    """Reorders the draws of its one member so that provinces and horizons rise and fall together.

    Each cell keeps its draws: only which of them belong together changes, as in a Schaake shuffle (Clark et
    al. 2004), whose template here is a Gaussian copula. Its correlation is the product of one between
    provinces and one between horizons, the latent ones of the past forecasts' errors (see ``latent``), shrunk as
    if ``prior`` origins had shown a correlation ``provinces`` between any two provinces and ``horizons`` ** d between
    horizons d apart; months of quiet provinces weigh less against it. Without a past those stand alone.
    """

    joint = True

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
            mean, expected = latent_correlation.scores(draws, counts)
            turned = np.moveaxis(mean, 1, 2), np.moveaxis(expected, 2, 3)
            self.between_provinces_ = self._shrunk(*turned, self.between_provinces_)
            self.between_horizons_ = self._shrunk(mean, expected, self.between_horizons_)
        return self

    def combine(self, forecasts: xr.DataArray, rng: np.random.Generator) -> xr.DataArray:
        (name,) = self.members
        one = forecasts.sel(model=name, drop=True).transpose(*CELL, "draw")
        n, h, m = one.shape
        left, right = _root(self.between_provinces_), _root(self._between(list(one.horizon.values)))
        template = np.empty((m, h, n), np.float32)
        for rows in _parts(m):
            template[rows] = right @ rng.standard_normal((rows.stop - rows.start, h, n))
        # One product with all draws as columns; only their ranks matter, for which single precision is enough.
        columns = blas.strmm(1.0, left, template.reshape(m * h, n).T, lower=True, overwrite_b=True)
        template = columns.T.reshape(m, h, n)
        draws = one.to_numpy()
        out = np.empty_like(draws)
        for rows in _parts(n):
            out[rows] = reorder(draws[rows], np.ascontiguousarray(template[..., rows].T))
        return one.copy(data=out)

    def _between(self, horizons: list[int]) -> np.ndarray:
        """The correlation between ``horizons``: as learnt, or as assumed if one of them is new."""
        if not set(horizons) <= set(self.horizons_):
            return self._decay(horizons)
        chosen = [self.horizons_.index(horizon) for horizon in horizons]
        return self.between_horizons_[np.ix_(chosen, chosen)]

    def _decay(self, horizons: list[int]) -> np.ndarray:
        return self.horizons ** np.abs(np.subtract.outer(horizons, horizons)).astype(float)

    def _shrunk(self, mean: np.ndarray, expected: np.ndarray, towards: np.ndarray) -> np.ndarray:
        """The correlation over the last axis of ``mean`` (origin, other, one), shrunk by what its origins are worth.

        About zero, not about their mean: that a forecast was off everywhere is what is to be learnt.
        """
        others, ones = mean.shape[1:]
        found, worth = latent_correlation.correlation(mean.reshape(-1, ones), expected.reshape(len(expected), -1, ones))
        worth = worth / others
        return latent_correlation.proper((worth * found + self.prior * towards) / (worth + self.prior))


def reorder(draws: np.ndarray, template: np.ndarray) -> np.ndarray:
    """``draws`` rearranged along the last axis to have the ranks of ``template`` (same shape)."""
    out = np.empty_like(draws)
    np.put_along_axis(out, template.argsort(axis=-1), np.sort(draws, axis=-1), axis=-1)
    return out


def _parts(number: int) -> Iterator[slice]:
    """``number`` rows in parts of at most ``PART``."""
    return (slice(first, min(first + PART, number)) for first in range(0, number, PART))


def _root(correlation: np.ndarray) -> np.ndarray:
    return np.linalg.cholesky(correlation + 1e-8 * np.eye(len(correlation)))
