"""Forecasts as hubverse tables."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr

from provrisk.forecasts import draws, hubverse


@pytest.fixture
def forecast() -> xr.DataArray:
    return xr.DataArray(
        np.arange(2 * 3 * 5).reshape(2, 3, 5),
        dims=("province", "horizon", "draw"),
        coords={
            "province": ["Alpha", "Beta"],
            "horizon": [1, 2, 3],
            "target_month": ("horizon", pd.date_range("2019-01-01", periods=3, freq="MS")),
            "origin": pd.Timestamp("2018-12-01"),
        },
        attrs={"target": "attacks", "study": "s", "model": "m", "seed": 1, "digest": "d"},
    )


def test_a_sample_row_is_one_draw(forecast: xr.DataArray) -> None:
    table = hubverse.samples(forecast)
    assert list(table.columns) == hubverse.COLUMNS
    assert len(table) == 30
    row = table[(table.location == "Beta") & (table.horizon == 2) & (table.output_type_id == "4")].iloc[0]
    assert row.value == forecast.sel(province="Beta", horizon=2).values[3]
    assert (str(row.origin_date), str(row.target_date), row.target) == ("2018-12-01", "2019-02-01", "attacks")


def test_quantiles_are_counts(forecast: xr.DataArray) -> None:
    table = hubverse.quantiles(forecast, [0.1, 0.5, 0.9])
    own = table[(table.location == "Alpha") & (table.horizon == 1)].set_index("output_type_id").value
    assert own.to_dict() == {"0.1": 0, "0.5": 2, "0.9": 4}
    assert draws.quantiles(np.array([1, 2, 3, 4]), [0.5]).tolist() == [2]


def test_the_file_says_where_its_numbers_come_from(forecast: xr.DataArray, tmp_path: Path) -> None:
    path = hubverse.write(forecast, tmp_path / "forecast.parquet")
    provenance = json.loads(pq.read_schema(path).metadata[b"provrisk"])
    assert provenance == {"target": "attacks", "study": "s", "model": "m", "seed": "1", "digest": "d"}
    again = hubverse.write(forecast, tmp_path / "again.parquet")
    assert path.read_bytes() == again.read_bytes()
