"""A stored backtest: its scores and forecasts under ``reports/``, its runs in MLflow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import files, months, notebook
from provrisk.forecasts import hubverse
from provrisk.jobs.backtest import BacktestResult, run_backtest, write
from provrisk.jobs.backtest_runs import log
from provrisk.jobs.champion_forecast import AsReleased
from provrisk.jobs.lock import only_one
from provrisk.jobs.snapshot import load_snapshot
from provrisk.jobs.work import Work
from provrisk.study import Study
from provrisk.study.name_matching import by_title
from provrisk.tracking.runs import Tracker
from provrisk.tracking.session import apart

SAMPLES = (".parquet",)
"""The file type for draws."""


@dataclass(frozen=True)
class KeptBacktest:
    """A backtest, and the folder it was written to."""

    result: BacktestResult
    folder: Path

    @property
    def panel(self) -> xr.Dataset:
        """The panel it was run on."""
        return self.result.panel

    @property
    def scores(self) -> pd.DataFrame:
        """The long table of scores: model, origin, horizon, province, score, value, active."""
        return self.result.scores

    @property
    def forecasts(self) -> dict[str, xr.DataArray]:
        """The draws of each model: (origin, province, horizon, draw)."""
        return self.result.run.forecasts

    def write_samples(self, path: Path) -> Path:
        """Write every draw of every model to ``path`` (.parquet), a hubverse table."""
        files.check_suffix(path, SAMPLES)
        return hubverse.write_samples({str(name): self.forecasts[name] for name in self.scores.model.unique()}, path)

    def __repr__(self) -> str:
        models = ", ".join(map(str, self.scores.model.unique()))
        return f"KeptBacktest({self.result.protocol!r}: {models}; {self._span()})"

    def _repr_html_(self) -> str:
        run = self.result.run
        lines = {
            "models": ", ".join(map(str, self.scores.model.unique())),
            "origins": self._span(),
            "data": f"{self.panel.attrs['source']}, up to {self.panel.attrs['origin']}",
            "blocks": f"{run.computed} computed, {run.reused} reused",
            "failures": len(run.failures),
            "folder": self.folder,
        }
        return notebook.facts(f"Backtest {self.result.protocol}", lines)

    def _span(self) -> str:
        origins = self.result.run.origins
        newest = [own.indexes["origin"][-1] for own in self.result.newest.values()]
        later = f"; for comparisons up to {months.label(max(newest))}" if newest else ""
        return f"{len(origins)} origins, {months.label(origins[0])} to {months.label(origins[-1])}{later}"


@apart()
def keep_backtest(
    study: Study,
    protocol: str,
    models: Sequence[str] = (),
    work: Work = Work(),
    as_of: pd.Timestamp | None = None,
    as_of_releases: bool = False,
) -> KeptBacktest:
    """Run a backtest on the newest data (or those published by the day ``as_of``), write it and log it to MLflow.

    With ``as_of_releases`` each origin uses the releases published by then. ``models`` are those of ``run_backtest``,
    by name or title.
    """
    models = by_title(models, {name: file.title for name, file in study.project.models().items()})
    snapshot = load_snapshot(study, as_of=as_of)
    result = run_backtest(snapshot, protocol, models, work, AsReleased(study) if as_of_releases else None)
    with only_one(study):
        folder = write(result)
        log(result, Tracker(study), "backtest", folder)
    return KeptBacktest(result, folder)
