"""Issued forecasts, read from their hubverse samples."""

from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk.errors import ProvriskError

LARGEST = 1_000_000
"""Largest number of attacks allowed in one province and month."""


def read(path: Path) -> xr.DataArray:
    """The forecast (province, horizon, draw) of a table that ``hubverse.samples`` wrote, with its target months.

    Raises ``ProvriskError`` if the file cannot be read as such a table.
    """
    try:
        table = pd.read_parquet(path)
        chosen = table[table.output_type == "sample"].assign(draw=lambda rows: rows.output_type_id.astype(int))
        _check(chosen)
        cells = chosen.set_index(["location", "horizon", "draw"]).value
        values = cells.to_xarray().rename(location="province")
        targets = _days(chosen.groupby("horizon").target_date.first())
        origin = _days(chosen.origin_date).iloc[0]
    except (OSError, ValueError, KeyError, AttributeError, TypeError, IndexError, OverflowError) as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is no stored forecast ({reason}): restore it, or delete its folder.") from None
    months_ahead = ("horizon", pd.DatetimeIndex(targets))
    return values.astype(int).assign_coords(target_month=months_ahead, origin=origin)


def _check(table: pd.DataFrame) -> None:
    """Refuse samples that are no counts, or not one for each province, horizon and draw; before they are unfolded."""
    keys = [table[name].nunique() for name in ("location", "horizon", "draw")]
    if not len(table) or len(table) != keys[0] * keys[1] * keys[2]:
        raise ValueError("draws are missing or duplicated")
    if not all(isinstance(name, str) for name in table.location.unique()):
        raise ValueError("a province without a name")
    horizons = pd.to_numeric(table.horizon)
    if not (horizons.between(1, 12) & (horizons % 1 == 0)).all():
        raise ValueError("a horizon that is no number of months from 1 to 12")
    if not (table.value.between(0, LARGEST) & (table.value % 1 == 0)).all():
        raise ValueError("a draw that is no count")
    origins, targets = _days(table.origin_date), _days(table.target_date)
    if origins.nunique(dropna=False) > 1:
        raise ValueError("several origins")
    ahead = (targets.dt.year - origins.dt.year) * 12 + targets.dt.month - origins.dt.month
    if not (ahead == horizons).all():
        raise ValueError("a target month that is not its horizon after the origin")


def _days(dates: pd.Series) -> pd.Series:
    """Dates, or texts that begin with one, as days; numbers are refused."""
    codes, unique = pd.factorize(dates, use_na_sentinel=False)  # few different days, repeated for each draw
    days = pd.to_datetime(pd.Series(unique).astype("str").str.slice(0, 10), format="%Y-%m-%d")
    return pd.Series(days.to_numpy()[codes], index=dates.index)
