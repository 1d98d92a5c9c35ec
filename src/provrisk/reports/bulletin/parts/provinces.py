"""The country and its active provinces, a card each; quiet provinces in one folded table."""

import pandas as pd

from provrisk import months
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.bulletin.parts import figures, judgements, levels
from provrisk.reports.bulletin.parts.ranking import figures_of, with_arrow
from provrisk.reports.charts import svg
from provrisk.reports.document import Block, Card, Part, Table, Text
from provrisk.reports.language import place, say

SHOWN = 24


def part(content: BulletinContent) -> Part:
    """A short forecast for each place."""
    blocks: list[Block] = [Text(words=_intro(content)), _country(content)]
    blocks += [_card(content, row) for _, row in content.risk.iterrows() if row.province in content.active]
    if quiet := content.quiet:
        blocks.append(_quiet(content, quiet))
    return Part(key="provinces", title=say("Active {units}", units=content.units), blocks=tuple(blocks))


def _intro(content: BulletinContent) -> str:
    bar, least = words.percent(content.study.file.risk.active), content.counted(content.least)
    return " ".join([
        say("The {units} where the chance of at least {least} is {bar} or more, highest expected number first.",
            units=content.units, least=least, bar=bar),
        say("Each small chart has its own scale: two years observed, then the forecast (50 and 80 %)."),
        levels.scale(content),
    ])  # fmt: skip


def _spark(content: BulletinContent, province: str | None) -> tuple[str, str]:
    recent, ahead = figures.observed(content, province, SHOWN), figures.ahead(content, province)
    alt = say(
        "Two years: highest {highest}, average {mean} a month.",
        highest=words.number(recent.max()), mean=words.number(recent.mean(), 1),
    )  # fmt: skip
    return svg.sparkline(recent, ahead), alt


def _country(content: BulletinContent) -> Card:
    row, origin = content.country, content.issue.origin
    picture, alt = _spark(content, None)
    lines = [
        *_amounts(content, row),
        (say("Observed in {month}", month=words.month(origin)), words.number(row.last_month)),
    ]
    if content.surprise is not None:
        said = words.interval(content.surprise.low_80, content.surprise.high_80)
        text = say("{median} ({interval})", median=words.number(content.surprise["median"]), interval=said)
        lines.append((say("Earlier forecast for {month}", month=words.month(origin)), text))
    lines.append((say("Average of the last 12 months"), words.number(row.mean_12, 1)))
    before = judgements.year_before(content)
    if not pd.isna(before):
        month = words.month(months.shift(content.issue.month, -12))
        lines.append((say("Observed in {month}", month=month), words.number(before)))
    lines += _deaths(content, row)
    change = row.expected - row.last_month if not words.missing(row.last_month) else float("nan")
    said = say("Change from the last month: {change}.", change=words.signed(change, 1))
    return Card(title=content.place, picture=picture, alt=alt, lines=tuple(lines), words=said)


def _amounts(content: BulletinContent, row: pd.Series) -> list[tuple[str, str]]:
    return [
        (say("Expected in {month}", month=content.month), with_arrow(row)),
        (say("80 % interval"), words.interval(row.low_80, row.high_80)),
    ]  # fmt: skip


def _deaths(content: BulletinContent, row: pd.Series) -> list[tuple[str, str]]:
    if words.missing(row.get("deaths_median")):
        return []
    text = say(
        "{median} ({interval})",
        median=words.number(row.deaths_median), interval=words.interval(row.deaths_low_80, row.deaths_high_80),
    )  # fmt: skip
    return [(say("Deaths"), text)]


def _card(content: BulletinContent, row: pd.Series) -> Card:
    picture, alt = _spark(content, row.province)
    chance = content.chance[row.province]
    score = words.number(row.score)
    if not words.missing(row.score_change):
        score = say("{score} ({change})", score=score, change=words.signed(row.score_change))
    lines = [
        *_amounts(content, row),
        (say("Chance of at least {least}", least=content.counted(content.least)), words.in_100(chance)),
        (say("Chance of escalation"), words.in_100(row.p_escalation)),
        (say("Observed in {month}", month=words.month(content.issue.origin)), words.number(row.last_month)),
        (say("Average of the last 12 months"), words.number(row.mean_12, 1)),
        *_deaths(content, row),
        (say("Score, and its change"), score),
    ]
    return Card(
        title=place(row.province), badge=levels.badge(content, row.level, chance), picture=picture, alt=alt,
        lines=tuple(lines), words=content.why(row.province),
    )  # fmt: skip


def _quiet(content: BulletinContent, names: list[str]) -> Table:
    bar, least = words.percent(content.study.file.risk.active), content.counted(content.least)
    title = say(
        "{n} quiet {units}: the chance of at least {least} is below {bar}",
        n=words.number(len(names)),
        units=content.units,
        least=least,
        bar=bar,
    )
    return figures_of(content, title, names, folded=True)
