"""Examples in docstrings run in a small project of a made-up country, each in a copy of its own."""

import contextlib
import os
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from provrisk.jobs.new_study import new_study
from provrisk.study import Project

ROOT = Path(__file__).resolve().parents[1]
MODELS = ("conflictology", "ewma_nb", "promotion")


@pytest.fixture(scope="session")
def utopia(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The country of docs/new-country.md, two quick models, and the event file that it was made from."""
    folder = tmp_path_factory.mktemp("utopia")
    (folder / "features").mkdir()
    (folder / "models").mkdir()
    for name in MODELS:
        shutil.copy(ROOT / "models" / f"{name}.toml", folder / "models")
    rules = folder / "models" / "promotion.toml"
    text = rules.read_text(encoding="utf-8").replace('"ensemble"', '"ewma_nb"').replace('"recent"', '"quick"')
    rules.write_text(text, encoding="utf-8")
    events = folder / "utopia-ged191.csv"
    runpy.run_path(str(ROOT / "docs" / "simulated_events.py"))["events"]().to_csv(events, index=False)
    new_study(Project(folder, folder), "utopia", events, "Utopia", "Red Front")
    study = folder / "features" / "utopia" / "study.toml"
    study.write_text(study.read_text(encoding="utf-8").replace(', "ingarch"]', "]"), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def stand_in_utopia(utopia: Path, tmp_path: Path) -> Iterator[None]:
    home = Path(shutil.copytree(utopia, tmp_path / "project"))
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_TRACKING")}
    with mock.patch.dict(os.environ, clean, clear=True), contextlib.chdir(home):
        yield
