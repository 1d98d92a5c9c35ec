"""ACLED's open aggregates: events and deaths of all actors by week, first-level unit and type of event."""

import pandas as pd

from provrisk.events import lost_rows
from provrisk.events.formats import dates
from provrisk.events.formats.raw_file import RawFile
from provrisk.events.sources import monthly_totals, parsed_rows
from provrisk.events.sources.parsed_rows import CountRules, ParsedRows, RowFilter
from provrisk.events.sources.source import Edition, Layout, Source

NAME = "ACLED weekly aggregates"
NEEDED = ("WEEK", "COUNTRY", "ADMIN1", "EVENT_TYPE", "SUB_EVENT_TYPE", "EVENTS", "FATALITIES")
TYPES = ("DISORDER_TYPE", "EVENT_TYPE", "SUB_EVENT_TYPE")


def edition(raw: RawFile) -> Edition:
    """A table has no version: its digest identifies it. It is never final.

    It covers the months of which it has all weeks (from Saturday, the given day, to Friday).
    """
    start = _dates(raw.table.WEEK)
    if start.isna().all():
        raise lost_rows.undated(raw.name, raw.table.WEEK)
    return Edition(f"file {raw.digest}", False, monthly_totals.whole_weeks(start), start.max() + monthly_totals.WEEK)


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, rules: CountRules) -> ParsedRows:
    """Totals of the disorder, event or sub-event types in the study, for all actors.

    The table has a row only if there were events: a covered month is zero in the other provinces.
    """
    row_filter = RowFilter(raw)
    kinds = [raw[name] for name in TYPES if name in raw]
    hits = [one.str.split(";").map(lambda words: any(word.strip() in rules.actors for word in words)) for one in kinds]
    row_filter.not_requested(
        ~pd.concat(hits, axis=1).any(axis=1) & (parsed_rows.ALL not in rules.actors), "other type of event"
    )
    parsed_rows.check_country(row_filter, raw.COUNTRY, rules)
    start = _dates(raw.WEEK)
    parsed_rows.check_dates(row_filter, start, start, raw.WEEK)
    figures = parsed_rows.counts_of(row_filter, {"attacks": "EVENTS", "deaths": "FATALITIES"})
    row_filter.set_aside(figures.attacks.isna(), "no figure given")
    bare = pd.DataFrame({"place_precision": 4.0, "latitude": float("nan"), "longitude": float("nan")}, index=raw.index)
    province = parsed_rows.place(row_filter, raw.ADMIN1, bare, rules).province
    same = pd.concat([start, raw.ADMIN1, *kinds], axis=1)
    found = monthly_totals.finish(
        row_filter, figures.assign(start=start, province=province), covered, same, rules.places, True
    )
    return monthly_totals.with_zeros(found, rules.places)


def _dates(texts: pd.Series) -> pd.Series:
    return parsed_rows.dates(texts.str.strip().str.slice(0, 10), dates.DAY)


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
