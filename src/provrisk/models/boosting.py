"""Gradient boosting with Poisson loss and a fitted negative-binomial spread."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import xarray as xr

from provrisk import seeds
from provrisk.features.panel import counts_upto_origin
from provrisk.models import negbin
from provrisk.models.base import Model
from provrisk.models.design_matrix import Design
from provrisk.models.smoothed_levels import FLOOR, need_months


class BoostedNB(Model):
    """Histogram gradient boosting of the mean, all provinces pooled, one model a horizon of ``anchors``.

    Regressors are those of ``Design``. The spread is a power of the mean, fitted on the last
    ``held_out`` share of the pairs, which a first boosting did not see. Trees cannot predict beyond the
    counts they saw, so the mean is bounded.
    """

    def __init__(
        self,
        families: Sequence[str] = (),
        anchors: Sequence[int] = (1, 3, 6, 12),
        rate: float = 0.05,
        rounds: int = 80,
        leaf: int = 40,
        held_out: float = 0.25,
        burn_in: int = 12,
        least: int = 60,
    ) -> None:
        self.families = families
        self.anchors = anchors
        self.rate = rate
        self.rounds = rounds
        self.leaf = leaf
        self.held_out = held_out
        self.burn_in = burn_in
        self.least = least

    def fit(self, panel: xr.Dataset) -> Self:
        from sklearn.ensemble import HistGradientBoostingRegressor

        need_months(counts_upto_origin(panel), self.least, "Boosting")
        seed = int(seeds.generator(type(self).__name__, panel.attrs["study"], panel.attrs["origin"]).integers(2**31))
        self.fits_: dict[int, tuple[Design, Any, np.ndarray]] = {}
        for horizon in self.anchors:
            design = Design(self.families).fit(panel, horizon, self.burn_in)
            x, y = design.x_, design.y_

            def boosted(rows: slice, x: np.ndarray = x, y: np.ndarray = y) -> Any:
                return HistGradientBoostingRegressor(
                    loss="poisson", learning_rate=self.rate, max_iter=self.rounds, min_samples_leaf=self.leaf,
                    early_stopping=False, random_state=seed,
                ).fit(x[rows], y[rows] + FLOOR)  # fmt: skip

            cut = int(len(y) * (1 - self.held_out))
            spread = negbin.fit_size(y[cut:], np.maximum(boosted(slice(cut)).predict(x[cut:]), FLOOR))
            self.fits_[horizon] = (design, boosted(slice(None)), spread)
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        fitted = np.array(list(self.fits_))
        out = []
        for horizon in horizons:
            nearest = int(fitted[np.abs(fitted - horizon).argmin()])
            design, model, spread = self.fits_[nearest]
            mean = np.maximum(model.predict(design.at_origin(panel, horizon)), FLOOR)
            out.append(negbin.draws(mean, negbin.size(spread, mean), draws, rng))
        return np.stack(out, axis=1)
