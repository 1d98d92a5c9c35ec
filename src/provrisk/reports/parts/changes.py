"""Expected changes, surprises of the last month, and inputs of the forecast."""

from provrisk.evaluation.scores import TOTAL
from provrisk.reports import words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Block, Cell, Items, Part, Table, Text, table
from provrisk.reports.language import mark, place, say
from provrisk.reports.parts import judgements
from provrisk.reports.parts.ranking import arrow
from provrisk.reports.why import FAMILIES, used

UNUSED = {
    "recency": mark("the last two months"),
    "trend": mark("the months before"),
    "neighbours": mark("the neighbouring {units}"),
    "calendar": mark("the time of year"),
    "drivers": mark("dated events"),
}


def part(basis: Basis) -> Part:
    """Surprises of the last month, the country's first; changes to come; and why."""
    blocks: list[Block] = [
        Items(title=say("Surprises"), items=tuple(surprises(basis))),
        Items(title=say("Changes ahead"), items=tuple(movers(basis))),
        Text(words=intro(basis)),
        _parts(basis),
    ]
    return Part(key="movers", title=say("Changes and surprises"), blocks=tuple(blocks))


def intro(basis: Basis) -> str:
    """Explanation of the words in this part, and the information used by the champion."""
    families = used(basis.reasons)
    idle = [say(UNUSED[family], units=basis.units) for family in UNUSED if family not in families]
    said = [
        say(
            "Changes are {units} whose expected number is well away from their own average of the last 12 months.",
            units=basis.units,
        ),
        say("A reason is information that the model's forecast uses, not a cause."),
        say(
            "The model used here uses: {families}.",
            families=words.joined([say(UNUSED[f], units=basis.units) for f in families]),
        ),
    ]
    if idle:
        said.append(say("It does not use: {families}.", families=words.joined(idle)))
    return " ".join(said)


def movers(basis: Basis, number: int = 6) -> list[str]:
    """The provinces with the largest changes, with reasons."""
    rows = basis.risk[[arrow(row.expected, row.mean_12) != "→" for row in basis.risk.itertuples()]]
    order = (rows.expected - rows.mean_12).abs().sort_values(ascending=False, kind="stable").index[:number]
    out = [
        say(
            "{place}: from {mean} a month to {expected} expected. {why}",
            place=place(row.province), mean=words.number(row.mean_12, 1), expected=words.number(row.expected, 1),
            why=basis.why(row.province),
        )
        for row in (rows.loc[i] for i in order)
    ]  # fmt: skip
    return out or [
        say("No {unit} changes much: every forecast is close to the average of its last 12 months.", unit=basis.unit)
    ]


def surprises(basis: Basis) -> list[str]:
    """Observed counts outside the last forecast: the country, then provinces."""
    if basis.outcome is None or basis.last is None:
        return [
            say(
                "It is not known whether the last month was a surprise: there is no forecast of it, or it was "
                "not observed."
            )
        ]
    out = []
    row = basis.surprise
    if row is not None and not row.inside:
        out.append(judgements.last_month(basis))
    rows = basis.outcome.drop(index=TOTAL)
    for name, row in rows[rows.inside.eq(False).fillna(False)].iterrows():
        gaps = {
            "place": place(str(name)), "counted": basis.counted(row.came),
            "interval": words.interval(row.low_80, row.high_80), "why": basis.why(str(name)),
        }  # fmt: skip
        if row.came > row.high_80:
            out.append(say("{place}: {counted}, more than the {interval} forecast. Now: {why}", **gaps))
        else:
            out.append(say("{place}: {counted}, fewer than the {interval} forecast. Now: {why}", **gaps))
    return out or [
        say(
            "No surprise: {place} and every {unit} were inside the 80 % interval of the last forecast.",
            place=basis.place,
            unit=basis.unit,
        )
    ]


def _parts(basis: Basis) -> Table:
    """Each family's part, in numbers, for those that the champion uses."""
    found, names = basis.reasons, basis.active
    columns: dict[str, list[str | Cell]] = {
        basis.head: [place(name) for name in names],
        say("12-month average"): [words.number(found.mean_12[name], 1) for name in names],
    }
    for family in [*used(found), "remainder"]:
        columns[say(FAMILIES[family])] = [words.signed(found.parts.loc[name, family], 1) for name in names]
    columns[say("Expected")] = [words.number(found.expected[name], 1) for name in names]
    return table(
        say("From the average of the last year to the expected number, one kind of information at a time"),
        columns,
        text=(basis.head,),
        folded=True,
    )
