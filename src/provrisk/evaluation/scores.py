"""Scores of forecasts against what happened, as one long table."""

import numpy as np
import pandas as pd
import scoringrules as sr
import xarray as xr

from provrisk.forecasts.draws import quantiles
from provrisk.study import Study

SCORES = {
    "crps": "continuous ranked probability score, fair form, in attacks; lower is better",
    "absolute_error": "distance of the median from what happened, in attacks",
    "error": "mean of the draws less what happened, in attacks; positive: too high",
}


def truth(panel: xr.Dataset, forecasts: xr.DataArray) -> xr.DataArray:
    """What was observed in the target month of every forecast cell: (origin, province, horizon), NaN if nothing."""
    return panel[panel.attrs["target"]].sel(month=forecasts.target_month).drop_vars("month").reset_coords(drop=True)


def score(forecasts: xr.DataArray, observed: xr.DataArray) -> pd.DataFrame:
    """Scores of every model, origin, horizon and province: columns model, origin, horizon, province, score, value.

    ``forecasts`` is (model, origin, province, horizon, draw), ``observed`` (origin, province, horizon);
    cells that were not observed are left out. CRPS is the fair form for an ensemble of m draws
    (Zamo and Naveau 2018), computed from sorted draws.
    """
    dims = ("origin", "province", "horizon")
    happened = observed.transpose(*dims).to_numpy()
    tables = []
    for name in forecasts.model.values:
        draws = forecasts.sel(model=name).transpose(*dims, "draw").to_numpy()
        values = {
            "crps": sr.crps_ensemble(happened, draws.astype(float), estimator="pwm"),
            "absolute_error": np.abs(quantiles(draws, [0.5])[0] - happened),
            "error": draws.mean(axis=-1) - happened,
        }
        cube = xr.Dataset(
            {key: (dims, value) for key, value in values.items()},
            coords={dim: observed[dim] for dim in dims},
        )
        long = cube.to_dataframe().dropna().reset_index()
        long = long.melt(id_vars=list(dims), var_name="score")
        tables.append(long.assign(model=str(name)))
    return pd.concat(tables)[["model", "origin", "horizon", "province", "score", "value"]].reset_index(drop=True)


def active(panel: xr.Dataset, study: Study, origins: pd.DatetimeIndex) -> pd.Series:
    """Which provinces were active at each origin: a boolean series over (origin, province)."""
    counts = panel[panel.attrs["target"]]
    mean = counts.rolling(month=study.file.active_months, min_periods=1).mean().sel(month=origins)
    return (mean >= study.file.active_mean).rename(month="origin").to_series().rename("active")


def summary(scores: pd.DataFrame, activity: pd.Series) -> pd.DataFrame:
    """Mean of each score by model, for all and for the active provinces, best CRPS first.

    Index: model; columns: (score, "all" or "active").
    """
    joined = scores.join(activity, on=["origin", "province"])
    table = pd.concat(
        {
            "all": joined.groupby(["model", "score"]).value.mean().unstack(),
            "active": joined[joined.active].groupby(["model", "score"]).value.mean().unstack(),
        },
        axis=1,
    )
    return table.swaplevel(axis=1).sort_values(("crps", "all"))
