"""A first study from an event file: its folder under ``features/``, to be looked through and bettered."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.events import counts as tables
from provrisk.events import reading, sources, ucdp
from provrisk.events.boundaries import polygons
from provrisk.events.places import NOT_A_NAME, Gazetteer, key
from provrisk.events.raw import open_file
from provrisk.events.reading import Question
from provrisk.events.source import Edition
from provrisk.study import Project
from provrisk.study.reading import check_name
from provrisk.study.schema import Rules
from provrisk.study.shapes import read_shapes

NEAREST = 3
GUESS = "nearest centres of events"
"""What the column ``how`` of neighbours.csv says of a border that no map showed."""
CITATION = (
    "Sundberg, Ralph, and Erik Melander (2013). Introducing the UCDP Georeferenced Event Dataset. "
    "Journal of Peace Research 50(4)."
)
ORIGINS, HORIZONS = 24, 6


def new_study(
    project: Project, name: str, events: Path, country: str, actor: str, borders: Path | None = None
) -> list[Path]:
    """Write ``features/<name>/`` from a UCDP GED file; returns the files written.

    Provinces are those of ``country`` in the file, whoever fought there, each at the median place of
    its events; neighbours those that touch in ``borders`` (GeoJSON), else the three nearest.

    Raises ``ProvriskError`` for a name taken or unfit, a country or actor that the file lacks, or a
    map that shows none of the provinces. Nothing is written then.
    """
    folder = project.root / "features" / name
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise ProvriskError(f"{name!r} cannot name a study: use small letters, digits, - and _.")
    if folder.exists():
        raise ProvriskError(f"{folder} exists: choose another name, or remove it first.")
    opened, source = sources.recognise(open_file(events))
    if source.key != "ucdp":
        raise ProvriskError(f"{events} is a file of {source.name}: a new study is read from UCDP GED.")
    if "country" not in opened.table:
        raise ProvriskError(f"{events} has no column 'country', by which a new study is told: take a whole GED file.")
    raw, edition = opened.table, ucdp.edition(opened)
    here = raw[raw.country.map(key) == key(country)]
    if here.empty:
        names = raw.country[(raw.country != "") & ~raw.country.str.startswith("#")]  # an HXL row is no country
        known = ", ".join(sorted(names.unique())[:10])
        raise ProvriskError(f"{events} holds no event in {country!r}; it has {known or 'no country'}.")
    spelled, identifier = _actor(here, actor, events)
    provinces = _provinces(here, country)
    neighbours = _touching(borders, provinces) if borders else _nearest(provinces)
    table = _counts(raw, edition, Question((identifier,), country, _gazetteer(provinces), Rules()))
    contents = {
        "provinces.csv": provinces.to_csv(lineterminator="\n"),
        "neighbours.csv": neighbours.to_csv(index=False, lineterminator="\n"),
        "study.toml": _toml(country, spelled, identifier, edition.version, table),
        "protocols.toml": _protocols(table.month.nunique()),
        "SOURCES.md": _sources(country, events.name, borders),
    }
    written = [files.write(folder / file, content) for file, content in contents.items()]
    return [*written, tables.write_csv(table, folder / "monthly.csv")]


def _actor(events: pd.DataFrame, actor: str, path: Path) -> tuple[str, str]:
    """Name and UCDP identifier of the actor that goes by ``actor``."""
    sides = pd.concat(
        [events[[f"{side}_new_id", side]].set_axis(["id", "name"], axis=1) for side in ("side_a", "side_b")]
    )
    found = sides[(sides.id == actor) | (sides.name.map(key) == key(actor))]
    if found.id.nunique() != 1:
        often = sides.name.value_counts().index[:6]
        which = "several actors by" if len(found) else "no actor by"
        raise ProvriskError(
            f"{path} holds {which} the name {actor!r}: give the UCDP identifier; often there are {', '.join(often)}."
        )
    return str(found.name.mode()[0]), str(found.id.iloc[0])


def _provinces(events: pd.DataFrame, country: str) -> pd.DataFrame:
    """The table provinces.csv, indexed by name: the commonest spelling without "province" and the like."""
    named = events[events.adm_1.str.strip() != ""]
    if named.empty:
        raise ProvriskError(f"The events in {country!r} name no province (adm_1): the study needs them.")
    rows = {}
    for _, group in named.groupby(named.adm_1.map(key)):
        spellings = group.adm_1.value_counts().index
        bare = re.sub(NOT_A_NAME.pattern, " ", spellings[0], flags=re.IGNORECASE)
        place = reading.coordinates(group, "latitude", "longitude")
        name = " ".join(bare.split()) or spellings[0]
        for spelling in (name, *spellings):
            check_name(spelling, f"The events in {country!r}")
        rows[name] = {
            "iso": "",
            "pcode": "",
            "capital": "",
            **{axis: round(degrees.dropna().median(), 4) for axis, degrees in place.items()},
            "population": "",
            "aliases": "|".join(sorted(spelling for spelling in spellings if spelling)),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("province").sort_index()


def _nearest(provinces: pd.DataFrame) -> pd.DataFrame:
    """Each province and the three nearest by the places of their events, on a plane about the country's middle."""
    placed = provinces.dropna(subset=["latitude", "longitude"])
    latitude = placed.latitude.to_numpy(float)
    plane = np.c_[latitude, placed.longitude.to_numpy(float) * np.cos(np.radians(latitude.mean()))]
    number = min(NEAREST, len(placed) - 1)
    if number < 1:
        return pd.DataFrame(columns=["a", "b", "how"])
    near = cKDTree(plane).query(plane, k=number + 1)[1]
    pairs = {tuple(sorted((placed.index[i], placed.index[j]))) for i, row in enumerate(near) for j in row if i != j}
    return pd.DataFrame([(a, b, GUESS) for a, b in sorted(pairs)], columns=["a", "b", "how"])


