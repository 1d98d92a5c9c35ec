"""What the readers of other people's forecasts share: what is asked of a file, and what comes out of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from types import MappingProxyType

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import dates, places
from provrisk.events.reading import Sieve
from provrisk.forecasts.columns import renamed
from provrisk.forecasts.predictions import CELL, TOTAL
from provrisk.study import Study

VALUES = [*CELL, "issued", "output_type", "output_type_id", "value", "row"]
"""A row a value: whose cell, the day it was published, what it is as in hubverse tables, and its line in the file."""

CAME = ["target", "month", "province", "value"]

OBSERVED = "observed"
"""Stands for an output type in what a forecaster says came, which is no forecast."""

MODELS = ("model_id", "model", "model_name")
"""Columns that name whose forecast a row is, where a file holds several."""

THOUSANDS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"

WHERE, WHEN = ("province", "location", "admin1"), ("month", "target_date", "target_end_date", "origin_date")
"""Columns that say which place and month a line is about."""

NATION = ("total", "national", "country")


@dataclass(frozen=True)
class Stated:
    """What the user said of a file, where it cannot tell itself.

    ``target`` is what is forecast, ``issued`` the day on which it was published and ``added`` that on which it was
    kept; ``interval`` is the percentage that a plain table's low and high enclose; ``places`` names the province of
    each grid cell; ``model`` is the one that is meant, where the file holds several.
    """

    added: pd.Timestamp
    issued: pd.Timestamp | None = None
    target: str | None = None
    interval: int = 80
    places: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None


class Asked:
    """A file, the study that asks what it says, and what the user stated.

    Columns are called as the format calls them, by ``aliases`` of its own; rows without any word are no rows.
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
        self.sieve = Sieve(self.table)
        provinces = study.provinces
        self.gazetteer = places.Gazetteer(provinces)
        codes = {code: str(name) for kind in ("iso", "pcode") for name, code in provinces[kind].items() if code}
        nation = {places.key(name): TOTAL for name in (*NATION, study.file.country, *country_codes(study.file.country))}
        self.known = {places.key(code): name for code, name in codes.items()} | nation

    def wrong(self, row: int, what: str) -> ProvriskError:
        """The sentence on a line that cannot be read, as an editor or a spreadsheet counts it, with place and month."""
        own = self.table.loc[row]
        told = [next((str(own[name]).strip() for name in names if name in own), "") for names in (WHERE, WHEN)]
        about = f" ({', '.join(filter(None, told))})" if any(told) else ""
        return ProvriskError(f"{self.file}, line {row}{about}: {what}.")

    def lacks(self, column: str, what: str) -> ProvriskError:
        """The sentence on a column that is needed."""
        header = ", ".join(map(str, self.table.columns))
        return ProvriskError(f"{self.file} lacks the column {column!r}, {what}: its header is {header}.")

    def text(self, column: str) -> pd.Series:
        """A column as text without the blanks around it; missing is empty."""
        self.read.add(column)
        values = self.table[column]
        if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
            values = values.astype("Int64")  # an identifier that was read as a number
        return _once(values, lambda own: own.astype("str").where(own.notna(), "").str.strip())

    def numbers(self, column: str, empty: bool = False) -> pd.Series:
        """A column of figures that are not negative; with ``empty``, one may lack and is then NaN."""
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
            raise self.wrong(row, f"{column} is {said[row]!r}, where a figure of 0 or more is needed")
        return values

    def days(self, column: str, empty: bool = False) -> pd.Series:
        """A column of days, or of months, which stand for their first day."""
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
            raise self.wrong(row, f"{column} is {said[row]!r}, no day or month: write it as 2014-06-30 or 2014-06")
        return values

    def one_model(self) -> None:
        """Set aside what is by another model than the one that was stated.

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
                f"{self.file} holds the forecasts of {len(there)} models ({', '.join(there[:8])}): add each by itself "
                "with --model, under a name of its own."
            )
        if wanted is not None and wanted not in there:
            raise ProvriskError(f"{self.file} has no model {wanted!r}: it has {', '.join(there[:8])}.")
        self.sieve.set_aside(said != (wanted or said), "another model")

    def unread(self) -> tuple[str, ...]:
        """The columns that nothing was read from, as the file calls them."""
        return tuple(theirs for theirs, ours in self.names.items() if ours not in self.read and theirs.strip())

    def provinces(self, names: pd.Series) -> pd.Series:
        """Canonical names, TOTAL for the country's; rows that cannot be placed are set aside."""
        ours = {name: self.known.get(places.key(name)) for name in names.unique()}
        found = self.gazetteer.match(names).fillna(names.map(ours).astype("str"))
        self.sieve.set_aside(found.isna() & (names == ""), "no province given")
        unknown = names[found.isna() & self.sieve.kept]
        if len(unknown):
            reasons = "province unknown: " + unknown.map(self.gazetteer.explained(unknown))
            self.sieve.set_aside(found.isna(), reasons.reindex(names.index))
        return found

    def issued(self, own: pd.Series | None = None, several_origins: bool = False) -> pd.Series:
        """The day on which each row was published: the file's own, else the one stated, else the day it was added.

        The file's own is its column "issued", else the days ``own`` that its format has for it. A file with several
        origins is somebody's backtest, which was never published month by month: nobody's word, and it is missing.
        """
        days = self.days("issued", empty=True) if "issued" in self.table else own
        if days is None:
            days = pd.Series(pd.NaT, index=self.table.index)
        fallback = self.stated.issued or (pd.NaT if several_origins else self.stated.added)
        return days.astype("datetime64[us]").where(days.notna(), fallback)

    def timed(self, target_month: pd.Series, issued: pd.Series) -> pd.DataFrame:
        """Origin and horizon of forecasts that say only when they were published.

        The origin is the last month that was over on that day, at the latest the month before the target: what is
        published later still counts as one month ahead, and is a nowcast.
        """
        over, before = months_later(months.floor(issued), -1), months_later(target_month, -1)
        origin = over.where(over < before, before)
        return pd.DataFrame({"origin": origin, "horizon": months_between(origin, target_month)})


