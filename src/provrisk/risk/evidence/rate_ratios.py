"""Rate ratios of observed to expected counts, for a window of months that begins at any month of the record.

An event is judged by its own ratio among those of all other months, so every test gives the whole series.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months


@dataclass(frozen=True)
class Ratios:
    """Tables with a row a first month and a column a window (in months); NaN where the record does not reach.

    ``ratio`` is observed over expected. ``low`` and ``high`` bound it by the spread of the expectation alone, where the
    expectation has one.
    """

    observed: pd.DataFrame
    expected: pd.DataFrame
    ratio: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame

    def as_record(self) -> dict[str, Any]:
        """As JSON holds it: the months, the windows, and the values of each table."""
        values = {name: table.to_numpy().tolist() for name, table in vars(self).items()}
        return {"months": [months.label(month) for month in self.ratio.index], "windows": list(self.ratio)} | values

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """The inverse of ``as_record``."""
        tables = dict(record)
        index = pd.DatetimeIndex([months.parse(month) for month in tables.pop("months")], name="month")
        windows = tables.pop("windows")
        return cls(**{name: pd.DataFrame(values, index, windows, dtype=float) for name, values in tables.items()})


def counterfactual(
    forecasts: xr.DataArray, counts: xr.DataArray, provinces: Sequence[str], windows: Sequence[int], level: float
) -> Ratios:
    """Observed counts against the forecast at the month before the window, summed over it and ``provinces``.

    ``forecasts`` is (origin, province, horizon, draw), ``counts`` (month, province). Expected is the mean of the draws
    of the sum; ``low`` and ``high`` divide the observed count by the quantiles of the central ``level`` of these draws.
    """
    origins = forecasts.indexes["origin"]
    index = pd.DatetimeIndex([months.shift(origin, 1) for origin in origins], name="month")
    drawn = forecasts.sel(province=list(provinces)).sum("province").transpose("origin", "horizon", "draw")
    happened = total(counts, provinces)
    tables: dict[str, dict[int, np.ndarray]] = {name: {} for name in ("observed", "expected", "ratio", "low", "high")}
    for window in windows:
        sums = drawn.sel(horizon=slice(1, window)).sum("horizon").to_numpy()
        observed = ahead(happened, window).reindex(index).to_numpy()
        low, high = np.quantile(sums, [(1 - level) / 2, (1 + level) / 2], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = (observed, sums.mean(axis=1), observed / sums.mean(axis=1), observed / high, observed / low)
        for name, value in zip(tables, values, strict=True):
            tables[name][window] = value
    return Ratios(**{name: pd.DataFrame(columns, index=index) for name, columns in tables.items()})


def relative(treated: pd.Series, control: pd.Series, windows: Sequence[int], before: int) -> Ratios:
    """How ``treated`` moved from the ``before`` months before a window to the window, over how ``control`` moved.

    Both are counts by month. A half is added to each of the four sums (Haldane 1955), so that zeros do no harm.
    Expected is what ``treated`` would have come to, had it moved as ``control`` did. The ratio has no own spread.
    """
    earlier = {name: _trailing(series, before) for name, series in (("treated", treated), ("control", control))}
    observed, expected, ratio = {}, {}, {}
    for window in windows:
        share = window / before
        came, moved = ahead(treated, window) + 0.5, ahead(control, window) + 0.5
        was, was_control = earlier["treated"] * share + 0.5, earlier["control"] * share + 0.5
        observed[window], expected[window] = came - 0.5, was * moved / was_control
        ratio[window] = came / expected[window]
    unknown = pd.DataFrame(np.nan, treated.index, list(windows))
    return Ratios(pd.DataFrame(observed), pd.DataFrame(expected), pd.DataFrame(ratio), unknown, unknown)


def ahead(series: pd.Series, window: int) -> pd.Series:
    """The sum over the ``window`` months that begin at each month; NaN where one of them was not observed."""
    return series[::-1].rolling(window).sum()[::-1]


def _trailing(series: pd.Series, window: int) -> pd.Series:
    """The sum over the ``window`` months before each month."""
    return series.rolling(window).sum().shift(1)


def total(counts: xr.DataArray, provinces: Sequence[str]) -> pd.Series:
    """The sum over ``provinces`` of ``counts`` (month, province) by month; NaN where one of them was not observed."""
    return counts.sel(province=list(provinces)).sum("province", skipna=False).to_series()
