"""Forecasts as hubverse tables: one row for each value, in Parquet."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xarray as xr

from provrisk import files
from provrisk.forecasts import quantiles as draws

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
    """One row for each draw of ``forecast`` (province, horizon, draw), or of one with origins.

    Draws of one number belong together: they are joint over provinces and horizons.

    ``origin_date`` and ``target_date`` are the first days of their months.
    """
    values = _by_origin(forecast)
    return _table(values, "sample", [str(i) for i in range(1, values.sizes["draw"] + 1)], values.to_numpy())


def quantiles(forecast: xr.DataArray, levels: Sequence[float]) -> pd.DataFrame:
    """One row for each quantile at ``levels`` of ``forecast`` (province, horizon, draw), or of one with origins."""
    values = _by_origin(forecast)
    drawn = np.moveaxis(draws.quantiles(values.to_numpy(), levels), 0, -1)
    return _table(values, "quantile", [f"{level:g}" for level in levels], drawn)


def write(table: pd.DataFrame, provenance: Mapping[str, object], path: Path) -> Path:
    """Write a hubverse ``table``; the sources of its numbers are written to the file's metadata."""
    return files.write(path, as_bytes(table, provenance))


def write_samples(forecasts: Mapping[str, xr.DataArray], path: Path) -> Path:
    """Write every draw of ``forecasts``, by model, as one hubverse table with the column ``model_id``.

    An origin at a time, since all of them may not fit into memory.
    """
    kinds = {
        "origin_date": pa.date32(), "target_date": pa.date32(), "horizon": pa.int32(), "value": pa.float64()
    }  # fmt: skip
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in ["model_id", *COLUMNS]])
    with files.draft(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for name, forecast in forecasts.items():
            for origin in range(forecast.sizes["origin"]):
                table = samples(forecast.isel(origin=[origin])).assign(model_id=name)
                writer.write_table(pa.Table.from_pandas(table, preserve_index=False).select(schema.names).cast(schema))
    return path


def as_bytes(table: pd.DataFrame, provenance: Mapping[str, object]) -> bytes:
    """The content of the file that ``write`` writes."""
    described = {"provrisk": json.dumps({key: str(value) for key, value in provenance.items()}, sort_keys=True)}
    buffer = io.BytesIO()
    content = pa.Table.from_pandas(table, preserve_index=False)
    days = [pa.field(f.name, pa.date32()) if pa.types.is_timestamp(f.type) else f for f in content.schema]
    pq.write_table(content.cast(pa.schema(days, metadata=described)), buffer, compression="zstd")
    return buffer.getvalue()


def _by_origin(forecast: xr.DataArray) -> xr.DataArray:
    if "origin" not in forecast.dims:
        forecast = forecast.expand_dims("origin").assign_coords(
            target_month=(("origin", "horizon"), forecast.target_month.to_numpy()[None])
        )
    return forecast.transpose("origin", "province", "horizon", "draw")


def _table(forecast: xr.DataArray, output_type: str, ids: list[str], values: np.ndarray) -> pd.DataFrame:
    """A row for each of ``values`` (origin, province, horizon, id)."""
    origins, provinces, horizons, each = values.shape
    targets = _dates(forecast.target_month.transpose("origin", "horizon").to_numpy())
    return pd.DataFrame(
        {
            "origin_date": np.repeat(_dates(forecast.origin.to_numpy()), provinces * horizons * each),
            "target_date": np.repeat(np.broadcast_to(targets[:, None], values.shape[:3]).ravel(), each),
            "target": forecast.attrs["target"],
            "horizon": np.tile(np.repeat(forecast.horizon.to_numpy(), each), origins * provinces).astype("int32"),
            "location": np.tile(np.repeat(forecast.province.to_numpy(), horizons * each), origins),
            "output_type": output_type,
            "output_type_id": np.tile(np.array(ids, dtype=object), origins * provinces * horizons),
            "value": values.ravel().astype(float),
        },
        columns=COLUMNS,
    )


def _dates(months: np.ndarray) -> np.ndarray:
    """Timestamps as whole days, for any shape."""
    return months.astype("datetime64[D]").astype("datetime64[s]")
