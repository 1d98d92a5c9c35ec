"""A fitted forecaster served by MLflow: input is a counts table, output hubverse quantiles."""

from pathlib import Path
from typing import Any

import joblib
import mlflow
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from provrisk import months
from provrisk.evaluation.backtest.fitted import forecast
from provrisk.events.counting import counts
from provrisk.features.panel import build_panel
from provrisk.forecasts import hubverse
from provrisk.study import load_study

LOADER = (
    "import mlflow\n\nfrom provrisk.tracking.served import ForecastModel\n\nmlflow.models.set_model(ForecastModel())\n"
)
"""The code that MLflow stores for the model."""

LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


class ForecastModel(mlflow.pyfunc.PythonModel):
    """A fitted recipe with its study; callers need no knowledge of provrisk."""

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


def as_input(table: pd.DataFrame) -> pd.DataFrame:
    """Counts for MLflow: months as text, counts as float, so that they can be missing."""
    out = table.drop(columns="observed").assign(month=table.month.map(months.label))
    return out.astype(dict.fromkeys(out.columns.difference(["month", "province"]), "float64"))


def signature(table: pd.DataFrame) -> ModelSignature:
    """The input and output columns of ``predict``."""
    figures = [name for name in as_input(table).columns if name not in ("month", "province")]
    inputs = [ColSpec("string", "month"), ColSpec("string", "province"), *(ColSpec("double", f) for f in figures)]
    kinds = {"value": "double", "horizon": "integer", "origin_date": "datetime", "target_date": "datetime"}
    outputs = [ColSpec(kinds.get(name, "string"), name) for name in hubverse.COLUMNS]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema(outputs))
