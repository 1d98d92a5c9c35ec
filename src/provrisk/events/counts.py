"""Counts: one row a month and province, zeros written out, what was not observed left missing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.study import Study, read_table

MEASURES = [
    "attacks",
    "deaths",
    "deaths_civilians",
    "events_10_deaths",
    "attacks_state_based",
    "attacks_one_sided",
]


def count(events: pd.DataFrame, provinces: pd.Index, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Counts of ``events`` by the month in which they began, for all ``provinces`` from ``first`` to ``last``.

    Units: events (``attacks*``, ``events_10_deaths``) and people (``deaths*``) a month.
    """
    tally = pd.DataFrame(
        {
            "month": months.floor(events.date),
            "province": events.province,
            "attacks": 1,
            "deaths": events.deaths_best,
            "deaths_civilians": events.deaths_civilians,
            "events_10_deaths": events.deaths_best >= 10,
            "attacks_state_based": events.violence_type == "state-based",
            "attacks_one_sided": events.violence_type == "one-sided",
        }
    )
    cells = pd.MultiIndex.from_product([months.span(first, last), provinces], names=["month", "province"])
    table = tally.groupby(["month", "province"]).sum().reindex(cells, fill_value=0).astype("int64")
    return table.reset_index().assign(observed=True)


def write_csv(counts: pd.DataFrame, path: Path) -> Path:
    """Write the observed rows of ``counts`` as the table that ``read_csv`` reads."""
    table = counts[counts.observed].drop(columns="observed")
    table = table.assign(month=table.month.map(months.label))
    return files.write(path, table.to_csv(index=False, lineterminator="\n"))


def read_csv(path: Path, study: Study) -> pd.DataFrame:
    """Monthly totals as counts: a month and province that the file lacks is missing, not zero.

    Raises ``ProvriskError`` as ``from_text`` does.
    """
    return from_text(read_table(path, ["month", "province", study.file.target.column]), study, str(path))


def from_text(table: pd.DataFrame, study: Study, where: str) -> pd.DataFrame:
    """Counts from a table of text as ``monthly.csv`` holds it; an empty cell is missing.

    Raises ``ProvriskError``, naming ``where`` and the row, for an unknown province, a bad month, a cell
    that is not a count, or a month and province given twice.
    """
    target = study.file.target.column
    out = pd.DataFrame({"province": table.province})
    out["month"] = [_in_row(where, row, months.parse, text) for row, text in enumerate(table.month, start=2)]
    unknown = ~out.province.isin(study.provinces.index)
    if unknown.any():
        row = int(np.argmax(unknown)) + 2
        raise ProvriskError(
            f"{where}, row {row}: {out.province[unknown].iloc[0]!r} is no province of {study.name}: use the names in "
            "provinces.csv."
        )
    for column in table.columns.difference(["month", "province"], sort=False):
        values = pd.to_numeric(table[column], errors="coerce")
        bad = (values.isna() & (table[column] != "")) | (values < 0) | (values % 1 > 0) | np.isinf(values)
        if bad.any():
            row = int(np.argmax(bad)) + 2
            raise ProvriskError(f"{where}, row {row}: {column} is {table[column][bad].iloc[0]!r}, which is no count.")
        out[column] = values
    twice = out.duplicated(["month", "province"])
    if twice.any():
        raise ProvriskError(f"{where}, row {int(np.argmax(twice)) + 2}: this month and province stand there twice.")
    cells = pd.MultiIndex.from_product(
        [months.span(out.month.min(), out.month.max()), study.provinces.index], names=["month", "province"]
    )
    counts = out.set_index(["month", "province"]).reindex(cells).reset_index()
    return counts.assign(observed=counts[target].notna())


def digest(counts: pd.DataFrame) -> str:
    """A digest of the figures themselves, the same for the same figures from whatever file."""
    figures = [name for name in MEASURES if name in counts]
    table = counts.sort_values(["month", "province"])[["month", "province", "observed", *figures]]
    table = table.assign(month=table.month.map(months.label)).astype(dict.fromkeys(figures, "float64"))
    return files.digest(table.to_csv(index=False, lineterminator="\n").encode())


def _in_row(where: str, row: int, parse: Callable[[str], pd.Timestamp], text: str) -> pd.Timestamp:
    try:
        return parse(text)
    except ProvriskError as error:
        raise ProvriskError(f"{where}, row {row}: {error}") from None
