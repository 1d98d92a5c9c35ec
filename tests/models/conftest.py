"""The golden run, made once for all tests of it."""

import pytest
import xarray as xr

import golden
from provrisk.evaluation.backtest.engine import Backtest


@pytest.fixture(scope="session")
def golden_run(iraq_panel: xr.Dataset) -> Backtest:
    return golden.run(iraq_panel)
