"""The forecast alone: the champion's numbers from the newest data."""

from pathlib import Path

import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.forecasts import hubverse
from provrisk.jobs.backtest import QUANTILES
from provrisk.jobs.sources import champion_forecast, load_panel
from provrisk.study import Project, Study
from provrisk.tracking.registry import Champion, Registry, open_folder
from provrisk.tracking.store import Tracker


def forecast_to(
    project: Project,
    study: Study,
    file: Path,
    champion_folder: Path | None = None,
    as_of: pd.Timestamp | None = None,
    seed: int = 1,
) -> tuple[Champion, str]:
    """Write the champion's forecast to ``file`` as hubverse draws (.parquet) or quantiles (.csv).

    Returns the champion and what it forecast from. Raises ``ProvriskError`` if there is no champion, or for another
    kind of file.
    """
    if file.suffix not in (".parquet", ".csv"):
        raise ProvriskError(f"{file}: a forecast is written as .parquet (draws) or .csv (quantiles).")
    champion = open_folder(champion_folder) if champion_folder else Registry(Tracker(project, study)).champion()
    if champion is None:
        raise ProvriskError("There is no champion yet: run 'provrisk retrain' first.")
    figures, panel = load_panel(project, study, as_of=as_of)
    draws = study.protocol(study.file.backtest.protocol).draws
    horizons = range(1, study.file.horizons + 1)
    drawn, _ = champion_forecast(project, study, figures, champion, horizons, draws, seed)
    if file.suffix == ".parquet":
        hubverse.write(hubverse.samples(drawn), drawn.attrs, file)
    else:
        files.write(file, files.csv_of(hubverse.quantiles(drawn, QUANTILES)))
    return champion, f"{panel.attrs['source']} up to {panel.attrs['origin']}"
