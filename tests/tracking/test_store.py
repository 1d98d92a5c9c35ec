"""The store of a project, where one process sees several."""

import os
import shutil
from pathlib import Path

import pytest

from helpers import ROOT
from provrisk.study import Project, find_project
from provrisk.tracking.runs import Tracker


def project_in(folder: Path) -> Project:
    for room in ("features", "models"):
        shutil.copytree(ROOT / room, folder / room)
    return find_project(folder)


@pytest.mark.slow
def test_two_projects_of_one_process_keep_their_own_stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    one, two = project_in(tmp_path / "one"), project_in(tmp_path / "two")
    first = Tracker(one.study())
    assert first.uri == f"sqlite:///{one.mlruns / 'mlflow.db'}"
    assert "MLFLOW_TRACKING_URI" not in os.environ  # where MLflow leaves it, for children to find
    assert Tracker(two.study()).uri == f"sqlite:///{two.mlruns / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'shared.db'}")
    assert Tracker(one.study()).uri.endswith("shared.db")
    assert Tracker(two.study()).uri.endswith("shared.db")
