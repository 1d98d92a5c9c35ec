"""The contract of every base model, and the shape of what it returns."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np
import xarray as xr
from sklearn.base import BaseEstimator

from provrisk import months
from provrisk.errors import ProvriskError

LARGEST = 1_000_000
"""No forecast of attacks in one province and month goes beyond this: a model that does has exploded."""


class Model(BaseEstimator):
    """A forecaster of counts: ``fit`` on a panel up to its origin, ``predict`` at that origin or a later one.

    A subclass stores its settings in ``__init__``, learns in ``fit`` (attributes that end in ``_``) and
    draws in ``sample``. ``joint`` says that draw i is one course of events in all provinces and months, so that sums of
    draws are draws of sums.
    """

    joint = False

    @abstractmethod
    def fit(self, panel: xr.Dataset) -> Self:
        """Learn from ``panel``, which ends at its origin (see ``panel_upto``)."""

    @abstractmethod
    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        """Draws from the predictive distribution: counts over (province, horizon, draw)."""

    def predict(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> xr.DataArray:
        """The forecast at the panel's origin: integer counts over (province, horizon, draw).

        Raises ``ProvriskError`` if a draw is not a finite count.
        """
        origin = months.parse(panel.attrs["origin"])
        values = self.sample(panel, horizons, draws, rng)
        if not np.isfinite(values).all() or values.min() < 0 or values.max() > LARGEST:
            raise ProvriskError(
                f"{type(self).__name__} at origin {months.label(origin)} forecast values that are not counts: "
                "leave the model out or change its settings."
            )
        return xr.DataArray(
            values.astype(np.int32),
            dims=("province", "horizon", "draw"),
            coords={
                "province": panel.indexes["province"],
                "horizon": list(horizons),
                "target_month": ("horizon", [months.shift(origin, h) for h in horizons]),
                "origin": origin,
            },
            attrs={
                "study": panel.attrs["study"],
                "digest": panel.attrs["digest"],
                "target": panel.attrs["target"],
            },
        )


class Combiner(BaseEstimator):
    """Makes one forecast from others: a pool, a calibration, a dependence.

    ``members`` (a setting of every combiner) names the models or combiners it works on; ``joint`` is as in ``Model``.
    """

    members: Sequence[str]
    joint = False

    @abstractmethod
    def fit(self, past: xr.DataArray, observed: xr.DataArray) -> Self:
        """Learn from the members' ``past`` forecasts (model, origin, province, horizon, draw).

        ``observed`` (origin, province, horizon) is what was observed, NaN where the target month lies after the
        origin that the combiner is fitted at, or was not observed: such cells teach nothing.
        """

    @abstractmethod
    def combine(self, forecasts: xr.DataArray, rng: np.random.Generator) -> xr.DataArray:
        """One forecast (province, horizon, draw) from those of the members (model, province, horizon, draw).

        As many draws as each member has; a member that failed at this origin is absent.
        """
