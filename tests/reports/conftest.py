"""One real issue: the bundled figures, EWMA-NB as champion, a short backtest."""

import shutil
from pathlib import Path

import pytest

from helpers import ROOT
from provrisk import months
from provrisk.evaluation.fitted import fit
from provrisk.events import counts as tables
from provrisk.features.panel import build_panel, panel_upto
from provrisk.jobs.backtest import run_backtest
from provrisk.jobs.bulletin import Champion, Written, basis_of, write_issue
from provrisk.reports.basis import Basis
from provrisk.risk.issue import Issue
from provrisk.study import Project, find_project

PROTOCOL = """
[quick]
origins = 16
horizons = 6
draws = 1000
refit_every = 12
"""


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("issue")
    for room in ("features", "models"):
        shutil.copytree(ROOT / room, folder / room)
    (folder / "features" / "iraq" / "protocols.toml").write_text(PROTOCOL)
    return find_project(folder)


@pytest.fixture(scope="session")
def basis(home: Project) -> Basis:
    study = home.study("iraq")
    counts = tables.read_csv(study.bundled_counts, study)
    panel = build_panel(study, counts)
    tested = run_backtest(home, study, panel, "quick", ["ewma_nb", "conflictology"])
    origin = months.parse("2018-12")
    fitted = fit("ewma_nb", tested.recipes, panel_upto(panel, origin), {}, {})
    issue = Issue(months.shift(origin, 1), origin, 1, historical=True)
    return basis_of(home, study, counts, panel, tested, Champion("ewma_nb", fitted), issue, 1)


@pytest.fixture(scope="session")
def written(home: Project, basis: Basis) -> Written:
    return write_issue(home, basis)


@pytest.fixture(scope="session")
def folder(written: Written) -> Path:
    return written.folder
