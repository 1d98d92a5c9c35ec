"""Rebuild past issues, finalize and discard drafts."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.fitted import forecast
from provrisk.evaluation.comparison.leaderboard import leaderboard, shared_cells
from provrisk.jobs.backtest import run_backtest
from provrisk.jobs.issue import IssueFiles, IssueModel, content_of, write_issue
from provrisk.jobs.lock import only_one
from provrisk.jobs.snapshot import load_snapshot, snapshot_of
from provrisk.jobs.work import Work
from provrisk.reports.bulletin import stored_issues
from provrisk.reports.bulletin.parts.notes import data_sentences
from provrisk.reports.language import check_languages
from provrisk.reports.pages import front_page
from provrisk.risk.issue_date import Issue
from provrisk.study import Study
from provrisk.tracking.registry import Registry
from provrisk.tracking.runs import Tracker
from provrisk.tracking.session import apart


@apart()
def write_past(study: Study, origin: pd.Timestamp, work: Work = Work()) -> IssueFiles:
    """Write the issue of a past month: the champion's recipe, fitted only to the data up to ``origin``.

    If no champion is registered, the candidate that was best up to then is used. Nothing is logged or registered.
    Raises ``ProvriskError`` if the data do not reach ``origin``, or are too short for the backtest before it.
    """
    check_languages(study)
    known = load_snapshot(study)
    first, last, figures = known.panel.indexes["month"][0], known.origin, known.figures
    if not first <= origin <= last:
        span = f"{months.label(first)} to {months.label(last)}"
        raise ProvriskError(f"{months.label(origin)} cannot be an origin: the data run from {span}.")
    upto = replace(figures, counts=figures.counts[figures.counts.month <= origin])
    champion = Registry(Tracker(study)).champion()
    rules = study.file.backtest
    names = list(dict.fromkeys([*([champion.name] if champion else rules.candidates), *rules.benchmarks]))
    tested = run_backtest(snapshot_of(study, upto), rules.protocol, names, work, refits=names)
    tested = tested.standing(champion.name if champion else None)
    board = leaderboard(shared_cells(tested.scores), tested.study.file.backtest.benchmarks[0])
    name = champion.name if champion else str(board.index[0])
    fitted = tested.refit(name)
    drawn = forecast(tested.panel, name, fitted, study.horizons, tested.rules.draws, work.seed)
    issue = Issue(months.shift(origin, 1), origin, 1, historical=True)
    notes = partial(data_sentences, upto, corrected=False)
    with only_one(study):
        return write_issue(content_of(tested, IssueModel(name, fitted, drawn), issue, notes), known.panel)


def discard(study: Study, month: str | None = None) -> tuple[stored_issues.StoredIssue, Path]:
    """Move the draft of ``month`` (default: the newest) out of the list; returns it and its new folder."""
    if month is not None:
        months.parse(month)
    panel = load_snapshot(study).panel
    with only_one(study):
        draft, target = stored_issues.discard(study, month)
        front_page.write(study, panel)
    return draft, target


def finalise(study: Study, note: str, month: str | None = None) -> stored_issues.StoredIssue:
    """Freeze the draft of ``month`` (default: the newest) today, and list it."""
    if month is not None:
        months.parse(month)
    panel = load_snapshot(study).panel  # before the work: fail early
    with only_one(study):
        issued = stored_issues.finalise(study, note, f"{pd.Timestamp.now():%Y-%m-%d}", month)
        front_page.write(study, panel)
    return issued
