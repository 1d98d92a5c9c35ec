"""The ranked table, with a small chart a province."""

import pandas as pd

from provrisk import months
from provrisk.reports import charts, words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Cell, Part, Table, Text, table

SHOWN = 24
"""Months behind each small chart."""


def part(basis: Basis) -> Part:
    """The table of provinces, highest expected count first."""
    unit = f"{basis.many.capitalize()} in {basis.month}"
    blocks = (
        _main(basis, unit), Text(words=_scale(basis)), _chances(basis), _spread(basis), _further(basis), _behind(basis),
    )  # fmt: skip
    return Part(key="ranking", title=f"{basis.unit.many.capitalize()} by expected {basis.many}", blocks=blocks)


def _head(basis: Basis) -> str:
    """The heading of the column that names the provinces."""
    return basis.unit.one.capitalize()


def level_cell(basis: Basis, level: str) -> Cell:
    """A level in the colour of its step."""
    scale = basis.study.file.risk.levels
    return Cell(text=level, shade=charts.shade_of(scale.index(level), len(scale)))


def _main(basis: Basis, unit: str) -> Table:
    rows, first = list(basis.risk.itertuples()), basis.study.file.risk.thresholds[0]
    pictures = [
        charts.sparkline(basis.counts[row.province].iloc[-SHOWN:], row.low_80, row.median, row.high_80) for row in rows
    ]
    return table(
        f"{unit}: forecast, and what was observed up to {months.spelled(basis.issue.origin)}",
        {
            _head(basis): [Cell(text=row.province) for row in rows],
            "Level": [level_cell(basis, row.level) for row in rows],
            "Expected": [f"{arrow(row.expected, row.mean_12)} {row.expected:,.1f}" for row in rows],
            "80 % interval": [words.interval(row.low_80, row.high_80) for row in rows],
            "Median": [words.number(row.median) for row in rows],
            f"P(at least {first})": [words.percent(value) for value in basis.risk[f"p_at_least_{first}"]],
            "Last month": [words.number(row.last_month) for row in rows],
            "12-month mean": [words.number(row.mean_12, 1) for row in rows],
            "Score": [f"{row.score:.0f}" for row in rows],
            "Rank": [str(row.rank) for row in rows],
            "Two years, and the forecast": [
                Cell(text=_alt(basis, row.province), picture=picture)
                for row, picture in zip(rows, pictures, strict=True)
            ],
        },
        text=(_head(basis), "Level", "Two years, and the forecast"),
    )


def _alt(basis: Basis, province: str) -> str:
    recent = basis.counts[province].iloc[-SHOWN:]
    return f"highest {words.number(recent.max())}, mean {words.number(recent.mean(), 1)}"


def arrow(expected: float, mean: float) -> str:
    """Up or down where the expected count is a quarter and a half away from the mean, else level."""
    if words.missing(mean) or abs(expected - mean) < max(0.25 * mean, 0.5):
        return "→"
    return "↑" if expected > mean else "↓"


def _scale(basis: Basis) -> str:
    scale = basis.study.file.risk
    steps = [f"{scale.levels[0]} below {scale.thresholds[0]}"]
    steps += [f"{word} from {count}" for word, count in zip(scale.levels[1:], scale.thresholds, strict=True)]
    return (
        f"The level is the step of the scale that holds the forecast median: {', '.join(steps)}. The score, 0 to "
        "100, is "
        "the expected step, rescaled. Arrows compare the expected count with the mean of the last 12 months: ↑ up, "
        "→ level, ↓ down."
    )


def _chances(basis: Basis) -> Table:
    rows, scale = basis.risk, basis.study.file.risk

    def percents(column: str) -> list[str | Cell]:
        return [words.percent(value) for value in rows[column]]

    return table(
        f"How probable: {basis.many} in {basis.month}",
        {
            _head(basis): list(rows.province),
            **{f"At least {n}": percents(f"p_at_least_{n}") for n in scale.thresholds},
            **{level.capitalize(): percents(f"p_{level.replace(' ', '_')}") for level in scale.levels},
            "Escalation": percents("p_escalation"),
            "More than last month": percents("p_above_last"),
        },
        text=(_head(basis),),
    )


def _spread(basis: Basis) -> Table:
    rows = list(basis.risk.itertuples())
    return table(
        f"Intervals: {basis.many} in {basis.month} and in the quarter that it begins",
        {
            _head(basis): [row.province for row in rows],
            "50 %": [words.interval(row.low_50, row.high_50) for row in rows],
            "80 %": [words.interval(row.low_80, row.high_80) for row in rows],
            "90 %": [words.interval(row.low_90, row.high_90) for row in rows],
            "Quarter: expected": [_number(row.quarter_expected, 1) for row in rows],
            "Quarter: median": [_number(row.quarter_median) for row in rows],
            "Quarter: 50 %": [words.interval(row.quarter_low_50, row.quarter_high_50) for row in rows],
            "Quarter: 80 %": [words.interval(row.quarter_low_80, row.quarter_high_80) for row in rows],
            "Quarter: 90 %": [words.interval(row.quarter_low_90, row.quarter_high_90) for row in rows],
        },
        text=(_head(basis),),
    )


def _further(basis: Basis) -> Table:
    rows = list(basis.risk.itertuples())
    deaths: dict[str, list[str | Cell]] = {}
    if basis.tells_deaths:
        deaths = {
            "Deaths, median": [_number(row.deaths_median) for row in rows],
            "Deaths, 80 %": [words.interval(row.deaths_low_80, row.deaths_high_80) for row in rows],
            f"P(one {basis.one} with 10 deaths or more)": [words.percent(row.p_event_10_deaths) for row in rows],
        }
    return table(
        f"{'Deaths, rank' if deaths else 'Rank'} and rate in {basis.month}, and the score against that of the last "
        "bulletin",
        {
            _head(basis): [row.province for row in rows],
            **deaths,
            "Rank, 80 %": [words.interval(row.rank_low, row.rank_high) for row in rows],
            f"{basis.many.capitalize()} per 100,000 people": [_number(row.per_100000, 2) for row in rows],
            "Change of score": [words.signed(row.score_change) for row in rows],
        },
        text=(_head(basis),),
    )


def _number(value: float, decimals: int = 0) -> str:
    return "not available" if words.missing(value) else words.number(value, decimals)


def _behind(basis: Basis) -> Table:
    """The months of the small charts."""
    recent = basis.counts.iloc[-SHOWN:]
    columns: dict[str, list[str | Cell]] = {"Month": [months.label(pd.Timestamp(stamp)) for stamp in recent.index]}
    for province in basis.risk.province:
        columns[province] = [words.number(value) for value in recent[province]]
    return table(f"The months behind the small charts: {basis.many} observed", columns, text=("Month",), folded=True)
