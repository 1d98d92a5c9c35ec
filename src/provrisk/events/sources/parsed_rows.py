"""The result of reading an event file: events or monthly totals, the excluded rows, and the covered months."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from provrisk import months
from provrisk.events import lost_rows
from provrisk.events.formats.cell_text import each
from provrisk.events.gazetteer import Gazetteer
from provrisk.events.lost_rows import LostRows
from provrisk.study.countries import alpha3
from provrisk.study.schema import Rules
from provrisk.text import plain

MOST = 10_000_000
"""Largest number of events or people in one row; a larger one is an error."""

ABSENT = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", ".", "-", "--", "?"})
"""Cell values, in any case, that mean no figure."""
GROUPED, DECIMAL = r"[0-9]{1,3}(,[0-9]{3})+", r"-?[0-9]+,[0-9]+"

EVENT_COLUMNS = [
    "event_id", "date", "date_end", "date_precision", "province", "latitude", "longitude", "place_precision",
    "actor", "violence_type", "attack_type", "target_type", "km_to_capital",
    "deaths_best", "deaths_low", "deaths_high", "deaths_civilians", "source", "release",
]  # fmt: skip


ALL = "all"
"""In [actor] of a study: any actor."""


@dataclass(frozen=True)
class CountRules:
    """The request of a study to a source: its actor's names or identifiers there, its country, places and rules."""

    actors: tuple[str, ...]
    country: str
    places: Gazetteer
    rules: Rules
    iso3: str | None = None

    def asks(self, actors: pd.Series) -> pd.Series:
        """Which of ``actors`` the study counts; a study of "all" counts the rows of all actors."""
        return actors.isin(self.actors) | (ALL in self.actors)


@dataclass(frozen=True)
class ParsedRows:
    """One event file with all rows accounted for: ``rows == counted + len(set_aside)``.

    ``why`` is the reason for each excluded row, by its line; ``remarks`` are numbers of counted rows to be checked,
    with reasons. ``covered`` are the months that the file covers: a month among them without an event is a true zero,
    any other month is missing. ``loss`` are the actor's rows that could not be read; a month of which every row was
    lost is not covered. A source of monthly totals has no events, but ``totals`` (month, province and measures of
    ``counts``), where a month and province without a row is missing.
    """

    events: pd.DataFrame
    why: pd.Series
    rows: int
    covered: pd.DatetimeIndex
    remarks: Mapping[str, int] = field(default_factory=dict)
    totals: pd.DataFrame | None = None
    loss: LostRows = field(default_factory=LostRows)

    @property
    def counted(self) -> int:
        """The number of counted rows."""
        return self.rows - len(self.why)

    @property
    def set_aside(self) -> pd.DataFrame:
        """The excluded rows: their ``row`` number and the ``reason``."""
        return pd.DataFrame({"row": self.why.index, "reason": self.why.array})

    def reasons(self) -> pd.Series:
        """The number of excluded rows for each reason, most frequent first."""
        return self.why.value_counts()


