"""Small tables and panels for tests, and the word for what a machine lacks."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from provrisk import months
from provrisk.events import counts as tables
from provrisk.features.panel import build_panel
from provrisk.study import Study

ROOT = Path(__file__).resolve().parents[1]


def need(present: bool, what: str) -> None:
    """Skip a test, saying what this machine lacks; under ``make test-all`` that is a failure."""
    if not present:
        (pytest.fail if os.environ.get("PROVRISK_TEST_ALL") else pytest.skip)(what)


def counts_table(values: np.ndarray, provinces: list[str], first: str = "2010-01") -> pd.DataFrame:
    """A counts table from an array (month, province) of attacks; NaN is not observed."""
    start = months.parse(first)
    index = pd.MultiIndex.from_product(
        [months.span(start, months.shift(start, len(values) - 1)), provinces], names=["month", "province"]
    )
    table = pd.DataFrame({name: np.ravel(values).astype(float) for name in tables.MEASURES}, index=index)
    return table.assign(observed=table.attacks.notna()).reset_index()


def panel_of(values: np.ndarray, study: Study, first: str = "2010-01") -> xr.Dataset:
    """The panel of ``study`` whose attacks are ``values`` (month, province)."""
    return build_panel(study, counts_table(values, list(study.provinces.index), first))


def provrisk(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, in ``cwd``."""
    command = [sys.executable, "-m", "provrisk", *arguments]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW")}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, env=clean | env)
