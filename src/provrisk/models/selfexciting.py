"""A self-exciting model in discrete time: every attack raises the rate of the months that follow."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr
from scipy.optimize import minimize
from scipy.special import expit, softmax

from provrisk.features.panel import counts_upto_origin
from provrisk.models import negbin
from provrisk.models.base import Model
from provrisk.models.smoothed_levels import FLOOR, discounted_mean, need_months


class SelfExciting(Model):
    """rate[t] = (1 - branching) * long_run[t] + branching * sum over i of kernel[i] * count[t - i].

    A discrete-time Hawkes process (Hawkes 1971) of monthly counts with negative-binomial spread. Its
    kernel is a mixture of three exponentials whose half-lives are ``half_lives`` months and whose shares are fitted,
    so that short and long echoes fit themselves. The branching ratio is below one, the long run is
    the province's mean so far: nothing explodes. All by maximum likelihood, provinces pooled; paths are simulated.
    """

    def __init__(self, half_lives: Sequence[float] = (0.5, 3, 18), burn_in: int = 12) -> None:
        self.half_lives = half_lives
        self.burn_in = burn_in

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        need_months(counts, self.burn_in + 2, "The self-exciting model")
        echoes, base = self._echoes(counts)
        rows = slice(self.burn_in - 1, -1)
        after = counts[self.burn_in :]
        known = ~np.isnan(after)
        echoes, base, after = echoes[rows][known], base[rows][known], after[known]

        def loss(theta: np.ndarray) -> float:
            rate = _rate(theta, echoes, base)
            return -float(negbin.log_likelihood(after, rate, negbin.size(theta[-2:], rate)).mean())

        begin = np.concatenate([[2.0], np.zeros(len(self.half_lives)), [0.3, 0.5]])
        found = minimize(loss, begin, method="L-BFGS-B", bounds=[(-6, 6)] * len(begin))
        self.theta_, self.converged_ = found.x, bool(found.success)
        self.branching_ = float(expit(found.x[0]))
        self.shares_ = softmax(found.x[1:-2])
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        echoes, base = (state[-1] for state in self._echoes(counts_upto_origin(panel)))
        state, long_run = np.repeat(echoes[:, None], draws, axis=1), np.repeat(base[:, None], draws, axis=1)
        keep = self._keep()
        paths = []
        for _ in range(max(horizons)):
            rate = _rate(self.theta_, state, long_run)
            paths.append(negbin.draw(rate, negbin.size(self.theta_[-2:], rate), rng))
            state = keep * state + (1 - keep) * paths[-1][..., None]
        return np.stack([paths[h - 1] for h in horizons], axis=1)

    def _echoes(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Exponentially discounted past counts (month, province, half-life) and the long-run mean (month, province)."""
        base = np.maximum(discounted_mean(counts, 0.0), FLOOR)
        keep = self._keep()
        state, out = np.repeat(base[self.burn_in - 1 if len(base) >= self.burn_in else -1][:, None], len(keep), 1), []
        for now, mean in zip(counts, base, strict=True):
            state = keep * state + (1 - keep) * np.where(np.isnan(now), mean, now)[:, None]
            out.append(state)
        return np.stack(out), base

    def _keep(self) -> np.ndarray:
        return 0.5 ** (1 / np.asarray(self.half_lives, dtype=float))


def _rate(theta: np.ndarray, echoes: np.ndarray, base: np.ndarray) -> np.ndarray:
    branching = expit(theta[0])
    return np.maximum((1 - branching) * base + branching * (echoes @ softmax(theta[1:-2])), FLOOR)
