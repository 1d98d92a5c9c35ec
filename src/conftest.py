"""Examples in docstrings run in a small project of a made-up country, each in a copy of its own."""

import os
import re
import shutil
from pathlib import Path

import pytest

from provrisk.jobs.studies.example import write_example
from provrisk.jobs.studies.new import new_study
from provrisk.study import Project
from provrisk.tracking import mlflow

ROOT = Path(__file__).resolve().parents[1]
CLAIM = """
[claims.U1]
claim = "Most attacks are in the west"
source = "Letters from Utopia 3/2020"
test = "share"
first = "2016-01"
last = "2019-12"
provinces = ["Westmark"]
at_least = 0.5
"""
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
    events = folder / "utopia-ged201.csv"
    write_example(events)
    new_study(Project(folder, folder), "utopia", events, "Utopia", "Red Front")
    study = folder / "features" / "utopia" / "study.toml"
    study.write_text(study.read_text(encoding="utf-8").replace(', "ingarch"]', "]"), encoding="utf-8")
    protocols = study.with_name("protocols.toml")  # no combiner is there to learn from a burn-in
    text = re.sub(r"(?m)^burn_in = .*", "burn_in = 0", protocols.read_text(encoding="utf-8"))
    protocols.write_text(text, encoding="utf-8")
    (study.parent / "hypotheses.toml").write_text(CLAIM, encoding="utf-8")
    (folder / "mlruns").mkdir()
    # An empty store, since to make one takes a second.
    mlflow.MlflowClient(f"sqlite:///{folder}/mlruns/mlflow.db").search_experiments()
    return folder


@pytest.fixture(autouse=True)
def stand_in_utopia(utopia: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MLFLOW_TRACKING")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(shutil.copytree(utopia, tmp_path / "project"))
