"""Forecasts as hubverse tables: one row a value, in Parquet."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xarray as xr

from provrisk import files
from provrisk.forecasts import draws

COLUMNS = [
    "origin_date",
    "target_date",
    "target",
    "horizon",
    "location",
    "output_type",
    "output_type_id",
    "value",
]


def samples(forecast: xr.DataArray) -> pd.DataFrame:
    """One row a draw of ``forecast`` (province, horizon, draw); draws of one number belong together.

    ``origin_date`` and ``target_date`` are the first days of their months.
    """
    values = forecast.transpose("province", "horizon", "draw").to_numpy()
    return _table(forecast, "sample", [str(i) for i in range(1, values.shape[-1] + 1)], values)


def quantiles(forecast: xr.DataArray, levels: Sequence[float]) -> pd.DataFrame:
    """One row a quantile of ``forecast`` (province, horizon, draw) at each of ``levels``."""
    values = forecast.transpose("province", "horizon", "draw")
    drawn = np.moveaxis(draws.quantiles(values.to_numpy(), levels), 0, -1)
    return _table(forecast, "quantile", [f"{level:g}" for level in levels], drawn)


def write(forecast: xr.DataArray, path: Path) -> Path:
    """Write ``forecast`` as samples; study, model, seed and data digest go into the file's metadata."""
    table = pa.Table.from_pandas(samples(forecast), preserve_index=False)
    provenance = {key: str(value) for key, value in forecast.attrs.items()}
    table = table.replace_schema_metadata({"provrisk": json.dumps(provenance, sort_keys=True)})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return files.write(path, buffer.getvalue())


def _table(forecast: xr.DataArray, output_type: str, ids: list[str], values: np.ndarray) -> pd.DataFrame:
    """A row for each of ``values`` (province, horizon, id)."""
    provinces, horizons, each = values.shape
    return pd.DataFrame(
        {
            "origin_date": pd.Timestamp(forecast.origin.item()).date(),
            "target_date": np.tile(np.repeat(_dates(forecast.target_month), each), provinces),
            "target": forecast.attrs["target"],
            "horizon": np.tile(np.repeat(forecast.horizon.to_numpy(), each), provinces).astype("int32"),
            "location": np.repeat(forecast.indexes["province"].to_numpy(), horizons * each),
            "output_type": output_type,
            "output_type_id": np.tile(ids, provinces * horizons),
            "value": values.ravel().astype(float),
        },
        columns=COLUMNS,
    )


def _dates(target_months: xr.DataArray) -> np.ndarray:
    return np.array([stamp.date() for stamp in pd.DatetimeIndex(target_months.to_numpy())], dtype=object)
