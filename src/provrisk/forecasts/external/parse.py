"""Shared parts of the readers of external forecasts: the request for a file, and the result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from types import MappingProxyType

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import gazetteer
from provrisk.events.formats import dates
from provrisk.events.sources.parsed_rows import RowFilter
from provrisk.forecasts.external.columns import renamed
from provrisk.forecasts.predictions import CELL, TOTAL
from provrisk.study import Study

VALUES = [*CELL, "issued", "output_type", "output_type_id", "value", "row"]
"""A row for each value: its cell, day of publication, output type as in hubverse tables, and line in the file."""

CAME = ["target", "month", "province", "value"]

OBSERVED = "observed"
"""Output type of a forecaster's observed values, which are not forecasts."""

MODELS = ("model_id", "model", "model_name")
"""Columns that name the model of a row, if a file has several."""

THOUSANDS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"

WHERE, WHEN = ("province", "location", "admin1"), ("month", "target_date", "target_end_date", "origin_date")
"""Columns with the place and month of a line."""

NATION = ("total", "national", "country")


@dataclass(frozen=True)
class Stated:
    """The user's statements on a file, for facts that are not in the file.

    ``target`` is what is forecast, ``issued`` the day of publication and ``added`` the day it was
    stored; ``interval`` is the level in per cent of a plain table's low and high; ``places`` names the province of
    each grid cell; ``model`` is the one to read, if the file has several.
    """

    added: pd.Timestamp
    issued: pd.Timestamp | None = None
    target: str | None = None
    interval: int = 80
    places: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None


