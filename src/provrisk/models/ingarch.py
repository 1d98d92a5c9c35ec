"""Negative-binomial INGARCH: the mean feeds on the last count and the last mean, and on inputs of the panel."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr
from scipy.optimize import minimize
from scipy.special import softmax

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.features.panel import as_known, counts_upto_origin
from provrisk.models import negbin
from provrisk.models.base import Model
from provrisk.models.smoothed_levels import FLOOR, known_mean

SHARPEST = 5.0  # an input counts at most this many times its own mean
SPREAD = 1.0
BOUND = 12.0  # of what coefficients are the softmax of: beyond it they are 0 for every purpose here


class NBIngarch(Model):
    """NB-INGARCH(1,1) with identity link, one set of coefficients for all provinces.

    mean[t] = (1 - alpha - beta - sum gamma) * long_run + alpha * count[t - 1] + beta * mean[t - 1]
              + sum over inputs k of gamma[k] * long_run * input[k] / (mean of input[k])

    where the long run of a province is its mean count up to the origin of the fit (Ferland, Latour and Oraichi
    2006; Zhu 2011; inputs as in the INGARCH-X of Liboschik, Fokianos and Fried 2017). ``families`` names
    those of the panel's variables that are inputs, the ones that are never negative: read in the month
    itself where known ahead, else in the month before, and held as they stand at the origin. All
    coefficients are at least 0 and sum to less than 1, which keeps the mean from exploding. They and the
    size's power law are fitted together by maximum likelihood, the inputs' coefficients held by a prior (a normal of
    standard deviation ``SPREAD``, on the softmax's scale) so that of many inputs that tell the same none has to go to
    zero; paths are simulated.
    """

    def __init__(self, families: Sequence[str] = (), burn_in: int = 12) -> None:
        self.families = families
        self.burn_in = burn_in

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        if len(counts) <= self.burn_in:
            raise ProvriskError(f"NB-INGARCH needs more than {self.burn_in} months of counts: lower its burn_in.")
        self.long_run_ = np.maximum(known_mean(counts), FLOOR)
        self.inputs_ = self._useful(panel, len(counts))
        inputs = self._inputs(panel, len(counts))
        after = counts[self.burn_in :]
        known = ~np.isnan(after)

        def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
            coefficients, log_size = _coefficients(theta[:-2]), theta[-2:]
            means = self._means(counts, inputs, coefficients)
            mean = means[self.burn_in : -1][known]
            r = negbin.size(log_size, mean)
            value = negbin.log_likelihood(after[known], mean, r).mean()
            by_mean, by_log_size = negbin.power_slopes(after[known], mean, log_size)
            reached = np.zeros_like(means)
            reached[self.burn_in : -1][known] = by_mean / len(mean)
            slope = self._slopes(reached, means, counts, inputs, coefficients)
            by_theta = coefficients * (slope - coefficients @ slope)
            away = np.where(of_input, theta - begin, 0) / SPREAD**2 / len(mean)
            value -= away @ (theta - begin) / 2
            return -float(value), away - np.concatenate([by_theta, by_log_size / len(mean)])

        begin = np.concatenate([[1.2, 1.7], np.full(len(self.inputs_), -1.0), [0.0, 0.5]])
        of_input = np.repeat([False, True, False], [2, len(self.inputs_), 2])
        best = minimize(loss, x0=begin, jac=True, method="L-BFGS-B", bounds=[(-BOUND, BOUND)] * len(begin))
        self.alpha_, self.beta_, *self.gamma_ = _coefficients(best.x[:-2])
        self.log_size_ = best.x[-2:]
        self.converged_ = bool(best.success)
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        counts = counts_upto_origin(panel)
        n = len(counts)
        coefficients = np.array([self.alpha_, self.beta_, *self.gamma_])
        inputs = self._inputs(panel, n + max(horizons))
        mean = np.repeat(self._means(counts, inputs[:n], coefficients, inputs[n])[-1][:, None], draws, axis=1)
        paths = []
        for step in range(max(horizons)):
            paths.append(negbin.draw(mean, negbin.size(self.log_size_, mean), rng))
            ahead = inputs[min(n + step + 1, len(inputs) - 1)][:, None]
            fed = _fed(coefficients, self.long_run_[:, None], ahead)
            mean = np.maximum(fed + self.alpha_ * paths[-1] + self.beta_ * mean, FLOOR)
        return np.stack([paths[h - 1] for h in horizons], axis=1)

    def _means(
        self, counts: np.ndarray, inputs: np.ndarray, coefficients: np.ndarray, following: np.ndarray | None = None
    ) -> np.ndarray:
        """The mean before each month and, as last row, the mean of the month after: (month + 1, province)."""
        upcoming = np.concatenate([inputs[1:], (inputs[-1] if following is None else following)[None]])
        alpha, beta, *_ = coefficients
        unknown = np.isnan(counts)
        given = _fed(coefficients, self.long_run_, upcoming) + alpha * np.where(unknown, 0, counts)
        passed = beta + alpha * unknown  # an unobserved count is taken to be its mean
        out = np.empty((len(counts) + 1, counts.shape[1]))
        out[0] = np.maximum(known_mean(counts[: self.burn_in]), FLOOR)
        for t in range(len(counts)):
            np.maximum(given[t] + passed[t] * out[t], FLOOR, out=out[t + 1])
        return out

    def _slopes(
        self, reached: np.ndarray, means: np.ndarray, counts: np.ndarray, inputs: np.ndarray, coefficients: np.ndarray
    ) -> np.ndarray:
        """The slope by each coefficient of what has the slope ``reached`` by the ``means``: (coefficient).

        Backwards through the months: what a mean does is what it does itself and what the next mean does with it.
        """
        alpha, beta, *_ = coefficients
        unknown = np.isnan(counts)
        passed = (beta + alpha * unknown) * (means[1:] > FLOOR)
        own = reached.copy()
        for t in range(len(counts) - 1, -1, -1):
            own[t] += passed[t] * own[t + 1]
        moved = own[1:] * (means[1:] > FLOOR)
        count = np.where(unknown, means[:-1], counts)
        upcoming = np.concatenate([inputs[1:], inputs[-1:]])
        fed = np.einsum("tp,tpk->k", moved * self.long_run_, upcoming)
        rest = float((moved * self.long_run_).sum())
        return np.concatenate([[(moved * count).sum(), (moved * means[:-1]).sum()], fed]) - rest

    def _useful(self, panel: xr.Dataset, n: int) -> dict[str, np.ndarray]:
        """The inputs that are never negative and vary up to the origin, with their mean in each province."""
        out = {}
        for name, variable in panel.data_vars.items():
            if variable.attrs.get("family") not in self.families:
                continue
            values = as_known(variable, 1)[:n]
            if np.nanmin(values, initial=np.inf) >= 0 and np.nanstd(values) > 0:
                out[str(name)] = known_mean(values)
        return out

    def _inputs(self, panel: xr.Dataset, rows: int) -> np.ndarray:
        """Each input over its mean, as it feeds the mean of a month: (month, province, input), ``rows`` of them."""
        origin = panel.indexes["month"].get_loc(months.parse(panel.attrs["origin"]))
        out = np.ones((rows, panel.sizes["province"], len(self.inputs_)))
        for k, (name, mean) in enumerate(self.inputs_.items()):
            variable = panel[name]
            values = as_known(variable, 1)
            at = np.arange(rows) if variable.attrs["known_ahead"] else np.clip(np.arange(rows) - 1, 0, origin)
            taken = values[np.minimum(at, len(values) - 1)]
            scaled = np.divide(taken, mean, out=np.ones_like(taken), where=mean > 0)
            out[..., k] = np.clip(np.where(np.isnan(scaled), 1.0, scaled), 0, SHARPEST)
        return out


def _fed(coefficients: np.ndarray, long_run: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """What the long run and the inputs feed the mean with, apart from past counts."""
    alpha, beta, *gamma = coefficients
    fed = long_run * (1 - alpha - beta - sum(gamma))
    return fed + long_run * (inputs @ np.asarray(gamma)) if gamma else np.broadcast_to(fed, inputs.shape[:-1])


def _coefficients(theta: np.ndarray) -> np.ndarray:
    """Alpha, beta and the gammas from unbounded numbers: at least 0, their sum below 1."""
    return softmax(np.append(theta, 0.0))[:-1]
