"""Data notes: what was set aside, what no source covers, what may still change."""

from collections.abc import Sequence

import pandas as pd

from provrisk import months
from provrisk.evaluation.checks import Finding
from provrisk.events.figures import Figures
from provrisk.reports import words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Items, Part

RECENT = 24


def part(basis: Basis) -> Part:
    """What must be known of the data."""
    return Part(
        key="notes", title="Data notes", blocks=(Items(items=(*basis.notes, _coverage(basis), _release(basis))),)
    )


def _coverage(basis: Basis) -> str:
    """Which of the recent months no source covers."""
    recent = basis.counts.iloc[-RECENT:]
    gaps = recent.isna()
    span = f"{months.spelled(recent.index[0])} to {months.spelled(recent.index[-1])}"
    if not gaps.any(axis=None):
        return f"Every {basis.unit.one} and month from {span} is covered by the source."
    said = [
        f"{name} ({', '.join(months.label(stamp) for stamp in gaps.index[gaps[name]])})"
        for name in gaps.columns[gaps.any()]
    ]
    return f"Not covered by the source between {span}, and missing, not zero: {words.joined(said)}."


def _release(basis: Basis) -> str:
    if basis.final_data:
        return (
            f"Final data: all figures, the backtest's included, are those of {basis.source}. Later corrections are in "
            "them that nobody could know at the time; with one release there are no revisions to report."
        )
    return f"Figures are those of {basis.source}; the latest months may still be revised."


def _revised(moved: pd.DataFrame, shared: int) -> str:
    """How the newest release moved the months that it shares with the one before."""
    if moved.empty:
        return f"The newest release changed none of the {shared} months that it shares with the one before."
    most = moved.loc[moved.change.abs().idxmax()]
    return (
        f"The newest release moved {len(moved)} of the {shared} months that it shares with the one before, by "
        f"{moved.change.sum():+,.0f} in all; most in {months.spelled(most.month)}, from {most['first']:,.0f} to "
        f"{most['last']:,.0f}."
    )


def data_sentences(
    figures: Figures,
    corrected: bool,
    findings: Sequence[Finding] = (),
    moved: pd.DataFrame | None = None,
    accepted: str | None = None,
) -> tuple[str, ...]:
    """What a reader must know of the data: what looks wrong, was set aside or may still change; who may see it.

    ``moved`` has the months that the two newest releases state (``events.revisions.by_month``), if there are two.
    ``accepted`` is the reason for which somebody went on though a check had stopped the job.
    """
    out = [f"A data check warns: {one.text} (smells of {one.smells_of})." for one in findings if one.level != "ok"]
    if accepted and any(one.level == "stop" for one in findings):
        out.append(f"The check that stops the job was overruled: {accepted}.")
    if moved is not None:
        out.append(_revised(moved[moved.change != 0], len(moved)))
    if len(figures.set_aside):
        reasons = "; ".join(f"{number:,} {reason}" for reason, number in figures.set_aside.items())
        out.append(f"Rows of the source that were set aside: {reasons}.")
    out += [
        f"Rows counted that deserve a second look: {number:,} ({text})." for text, number in figures.remarks.items()
    ]
    if len(figures.provisional):
        first, last = months.label(figures.provisional[0]), months.label(figures.provisional[-1])
        out.append(f"Provisional, since the source usually adds to them later: {first} to {last}.")
    if corrected:
        out.append(
            "The forecast allows for events of the newest months that are still to be reported, as past releases were "
            "late; the observed figures shown are those reported."
        )
    if not figures.shareable:
        out.append("The source's terms restrict who may see its rows and what is made from them: do not publish.")
    return tuple(out)
