"""ACLED: event exports of 31 columns."""

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import reading
from provrisk.events.raw import RawFile
from provrisk.events.reading import Question, Reading, Sieve
from provrisk.events.source import Edition, Layout, Source
from provrisk.events.vocabulary import grade, table, translate

NAME = "ACLED"
NEEDED = (
    "event_id_cnty", "event_date", "time_precision", "sub_event_type", "actor1", "inter1", "actor2", "inter2",
    "country", "admin1", "latitude", "longitude", "geo_precision", "fatalities",
)  # fmt: skip


def edition(raw: RawFile) -> Edition:
    """An export has no version: its last upload stamp names it, else its digest. It is never final.

    It covers the months from its first event to its last; the last month counts as covered only if it
    was over when the newest row was uploaded, or, where no row tells, if it has an event on its last day.
    """
    days = _dates(raw.table.event_date).dropna()
    if days.empty:
        raise ProvriskError(f"{raw.name} holds no event with a date: export it again.")
    stamps = pd.to_numeric(raw.table.get("timestamp", pd.Series(dtype="str")), errors="coerce").dropna()
    uploaded = pd.to_datetime(stamps, unit="s").max() if len(stamps) else days.max() + pd.Timedelta(days=1)
    last = days.max().to_period("M").to_timestamp()
    if uploaded < months.shift(last, 1):
        last = months.shift(last, -1)
    first = days.min().to_period("M").to_timestamp()
    version = f"export of {uploaded:%Y-%m-%d}" if len(stamps) else f"file {raw.digest}"
    return Edition(version, False, months.span(first, last))


def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, question: Question) -> Reading:
    """Violent events in which one of the study's actors (exact names) is actor1 or actor2."""
    words = table("acled")
    sieve = Sieve(raw)
    sides = [raw[name].str.strip().isin(question.actors) for name in ("actor1", "actor2")]
    sieve.set_aside(~(sides[0] | sides[1]), "other actor")
    reading.check_country(sieve, raw.country, question)
    kind = raw.sub_event_type.str.strip()
    sieve.set_aside(kind.isin(words["no_attack"]["sub_event_type"]), "no attack: " + kind)
    attack = kind.map(words["attack_type"]).astype("str")
    sieve.set_aside(attack.isna(), "sub-event type unknown: " + kind)
    day = _dates(raw.event_date)
    reading.check_dates(sieve, day, day)
    deaths = reading.counts_of(sieve, {"deaths_best": "fatalities"}, empty=True)
    party = [_party(raw[name], words["party"]) for name in ("inter1", "inter2")]
    other = party[1].where(sides[0], party[0])
    events = pd.DataFrame(
        {
            "event_id": raw.event_id_cnty,
            "date": day,
            "date_end": day,
            "date_precision": grade(raw.time_precision, words["date_precision"]),
            **reading.coordinates(raw, "latitude", "longitude"),
            "place_precision": grade(raw.geo_precision, words["place_precision"]),
            "actor": raw.actor1.where(sides[0], raw.actor2).str.strip(),
            "violence_type": other.map(words["violence_type"]).astype("str"),
            "attack_type": attack,
            "target_type": other.map(words["target_type"]).astype("str"),
            "source": NAME,
            "release": version,
        }
    ).join(deaths)
    events = reading.place(sieve, raw.admin1, events, question)
    reading.check_precision(sieve, events, question.rules)
    return reading.finish(sieve, events, covered)


def _party(codes: pd.Series, words: dict[str, str | int]) -> pd.Series:
    return translate(codes, words).fillna(codes.str.strip())


def _dates(texts: pd.Series) -> pd.Series:
    return reading.dates(texts.str.strip(), "%Y-%m-%d", "%d %B %Y", "%d-%b-%Y")


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
    layout=Layout(("admin1",), "country", "latitude", "longitude", (("actor1", "actor1"), ("actor2", "actor2"))),
)
