"""The risk table: one row a province, every figure from the same draws."""

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.forecasts.draws import quantiles
from provrisk.risk.issue import Issue
from provrisk.study import Scale, Study


def risk_table(panel: xr.Dataset, forecast: xr.DataArray, issue: Issue, study: Study) -> pd.DataFrame:
    """The risk of every province in the issue's month, highest expected count first.

    ``forecast`` is (province, horizon, draw). Columns: rank, province, last_month and mean_12 (observed,
    missing where nothing was), expected, median, low_80, high_80 (attacks in the month), p_at_least_1,
    level.
    """
    draws = forecast.sel(horizon=issue.horizon).transpose("province", "draw").to_numpy()
    counts = panel[panel.attrs["target"]].sel(month=slice(months.shift(issue.origin, -11), issue.origin))
    low, median, high = quantiles(draws, [0.1, 0.5, 0.9])
    table = pd.DataFrame(
        {
            "province": forecast.indexes["province"],
            "last_month": counts.sel(month=issue.origin).to_series().astype("Int64").to_numpy(),
            "mean_12": counts.mean("month").to_numpy(),
            "expected": draws.mean(axis=1),
            "median": median,
            "low_80": low,
            "high_80": high,
            "p_at_least_1": (draws >= 1).mean(axis=1),
            "level": level(median, study.file.risk),
        }
    )
    table = table.sort_values(["expected", "province"], ascending=[False, True], ignore_index=True)
    table.insert(0, "rank", range(1, len(table) + 1))
    return table


def level(median: np.ndarray, scale: Scale) -> list[str]:
    """The level of each province: the category of the scale that holds its median."""
    return [scale.levels[i] for i in np.searchsorted(scale.thresholds, median, side="right")]


def to_csv(table: pd.DataFrame) -> str:
    """``risk.csv``: the table with three decimals, its columns as they are named here."""
    return table.to_csv(index=False, float_format="%.3f", lineterminator="\n")
