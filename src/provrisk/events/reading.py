"""What comes out of an event file: events or monthly totals, the rows set aside, and the months it covers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from provrisk import months
from provrisk.events.places import Gazetteer
from provrisk.study.schema import Rules
from provrisk.text import plain

MOST = 10_000_000
"""Events, or people, that one row may tell of; a figure beyond it is a slip of the pen."""

EVENT_COLUMNS = [
    "event_id", "date", "date_end", "date_precision", "province", "latitude", "longitude", "place_precision",
    "actor", "violence_type", "attack_type", "target_type", "km_to_capital",
    "deaths_best", "deaths_low", "deaths_high", "deaths_civilians", "source", "release",
]  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What a study asks of a source: its actor's names or identifiers there, its country, places and rules."""

    actors: tuple[str, ...]
    country: str
    places: Gazetteer
    rules: Rules


@dataclass(frozen=True)
class Reading:
    """One event file, every row accounted for: ``rows == counted + len(set_aside)``.

    ``set_aside`` holds the original values of each such row after its ``row`` number (the first row
    below the header is 1) and the ``reason``; ``remarks`` says how many counted rows deserve a second
    look, and why. ``covered`` are the months that the file covers: a month among them without an event
    is a true zero, any other month is missing. A source of monthly totals has no events, but ``totals``
    (month, province and measures of ``counts``), where a month and province without a row is missing.
    """

    events: pd.DataFrame
    set_aside: pd.DataFrame
    rows: int
    covered: pd.DatetimeIndex
    remarks: Mapping[str, int] = field(default_factory=dict)
    totals: pd.DataFrame | None = None

    @property
    def counted(self) -> int:
        """How many rows were counted."""
        return self.rows - len(self.set_aside)

    def reasons(self) -> pd.Series:
        """How many rows were set aside for each reason, most frequent first."""
        return self.set_aside.reason.value_counts()


class Sieve:
    """Sorts the rows of a raw table into kept and set aside; the first reason given to a row stands."""

    def __init__(self, raw: pd.DataFrame) -> None:
        self.raw = raw
        self.reason = pd.Series("", index=raw.index, name="reason", dtype="str")
        self.remarked: dict[str, pd.Series] = {}

    def set_aside(self, rows: pd.Series, reason: str | pd.Series) -> None:
        """Set aside the ``rows`` (a mask over the raw table) that are still kept."""
        hit = rows & (self.reason == "")
        # A reason may quote the file, and goes to terminals and pages.
        self.reason[hit] = reason[hit].map(_quoted) if isinstance(reason, pd.Series) else reason

    def remark(self, rows: pd.Series, text: str) -> None:
        """Keep the ``rows``, and say of how many of them that ``text`` holds."""
        self.remarked[text] = rows

    @property
    def kept(self) -> pd.Series:
        """The rows that have not been set aside, a mask."""
        return self.reason == ""

    def remarks(self) -> dict[str, int]:
        """How many of the rows kept each remark holds for."""
        found = {text: int((rows & self.kept).sum()) for text, rows in self.remarked.items()}
        return {text: number for text, number in found.items() if number}

    def table(self) -> pd.DataFrame:
        """The rows set aside: row number, reason, original values."""
        out = self.raw[~self.kept]
        return pd.concat([out.index.to_series(name="row"), self.reason[~self.kept], out], axis=1)


def _quoted(reason: str) -> str:
    return plain(reason, 300)


def counts_of(sieve: Sieve, names: Mapping[str, str], empty: bool = False) -> pd.DataFrame:
    """Columns of ``sieve.raw`` (values of ``names``) as counts; a row with anything else is set aside.

    With ``empty``, an empty cell is a figure that the source does not give: missing.
    """
    out = {}
    for ours, theirs in names.items():
        text = sieve.raw[theirs]
        values = pd.to_numeric(text, errors="coerce")
        bad = ~values.between(0, MOST) | (values % 1 != 0)
        sieve.set_aside(bad & ~((text.str.strip() == "") & empty), f"{theirs} is not a count")
        out[ours] = values.mask(bad)
    return pd.DataFrame(out, index=sieve.raw.index)


