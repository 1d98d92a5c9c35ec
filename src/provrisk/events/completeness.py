"""How complete a month is by its age, learnt from past releases, and what the newest months will come to.

A month's count in a release of age a is taken to be a thinning of what the count will finally be:
reported_a | final ~ Binomial(final, p_a), p_a rising to 1. Between two ages the chance that an event
known at the later one was known at the earlier one is p_a / p_b = exp(-sum of g_j, a <= j < b), with a
rate g_j that is constant between ``KNOTS``: the reverse hazard of Lawless (1994), Canadian Journal of
Statistics 22(1). Every pair of successive statements of a month is one binomial term of the likelihood.

With final ~ NegBin(mean mu, size k), what is still to come is, given n reported at completeness p,
NegBin with size k + n and mean (k + n)(1 - p) / (k / mu + p): the gamma-Poisson posterior.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize

KNOTS = (0, 1, 2, 3, 6, 12, 24)
"""Ages in whole months at which the rate of late reporting may change; from the last on, nothing is late."""
PRIOR_SHAPE, PRIOR_RATE = 0.5, 5.0  # a weak gamma prior on each rate: about a tenth a month, very unsure


@dataclass(frozen=True)
class Completeness:
    """Fitted completeness: log rates by span between ``KNOTS`` and their covariance (scaled by ``dispersion``)."""

    log_rates: np.ndarray
    covariance: np.ndarray
    pairs: int
    dispersion: float

    def at(self, ages: np.ndarray) -> np.ndarray:
        """The share of a month's final count that is known at each of ``ages`` (whole months)."""
        return np.exp(-_exposure(np.asarray(ages), KNOTS[-1]) @ np.exp(self.log_rates))

    def draws(self, ages: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
        """``number`` draws of ``at(ages)`` from the approximate posterior: (draw, age)."""
        rates = rng.multivariate_normal(self.log_rates, self.covariance, size=number, method="eigh")
        return np.exp(-np.exp(np.minimum(rates, 3.0)) @ _exposure(np.asarray(ages), KNOTS[-1]).T)

    def table(self, rng: np.random.Generator, ages: np.ndarray | None = None) -> pd.DataFrame:
        """Completeness by age with its 80 % interval: age, share, low_80, high_80."""
        ages = np.arange(KNOTS[-1]) if ages is None else ages
        low, high = np.quantile(self.draws(ages, 2000, rng), (0.1, 0.9), axis=0)
        return pd.DataFrame({"age": ages, "share": self.at(ages), "low_80": low, "high_80": high})


def learn(revisions: pd.DataFrame) -> Completeness | None:
    """Completeness from a table of ``revisions`` (release, available, month, age, value by province).

    ``None`` where no month is stated at two ages. A count that fell is taken as complete: the model knows
    late events, not withdrawn ones.
    """
    earlier, later, known, total = _pairs(revisions)
    if not len(known):
        return None
    exposure = _exposure(earlier, later)

    def loss(log_rates: np.ndarray) -> float:
        late = np.maximum(exposure @ np.exp(log_rates), 1e-12)
        likelihood = -known * late + (total - known) * np.log(-np.expm1(-late))
        prior = PRIOR_SHAPE * log_rates - PRIOR_RATE * np.exp(log_rates)
        return float(-likelihood.sum() - prior.sum())

    start = np.full(len(KNOTS) - 1, np.log(0.1))
    fit = minimize(loss, start, method="L-BFGS-B", bounds=[(-12.0, 2.0)] * len(start))
    share = np.exp(-exposure @ np.exp(fit.x))
    # Events come to light in batches: more spread than binomial widens the intervals, less does not narrow them.
    spread = (known - total * share) ** 2 / np.maximum(total * share * (1 - share), 1e-9)
    used = total * share * (1 - share) > 0.5
    dispersion = max(1.0, float(spread[used].mean())) if used.sum() > len(start) else 1.0
    curvature = _hessian(loss, fit.x)
    covariance = np.linalg.inv(curvature + 1e-6 * np.eye(len(start))) * dispersion
    return Completeness(fit.x, covariance, len(known), dispersion)


def corrected(
    reported: np.ndarray, ages: np.ndarray, mean: np.ndarray, size: np.ndarray, fitted: Completeness, number: int,
    rng: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """Draws of what counts will finally be: (draw, ...) for ``reported`` counts (...) of the given ``ages``.

    ``mean`` and ``size`` (broadcast over the cells) are those of the negative binomial that the final
    counts follow, learnt from months that are complete (``prior``). NaN stays NaN. A draw uses one
    completeness curve for all its cells, so that the cells' errors are joint.
    """
    cells = np.broadcast_shapes(reported.shape, ages.shape)
    share = fitted.draws(np.broadcast_to(ages, cells).ravel(), number, rng).reshape(number, *cells)
    counts = np.nan_to_num(np.broadcast_to(reported, cells))
    intensity = rng.gamma(size + counts, 1.0, (number, *cells)) / (size / np.maximum(mean, 1e-9) + share)
    late = rng.poisson(intensity * (1 - share))
    return np.where(np.isnan(reported), np.nan, counts + late)


def prior(finals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and size of a negative binomial for each province, by moments, from ``finals`` (month, province).

    The mean is drawn to that of all provinces by half a month's weight, so that a quiet province is not
    held for impossible; the size lies in [0.1, 100].
    """
    months = np.sum(~np.isnan(finals), axis=0)
    overall = np.nanmean(finals)
    mean = (np.nansum(finals, axis=0) + 0.5 * overall) / (months + 0.5)
    variance = np.nanvar(finals, axis=0)
    size = mean**2 / np.maximum(variance - mean, mean**2 / 100.0 + 1e-9)
    return mean, np.clip(size, 0.1, 100.0)


def _pairs(revisions: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    totals = revisions.groupby(["month", "available", "release", "age"]).value.sum(min_count=1).dropna().reset_index()
    totals = totals.sort_values(["month", "age", "available"])
    later = totals.groupby("month")[["age", "value"]].shift(-1)
    fit = later.age.notna() & (later.age > totals.age) & (later.value > 0) & (totals.age >= 0)
    known = np.minimum(totals.value[fit], later.value[fit])
    return tuple(one.to_numpy(float) for one in (totals.age[fit], later.age[fit], known, later.value[fit]))


def _exposure(earlier: np.ndarray, later: np.ndarray | float) -> np.ndarray:
    """Months between two ages that lie in each span between knots: (pair, span)."""
    low, high = np.asarray(KNOTS[:-1], float), np.asarray(KNOTS[1:], float)
    begin = np.maximum(np.asarray(earlier, float)[..., None], low)
    end = np.minimum(np.asarray(later, float)[..., None], high)
    return np.maximum(end - begin, 0.0)


def _hessian(loss: Callable[[np.ndarray], float], at: np.ndarray, step: float = 1e-3) -> np.ndarray:
    """Second differences of ``loss``; directions in which it is flat keep the prior's curvature at least."""
    number = len(at)
    unit = np.eye(number) * step
    out = np.empty((number, number))
    for i in range(number):
        for j in range(number):
            out[i, j] = (
                loss(at + unit[i] + unit[j]) - loss(at + unit[i] - unit[j]) - loss(at - unit[i] + unit[j])
                + loss(at - unit[i] - unit[j])
            ) / (4 * step**2)  # fmt: skip
    values, vectors = np.linalg.eigh((out + out.T) / 2)
    return (vectors * np.maximum(values, 0.1)) @ vectors.T
