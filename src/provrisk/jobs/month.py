"""The month: data in; forecast, risk table and bulletin out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.compare import leaderboard, shared_cells
from provrisk.evaluation.fitted import forecast
from provrisk.events import counts as tables
from provrisk.events import ucdp
from provrisk.events.places import Gazetteer
from provrisk.features.panel import build_panel
from provrisk.forecasts import hubverse
from provrisk.jobs.backtest import run_backtest
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
    """What ``run_month`` did: the bulletin, its files, the leaderboard of the backtest and the champion's version."""

    bulletin: Bulletin
    folder: Path
    leaderboard: pd.DataFrame
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
    progress: Progress = lambda what, done, total: None,
) -> MonthResult:
    """Forecast the month after the data and write ``reports/<study>/<month>/``.

    Counts come from the UCDP GED file ``events``, or else from the figures bundled with the study. The
    champion and its benchmarks are backtested and logged to MLflow; where no champion is registered, the
    candidate with the lowest mean CRPS becomes it. The same data, settings and seed write the same files.
    """
    table, panel, set_aside = load_panel(study, events)
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
    drawn = forecast(panel, champion.name, champion.model, horizons, draws, seed)
    titles = {name: file.title for name, file in tested.files.items()}
    today = today if today is not None else pd.Timestamp.now()
    issue = issue_on(today, months.parse(panel.attrs["origin"]), len(horizons))
    bulletin = Bulletin(
        study=study,
        issue=issue,
        source=panel.attrs["source"],
        digest=panel.attrs["digest"],
        model=titles.get(champion.name, champion.name),
        seed=seed,
        draws=draws,
        risk=risk.risk_table(panel, drawn, issue, study),
        history=history(panel, issue.origin),
        skill=skill_sentence(cells, champion.name, rules.benchmarks, titles),
    )
    folder = write_reports(project, bulletin, drawn)
    return MonthResult(bulletin, folder, board, champion.version, promoted, set_aside)


def load_panel(study: Study, events: Path | None = None) -> tuple[pd.DataFrame, xr.Dataset, pd.Series]:
    """Counts, the panel built from them, and how many rows of an event file were set aside for each reason."""
    table, source, set_aside = load_counts(study, events)
    return table, build_panel(study, table, source), set_aside


def load_counts(study: Study, events: Path | None) -> tuple[pd.DataFrame, str, pd.Series]:
    """Counts, the name of their source, and how many rows of an event file were set aside for each reason."""
    if events is None:
        return tables.read_csv(study.bundled_counts, study), str(study.file.source), pd.Series(dtype="int64")
    actors = study.file.actor.get("ucdp", ())
    reading = ucdp.read(events, actors, Gazetteer(study.provinces))
    if reading.events.empty:
        raise ProvriskError(f"{events} holds no event of the actor {', '.join(actors)}: check [actor] in study.toml.")
    first = max(months.parse(study.file.first_month), reading.first)
    table = tables.count(reading.events, study.provinces.index, first, reading.last)
    return table, f"{ucdp.SOURCE} {ucdp.release_of(events)}", reading.reasons()


def write_reports(project: Project, bulletin: Bulletin, drawn: xr.DataArray) -> Path:
    """Write the bulletin's files; returns their folder, named after the month they speak of."""
    folder = project.reports / bulletin.study.name / months.label(bulletin.issue.month)
    files.write(folder / "bulletin.html", html.render(bulletin))
    files.write(folder / "risk.csv", risk.to_csv(bulletin.risk))
    hubverse.write(hubverse.samples(drawn), drawn.attrs, folder / "forecast.parquet")
    return folder
