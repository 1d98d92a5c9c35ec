"""One real issue: the bundled figures, EWMA-NB as champion, a short backtest."""

from pathlib import Path

import pytest

from comparisons import with_strangers
from helpers import lay_project
from provrisk import months
from provrisk.evaluation.backtest.fitted import fit, forecast
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.features.panel import panel_upto
from provrisk.jobs.backtest import run_backtest, write
from provrisk.jobs.comparison.collect import collect
from provrisk.jobs.issue import IssueFiles, IssueModel, content_of, write_issue
from provrisk.jobs.snapshot import load_snapshot
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.comparison import render
from provrisk.risk.issue_date import Issue
from provrisk.study import Project

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
    project = lay_project(folder)
    (folder / "features" / "iraq" / "protocols.toml").write_text(PROTOCOL)
    return project


@pytest.fixture(scope="session")
def content(home: Project) -> BulletinContent:
    tested = run_backtest(load_snapshot(home.study("iraq")), "quick", ["ewma_nb", "conflictology"])
    panel = tested.panel
    origin = months.parse("2018-12")
    fitted = fit("ewma_nb", tested.recipes, panel_upto(panel, origin), {}, {})
    issue = Issue(months.shift(origin, 1), origin, 1, historical=True)
    drawn = forecast(panel, "ewma_nb", fitted, range(1, 7), 1000, 1)
    return content_of(tested, IssueModel("ewma_nb", fitted, drawn), issue)


@pytest.fixture(scope="session")
def written(content: BulletinContent) -> IssueFiles:
    return write_issue(content)


@pytest.fixture(scope="session")
def folder(written: IssueFiles) -> Path:
    return written.folder


@pytest.fixture(scope="session")
def comparison(home: Project) -> Comparison:
    """Both models of the backtest, with what cannot be ranked with them."""
    study = home.study("iraq")
    snapshot = load_snapshot(study)
    write(run_backtest(snapshot, "quick", ["ewma_nb", "conflictology"]))
    return with_strangers(collect(study, snapshot.panel, "quick"))


@pytest.fixture(scope="session")
def page_file(home: Project, comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("comparison") / "page.html"
    facts = {"Protocol": "quick", "Seed": "1"}
    path.write_text(render(comparison, home.study("iraq"), "ewma_nb", facts=facts), encoding="utf-8")
    return path
