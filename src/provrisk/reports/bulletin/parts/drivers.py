"""Dated events of the last and the next sixty days that were public on the issue date."""

import pandas as pd

from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.document import Block, Part, Text, table
from provrisk.reports.language import place, say, translated

DAYS = 60


def part(content: BulletinContent) -> Part:
    """The present and coming dated drivers."""
    rows = near(content)
    block: Block
    if rows.empty:
        block = Text(
            words=say("No event on the study's list falls into the {n} days before or after the issue date.", n=DAYS)
        )
    else:
        everywhere = len(content.study.provinces)
        where = [
            say("everywhere") if len(at) == everywhere else words.joined([place(name) for name in at])
            for at in rows.provinces
        ]
        columns = {
            say("Event"): [translated(name) for name in rows.name],
            say("From"): [f"{stamp:%Y-%m-%d}" for stamp in rows.start],
            say("To"): ["" if pd.isna(stamp) else f"{stamp:%Y-%m-%d}" for stamp in rows.end],
            say("Where"): where,
            say("Type"): [translated(kind) for kind in rows.type],
        }
        block = table(
            say("Events near the issue date; whether they matter is not asserted"),
            columns,
            text=tuple(columns),
            wrapped=True,
        )
    return Part(key="drivers", title=say("Dated events, the last and the next {n} days", n=DAYS), blocks=(block,))


def near(content: BulletinContent) -> pd.DataFrame:
    """Drivers that begin or end within sixty days of the issue date, of those public by then."""
    if content.drivers.empty:
        return content.drivers
    day, span = content.issue.date, pd.Timedelta(days=DAYS)
    known = content.drivers[content.drivers.known_on <= day].copy()
    if "end_known_on" in known:
        # An end that was not public yet must not be shown.
        known["end"] = known.end.where(known.end_known_on <= day)
    close = [(known[edge] - day).abs() <= span for edge in ("start", "end")]
    return known[close[0] | close[1]].sort_values(["start", "name"], kind="stable").reset_index(drop=True)
