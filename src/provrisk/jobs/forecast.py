"""The champion's forecast from the newest data, without a bulletin."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import files, months, notebook
from provrisk.errors import ProvriskError
from provrisk.evaluation.champion import Champion, open_folder
from provrisk.forecasts import hubverse
from provrisk.jobs.backtest import QUANTILES
from provrisk.jobs.champion_forecast import champion_forecast
from provrisk.jobs.inputs import Inputs
from provrisk.jobs.snapshot import load_snapshot
from provrisk.study import Study
from provrisk.tracking.registry import Registry
from provrisk.tracking.runs import Tracker

KINDS = (".parquet", ".csv")
"""A forecast is written as draws or as quantiles."""


@dataclass(frozen=True)
class NewestForecast:
    """The champion's forecast from the newest data: draws (province, horizon, draw), and its inputs."""

    champion: Champion
    forecast: xr.DataArray
    data: str

    def __repr__(self) -> str:
        size = self.forecast.sizes
        return (
            f"Newest({self.champion.name!r}, version {self.champion.version}, from {self.data}: "
            f"{size['province']} provinces, {size['horizon']} months, {size['draw']:,} draws)"
        )

    @property
    def by_month(self) -> xr.DataArray:
        """The draws over (province, target_month, draw), so that tables of them have months, not horizons."""
        return self.forecast.swap_dims(horizon="target_month")

    def table(self) -> pd.DataFrame:
        """Means of the draws in attacks: a row by province, a column by target month; highest total first."""
        mean = self.forecast.mean("draw").to_series().unstack("horizon")
        mean.columns = pd.Index([months.label(pd.Timestamp(m)) for m in self.forecast.target_month.to_numpy()])
        return mean.loc[mean.sum(axis=1).sort_values(ascending=False, kind="stable").index]

    def _repr_html_(self) -> str:
        shown = self.table().map("{:.1f}".format).reset_index()
        title = f"Expected attacks by {self.champion.name}, version {self.champion.version}"
        return notebook.table(title, shown, f"Means of {self.forecast.sizes['draw']:,} draws, from {self.data}.")


def newest_forecast(study: Study, inputs: Inputs = Inputs(), seed: int = 1) -> NewestForecast:
    """The champion's forecast from the newest data, or from what ``inputs`` names in their place.

    Raises ``ProvriskError`` if there is no champion.
    """
    champion = open_folder(inputs.champion) if inputs.champion else Registry(Tracker(study)).champion()
    if champion is None:
        raise ProvriskError("There is no champion yet: run 'provrisk retrain' first.")
    snapshot = load_snapshot(study, inputs.events, inputs.as_of)
    drawn, _ = champion_forecast(snapshot, champion, study.draws, seed)
    return NewestForecast(champion, drawn, f"{snapshot.figures.source} up to {months.label(snapshot.origin)}")


def write_forecast(drawn: xr.DataArray, file: Path) -> Path:
    """Write a forecast to ``file`` as hubverse draws (.parquet) or quantiles (.csv)."""
    files.check_suffix(file, KINDS)
    if file.suffix == ".parquet":
        return hubverse.write(hubverse.samples(drawn), drawn.attrs, file)
    return files.write(file, files.csv_of(hubverse.quantiles(drawn, QUANTILES)))
