"""Target months and the observed counts in them."""

import numpy as np
import pandas as pd
import xarray as xr

from provrisk.study import Study


def observations(panel: xr.Dataset, forecasts: xr.DataArray) -> xr.DataArray:
    """The observed count in the target month of every forecast cell: (origin, province, horizon).

    NaN if the target month was not observed, or is after the panel's origin.
    """
    counts = panel[panel.attrs["target"]]
    found = counts.reindex(month=np.unique(forecasts.target_month)).sel(month=forecasts.target_month)
    return found.transpose("origin", "province", "horizon").drop_vars("month").reset_coords(drop=True)


def with_targets(forecasts: xr.DataArray) -> xr.DataArray:
    """``forecasts`` with the coordinate ``target_month`` of every origin and horizon."""
    if "origin" not in forecasts.dims:
        return forecasts
    origins = forecasts.indexes["origin"].to_numpy().astype("datetime64[M]")
    targets = (origins[:, None] + forecasts.horizon.to_numpy().astype("timedelta64[M]")).astype("datetime64[us]")
    return forecasts.assign_coords(target_month=(("origin", "horizon"), targets))


def active(panel: xr.Dataset, study: Study, origins: pd.DatetimeIndex) -> pd.Series:
    """Which provinces were active at each origin: a boolean series over (origin, province)."""
    counts = panel[panel.attrs["target"]]
    mean = counts.rolling(month=study.file.active_months, min_periods=1).mean().sel(month=origins)
    return (mean >= study.file.active_mean).rename(month="origin").to_series().rename("active")
