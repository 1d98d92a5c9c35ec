"""UCDP GED: yearly releases, country editions of the HDX, and UCDP Candidate releases."""

import re

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import reading
from provrisk.events.raw import RawFile
from provrisk.events.reading import Question, Reading, Sieve
from provrisk.events.source import Edition, Layout, Source
from provrisk.events.vocabulary import VIOLENCE_TYPES

NAME = "UCDP GED"
COLUMNS = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id", "conflict_new_id",
    "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name", "side_a_dset_id", "side_a_new_id", "side_a",
    "side_b_dset_id", "side_b_new_id", "side_b", "number_of_sources", "source_article", "source_office", "source_date",
    "source_headline", "source_original", "where_prec", "where_coordinates", "where_description", "adm_1", "adm_2",
    "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region", "event_clarity",
    "date_prec", "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high",
    "low", "gwnoa", "gwnob",
)  # fmt: skip
"""The columns since 20.1, in order: one Candidate release was published without its header."""
NEEDED = (
    "id", "year", "type_of_violence", "side_a_new_id", "side_a", "side_b_new_id", "side_b", "where_prec", "adm_1",
    "latitude", "longitude", "date_prec", "date_start", "date_end", "deaths_civilians", "best", "low", "high",
)  # fmt: skip
VIOLENCE = dict(zip("123", VIOLENCE_TYPES, strict=True))
MONTHLY = re.compile(r"v?(\d\d)[_.]0[_.](\d{1,2})(?!\d)", re.ASCII)
CONSOLIDATED = re.compile(r"v?(\d\d)_(\d\d)_(\d\d)_(\d\d)(?!\d)", re.ASCII)
YEARLY = re.compile(r"(?<!\d)v?(\d\d)_?(\d)(?!\d)", re.ASCII)


def edition(raw: RawFile) -> Edition:
    """The release that the name of a file tells, such as 19.1, 24.0.3 or 24.01.24.06; else its digest names it.

    A yearly release covers whole calendar years and is final; a Candidate release covers the months
    in its name, or those from its first event to its last.
    """
    if found := CONSOLIDATED.search(raw.name):
        first, last = f"20{found[1]}-{found[2]}", f"20{found[3]}-{found[4]}"
        return Edition(".".join(found.groups()), False, months.span(months.parse(first), months.parse(last)))
    if found := MONTHLY.search(raw.name):
        month = months.parse(f"20{found[1]}-{int(found[2]):02d}")
        return Edition(f"{found[1]}.0.{int(found[2])}", False, months.span(month, month))
    named = YEARLY.search(raw.name)
    if not named and "code_status" in raw.table and not raw.table.code_status.isin(["Clear", ""]).all():
        start = months.floor(_dates(raw.table.date_start).dropna())
        if len(start):
            return Edition(f"candidate {raw.digest}", False, months.span(start.min(), start.max()))
    years = pd.to_numeric(raw.table.year, errors="coerce")
    if not years.between(months.FIRST_YEAR, months.LAST_YEAR).any():
        raise ProvriskError(f"{raw.name} holds no event with a year: download it again.")
    years = years[years.between(months.FIRST_YEAR, months.LAST_YEAR)]
    covered = months.span(pd.Timestamp(int(years.min()), 1, 1), pd.Timestamp(int(years.max()), 12, 1))
    return Edition(f"{named[1]}.{named[2]}" if named else f"file {raw.digest}", True, covered)


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, question: Question) -> Reading:
    """Events in which one of the study's actors (UCDP identifiers) is a side."""
    sieve = Sieve(raw)
    sides = [raw.side_a_new_id.isin(question.actors), raw.side_b_new_id.isin(question.actors)]
    sieve.set_aside(~(sides[0] | sides[1]), "other actor")
    reading.check_country(sieve, raw.get("country"), question)
    start, end = _dates(raw.date_start), _dates(raw.date_end)
    reading.check_dates(sieve, start, end)
    deaths = reading.counts_of(
        sieve,
        {
            "deaths_best": "best",
            "deaths_low": "low",
            "deaths_high": "high",
            "deaths_civilians": "deaths_civilians",
        },
    )
    broken = (deaths.deaths_low > deaths.deaths_best) | (deaths.deaths_best > deaths.deaths_high)
    if question.rules.broken_bounds == "set aside":
        sieve.set_aside(broken, "low <= best <= high broken")
    else:
        sieve.remark(broken, "low <= best <= high broken, counted by best")
    sieve.set_aside(~raw.type_of_violence.isin(list(VIOLENCE)), "type of violence unknown")
    # GED says neither how nor at whom: attack_type and target_type stay missing.
    events = pd.DataFrame(
        {
            "event_id": raw.id,
            "date": start,
            "date_end": end,
            "date_precision": pd.to_numeric(raw.date_prec, errors="coerce"),
            **reading.coordinates(raw, "latitude", "longitude"),
            "place_precision": pd.to_numeric(raw.where_prec, errors="coerce"),
            "actor": raw.side_a.where(sides[0], raw.side_b),
            "violence_type": raw.type_of_violence.map(VIOLENCE),
            "source": NAME,
            "release": version,
        }
    ).join(deaths)
    events = reading.place(sieve, raw.adm_1, events, question)
    reading.check_precision(sieve, events, question.rules)
    return reading.finish(sieve, events, covered)


def _dates(texts: pd.Series) -> pd.Series:
    # Some releases carry a time of day after the date.
    return reading.dates(texts.str.slice(0, 10), "%Y-%m-%d")


SOURCE = Source(
    key="ucdp",
    name=NAME,
    marks=frozenset({"type_of_violence", "side_a_new_id", "where_prec"}),
    needed=NEEDED,
    edition=edition,
    read=read,
    licence="CC BY 4.0",
    citation="Sundberg, Ralph, and Erik Melander (2013). Introducing the UCDP Georeferenced Event Dataset. "
    "Journal of Peace Research 50(4).",
    url="https://ucdp.uu.se/downloads/",
    shareable=True,
    layout=Layout(
        ("adm_1",),
        "country",
        "latitude",
        "longitude",
        (("side_a_new_id", "side_a"), ("side_b_new_id", "side_b")),
        "a lethal event",
    ),
)
