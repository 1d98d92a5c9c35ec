"""What the tests share: the bundled study, a copy of the project to write in, and small panels."""

import os
import shutil
from pathlib import Path

import pytest
import xarray as xr

from helpers import ROOT, need
from provrisk.events import counts as tables
from provrisk.features.panel import build_panel
from provrisk.study import Project, Study, find_project, load_study

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


@pytest.fixture(scope="session")
def ged() -> Path:
    name = os.environ.get("PROVRISK_GED", "")
    need(bool(name) and Path(name).is_file(), "needs the UCDP GED 19.1 file for Iraq: name it in PROVRISK_GED")
    return Path(name)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    need(found is not None, "needs a Chromium browser on the PATH")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def iraq() -> Study:
    return find_project(ROOT).study("iraq")


@pytest.fixture(scope="session")
def iraq_panel(iraq: Study) -> xr.Dataset:
    return build_panel(iraq, tables.read_csv(iraq.bundled_counts, iraq))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the project folder that a test may change."""
    for room in ("features", "models"):
        shutil.copytree(ROOT / room, tmp_path / room)
    return find_project(tmp_path)


@pytest.fixture
def small_study(tmp_path: Path) -> Study:
    """Three made-up provinces in a row: Alpha borders Beta, Beta borders Gamma."""
    folder = tmp_path / "small"
    shutil.copytree(ROOT / "features" / "iraq", folder)
    (folder / "provinces.csv").write_text(
        "province,iso,pcode,capital,latitude,longitude,population,aliases\n"
        "Alpha,XX-A,X1,A-town,1,1,1000,Alfa|Al Alpha\nBeta,XX-B,X2,B-town,2,2,2000,\nGamma,XX-C,X3,C-town,3,3,3000,\n"
    )
    (folder / "neighbours.csv").write_text("a,b\nAlpha,Beta\nBeta,Gamma\n")
    (folder / "drivers.csv").write_text(DRIVERS)
    return load_study(folder)
