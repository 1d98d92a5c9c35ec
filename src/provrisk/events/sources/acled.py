"""ACLED: event exports of 31 columns."""

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import coverage, lost_rows
from provrisk.events.formats import dates
from provrisk.events.formats.raw_file import RawFile
from provrisk.events.sources import parsed_rows
from provrisk.events.sources.parsed_rows import CountRules, ParsedRows, RowFilter
from provrisk.events.sources.source import Edition, Layout, Source
from provrisk.events.sources.vocabulary import grade, table, translate
from provrisk.text import plain

NAME = "ACLED"
COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1",
    "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting", "iso",
    "region", "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision", "source",
    "source_scale", "notes", "fatalities", "tags", "timestamp",
)  # fmt: skip
NEEDED = (
    "event_id_cnty", "event_date", "time_precision", "sub_event_type", "actor1", "inter1", "actor2", "inter2",
    "country", "admin1", "latitude", "longitude", "geo_precision", "fatalities",
)  # fmt: skip


FIRST_STAMP = pd.Timestamp(1997, 1, 1)
"""The first year of ACLED's data."""


def edition(raw: RawFile) -> Edition:
    """An export has no version: its last upload stamp identifies it, else its digest. It is never final.

    It covers the months from its first event to its last that were over when the newest row was uploaded; the last
    one only if it is complete: if events continue to its end, within their usual gaps.
    """
    days = _dates(raw.table.event_date)
    covered = coverage.spanned(days)
    days = coverage.together(days)
    if days.empty:
        raise lost_rows.undated(raw.name, raw.table.event_date)
    uploaded = _uploaded(raw)
    asked = uploaded if uploaded is not None else days.iloc[-1] + pd.Timedelta(days=1)
    covered = covered[covered < coverage.first_of(asked)]
    last = coverage.first_of(days.iloc[-1])
    if last in covered and coverage.ends_early(days, months.shift(last, 1) - pd.Timedelta(days=1), silent_days=7):
        covered = covered[covered < last]
    version = f"export of {uploaded:%Y-%m-%d}" if uploaded is not None else f"file {raw.digest}"
    return Edition(version, False, covered, uploaded)


def _uploaded(raw: RawFile) -> pd.Timestamp | None:
    """The newest readable upload stamp of an export, if any."""
    texts = raw.table.get("timestamp", pd.Series(dtype="str"))
    texts = texts[~parsed_rows.is_absent(texts)]
    stamps = texts.map({text: _stamp(text) for text in texts.unique()})
    if len(texts) and stamps.isna().all():
        raise ProvriskError(
            f"{raw.name} is stamped {plain(texts.iloc[0], 40)!r} in the column 'timestamp', which is not a time: "
            "export it again, or leave the column out."
        )
    return stamps.max() if len(texts) else None


def _stamp(text: str) -> pd.Timestamp | None:
    """The time of a stamp in seconds (or milliseconds) since 1970, or written out; None if it is not a time."""
    value = pd.to_numeric(text, errors="coerce")
    if pd.isna(value):
        time = pd.to_datetime(text, errors="coerce", utc=True)
    else:
        time = pd.to_datetime(value / 1000 if value >= 1e11 else value, unit="s", errors="coerce", utc=True)
    if pd.isna(time) or not FIRST_STAMP <= time.tz_localize(None) <= pd.Timestamp.now() + pd.Timedelta(days=1):
        return None
    return time.tz_localize(None)


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, rules: CountRules) -> ParsedRows:
    """Violent events in which one of the study's actors (exact names) is actor1 or actor2."""
    words = table("acled")
    row_filter = RowFilter(raw)
    sides = [rules.asks(raw[name].str.strip()) for name in ("actor1", "actor2")]
    row_filter.not_requested(~(sides[0] | sides[1]), "other actor")
    parsed_rows.check_country(row_filter, raw.country, rules)
    kind = raw.sub_event_type.str.strip()
    row_filter.not_requested(kind.isin(words["no_attack"]["sub_event_type"]), "no attack: " + kind)
    raw = row_filter.only_asked(NEEDED)
    sides, kind = [one[raw.index] for one in sides], kind[raw.index]
    attack = kind.map(words["attack_type"]).astype("str")
    row_filter.set_aside(attack.isna(), "sub-event type unknown: " + kind)
    day = _dates(raw.event_date)
    parsed_rows.check_dates(row_filter, day, day, raw.event_date)
    deaths = parsed_rows.counts_of(row_filter, {"deaths_best": "fatalities"})
    row_filter.remark(parsed_rows.is_absent(raw.fatalities), "deaths not given")
    party = [_party(raw[name], words["party"]) for name in ("inter1", "inter2")]
    other = party[1].where(sides[0], party[0])
    events = pd.DataFrame(
        {
            "event_id": raw.event_id_cnty,
            "date": day,
            "date_end": day,
            "date_precision": grade(raw.time_precision, words["date_precision"]),
            **parsed_rows.coordinates(raw, "latitude", "longitude"),
            "place_precision": grade(raw.geo_precision, words["place_precision"]),
            "actor": raw.actor1.where(sides[0], raw.actor2).str.strip(),
            "violence_type": other.map(words["violence_type"]).astype("str"),
            "attack_type": attack,
            "target_type": other.map(words["target_type"]).astype("str"),
            "source": NAME,
            "release": version,
        }
    ).join(deaths)
    events = parsed_rows.place(row_filter, raw.admin1, events, rules)
    parsed_rows.check_precision(row_filter, events, rules.rules)
    return parsed_rows.finish(row_filter, events, covered, rules.places)


def _party(codes: pd.Series, words: dict[str, str | int]) -> pd.Series:
    return translate(codes, words).fillna(codes.str.strip())


def _dates(texts: pd.Series) -> pd.Series:
    return parsed_rows.dates(texts.str.strip(), dates.DAY)


SOURCE = Source(
    key="acled",
    name=NAME,
    marks=frozenset({"event_id_cnty", "sub_event_type"}),
    needed=NEEDED,
    edition=edition,
    read=read,
    licence="ACLED terms of use: attribution with the date of access; no access to its rows for others",
    citation="Armed Conflict Location & Event Data Project (ACLED), events counted by province and month.",
    url="https://acleddata.com/",
    shareable=False,
    says=("attack_type", "target_type"),
    order=COLUMNS,
    dates={"event_date": dates.DAY},
    layout=Layout(("admin1",), "country", "latitude", "longitude", (("actor1", "actor1"), ("actor2", "actor2"))),
)
