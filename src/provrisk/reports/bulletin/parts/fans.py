"""Fan charts: history, past forecasts and the forecast, all on the same months."""

import pandas as pd

from provrisk import months
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.bulletin.parts import figures
from provrisk.reports.charts import svg
from provrisk.reports.document import Block, Cell, Part, Table, Text, table
from provrisk.reports.document import Chart as ChartBlock
from provrisk.reports.language import capital, place, say, say_n


def part(content: BulletinContent) -> Part:
    """The charts of the country and its active provinces; their numbers are folded below."""
    places: list[str | None] = [None, *content.active]
    blocks: list[Block] = [Text(words=_intro(content)), *(_fan(content, name) for name in places)]
    blocks += [_numbers(content, name) for name in places]
    return Part(key="fans", title=say("History, past forecasts and the forecast"), blocks=tuple(blocks))


def _intro(content: BulletinContent) -> str:
    ahead = content.issue.horizon
    past = say_n(
        "Grey bars: what the method forecast {n} month ahead, 80 %.",
        "Grey bars: what the method forecast {n} months ahead, 80 %.",
        ahead,
        n=words.number(ahead),
    )
    return " ".join([
        say("{Many} a month. Line: observed.", Many=capital(content.many)),
        past,
        say("Fan: the forecast, 50, 80 and 90 %."),
        say("All charts show the same months; each has its own scale."),
    ])  # fmt: skip


def _title(content: BulletinContent, province: str | None) -> str:
    return content.place if province is None else place(province)


def _fan(content: BulletinContent, province: str | None) -> ChartBlock:
    observed, ahead = figures.observed(content, province), figures.ahead(content, province)
    past = figures.past(content, province, observed.index[0])
    first = ahead.iloc[0]
    alt = say(
        "{place}: {many} a month from {month} on, highest {highest}; forecast for {next}: median {median}, 80 % "
        "interval "
        "{interval}.",
        place=_title(content, province), many=content.many, month=words.month(observed.index[0]),
        highest=words.number(observed.max()), next=words.month(ahead.index[0]), median=words.number(first["median"]),
        interval=words.interval(first.low_80, first.high_80),
    )  # fmt: skip
    return ChartBlock(svg=svg.fan(observed, past, ahead), alt=alt, title=_title(content, province))


def _numbers(content: BulletinContent, province: str | None) -> Table:
    observed, ahead = figures.observed(content, province), figures.ahead(content, province)
    past = figures.past(content, province, observed.index[0])
    stamps = observed.index.union(past.index).union(ahead.index)

    def column(rows: pd.DataFrame, low: str, high: str | None = None) -> list[str | Cell]:
        rows = rows.reindex(stamps)
        values = zip(rows[low], rows[high or low], strict=True)
        return ["" if words.missing(a) else (words.interval(a, b) if high else words.number(a)) for a, b in values]

    return table(
        say("{place}: the numbers of the chart", place=_title(content, province)),
        {
            say("Month"): [months.label(stamp) for stamp in stamps],
            say("Observed"): [words.number(observed[stamp]) if stamp in observed.index else "" for stamp in stamps],
            say("Past median"): column(past, "median"),
            say("Past 80 %"): column(past, "low_80", "high_80"),
            say("Forecast median"): column(ahead, "median"),
            say("50 %"): column(ahead, "low_50", "high_50"),
            say("80 %"): column(ahead, "low_80", "high_80"),
            say("90 %"): column(ahead, "low_90", "high_90"),
        },
        text=(say("Month"),),
        folded=True,
        printed=False,
    )
