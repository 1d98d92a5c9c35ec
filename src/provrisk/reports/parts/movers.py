"""What moves, what surprised, what is quiet; each with its reason."""

import pandas as pd

from provrisk.reports import words
from provrisk.reports.basis import Basis
from provrisk.reports.document import Block, Cell, Items, Part, Table, Text, table
from provrisk.reports.parts.ranking import arrow

QUIET = 0.2
"""A province is quiet where the first threshold is less probable than this."""


def part(basis: Basis) -> Part:
    """Movers, surprises, the quiet ones, and why."""
    blocks: list[Block] = [Text(words=intro(basis)), Items(title="Movers", items=tuple(movers(basis)))]
    blocks += [
        Items(title="Surprises", items=tuple(surprises(basis))),
        Items(title="Quiet", items=(quiet(basis),)),
        _parts(basis),
    ]
    return Part(key="movers", title="Movers, surprises and the quiet ones", blocks=tuple(blocks))


def intro(basis: Basis) -> str:
    """What the words of this part mean."""
    return (
        f"Movers are {basis.unit.many} whose expected count is well away from their own mean of the last 12 months. "
        "Surprises came "
        "out beyond the 80 % interval of the last forecast. A reason is what the model's forecast hangs on, not "
        "a cause; where none is named, the model holds it by itself, "
        "such as a return to the long-run mean, and it stands in the remainder."
    )


def movers(basis: Basis, number: int = 6) -> list[str]:
    """The provinces that move most, with why."""
    table = basis.risk[[arrow(row.expected, row.mean_12) != "→" for row in basis.risk.itertuples()]]
    order = (table.expected - table.mean_12).abs().sort_values(ascending=False, kind="stable").index[:number]
    out = [
        f"{row.province}: {row.mean_12:,.1f} a month → {row.expected:,.1f} expected; {basis.why(row.province)}."
        for row in (table.loc[i] for i in order)
    ]
    return out or [f"No {basis.unit.one} moves: every forecast is close to the mean of its last 12 months."]


def surprises(basis: Basis) -> list[str]:
    """Provinces whose last observed month lay beyond the 80 % interval that had been forecast."""
    if basis.outcome is None or basis.last is None:
        return [
            "Whether the last month was a surprise cannot be said: there is no forecast of it, or it was not observed."
        ]
    table = basis.outcome.drop(index="(total)")
    out = table[table.inside.eq(False).fillna(False)]
    return [
        f"{name}: {row.came:,.0f} {basis.one if row.came == 1 else basis.many}, "
        f"{'more' if row.came > row.high_80 else 'fewer'} than the {words.interval(row.low_80, row.high_80)} forecast; "
        f"now {basis.why(str(name))}."
        for name, row in out.iterrows()
    ] or [f"No surprise: every {basis.unit.one} came out inside the 80 % interval of the last forecast."]


def quiet(basis: Basis) -> str:
    """The quiet provinces with the months since their last attack."""
    column = f"p_at_least_{basis.study.file.risk.thresholds[0]}"
    names = basis.risk.province[basis.risk[column] < QUIET]
    if names.empty:
        bar = words.percent(QUIET)
        return f"No {basis.unit.one} is quiet: {basis.many} have a probability of {bar} or more everywhere."
    said = [f"{name} ({_since(basis.counts[name], basis.one)})" for name in names]
    return f"P(at least {basis.study.file.risk.thresholds[0]}) is below {words.percent(QUIET)} in {words.joined(said)}."


def _since(counts: pd.Series, one: str) -> str:
    struck = counts[counts > 0]
    if struck.empty:
        return f"no {one} on record"
    return f"last {one} {pd.Timestamp(struck.index[-1]):%B %Y}"


def _parts(basis: Basis) -> Table:
    """Every family's part, in numbers."""
    found, names = basis.reasons, list(basis.risk.province)
    columns: dict[str, list[str | Cell]] = {
        basis.unit.one.capitalize(): list(names),
        "12-month mean": [words.number(found.mean_12[name], 1) for name in names],
    }
    for family in found.parts.columns:
        columns[family.capitalize()] = [words.signed(found.parts.loc[name, family], 1) for name in names]
    columns["Expected"] = [f"{found.expected[name]:,.1f}" for name in names]
    columns["In words"] = [basis.why(name) for name in names]
    return table(
        f"Why: from the 12-month mean to the expected {basis.many}, one family of information at a time",
        columns,
        text=(basis.unit.one.capitalize(), "In words"),
        folded=True,
    )