def _once(values: pd.Series, make: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """``make(values)``, made once of each different value: tables of draws say the same millions of times."""
    codes, different = pd.factorize(values, use_na_sentinel=False)
    return make(pd.Series(different)).take(codes).set_axis(values.index)


@cache
def country_codes(country: str) -> tuple[str, ...]:
    """The ISO codes of a country, of two and three letters; none for a name that the standard has not."""
    import pycountry

    try:
        found = pycountry.countries.lookup(country)
    except LookupError:
        return ()
    return found.alpha_2, found.alpha_3


def _is_text(kind: object) -> bool:
    return pd.api.types.is_string_dtype(kind) or pd.api.types.is_object_dtype(kind)


def _day(said: pd.Series) -> pd.Series:
    """Days or months as text to days, missing where it is neither."""
    whole = said.where(~said.str.fullmatch(r"\d{4}-\d{2}"), said + "-01").str.replace(r"[T ]00:00.*$", "", regex=True)
    days = pd.to_datetime(whole.where(said != ""), format="%Y-%m-%d", errors="coerce")
    return days.astype("datetime64[us]")


def _day_of_any_form(said: pd.Series, what: str) -> pd.Series:
    """Days written in another way (30/06/2014, June 2014, Jun-14), where the column leaves no doubt; else missing."""
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
    """How many months ``last`` lies after ``first``."""
    return ((last.dt.year - first.dt.year) * 12 + last.dt.month - first.dt.month).astype("int64")


@dataclass(frozen=True)
class Read:
    """One file as values (``VALUES``), every row accounted for: how many there were, and those set aside by reason.

    ``unread`` names the columns that were not used; ``observed`` is what the forecaster says came: target, month,
    province, value, the last word last.
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


def finish(asked: Asked, values: pd.DataFrame, observed: pd.DataFrame | None = None) -> Read:
    """What was read, and what its maker ``observed``.

    Raises ``ProvriskError`` if nothing was, or two rows speak of one thing.
    """
    aside = asked.sieve.table().reason.value_counts() if len(asked.table) else pd.Series(dtype="int64")
    if values.empty:
        why = "; ".join(f"{reason} ({number:,} rows)" for reason, number in aside.head(3).items())
        raise ProvriskError(f"{asked.file} says nothing of {asked.study.file.title}: {why or 'it holds no row'}.")
    twice = values.duplicated([*CELL, "issued", "output_type", "output_type_id"], keep=False)
    if twice.any():
        same = values[twice].sort_values([*CELL, "issued", "output_type", "output_type_id", "row"]).row.iloc[:2]
        raise asked.wrong(
            same.iloc[1], f"says again what line {same.iloc[0]} says of the same month and place: keep one"
        )
    reasons = {str(k): int(v) for k, v in aside.items()}
    if blank := asked.rows - len(asked.table):
        reasons["empty row"] = blank
    came = pd.DataFrame(columns=CAME) if observed is None else observed[CAME].reset_index(drop=True)
    return Read(values[VALUES].reset_index(drop=True), asked.rows, reasons, asked.unread(), came)
