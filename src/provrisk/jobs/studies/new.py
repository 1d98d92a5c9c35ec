"""A first study from event files: its folder under ``features/``, to be checked and improved."""

import re
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.events.counting.load import LoadedCounts, from_releases
from provrisk.events.formats.raw_file import RawFile, open_pages
from provrisk.events.releases.release_store import Store
from provrisk.events.sources import parsed_rows, registry
from provrisk.events.sources.mapped import Mapping
from provrisk.events.sources.source import Source
from provrisk.events.sources.user_file import UserFile
from provrisk.jobs.data_checks import stop_if_lost
from provrisk.jobs.studies import study_files
from provrisk.jobs.studies.borders import find_borders
from provrisk.jobs.studies.units import Units, find_units
from provrisk.study import Project, load_study
from provrisk.study.countries import alpha3, usual_name
from provrisk.study.name_matching import folded
from provrisk.study.outlines import bundled_map


@dataclass(frozen=True)
class OpenedFiles:
    """The event files of a new study: the raw tables, the joined table, and the source."""

    raws: list[RawFile]
    table: pd.DataFrame
    source: Source
    mapping: Mapping | None
    covered: pd.DatetimeIndex | None


@dataclass(frozen=True)
class NewStudy:
    """A new study: the files written, and notes for its author."""

    written: list[Path]
    units: Units
    facts: study_files.Facts

    def notes(self) -> list[str]:
        """Notes for the author of the study, one sentence for each line."""
        units, name = self.units, self.facts.name
        out = [f"one province: {', '.join(group)} -> {into}" for into, group in units.merged.items()]
        for title, names in (
            ("without an event, added from the official list", units.added),
            ("matched with official names in another spelling", units.taken),
            ("in the official list, but in no event", units.absent),
            ("not in the official list", units.unlisted),
            ("without an outline in the bundled map", units.unmapped),
        ):
            if names:
                out.append(f"{title}: {', '.join(names)}")
        if units.doubtful:
            pairs = [f"{a}={b}" for a, b in units.doubtful]
            out.append(f"doubtful, since the names are similar: {', '.join(pairs)}")
            merges = " ".join(f"--merge {shlex.quote(pair)}" for pair in pairs)
            out.append(f"  if they are one province: provrisk study check {name} --fix {merges}")
        return out


def new_study(
    project: Project,
    name: str,
    events: UserFile | Path | Sequence[UserFile | Path],
    country: str | None = None,
    actors: str | Sequence[str] = (),
    borders: Path | None = None,
) -> NewStudy:
    """Write ``features/<name>/`` from event files of one source; returns the files written and the doubtful points.

    ``country`` may be left out where the files hold one; ``actors`` are names or identifiers, or "all". Statements on
    the first file hold for all. Provinces are those of the country in the files, whoever fought actor, and, if
    all of these are in the official list, the rest of that list. Neighbours are those that touch in ``borders``
    (GeoJSON), else in the bundled map, else the three nearest.

    Raises ``ProvriskError`` for a name in use or not allowed, a country or actor not in the files, or a user's map that
    lacks a province; ``DataStopError`` if over a fifth of the actors' rows cannot be read. Then nothing is written.
    """
    folder = project.root / "features" / name
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        raise ProvriskError(f"{name!r} cannot name a study: use small letters, digits, - and _.")
    if folder.exists():
        raise ProvriskError(f"{folder} exists: choose another name, or remove it first.")
    given = [UserFile.of(one) for one in ((events,) if isinstance(events, UserFile | Path) else events)]
    opened = _open(given)
    where, here = _country(opened, country)
    who = _actors(opened, here, [actors] if isinstance(actors, str) else actors)
    paths, mapping = tuple(one.path for one in given), given[0].mapping
    facts = study_files.Facts(name, paths, where, who, opened.source, mapping, borders)
    drawn = bundled_map(where)
    units = find_units(_places(opened, here), where, drawn.outlines if drawn else {}, facts.layout.whole)
    contents = {
        "provinces.csv": units.provinces.to_csv(lineterminator="\n"),
        "neighbours.csv": find_borders(units.provinces, drawn, borders).to_csv(index=False, lineterminator="\n"),
    }
    if borders is not None:
        contents[study_files.BOUNDARIES] = borders.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as trial:
        loaded, first = _counted(Path(trial) / name, contents, facts, opened)
    stop_if_lost(loaded, None)
    table = loaded.counts[loaded.counts.month >= first].reset_index(drop=True)
    release = loaded.source.removeprefix(opened.source.name).strip()
    contents |= {
        "study.toml": study_files.study_toml(facts, release, first, study_files.recipe(project)),
        "protocols.toml": study_files.protocols_toml(table.month.nunique()),
        "SOURCES.md": study_files.sources_md(facts, units),
    }
    written = [files.write(folder / file, content) for file, content in contents.items()]
    written.append(tables.write_csv(table, folder / "monthly.csv"))
    project.add_default(name)
    return NewStudy(written, units, facts)


def _open(given: Sequence[UserFile]) -> OpenedFiles:
    if not given:
        raise ProvriskError("A study is made from a file: name one with --from.")
    told, covered = given[0].read_mapping(), given[0].covered()
    found = [registry.recognise(raw, told) for raw in _raws(given)]
    kinds = {source.key: source for _, source in found}
    if len(kinds) > 1:
        raise ProvriskError(
            f"The files are of several sources ({', '.join(one.name for one in kinds.values())}), which are never "
            "added up: make a study of each."
        )
    table = pd.concat([raw.table for raw, _ in found], ignore_index=True).fillna("")
    return OpenedFiles([raw for raw, _ in found], table, found[0][1], told, covered)


