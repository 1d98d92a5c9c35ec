"""A backtest that is kept: its scores and forecasts under ``reports/``, its runs in MLflow."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import months, notebook
from provrisk.errors import ProvriskError
from provrisk.evaluation.engine import Progress
from provrisk.events.figures import Figures
from provrisk.jobs.backtest import BacktestResult, run_backtest, write
from provrisk.jobs.lock import only_one
from provrisk.jobs.sources import AsReleased, load_panel
from provrisk.study import Study
from provrisk.tracking.session import apart
from provrisk.tracking.store import Job, Tracker


@dataclass(frozen=True)
class KeptBacktest:
    """A backtest, the panel it was run on, and the folder it was written to."""

    result: BacktestResult
    panel: xr.Dataset
    folder: Path

    @property
    def scores(self) -> pd.DataFrame:
        """The long table of scores: model, origin, horizon, province, score, value, active."""
        return self.result.scores

    @property
    def forecasts(self) -> dict[str, xr.DataArray]:
        """The draws of each model: (origin, province, horizon, draw)."""
        return self.result.run.forecasts

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
        return f"{len(origins)} origins, {months.label(origins[0])} to {months.label(origins[-1])}"


@apart()
def keep_backtest(
    study: Study,
    protocol: str,
    models: Sequence[str] = (),
    *,
    as_of: pd.Timestamp | None = None,
    as_of_releases: bool = False,
    seed: int = 1,
    workers: int = 1,
    cluster: str | None = None,
    samples: Path | None = None,
    progress: Progress = lambda done, total: None,
) -> KeptBacktest:
    """Run a backtest on the newest data (or those out on the day ``as_of``), write it and log it to MLflow.

    With ``as_of_releases`` each origin sees the releases that were out then. The other arguments are those of
    ``run_backtest`` and ``write``.
    """
    if samples is not None and samples.suffix != ".parquet":
        raise ProvriskError(f"{samples} is to hold draws by the million: give it a name that ends in .parquet.")
    figures, panel = load_panel(study, as_of=as_of)
    result = run_backtest(
        study, panel, protocol, models, seed=seed, workers=workers, cluster=cluster,
        view=AsReleased(study) if as_of_releases else None, progress=progress,
    )  # fmt: skip
    with only_one(study):
        folder = write(result, study, samples)
        _log(study, figures, panel, result, folder, seed)
    return KeptBacktest(result, panel, folder)


def _log(study: Study, figures: Figures, panel: xr.Dataset, result: BacktestResult, folder: Path, seed: int) -> None:
    entry = Job("backtest", result.key(panel, seed), result.settings(seed))
    tracker = Tracker(study)
    tracker.log(entry, figures.counts, panel, result.files, result.scores, result.notes(), folder)
