"""Expected changes, surprises of the last month, and inputs of the forecast."""

from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.bulletin.parts import judgements
from provrisk.reports.bulletin.parts.ranking import arrow
from provrisk.reports.document import Block, Cell, Items, Part, Table, Text, table
from provrisk.reports.language import mark, place, say
from provrisk.reports.why import FAMILIES, used

UNUSED = {
    "recency": mark("the last two months"),
    "trend": mark("the months before"),
    "neighbours": mark("the neighbouring {units}"),
    "calendar": mark("the time of year"),
    "drivers": mark("dated events"),
}


def part(content: BulletinContent) -> Part:
    """Surprises of the last month, the country's first; changes to come; and why."""
    blocks: list[Block] = [
        Items(title=say("Surprises"), items=tuple(surprises(content))),
        Items(title=say("Changes ahead"), items=tuple(movers(content))),
        Text(words=intro(content)),
        _parts(content),
    ]
    return Part(key="movers", title=say("Changes and surprises"), blocks=tuple(blocks))


def intro(content: BulletinContent) -> str:
    """Explanation of the words in this part, and the information used by the champion."""
    families = used(content.reasons)
    idle = [say(UNUSED[family], units=content.units) for family in UNUSED if family not in families]
    said = [
        say(
            "Changes are {units} whose expected number is well away from their own average of the last 12 months.",
            units=content.units,
        ),
        say("A reason is information that the model's forecast uses, not a cause."),
        say(
            "The model used here uses: {families}.",
            families=words.joined([say(UNUSED[f], units=content.units) for f in families]),
        ),
    ]
    if idle:
        said.append(say("It does not use: {families}.", families=words.joined(idle)))
    return " ".join(said)


def movers(content: BulletinContent, number: int = 6) -> list[str]:
    """The provinces with the largest changes, with reasons."""
    rows = content.risk[[arrow(row.expected, row.mean_12) != "→" for row in content.risk.itertuples()]]
    order = (rows.expected - rows.mean_12).abs().sort_values(ascending=False, kind="stable").index[:number]
    out = [
        say(
            "{place}: from {mean} a month to {expected} expected. {why}",
            place=place(row.province), mean=words.number(row.mean_12, 1), expected=words.number(row.expected, 1),
            why=content.why(row.province),
        )
        for row in (rows.loc[i] for i in order)
    ]  # fmt: skip
    return out or [
        say("No {unit} changes much: every forecast is close to the average of its last 12 months.", unit=content.unit)
    ]


def surprises(content: BulletinContent) -> list[str]:
    """Observed counts outside the last forecast: the country, then provinces."""
    if content.outcome is None or content.last is None:
        return [
            say(
                "It is not known whether the last month was a surprise: there is no forecast of it, or it was "
                "not observed."
            )
        ]
    out = []
    row = content.surprise
    if row is not None and not row.inside:
        out.append(judgements.last_month(content))
    rows = content.outcome.drop(index=TOTAL)
    for name, row in rows[rows.inside.eq(False).fillna(False)].iterrows():
        gaps = {
            "place": place(str(name)), "counted": content.counted(row.came),
            "interval": words.interval(row.low_80, row.high_80), "why": content.why(str(name)),
        }  # fmt: skip
        if row.came > row.high_80:
            out.append(say("{place}: {counted}, more than the {interval} forecast. Now: {why}", **gaps))
        else:
            out.append(say("{place}: {counted}, fewer than the {interval} forecast. Now: {why}", **gaps))
    return out or [
        say(
            "No surprise: {place} and every {unit} were inside the 80 % interval of the last forecast.",
            place=content.place,
            unit=content.unit,
        )
    ]


def _parts(content: BulletinContent) -> Table:
    """Each family's part, in numbers, for those that the champion uses."""
    found, names = content.reasons, content.active
    columns: dict[str, list[str | Cell]] = {
        content.head: [place(name) for name in names],
        say("12-month average"): [words.number(found.mean_12[name], 1) for name in names],
    }
    for family in [*used(found), "remainder"]:
        columns[say(FAMILIES[family])] = [words.signed(found.parts.loc[name, family], 1) for name in names]
    columns[say("Expected")] = [words.number(found.expected[name], 1) for name in names]
    return table(
        say("From the average of the last year to the expected number, one kind of information at a time"),
        columns,
        text=(content.head,),
        folded=True,
    )
