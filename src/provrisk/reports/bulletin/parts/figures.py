"""Figures that several parts show: past and coming months of a province, or of the whole country."""

import numpy as np
import pandas as pd
import xarray as xr

from provrisk.forecasts.quantiles import quantiles
from provrisk.reports.bulletin.content import BulletinContent

SHOWN = 36
"""Months of history that charts show, all on the same axis."""


def observed(content: BulletinContent, province: str | None, shown: int = SHOWN) -> pd.Series:
    """The last months of a province, or of the country."""
    return (content.total if province is None else content.counts[province]).iloc[-shown:]


def ahead(content: BulletinContent, province: str | None) -> pd.DataFrame:
    """The forecast from the issue's month on: expected, median and intervals by month."""
    chosen = content.forecast.sel(horizon=slice(content.issue.horizon, None))
    drawn = _pick(chosen, province).transpose("horizon", "draw").to_numpy()
    names = ["median", "low_50", "high_50", "low_80", "high_80", "low_90", "high_90"]
    values = quantiles(drawn, [0.5, 0.25, 0.75, 0.1, 0.9, 0.05, 0.95])
    index = pd.DatetimeIndex(chosen.target_month.to_numpy())
    return pd.DataFrame(np.asarray(values).T, columns=names, index=index).assign(expected=drawn.mean(axis=1))


def past(content: BulletinContent, province: str | None, since: pd.Timestamp) -> pd.DataFrame:
    """What the backtest forecast at the issue's horizon, by target month."""
    horizon = content.issue.horizon
    if horizon not in content.past.indexes["horizon"] or not content.past.sizes["origin"]:
        return pd.DataFrame(columns=["low_80", "median", "high_80"], index=pd.DatetimeIndex([]))
    chosen = content.past.sel(horizon=horizon)
    low, median, high = quantiles(_pick(chosen, province).transpose("origin", "draw").to_numpy(), [0.1, 0.5, 0.9])
    index = pd.DatetimeIndex(chosen.target_month.to_numpy())
    table = pd.DataFrame({"low_80": low, "median": median, "high_80": high}, index=index)
    return table[table.index >= since]


def _pick(forecast: xr.DataArray, province: str | None) -> xr.DataArray:
    return forecast.sum("province") if province is None else forecast.sel(province=province)
