"""Why: what moves a province's forecast away from its own 12-month mean, one family of information at a time.

Any model will do: what it sees is changed, not how it thinks. One family is set to neutral, the rest stays, and the
model forecasts again with the same random numbers; the change of the expected count is that family's part.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months

RECENT, YEAR, EARLIER = 2, 12, 24
"""Months that count as recent; the year that the mean is taken of; how far back the trend is looked for."""

FAMILIES = ("recency", "trend", "neighbours", "calendar", "drivers")
SMALLEST, SHARE, ERRORS = 0.5, 0.1, 2.0
"""A part is named from a half, a tenth of the mean and two standard errors up."""

CARRIED = 0.5
"""Where the named parts make up less of the whole than this, the sentence says so."""

Predict = Callable[[xr.Dataset], xr.DataArray]
"""The forecast (province, draw) of one month from a panel, with the same random numbers at each call."""

Rebuild = Callable[[xr.DataArray], xr.Dataset]
"""The panel as it would be, features included, if its target had been the array (month, province)."""


@dataclass(frozen=True)
class Reasons:
    """``parts``: what each family adds to the expected count, a row a province, with standard errors in ``errors``.

    ``parts`` has the columns of the families that the model sees, and ``remainder``: all together and ``mean_12`` make
    ``expected``.
    """

    parts: pd.DataFrame
    errors: pd.DataFrame
    mean_12: pd.Series
    expected: pd.Series

    def named(self, province: str) -> list[str]:
        """The families that carry the province's forecast away from its mean, the largest part first."""
        parts, errors = self.parts.loc[province].drop("remainder"), self.errors.loc[province]
        least = np.maximum(np.maximum(SMALLEST, SHARE * self.mean_12[province]), ERRORS * errors)
        # A part against the direction of the whole is not what moved it.
        along = np.sign(parts) == np.sign(self.expected[province] - self.mean_12[province])
        chosen = parts[(parts.abs() >= least) & along]
        return chosen.abs().sort_values(ascending=False, kind="stable").index.tolist()

    def moved(self, province: str) -> bool:
        """Whether the expected count differs from the 12-month mean by enough to be spoken of."""
        mean = self.mean_12[province]
        return bool(abs(self.expected[province] - mean) >= max(SMALLEST, SHARE * mean))


def reasons(panel: xr.Dataset, predict: Predict, rebuild: Rebuild) -> Reasons:
    """The part of every family, for all provinces; ``panel`` ends at its origin."""
    drawn = predict(panel)
    counts = panel[panel.attrs["target"]].transpose("month", "province")
    origin = months.parse(panel.attrs["origin"])
    mean = counts.sel(month=slice(months.shift(origin, 1 - YEAR), origin)).mean("month").to_series()
    neutral = neutral_panels(panel, rebuild, counts, origin, mean.to_numpy())
    parts, errors = {}, {}
    for family, changed in neutral.items():
        change = (drawn - predict(changed)).transpose("province", "draw").to_numpy()
        parts[family] = change.mean(axis=1)
        errors[family] = change.std(axis=1, ddof=1) / np.sqrt(change.shape[1])
    expected = drawn.mean("draw").to_series()
    table = pd.DataFrame(parts, index=mean.index)
    table["remainder"] = expected - mean - table.sum(axis=1)
    return Reasons(table, pd.DataFrame(errors, index=mean.index), mean, expected)


def neutral_panels(
    panel: xr.Dataset, rebuild: Rebuild, counts: xr.DataArray, origin: pd.Timestamp, mean: np.ndarray
) -> Mapping[str, xr.Dataset]:
    """For each family that ``panel`` has, the panel in which that family alone says nothing.

    recency: the last two months are as the 12-month mean; trend: the 22 months before them are. Features made of the
    province's own counts follow, those of its neighbours do not. neighbours: their features hold their own mean of the
    last year; calendar: the same, from the origin on; drivers: none in force from the month before the origin on.
    """
    end = int(np.searchsorted(counts.indexes["month"], origin)) + 1
    beside = [name for name in panel.data_vars if panel[name].attrs.get("family") == "neighbours"]
    out = {}
    for family, first, last in (("recency", RECENT, 0), ("trend", EARLIER, RECENT)):
        changed = rebuild(_levelled(counts, max(end - first, 0), end - last, mean))
        out[family] = changed.assign({name: panel[name] for name in beside})
    for family in FAMILIES[2:]:
        names = [name for name in panel.data_vars if panel[name].attrs.get("family") == family]
        if names:
            out[family] = panel.assign({name: _neutral(panel[name], family, end) for name in names})
    return out


def _levelled(counts: xr.DataArray, first: int, last: int, mean: np.ndarray) -> xr.DataArray:
    """``counts`` with the observed ones of rows ``first`` to ``last`` replaced by whole numbers that have this mean."""
    values = counts.to_numpy().copy()
    steps = np.arange(1, last - first + 1)[:, None] * np.nan_to_num(mean)
    level = np.diff(np.round(steps), axis=0, prepend=0)
    block = values[first:last]
    values[first:last] = np.where(np.isnan(block), block, level)
    return counts.copy(data=values)


def _neutral(values: xr.DataArray, family: str, end: int) -> xr.DataArray:
    data = values.transpose("month", "province").to_numpy().copy()
    if family == "drivers":
        data[max(end - RECENT, 0) :] = 0
    else:
        first = end - RECENT if family == "neighbours" else end - 1
        year = pd.DataFrame(data[max(end - YEAR, 0) : end]).mean().to_numpy()
        block = data[first:]
        data[first:] = np.where(np.isnan(block), block, year)
    return values.transpose("month", "province").copy(data=data)
