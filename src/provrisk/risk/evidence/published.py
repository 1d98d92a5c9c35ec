"""Published totals side by side, each with what it counts and where; never one definition against another unsaid."""

from pathlib import Path

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.study import Study
from provrisk.study.reading import read_table

FILE = "public_counts.csv"
COLUMNS = ["period_start", "period_end", "place", "provinces", "counts", "value", "per", "unit", "definition", "source"]
A_YEAR = {"day": 365.0, "month": 12.0, "quarter": 4.0}
"""How many of each there are in a year; a figure for its whole ``period`` is of a year where that is one."""


def read(study: Study) -> pd.DataFrame:
    """The rows of ``public_counts.csv``: those columns, ``year`` and ``a_year``; none where the study has no such file.

    ``counts`` says what is counted (the actor's attacks, events of all actors, casualties). ``a_year`` is the figure as
    a yearly rate, missing where the period is shorter than a year and the figure no rate.

    Raises ``ProvriskError``, naming the row, for what is no day or no number.
    """
    path = study.folder / FILE
    if not path.exists():
        return pd.DataFrame(columns=[*COLUMNS, "year", "a_year"])
    table = read_table(path, COLUMNS)
    for column in ("period_start", "period_end"):
        days = pd.to_datetime(table[column], format="%Y-%m-%d", errors="coerce")
        _refuse(days.isna(), path, f"{column} is no day")
        table[column] = days
    _refuse(table.period_end < table.period_start, path, "it ends before it starts")
    _refuse(~table.per.isin(["period", *A_YEAR]), path, f"per is none of period, {', '.join(A_YEAR)}")
    table["value"] = pd.to_numeric(table.value, errors="coerce")
    _refuse(~(table.value >= 0), path, "its value is no count")
    days = (table.period_end - table.period_start).dt.days + 1
    whole_year = (table.per == "period") & days.between(365, 366)
    table["a_year"] = np.where(whole_year, table.value, table.value * table.per.map(A_YEAR))
    middle = table.period_start + (table.period_end - table.period_start) / 2
    return table.assign(year=middle.dt.year)


def side_by_side(study: Study, counts: pd.DataFrame, source: str) -> pd.DataFrame:
    """One row a figure by year: year, period, place, counts, value, a_year, definition, source.

    Figures for less than a year stay out, unless they are rates. The study's own yearly totals (``counts`` is its
    counts table, ``source`` its release) stand among them, those of years observed in full.
    """
    column, target = study.file.target.column, study.file.target
    months_ = counts.pivot(index="month", columns="province", values=column).sum(axis=1, skipna=False)
    yearly = months_.groupby(months_.index.year).agg(lambda year: year.sum() if len(year) == 12 else np.nan).dropna()
    own = pd.DataFrame(
        {
            "year": yearly.index, "period": [f"{year}-01 to {year}-12" for year in yearly.index],
            "place": study.file.country, "counts": target.many, "value": [f"{value:,.0f}" for value in yearly],
            "a_year": yearly.to_numpy(), "definition": target.definition, "source": source,
        }
    )  # fmt: skip
    table = read(study)
    names = ["year", "period", "place", "counts", "value", "a_year", "definition", "source"]
    if table.empty:
        return own
    span = table.period_start.dt.strftime("%Y-%m") + " to " + table.period_end.dt.strftime("%Y-%m")
    per = table.per.map(lambda word: "" if word == "period" else f" a {word}")
    shown = table.assign(period=span, value=table.value.map(lambda value: f"{value:,g}") + per)
    where = shown.provinces.str.replace("|", ", ")
    shown["place"] = np.where(where == "", shown.place, where)
    shown = shown[shown.a_year.notna()]
    return pd.concat([own[own.year.isin(set(shown.year))], shown[names]]).sort_values("year", kind="stable")[names]


def of_year(study: Study, first: str, last: str) -> pd.DataFrame:
    """Figures of the actor's attacks that have a yearly rate, of the months ``first`` to ``last`` or most of them."""
    table = read(study)
    if table.empty:
        return table
    begin, end = months.parse(first), months.shift(months.parse(last), 1) - pd.Timedelta(days=1)
    within = (table.period_start >= begin) & (table.period_end <= end)
    # A rate of a longer period speaks for the months in it, if it covers most of them.
    overlap = (table.period_end.clip(upper=end) - table.period_start.clip(lower=begin)).dt.days + 1
    mostly = overlap >= 0.75 * ((end - begin).days + 1)
    country = table.provinces == ""
    return table[(within | mostly) & country & (table.counts == "attacks") & table.a_year.notna()]


def _refuse(bad: pd.Series, path: Path, what: str) -> None:
    if bad.any():
        raise ProvriskError(f"{path}, row {int(np.argmax(bad)) + 2}: {what}; correct it.")
