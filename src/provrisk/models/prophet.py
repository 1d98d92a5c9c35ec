"""Prophet, province by province, on the square-root scale, with what the panel knows ahead."""

import logging
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.features.panel import counts_upto_origin
from provrisk.models.base import Model
from provrisk.models.smoothed_levels import need_months
from provrisk.models.timeseries import RARE, by_province, scaled


class ProphetCounts(Model):
    """Prophet's trend, yearly season and regressors on 2 sqrt(count + 3/8); its sampled paths, turned to counts.

    The panel's variables of ``families`` that are known ahead (elections, feasts, drivers) enter as
    regressors: a monthly panel knows a feast as the share of the month that it takes, which a dated holiday
    cannot say. Prophet cannot move its trend to a later origin, so its curves are fitted at every origin; the
    panel of ``fit`` says only which provinces and inputs enter. A province with fewer than ``least_active``
    months of attacks has its last ten years resampled.
    """

    def __init__(
        self,
        changepoint_scale: float = 0.3,
        season: bool = False,
        families: Sequence[str] = (),
        input_scale: float = 0.02,
        least_active: int = 24,
    ) -> None:
        self.changepoint_scale = changepoint_scale
        self.season = season
        self.families = families
        self.input_scale = input_scale
        self.least_active = least_active

    def fit(self, panel: xr.Dataset) -> Self:
        counts = counts_upto_origin(panel)
        need_months(counts, 24, "Prophet")
        self.columns_ = np.flatnonzero((counts > 0).sum(axis=0) >= self.least_active)
        self.inputs_ = [
            str(name)
            for name, one in panel.data_vars.items()
            if one.attrs.get("family") in self.families and one.attrs["known_ahead"]
        ]
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        def paths(column: int) -> np.ndarray:
            return self._paths(panel, column, max(horizons), draws, rng)

        return by_province(counts_upto_origin(panel), self.columns_, paths, horizons, draws, rng)

    def _paths(self, panel: xr.Dataset, column: int, steps: int, draws: int, rng: np.random.Generator) -> np.ndarray:
        counts = counts_upto_origin(panel)
        n = len(counts)
        table = self._table(panel, column, n + steps)
        table["y"] = np.append(scaled(counts[:, column]), np.full(steps, np.nan))
        model = self._prophet(table, n, draws).fit(table[:n])
        state = np.random.get_state()  # noqa: NPY002  (Prophet draws from the global generator and from no other)
        np.random.seed(int(rng.integers(2**32)))  # noqa: NPY002
        try:
            return np.asarray(model.predictive_samples(table[n:])["yhat"])
        finally:
            np.random.set_state(state)  # noqa: NPY002

    def _prophet(self, table: pd.DataFrame, n: int, draws: int) -> Any:
        for name in ("prophet.plot", "cmdstanpy"):  # of plots we do not draw, and of every chain
            logging.getLogger(name).disabled = True
        from prophet import Prophet

        model = Prophet(
            changepoint_prior_scale=self.changepoint_scale, yearly_seasonality=self.season, weekly_seasonality=False,
            daily_seasonality=False, uncertainty_samples=draws,
        )  # fmt: skip
        for name in self.inputs_:
            if (table[name][:n] != 0).sum() >= RARE and table[name][:n].std() > 0:
                model.add_regressor(name, prior_scale=self.input_scale)
        return model

    def _table(self, panel: xr.Dataset, column: int, rows: int) -> pd.DataFrame:
        """Months and inputs of one province, ``rows`` of them; beyond the panel's end the inputs stay."""
        index = panel.indexes["month"]
        table = pd.DataFrame({"ds": [months.shift(index[0], i) for i in range(rows)]})
        for name in self.inputs_:
            values = panel[name].transpose("month", "province").to_numpy()[:, column]
            table[name] = np.nan_to_num(values[np.minimum(np.arange(rows), len(values) - 1)])
        return table
