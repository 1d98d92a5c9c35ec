"""The country and its active provinces, a card each; quiet provinces in one folded table."""

import pandas as pd

from provrisk import months
from provrisk.reports import charts, words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Block, Card, Part, Table, Text
from provrisk.reports.language import place, say
from provrisk.reports.parts import figures, judgements, levels
from provrisk.reports.parts.ranking import figures_of, with_arrow

SHOWN = 24


def part(basis: Basis) -> Part:
    """A short forecast for each place."""
    blocks: list[Block] = [Text(words=_intro(basis)), _country(basis)]
    blocks += [_card(basis, row) for _, row in basis.risk.iterrows() if row.province in basis.active]
    if quiet := basis.quiet:
        blocks.append(_quiet(basis, quiet))
    return Part(key="provinces", title=say("Active {units}", units=basis.units), blocks=tuple(blocks))


def _intro(basis: Basis) -> str:
    bar, least = words.percent(basis.study.file.risk.active), basis.counted(basis.least)
    return " ".join([
        say("The {units} where the chance of at least {least} is {bar} or more, highest expected number first.",
            units=basis.units, least=least, bar=bar),
        say("Each small chart has its own scale: two years observed, then the forecast (50 and 80 %)."),
        levels.scale(basis),
    ])  # fmt: skip


def _spark(basis: Basis, province: str | None) -> tuple[str, str]:
    recent, ahead = figures.observed(basis, province, SHOWN), figures.ahead(basis, province)
    alt = say(
        "Two years: highest {highest}, average {mean} a month.",
        highest=words.number(recent.max()), mean=words.number(recent.mean(), 1),
    )  # fmt: skip
    return charts.sparkline(recent, ahead), alt


def _country(basis: Basis) -> Card:
    row, origin = basis.country, basis.issue.origin
    picture, alt = _spark(basis, None)
    lines = [
        *_amounts(basis, row),
        (say("Observed in {month}", month=words.month(origin)), words.number(row.last_month)),
    ]
    if basis.surprise is not None:
        said = words.interval(basis.surprise.low_80, basis.surprise.high_80)
        text = say("{median} ({interval})", median=words.number(basis.surprise["median"]), interval=said)
        lines.append((say("Earlier forecast for {month}", month=words.month(origin)), text))
    lines.append((say("Average of the last 12 months"), words.number(row.mean_12, 1)))
    before = judgements.year_before(basis)
    if not pd.isna(before):
        month = words.month(months.shift(basis.issue.month, -12))
        lines.append((say("Observed in {month}", month=month), words.number(before)))
    lines += _deaths(basis, row)
    change = row.expected - row.last_month if not words.missing(row.last_month) else float("nan")
    said = say("Change from the last month: {change}.", change=words.signed(change, 1))
    return Card(title=basis.place, picture=picture, alt=alt, lines=tuple(lines), words=said)


def _amounts(basis: Basis, row: pd.Series) -> list[tuple[str, str]]:
    return [
        (say("Expected in {month}", month=basis.month), with_arrow(row)),
        (say("80 % interval"), words.interval(row.low_80, row.high_80)),
    ]  # fmt: skip


def _deaths(basis: Basis, row: pd.Series) -> list[tuple[str, str]]:
    if words.missing(row.get("deaths_median")):
        return []
    text = say(
        "{median} ({interval})",
        median=words.number(row.deaths_median), interval=words.interval(row.deaths_low_80, row.deaths_high_80),
    )  # fmt: skip
    return [(say("Deaths"), text)]


def _card(basis: Basis, row: pd.Series) -> Card:
    picture, alt = _spark(basis, row.province)
    chance = basis.chance[row.province]
    score = words.number(row.score)
    if not words.missing(row.score_change):
        score = say("{score} ({change})", score=score, change=words.signed(row.score_change))
    lines = [
        *_amounts(basis, row),
        (say("Chance of at least {least}", least=basis.counted(basis.least)), words.in_100(chance)),
        (say("Chance of escalation"), words.in_100(row.p_escalation)),
        (say("Observed in {month}", month=words.month(basis.issue.origin)), words.number(row.last_month)),
        (say("Average of the last 12 months"), words.number(row.mean_12, 1)),
        *_deaths(basis, row),
        (say("Score, and its change"), score),
    ]
    return Card(
        title=place(row.province), badge=levels.badge(basis, row.level, chance), picture=picture, alt=alt,
        lines=tuple(lines), words=basis.why(row.province),
    )  # fmt: skip


def _quiet(basis: Basis, names: list[str]) -> Table:
    bar, least = words.percent(basis.study.file.risk.active), basis.counted(basis.least)
    title = say(
        "{n} quiet {units}: the chance of at least {least} is below {bar}",
        n=words.number(len(names)),
        units=basis.units,
        least=least,
        bar=bar,
    )
    return figures_of(basis, title, names, folded=True)
