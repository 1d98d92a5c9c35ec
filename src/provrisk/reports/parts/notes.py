"""Data notes: what was set aside, what no source covers, what may still change."""

from provrisk import months
from provrisk.reports import words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Items, Part

RECENT = 24


def part(basis: Basis) -> Part:
    return Part(
        key="notes", title="Data notes", blocks=(Items(items=(*basis.notes, _coverage(basis), _release(basis))),)
    )


def _coverage(basis: Basis) -> str:
    """Which of the recent months no source covers."""
    recent = basis.counts.iloc[-RECENT:]
    gaps = recent.isna()
    span = f"{months.spelled(recent.index[0])} to {months.spelled(recent.index[-1])}"
    if not gaps.any(axis=None):
        return f"Every province and month from {span} is covered by the source."
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
