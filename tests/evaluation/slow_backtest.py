"""A backtest to be killed: prints how many blocks it computed and reused, and a digest of all draws."""

import hashlib
import sys
import time
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import months, seeds
from provrisk.evaluation.backtest.block_store import BlockStore
from provrisk.evaluation.backtest.engine import backtest
from provrisk.evaluation.backtest.protocol import Setup
from provrisk.features.panel import panel_upto
from provrisk.models.baselines import Conflictology

MONTHS = pd.date_range("2010-01-01", periods=60, freq="MS")
COUNTS = xr.DataArray(
    seeds.generator("slow").poisson(4, (60, 3)).astype(float),
    dims=("month", "province"),
    coords={"month": MONTHS, "province": ["Alpha", "Beta", "Gamma"]},
    attrs={"known_ahead": False},
)
ATTRS = {"study": "s", "digest": "d", "source": "x", "origin": "2014-06", "target": "attacks"}
PANEL = xr.Dataset({"attacks": COUNTS.where(COUNTS.month <= pd.Timestamp(2014, 6, 1)).assign_attrs(known_ahead=False)})
PANEL = PANEL.assign_attrs(ATTRS)


def pause(done: int, total: int) -> None:
    if len(sys.argv) > 2:
        time.sleep(0.3)


origins = months.span(months.parse("2012-01"), months.parse("2013-12"))
view = partial(panel_upto, PANEL)
store = BlockStore(Path(sys.argv[1]))
result = backtest(view, {"c": Conflictology()}, origins, Setup([1, 2], 1000, 3), store=store, progress=pause)
print(result.computed, result.reused, hashlib.sha256(result.forecasts["c"].to_numpy().tobytes()).hexdigest())
