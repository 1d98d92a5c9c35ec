"""Claims compared with single published figures, and figures that are only laid side by side."""

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.risk.evidence import ledger
from provrisk.risk.evidence.quoting import cited, listed
from provrisk.risk.evidence.record import Record
from provrisk.risk.evidence.result import NotTestableError, PublishedPanel, TestResult
from provrisk.study.claims import Published, Shown


def compared(claim: Published, record: Record) -> TestResult:
    """A figure against published ones of the same year: of the same place, and of others that it may belong to."""
    begin, end = months.parse(claim.first), months.last_day(months.parse(claim.last))
    book = record.ledger
    of_group = book[book.who.isin(claim.who) & book.what.isin(claim.what) & (book.a_year.notna())]
    overlap = (of_group.last_day.clip(upper=end) - of_group.first_day.clip(lower=begin)).dt.days + 1
    # A rate of a longer period speaks for the months in it, if it covers most of them.
    table = of_group[overlap >= 0.75 * ((end - begin).days + 1)]
    same = table[table.place == claim.of]
    if same.empty:
        raise NotTestableError(
            f"no published figure of {claim.of} for these months is available", f"one in {ledger.FILE}"
        )
    inside = (same.a_year / claim.value).between(1 / claim.margin, claim.margin)
    close = table[(table.place != claim.of) & (table.a_year / claim.value).between(1 / 1.1, 1.1)]
    figures = "; ".join(f"{cited(row.a_year, row.id)} a year ({row.who}, {row.publisher})" for row in same.itertuples())
    said = f"Published for {claim.of}: {figures}; {claim.value:g} is claimed."
    for row in close.itertuples():
        said += f" {cited(row.a_year, row.id)} is the figure of another place, {row.place} ({row.publisher})."
    whole = book[(book.first_day <= end) & (book.last_day >= begin) & book.what.isin(claim.what)]
    return TestResult(
        said=said, estimate=claim.value, low=float(same.a_year.min()), high=float(same.a_year.max()),
        holds=True if inside.all() else False if not inside.any() else None,
        tables={f"All figures of {claim.first} to {claim.last}, each by its own definition": listed(whole)},
        panels=tuple(
            PublishedPanel(f"{row.publisher}: {row.place}", "a year", pd.DataFrame([row]).assign(value=row.a_year))
            for _, row in pd.concat([same, close]).sort_values("a_year", ascending=False).iterrows()
        ),
    )  # fmt: skip


def side_by_side(claim: Shown, record: Record) -> TestResult:
    """Series side by side, month by month, with their gaps; a month is a figure for its days and no other."""
    begin, end = months.parse(claim.first), months.last_day(months.parse(claim.last))
    columns, panels, said = {}, [], []
    for name in claim.series:
        series = record.series(name)
        chosen = ledger.defined(record.ledger, series, series.place)
        chosen = chosen[(chosen.first_day >= begin) & (chosen.last_day <= end) & (chosen.per == "")]
        monthly = chosen[
            chosen.first_day.dt.is_month_start & (chosen.last_day == chosen.first_day + pd.offsets.MonthEnd(0))
        ]
        if monthly.empty:
            raise NotTestableError(
                f"no figure of a month of {series.publisher} for {series.place} is available", f"one in {ledger.FILE}"
            )
        title = f"{series.place}: {series.counted} ({series.publisher})"
        cells = monthly.groupby(monthly.first_day.dt.strftime("%Y-%m"), sort=True)
        columns[title] = cells.apply(lambda rows: " or ".join(cited(row.value, row.id) for row in rows.itertuples()))
        panels.append(PublishedPanel(title, "a month", monthly))
        said.append(f"{title} " + ", ".join(f"{month} {cell}" for month, cell in columns[title].items()))
    table = pd.DataFrame(
        columns, index=pd.Index(months.span(begin, months.parse(claim.last)).strftime("%Y-%m"), name="month")
    )
    return TestResult(
        said="Shown, not tested. " + ". ".join(said) + ".", estimate=np.nan, low=np.nan, high=np.nan, shown=True,
        tables={"Side by side": table.fillna("")}, panels=tuple(panels),
    )  # fmt: skip
