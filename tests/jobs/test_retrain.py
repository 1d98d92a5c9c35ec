"""The retraining job as a scheduler runs it: decisions, exit codes, kills, a moved project, a tracking server."""

import contextlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from helpers import ROOT, lay_store, provrisk
from provrisk import journal

MODELS = ("conflictology", "ewma_nb", "ingarch")
SHORT = """
[{name}]
first = "2016-01"
last = "2017-12"
horizons = 3
draws = 1000
refit_every = 12
"""
OWN = '''
"""A forecaster of the user's own."""
import numpy as np
from provrisk.features.panel import counts_upto_origin
from provrisk.models.base import Model


class LastMonth(Model):
    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, panel):
        return self

    def sample(self, panel, horizons, draws, rng):
        last = counts_upto_origin(panel)[-1]
        return rng.poisson(self.factor * last[:, None, None], (len(last), len(horizons), draws))
'''


def make_project(folder: Path, challenger: str) -> Path:
    """A small project: three models, a short protocol, and one challenger."""
    shutil.copytree(ROOT / "features", folder / "features")
    (folder / "models").mkdir()
    for name in MODELS:
        shutil.copy(ROOT / "models" / f"{name}.toml", folder / "models")
    protocols = "".join(SHORT.format(name=name) for name in ("recent", "quick"))
    (folder / "features" / "iraq" / "protocols.toml").write_text(protocols)
    set_challenger(folder, challenger)
    return folder


def set_challenger(folder: Path, name: str) -> None:
    lines = (ROOT / "models" / "promotion.toml").read_text().splitlines()
    changed = [f'challenger = "{name}"' if line.startswith("challenger") else line for line in lines]
    (folder / "models" / "promotion.toml").write_text("\n".join(changed) + "\n")


