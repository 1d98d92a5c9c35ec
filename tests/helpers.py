"""Small tables and panels for tests, and the word for what a machine lacks."""

import contextlib
import functools
import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from provrisk import months
from provrisk.cli import main
from provrisk.events.counting import counts as tables
from provrisk.features.panel import build_panel
from provrisk.study import Project, Study, find_project
from provrisk.tracking import database

ROOT = Path(__file__).resolve().parents[1]

DRIVERS = """\
id,name,start,end,provinces,type,known_on,end_known_on,day_confirmed,endogenous
s1,Bombed shrine,2010-05-10,,Alpha,shock,,,yes,no
s2,Leader killed in secret,2010-03-15,,Alpha|Beta,leadership death,2010-07-02,,yes,no
s3,Operation,2010-04-01,2010-08-15,Beta,foreign operation,,2010-10-01,yes,no
s4,Election,2010-11-07,,Alpha|Beta|Gamma,election,2010-06-01,,yes,no
s5,Election called off,2010-09-05,,Alpha|Beta|Gamma,election,2010-03-01,2010-07-20,yes,no
s6,Spring offensive,2010-04-01,2010-05-31,Alpha,insurgent campaign,2010-06-30,,no,yes
s7,Referendum,2010-06-06,,Gamma,politics,,,yes,no
s8,New border,2010-07-01,,Gamma,boundary change,2010-02-01,,yes,no
s9,Revenge,2010-08-01,,Beta,retaliation,,,no,no
"""


def need(present: bool, what: str) -> None:
    """Skip a test, saying what this machine lacks; under ``make test-all`` that is a failure."""
    if not present:
        (pytest.fail if os.environ.get("PROVRISK_TEST_ALL") else pytest.skip)(what)


def lay_project(folder: Path) -> Project:
    """A copy of the project folder at ``folder``, with a store of MLflow's in which nothing is yet."""
    for room in ("features", "models"):
        shutil.copytree(ROOT / room, folder / room)
    lay_store(folder)
    return find_project(folder)


def lay_store(project: Path) -> None:
    """An empty store into a project: to make one takes MLflow longer than most tests take, to copy one nothing."""
    (project / "mlruns").mkdir()
    shutil.copy(Path(_made_store().name, "mlruns", "mlflow.db"), project / "mlruns")


@functools.cache
def _made_store() -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="provrisk-store-")
    rooms = Path(folder.name, "mlruns")
    database.prepare(rooms / "mlflow.db", rooms / "artifacts")
    return folder


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
    """Run the command as a user does, in ``cwd``; in this process, since imports take longer than most commands."""
    out, err = io.StringIO(), io.StringIO()
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_TRACKING")}
    code: object = 0
    with (
        mock.patch.dict(os.environ, clean | env, clear=True),
        mock.patch.object(sys, "argv", ["provrisk", *arguments]),
        mock.patch.object(sys, "path", [*sys.path]),
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())  # type: ignore[arg-type]
