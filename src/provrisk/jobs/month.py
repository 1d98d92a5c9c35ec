"""The month: data in; forecast, risk table and bulletin out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from provrisk import journal, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.checks import Finding
from provrisk.evaluation.compare import leaderboard, shared_cells
from provrisk.evaluation.store import recipe_key
from provrisk.events.figures import Figures
from provrisk.events.given import Given
from provrisk.events.revisions import by_month, revisions
from provrisk.jobs.alerting import tell, tell_if_late, told_if_stopped
from provrisk.jobs.backtest import BacktestResult, run_backtest
from provrisk.jobs.backtest import write as write_backtest
from provrisk.jobs.bulletin import Speaker, Written, basis_of, stop_if_nothing_new, write_issue
from provrisk.jobs.champion import as_noted
from provrisk.jobs.checks import check_data, not_tested, stop_if_asked
from provrisk.jobs.lock import only_one
from provrisk.jobs.sources import champion_forecast, load_panel
from provrisk.reports import alerts
from provrisk.reports.language import check_languages
from provrisk.reports.parts.notes import data_sentences
from provrisk.risk.issue import issue_on
from provrisk.study import Study
from provrisk.tracking.registry import Champion, Registry, open_folder
from provrisk.tracking.session import apart
from provrisk.tracking.store import Job, Tracker

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and their number."""


@dataclass(frozen=True)
class MonthResult:
    """What ``run_month`` did: the issue, the leaderboard of the backtest and the champion."""

    issue: Written
    leaderboard: pd.DataFrame
    champion: Champion
    promoted: bool
    figures: Figures
    findings: list[Finding]

    @property
    def champion_version(self) -> str:
        """The champion's version in the registry."""
        return self.champion.version

    def __repr__(self) -> str:
        document = self.issue.document
        month = months.spelled(months.parse(document.month))
        return f"MonthResult({document.study!r}: {month}, champion {document.model}, version {self.champion_version})"

    def _repr_html_(self) -> str:
        return self.issue._repr_html_()


def _noted(result: MonthResult, asked: dict[str, Any]) -> dict[str, Any]:
    """What the journal keeps of a month."""
    document = result.issue.document
    last = months.shift(months.parse(document.origin), asked["study"].file.horizons)
    return {
        "month": document.month,
        "historical": document.historical,
        "last_target": months.label(last),
        "promoted": result.promoted,
        "champion": as_noted(result.champion),
        "data": {"source": document.source, "origin": document.origin, "digest": document.digest},
        "paths": [str(result.issue.folder)],
    }


