"""The ledger: figures that others published, one a row, each with who counted what, where, in which days.

They are cited, never made into a series: nothing is interpolated, and two definitions are never put together.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.risk.evidence.quoting import cited, number, spelled, spelled_days
from provrisk.study import Study
from provrisk.study.claims import Series
from provrisk.study.project_files import read_table

FILE = "published.csv"
COLUMNS = [
    "id", "place", "first_day", "last_day", "who", "what", "value", "per", "computation", "publisher", "published_on",
    "address", "note",
]  # fmt: skip
DEFINITION = ["publisher", "who", "what", "per"]
A_YEAR = {"day": 365.0, "week": 365 / 7, "month": 12.0, "quarter": 4.0}
"""How many of each there are in a year; a figure that is no rate is that of its whole period."""

ALL_BUT = 0.9
"""The published parts of a place are a whole table of it if they come to this share of its own figure."""


def read(study: Study) -> pd.DataFrame:
    """The rows of the study's ``published.csv``, without any where it has no such file.

    Besides COLUMNS: ``days`` of the period, ``count`` (the figure, a rate times its days), ``line`` in the file, and
    ``a_year``, the figure as a yearly rate, missing where its period is no year and it is no rate. ``computation`` is
    empty where the figure was printed, else sums and differences of other rows by ``id``, which are checked.

    Raises ``ProvriskError``, naming the row, for what is no day, no number, or not what its computation gives.
    """
    path = study.folder / FILE
    if not path.exists():
        return pd.DataFrame(columns=[*COLUMNS, "days", "count", "line", "a_year"])
    table = read_table(path, COLUMNS)
    _refuse(~table.id.str.fullmatch(r"[A-Z]+[0-9]+"), path, "its id is not letters and digits such as P12")
    _refuse(table.id.duplicated(), path, "its id is already used above")
    for column in ("first_day", "last_day"):
        day = pd.to_datetime(table[column], format="%Y-%m-%d", errors="coerce")
        _refuse(day.isna(), path, f"{column} is not a day")
        table[column] = day
    _refuse(table.last_day < table.first_day, path, "it ends before it begins")
    _refuse(~table.per.isin(["", *A_YEAR]), path, f"per is not one of {', '.join(A_YEAR)}, nor empty")
    table["value"] = pd.to_numeric(table.value, errors="coerce")
    _refuse(~(table.value >= 0), path, "its value is not a count")
    for column in ("place", "who", "what", "publisher", "address"):
        _refuse(table[column].str.strip() == "", path, f"{column} is empty")
    _refuse(~_computed_right(table, path), path, "its value differs from its computation")
    table["days"] = (table.last_day - table.first_day).dt.days + 1
    table["count"] = table.value.where(table.per == "", table.value * table.days * table.per.map(A_YEAR) / 365)
    whole_year = (table.per == "") & table.days.between(365, 366)
    table["a_year"] = np.where(whole_year, table.value, table.value * table.per.map(A_YEAR))
    return table.assign(line=np.arange(2, len(table) + 2))


def defined(ledger: pd.DataFrame, series: Series, place: str) -> pd.DataFrame:
    """The rows of one publisher, definition and place."""
    same = (ledger.publisher == series.publisher) & (ledger.who == series.who) & (ledger.what == series.what)
    return ledger[same & (ledger.place == place)]


def figures(ledger: pd.DataFrame, series: Series, place: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """The counts of one definition in one place that lie within ``first`` to ``last``, in order of their days.

    Where periods overlap the shorter stand (weeks, not their month), so that none is counted twice; of two figures for
    the same days the first in the file.
    """
    chosen = defined(ledger, series, place)
    chosen = chosen[(chosen.first_day >= first) & (chosen.last_day <= last)]
    begin, end = chosen.first_day.to_numpy(), chosen.last_day.to_numpy()
    kept: list[int] = []
    for row in np.argsort(chosen.days.to_numpy(), kind="stable"):
        if not ((begin[kept] <= end[row]) & (end[kept] >= begin[row])).any():
            kept.append(int(row))
    return chosen.iloc[kept].sort_values("first_day")


def whole_tables(
    ledger: pd.DataFrame, series: Series, parts: list[str], first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    """Counts by period (index: first_day, last_day) and part, of the periods for which a whole table was published.

    A table is whole if its parts come to ALL_BUT of the figure of the series' place, and no more than it; a part that
    a whole table does not name had none. Column ``whole`` is the figure of the whole; ``row_of`` says where one stands.
    """
    total = figures(ledger, series, series.place, first, last).set_index(["first_day", "last_day"])
    rows = pd.concat([figures(ledger, series, part, first, last) for part in parts])
    wide = rows.pivot(index=["first_day", "last_day"], columns="place", values="value")
    wide = wide.reindex(total.index).reindex(columns=parts)
    placed = wide.sum(axis=1)
    chosen = placed.between(ALL_BUT * total.value, total.value) & (total.value > 0)
    table = wide[chosen].fillna(0.0).assign(whole=total.value[chosen])
    ids = rows.set_index(["first_day", "last_day", "place"]).id
    table.attrs["rows"] = {key: id_ for key, id_ in ids.items() if key[:2] in table.index}
    table.attrs["whole"] = total.id[chosen].to_dict()
    return table


def row_of(table: pd.DataFrame, days: tuple[pd.Timestamp, pd.Timestamp], part: str) -> str:
    """The id of the row that a whole table's figure comes from; of a part that it does not name, that of the whole."""
    return str(table.attrs["rows"].get((*days, part), table.attrs["whole"][days]))


