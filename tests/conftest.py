"""What the tests share: the bundled study, a copy of the project to write in, and small panels."""

import os
import shutil
from pathlib import Path

import pytest
import xarray as xr
from hypothesis import settings

from helpers import DRIVERS, ROOT, lay_project, need
from provrisk.events.counting import counts as tables
from provrisk.features.panel import build_panel
from provrisk.study import Project, Study, find_project, load_study

LONGEST = (
    "docs/test_howtos.py", "models/test_contract.py", "jobs/test_retrain.py", "jobs/test_evidence.py",
    "models/test_skill.py", "hostile/test_event_files.py", "jobs/test_month.py", "docs/test_site.py",
    "hostile/test_options.py", "reports/test_stored_issues.py", "faults/test_postgres.py", "reports/test_browser.py",
    "faults/test_kills.py", "jobs/test_cluster.py", "jobs/test_backtest.py", "hostile/test_project_files.py",
    "faults/test_damage.py",
)  # fmt: skip
"""The files that take longest, longest first: begun last, one would keep the other workers waiting."""

settings.register_profile("busy", deadline=None)  # a test that waits for its turn on a busy machine has not failed
settings.load_profile("busy")

collect_ignore = ["evaluation/slow_backtest.py"]  # a program that a test runs, no module with examples


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Several workers take a file at a time (``--dist loadfile``), the longest first."""
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    file = item.nodeid.partition("::")[0].removeprefix("tests/")
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


@pytest.fixture(scope="session")
def ged() -> Path:
    name = os.environ.get("PROVRISK_GED", "")
    need(bool(name) and Path(name).is_file(), "needs the UCDP GED 19.1 file for Iraq: name it in PROVRISK_GED")
    return Path(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files (UCDP GED of other countries, the world's deaths, ...)."""
    name = os.environ.get("PROVRISK_DATA", "")
    need(bool(name) and Path(name).is_dir(), "needs the folder of real files: name it in PROVRISK_DATA")
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
    return lay_project(tmp_path)


@pytest.fixture
def own_iraq(project: Project) -> Study:
    """The bundled study in a project that a test may change."""
    return project.study("iraq")


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
