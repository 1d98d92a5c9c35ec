"""The monthly job: from data to forecast, risk table and bulletin."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from provrisk import journal, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.champion import Champion, open_folder
from provrisk.evaluation.comparison.leaderboard import leaderboard, shared_cells
from provrisk.evaluation.data_checks import Finding
from provrisk.events.counting.load import LoadedCounts
from provrisk.events.counting.revisions import by_month, revisions
from provrisk.jobs.backtest import BacktestResult, run_backtest
from provrisk.jobs.backtest import write as write_backtest
from provrisk.jobs.backtest_runs import log, make_champion
from provrisk.jobs.champion_forecast import champion_forecast
from provrisk.jobs.data_checks import check_data, not_tested, stop_on_findings
from provrisk.jobs.inputs import Inputs
from provrisk.jobs.issue import IssueFiles, IssueModel, content_of, stop_if_nothing_new, write_issue
from provrisk.jobs.lock import only_one
from provrisk.jobs.rollback import card_of
from provrisk.jobs.send_alerts import send, send_if_late, send_if_stopped
from provrisk.jobs.snapshot import load_snapshot
from provrisk.jobs.work import Work
from provrisk.reports import alerts
from provrisk.reports.bulletin.parts.notes import data_sentences
from provrisk.reports.language import check_languages
from provrisk.risk.issue_date import issue_on
from provrisk.study import Study
from provrisk.tracking.registry import Registry
from provrisk.tracking.runs import Tracker
from provrisk.tracking.session import apart


@dataclass(frozen=True)
class MonthResult:
    """The result of ``run_month``: the issue, the leaderboard of the backtest and the champion."""

    issue: IssueFiles
    leaderboard: pd.DataFrame
    champion: Champion
    promoted: bool
    figures: LoadedCounts
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
    """The journal entry of a monthly job."""
    document, champion = result.issue.document, result.champion
    last = months.shift(months.parse(document.origin), asked["study"].horizons[-1])
    return {
        "month": document.month,
        "historical": document.historical,
        "last_target": months.label(last),
        "promoted": result.promoted,
        "champion": card_of(champion.name, champion.version, champion.fitted_until, champion.data_digest),
        "data": {"source": document.source, "origin": document.origin, "digest": document.digest},
        "paths": [str(result.issue.folder)],
    }


@journal.recorded("run", _noted)
@apart()
def run_month(
    study: Study, inputs: Inputs = Inputs(), work: Work = Work(), accept: str | None = None, again: bool = False
) -> MonthResult:
    """Forecast the month after the data and write ``reports/<study>/<month>/``.

    Counts come from ``inputs.events``, or from the figures bundled with the study and the releases on top of them,
    those that were available ``inputs.as_of`` (the issue is then that day's). The champion and its benchmarks are
    backtested and logged to MLflow; where no champion is registered, the candidate with the lowest mean CRPS becomes
    it. ``inputs.champion``, an exported one, serves instead of the registered one. The same data, settings and seed
    write the same files. Raises ``DataStopError`` if a data check stops the job and no reason to ``accept`` was given,
    and, unless ``again``, ``NothingNewError`` if the newest final issue already uses these data.
    """
    check_languages(study)
    snapshot = load_snapshot(study, inputs.events, inputs.as_of)
    if inputs.as_of is None and inputs.events is None:
        send_if_late(study, snapshot.panel)
    if not again and inputs.as_of is None:
        stop_if_nothing_new(study, snapshot.panel)
    rules = study.file.backtest
    tracker = Tracker(study)
    registry = Registry(tracker)
    # Before the work: fail early.
    known = open_folder(inputs.champion) if inputs.champion else registry.champion()
    findings = check_data(snapshot, known, study.draws, work.seed)
    with send_if_stopped(study, snapshot.panel):
        stop_on_findings(findings, accept)
    names = dict.fromkeys([*([known.name] if known else rules.candidates), *rules.benchmarks])
    refits = [known.name] if known else list(rules.candidates)
    tested = run_backtest(snapshot, rules.protocol, list(names), work, refits=refits)
    tested = tested.standing(known.name if known else None)
    findings += not_tested(tested.bowed_out())
    work.progress("Tracking", 0, 1)
    with only_one(study):
        runs = log(tested, tracker, "month", write_backtest(tested))
        champion = known or _first_champion(tested, registry, runs)
        if known is None:  # now the last month can be compared with a champion's forecast, as in every later run
            findings = check_data(tested.snapshot, champion, study.draws, work.seed) + not_tested(tested.bowed_out())
        work.progress("Tracking", 1, 1)
        if inputs.as_of is not None and champion.data_digest != snapshot.panel.attrs["digest"]:
            # The champion was fitted to data that were not published by that day: its recipe is fitted again without
            # them.
            champion = replace(champion, model=tested.refit(champion.name))
        issue = _issue(tested, champion, findings, accept)
    return MonthResult(issue, _board(tested), champion, known is None, snapshot.figures, findings)


def _board(tested: BacktestResult) -> pd.DataFrame:
    """The models of the backtest by mean CRPS, with their skill over the first benchmark."""
    return leaderboard(shared_cells(tested.scores), tested.study.file.backtest.benchmarks[0])


def _first_champion(tested: BacktestResult, registry: Registry, runs: dict[str, str]) -> Champion:
    """Register the model of lowest mean CRPS as the study's first champion, unless another job did it before."""
    if found := registry.champion():
        if found.name not in tested.recipes:
            raise ProvriskError(
                f"Another job has made {found.name} the first champion in the meantime: run this again."
            )
        return found
    best = str(_board(tested).index[0])
    make_champion(tested, registry, best, tested.refit(best), runs[best])
    champion = registry.champion()
    if champion is None:
        raise ProvriskError("The MLflow store did not store the champion: check that it can be written to.")
    return champion


def _issue(tested: BacktestResult, champion: Champion, findings: Sequence[Finding], accept: str | None) -> IssueFiles:
    """The champion's forecast from the newest data, and the issue made of it."""
    snapshot, study, loaded = tested.snapshot, tested.study, tested.snapshot.figures
    drawn, corrected = champion_forecast(snapshot, champion, tested.rules.draws, tested.seed)
    rebuilt = snapshot.as_of is not None
    now = snapshot.as_of if snapshot.as_of is not None else pd.Timestamp.now()
    issue = issue_on(now, snapshot.origin, len(study.horizons), rebuilt)
    chosen = months.parse(champion.chosen) if champion.chosen else None
    newest = loaded.releases[-2:]
    moved = by_month(revisions(study, newest)) if len(newest) == 2 else None
    notes = partial(data_sentences, loaded, corrected, findings, moved, accept)
    basis = content_of(tested, IssueModel(champion.name, champion.model, drawn, chosen), issue, notes)
    written = write_issue(basis)
    if not rebuilt:
        send(study, alerts.of_issue(basis))
    return written
