"""UCDP GED: yearly releases, country editions of the HDX, and UCDP Candidate releases."""

import re

import pandas as pd

from provrisk import months
from provrisk.events import coverage, lost_rows
from provrisk.events.formats import dates
from provrisk.events.formats.raw_file import RawFile
from provrisk.events.sources import parsed_rows
from provrisk.events.sources.parsed_rows import CountRules, ParsedRows, RowFilter
from provrisk.events.sources.source import Edition, Layout, Source
from provrisk.events.sources.vocabulary import VIOLENCE_TYPES

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
OWN = r"(?<![a-z0-9])ged(?:events?)?[-_ ]?v?"
"""The beginning of UCDP's own file names; only these give a release, not any number in a name."""
CONSOLIDATED = re.compile(OWN + r"(\d\d)[_.](\d\d)[_.](\d\d)[_.](\d\d)(?![\d])", re.ASCII | re.IGNORECASE)
MONTHLY = re.compile(OWN + r"(\d\d)[_.]0[_.](\d{1,2})(?![\d])", re.ASCII | re.IGNORECASE)
YEARLY = re.compile(rf"(?:{OWN}(\d\d)[_.]1|(?<![a-z0-9])ged(\d\d)1)(?![\d]|[_.]\d)", re.ASCII | re.IGNORECASE)
FIRST = pd.Timestamp(1989, 1, 1)
WORLDWIDE = 4
"""Smallest number of UCDP's five regions in a global file; an edition of a country has one."""
MOST_ROWS = 0.99
"""Smallest share of a release's rows within the months of its name."""


def edition(raw: RawFile) -> Edition:
    """The release of a file by UCDP's own names, such as 19.1, 24.0.3 or 24.01.24.06, if its rows agree with it.

    A yearly release is final and covers all months from 1989 to the December before its publication, a Candidate
    release those in its name. A file with any other name, or whose rows are of other months or end long before, is
    identified by its digest and covers the months from its first row to its last.
    """
    days = _dates(raw.table.date_start)
    if days.isna().all():
        raise lost_rows.undated(raw.name, raw.table.date_start)
    named = _named(raw.name)
    if named is not None and _bears_out(days.dropna(), named):
        return named
    covered, note = coverage.spanned(days), ""
    if named is not None:
        told, found = coverage.in_words(named.covered), coverage.in_words(covered)
        note = f"by its name it is release {named.version}, with {told}, but its rows {found}: the rows are used"
    return Edition(f"file {raw.digest}", False, covered, note=note)


def _named(name: str) -> Edition | None:
    """The edition of a file by its name alone."""
    if found := CONSOLIDATED.search(name):
        first, last = _month(found[1], found[2]), _month(found[3], found[4])
        span = months.span(first, last) if first and last else pd.DatetimeIndex([])
        return Edition(".".join(found.groups()), False, span, months.shift(span[-1], 1)) if len(span) else None
    if found := MONTHLY.search(name):
        month = _month(found[1], found[2])
        edition = f"{found[1]}.0.{int(found[2])}"
        return Edition(edition, False, months.span(month, month), months.shift(month, 1)) if month else None
    if found := YEARLY.search(name):
        year = int(found[1] or found[2])
        last = pd.Timestamp(1999 + year, 12, 1)
        # The yearly release is published in about the middle of the year in its number.
        return Edition(f"{year:02d}.1", True, months.span(FIRST, last), pd.Timestamp(2000 + year, 6, 1))
    return None


def _month(year: str, month: str) -> pd.Timestamp | None:
    return pd.Timestamp(2000 + int(year), int(month), 1) if 1 <= int(month) <= 12 else None


def _bears_out(days: pd.Series, named: Edition) -> bool:
    """Whether rows of these ``days`` can be those of the release in the name."""
    first, end = named.covered[0], months.shift(named.covered[-1], 1)
    if end > pd.Timestamp.now():
        return False
    if (days < end).mean() < MOST_ROWS:
        return False
    if named.final:
        return not coverage.ends_early(days, end - pd.Timedelta(days=1), coverage.FAR_DAYS)
    # A Candidate release also has late events of earlier months.
    return bool(days.nunique() < coverage.FEWEST or (days >= first).mean() >= MOST_ROWS / 2)


