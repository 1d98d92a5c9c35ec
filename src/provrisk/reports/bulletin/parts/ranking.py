"""The ranked table: the country, then every province, in groups of columns."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.bulletin.parts import figures, levels
from provrisk.reports.document import Cell, Part, Table, Text, table
from provrisk.reports.language import capital, place, say

Columns = Mapping[str, list[str | Cell]]


def part(content: BulletinContent) -> Part:
    """The table of the country and its active provinces, highest expected count first."""
    title = say("{Many} in {month}: forecast, and observed up to {origin}", Many=capital(content.many),
                month=content.month, origin=words.month(content.issue.origin))  # fmt: skip
    return Part(
        key="ranking",
        title=say("All figures by {unit}", unit=content.unit),
        blocks=(
            Text(
                words=say(
                    "Columns beyond the first can be shown or hidden; risk.csv has them all, for every {unit}.",
                    unit=content.unit,
                )
            ),
            figures_of(content, title, content.active, country=True),
        ),
    )


def figures_of(
    content: BulletinContent, title: str, names: list[str], country: bool = False, folded: bool = False
) -> Table:
    """All figures of the provinces ``names``, the country's first if requested; ``folded`` are quiet provinces."""
    rows = content.risk.set_index("province").loc[names]
    if country:
        rows = pd.concat([content.country.drop("province").to_frame(content.place).T, rows])
    records = list(rows.itertuples())

    def column(name: str, shown: Callable[..., str], *more: object) -> list[str | Cell]:
        return [shown(value, *more) for value in rows[name]]

    def between(name: str) -> list[str | Cell]:
        return [_interval(a, b) for a, b in zip(rows[_edge(name, "low")], rows[_edge(name, "high")], strict=True)]

    at = content.head
    base: dict[str, list[str | Cell]] = {
        at: [place(str(row.Index)) for row in records],
        say("Level and chance"): [
            Cell(text="") if words.missing(row.level) and not isinstance(row.level, str)
            else levels.badge(content, row.level, rows.loc[row.Index, f"p_at_least_{content.least}"]) for row in records
        ],
        say("Expected"): [with_arrow(row) for row in records],
        say("80 % interval"): between("80"),
        say("Last month"): column("last_month", words.number),
        say("12-month average"): column("mean_12", words.number, 1),
    }  # fmt: skip
    if folded:
        base[say("Last seen")] = [_since(content.counts[name]) for name in names]
    return table(
        title, base, text=(at, say("Level and chance"), say("Last seen")), folded=folded,
        groups={
            say("Chances"): _chances(content, column),
            say("Intervals and quarter"): _spread(column, between),
            **({say("Deaths"): _deaths(content, column, between)} if content.tells_deaths else {}),
            say("Rank and score"): _rank(content, column, between),
            say("Month by month"): _months(content, [None, *names] if country else list(names)),
        },
    )  # fmt: skip


def _edge(name: str, edge: str) -> str:
    """The column of one end of an interval: ``80`` has ``low_80``, ``quarter_80`` ``quarter_low_80``."""
    stem, _, width = name.rpartition("_")
    return "_".join(part for part in (stem, edge, width) if part) if width.isdigit() else f"{name}_{edge}"


def _chances(content: BulletinContent, column: Callable[..., list[str | Cell]]) -> Columns:
    scale = content.study.file.risk
    return {
        **{say("At least {n}", n=words.number(n)): column(f"p_at_least_{n}", words.percent) for n in scale.thresholds},
        **{
            say("Level: {level}", level=levels.name(content, step)): column(f"p_{name.replace(' ', '_')}", _share)
            for step, name in enumerate(scale.levels)
        },
        say("Escalation"): column("p_escalation", words.percent),
        say("More than last month"): column("p_above_last", words.percent),
    }


def _spread(column: Callable[..., list[str | Cell]], between: Callable[[str], list[str | Cell]]) -> Columns:
    return {
        say("Median"): column("median", words.number),
        say("50 %"): between("50"),
        say("90 %"): between("90"),
        say("Quarter: expected"): column("quarter_expected", _number, 1),
        say("Quarter: median"): column("quarter_median", _number),
        say("Quarter: 50 %"): between("quarter_50"),
        say("Quarter: 80 %"): between("quarter_80"),
        say("Quarter: 90 %"): between("quarter_90"),
    }


def _deaths(
    content: BulletinContent, column: Callable[..., list[str | Cell]], between: Callable[[str], list[str | Cell]]
) -> Columns:
    return {
        say("Deaths, median"): column("deaths_median", _number),
        say("Deaths, 80 %"): between("deaths_80"),
        say("Chance of one {one} with 10 deaths or more", one=content.one): column("p_event_10_deaths", words.percent),
    }


def _rank(
    content: BulletinContent, column: Callable[..., list[str | Cell]], between: Callable[[str], list[str | Cell]]
) -> Columns:
    return {
        say("Rank"): column("rank", _number),
        say("Rank, 80 %"): between("rank"),
        say("Score"): column("score", _number),
        say("Change of score"): column("score_change", words.signed),
        say("{Many} per 100,000 people", Many=capital(content.many)): column("per_100000", _number, 2),
    }


def _interval(low: float, high: float) -> str:
    return "–" if words.missing(low) else words.interval(low, high)


def _number(value: float, decimals: int = 0) -> str:
    return "–" if words.missing(value) else words.number(value, decimals)


def _share(value: float) -> str:
    return "–" if words.missing(value) else words.percent(value)


def _months(content: BulletinContent, places: list[str | None]) -> Columns:
    """Every month of the forecast: expected, and the 80 % interval."""
    found = [figures.ahead(content, name) for name in places]
    columns: dict[str, list[str | Cell]] = {}
    for month in found[0].index:
        columns[words.short_month(month)] = [
            say(
                "{expected} ({interval})",
                expected=words.number(row.expected, 1),
                interval=words.interval(row.low_80, row.high_80),
            )
            for row in (table.loc[month] for table in found)
        ]
    return columns


def _since(counts: pd.Series) -> str:
    struck = counts[counts > 0]
    return words.month(pd.Timestamp(struck.index[-1])) if len(struck) else say("never on record")


def with_arrow(row: Any) -> str:
    """The expected number of a row of the risk table, with its arrow."""
    return f"{arrow(row.expected, row.mean_12)} {words.number(row.expected, 1)}"


def arrow(expected: float, mean: float) -> str:
    """Up or down if the expected count differs from the mean by a quarter and half an attack, else level."""
    if words.missing(mean) or abs(expected - mean) < max(0.25 * mean, 0.5):
        return "→"
    return "↑" if expected > mean else "↓"
