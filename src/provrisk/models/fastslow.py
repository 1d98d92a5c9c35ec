"""A mixture of a fast and a slow negative binomial whose weight follows the province's recent volatility."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr
from scipy.optimize import minimize

from provrisk.features.panel import counts_upto_origin
from provrisk.models.base import Model
from provrisk.models.mixture import Mixture
from provrisk.models.negbin_table import table_for
from provrisk.models.smoothed_levels import AHEAD, FLOOR, discounted_mean, ewma, need_months, pairs_ahead, volatility

MIXTURE = Mixture(components=2, levels=2, gain=0.7)
BOUND = 6.0  # of each parameter
ENOUGH = 1e-6  # relative: a step that gains less ends the fit


class FastSlowNB(Model):
    """Two negative binomials between a fast EWMA and a slow mean, fitted by CRPS.

    Either component's mean is a weighted mean of the two levels times a bounded gain. The slow mean weighs all past
    months alike. Weights, gains and sizes move with the log of the horizon; the weight of the first component follows
    the recent volatility, the log of the slow level and how far the fast one stands above it too. Fitted for all
    provinces and horizons together, on at most ``pairs`` pairs of a state and a later count. ``prior`` is the number of
    pairs that the starting parameters weigh as much as, which is what holds a short record.
    """

    def __init__(
        self, fast: float = 0.5, memory: float = 0.15, burn_in: int = 12, prior: float = 3.0, steps: int = 60,
        pairs: int = 5000, least: int = 72,
    ) -> None:  # fmt: skip
        self.fast = fast
        self.memory = memory
        self.burn_in = burn_in
        self.prior = prior
        self.steps = steps
        self.pairs = pairs
        self.least = least

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        need_months(counts, max(self.least, self.burn_in + 1), "The fast-and-slow mixture")
        state = self._state(counts)
        (levels, signals), horizon, after, worth = pairs_ahead(
            state, counts, state[0][..., 1], self.burn_in, self.pairs
        )
        all_pairs = worth.sum()
        inputs, worth = _inputs(signals, horizon), worth / worth.mean()
        known = table_for(max(float(after.max()), float(levels.max())))
        start = np.zeros((inputs.shape[1], MIXTURE.outputs))
        start[0] = MIXTURE.start()
        free = np.zeros(start.shape, dtype=bool)
        free[:2, :-1], free[:, -2] = True, True

        def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
            theta = start.copy()
            theta[free] = values
            value, slope = MIXTURE.loss(inputs @ theta, levels, after, worth, 0.0, known)
            away = values - start[free]
            return value + pull * float(away @ away), (inputs.T @ slope)[free] + 2 * pull * away

        pull = 0.0
        pull = self.prior / all_pairs * max(loss(start[free])[0], 1e-6)
        found = minimize(
            loss, start[free], jac=True, method="L-BFGS-B", bounds=[(-BOUND, BOUND)] * int(free.sum()),
            options={"maxiter": self.steps, "ftol": ENOUGH},
        )  # fmt: skip
        self.theta_ = start
        self.theta_[free] = found.x
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        levels, signals = (state[-1] for state in self._state(counts_upto_origin(panel)))
        out = []
        for horizon in horizons:
            outputs = _inputs(signals, np.full(len(signals), min(horizon, AHEAD[-1]))) @ self.theta_
            out.append(MIXTURE.draw(outputs, levels, draws, rng))
        return np.stack(out, axis=1)

    def _state(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Levels (month, province, 2) and signals (month, province, 3) after each month."""
        fast = np.maximum(ewma(counts, self.fast, self.burn_in), FLOOR)
        slow = np.maximum(discounted_mean(counts, 0.0), FLOOR)
        signals = [volatility(counts, slow, self.memory), np.log((fast + 0.5) / (slow + 0.5)), np.log(slow + 0.5)]
        return np.stack([fast, slow], axis=-1), np.stack(signals, axis=-1)


def _inputs(signals: np.ndarray, horizon: np.ndarray) -> np.ndarray:
    """One, the log of the ``horizon`` (state) about its middle, and the ``signals`` (state, signal), as rows."""
    return np.column_stack([np.ones(len(signals)), np.log(horizon) - np.log(AHEAD).mean(), signals])
