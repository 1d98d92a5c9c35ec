"""MLflow as people leave it: sessions, deleted experiments, moved projects, odd paths."""

import inspect
import os
import re
import shlex
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import mlflow
import pandas as pd
import pytest
import xarray as xr
from sklearn.linear_model import LinearRegression

from helpers import lay_project
from provrisk.errors import ProvriskError
from provrisk.jobs.monthly_run import run_month
from provrisk.jobs.past_issue import write_past
from provrisk.jobs.retrain import retrain
from provrisk.jobs.scenario import run_scenario
from provrisk.jobs.stored_backtest import keep_backtest
from provrisk.study import Project, find_project
from provrisk.study.schema import ModelFile
from provrisk.tracking.runs import Job, Tracker
from provrisk.tracking.session import apart

SCORES = pd.DataFrame(
    {"model": "m", "horizon": 1, "province": "Nineveh", "score": "crps", "value": 2.0, "active": True}, index=[0]
)


def log(project: Project) -> Tracker:
    """A job of one model, logged as jobs do."""
    study = project.study("iraq")
    tracker, folder = Tracker(study), project.root / "out"
    folder.mkdir()
    (folder / "scores.txt").write_text("2.0")
    table = pd.DataFrame({"month": [pd.Timestamp(2016, 1, 1)], "province": "Nineveh", "attacks": 1.0, "observed": True})
    panel = xr.Dataset(attrs={"source": "made up", "digest": "d", "origin": "2016-01"})
    file = ModelFile(title="m", description="made up", model="provrisk.models.baselines:Mean", settings={})
    tracker.log(Job("backtest", "key", {"protocol": "tiny"}), table, panel, {"m": file}, SCORES, {}, folder)
    return tracker


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose store knows the study."""
    folder = tmp_path_factory.mktemp("made")
    project = lay_project(folder)
    Tracker(project.study("iraq"))
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of it elsewhere: as its paths are absolute, a project that was moved."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return find_project(Path(shutil.copytree(made, tmp_path / "project")))


@pytest.fixture
def notebook(made: Path, tmp_path: Path) -> Iterator[str]:
    """A user's own session: a store, an experiment, autologging."""
    uri = f"sqlite:///{tmp_path}/mine.db"
    shutil.copy(tmp_path / "project/mlruns/mlflow.db", tmp_path / "mine.db")
    with sqlite3.connect(tmp_path / "mine.db") as store:  # else it would log into the project that it is a copy of
        places = made.as_uri(), (tmp_path / "project").as_uri()
        store.execute("update experiments set artifact_location = replace(artifact_location, ?, ?)", places)
    before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else None
    mlflow.set_tracking_uri(uri)
    mlflow.create_experiment("mine", (tmp_path / "mine").as_uri())
    mlflow.set_experiment("mine")
    mlflow.sklearn.autolog(silent=True)
    yield uri
    mlflow.sklearn.autolog(disable=True, silent=True)
    mlflow.set_tracking_uri(before)
    for name in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_EXPERIMENT_NAME"):
        os.environ.pop(name, None)
    mlflow.tracking.fluent._active_experiment_id = None


def test_a_job_in_a_notebook_leaves_its_session_as_it_was(
    home: Project, notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = mlflow.get_experiment_by_name("mine").experiment_id
    monkeypatch.setenv("MLFLOW_ACTIVE_MODEL_ID", "m-0123")
    with mlflow.start_run() as run:
        with apart():  # as jobs that fit models are
            LinearRegression().fit([[0], [1]], [0, 1])
        log(home)
        assert mlflow.active_run().info.run_id == run.info.run_id
        mlflow.log_metric("x", 1.0)
    assert mlflow.get_tracking_uri() == os.environ["MLFLOW_TRACKING_URI"] == notebook
    assert os.environ["MLFLOW_ACTIVE_MODEL_ID"] == "m-0123"
    client = mlflow.MlflowClient(notebook)
    (own,) = client.search_runs([mine])  # no run of autologging's, and none of ours
    assert (own.data.metrics, own.data.params, own.info.status) == ({"x": 1.0}, {}, "FINISHED")
    ours = client.search_runs([client.get_experiment_by_name("iraq").experiment_id])
    assert {run.info.run_name: run.info.status for run in ours} == {"backtest": "FINISHED", "m": "FINISHED"}
    with mlflow.start_run() as after:
        assert after.info.experiment_id == mine
        LinearRegression().fit([[0], [1]], [0, 1])  # autologging is on again
    assert client.get_run(after.info.run_id).data.params


@pytest.mark.parametrize("job", [keep_backtest, run_month, retrain, write_past, run_scenario])
def test_every_job_that_fits_models_works_apart(job: Callable[..., object]) -> None:
    code = inspect.unwrap(job).__code__
    wrappers = []
    while hasattr(job, "__wrapped__"):
        wrappers.append(job.__closure__)
        job = job.__wrapped__
    assert code is job.__code__
    held = [cell.cell_contents for closure in wrappers if closure for cell in closure]
    assert any(getattr(getattr(one, "func", None), "__name__", "") == "apart" for one in held)


def test_what_the_shell_says_of_runs_is_not_ours(home: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.setenv(name, "0123456789abcdef0123456789abcdef")
    tracker = log(home)
    assert os.environ["MLFLOW_RUN_ID"] == "0123456789abcdef0123456789abcdef"
    assert [run.data.tags["job"] for run in tracker.jobs(5)] == ["backtest"]
    assert not mlflow.is_tracking_uri_set()


def test_a_deleted_experiment_gets_the_command_that_restores_it(home: Project) -> None:
    study = home.study("iraq")
    tracker = Tracker(study)
    tracker.client.delete_experiment(tracker.experiment)
    with pytest.raises(ProvriskError, match="was deleted: restore it with") as error:
        Tracker(study)
    command = re.search("restore it with '(.*)', and try again", str(error.value))[1]
    assignment, *words = shlex.split(command)
    assert words == ["mlflow", "experiments", "restore", "--experiment-id", tracker.experiment]
    assert assignment == f"MLFLOW_TRACKING_URI={tracker.uri}"
    mlflow.MlflowClient(assignment.partition("=")[2]).restore_experiment(words[-1])  # what that command does
    assert Tracker(study).experiment == tracker.experiment


def test_artifacts_follow_a_project_that_was_moved(home: Project, made: Path) -> None:
    log(home)
    assert list((home.mlruns / "artifacts").glob("*/artifacts/scores.txt"))
    assert not list((made / "mlruns" / "artifacts").rglob("*.txt"))
    moved = home.root.rename(home.root.with_name("moved"))
    again = find_project(moved)
    tracker = Tracker(again.study("iraq"))
    (job,) = tracker.jobs(5)
    assert job.info.artifact_uri.startswith((moved / "mlruns" / "artifacts").as_uri())
    assert "scores.txt" in {one.path for one in tracker.client.list_artifacts(job.info.run_id)}
    with sqlite3.connect(again.mlruns / "mlflow.db") as store:
        assert not store.execute("select 1 from runs where artifact_uri like ?", (f"%{home.root}/%",)).fetchall()


@pytest.mark.parametrize("name", ["100% of 50%20", "why? #1 é"])
def test_a_path_may_hold_signs_that_addresses_use(home: Project, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    tracker = log(find_project(home.root.rename(folder / name)))
    (job,) = tracker.jobs(5)
    assert "scores.txt" in {one.path for one in tracker.client.list_artifacts(job.info.run_id)}
    assert [path.name for path in folder.iterdir()] == [name]
