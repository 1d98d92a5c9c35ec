"""The negative binomial whose size is a power of its mean, and its fit by maximum likelihood."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from provrisk import seeds

ENOUGH = 50_000  # pairs; two numbers are learnt from them
LARGEST_SIZE = 1e4  # beyond it the distribution is a Poisson for every purpose here


def size(log_size: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The size r = exp(a + b log m) at mean m; the variance is m + m**2 / r."""
    a, b = log_size
    return np.exp(np.clip(a + b * np.log(mean), np.log(1e-3), np.log(LARGEST_SIZE)))


def log_likelihood(counts: np.ndarray, mean: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Log-probability of each count, by the mean-size form of the distribution (Hilbe 2011, eq. 8.7)."""
    return (
        gammaln(counts + r) - gammaln(r) - gammaln(counts + 1)
        + r * np.log(r / (r + mean)) + counts * np.log(mean / (r + mean))
    )  # fmt: skip


def fit_size(counts: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The ``log_size`` (a, b) of greatest likelihood for ``counts`` around given positive ``mean``.

    Of more than ``ENOUGH`` pairs that many are taken at random, the same ones each time.
    """
    if len(counts) > ENOUGH:
        chosen = seeds.generator("fit_size", len(counts)).choice(len(counts), ENOUGH, replace=False)
        counts, mean = counts[chosen], mean[chosen]

    log_mean, least, most = np.log(mean), np.log(1e-3), np.log(LARGEST_SIZE)

    def loss(log_size: np.ndarray) -> tuple[float, np.ndarray]:
        plain = log_size[0] + log_size[1] * log_mean
        r = np.exp(np.clip(plain, least, most))
        by_r = digamma(counts + r) - digamma(r) + np.log(r / (r + mean)) + 1 - (r + counts) / (r + mean)
        slope = np.where((plain > least) & (plain < most), r * by_r, 0)
        value = -float(log_likelihood(counts, mean, r).mean())
        return value, -np.array([slope.mean(), (slope * log_mean).mean()])

    return np.asarray(minimize(loss, x0=[0.0, 0.5], jac=True, method="L-BFGS-B").x)


def draw(mean: np.ndarray, r: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One count for each element of ``mean`` and ``r``, as a Poisson with a gamma-distributed rate."""
    return rng.poisson(rng.gamma(r, mean / r))
