"""Forecasts as hubverse tables."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr

from provrisk.forecasts import hubverse
from provrisk.forecasts import quantiles as draws


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
    dates = (f"{row.origin_date:%Y-%m-%d}", f"{row.target_date:%Y-%m-%d}")
    assert (*dates, row.target) == ("2018-12-01", "2019-02-01", "attacks")


def test_a_backtest_has_an_origin_in_every_row(forecast: xr.DataArray) -> None:
    targets = [pd.date_range(first, periods=3, freq="MS") for first in ("2019-01-01", "2019-02-01")]
    both = xr.concat(
        [forecast.drop_vars(["origin", "target_month"]), forecast.drop_vars(["origin", "target_month"]) + 100], "origin"
    )
    both = both.assign_coords(
        origin=pd.to_datetime(["2018-12-01", "2019-01-01"]), target_month=(("origin", "horizon"), np.array(targets))
    ).assign_attrs(forecast.attrs)
    table = hubverse.samples(both)
    row = table[(table.location == "Beta") & (table.horizon == 3) & (table.output_type_id == "2")].iloc[1]
    assert (f"{row.origin_date:%Y-%m}", f"{row.target_date:%Y-%m}") == ("2019-01", "2019-04")
    assert row.value == forecast.sel(province="Beta", horizon=3).values[1] + 100
    quantiles = hubverse.quantiles(both, [0.5])
    assert quantiles.groupby("origin_date").size().tolist() == [6, 6]


def test_quantiles_are_counts(forecast: xr.DataArray) -> None:
    table = hubverse.quantiles(forecast, [0.1, 0.5, 0.9])
    own = table[(table.location == "Alpha") & (table.horizon == 1)].set_index("output_type_id").value
    assert own.to_dict() == {"0.1": 0, "0.5": 2, "0.9": 4}
    assert draws.quantiles(np.array([1, 2, 3, 4]), [0.5]).tolist() == [2]


def test_the_file_says_where_its_numbers_come_from(forecast: xr.DataArray, tmp_path: Path) -> None:
    table = hubverse.samples(forecast)
    path = hubverse.write(table, forecast.attrs, tmp_path / "forecast.parquet")
    schema = pq.read_schema(path)
    provenance = json.loads(schema.metadata[b"provrisk"])
    assert str(schema.field("origin_date").type) == str(schema.field("target_date").type) == "date32[day]"
    assert provenance == {"target": "attacks", "study": "s", "model": "m", "seed": "1", "digest": "d"}
    again = hubverse.write(table, forecast.attrs, tmp_path / "again.parquet")
    assert path.read_bytes() == again.read_bytes()
