"""A mixture of two negative binomials, fitted by its CRPS on many pairs of a state and a count at once."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import betainc, expit, softmax

from provrisk.models import negbin

STEP = 1e-4  # of the numeric derivative of the table by the size's two parameters
GAIN = 0.7  # no mean is further than this, in logs, from a weighted mean of the levels: no explosions


class Component(NamedTuple):
    """Parameters of one negative binomial: mean exp(gain) * softmax(shares) . levels, and its size's power law."""

    shares: np.ndarray
    gain: float
    log_size: np.ndarray

    def mean(self, levels: np.ndarray) -> np.ndarray:
        """The mean of the component, in attacks."""
        return np.exp(self.gain) * (levels @ softmax(self.shares))


def split(theta: np.ndarray, levels: int) -> tuple[Component, Component, np.ndarray]:
    """The flat parameters as first component, second component and the weights of the signals."""
    one, two, rest = np.split(theta, [levels + 3, 2 * (levels + 3)])
    first, second = (Component(part[:levels], float(part[levels]), part[levels + 1 :]) for part in (one, two))
    return first, second, rest


def start(levels: int, signals: int) -> np.ndarray:
    """Where a fit starts and what it is shrunk to: one component near the first level, one near the last."""
    shares = np.linspace(1, -1, levels)
    return np.concatenate([shares, [0, 0.3, 0.5], -shares, [0, -0.3, 0.5], np.zeros(signals)])


def draw(
    theta: np.ndarray, levels: np.ndarray, signals: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Counts (state, draw) at ``levels`` (state, level) and ``signals`` (state, signal)."""
    first, second, weights = split(theta, levels.shape[1])
    is_first = rng.random((len(levels), draws)) < expit(signals @ weights)[:, None]
    means = [one.mean(levels) for one in (first, second)]
    sizes = [negbin.size(one.log_size, mean) for one, mean in zip((first, second), means, strict=True)]
    mean, size = (np.where(is_first, a[:, None], b[:, None]) for a, b in (means, sizes))
    return negbin.draw(mean, size, rng)


class MixtureFit:
    """The mean CRPS of the mixture as a function of its parameters, with its gradient.

    CRPS = sum over k of (F(k) - 1[count <= k])**2 (Gneiting and Raftery 2007, eq. 20, on the counts). F
    is needed for every pair at every step, so it is tabulated over a grid of means and read off by linear
    interpolation. Counts beyond a dozen share cells that widen geometrically, in which F is constant.
    """

    def __init__(self, levels: np.ndarray, signals: np.ndarray, counts: np.ndarray, prior: float) -> None:
        """``levels`` (pair, level), positive; ``signals`` (pair, signal); ``counts`` (pair).

        ``prior`` is the number of pairs that the pull to the start weighs as much as.
        """
        self.levels, self.signals = levels, signals
        edges = _cells(max(counts.max(), levels.max()))
        self.middle, self.width = (edges[:-1] + edges[1:] - 1) / 2, np.diff(edges).astype(float)
        self.above = np.clip(edges[None, 1:] - counts[:, None], 0, self.width)  # how many k of a cell are >= count
        self.grid = np.linspace(np.log(levels.min()) - GAIN, np.log(levels.max()) + GAIN, 64)
        self.step = self.grid[1] - self.grid[0]
        self.prior = prior / len(counts)

    def best(self, begin: np.ndarray, steps: int) -> np.ndarray:
        """The parameters of least mean CRPS plus the pull towards ``begin``, found by L-BFGS."""
        pull = self.prior * max(self.loss(begin)[0] + float(self.above.sum(axis=1).mean()), 1e-6)

        def penalised(theta: np.ndarray) -> tuple[float, np.ndarray]:
            value, gradient = self.loss(theta)
            away = theta - begin
            return value + pull * float(away @ away), gradient + 2 * pull * away

        bounds = [(-6.0, 6.0)] * len(begin)
        levels = self.levels.shape[1]
        for gain in (levels, 2 * levels + 3):
            bounds[gain] = (-GAIN, GAIN)
        found = minimize(penalised, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": steps})
        return np.asarray(found.x)

    def loss(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Mean CRPS less what no parameter changes, and its gradient."""
        first, second, weights = split(theta, self.levels.shape[1])
        weight = expit(self.signals @ weights)
        one, two = _Cdf(self, first), _Cdf(self, second)
        cdf = weight[:, None] * one.values + (1 - weight)[:, None] * two.values
        value = float((self.width * cdf**2 - 2 * self.above * cdf).sum() / len(cdf))
        slope = 2 * (self.width * cdf - self.above) / len(cdf)
        by_weight = (slope * (one.values - two.values)).sum(axis=1) * weight * (1 - weight)
        return value, np.concatenate([
            one.gradient(slope * weight[:, None]), two.gradient(slope * (1 - weight)[:, None]),
            self.signals.T @ by_weight,
        ])  # fmt: skip

    def table(self, log_size: np.ndarray) -> np.ndarray:
        """The distribution function at each mean of the grid and cell of counts."""
        mean = np.exp(self.grid)
        size = negbin.size(log_size, mean)
        return np.asarray(betainc(size[:, None], self.middle + 1, (size / (size + mean))[:, None]))


class _Cdf:
    """One component's distribution function at every pair, and how a loss changes with its parameters."""

    def __init__(self, fit: MixtureFit, component: Component) -> None:
        self.fit, self.component, self.shares = fit, component, softmax(component.shares)
        self.plain = fit.levels @ self.shares
        where = (np.log(self.plain) + component.gain - fit.grid[0]) / fit.step
        self.row = np.clip(where.astype(int), 0, len(fit.grid) - 2)
        part = where - self.row
        n = len(self.row)
        entries, columns = np.stack([1 - part, part], 1).ravel(), np.stack([self.row, self.row + 1], 1).ravel()
        self.read = csr_array((entries, columns, np.arange(0, 2 * n + 1, 2)), shape=(n, len(fit.grid)))
        self.table = fit.table(component.log_size)
        self.values = self.read @ self.table

    def gradient(self, slope: np.ndarray) -> np.ndarray:
        """By shares, gain and log_size, given the loss's ``slope`` by each value of the distribution function."""
        by_log_mean = (slope * (np.diff(self.table, axis=0) / self.fit.step)[self.row]).sum(axis=1)
        levels, plain = self.fit.levels, self.plain[:, None]
        by_shares = ((by_log_mean[:, None] / plain) * self.shares * (levels - plain)).sum(axis=0)
        gathered = self.read.T @ slope
        by_size = [
            float((gathered * (self.fit.table(self.component.log_size + step) - self.table)).sum() / STEP)
            for step in np.eye(2) * STEP
        ]
        return np.concatenate([by_shares, [by_log_mean.sum()], by_size])


def _cells(largest: float) -> np.ndarray:
    """Edges of the cells of counts: 0, 1, ... 12, then 9 % wider each, to well above ``largest``."""
    top = 12 + 6 * largest
    wide = np.geomspace(12, top, int(np.ceil(np.log(top / 12) / 0.09)) + 1).round()
    return np.unique(np.concatenate([np.arange(13), wide])).astype(int)
