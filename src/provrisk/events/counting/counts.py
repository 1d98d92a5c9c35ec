"""Counts: one row for each month and province, with zeros; not observed is missing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.events.sources.monthly_totals import whole_numbers
from provrisk.events.sources.parsed_rows import MOST
from provrisk.study import Study
from provrisk.study.project_files import read_table

MEASURES = [
    "attacks",
    "deaths",
    "deaths_civilians",
    "events_10_deaths",
    "attacks_state_based",
    "attacks_one_sided",
]


def count(
    events: pd.DataFrame, provinces: pd.Index, first: pd.Timestamp, last: pd.Timestamp, spread: bool = False
) -> pd.DataFrame:
    """Counts of ``events`` by month, for all ``provinces`` from ``first`` to ``last``.

    An event is counted in the month in which it began; with ``spread`` it is divided over its days, and each
    province's shares are rounded so that its total is unchanged (see ``whole_numbers``). Units: events
    (``attacks*``, ``events_10_deaths``) and people (``deaths*``) a month. A figure that the source does
    not give for one of a cell's events is missing in that cell; one that it gives for none, everywhere.
    """
    deaths, kind = events.deaths_best, events.violence_type
    tally = pd.DataFrame(
        {
            "month": months.floor(events.date),
            "province": events.province,
            "attacks": 1.0,
            "deaths": deaths,
            "deaths_civilians": events.deaths_civilians,
            "events_10_deaths": (deaths >= 10).where(deaths.notna()),
            "attacks_state_based": (kind == "state-based").where(kind.notna()),
            "attacks_one_sided": (kind == "one-sided").where(kind.notna()),
        }
    ).astype(dict.fromkeys(MEASURES, "float64"))
    if spread:
        tally = _spread(tally, events, last)
    cells = pd.MultiIndex.from_product([months.span(first, last), provinces], names=["month", "province"])
    table = tally.groupby(["month", "province"]).sum(skipna=False).reindex(cells, fill_value=0)
    if spread:
        table = whole_numbers(table)
    never = [name for name in MEASURES if len(tally) and tally[name].isna().all()]
    table[never] = np.nan
    whole = [name for name in MEASURES if table[name].notna().all()]
    return table.astype(dict.fromkeys(whole, "int64")).reset_index().assign(observed=True)


def total(counts: pd.DataFrame) -> str:
    """The total of ``counts``: events, or deaths if events are not counted."""
    name = "attacks" if "attacks" in counts else "deaths"
    return f"{counts[name].sum():,.0f} {'events' if name == 'attacks' else 'deaths'}"


def only_observed(counts: pd.DataFrame, covered: pd.DatetimeIndex) -> pd.DataFrame:
    """``counts`` with every month that is not ``covered`` missing."""
    inside = counts.month.isin(covered)
    if inside.all():
        return counts
    figures = [name for name in counts.columns if name not in ("month", "province", "observed")]
    out = counts.astype(dict.fromkeys(figures, "float64"))
    out.loc[~inside, figures] = np.nan
    return out.assign(observed=counts.observed & inside)


def _spread(tally: pd.DataFrame, events: pd.DataFrame, last: pd.Timestamp) -> pd.DataFrame:
    """``tally`` with a row for each event and month, with the share of the event's days in that month.

    Days after the data's ``last`` month are counted in that month.
    """
    start = events.date.dt.to_period("M").astype("int64").to_numpy()
    until = pd.Series(np.minimum(events.date_end, months.shift(last, 1) - pd.Timedelta(days=1)), index=events.index)
    number = until.dt.to_period("M").astype("int64").to_numpy() - start + 1
    out = tally.loc[tally.index.repeat(number)].reset_index(drop=True)
    step = np.concatenate([np.arange(n) for n in number]) if len(number) else np.array([], dtype=int)
    begin = np.repeat(events.date.to_numpy(), number)
    end = np.repeat(until.to_numpy(), number)
    month = (out.month.dt.to_period("M") + step).dt.to_timestamp()
    day = pd.Timedelta(days=1)
    inside = np.minimum(end, (month + pd.offsets.MonthEnd(0)).to_numpy()) - np.maximum(begin, month.to_numpy())
    share = (inside + day) / (end - begin + day)
    return out.assign(month=month, **{name: out[name] * share for name in MEASURES})


def write_csv(counts: pd.DataFrame, path: Path) -> Path:
    """Write the observed rows of ``counts`` as the table that ``read_csv`` reads."""
    table = counts[counts.observed].drop(columns="observed")
    figures = [name for name in table.columns if name not in ("month", "province")]
    table = table.assign(month=table.month.map(months.label)).astype(dict.fromkeys(figures, "Int64"))
    return files.write(path, table.to_csv(index=False, lineterminator="\n"))


def read_csv(path: Path, study: Study) -> pd.DataFrame:
    """Monthly totals as counts: a month and province that the file lacks is missing, not zero.

    Raises ``ProvriskError`` as ``from_text`` does.
    """
    return from_text(read_table(path, ["month", "province", study.file.target.column]), study, str(path))


def from_text(table: pd.DataFrame, study: Study, where: str) -> pd.DataFrame:
    """Counts from a table of text as in ``monthly.csv``; an empty cell is missing.

    Raises ``ProvriskError``, naming ``where`` and the line, for an unknown province, a bad month, a cell
    that is not a count, or a month and province given twice.
    """
    target = study.file.target.column
    if table.empty:
        raise ProvriskError(f"{where} has no row: add the counts of a month.")
    figures = {}
    parsed: dict[str, pd.Timestamp] = {}
    for line, text in enumerate(table.month, start=2):
        if text not in parsed:
            parsed[text] = _in_line(where, line, months.parse, text)
    month = [parsed[text] for text in table.month]
    unknown = ~table.province.isin(study.provinces.index)
    if unknown.any():
        raise ProvriskError(
            f"{_line(where, table, unknown)}: {table.province[unknown].iloc[0]!r} is not a province of {study.name}: "
            "use the names in provinces.csv."
        )
    for column in table.columns.difference(["month", "province"], sort=False):
        values = pd.to_numeric(table[column], errors="coerce")
        bad = (table[column] != "") & (~values.between(0, MOST) | (values % 1 > 0))
        if bad.any():
            said = table[column][bad].iloc[0]
            raise ProvriskError(f"{_line(where, table, bad)}: {column} is {said!r}, which is not a count.")
        figures[column] = values
    out = pd.DataFrame({"province": table.province, "month": month, **figures})
    twice = out.duplicated(["month", "province"])
    if twice.any():
        raise ProvriskError(f"{_line(where, table, twice)}: this month and province are there twice.")
    cells = pd.MultiIndex.from_product(
        [months.span(out.month.min(), out.month.max()), study.provinces.index], names=["month", "province"]
    )
    counts = out.set_index(["month", "province"]).reindex(cells).reset_index()
    return counts.assign(observed=counts[target].notna())


def digest(counts: pd.DataFrame) -> str:
    """A digest of the counts, the same for the same counts from any file."""
    figures = [name for name in MEASURES if name in counts]
    table = counts.sort_values(["month", "province"])[["month", "province", "observed", *figures]]
    labels = {month: months.label(month) for month in table.month.unique()}
    table = table.assign(month=table.month.map(labels)).astype(dict.fromkeys(figures, "float64"))
    return files.digest(table.to_csv(index=False, lineterminator="\n").encode())


def _line(where: str, table: pd.DataFrame, bad: pd.Series) -> str:
    """The position of the first ``bad`` row: line as in a spreadsheet, place and month."""
    number = int(np.argmax(bad))
    return f"{where}, line {number + 2} ({table.province.iloc[number]}, {table.month.iloc[number]})"


def _in_line(where: str, line: int, parse: Callable[[str], pd.Timestamp], text: str) -> pd.Timestamp:
    try:
        return parse(text)
    except ProvriskError as error:
        raise ProvriskError(f"{where}, line {line}: {error}") from None
