"""The MLflow store of a project: an experiment for each study, a run for each job, a child run for each model."""

import contextlib
import importlib.metadata
import os
import platform
import shlex
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import mlflow
import pandas as pd
import requests
import xarray as xr
from mlflow.entities import LifecycleStage, Metric, Run, RunStatus
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode
from sqlalchemy.exc import SQLAlchemyError

import provrisk
from provrisk import files
from provrisk.errors import LockedError, ProvriskError
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.study import Study
from provrisk.study.schema import ModelFile
from provrisk.tracking import database
from provrisk.tracking.served import as_input
from provrisk.tracking.session import apart

ANOTHER_WROTE = ("UniqueViolation", "UNIQUE constraint", "duplicate key")
"""What databases say of a row that another writer made a moment before."""

ADDRESS = "MLFLOW_TRACKING_URI"
PACKAGES = ("numpy", "pandas", "scipy", "scikit-learn", "statsmodels", "prophet", "xarray")


@dataclass(frozen=True)
class Job:
    """The record of a parent run: the kind of job, a key of all inputs, and its settings."""

    kind: str
    key: str
    settings: Mapping[str, object]


class Tracker:
    """The MLflow store of a project for one study: SQLite in ``mlruns/``, or ``MLFLOW_TRACKING_URI``."""

    def __init__(self, study: Study) -> None:
        self.study = study
        own, asked = study.project.mlruns / "mlflow.db", os.environ.get(ADDRESS)
        self.uri = database.driven(asked) if asked else database.address(own)
        self.database = own if not asked or asked == database.address(own) else None
        artifacts = study.project.mlruns / "artifacts"
        with self.asking():
            if self.database:
                database.prepare(self.database, artifacts)
            self.client = mlflow.MlflowClient(self.uri, self.uri)
            # A server stores artifacts itself; with only a database they are files of the project.
            self.experiment = self._experiment(None if self.uri.startswith("http") else artifacts.as_uri())

    @contextlib.contextmanager
    def speaking(self) -> Iterator[None]:
        """Context manager: MLflow's functions use this store and experiment, not the caller's session."""
        with self.asking(), apart():
            mlflow.set_tracking_uri(self.uri)
            mlflow.set_registry_uri(self.uri)
            mlflow.set_experiment(experiment_id=self.experiment)
            yield

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Turn MLflow's errors about a missing, full or damaged store into one sentence."""
        try:
            yield
        except (MlflowException, SQLAlchemyError, requests.RequestException) as error:
            raise self.unusable(error) from None
        finally:
            if self.database:
                database.tidy(self.database)

    def unusable(self, error: Exception) -> ProvriskError:
        """The error for a store that fails."""
        reason = _without_secrets(str(error).strip().partition("\n")[0].rstrip("."), self.uri)[:300]
        if "out-of-date database schema" in str(error):
            return ProvriskError(
                f"The MLflow store was made by another version: update it with 'mlflow db upgrade {self.shown}'."
            )
        if any(word in str(error) for word in ANOTHER_WROTE):
            return LockedError(
                f"Another job wrote to the MLflow store at {self.shown} at the same moment: run this again; finished "
                "parts are stored."
            )
        if self.database is None:
            reason = reason.partition(" failed with exception")[0]
            return ProvriskError(
                f"The MLflow store at {self.shown} does not answer ({reason}): start the server and try again, or "
                "unset MLFLOW_TRACKING_URI to use the project's own store."
            )
        if "is full" in reason or "readonly" in reason or "unable to open" in reason:
            return ProvriskError(
                f"The MLflow store {self.database} cannot be written to ({reason}): free space, or change its rights, "
                "and try again; finished parts are stored."
            )
        if what := database.damage(self.database):
            return database.damaged(self.database, what)
        return ProvriskError(
            f"The MLflow store {self.database} has an error ({reason}): restore it from a copy, or move it away."
        )

    @property
    def shown(self) -> str:
        """The store's address without user name and password."""
        return _without_secrets(self.uri, self.uri)

    def log(
        self,
        job: Job,
        table: pd.DataFrame,
        panel: xr.Dataset,
        models: Mapping[str, ModelFile],
        scores: pd.DataFrame,
        notes: Mapping[str, Iterable[str]],
        folder: Path,
    ) -> dict[str, str]:
        """Log a job as a parent run and its models as child runs; returns the run ids of the models.

        A child has its file's settings, the mean of each score by horizon (step) for all and for active provinces and
        over all horizons (names that end in ``_mean``), and its failures and warnings (``notes``). Files of
        ``folder`` become artifacts: of a child those whose stem is its name, of the parent the rest at the top. A job
        whose ``key`` has been logged before is not logged again. Call it only if no other job of the study is
        running (``jobs.lock``): unfinished runs are then those of killed jobs, and are marked as such.
        """
        with self.speaking():
            if found := self._finished(job):
                return {run.info.run_name: run.info.run_id for run in self._children(found) if run.info.run_name}
            self._end_killed()
            data = mlflow.data.from_pandas(as_input(table), name=panel.attrs["source"], digest=panel.attrs["digest"])
            tags = self.tags(panel)
            runs = {}
            with mlflow.start_run(run_name=job.kind, tags=tags | {"job": job.kind, "job_key": job.key}):
                mlflow.log_input(data, context=job.kind)
                mlflow.log_params(dict(job.settings))
                for path in files.listed(folder):
                    mlflow.log_artifact(str(path))
                for name, file in models.items():
                    told = list(notes.get(name, ()))
                    with mlflow.start_run(run_name=name, nested=True, tags=tags | {"warnings": str(len(told))}) as run:
                        mlflow.log_input(data, context=job.kind)
                        mlflow.log_params({"class": file.model, **file.settings})
                        own = scores[scores.model == name]
                        self.client.log_batch(
                            run.info.run_id, metrics=_metrics(own) + _metrics(own[own.active], "_active")
                        )
                        if told:
                            mlflow.log_text("\n".join(told), "warnings.txt")
                        for path in sorted(folder.glob(f"*/{name}.*")):
                            mlflow.log_artifact(str(path), path.parent.name)
                        runs[name] = run.info.run_id
            return runs

    def tags(self, panel: xr.Dataset) -> dict[str, str]:
        """The provenance of a run: data, method, code and environment."""
        tags = {
            "study": self.study.name,
            "data_source": panel.attrs["source"],
            "data_digest": panel.attrs["digest"],
            "data_until": panel.attrs["origin"],
            "method": provrisk.METHOD_VERSION,
            "provrisk": importlib.metadata.version("provrisk"),
            "python": platform.python_version(),
            "packages": " ".join(f"{name}={importlib.metadata.version(name)}" for name in PACKAGES),
        }
        revision = _git_revision(self.study.project.root)
        return tags | ({"git_revision": revision} if revision else {})

    def jobs(self, number: int) -> list[Run]:
        """The last ``number`` parent runs, newest first."""
        with self.asking():
            return self._search("tags.job != ''", number)

    def backtest_runs(self, protocol: str, digest: str) -> dict[str, str]:
        """The newest run of each model in jobs that ran ``protocol`` on the counts of this ``digest``."""
        asked = f"params.protocol = '{protocol}' and tags.data_digest = '{digest}' and tags.job != ''"
        runs: dict[str, str] = {}
        for parent in self._search(f"{asked} and attributes.status = 'FINISHED'", 100):
            for run in self._children(parent):
                runs.setdefault(str(run.info.run_name), run.info.run_id)
        return runs

    def old_runs(self, keep: int, spare: Iterable[str]) -> list[str]:
        """The runs of all but the ``keep`` newest jobs, with their models' runs, none of ``spare``."""
        spared, old = set(spare), []
        for parent in self.jobs(10_000)[keep:]:
            children = self._children(parent)
            for run in (*children, parent):
                if run.info.run_id not in spared and not (run is parent and spared & {c.info.run_id for c in children}):
                    old.append(run.info.run_id)
        return old

    def delete_runs(self, runs: Iterable[str]) -> None:
        """Mark ``runs`` as deleted."""
        with self.asking():
            for run in runs:
                self.client.delete_run(run)

    def _finished(self, job: Job) -> Run | None:
        done = self._search(f"tags.job_key = '{job.key}' and attributes.status = 'FINISHED'", 1)
        return done[0] if done else None

    def _experiment(self, location: str | None) -> str:
        if found := self.client.get_experiment_by_name(self.study.name):
            if found.lifecycle_stage == LifecycleStage.DELETED:
                restore = f"mlflow experiments restore --experiment-id {found.experiment_id}"
                raise ProvriskError(
                    f"The experiment {self.study.name!r} of the MLflow store {self.shown} was deleted: restore it "
                    f"with '{ADDRESS}={shlex.quote(self.shown)} {restore}', and try again; nothing of it is lost."
                )
            return str(found.experiment_id)
        try:
            return str(self.client.create_experiment(self.study.name, location))
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise
            return self._experiment(location)  # another process was quicker

    def _end_killed(self) -> None:
        """Mark the runs that killed jobs left open as killed."""
        for run in self._search("attributes.status = 'RUNNING'", 1000):
            self.client.set_terminated(run.info.run_id, RunStatus.to_string(RunStatus.KILLED))

    def _children(self, parent: Run) -> list[Run]:
        return self._search(f"tags.mlflow.parentRunId = '{parent.info.run_id}'", 1000)

    def _search(self, where: str, number: int) -> list[Run]:
        return list(self.client.search_runs([self.experiment], where, max_results=number))


def _without_secrets(text: str, uri: str) -> str:
    """``text`` without the user name and password in ``uri``."""
    secret = urlsplit(uri).netloc.rpartition("@")[0]
    for part in (f"{secret}@", *secret.split(":")[1:]) if secret else ():
        text = text.replace(part, "")
    return text


def _metrics(scores: pd.DataFrame, suffix: str = "") -> list[Metric]:
    """Means over provinces by horizon, and over all; scores of the sum over provinces have their own names."""
    of_total = (scores.province == TOTAL).map({True: "total_", False: ""})
    names = of_total.astype(str) + scores.score.astype(str) + suffix
    by_horizon = scores.groupby([names, "horizon"]).value.mean()
    overall = scores.groupby(names).value.mean()
    now = 0  # the same metrics for the same scores, whenever they are logged
    return [
        *(Metric(name, value, now, horizon) for (name, horizon), value in by_horizon.items()),
        *(Metric(f"{name}_mean", value, now, 0) for name, value in overall.items()),
    ]


def _git_revision(folder: Path) -> str | None:
    try:
        command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5)  # noqa: S603 - no shell, fixed arguments
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
