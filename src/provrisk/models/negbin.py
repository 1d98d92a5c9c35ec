"""The negative binomial whose size is a power of its mean, and its fit by maximum likelihood."""

from itertools import pairwise

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from provrisk import seeds

ENOUGH = 50_000  # pairs; two numbers are learnt from them
LENGTHS = (64, 256, 1024)
"""How long tables of the chances of 0, 1, ... are: an element has the shortest that holds all its likely counts."""

PART = 1000

LARGEST_SIZE = 1e4  # beyond it the distribution is a Poisson for every purpose here
LEAST, MOST = np.log(1e-3), np.log(LARGEST_SIZE)  # of log sizes


def size(log_size: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The size r = exp(a + b log m) at mean m; the variance is m + m**2 / r."""
    a, b = log_size
    return np.exp(np.clip(a + b * np.log(mean), LEAST, MOST))


def log_likelihood(counts: np.ndarray, mean: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Log-probability of each count, by the mean-size form of the distribution (Hilbe 2011, eq. 8.7)."""
    return (
        gammaln(counts + r) - gammaln(r) - gammaln(counts + 1)
        + r * np.log(r / (r + mean)) + counts * np.log(mean / (r + mean))
    )  # fmt: skip


def slopes(counts: np.ndarray, mean: np.ndarray, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The slopes of each log-likelihood by the logs of ``mean`` and ``r``."""
    whole, share = counts + r, r / (r + mean)
    by_size = digamma(whole) - digamma(r) + np.log(share) + 1 - whole / (r + mean)
    return (counts - mean) * share, r * by_size


def power_slopes(counts: np.ndarray, mean: np.ndarray, log_size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The slope of each log-likelihood by its ``mean``, size and all, and of their sum by ``log_size``."""
    log_mean = np.log(mean)
    plain = log_size[0] + log_size[1] * log_mean
    by_log_mean, by_log_r = slopes(counts, mean, size(log_size, mean))
    by_log_r = np.where((plain > LEAST) & (plain < MOST), by_log_r, 0)
    return (by_log_mean + log_size[1] * by_log_r) / mean, np.array([by_log_r.sum(), by_log_r @ log_mean])


def fit_size(counts: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """The ``log_size`` (a, b) of greatest likelihood for ``counts`` around given positive ``mean``.

    Of more than ``ENOUGH`` pairs that many are taken at random, the same ones each time.
    """
    if len(counts) > ENOUGH:
        chosen = seeds.generator("fit_size", len(counts)).choice(len(counts), ENOUGH, replace=False)
        counts, mean = counts[chosen], mean[chosen]

    def loss(log_size: np.ndarray) -> tuple[float, np.ndarray]:
        value = -float(log_likelihood(counts, mean, size(log_size, mean)).mean())
        return value, -power_slopes(counts, mean, log_size)[1] / len(counts)

    return np.asarray(minimize(loss, x0=[0.0, 0.5], jac=True, method="L-BFGS-B").x)


def draw(mean: np.ndarray, r: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One count for each element of ``mean`` and ``r``, as a Poisson with a gamma-distributed rate."""
    return rng.poisson(rng.gamma(r, mean / r))


def draws(
    mean: np.ndarray, r: np.ndarray, number: int, rng: np.random.Generator, weight: np.ndarray | None = None
) -> np.ndarray:
    """``number`` counts for each element of ``mean`` and ``r``, on a new last axis.

    With ``weight`` the last axis of all three are the components of a mixture. How often each count comes is drawn at
    once, as a multinomial, and the counts are then shuffled: an element costs as many steps as it has likely counts.
    ``PART`` elements are drawn together.
    Where these are more than the longest of ``LENGTHS``, counts are drawn one by one.
    """
    if weight is None:
        mean, r = mean[..., None], r[..., None]
        weight = np.ones_like(mean)
    shape = mean.shape[:-1]
    mean, r, weight = (one.reshape(-1, mean.shape[-1]) for one in (mean, r, weight))
    out = np.empty((len(mean), number), dtype=np.int32)
    length = _likely(mean, r).max(axis=1)
    for low, high in pairwise((0, *LENGTHS)):
        within = np.flatnonzero((length > low) & (length <= high))
        for at in np.split(within, range(PART, len(within), PART)) if len(within) else ():
            chance = np.einsum("ic,ick->ik", weight[at], _chances(mean[at], r[at], high))
            often = rng.multinomial(number, chance / chance.sum(axis=1, keepdims=True))
            counts = np.repeat(np.tile(np.arange(high, dtype=np.int32), len(at)), often.ravel())
            out[at] = rng.permuted(counts.reshape(len(at), number), axis=1)
    for i in np.flatnonzero(~(length <= LENGTHS[-1])):
        which = rng.choice(weight.shape[1], number, p=weight[i] / weight[i].sum())
        out[i] = np.minimum(draw(mean[i, which], r[i, which], rng), np.iinfo(np.int32).max)
    return out.reshape(*shape, number)


def _likely(mean: np.ndarray, r: np.ndarray) -> np.ndarray:
    """A count above which hardly a chance in 10 ** 11 lies: the smaller of two bounds.

    Far out each chance is the one before times nearly mean / (mean + r), which governs the first; the second is
    Bernstein's inequality.
    """
    fall = -np.log(mean / (mean + r))
    return 16 + np.minimum(4 * (mean + r) + 28 / fall, mean + 12 * np.sqrt(mean + mean**2 / r) + 80 / fall)


def _chances(mean: np.ndarray, r: np.ndarray, number: int) -> np.ndarray:
    """The chances of 0, 1, ... ``number`` - 1, on a new last axis; each comes from the one before."""
    k = np.arange(1, number)
    steps = np.log((k - 1 + r[..., None]) / k) + np.log(mean / (mean + r))[..., None]
    first = (r * np.log(r / (mean + r)))[..., None]
    return np.exp(np.cumsum(np.concatenate([first, steps], axis=-1), axis=-1))
