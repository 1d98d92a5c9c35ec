"""Dated events of the last and the next sixty days that were public on the issue date."""

import pandas as pd

from provrisk.reports import words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Block, Part, Text, table

DAYS = 60


def part(basis: Basis) -> Part:
    """The dated drivers in force and to come."""
    rows = near(basis)
    block: Block
    if rows.empty:
        block = Text(words=f"No driver on the study's list falls into the {DAYS} days before or after the issue date.")
    else:
        everywhere = len(basis.study.provinces)
        block = table(
            "Drivers near the issue date; whether they matter is not asserted",
            {
                "Driver": list(rows.name),
                "From": [f"{stamp:%Y-%m-%d}" for stamp in rows.start],
                "To": ["" if pd.isna(stamp) else f"{stamp:%Y-%m-%d}" for stamp in rows.end],
                "Where": ["everywhere" if len(at) == everywhere else words.joined(list(at)) for at in rows.provinces],
                "Type": list(rows.type),
            },
            text=("Driver", "From", "To", "Where", "Type"),
        )
    return Part(key="drivers", title="Drivers, the last and the next 60 days", blocks=(block,))


def near(basis: Basis) -> pd.DataFrame:
    """Drivers that begin or end within sixty days of the issue date, of those public by then."""
    if basis.drivers.empty:
        return basis.drivers
    day, span = basis.issue.date, pd.Timedelta(days=DAYS)
    known = basis.drivers[basis.drivers.known_on <= day].copy()
    if "end_known_on" in known:
        # An end that was not public yet is an end nobody could print.
        known["end"] = known.end.where(known.end_known_on <= day)
    close = [(known[edge] - day).abs() <= span for edge in ("start", "end")]
    return known[close[0] | close[1]].sort_values(["start", "name"], kind="stable").reset_index(drop=True)