def retrain(home: Path, *arguments: str, **env: str) -> dict:
    done = provrisk("retrain", "--json", *arguments, cwd=home, **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def champion(home: Path) -> str:
    lines = json.loads(provrisk("status", "--json", cwd=home).stdout)
    return str(lines["champion"]["model"])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose champion, conflictology, was trained first."""
    folder = make_project(tmp_path_factory.mktemp("retrain") / "project", "conflictology")
    lay_store(folder)
    text = (folder / "models" / "promotion.toml").read_text()
    # Conflictology is too narrow for the gate of calibration: let it in, as a first champion.
    (folder / "models" / "promotion.toml").write_text(text.replace("[0.72, 0.88]", "[0.3, 1.0]"))
    first = retrain(folder)
    assert (first["outcome"], first["champion"], first["champion_version"]) == ("promoted", None, "1")
    set_challenger(folder, "ewma_nb")
    return folder


@pytest.fixture
def copy(home: Path, tmp_path: Path) -> Path:
    """The project moved to another place."""
    return Path(shutil.copytree(home, tmp_path / "elsewhere"))


def test_how_long_it_takes_is_said_first_and_then_each_model(copy: Path) -> None:
    last = journal.entries(copy / "mlruns", "iraq")[0]
    done = provrisk("retrain", "--dry-run", "--json", cwd=copy)
    first, *rest = done.stderr.splitlines()
    assert first.startswith("provrisk: retraining iraq tests 2 models at 24 origins; the last one, 20")
    assert first.endswith(f"took {last.seconds:.0f} s")
    assert [line.partition(" models, ")[0] for line in rest] == [
        "provrisk: tested ewma_nb: 1 of 2", "provrisk: tested conflictology: 2 of 2",
    ]  # fmt: skip
    journal_of_copy = journal.folder(copy / "mlruns", "iraq")
    shutil.rmtree(journal_of_copy)
    done = provrisk("retrain", "--dry-run", cwd=copy)
    assert "2 models at 24 origins: the first time about 2 s, later less" in done.stderr
    assert provrisk("--quiet", "retrain", "--dry-run", cwd=copy).stderr == ""


def test_a_dry_run_decides_and_changes_nothing(copy: Path) -> None:
    before = sorted(path for path in (copy / "reports").rglob("*"))
    decision = retrain(copy, "--dry-run")
    assert (decision["outcome"], decision["done"], decision["champion"]) == ("promoted", False, "conflictology")
    assert sorted(path for path in (copy / "reports").rglob("*")) == before
    assert champion(copy) == "conflictology"


def test_a_better_recipe_takes_over_and_can_be_rolled_back(copy: Path) -> None:
    decision = retrain(copy)
    assert decision["outcome"] == "promoted"
    assert {gate["name"] for gate in decision["gates"]} == {"better", "calibrated", "unbiased", "quick", "smoke"}
    assert all(gate["passed"] and gate["reason"] for gate in decision["gates"])
    assert champion(copy) == "ewma_nb"
    folder = copy / "reports" / "iraq" / "retraining"
    stored = json.loads((folder / f"{decision['key']}.json").read_text())
    assert stored["version"] == decision["champion_version"]
    assert {k: decision[k] for k in ("outcome", "reason", "gates", "key")} == {
        k: stored[k] for k in ("outcome", "reason", "gates", "key")
    }
    assert "it passed every gate" in (folder / f"{decision['key']}.html").read_text().lower()

    again = retrain(copy)
    assert (again["outcome"], again["champion_version"]) == ("unchanged", decision["champion_version"])
    done = provrisk("rollback", "--note", "it ran wild", cwd=copy)
    assert (done.returncode, champion(copy)) == (0, "conflictology")
    assert "rolled back from version 2: it ran wild" in provrisk("status", cwd=copy).stdout
    # Called again it does not bring back what it went away from.
    done = provrisk("rollback", cwd=copy)
    assert (done.returncode, champion(copy)) == (2, "conflictology")
    assert "name a version with --to (there are 1, 2)" in done.stderr
    # The decision stands: the same data do not undo what the analyst did.
    assert retrain(copy)["outcome"] == "unchanged"
    assert champion(copy) == "conflictology"
    done = provrisk("rollback", "--to", "3", cwd=copy)
    assert (done.returncode, done.stderr.strip()) == (2, "provrisk: provrisk-iraq has no version '3'; it has 1, 2.")
    assert provrisk("rollback", "--to", "2", cwd=copy).returncode == 0
    assert json.loads(provrisk("rollback", "--to", "2", "--json", cwd=copy).stdout)["status"] == "unchanged"
    assert champion(copy) == "ewma_nb"


def test_a_challenger_that_fails_a_gate_leaves_the_recipe_and_fits_it_anew(copy: Path) -> None:
    text = (copy / "models" / "promotion.toml").read_text()
    (copy / "models" / "promotion.toml").write_text(text.replace("bias = [0.8, 1.25]", "bias = [0.1, 0.2]"))
    decision = retrain(copy)
    assert decision["outcome"] == "kept"
    assert decision["reason"].startswith("unbiased: bias ratio")
    assert decision["champion_version"] == "2"
    assert champion(copy) == "conflictology"


def test_data_that_smell_stop_the_job_with_code_3_unless_accepted(copy: Path) -> None:
    path = copy / "features" / "iraq" / "monthly.csv"
    table = pd.read_csv(path)
    wild = (table.month == "2018-12") & (table.province == "Nineveh")
    table.loc[wild, "attacks"] = 5000
    table.to_csv(path, index=False)
    for command in ("retrain", "run"):
        done = provrisk(command, "--json", cwd=copy)
        assert done.returncode == 3, done.stderr
        found = {one["name"]: one for one in json.loads(done.stdout)["findings"]}
        assert (found["total"]["level"], found["total"]["smells_of"]) == ("stop", "bad data")
    decision = retrain(copy, "--accept", "the ministry confirmed it")
    assert decision["accepted"] == "the ministry confirmed it"
    page = (copy / "reports/iraq/retraining" / f"{decision['key']}.html").read_text()
    assert "the ministry confirmed it" in page


def test_a_moved_project_still_forecasts_and_an_exported_champion_needs_nothing_else(
    home: Path, copy: Path, tmp_path: Path
) -> None:
    (home / "mlruns" / "artifacts").rename(home / "mlruns" / "hidden")  # the absolute paths lead nowhere
    try:
        done = provrisk("forecast", "f.csv", cwd=copy)
    finally:
        (home / "mlruns" / "hidden").rename(home / "mlruns" / "artifacts")
    assert done.returncode == 0, done.stderr
    bare = make_project(tmp_path / "bare", "ewma_nb")
    exported = copy / "mlruns" / "champions" / "iraq" / "1"
    done = provrisk("forecast", "f.csv", "--champion", str(exported), cwd=bare)
    assert done.returncode == 0, done.stderr
    assert (bare / "f.csv").read_bytes() == (copy / "f.csv").read_bytes()
    model = mlflow.pyfunc.load_model(str(exported))
    counts = pd.read_csv(copy / "features" / "iraq" / "monthly.csv")
    assert len(model.predict(counts.astype(dict.fromkeys(counts.columns[2:], "float64")))) == 18 * 6 * 7
    done = provrisk("run", "--champion", str(tmp_path), cwd=bare)
    assert done.returncode == 2
    assert "not an exported champion" in done.stderr


def test_a_killed_job_goes_on_and_ends_as_if_nothing_had_happened(copy: Path, tmp_path: Path) -> None:
    whole = Path(shutil.copytree(copy, tmp_path / "whole"))
    shutil.rmtree(copy / ".cache")
    expected = retrain(whole)
    command = [sys.executable, "-m", "provrisk", "retrain"]
    for finished in (1, 2):  # blocks of the backtest, when it is killed
        process = subprocess.Popen(command, cwd=copy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while len(list((copy / ".cache").rglob("*.npz"))) < finished:
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
        process.wait()
    assert retrain(copy)["key"] == expected["key"]
    assert champion(copy) == "ewma_nb"
    for folder in (copy, whole):
        assert provrisk("forecast", "f.csv", cwd=folder).returncode == 0
    assert (copy / "f.csv").read_bytes() == (whole / "f.csv").read_bytes()


def test_a_users_own_model_takes_part_in_everything(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "own", "mine")
    lay_store(folder)
    (folder / "my_models.py").write_text(OWN)
    (folder / "models" / "mine.toml").write_text(
        'title = "Mine"\nmodel = "my_models:LastMonth"\ndescription = "Mine."\n[settings]\nfactor = 1.2\n'
    )
    text = (folder / "models" / "promotion.toml").read_text()
    text = text.replace("[0.72, 0.88]", "[0.0, 1.0]").replace("[0.8, 1.25]", "[0.1, 9.0]")
    (folder / "models" / "promotion.toml").write_text(text)
    assert retrain(folder, "--workers", "2")["outcome"] == "promoted"
    assert provrisk("run", cwd=folder).returncode == 0
    board = json.loads(provrisk("compare", "--protocol", "recent", "--json", cwd=folder).stdout)["rows"]
    assert "ingarch" not in {row["model"] for row in board}  # nobody asked for it
    assert "mine" in {row["model"] for row in board}


def test_clean_drops_old_runs_but_no_registered_model(copy: Path) -> None:
    retrain(copy)
    would = json.loads(provrisk("clean", "--keep", "1", "--dry-run", "--json", cwd=copy).stdout)
    assert (would["runs"] > 0, would["dry_run"]) == (True, True)
    done = provrisk("clean", "--keep", "1", cwd=copy)
    assert done.returncode == 0, done.stderr
    assert f"Deleted {would['runs']} runs and {would['blocks']} blocks" in done.stdout
    assert champion(copy) == "ewma_nb"
    assert provrisk("rollback", cwd=copy).returncode == 0
    client = mlflow.MlflowClient(f"sqlite:///{copy / 'mlruns' / 'mlflow.db'}")
    registered = {version.run_id for version in client.search_model_versions("name='provrisk-iraq'")}
    assert all(client.get_run(run).info.lifecycle_stage == "active" for run in registered)


def test_a_store_of_another_mlflow_names_the_command_that_mends_it(copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(copy / "mlruns" / "mlflow.db")) as store:
        store.execute("update alembic_version set version_num = 'acf3f17fdcc7'")
        store.commit()
    done = provrisk("clean", cwd=copy)
    assert done.returncode == 2
    assert "mlflow db upgrade sqlite:///" in done.stderr


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A real MLflow server on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = ["--backend-store-uri", f"sqlite:///{tmp_path / 's.db'}", "--artifacts-destination", str(tmp_path / "a")]
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--port", str(port), *store]
    env = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env) as process:
        url = f"http://127.0.0.1:{port}"
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{url}/health", timeout=1)  # noqa: S310 - a server of our own
                break
            except OSError:
                time.sleep(0.25)
        yield url
        process.terminate()


def test_a_tracking_server_serves_as_the_store(server: str, tmp_path: Path) -> None:
    folder = make_project(tmp_path / "remote", "ewma_nb")
    decision = retrain(folder, MLFLOW_TRACKING_URI=server)
    assert decision["outcome"] == "promoted"
    assert not (folder / "mlruns" / "mlflow.db").exists()
    done = provrisk("forecast", "f.csv", cwd=folder, MLFLOW_TRACKING_URI=server)
    assert done.returncode == 0, done.stderr
    runs = mlflow.MlflowClient(server).search_runs(["1"], "tags.job = 'retrain'")
    assert len(runs) == 1
    artifacts = {item.path for item in mlflow.MlflowClient(server).list_artifacts(runs[0].info.run_id)}
    assert {"scores.parquet", "failures.csv"} <= artifacts
