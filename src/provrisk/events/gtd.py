"""GTD: the Global Terrorism Database's workbooks, or CSV made from them."""

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import reading
from provrisk.events.raw import RawFile
from provrisk.events.reading import Question, Reading, Sieve
from provrisk.events.source import Edition, Layout, Source
from provrisk.events.vocabulary import grade, table, translate

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


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, question: Question) -> Reading:
    """Attacks attributed to one of the study's actors (exact names, in any of the three name columns).

    Month 0 is unknown, so the row cannot be counted; day 0 is also unknown: such an event may be
    anywhere in its month, and is dated from the month's first day to its last.
    """
    words = table("gtd")
    sieve = Sieve(raw)
    named = [raw[name].str.strip() for name in NAMES if name in raw]
    hits = pd.concat([question.asks(one) for one in named], axis=1)
    sieve.not_asked(~hits.any(axis=1), "other actor")
    reading.check_country(sieve, raw.country_txt, question)
    raw = sieve.only_asked(NEEDED)
    named, hits = [one[raw.index] for one in named], hits.loc[raw.index]
    month, day = _number(raw.imonth), _number(raw.iday)
    written = raw.iyear + "-" + raw.imonth + "-" + raw.iday
    sieve.set_aside(month == 0, "month unknown")
    start, end = _dates(_number(raw.iyear), month, day)
    reading.check_dates(sieve, start, end, written)
    deaths = reading.counts_of(sieve, {"deaths_best": "nkill"}, NOT_GIVEN)
    attack = translate(raw.attacktype1, words["attack_type"])
    events = pd.DataFrame(
        {
            "event_id": reading.code(raw.eventid),
            "date": start,
            "date_end": end,
            "date_precision": (day == 0).map({True: 4.0, False: 1.0}),
            **reading.coordinates(raw, "latitude", "longitude"),
            "place_precision": grade(raw.specificity, words["place_precision"]),
            "actor": pd.concat(named, axis=1).where(hits.to_numpy()).bfill(axis=1).iloc[:, 0],
            "attack_type": attack.mask(_number(raw.suicide) == 1, "suicide attack"),
            "target_type": translate(raw.targtype1, words["target_type"]),
            "source": NAME,
            "release": version,
        }
    ).join(deaths)
    sieve.remark(reading.is_absent(raw.nkill, NOT_GIVEN), "deaths not given")
    events = reading.place(sieve, raw.provstate.mask(raw.provstate == "Unknown", ""), events, question)
    reading.check_precision(sieve, events, question.rules)
    return reading.finish(sieve, events, covered, question.places)


def _number(text: pd.Series) -> pd.Series:
    return pd.to_numeric(text, errors="coerce")


def _dates(year: pd.Series, month: pd.Series, day: pd.Series) -> tuple[pd.Series, pd.Series]:
    parts = pd.DataFrame({"year": year, "month": month, "day": day.replace(0, 1)})
    start = reading.plausible(pd.to_datetime(parts.where(month != 0), errors="coerce"))
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
