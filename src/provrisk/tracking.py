"""MLflow: the only module that imports it.

An experiment a study, a parent run a job, a child run a model; the champion is a registered model.
"""

import contextlib
import importlib.metadata
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # a server that is away is said so soon
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

import joblib
import mlflow
import pandas as pd
import xarray as xr
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

import provrisk
from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.fitted import Fitted, forecast
from provrisk.evaluation.scores import TOTAL
from provrisk.events import counts
from provrisk.features.panel import build_panel
from provrisk.forecasts import hubverse
from provrisk.study import ModelFile, Project, Study, load_study

CHAMPION = "champion"
LOADER = "import mlflow\n\nfrom provrisk.tracking import ForecastModel\n\nmlflow.models.set_model(ForecastModel())\n"
STATE = "model.joblib"
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)

for noisy in ("mlflow", "alembic"):
    logging.getLogger(noisy).setLevel(logging.ERROR)


@dataclass(frozen=True)
class Champion:
    """A fitted model of the registry: its name in ``models/``, the model, and its version."""

    name: str
    model: Fitted
    version: str


class ForecastModel(mlflow.pyfunc.PythonModel):
    """A fitted forecaster as MLflow serves it: a counts table in, hubverse quantiles out."""

    def load_context(self, context: Any) -> None:
        self.study = load_study(Path(context.artifacts["study"]))
        self.state = joblib.load(context.artifacts["state"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Quantiles for every province and horizon after the last month of ``model_input``.

        ``model_input`` has the columns of ``monthly.csv``.
        """
        text = model_input.map(lambda value: "" if pd.isna(value) else str(value))
        panel = build_panel(self.study, counts.from_text(text, self.study, "the table given"))
        horizons = range(1, self.study.file.horizons + 1)
        state = self.state
        drawn = forecast(panel, state["name"], state["model"], horizons, state["draws"], state["seed"])
        return hubverse.quantiles(drawn, LEVELS)


class Tracker:
    """The MLflow store of a project, seen from one study."""

    def __init__(self, project: Project, study: Study) -> None:
        self.project, self.study = project, study
        self.registered = f"provrisk-{study.name}"
        uri = os.environ.get("MLFLOW_TRACKING_URI")
        location = None
        if not uri:
            project.mlruns.mkdir(parents=True, exist_ok=True)
            uri = f"sqlite:///{project.mlruns / 'mlflow.db'}"
            location = (project.mlruns / "artifacts").as_uri()
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        self.client = mlflow.MlflowClient()
        try:
            found = self.client.get_experiment_by_name(study.name)
            experiment = found.experiment_id if found else self.client.create_experiment(study.name, location)
        except MlflowException as error:
            raise ProvriskError(
                f"The MLflow store at {uri} does not answer ({str(error).splitlines()[0]}): start the server, or unset "
                "MLFLOW_TRACKING_URI to use the project's own store."
            ) from None
        mlflow.set_experiment(experiment_id=experiment)

    def log_backtest(
        self,
        table: pd.DataFrame,
        panel: xr.Dataset,
        models: dict[str, ModelFile],
        scores: pd.DataFrame,
        settings: dict[str, Any],
    ) -> dict[str, str]:
        """Log a backtest as a parent run and its models as child runs; returns their run ids by model.

        Metrics of a model: the mean of each score by horizon (step) for all and for active provinces,
        and over all horizons (names that end in ``_mean``).
        """
        data = mlflow.data.from_pandas(_as_input(table), name=panel.attrs["source"], digest=panel.attrs["digest"])
        tags = self._tags(panel)
        runs = {}
        with self._run("backtest", tags):
            mlflow.log_input(data, context="backtest")
            mlflow.log_params(settings)
            for name, file in models.items():
                with self._run(name, tags, nested=True) as run:
                    mlflow.log_input(data, context="backtest")
                    mlflow.log_params({"class": file.model, **file.settings})
                    own = scores[scores.model == name]
                    self.client.log_batch(run.info.run_id, metrics=_metrics(own) + _metrics(own[own.active], "_active"))
                    runs[name] = run.info.run_id
        return runs

    def promote(
        self,
        name: str,
        fitted: Fitted,
        table: pd.DataFrame,
        panel: xr.Dataset,
        draws: int,
        seed: int,
        run_id: str,
    ) -> None:
        """Register ``fitted`` and give it the alias ``champion``; its run is that of its backtest."""
        with tempfile.TemporaryDirectory() as scratch, mlflow.start_run(run_id=run_id):
            state, loader = Path(scratch, STATE), Path(scratch, "loader.py")
            joblib.dump({"name": name, "model": fitted, "draws": draws, "seed": seed}, state)
            loader.write_text(LOADER)
            # Under the study's own name: the folder is what the name is read from.
            folder = Path(shutil.copytree(self.study.folder, Path(scratch, self.study.name)))
            logged = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(loader),
                artifacts={"state": str(state), "study": str(folder)},
                signature=_signature(table),
                input_example=_as_input(table).tail(36 * table.province.nunique()),
                pip_requirements=[f"provrisk=={importlib.metadata.version('provrisk')}"],
                metadata={"method": provrisk.METHOD_VERSION},
            )
            with contextlib.suppress(MlflowException):  # it exists from the second champion on
                self.client.create_registered_model(self.registered)
            created = self.client.create_model_version(
                self.registered, logged.model_uri, run_id, model_id=logged.model_id
            )
            version = str(created.version)
            sha = files.digest(state.read_bytes())
            for key, value in {"model": name, "sha256": sha, **self._tags(panel)}.items():
                self.client.set_model_version_tag(self.registered, version, key, value)
        self.client.set_registered_model_alias(self.registered, CHAMPION, version)

    def champion(self) -> Champion | None:
        """The registered champion, or none. A stored model whose digest has changed is not opened."""
        try:
            version = self.client.get_model_version_by_alias(self.registered, CHAMPION)
        except MlflowException:
            return None
        with tempfile.TemporaryDirectory() as scratch:
            try:
                uri = f"models:/{self.registered}/{version.version}"
                folder = Path(mlflow.artifacts.download_artifacts(uri, dst_path=scratch))
                content = (folder / "artifacts" / STATE).read_bytes()
            except (MlflowException, OSError):
                raise ProvriskError(
                    f"The champion of {self.study.name} is in the MLflow store, its files are not: if the project was "
                    f"moved, move it back, or delete {self.project.mlruns} to train a new one."
                ) from None
            if files.digest(content) != version.tags.get("sha256"):
                raise ProvriskError(
                    f"The stored champion of {self.study.name} is not the file that was registered: delete "
                    f"{self.project.mlruns} to train a new one."
                )
            state = joblib.load(folder / "artifacts" / STATE)
        return Champion(state["name"], state["model"], str(version.version))

    def _tags(self, panel: xr.Dataset) -> dict[str, str]:
        tags = {
            "study": self.study.name,
            "data_source": panel.attrs["source"],
            "data_digest": panel.attrs["digest"],
            "data_until": panel.attrs["origin"],
            "method": provrisk.METHOD_VERSION,
        }
        revision = _git_revision(self.project.root)
        return tags | ({"git_revision": revision} if revision else {})

    @contextlib.contextmanager
    def _run(self, name: str, tags: dict[str, str], nested: bool = False) -> Iterator[mlflow.ActiveRun]:
        with mlflow.start_run(run_name=name, nested=nested, tags=tags) as run:
            yield run


def _metrics(scores: pd.DataFrame, suffix: str = "") -> list[Metric]:
    """Means over provinces by horizon, and over all; scores of the sum over provinces under names of their own."""
    of_total = (scores.province == TOTAL).map({True: "total_", False: ""})
    names = of_total.astype(str) + scores.score.astype(str) + suffix
    by_horizon = scores.groupby([names, "horizon"]).value.mean()
    overall = scores.groupby(names).value.mean()
    now = 0  # the same metrics for the same scores, whenever they are logged
    return [
        *(Metric(name, value, now, horizon) for (name, horizon), value in by_horizon.items()),
        *(Metric(f"{name}_mean", value, now, 0) for name, value in overall.items()),
    ]


def _as_input(table: pd.DataFrame) -> pd.DataFrame:
    """Counts as MLflow takes them: months as text, figures as float, so that they can be missing."""
    out = table.drop(columns="observed").assign(month=table.month.map(months.label))
    return out.astype(dict.fromkeys(out.columns.difference(["month", "province"]), "float64"))


def _signature(table: pd.DataFrame) -> ModelSignature:
    figures = [name for name in _as_input(table).columns if name not in ("month", "province")]
    inputs = [
        ColSpec("string", "month"),
        ColSpec("string", "province"),
        *(ColSpec("double", f) for f in figures),
    ]
    outputs = [ColSpec("double" if name == "value" else "string", name) for name in hubverse.COLUMNS]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema(outputs))


def _git_revision(folder: Path) -> str | None:
    try:
        command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
