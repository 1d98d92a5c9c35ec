"""Negative-binomial INGARCH: the mean feeds on the last count and the last mean."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr
from scipy.optimize import minimize

from provrisk.errors import ProvriskError
from provrisk.features.panel import counts_upto_origin
from provrisk.models import negbin
from provrisk.models.base import Model

FLOOR = 0.02


class NBIngarch(Model):
    """NB-INGARCH(1,1) with identity link, one set of coefficients for all provinces.

    mean[t] = (1 - alpha - beta) * long_run + alpha * count[t - 1] + beta * mean[t - 1], where the
    long run of a province is its mean count up to the origin of the fit (Ferland, Latour and Oraichi
    2006; Zhu 2011). alpha, beta >= 0 and alpha + beta < 1 keep it from exploding. Coefficients and
    the size's power law are fitted together by maximum likelihood; paths are simulated.
    """

    def __init__(self, burn_in: int = 12) -> None:
        self.burn_in = burn_in

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        if len(counts) <= self.burn_in:
            raise ProvriskError(f"NB-INGARCH needs more than {self.burn_in} months of counts: lower its burn_in.")
        self.long_run_ = np.maximum(np.nan_to_num(np.nanmean(counts, axis=0)), FLOOR)
        after = counts[self.burn_in :]
        known = ~np.isnan(after)

        def loss(theta: np.ndarray) -> float:
            mean = self._means(counts, _coefficients(theta))[self.burn_in : -1]
            r = negbin.size(theta[2:], mean)
            return -float(negbin.log_likelihood(after[known], mean[known], r[known]).mean())

        best = minimize(loss, x0=[2.0, -0.5, 0.0, 0.5], method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-6})
        self.alpha_, self.beta_ = _coefficients(best.x)
        self.log_size_ = best.x[2:]
        self.converged_ = bool(best.success)
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        counts = counts_upto_origin(panel)
        mean = np.repeat(self._means(counts, (self.alpha_, self.beta_))[-1][:, None], draws, axis=1)
        paths = []
        for _ in range(max(horizons)):
            paths.append(negbin.draw(mean, negbin.size(self.log_size_, mean), rng))
            mean = self._next(mean, paths[-1], (self.alpha_, self.beta_), self.long_run_[:, None])
        return np.stack([paths[h - 1] for h in horizons], axis=1)

    def _means(self, counts: np.ndarray, coefficients: tuple[float, float]) -> np.ndarray:
        """The mean before each month and, as last row, the mean of the month after: (month + 1, province)."""
        mean = np.maximum(np.nan_to_num(np.nanmean(counts[: self.burn_in], axis=0)), FLOOR)
        out = [mean]
        for now in counts:
            mean = self._next(mean, np.where(np.isnan(now), mean, now), coefficients, self.long_run_)
            out.append(mean)
        return np.stack(out)

    @staticmethod
    def _next(
        mean: np.ndarray, count: np.ndarray, coefficients: tuple[float, float], long_run: np.ndarray
    ) -> np.ndarray:
        alpha, beta = coefficients
        return np.maximum((1 - alpha - beta) * long_run + alpha * count + beta * mean, FLOOR)


def _coefficients(theta: np.ndarray) -> tuple[float, float]:
    """(alpha, beta) from unbounded numbers: persistence alpha + beta in (0, 1), and alpha's share of it."""
    persistence, share = 1 / (1 + np.exp(-np.asarray(theta[:2])))
    return float(persistence * share), float(persistence * (1 - share))
