"""HDX HAPI: monthly conflict totals by admin 1 or 2, made from ACLED."""

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import reading, totals
from provrisk.events.raw import RawFile
from provrisk.events.reading import Question, Reading, Sieve
from provrisk.events.source import Edition, Layout, Source

NAME = "HDX HAPI"
NEEDED = (
    "location_code", "provider_admin1_name", "admin1_name", "event_type", "events", "fatalities",
    "reference_period_start", "reference_period_end",
)  # fmt: skip


def edition(raw: RawFile) -> Edition:
    """A table has no version: its digest names it. It covers the months from its first period to its last."""
    start = _dates(raw.table.reference_period_start).dropna()
    if start.empty:
        raise ProvriskError(f"{raw.name} holds no period with a date: download it again.")
    return Edition(f"file {raw.digest}", False, months.span(*months.floor(start).agg(["min", "max"])))


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, question: Question) -> Reading:
    """Totals of the event types that the study names in place of actors; districts are added up.

    Types overlap (violence against civilians is political violence as well), so a study names one.
    """
    sieve = Sieve(raw)
    sieve.set_aside(~raw.event_type.isin(question.actors), "other event type")
    if "admin_level" in raw and (raw.admin_level == "1").any():
        sieve.set_aside(raw.admin_level == "2", "district, beside the province's own figure")
    start, end = _dates(raw.reference_period_start), _dates(raw.reference_period_end)
    reading.check_dates(sieve, start, end)
    month = months.floor(start)
    sieve.set_aside((month != start) | (end.dt.normalize() != start + pd.offsets.MonthEnd(0)), "period is no month")
    figures = reading.counts_of(sieve, {"attacks": "events", "deaths": "fatalities"}, empty=True)
    sieve.set_aside(figures.attacks.isna(), "no figure given")
    names = raw.admin1_name.mask(raw.admin1_name == "", raw.provider_admin1_name)
    bare = pd.DataFrame({"place_precision": 4.0, "latitude": float("nan"), "longitude": float("nan")}, index=raw.index)
    province = reading.place(sieve, names, bare, question).province
    cells = figures.assign(month=month, province=province)
    district = raw.get("admin2_name", pd.Series("", index=raw.index))
    return totals.finish(sieve, cells, covered, same=[raw.event_type, names, district])


def _dates(texts: pd.Series) -> pd.Series:
    return reading.dates(texts.str.slice(0, 10), "%Y-%m-%d")


SOURCE = Source(
    key="hapi",
    name=NAME,
    marks=frozenset({"reference_period_start", "event_type", "events"}),
    needed=NEEDED,
    edition=edition,
    read=read,
    licence="ACLED terms of use: attribution with the date of access",
    citation="Armed Conflict Location & Event Data Project (ACLED), aggregates by way of HDX HAPI.",
    url="https://hdx-hapi.readthedocs.io/",
    shareable=False,
    layout=Layout(("admin1_name", "provider_admin1_name"), "location_code", actors=(("event_type", "event_type"),)),
)