@journal.kept("run", _noted)
@apart()
def run_month(
    study: Study,
    events: Given | Path | None = None,
    seed: int = 1,
    workers: int = 1,
    today: pd.Timestamp | None = None,
    as_of: pd.Timestamp | None = None,
    champion_folder: Path | None = None,
    accept: str | None = None,
    again: bool = False,
    progress: Progress = lambda what, done, total: None,
) -> MonthResult:
    """Forecast the month after the data and write ``reports/<study>/<month>/``.

    Counts come from the file ``events``, or from the figures bundled with the study and the releases on top of them,
    those that were available ``as_of`` (the issue is then that day's). The champion and its benchmarks are backtested
    and logged to MLflow; where no champion is registered, the candidate with the lowest mean CRPS becomes it.
    ``champion_folder``, an exported champion, serves instead of the registered one. The same data, settings and seed
    write the same files. Raises ``DataStopError`` if a data check stops the job and no reason to ``accept`` was given,
    and, unless ``again``, ``NothingNewError`` if the newest final issue already uses these data.
    """
    check_languages(study)
    figures, panel = load_panel(study, events, as_of)
    if as_of is None and events is None:
        tell_if_late(study, panel, today)
    if not again and as_of is None:
        stop_if_nothing_new(study, panel)
    rules = study.file.backtest
    tracker = Tracker(study)
    registry = Registry(tracker)
    # Before the work: what fails should fail at once.
    known = open_folder(champion_folder) if champion_folder else registry.champion()
    findings = check_data(study, figures, panel, known, study.protocol(rules.protocol).draws, seed)
    with told_if_stopped(study, panel):
        stop_if_asked(findings, accept)
    names = dict.fromkeys([*([known.name] if known else rules.candidates), *rules.benchmarks])
    tested = run_backtest(
        study, panel, rules.protocol, list(names), seed=seed, workers=workers,
        progress=partial(progress, "Backtest"),
    )  # fmt: skip
    study = tested.standing(study, known.name if known else None)
    rules = study.file.backtest
    findings += not_tested(tested.bowed_out())
    progress("Tracking", 0, 1)
    with only_one(study):
        kept = write_backtest(tested, study)
        job = Job("month", tested.key(panel, seed), tested.settings(seed))
        runs = tracker.log(job, figures.counts, panel, tested.files, tested.scores, tested.notes(), kept)
        champion = known or _first_champion(registry, tested, figures, panel, seed, runs, rules.benchmarks[0])
        if known is None:  # now the last month can be held against a champion, as every later run will
            findings = check_data(study, figures, panel, champion, study.protocol(rules.protocol).draws, seed)
            findings += not_tested(tested.bowed_out())
        progress("Tracking", 1, 1)
        if as_of is not None and champion.data_digest != panel.attrs["digest"]:
            # The champion has seen data that were not out on that day: its recipe is fitted anew to those that were.
            champion = replace(champion, model=tested.refit(champion.name, panel))
        issue = _issue(study, figures, panel, champion, tested, seed, today, as_of, findings, accept)
    board = leaderboard(shared_cells(tested.scores), rules.benchmarks[0])
    return MonthResult(issue, board, champion, known is None, figures, findings)


def _first_champion(
    registry: Registry, tested: BacktestResult, figures: Figures, panel: xr.Dataset, seed: int, runs: dict[str, str],
    benchmark: str,
) -> Champion:  # fmt: skip
    """Register the model of lowest mean CRPS as the study's first champion, unless another job was quicker."""
    if found := registry.champion():
        if found.name not in tested.recipes:
            raise ProvriskError(f"Another job has made {found.name} the first champion meanwhile: run this again.")
        return found
    best = str(leaderboard(shared_cells(tested.scores), benchmark).index[0])
    settings = {"draws": tested.rules.draws, "seed": seed}
    recipe = recipe_key(best, tested.recipes)
    fitted = tested.refit(best, panel)
    registry.promote(registry.register(best, recipe, fitted, figures.counts, panel, settings, runs[best]))
    champion = registry.champion()
    if champion is None:
        raise ProvriskError("The MLflow store did not keep the champion: check that it can be written to.")
    return champion


def _issue(
    study: Study, figures: Figures, panel: xr.Dataset, champion: Champion, tested: BacktestResult,
    seed: int, today: pd.Timestamp | None, as_of: pd.Timestamp | None, findings: Sequence[Finding],
    accept: str | None,
) -> Written:  # fmt: skip
    """The champion's forecast from the newest data, and the issue made of it."""
    draws, horizons = tested.rules.draws, range(1, study.file.horizons + 1)
    drawn, corrected = champion_forecast(study, figures, champion, horizons, draws, seed)
    now = as_of if as_of is not None else today if today is not None else pd.Timestamp.now()
    issue = issue_on(now, months.parse(panel.attrs["origin"]), len(horizons), rebuilt=as_of is not None)
    chosen = months.parse(champion.chosen) if champion.chosen else None
    speaker = Speaker(champion.name, champion.model, drawn, chosen)
    newest = figures.releases[-2:]
    moved = by_month(revisions(study, newest)) if len(newest) == 2 else None
    notes = partial(data_sentences, figures, corrected, findings, moved, accept)
    basis = basis_of(study, figures, panel, tested, speaker, issue, seed, notes)
    written = write_issue(basis)
    if as_of is None:
        tell(study, alerts.of_issue(basis))
    return written
