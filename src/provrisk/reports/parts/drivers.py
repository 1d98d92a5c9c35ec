"""Dated events of the last and the next sixty days that were public on the issue date."""

import pandas as pd

from provrisk.reports import words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Block, Part, Text, table
from provrisk.reports.language import given, place, say

DAYS = 60


def part(basis: Basis) -> Part:
    """The present and coming dated drivers."""
    rows = near(basis)
    block: Block
    if rows.empty:
        block = Text(
            words=say("No event on the study's list falls into the {n} days before or after the issue date.", n=DAYS)
        )
    else:
        everywhere = len(basis.study.provinces)
        where = [
            say("everywhere") if len(at) == everywhere else words.joined([place(name) for name in at])
            for at in rows.provinces
        ]
        columns = {
            say("Event"): [given(name) for name in rows.name],
            say("From"): [f"{stamp:%Y-%m-%d}" for stamp in rows.start],
            say("To"): ["" if pd.isna(stamp) else f"{stamp:%Y-%m-%d}" for stamp in rows.end],
            say("Where"): where,
            say("Type"): [given(kind) for kind in rows.type],
        }
        block = table(
            say("Events near the issue date; whether they matter is not asserted"),
            columns,
            text=tuple(columns),
            wrapped=True,
        )
    return Part(key="drivers", title=say("Dated events, the last and the next {n} days", n=DAYS), blocks=(block,))


def near(basis: Basis) -> pd.DataFrame:
    """Drivers that begin or end within sixty days of the issue date, of those public by then."""
    if basis.drivers.empty:
        return basis.drivers
    day, span = basis.issue.date, pd.Timedelta(days=DAYS)
    known = basis.drivers[basis.drivers.known_on <= day].copy()
    if "end_known_on" in known:
        # An end that was not public yet must not be shown.
        known["end"] = known.end.where(known.end_known_on <= day)
    close = [(known[edge] - day).abs() <= span for edge in ("start", "end")]
    return known[close[0] | close[1]].sort_values(["start", "name"], kind="stable").reset_index(drop=True)
