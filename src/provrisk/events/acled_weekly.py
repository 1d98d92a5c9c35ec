"""ACLED's open aggregates: events and deaths of all actors by week, first-level unit and type of event."""

import pandas as pd

from provrisk.events import dates, loss, reading, totals
from provrisk.events.raw import RawFile
from provrisk.events.reading import Question, Reading, Sieve
from provrisk.events.source import Edition, Layout, Source

NAME = "ACLED weekly aggregates"
NEEDED = ("WEEK", "COUNTRY", "ADMIN1", "EVENT_TYPE", "SUB_EVENT_TYPE", "EVENTS", "FATALITIES")
TYPES = ("DISORDER_TYPE", "EVENT_TYPE", "SUB_EVENT_TYPE")


def edition(raw: RawFile) -> Edition:
    """A table has no version: its digest identifies it. It is never final.

    It covers the months of which it has all weeks (from Saturday, the given day, to Friday).
    """
    start = _dates(raw.table.WEEK)
    if start.isna().all():
        raise loss.undated(raw.name, raw.table.WEEK)
    return Edition(f"file {raw.digest}", False, totals.whole_weeks(start), start.max() + totals.WEEK)


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, question: Question) -> Reading:
    """Totals of the disorder, event or sub-event types in the study, for all actors.

    The table has a row only if there were events: a covered month is zero in the other provinces.
    """
    sieve = Sieve(raw)
    kinds = [raw[name] for name in TYPES if name in raw]
    hits = [
        one.str.split(";").map(lambda words: any(word.strip() in question.actors for word in words)) for one in kinds
    ]
    sieve.not_asked(~pd.concat(hits, axis=1).any(axis=1) & (reading.ALL not in question.actors), "other type of event")
    reading.check_country(sieve, raw.COUNTRY, question)
    start = _dates(raw.WEEK)
    reading.check_dates(sieve, start, start, raw.WEEK)
    figures = reading.counts_of(sieve, {"attacks": "EVENTS", "deaths": "FATALITIES"})
    sieve.set_aside(figures.attacks.isna(), "no figure given")
    bare = pd.DataFrame({"place_precision": 4.0, "latitude": float("nan"), "longitude": float("nan")}, index=raw.index)
    province = reading.place(sieve, raw.ADMIN1, bare, question).province
    same = pd.concat([start, raw.ADMIN1, *kinds], axis=1)
    found = totals.finish(sieve, figures.assign(start=start, province=province), covered, same, question.places, True)
    return totals.with_zeros(found, question.places)


def _dates(texts: pd.Series) -> pd.Series:
    return reading.dates(texts.str.strip().str.slice(0, 10), dates.DAY)


SOURCE = Source(
    key="acled_weekly",
    name=NAME,
    marks=frozenset({"WEEK", "ADMIN1", "SUB_EVENT_TYPE", "EVENTS"}),
    needed=NEEDED,
    edition=edition,
    read=read,
    licence="ACLED terms of use: attribution with the date of access",
    citation="Armed Conflict Location & Event Data Project (ACLED), aggregated data by week and first-level unit.",
    url="https://acleddata.com/",
    shareable=False,
    example='["Political violence"]',
    layout=Layout(
        ("ADMIN1",),
        "COUNTRY",
        "CENTROID_LATITUDE",
        "CENTROID_LONGITUDE",
        tuple((name, name) for name in TYPES),
        sides=False,
    ),
    order=(
        "WEEK",
        "REGION",
        "COUNTRY",
        "ADMIN1",
        "EVENT_TYPE",
        "SUB_EVENT_TYPE",
        "EVENTS",
        "FATALITIES",
        "DISORDER_TYPE",
        "ID",
        "CENTROID_LATITUDE",
        "CENTROID_LONGITUDE",
    ),
    dates={"WEEK": dates.DAY},
)
