"""HDX HAPI: monthly conflict totals by country, admin 1 or 2, made from ACLED."""

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import coverage, lost_rows
from provrisk.events.formats import dates
from provrisk.events.formats.raw_file import RawFile
from provrisk.events.sources import monthly_totals, parsed_rows
from provrisk.events.sources.parsed_rows import CountRules, ParsedRows, RowFilter
from provrisk.events.sources.source import Edition, Layout, Source

NAME = "HDX HAPI"
NEEDED = (
    "location_code", "provider_admin1_name", "admin1_name", "event_type", "events", "fatalities",
    "reference_period_start", "reference_period_end",
)  # fmt: skip
PARTS = {"civilian_targeting": "political_violence"}
"""Types that are also counted in another one."""


def edition(raw: RawFile) -> Edition:
    """A table has no version: its digest identifies it. It covers the months from its first period to its last."""
    start = _dates(raw.table.reference_period_start)
    if start.isna().all():
        raise lost_rows.undated(raw.name, raw.table.reference_period_start)
    return Edition(f"file {raw.digest}", False, coverage.spanned(start))


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, rules: CountRules) -> ParsedRows:
    """Totals of the event types that the study names instead of actors.

    A province and month has its own figure if the file has one, else the sum of its districts.
    """
    row_filter = RowFilter(raw)
    row_filter.not_requested(~raw.event_type.str.strip().isin(rules.actors), "other event type")
    for part, whole in PARTS.items():
        if whole in rules.actors:
            row_filter.not_requested(raw.event_type == part, f"counted as {whole} already")
    _check_country(row_filter, raw.location_code.str.strip(), rules)
    if "error" in raw:
        row_filter.set_aside(~parsed_rows.is_absent(raw.error), "marked as an error by HDX")
    if "warning" in raw:
        row_filter.remark(~parsed_rows.is_absent(raw.warning), "marked with a warning by HDX")
    start, end = _dates(raw.reference_period_start), _dates(raw.reference_period_end)
    parsed_rows.check_dates(row_filter, start, end, raw.reference_period_start)
    row_filter.set_aside(
        (months.floor(start) != start) | (end.dt.normalize() != start + pd.offsets.MonthEnd(0)), "period is not a month"
    )
    figures = parsed_rows.counts_of(row_filter, {"attacks": "events", "deaths": "fatalities"})
    row_filter.set_aside(figures.attacks.isna(), "no figure given")
    names = [_name(raw, level) for level in (1, 2)]
    level = _level(raw, names)
    # A country's figure names no province, which is not a fault: place precision 6 is UCDP's for a country.
    precision = pd.Series(4.0, index=raw.index).mask(level == 0, 6.0)
    bare = pd.DataFrame({"place_precision": precision, "latitude": float("nan"), "longitude": float("nan")})
    province = parsed_rows.place(row_filter, names[0], bare, rules).province
    at = pd.DataFrame({"type": raw.event_type, "start": start, "province": province})
    own = pd.MultiIndex.from_frame(at).isin(pd.MultiIndex.from_frame(at[row_filter.kept & (level == 1)]))
    row_filter.set_aside(own & (level == 2), "district, beside the province's own figure")
    cells = figures.assign(start=start, province=province)
    return monthly_totals.finish(
        row_filter, cells, covered, at.assign(district=names[1].mask(level < 2, "")), rules.places
    )


def _name(raw: pd.DataFrame, level: int) -> pd.Series:
    """HDX's name of the unit, or the provider's if HDX has no code for it."""
    blank = pd.Series("", index=raw.index)
    known, given = raw.get(f"admin{level}_name", blank), raw.get(f"provider_admin{level}_name", blank)
    return known.mask(parsed_rows.is_absent(known), given).mask(
        parsed_rows.is_absent(known) & parsed_rows.is_absent(given), ""
    )


def _level(raw: pd.DataFrame, names: list[pd.Series]) -> pd.Series:
    """0 country, 1 province, 2 district: as in the row, else by the finest unit that it names."""
    said = pd.to_numeric(raw.get("admin_level", pd.Series("", index=raw.index)), errors="coerce")
    named = (names[1] != "").map({True: 2.0, False: 1.0}).mask((names[0] == "") & (names[1] == ""), 0.0)
    return said.where(said.isin([0, 1, 2]), named)


def _check_country(row_filter: RowFilter, codes: pd.Series, rules: CountRules) -> None:
    if rules.iso3 is not None:
        row_filter.not_requested(codes.str.upper() != rules.iso3, "other country")
    elif codes.nunique() > 1:
        some = ", ".join(sorted(codes.unique())[:5])
        raise ProvriskError(
            f"The table has {codes.nunique()} countries ({some}, ...), and no ISO code is known for "
            f"{rules.country}: add ISO codes of the provinces in provinces.csv (iso), or keep only one country."
        )


def _dates(texts: pd.Series) -> pd.Series:
    return parsed_rows.dates(texts.str.strip().str.slice(0, 10), "%Y-%m-%d")


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
    order=(
        *NEEDED,
        "admin_level",
        "admin2_name",
        "provider_admin2_name",
        "admin1_code",
        "admin2_code",
        "error",
        "warning",
    ),
    dates=dict.fromkeys(("reference_period_start", "reference_period_end"), dates.DAY),
    layout=Layout(
        ("admin1_name", "provider_admin1_name"),
        "location_code",
        actors=(("event_type", "event_type"),),
        sides=False,
        whole=False,
        pcode="admin1_code",
    ),
    example='["political_violence"]',
)
