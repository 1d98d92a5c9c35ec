"""Published figures side by side by year or by month, each with its definition, the study's own among them."""

from typing import Literal

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.risk.evidence.quoting import number, spelled_days
from provrisk.study import Study

SHOWN = ["place", "value", "what", "who", "publisher", "basis", "id"]


def side_by_side(
    study: Study, ledger: pd.DataFrame, counts: pd.DataFrame, source: str, by: Literal["year", "month"]
) -> pd.DataFrame:
    """One row a figure: ``by``, period, SHOWN, and by year ``a_year``, the figure as a yearly rate.

    By year stand the figures of whole years and rates, by month those whose days lie within one month. ``basis`` says
    whether a figure was printed or computed. ``counts`` is the study's counts table, ``source`` its release: its own
    totals of the months, or of the years observed in full, stand among them; all of them where there is no ledger.
    """
    own = _own(study, counts, source, by)
    columns = [by, "period", *SHOWN, *(["a_year"] if by == "year" else [])]
    if ledger.empty:
        return own[columns].reset_index(drop=True)
    middle = ledger.first_day + (ledger.last_day - ledger.first_day) / 2
    month = ledger.first_day.dt.strftime("%Y-%m")
    table = ledger.assign(
        year=middle.dt.year,
        month=month,
        period=[spelled_days(*days) for days in zip(ledger.first_day, ledger.last_day, strict=True)],
        basis=np.where(ledger.computation == "", "printed", "computed: " + ledger.computation),
        number=ledger.value,
    )
    table["value"] = [number(row.value) + (f" a {row.per}" if row.per else "") for row in table.itertuples()]
    chosen = table[table.a_year.notna()] if by == "year" else table[month == ledger.last_day.dt.strftime("%Y-%m")]
    rows = pd.concat([own[own[by].isin(set(chosen[by]))], chosen])
    return rows.sort_values([by, "publisher", "place", "who", "what"], kind="stable")[columns].reset_index(drop=True)


def _own(study: Study, counts: pd.DataFrame, source: str, by: str) -> pd.DataFrame:
    target = study.file.target
    total = counts.pivot(index="month", columns="province", values=target.column).sum(axis=1, skipna=False)
    if by == "year":
        total = total.groupby(total.index.year).agg(lambda year: year.sum() if len(year) == 12 else np.nan)
        label, period = total.index, [str(year) for year in total.index]
    else:
        label, period = total.index.strftime("%Y-%m"), [months.spelled(month) for month in total.index]
    table = pd.DataFrame({
        by: label, "period": period, "place": study.file.country, "value": total.to_numpy(), "what": target.many,
        "who": target.definition, "publisher": source, "basis": "counted from its events", "id": "",
        "a_year": total.to_numpy(),
    }).dropna(subset=["value"])  # fmt: skip
    return table.assign(value=table.value.map(number))