def _touching(path: Path, provinces: pd.DataFrame) -> pd.DataFrame:
    """The provinces that share a border in a GeoJSON file, matched by any of a shape's text properties."""
    gazetteer = _gazetteer(provinces)
    shapes = {}
    for shape in read_shapes(path):
        keys = [key(text) for text in shape.properties.values()]
        names = {gazetteer.canonical[one] for one in keys if one in gazetteer.canonical}
        if len(names) == 1:
            shapes[names.pop()] = polygons(shape)
    missing = sorted(set(provinces.index) - set(shapes))
    if missing:
        raise ProvriskError(
            f"{path} shows no shape named {', '.join(missing)}: add the spelling or leave --borders out."
        )
    pairs = [
        (a, b, f"border in {path.name}")
        for i, a in enumerate(provinces.index)
        for b in provinces.index[i + 1 :]
        if shapes[a].intersects(shapes[b])
    ]
    return pd.DataFrame(pairs, columns=["a", "b", "how"])


def _gazetteer(provinces: pd.DataFrame) -> Gazetteer:
    return Gazetteer(provinces.assign(aliases=provinces.aliases.str.split("|")))


def _counts(raw: pd.DataFrame, edition: Edition, question: Question) -> pd.DataFrame:
    events = ucdp.read(raw, edition.version, edition.covered, question).events
    if events.empty:
        who = ", ".join(question.actors)
        raise ProvriskError(f"The file holds no event of the actor {who} with a province: nothing to count.")
    # Zeros before the actor's first event would say nothing of the actor.
    first = months.floor(events.date).min().replace(month=1)
    return tables.count(events, question.places.capitals.index, first, edition.covered[-1])


def _toml(country: str, actor: str, identifier: str, release: str, table: pd.DataFrame) -> str:
    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)  # a JSON string is a TOML string

    return f"""\
title = {text(f"{actor} in {country}")}
country = {text(country)}
first_month = "{months.label(table.month.min())}"
horizons = {HORIZONS}
# A province is active at an origin if it saw this many attacks a month on average over these months.
active_mean = 1.0
active_months = 24
# Families or single features; "provrisk features list" shows them all.
features = ["series", "history", "neighbours", "calendar", "drivers"]

[target]
column = "attacks"
one = "attack"
many = "attacks"
definition = {text(f"a lethal event in which {actor} is a side, whoever struck first")}

[source]
name = "{ucdp.NAME}"
release = {text(release)}
licence = "CC BY 4.0"
url = "https://ucdp.uu.se/downloads/"
citation = "{CITATION}"

[actor]
ucdp = [{text(identifier)}]

[risk]
levels = ["none", "low", "moderate", "high", "very high"]
thresholds = [1, 5, 10, 25]

[backtest]
protocol = "quick"
candidates = ["conflictology", "ewma_nb", "ingarch"]
benchmarks = ["conflictology", "ewma_nb"]
"""


def _protocols(length: int) -> str:
    """A backtest that ``length`` months of data are enough for, after a year to learn from."""
    origins = max(1, min(ORIGINS, length - HORIZONS - 13))
    return f"""\
# Named backtests. An origin is the last month a forecast may use; every horizon of every origin has been observed.
[quick]
description = "the last months of the data, for the first champion"
origins = {origins}
horizons = {HORIZONS}
draws = 1000
refit_every = 12
burn_in = {max(0, min(ORIGINS, length - HORIZONS - origins - 13))}
"""


def _sources(country: str, file: str, borders: Path | None) -> str:
    how = f"shapes that touch in `{borders.name}`" if borders else f"{GUESS} ({NEAREST} a province): a guess, check it"
    return f"""\
# Where the figures of this study come from

Written by `provrisk study new` from `{file}`; to be completed by hand.

- `monthly.csv`: events of the actor in {country}, counted by province and month.
- `provinces.csv`: the provinces that the file names, at the median place of their events; codes, capitals and
  population are to be added.
- `neighbours.csv`: {how}.
- `drivers.csv`: none yet; see `docs/new-country.md`.
"""
