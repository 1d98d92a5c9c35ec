"""The month: data in; forecast, risk table and bulletin out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import xarray as xr
from sklearn.base import clone

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation import scores
from provrisk.evaluation.backtest import backtest, forecast
from provrisk.events.figures import load_counts
from provrisk.features.panel import build_panel, origins, panel_upto
from provrisk.forecasts import hubverse
from provrisk.models.registry import build
from provrisk.reports import html
from provrisk.reports.bulletin import Bulletin, history, skill_sentence
from provrisk.risk import table as risk
from provrisk.risk.issue import issue_on
from provrisk.study import Project, Study
from provrisk.tracking import Tracker

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and their number."""


@dataclass(frozen=True)
class MonthResult:
    """What ``run_month`` did: the bulletin, its files, the backtest's summary and the champion's version."""

    bulletin: Bulletin
    folder: Path
    summary: pd.DataFrame
    champion_version: str
    promoted: bool
    set_aside: pd.Series


def run_month(
    project: Project,
    study: Study,
    events: Path | None = None,
    seed: int = 1,
    workers: int = 1,
    today: pd.Timestamp | None = None,
    as_of: pd.Timestamp | None = None,
    progress: Progress = lambda what, done, total: None,
) -> MonthResult:
    """Forecast the month after the data and write ``reports/<study>/<month>/``.

    Counts come from the file ``events``, from the releases of the store that were available ``as_of``
    (the issue is then that day's), or else from the figures bundled with the study. The models of
    ``models/`` are backtested and logged to MLflow; where no champion is registered, the one with the
    lowest mean CRPS becomes it. The same data, settings and seed write the same files.
    """
    figures = load_counts(project, study, events, as_of)
    table = figures.counts
    panel = build_panel(study, table, figures.source)
    tracker = Tracker(project, study)
    champion = tracker.champion()  # before the work: a store that fails should fail at once
    settings = study.file.backtest
    horizons = range(1, study.file.horizons + 1)
    model_files = project.models()
    models = {name: build(name, file) for name, file in model_files.items()}
    titles = {name: file.title for name, file in model_files.items()}
    for name in settings.benchmarks:
        if name not in models:
            raise ProvriskError(f"{study.folder / 'study.toml'}: the benchmark {name!r} has no file in models/.")

    tested = origins(panel, settings.origins, horizons)
    forecasts = backtest(
        panel, models, tested, horizons, settings.draws, settings.refit_every, seed, workers,
        lambda done, total: progress("Backtest", done, total),
    )  # fmt: skip
    scored = scores.score(forecasts, scores.truth(panel, forecasts))
    activity = scores.active(panel, study, tested)
    summary = scores.summary(scored, activity)

    progress("Tracking", 0, 2)
    runs = tracker.log_backtest(
        table, panel, model_files, scored, activity,
        {
            "first_origin": months.label(tested[0]), "last_origin": months.label(tested[-1]),
            "horizons": len(horizons), "seed": seed, **settings.model_dump(exclude={"benchmarks"}),
        },
    )  # fmt: skip
    progress("Tracking", 1, 2)
    promoted = champion is None
    if champion is None:
        best = str(summary.index[0])
        fitted = clone(models[best]).fit(panel_upto(panel, months.parse(panel.attrs["origin"])))
        tracker.promote(best, fitted, table, panel, settings.draws, seed, runs[best])
        champion = tracker.champion()
        if champion is None:
            raise ProvriskError("The MLflow store did not keep the champion: check that it can be written to.")
    progress("Tracking", 2, 2)

    drawn = forecast(panel, champion.name, champion.model, horizons, settings.draws, seed)
    today = as_of if as_of is not None else today if today is not None else pd.Timestamp.now()
    issue = issue_on(today, months.parse(panel.attrs["origin"]), len(horizons))
    bulletin = Bulletin(
        study=study,
        issue=issue,
        source=panel.attrs["source"],
        digest=panel.attrs["digest"],
        model=titles.get(champion.name, champion.name),
        seed=seed,
        draws=settings.draws,
        risk=risk.risk_table(panel, drawn, issue, study),
        history=history(panel, issue.origin),
        skill=skill_sentence(summary, champion.name, settings.benchmarks, titles, tested),
    )
    folder = write_reports(project, bulletin, drawn)
    return MonthResult(bulletin, folder, summary, champion.version, promoted, figures.set_aside)


def write_reports(project: Project, bulletin: Bulletin, drawn: xr.DataArray) -> Path:
    """Write the bulletin's files; returns their folder, named after the month they speak of."""
    folder = project.reports / bulletin.study.name / months.label(bulletin.issue.month)
    files.write(folder / "bulletin.html", html.render(bulletin))
    files.write(folder / "risk.csv", risk.to_csv(bulletin.risk))
    hubverse.write(drawn, folder / "forecast.parquet")
    return folder
