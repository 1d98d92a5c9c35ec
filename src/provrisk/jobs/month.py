"""The month: data in; forecast, risk table and bulletin out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.compare import leaderboard, shared_cells
from provrisk.events import counts as tables
from provrisk.events import ucdp
from provrisk.events.places import Gazetteer
from provrisk.features.panel import build_panel
from provrisk.jobs.backtest import run_backtest
from provrisk.jobs.bulletin import (
    Champion,
    Written,
    basis_of,
    set_aside_notes,
    stop_if_nothing_new,
    write_issue,
)
from provrisk.risk.issue import issue_on
from provrisk.study import Project, Study
from provrisk.tracking import Tracker

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and their number."""


@dataclass(frozen=True)
class MonthResult:
    """What ``run_month`` did: the issue, the leaderboard of the backtest and the champion's version."""

    issue: Written
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
    again: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> MonthResult:
    """Forecast the month after the data and write ``reports/<study>/<month>/``.

    Counts come from the UCDP GED file ``events``, or else from the figures bundled with the study. The
    champion and its benchmarks are backtested and logged to MLflow; where no champion is registered, the
    candidate with the lowest mean CRPS becomes it. The same data, settings and seed write the same files.

    Unless ``again``, ``NothingNewError`` is raised where the newest final issue already uses these data.
    """
    table, panel, set_aside = load_panel(study, events)
    if not again:
        stop_if_nothing_new(project, study, panel)
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

    today = today if today is not None else pd.Timestamp.now()
    issue = issue_on(today, months.parse(panel.attrs["origin"]), study.file.horizons)
    speaker = Champion(champion.name, champion.model)
    notes = set_aside_notes(set_aside)
    basis = basis_of(project, study, table, panel, tested, speaker, issue, seed, notes=notes)
    return MonthResult(write_issue(project, basis), board, champion.version, promoted, set_aside)


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
