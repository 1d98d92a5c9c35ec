"""Forecasters that learn nothing: what a real model must beat."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr

from provrisk.errors import ProvriskError
from provrisk.features.panel import counts_upto_origin
from provrisk.models.base import Model


class Conflictology(Model):
    """A province's own last ``window`` months, resampled with replacement.

    One draw takes one past month for all provinces, so that sums over provinces are honest. A month
    that was not observed in a province is replaced there by another that was.
    """

    def __init__(self, window: int = 12) -> None:
        self.window = window

    def fit(self, panel: xr.Dataset) -> Self:
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        recent = counts_upto_origin(panel)[-self.window :]
        for column in recent.T:
            known = column[~np.isnan(column)]
            if not len(known):
                raise ProvriskError(
                    f"Conflictology needs an observed month among the last {self.window} of every province: "
                    "widen its window or leave it out."
                )
            column[np.isnan(column)] = rng.choice(known, np.isnan(column).sum())
        months_drawn = rng.integers(len(recent), size=(len(horizons), draws))
        return np.moveaxis(recent[months_drawn], -1, 0)