def contradictions(ledger: pd.DataFrame) -> list[str]:
    """Where figures of one publisher and definition cannot all hold, one sentence each; none is corrected or averaged.

    Two figures of the same place and days; and periods that make up a longer one, day for day, whose figures do not
    sum to its own.
    """
    said = []
    plain = ledger[ledger.per == ""]
    for (publisher, who, what, _, place), rows in plain.groupby([*DEFINITION, "place"], sort=False):
        about = f"{place}, {who}: {what} ({publisher})"
        for _, same in rows.groupby(["first_day", "last_day"], sort=False):
            if same.value.nunique() > 1:
                given = " and ".join(cited(row.value, row.id) for row in same.itertuples())
                said.append(f"{spelled(same.iloc[0])}: {given}. {about}.")
        said += [f"{text} {about}." for row in rows.itertuples() if (text := _unequal(row, rows))]
    return said


def _unequal(row: object, rows: pd.DataFrame) -> str:
    """What is wrong with ``row`` if the periods inside it make it up day for day and do not sum to it."""
    first, last, id_ = row.first_day, row.last_day, row.id  # type: ignore[attr-defined]
    inside = rows[(rows.first_day >= first) & (rows.last_day <= last) & (rows.id != id_)]
    inside = inside[(inside.first_day != first) | (inside.last_day != last)]
    inside = inside.sort_values(["first_day", "last_day"]).drop_duplicates("first_day")
    day = pd.Timedelta(days=1)
    joined = len(inside) > 1 and (inside.first_day.iloc[1:].to_numpy() == (inside.last_day + day).iloc[:-1]).all()
    if not joined or inside.first_day.iloc[0] != first or inside.last_day.iloc[-1] != last:
        return ""
    value = row.value  # type: ignore[attr-defined]
    if inside.value.sum() == value:
        return ""
    parts = ", ".join(cited(part.value, part.id) for part in inside.itertuples())
    sums = number(inside.value.sum())
    return f"{spelled_days(first, last)}: {cited(value, id_)}, and its parts {parts} come to {sums}."


def _computed_right(table: pd.DataFrame, path: Path) -> pd.Series:
    """Whether each computed figure is the sum or difference that it is stated to be."""
    value = dict(zip(table.id, table.value, strict=True))
    right = pd.Series(True, table.index)
    for row in table[table.computation != ""].itertuples():
        terms = re.findall(r"([+-]?)\s*([A-Z]+[0-9]+)", row.computation)
        rebuilt = " ".join(f"{sign} {id_}".strip() for sign, id_ in terms)
        if rebuilt != row.computation or not {id_ for _, id_ in terms} <= set(value):
            raise ProvriskError(f"{path}, line {row.Index + 2}: computation is not a sum of ids such as P12 - P34.")
        right[row.Index] = np.isclose(sum(value[id_] * (-1 if sign == "-" else 1) for sign, id_ in terms), row.value)
    return right


def _refuse(bad: pd.Series, path: Path, what: str) -> None:
    if bad.any():
        raise ProvriskError(f"{path}, line {int(np.argmax(bad)) + 2}: {what}; correct it.")