class ParseRequest:
    """A request: a file, the study, and the user's statements.

    Columns have the names of the format, by its ``aliases``; empty rows are skipped.
    """

    def __init__(
        self,
        file: str,
        table: pd.DataFrame,
        study: Study,
        stated: Stated,
        aliases: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.names = renamed(table.columns.map(str), aliases)
        bare = table.map(lambda value: not str(value).strip()).all(axis=1) if table.dtypes.map(_is_text).all() else None
        self.table = (table if bare is None else table[~bare]).set_axis(list(self.names.values()), axis=1)
        self.file, self.study, self.stated, self.rows = file, study, stated, len(table)
        self.read: set[str] = set()
        self.sieve = RowFilter(self.table)
        provinces = study.provinces
        self.gazetteer = gazetteer.Gazetteer(provinces)
        codes = {code: str(name) for kind in ("iso", "pcode") for name, code in provinces[kind].items() if code}
        nation = {
            gazetteer.key(name): TOTAL for name in (*NATION, study.file.country, *country_codes(study.file.country))
        }
        self.known = {gazetteer.key(code): name for code, name in codes.items()} | nation

    def wrong(self, row: int, what: str) -> ProvriskError:
        """The error for a line that cannot be read, with its line number, place and month."""
        own = self.table.loc[row]
        told = [next((str(own[name]).strip() for name in names if name in own), "") for names in (WHERE, WHEN)]
        about = f" ({', '.join(filter(None, told))})" if any(told) else ""
        return ProvriskError(f"{self.file}, line {row}{about}: {what}.")

    def lacks(self, column: str, what: str) -> ProvriskError:
        """The error for a missing column."""
        header = ", ".join(map(str, self.table.columns))
        return ProvriskError(f"{self.file} has no column {column!r}, {what}: its header is {header}.")

    def text(self, column: str) -> pd.Series:
        """A column as text without the blanks around it; missing is empty."""
        self.read.add(column)
        values = self.table[column]
        if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
            values = values.astype("Int64")  # an identifier that was read as a number
        return _once(values, lambda own: own.astype("str").where(own.notna(), "").str.strip())

    def numbers(self, column: str, empty: bool = False) -> pd.Series:
        """A column of numbers that are not negative; with ``empty``, missing ones are NaN."""
        self.read.add(column)
        said = self.table[column].astype("str").str.strip()
        bare = self.table[column].isna() | (said == "")
        plain = self.table[column].where(~bare)
        if plain.dtype == object or pd.api.types.is_string_dtype(plain):
            plain = plain.mask(said.str.fullmatch(THOUSANDS).astype(bool), said.str.replace(",", ""))
        values = pd.to_numeric(plain, errors="coerce").astype(float)
        bad = (values.isna() & ~(bare & empty)) | np.isinf(values) | (values < 0)
        if bad.any():
            row = bad.index[bad][0]
            raise self.wrong(row, f"{column} is {said[row]!r}; a number of 0 or more is needed")
        return values

    def days(self, column: str, empty: bool = False) -> pd.Series:
        """A column of days, or of months, read as their first day."""
        self.read.add(column)
        if pd.api.types.is_datetime64_any_dtype(self.table[column]):
            return self.table[column].astype("datetime64[us]")
        said = self.text(column)
        values = _once(said, _day)
        if (other := values.isna() & (said != "")).any():
            values = values.where(~other, _once(said.where(other, ""), partial(_day_of_any_form, what=column)))
        bad = values.isna() & ~((said == "") & empty)
        if bad.any():
            row = bad.index[bad][0]
            raise self.wrong(row, f"{column} is {said[row]!r}, not a day or month: write it as 2014-06-30 or 2014-06")
        return values

    def one_model(self) -> None:
        """Exclude rows of models other than the stated one.

        Raises ``ProvriskError`` if the file holds several and none was stated, or not the one that was.
        """
        column = next((name for name in MODELS if name in self.table), None)
        wanted = self.stated.model
        if column is None:
            if wanted:
                raise ProvriskError(f"{self.file} names no models (no column {MODELS[0]}): leave out --model.")
            return
        said = self.text(column)
        there = sorted(said.unique())
        if wanted is None and len(there) > 1:
            raise ProvriskError(
                f"{self.file} has the forecasts of {len(there)} models ({', '.join(there[:8])}): add each separately "
                "with --model and its own name."
            )
        if wanted is not None and wanted not in there:
            raise ProvriskError(f"{self.file} has no model {wanted!r}; it has {', '.join(there[:8])}.")
        self.sieve.set_aside(said != (wanted or said), "another model")

    def unread(self) -> tuple[str, ...]:
        """The columns that were not used, by their names in the file."""
        return tuple(theirs for theirs, ours in self.names.items() if ours not in self.read and theirs.strip())

    def provinces(self, names: pd.Series) -> pd.Series:
        """Canonical names, TOTAL for the country's; rows that cannot be placed are excluded."""
        ours = {name: self.known.get(gazetteer.key(name)) for name in names.unique()}
        found = self.gazetteer.match(names).fillna(names.map(ours).astype("str"))
        self.sieve.set_aside(found.isna() & (names == ""), "no province given")
        unknown = names[found.isna() & self.sieve.kept]
        if len(unknown):
            reasons = "province unknown: " + unknown.map(self.gazetteer.explained(unknown))
            self.sieve.set_aside(found.isna(), reasons.reindex(names.index))
        return found

    def issued(self, own: pd.Series | None = None, several_origins: bool = False) -> pd.Series:
        """The day on which each row was published: the file's own, else the one stated, else the day it was added.

        The file's own day is in its column "issued", else in the days ``own`` of its format. A file with several
        origins is a backtest, which was not published month by month: its day is missing.
        """
        days = self.days("issued", empty=True) if "issued" in self.table else own
        if days is None:
            days = pd.Series(pd.NaT, index=self.table.index)
        fallback = self.stated.issued or (pd.NaT if several_origins else self.stated.added)
        return days.astype("datetime64[us]").where(days.notna(), fallback)

    def timed(self, target_month: pd.Series, issued: pd.Series) -> pd.DataFrame:
        """Origin and horizon of forecasts that have only a day of publication.

        The origin is the last month that was over on that day, at the latest the month before the target: what is
        published later still counts as one month ahead, and is a nowcast.
        """
        over, before = months_later(months.floor(issued), -1), months_later(target_month, -1)
        origin = over.where(over < before, before)
        return pd.DataFrame({"origin": origin, "horizon": months_between(origin, target_month)})


def _once(values: pd.Series, make: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """``make(values)``, computed once for each different value, since tables of draws repeat them many times."""
    codes, different = pd.factorize(values, use_na_sentinel=False)
    return make(pd.Series(different)).take(codes).set_axis(values.index)


@cache
def country_codes(country: str) -> tuple[str, ...]:
    """The ISO codes of a country, of two and three letters; none for a name that is not in the standard."""
    import pycountry

    try:
        found = pycountry.countries.lookup(country)
    except LookupError:
        return ()
    return found.alpha_2, found.alpha_3


def _is_text(kind: object) -> bool:
    return pd.api.types.is_string_dtype(kind) or pd.api.types.is_object_dtype(kind)


def _day(said: pd.Series) -> pd.Series:
    """Days or months as text to days, missing if it is neither."""
    whole = said.where(~said.str.fullmatch(r"\d{4}-\d{2}"), said + "-01").str.replace(r"[T ]00:00.*$", "", regex=True)
    days = pd.to_datetime(whole.where(said != ""), format="%Y-%m-%d", errors="coerce")
    return days.astype("datetime64[us]")


def _day_of_any_form(said: pd.Series, what: str) -> pd.Series:
    """Days in another format (30/06/2014, June 2014, Jun-14), if the column is unambiguous; else missing."""
    try:
        days = dates.read_days(said, what)
    except ProvriskError:  # day or month first?
        days = pd.Series(pd.NaT, index=said.index)
    whole = dates.in_months(said.where(days.isna(), ""), what)
    month = pd.to_datetime(whole.where(whole.str.fullmatch(r"\d{4}-\d{2}"), None), format="%Y-%m", errors="coerce")
    return days.fillna(month).astype("datetime64[us]")


def months_later(month: pd.Series, number: "pd.Series | int") -> pd.Series:
    """Each month moved by a whole number of months."""
    whole = number if isinstance(number, int) else number.astype("int64")
    return (month.dt.to_period("M") + whole).dt.to_timestamp().astype("datetime64[us]")


def months_between(first: pd.Series, last: pd.Series) -> pd.Series:
    """The number of months from ``first`` to ``last``."""
    return ((last.dt.year - first.dt.year) * 12 + last.dt.month - first.dt.month).astype("int64")


@dataclass(frozen=True)
class ParsedForecast:
    """One file as values (``VALUES``), with all rows counted: their number, and the excluded ones by reason.

    ``unread`` names the columns that were not used; ``observed`` are values reported by the forecaster: target, month,
    province, value, the latest last.
    """

    values: pd.DataFrame
    rows: int
    set_aside: Mapping[str, int]
    unread: tuple[str, ...] = ()
    observed: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CAME))

    @property
    def months(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The first and last month that is forecast."""
        ends = self.values[["origin", "horizon"]].drop_duplicates()
        targets = [months.shift(origin, int(horizon)) for origin, horizon in ends.itertuples(index=False)]
        return min(targets), max(targets)


def finish(asked: ParseRequest, values: pd.DataFrame, observed: pd.DataFrame | None = None) -> ParsedForecast:
    """The values read, and the values ``observed`` by the forecaster.

    Raises ``ProvriskError`` if there are none, or two rows are for the same cell.
    """
    aside = asked.sieve.why().value_counts() if len(asked.table) else pd.Series(dtype="int64")
    if values.empty:
        why = "; ".join(f"{reason} ({number:,} rows)" for reason, number in aside.head(3).items())
        raise ProvriskError(f"{asked.file} has nothing on {asked.study.file.title}: {why or 'it has no row'}.")
    twice = values.duplicated([*CELL, "issued", "output_type", "output_type_id"], keep=False)
    if twice.any():
        same = values[twice].sort_values([*CELL, "issued", "output_type", "output_type_id", "row"]).row.iloc[:2]
        raise asked.wrong(same.iloc[1], f"repeats the month and place of line {same.iloc[0]}: keep one")
    reasons = {str(k): int(v) for k, v in aside.items()}
    if blank := asked.rows - len(asked.table):
        reasons["empty row"] = blank
    came = pd.DataFrame(columns=CAME) if observed is None else observed[CAME].reset_index(drop=True)
    return ParsedForecast(values[VALUES].reset_index(drop=True), asked.rows, reasons, asked.unread(), came)
