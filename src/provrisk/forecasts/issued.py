"""Forecasts that were issued, read back from their hubverse samples."""

from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk.errors import ProvriskError


def read(path: Path) -> xr.DataArray:
    """The forecast (province, horizon, draw) of a table that ``hubverse.samples`` wrote, with its target months.

    Raises ``ProvriskError`` if the file cannot be read as such a table.
    """
    try:
        table = pd.read_parquet(path)
        chosen = table[table.output_type == "sample"].assign(draw=lambda rows: rows.output_type_id.astype(int))
        cells = chosen.set_index(["location", "horizon", "draw"]).value
        values = cells.to_xarray().rename(location="province")
        if values.isnull().any() or not values.size:
            raise ValueError("draws are missing")
        targets = chosen.groupby("horizon").target_date.first()
        origin = pd.Timestamp(chosen.origin_date.iloc[0])
    except (OSError, ValueError, KeyError, AttributeError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is no stored forecast ({reason}): restore it, or delete its folder.") from None
    months = ("horizon", pd.DatetimeIndex(pd.to_datetime(targets)))
    return values.astype(int).assign_coords(target_month=months, origin=origin)