def _raws(given: Sequence[UserFile]) -> list[RawFile]:
    """The tables of the files, the pages of one JSON answer as one."""
    pages = [one.path for one in given if one.path.suffix.lower() == ".json"]
    if len(pages) < 2:
        return [one.raw() for one in given]
    return [open_pages(pages, given[0].date_format), *(one.raw() for one in given if one.path not in pages)]


def _country(opened: OpenedFiles, asked: str | None) -> tuple[str, pd.DataFrame]:
    """The country, as the files spell it, and the rows that lie in it."""
    column, table = opened.source.layout.country, opened.table
    where = opened.raws[0].name
    if column is None or column not in table:
        if asked is None:
            raise ProvriskError(f"{where} does not name its country: name it with --country.")
        return usual_name(asked), table
    present = table[column][(table[column] != "") & ~table[column].str.startswith("#")]
    names = present.value_counts().index
    if asked is None:
        if len(names) != 1:
            raise ProvriskError(f"{where} has {len(names)} countries: name one with --country ({_some(names)}).")
        asked = names[0]
    wanted = [one for one in names if folded(one) == folded(asked) or (alpha3(one) and alpha3(one) == alpha3(asked))]
    if not wanted:
        raise ProvriskError(f"{where} has no event in {asked!r}; it has {_some(sorted(names)) or 'no country'}.")
    return usual_name(wanted[0]), table[table[column].isin(wanted)]


def _actors(opened: OpenedFiles, here: pd.DataFrame, asked: Sequence[str]) -> dict[str, str]:
    """Identifier and name of each requested actor."""
    pairs = [(a, b) for a, b in opened.source.layout.actors if a in here and b in here]
    if parsed_rows.ALL in asked or not pairs:
        return {parsed_rows.ALL: "any actor"}
    sides = pd.concat([here[[a, b]].set_axis(["id", "name"], axis=1) for a, b in pairs])
    sides["id"] = parsed_rows.code(sides["id"])
    known = sides[sides["name"].str.strip() != ""].value_counts().reset_index()  # most frequent first
    if not asked:
        raise ProvriskError(
            "Which actor's events are to be counted? Name one or more with --actor, or all; the most frequent: "
            f"{_shown(known.head(6))}."
        )
    names = known["name"].map(folded)
    out = {}
    for actor in asked:
        found = known[(known["id"] == actor.strip()) | (names == folded(actor))]
        if found.empty:
            raise ProvriskError(
                f"{opened.raws[0].name} has no actor {actor!r} in that country; the most frequent: "
                f"{_shown(known.head(6))}."
            )
        if found["id"].nunique() > 1:
            raise ProvriskError(
                f"{opened.raws[0].name} has several actors with the name {actor!r}: give the identifier of one, or of "
                f"each ({_shown(found)})."
            )
        out[str(found["id"].iloc[0])] = str(found["name"].iloc[0])
    return out


def _shown(actors: pd.DataFrame) -> str:
    """Actors by name, with the identifier if it differs."""
    pairs = zip(actors["id"], actors["name"], strict=True)
    return ", ".join(name if key == name else f"{name} ({key})" for key, name in pairs)


def _places(opened: OpenedFiles, here: pd.DataFrame) -> pd.DataFrame:
    """Name, coordinates and P-code of the place of each row, if the source gives them."""
    layout = opened.source.layout
    name = pd.Series("", index=here.index)
    for column in layout.province:
        name = name.where(name.str.strip() != "", here.get(column, name))
    bare = pd.DataFrame({"name": name, "latitude": float("nan"), "longitude": float("nan")})
    places = bare.assign(pcode=here.get(layout.pcode, ""))
    latitude, longitude = layout.latitude, layout.longitude
    if latitude is None or longitude is None or not {latitude, longitude} <= set(here):
        return places
    return places.assign(**parsed_rows.coordinates(here, latitude, longitude))


def _counted(
    folder: Path, contents: dict[str, str], facts: study_files.Facts, opened: OpenedFiles
) -> tuple[LoadedCounts, pd.Timestamp]:
    """The counts from the files, and January of their first year."""
    begin = months.parse(f"{months.FIRST_YEAR}-01")
    trial = {
        **contents,
        "study.toml": study_files.study_toml(facts, "", begin, ([], [])),
        "protocols.toml": study_files.protocols_toml(100),
    }
    for file, content in trial.items():
        files.write(folder / file, content)
    study, store = load_study(folder), Store(folder.parent / "releases")
    today = pd.Timestamp.now().normalize()
    for raw in opened.raws:
        store.add(raw, today, "the day it was added", opened.mapping, opened.covered)
    loaded = from_releases(study, store, store.releases())
    counted = loaded.counts[loaded.counts[study.file.target.column] > 0]
    if counted.empty:
        raise ProvriskError(f"The files have no event of {', '.join(facts.actors.values())} with a province to count.")
    # Zeros before the first event carry no information on the actor.
    first = counted.month.min().replace(month=1)
    return loaded, max(first, loaded.counts.month.min())


def _some(names: Sequence[str], most: int = 10) -> str:
    return ", ".join(list(names)[:most])
