"""Hubverse tables: a row for each value, its meaning in ``output_type`` and ``output_type_id``."""

import re

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.forecasts.external.categories import cumulative
from provrisk.forecasts.external.columns import level
from provrisk.forecasts.external.parse import ParsedForecast, ParseRequest, finish, months_between, months_later
from provrisk.forecasts.predictions import CELL

KEY, NAME = "hubverse", "hubverse table"
MARKS = frozenset({"output_type", "output_type_id", "value"})
ALIASES: dict[str, str] = {}
ORIGINS = ("origin_date", "reference_date", "forecast_date")
TARGETS = ("target_date", "target_end_date")
PLACES = ("location", "province")
OFTEN = {"wk", "wks", "week", "weeks", "weekly", "epiweek", "day", "days", "daily"}
"""Words in a target's name for a time step shorter than a month."""
SHORTEST_MONTH = 28
TYPES = ("sample", "quantile", "cdf", "pmf", "mean", "median")


def read(asked: ParseRequest) -> ParsedForecast:
    """The values of a hubverse table whose dates are months.

    ``origin_date`` is in the last month known to the forecast. If the table has both ``target_date`` and
    ``horizon``, the origin is ``horizon`` months before the target month instead, and an ``origin_date`` after it is
    the day of submission.
    """
    asked.one_model()
    day = asked.days(_one_of(asked, ORIGINS, "the month a forecast was made from"))
    _refuse_weekly(asked, day)
    origin, target_month = _when(asked, months.floor(day))
    kind = asked.text("output_type")
    if (bad := ~kind.isin(TYPES)).any():
        row = kind.index[bad][0]
        raise asked.wrong(row, f"output_type is {kind[row]!r}, not one of {', '.join(TYPES)}")
    ahead = months_between(origin, target_month)
    asked.sieve.set_aside(ahead < 1, "its target month is not after its origin")
    values = pd.DataFrame(
        {
            "target": _what(asked),
            "origin": origin,
            "horizon": ahead,
            "province": asked.provinces(asked.text(_one_of(asked, PLACES, "the place"))),
            "issued": asked.issued(day.where(months.floor(day) > origin), several_origins=origin.nunique() > 1),
            "output_type": kind,
            "output_type_id": asked.text("output_type_id"),
            "value": asked.numbers("value"),
            "row": asked.table.index,
        }
    )
    return finish(asked, with_ids(asked, values[asked.sieve.kept]))


def with_ids(asked: ParseRequest, values: pd.DataFrame) -> pd.DataFrame:
    """``values`` with checked identifiers: levels of quantiles, counts of probabilities, numbers of draws."""
    parts = []
    for kind, own in values.groupby("output_type", sort=False):
        if kind in ("mean", "median"):
            parts.append(own.assign(output_type_id=0.0))
        elif kind == "sample":
            order = sorted(
                own.output_type_id.unique(), key=lambda name: (len(name), name)
            )  # 2 before 10, s2 before s10
            numbers = {name: float(i) for i, name in enumerate(order)}
            parts.append(own.assign(output_type_id=own.output_type_id.map(numbers)))
        elif kind == "pmf":
            parts.append(cumulative(asked, own))
        else:
            ids = pd.to_numeric(own.output_type_id, errors="coerce")
            if kind == "quantile":  # 0.05, or by one of its other names
                ids = ids.fillna(own.output_type_id.map(level).astype(float))
            bad = ids.isna() | (ids < 0) | ((ids <= 0) | (ids >= 1) if kind == "quantile" else ids.isna())
            if bad.any():
                needed = "a level between 0 and 1" if kind == "quantile" else "a count"
                row = own.row[bad].iloc[0]
                raise asked.wrong(row, f"the {kind}'s output_type_id is {own.output_type_id[row]!r}, not {needed}")
            own = own.assign(output_type_id=ids.round(6))
            _check_rising(asked, own, str(kind))
            parts.append(own)
    return pd.concat(parts) if parts else values


def _refuse_weekly(asked: ParseRequest, origin: pd.Series) -> None:
    """Weekly or daily targets cannot be used in a monthly study: they are refused by name or by dates."""
    if "target" in asked.table:
        names = asked.text("target")
        often = {name for name in names.unique() if OFTEN & set(re.split("[^a-z]+", name.casefold()))}
        if often and names.isin(often).all():
            raise ProvriskError(
                f"{asked.file} forecasts {', '.join(sorted(often))!r}, weekly or daily, and the study is monthly: "
                "monthly sums are needed."
            )
        asked.sieve.set_aside(names.isin(often), "a weekly or daily target")
    column = next((name for name in TARGETS if name in asked.table), None)
    if column is None:
        return
    dates = pd.DataFrame({"origin": origin, "date": asked.days(column)})[asked.sieve.kept]
    days = dates.drop_duplicates().sort_values(["origin", "date"])
    near = days.groupby("origin").date.diff().dt.days < SHORTEST_MONTH
    if near.any():
        second = days[near].date.iloc[0]
        first = days.date[days.date < second].max()
        raise ProvriskError(
            f"{asked.file} has targets {(second - first).days} days apart ({first:%Y-%m-%d}, {second:%Y-%m-%d}), "
            "so weekly or daily, and the study is monthly: monthly sums are needed."
        )


def _check_rising(asked: ParseRequest, own: pd.DataFrame, kind: str) -> None:
    """Quantiles and cumulative probabilities rise with their levels and counts."""
    if kind == "cdf" and (own.value > 1).any():
        row = own.row[own.value > 1].iloc[0]
        raise asked.wrong(row, f"the probability {own.value[row]:g} is above 1")
    key = [*CELL, "issued"]
    ordered = own.sort_values([*key, "output_type_id"], kind="stable")
    cell = ordered.groupby(key, dropna=False, sort=False).ngroup()
    # Rounded numbers may seem to cross.
    falls = np.flatnonzero((ordered.value.diff() < -1e-6 * (1 + ordered.value)) & (cell == cell.shift()))
    if len(falls):
        row, before = ordered.iloc[falls[0]], ordered.iloc[falls[0] - 1]
        raise asked.wrong(
            row.row,
            f"the {kind} at {row.output_type_id:g} is {row.value:g}, below the one at {before.output_type_id:g}, "
            f"which is {before.value:g}: they must not cross",
        )


def _when(asked: ParseRequest, origin: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Origin and target month of each row."""
    dated = next((name for name in TARGETS if name in asked.table), None)
    if dated and "horizon" not in asked.table:
        return origin, months.floor(asked.days(dated))
    _one_of(asked, ("horizon",), "the target month (target_date)")
    ahead = asked.numbers("horizon")
    if (bad := ahead % 1 != 0).any():
        row = ahead.index[bad][0]
        raise asked.wrong(row, f"horizon is {ahead[row]:g}, not a whole number of months")
    if dated:
        target_month = months.floor(asked.days(dated))
        return months_later(target_month, -ahead), target_month
    return origin, months_later(origin, ahead)


def _what(asked: ParseRequest) -> pd.Series | str:
    """The target: as stated, as in the table, else the study's target."""
    if asked.stated.target:
        return asked.stated.target
    return asked.text("target") if "target" in asked.table else asked.study.file.target.column


def _one_of(asked: ParseRequest, names: tuple[str, ...], what: str) -> str:
    for name in names:
        if name in asked.table:
            return name
    raise asked.lacks(names[0], what)