def would_state(gap: pd.DatetimeIndex) -> str:
    """The releases that cover the months ``gap``."""
    year, month = gap[-1].year % 100, gap[-1].month
    whole = f"a yearly release of {year + 1:02d}.1 or later"
    if month == 12:
        return whole
    first = 1 if gap[0].year < gap[-1].year else gap[0].month
    single = f"Candidate {year:02d}.0.{first}" + (f" to {year:02d}.0.{month}" if first < month else "")
    yearly = f"a yearly release of {year:02d}.1 or later with " if gap[0].year < gap[-1].year else ""
    return f"{yearly}{single}, or {whole}"


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, rules: CountRules) -> ParsedRows:
    """Events in which one of the study's actors (UCDP identifiers, or exact names) is a side."""
    row_filter = RowFilter(raw)
    sides = [_is(raw, side, rules) for side in ("side_a", "side_b")]
    row_filter.not_requested(~(sides[0] | sides[1]), "other actor")
    parsed_rows.check_country(row_filter, raw.get("country"), rules)
    # Only a global file covers a country without events.
    row_filter.here |= "region" in raw and raw.region[raw.region.str.strip() != ""].nunique() >= WORLDWIDE
    raw = row_filter.only_asked(NEEDED)
    start = _dates(raw.date_start)
    end = parsed_rows.until(_dates(raw.date_end), raw.date_end, start)
    parsed_rows.check_dates(row_filter, start, end, raw.date_start)
    deaths = parsed_rows.counts_of(
        row_filter,
        {
            "deaths_best": "best",
            "deaths_low": "low",
            "deaths_high": "high",
            "deaths_civilians": "deaths_civilians",
        },
    )
    row_filter.remark(parsed_rows.is_absent(raw.best), "deaths not given")
    broken = (deaths.deaths_low > deaths.deaths_best) | (deaths.deaths_best > deaths.deaths_high)
    if rules.rules.broken_bounds != "remark":
        row_filter.set_aside(broken, "death estimates contradict each other")
    else:
        row_filter.remark(broken, "death estimates contradict each other, best one used")
    kind = parsed_rows.code(raw.type_of_violence)
    row_filter.set_aside(~kind.isin(list(VIOLENCE)), "type of violence unknown")
    # GED has no attack or target types: attack_type and target_type stay missing.
    events = pd.DataFrame(
        {
            "event_id": parsed_rows.code(raw.id),
            "date": start,
            "date_end": end,
            "date_precision": pd.to_numeric(raw.date_prec, errors="coerce"),
            **parsed_rows.coordinates(raw, "latitude", "longitude"),
            "place_precision": pd.to_numeric(raw.where_prec, errors="coerce"),
            "actor": raw.side_a.where(sides[0][raw.index], raw.side_b),
            "violence_type": kind.map(VIOLENCE),
            "source": NAME,
            "release": version,
        }
    ).join(deaths)
    events = parsed_rows.place(row_filter, raw.adm_1, events, rules)
    parsed_rows.check_precision(row_filter, events, rules.rules)
    return parsed_rows.finish(row_filter, events, covered, rules.places)


def _is(raw: pd.DataFrame, side: str, rules: CountRules) -> pd.Series:
    return rules.asks(parsed_rows.code(raw[f"{side}_new_id"])) | rules.asks(raw[side].str.strip())


def _dates(texts: pd.Series) -> pd.Series:
    # Some releases have a time of day after the date.
    return parsed_rows.dates(texts.str.slice(0, 10), "%Y-%m-%d")


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
    order=COLUMNS,
    dates=dict.fromkeys(("date_start", "date_end"), dates.DAY),
    layout=Layout(
        ("adm_1",),
        "country",
        "latitude",
        "longitude",
        (("side_a_new_id", "side_a"), ("side_b_new_id", "side_b")),
        "a lethal event",
    ),
    would_state=would_state,
)
