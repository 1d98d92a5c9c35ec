"""The month: data in; forecast, risk table and bulletin out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.compare import leaderboard, shared_cells
from provrisk.evaluation.fitted import forecast
from provrisk.events.figures import Figures, load_counts
from provrisk.events.provisional import corrected_counts
from provrisk.features.panel import build_panel
from provrisk.forecasts import hubverse
from provrisk.jobs.backtest import run_backtest
from provrisk.reports import html
from provrisk.reports.bulletin import Bulletin, data_sentences, history, skill_sentence
from provrisk.risk import table as risk
from provrisk.risk.issue import issue_on
from provrisk.seeds import generator
from provrisk.study import Project, Study
from provrisk.tracking import Champion, Tracker

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and their number."""


VERSIONS = 20
"""Draws of the corrected counts that a forecast is made from, where the newest months are provisional."""


@dataclass(frozen=True)
class MonthResult:
    """What ``run_month`` did: the bulletin, its files, the leaderboard of the backtest and the champion's version."""

    bulletin: Bulletin
    folder: Path
    leaderboard: pd.DataFrame
    champion_version: str
    promoted: bool
    figures: Figures


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
    (the issue is then that day's), or else from the figures bundled with the study. The champion and its
    benchmarks are backtested and logged to MLflow; where no champion is registered, the candidate with
    the lowest mean CRPS becomes it. The same data, settings and seed write the same files.
    """
    figures, panel = load_panel(project, study, events, as_of)
    table = figures.counts
    tracker = Tracker(project, study)
    champion = tracker.champion()
    rules = study.file.backtest
    tested = run_backtest(
        project,
        study,
        panel,
        rules.protocol,
        list(dict.fromkeys([*([champion.name] if champion else rules.candidates), *rules.benchmarks])),
        seed=seed,
        workers=workers,
        progress=partial(progress, "Backtest"),
    )
    cells = shared_cells(tested.scores)
    board = leaderboard(cells, rules.benchmarks[0])

    progress("Tracking", 0, 2)
    runs = tracker.log_backtest(table, panel, tested.files, tested.scores, tested.settings(seed))
    progress("Tracking", 1, 2)
    promoted = champion is None
    draws = study.protocol(rules.protocol).draws
    if champion is None:
        best = str(board.index[0])
        tracker.promote(best, tested.refit(best, panel), table, panel, draws, seed, runs[best])
        champion = tracker.champion()
        if champion is None:
            raise ProvriskError("The MLflow store did not keep the champion: check that it can be written to.")
    progress("Tracking", 2, 2)

    horizons = range(1, study.file.horizons + 1)
    versions = corrected_counts(project, study, figures, VERSIONS, seed) or [table]
    drawn = forecast_over(study, versions, figures.source, champion, horizons, draws, seed)
    titles = {name: file.title for name, file in tested.files.items()}
    today = as_of if as_of is not None else today if today is not None else pd.Timestamp.now()
    issue = issue_on(today, months.parse(panel.attrs["origin"]), len(horizons))
    bulletin = Bulletin(
        study=figures.cited(study),
        issue=issue,
        source=panel.attrs["source"],
        digest=panel.attrs["digest"],
        model=titles.get(champion.name, champion.name),
        seed=seed,
        draws=draws,
        risk=risk.risk_table(panel, drawn, issue, study),
        history=history(panel, issue.origin),
        skill=skill_sentence(cells, champion.name, rules.benchmarks, titles),
        data=data_sentences(figures, corrected=len(versions) > 1),
    )
    folder = write_reports(project, bulletin, drawn)
    return MonthResult(bulletin, folder, board, champion.version, promoted, figures)


def forecast_over(
    study: Study, versions: Sequence[pd.DataFrame], source: str, champion: Champion, horizons: Sequence[int],
    draws: int, seed: int,
) -> xr.DataArray:  # fmt: skip
    """The champion's forecast, its ``draws`` shared out among ``versions`` of the counts.

    With several versions, draws of what provisional months will come to, their uncertainty is in the
    forecast. Each version has a seed of its own, or their draws would be the same numbers.
    """
    parts = []
    for number, table in enumerate(versions):
        share = draws // len(versions) + (number < draws % len(versions))
        panel = build_panel(study, table, source)
        own = seed if len(versions) == 1 else int(generator(seed, "version", number).integers(2**31))
        parts.append(forecast(panel, champion.name, champion.model, horizons, share, own))
    if len(parts) == 1:
        return parts[0]
    return xr.concat(parts, dim="draw", combine_attrs="override").assign_attrs(parts[0].attrs, seed=seed)


def load_panel(
    project: Project, study: Study, events: Path | None = None, as_of: pd.Timestamp | None = None
) -> tuple[Figures, xr.Dataset]:
    """The figures that ``load_counts`` chooses, and the panel built from them."""
    figures = load_counts(project, study, events, as_of)
    return figures, build_panel(study, figures.counts, figures.source)


def write_reports(project: Project, bulletin: Bulletin, drawn: xr.DataArray) -> Path:
    """Write the bulletin's files; returns their folder, named after the month they speak of."""
    folder = project.reports / bulletin.study.name / months.label(bulletin.issue.month)
    files.write(folder / "bulletin.html", html.render(bulletin))
    files.write(folder / "risk.csv", risk.to_csv(bulletin.risk))
    hubverse.write(hubverse.samples(drawn), drawn.attrs, folder / "forecast.parquet")
    return folder