class RowFilter:
    """Divides the rows of a raw table into used and excluded; the first reason for a row is used."""

    def __init__(self, raw: pd.DataFrame) -> None:
        self.rows = len(raw)
        self.remarked: dict[str, pd.Series] = {}
        self.here = True
        self.gone = pd.Series(dtype="str", name="reason")
        self._begin(raw)

    def _begin(self, raw: pd.DataFrame) -> None:
        self.raw = raw
        self.reason = pd.Series("", index=raw.index, name="reason", dtype="str")
        self.asked = pd.Series(True, index=raw.index)
        self.lost = pd.Series("", index=raw.index, dtype="str")
        self.cells = pd.Series("", index=raw.index, dtype="str")
        self.when = pd.Series("", index=raw.index, dtype="str")

    def set_aside(self, rows: pd.Series, reason: str | pd.Series) -> None:
        """Exclude the ``rows`` (a mask over the raw table) that are still used."""
        hit = rows & (self.reason == "")
        # A reason may quote the file, and is shown on terminals and pages.
        self.reason[hit] = reason[hit].map(_quoted) if isinstance(reason, pd.Series) else reason

    def not_requested(self, rows: pd.Series, reason: str | pd.Series) -> None:
        """Exclude the ``rows`` that the study does not need, such as another actor's; these are not faults."""
        self.asked &= ~rows | (self.reason != "")
        self.set_aside(rows, reason)

    def only_asked(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows of the study's actor and country, which alone are read further; ``columns``: what of them is used.

        Call it before any of them is excluded. Of a worldwide file few rows remain.
        """
        self.gone = self.reason[~self.asked]
        wanted = self.raw if columns is None else self.raw[list(columns)]
        self._begin(wanted[self.asked])
        return self.raw

    def lose(self, rows: pd.Series, what: str, cells: pd.Series, reason: str | pd.Series) -> None:
        """Exclude ``rows`` whose ``what`` ("date" or "place"), written in ``cells``, cannot be read."""
        hit = rows & (self.reason == "")
        self.lost[hit] = what
        self.cells[hit] = cells[hit].astype("str")
        self.set_aside(rows, reason)

    def remark(self, rows: pd.Series, text: str) -> None:
        """Use the ``rows``, with the remark ``text`` on their number."""
        self.remarked[text] = rows

    @property
    def kept(self) -> pd.Series:
        """The rows that are not excluded, a mask."""
        return self.reason == ""

    def remarks(self) -> dict[str, int]:
        """The number of used rows for each remark."""
        found = {text: int((rows & self.kept).sum()) for text, rows in self.remarked.items()}
        return {text: number for text, number in found.items() if number}

    def why(self) -> pd.Series:
        """The reason for each excluded row, in order of their numbers."""
        return pd.concat([self.gone, self.reason[~self.kept]]).sort_index()

    def loss(self, month: pd.Series, places: Gazetteer) -> LostRows:
        """The lost rows, and the months without any remaining row; ``month`` of each row, NaT if unknown."""
        gone = self.lost != ""
        if not gone.any():
            return LostRows(of=int(self.asked.sum()))
        undated = lost_rows.hints(self.cells[self.lost == "date"]).explode()
        touched = pd.concat([month[self.lost == "place"], pd.to_datetime(undated)]).dropna().unique()
        left = pd.DatetimeIndex(sorted(set(pd.DatetimeIndex(touched)) - set(month[self.kept].dropna())))
        why = lost_rows.examples(self.lost[gone], self.cells[gone], self.when[self.asked], places.explained)
        return LostRows(int(gone.sum()), int(self.asked.sum()), why, left)


def _quoted(reason: str) -> str:
    return plain(reason, 300)


def counts_of(row_filter: RowFilter, names: Mapping[str, str], absent: frozenset[str] = frozenset()) -> pd.DataFrame:
    """Columns of ``sieve.raw`` (values of ``names``) as counts: missing if not given or not readable.

    ``absent`` are the source's own codes for a figure that is not given. A row with a cell that is something else and
    not a count gets a remark; the reader decides whether the row is used without the figure.
    """
    out = {}
    for ours, theirs in names.items():
        text = row_filter.raw[theirs]
        values = number(text, thousands=True)
        bad = ~values.between(0, MOST) | (values % 1 != 0)
        out[ours] = values.mask(bad)
        if bad.any():
            given = ~is_absent(text, absent)
            row_filter.remark(bad & given, f"{theirs} is not a count, so it is missing")
    return pd.DataFrame(out, index=row_filter.raw.index)


def is_absent(texts: pd.Series, codes: frozenset[str] = frozenset()) -> pd.Series:
    """Which cells have no figure: empty, or a usual text for that, or one of ``codes``."""
    return each(texts, lambda cells: cells.str.strip().str.casefold().isin(ABSENT) | cells.str.strip().isin(codes))


def number(texts: pd.Series, thousands: bool = False) -> pd.Series:
    """Numbers, missing if there is none; a comma is read if its meaning is clear.

    In counts (``thousands``) 1,200 and 1 200 are twelve hundred; elsewhere 34,5 is thirty-four and a half.
    """
    return each(texts, partial(_number, thousands=thousands))


def _number(texts: pd.Series, thousands: bool) -> pd.Series:
    out = pd.to_numeric(texts, errors="coerce")
    rest = texts[out.isna() & (texts != "")].str.strip()
    if rest.empty:
        return out
    if thousands:
        rest = rest.str.replace(r"[\s\u00a0\u202f']", "", regex=True)
        rest = rest.where(~rest.str.fullmatch(GROUPED), rest.str.replace(",", ""))
    rest = rest.where(~rest.str.fullmatch(DECIMAL), rest.str.replace(",", "."))
    return out.fillna(pd.to_numeric(rest, errors="coerce"))


def code(texts: pd.Series) -> pd.Series:
    """Identifiers and codes as text: 234.0, as written for a column with empty cells, is 234."""
    return each(texts, lambda cells: cells.str.strip().str.replace(r"^(-?[0-9]+)\.0+$", r"\1", regex=True))


def coordinates(raw: pd.DataFrame, latitude: str, longitude: str) -> dict[str, pd.Series]:
    """The columns ``latitude`` and ``longitude`` of ``raw`` in degrees, missing if invalid."""
    found = {"latitude": (latitude, 90), "longitude": (longitude, 180)}
    values = {ours: number(raw[theirs]) for ours, (theirs, _) in found.items()}
    return {ours: one.where(one.between(-found[ours][1], found[ours][1])) for ours, one in values.items()}


def check_country(row_filter: RowFilter, country: pd.Series | None, rules: CountRules) -> None:
    """Exclude rows of another country, if a source names countries, by any of their usual names.

    A file without a row of the study's country does not cover any of its months.
    """
    if country is not None:
        same = each(country, lambda names: names.map(partial(_same_country, rules)).astype(bool))
        row_filter.here = bool(same.any())
        row_filter.not_requested(~same, "other country")


def _same_country(rules: CountRules, name: str) -> bool:
    if rules.places.same(name, rules.country):
        return True
    return rules.iso3 is not None and alpha3(name) == rules.iso3


def place(row_filter: RowFilter, names: pd.Series, events: pd.DataFrame, rules: CountRules) -> pd.DataFrame:
    """``events`` with ``province`` and ``km_to_capital``; rows that cannot be placed are excluded.

    The source's own name is used first. If there is none, or an unknown one, coordinates place
    the row if the study has boundaries and by the source the place is a province or finer. A row without a
    name is lost, unless by the source the place is not known better.
    """
    places = rules.places
    province = places.match(names)
    fine = ~(events.place_precision > 4)
    located = places.locate(events.latitude, events.longitude, province.isna() & fine & row_filter.kept)
    row_filter.remark(province.isna() & located.notna(), "placed by coordinates, without a known name")
    province = province.fillna(located)
    empty = province.isna() & (names.str.strip() == "")
    row_filter.set_aside(empty & ~fine, "no province given")
    row_filter.lose(empty, "place", names, "no province given")
    unknown = names[province.isna() & row_filter.kept]
    reason = "province unknown: " + names.map(places.explained(unknown)).astype("str")
    row_filter.lose(province.isna(), "place", names, reason)
    # The centroid of a province does not give the distance to its capital.
    exact = events.place_precision.isna() | (events.place_precision < 4)
    km = places.km_to_capital(events.latitude, events.longitude).where(exact)
    return events.assign(province=province, km_to_capital=km)


def check_precision(row_filter: RowFilter, events: pd.DataFrame, rules: Rules) -> None:
    """Exclude rows with a date or place less precise than required by the study."""
    if rules.coarsest_date is not None:
        row_filter.set_aside(events.date_precision > rules.coarsest_date, "precision too low: date")
    if rules.coarsest_place is not None:
        row_filter.set_aside(events.place_precision > rules.coarsest_place, "precision too low: place")


def check_dates(row_filter: RowFilter, start: pd.Series, end: pd.Series, cells: pd.Series) -> None:
    """Lose rows whose dates cannot be read or end before the start; ``cells`` are the starts as written."""
    row_filter.when = cells
    row_filter.lose(start.isna() | end.isna(), "date", cells, "date not readable")
    row_filter.lose(end < start, "date", cells, "ends before it starts")


def until(end: pd.Series, cells: pd.Series, start: pd.Series) -> pd.Series:
    """``end``, where an event's end is not given (in ``cells``) its ``start``."""
    return end.mask(is_absent(cells), start)


def dates(texts: pd.Series, *formats: str) -> pd.Series:
    """Dates written in one of ``formats``, missing if none fits or the year is out of range."""

    def read(cells: pd.Series) -> pd.Series:
        out = pd.to_datetime(cells, format=formats[0], errors="coerce")
        for pattern in formats[1:]:
            out = out.fillna(pd.to_datetime(cells, format=pattern, errors="coerce"))
        return plausible(out)

    return each(texts, read)


def plausible(days: pd.Series) -> pd.Series:
    """``days``, missing if the year is out of range."""
    return days.where(days.dt.year.between(months.FIRST_YEAR, months.LAST_YEAR))


def finish(row_filter: RowFilter, events: pd.DataFrame, covered: pd.DatetimeIndex, places: Gazetteer) -> ParsedRows:
    """The reading of a sorted table."""
    # An excluded row must not remove a good one.
    again = events.event_id[row_filter.kept].duplicated(keep="last").reindex(events.index, fill_value=False)
    row_filter.set_aside(again, "identifier repeated further down")
    lost = row_filter.loss(months.floor(events.date), places)
    kept = events.reindex(columns=EVENT_COLUMNS)[row_filter.kept].reset_index(drop=True)
    stated = covered.difference(lost.months) if row_filter.here else covered[:0]
    return ParsedRows(kept, row_filter.why(), row_filter.rows, stated, row_filter.remarks(), loss=lost)
