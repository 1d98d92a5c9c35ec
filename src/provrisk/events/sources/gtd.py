"""GTD: the Global Terrorism Database's workbooks, or CSV made from them."""

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events.formats.raw_file import RawFile
from provrisk.events.sources import parsed_rows
from provrisk.events.sources.parsed_rows import CountRules, ParsedRows, RowFilter
from provrisk.events.sources.source import Edition, Layout, Source
from provrisk.events.sources.vocabulary import grade, table, translate

NAME = "GTD"
LOST_YEAR = 1993
"""Its records were lost before the data were compiled; the few rows recovered do not cover the year."""
NEEDED = (
    "eventid", "iyear", "imonth", "iday", "country_txt", "provstate", "latitude", "longitude", "specificity", "suicide",
    "attacktype1", "targtype1", "gname", "nkill",
)  # fmt: skip
NOT_GIVEN = frozenset({"-9", "-99"})
NAMES = ("gname", "gname2", "gname3")


def edition(raw: RawFile) -> Edition:
    """A workbook is identified by its file. It covers its first year to its last month with an event, except 1993."""
    year, month = _number(raw.table.iyear), _number(raw.table.imonth)
    known = year.between(1970, months.LAST_YEAR) & month.between(1, 12)
    if not known.any():
        raise ProvriskError(f"{raw.name} has no event with a year and a month: download it again.")
    last = (year * 100 + month)[known].max()
    covered = months.span(
        pd.Timestamp(int(year[known].min()), 1, 1), pd.Timestamp(int(last // 100), int(last % 100), 1)
    )
    return Edition(raw.name.rpartition(".")[0], True, covered[covered.year != LOST_YEAR])


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, rules: CountRules) -> ParsedRows:
    """Attacks attributed to one of the study's actors (exact names, in any of the three name columns).

    Month 0 is unknown, so the row cannot be counted; day 0 is also unknown: such an event may be
    anywhere in its month, and is dated from the month's first day to its last.
    """
    words = table("gtd")
    row_filter = RowFilter(raw)
    named = [raw[name].str.strip() for name in NAMES if name in raw]
    hits = pd.concat([rules.asks(one) for one in named], axis=1)
    row_filter.not_requested(~hits.any(axis=1), "other actor")
    parsed_rows.check_country(row_filter, raw.country_txt, rules)
    raw = row_filter.only_asked(NEEDED)
    named, hits = [one[raw.index] for one in named], hits.loc[raw.index]
    month, day = _number(raw.imonth), _number(raw.iday)
    written = raw.iyear + "-" + raw.imonth + "-" + raw.iday
    row_filter.set_aside(month == 0, "month unknown")
    start, end = _dates(_number(raw.iyear), month, day)
    parsed_rows.check_dates(row_filter, start, end, written)
    deaths = parsed_rows.counts_of(row_filter, {"deaths_best": "nkill"}, NOT_GIVEN)
    attack = translate(raw.attacktype1, words["attack_type"])
    events = pd.DataFrame(
        {
            "event_id": parsed_rows.code(raw.eventid),
            "date": start,
            "date_end": end,
            "date_precision": (day == 0).map({True: 4.0, False: 1.0}),
            **parsed_rows.coordinates(raw, "latitude", "longitude"),
            "place_precision": grade(raw.specificity, words["place_precision"]),
            "actor": pd.concat(named, axis=1).where(hits.to_numpy()).bfill(axis=1).iloc[:, 0],
            "attack_type": attack.mask(_number(raw.suicide) == 1, "suicide attack"),
            "target_type": translate(raw.targtype1, words["target_type"]),
            "source": NAME,
            "release": version,
        }
    ).join(deaths)
    row_filter.remark(parsed_rows.is_absent(raw.nkill, NOT_GIVEN), "deaths not given")
    events = parsed_rows.place(row_filter, raw.provstate.mask(raw.provstate == "Unknown", ""), events, rules)
    parsed_rows.check_precision(row_filter, events, rules.rules)
    return parsed_rows.finish(row_filter, events, covered, rules.places)


def _number(text: pd.Series) -> pd.Series:
    return pd.to_numeric(text, errors="coerce")


def _dates(year: pd.Series, month: pd.Series, day: pd.Series) -> tuple[pd.Series, pd.Series]:
    parts = pd.DataFrame({"year": year, "month": month, "day": day.replace(0, 1)})
    start = parsed_rows.plausible(pd.to_datetime(parts.where(month != 0), errors="coerce"))
    return start, start.where(day != 0, start + pd.offsets.MonthEnd(0))


SOURCE = Source(
    key="gtd",
    name=NAME,
    marks=frozenset({"eventid", "iyear", "attacktype1"}),
    needed=NEEDED,
    edition=edition,
    read=read,
    licence="GTD end-user agreement: non-commercial, no redistribution, no public display",
    citation="START, University of Maryland. Global Terrorism Database (GTD), attacks counted by province and month.",
    url="https://www.start.umd.edu/gtd/",
    shareable=False,
    says=("attack_type", "target_type"),
    order=(*NEEDED, *NAMES),
    layout=Layout(("provstate",), "country_txt", "latitude", "longitude", tuple((name, name) for name in NAMES)),
)