def coordinates(raw: pd.DataFrame, latitude: str, longitude: str) -> dict[str, pd.Series]:
    """The columns ``latitude`` and ``longitude`` of ``raw`` in degrees, missing where they are none."""
    found = {"latitude": (latitude, 90), "longitude": (longitude, 180)}
    values = {ours: pd.to_numeric(raw[theirs], errors="coerce") for ours, (theirs, _) in found.items()}
    return {ours: one.where(one.between(-found[ours][1], found[ours][1])) for ours, one in values.items()}


def check_country(sieve: Sieve, country: pd.Series | None, question: Question) -> None:
    """Set aside what lies in another country, where a source names countries."""
    if country is not None:
        same = {name: question.places.same(name, question.country) for name in country.unique()}
        sieve.set_aside(~country.map(same).astype(bool), "other country")


def place(sieve: Sieve, names: pd.Series, events: pd.DataFrame, question: Question) -> pd.DataFrame:
    """``events`` with ``province`` and ``km_to_capital``; rows that cannot be placed are set aside.

    The source's own name comes first. Where it gives none, or one that nobody knows, coordinates place
    the row if the study has boundaries and the source says that the place is a province or finer.
    """
    places = question.places
    province = places.match(names)
    fine = ~(events.place_precision > 4)
    located = places.locate(events.latitude, events.longitude, province.isna() & fine & sieve.kept)
    sieve.remark(province.isna() & located.notna(), "placed by coordinates, for want of a known name")
    province = province.fillna(located)
    sieve.set_aside(province.isna() & (names.str.strip() == ""), "no province given")
    unknown = names[province.isna() & sieve.kept]
    sieve.set_aside(province.isna(), "province unknown: " + names.map(places.explained(unknown)).astype("str"))
    # The centroid of a province tells nothing about the distance to its capital.
    exact = events.place_precision.isna() | (events.place_precision < 4)
    km = places.km_to_capital(events.latitude, events.longitude).where(exact)
    return events.assign(province=province, km_to_capital=km)


def check_precision(sieve: Sieve, events: pd.DataFrame, rules: Rules) -> None:
    """Set aside what is dated or placed more coarsely than the study asks for."""
    if rules.coarsest_date is not None:
        sieve.set_aside(events.date_precision > rules.coarsest_date, "precision too low: date")
    if rules.coarsest_place is not None:
        sieve.set_aside(events.place_precision > rules.coarsest_place, "precision too low: place")


def check_dates(sieve: Sieve, start: pd.Series, end: pd.Series) -> None:
    """Set aside rows whose dates cannot be read or run backwards."""
    sieve.set_aside(start.isna() | end.isna(), "date not readable")
    sieve.set_aside(end < start, "ends before it starts")


def dates(texts: pd.Series, *formats: str) -> pd.Series:
    """Dates written in one of ``formats``, missing where none fits or the year is none of records of events."""
    out = pd.to_datetime(texts, format=formats[0], errors="coerce")
    for pattern in formats[1:]:
        out = out.fillna(pd.to_datetime(texts, format=pattern, errors="coerce"))
    return plausible(out)


def plausible(days: pd.Series) -> pd.Series:
    """``days``, missing where the year is none that records of events hold."""
    return days.where(days.dt.year.between(months.FIRST_YEAR, months.LAST_YEAR))


def finish(sieve: Sieve, events: pd.DataFrame, covered: pd.DatetimeIndex) -> Reading:
    """The reading of a sorted table."""
    sieve.set_aside(events.event_id.duplicated(keep="last"), "identifier repeated further down")
    kept = events.reindex(columns=EVENT_COLUMNS)[sieve.kept].reset_index(drop=True)
    return Reading(kept, sieve.table(), len(sieve.raw), covered, sieve.remarks())
