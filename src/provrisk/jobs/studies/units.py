"""The provinces of a new study: merged spellings, and official codes, outlines and places."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.study.countries import Unit, alpha3, units
from provrisk.study.name_matching import ALIKE, DIRECTIONS, SURE, bare, best_match, continues, folded, key, likeness
from provrisk.study.outlines import Polygons
from provrisk.study.project_files import check_name
from provrisk.study.towns import Town, find_towns

T = TypeVar("T")

BY_FAR = 0.1
CENTRE = "median of events"
"""Value of the column ``place`` of provinces.csv if the coordinates are not those of a town."""


@dataclass(frozen=True)
class Units:
    """``provinces`` is the table provinces.csv, indexed by name, aliases in one text.

    ``merged`` are the spellings that became one province; ``doubtful`` pairs of similar names; ``absent`` the
    official units without a row; ``added`` provinces that are among these; ``taken`` the names that were matched with
    an official name in another spelling; ``unlisted`` the names not in the official list; ``unmapped`` the
    provinces without an outline.
    """

    provinces: pd.DataFrame
    merged: Mapping[str, list[str]]
    doubtful: list[tuple[str, str]]
    absent: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)


def find_units(rows: pd.DataFrame, country: str, drawn: Mapping[str, Polygons], whole: bool = True) -> Units:
    """The units named by ``rows`` (name, latitude, longitude, pcode: one for each event) of ``country``.

    Spellings that differ only in the word for the kind of unit are merged, and those of which one continues the other.
    Units get the code and name of ISO 3166-2, the outline in ``drawn`` (by name) that fits, and the place of a town. If
    every name is found in the official list and the rows are of the ``whole`` country, units of that list without a row
    are also provinces.
    """
    named = rows[rows["name"].str.strip() != ""]
    if named.empty:
        raise ProvriskError(f"The rows in {country!r} name no province; a study needs provinces.")
    spellings = named["name"].str.strip().value_counts()
    for spelling in spellings.index:
        check_name(spelling, f"The rows in {country!r}")
    code = alpha3(country)
    groups = _grouped(list(spellings.index), code)
    official = _assigned(groups, _level(groups, code), lambda unit: unit.name)
    names = {name: [*group, *([official[name].name] if name in official else [])] for name, group in groups.items()}
    absent = [one for one in _level(groups, code) if one not in official.values()]
    added = absent if whole and len(official) == len(groups) else []
    for one in added:
        shown = bare(one.name) if bare(one.name) not in names else one.name
        names[shown], official[shown] = [one.name], one
    shapes = _assigned(names, list(drawn), str)
    towns = find_towns(code, {name: [name, *known] for name, known in names.items()},
                       {name: drawn[shape] for name, shape in shapes.items()})  # fmt: skip
    table = {}
    for name, known in names.items():
        mine = named[named["name"].str.strip().isin(groups.get(name, []))]
        aliases = {*known, *([shapes[name]] if name in shapes else [])} - {name}
        table[name] = _row(official.get(name), towns.get(name), mine, aliases)
    provinces = pd.DataFrame.from_dict(table, orient="index").rename_axis("province").sort_index()
    return Units(
        provinces,
        {name: group for name, group in groups.items() if len(group) > 1},
        alike(groups, {name: one.code for name, one in official.items()}),
        [f"{one.name} ({one.code})" for one in absent if not added],
        [name for name in names if name not in groups],
        [
            f"{name} = {official[name].name} ({official[name].code})"
            for name, group in groups.items()
            if name in official and key(official[name].name) not in map(key, group)
        ],
        [name for name in groups if official and name not in official],
        [name for name in names if name not in shapes] if drawn else [],
    )


def alike(names: Iterable[str], codes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of ``names`` that a person should compare; the one in the official list, if any, is second.

    Two names with different official codes are two units, even if they are similar.
    """
    pairs = []
    for one, other in itertools.combinations(sorted(names), 2):
        told_apart = {*key(one).split()} ^ {*key(other).split()} <= DIRECTIONS
        if told_apart or (one in codes and other in codes):
            continue
        bound = ALIKE if codes else SURE
        if likeness(one, other) >= bound or continues(one, other) or continues(other, one):
            first, second = (other, one) if one in codes else (one, other)
            pairs.append((likeness(one, other), first, second))
    best: dict[str, tuple[str, str]] = {}
    for _, one, other in sorted(pairs, reverse=True):
        best.setdefault(one, (one, other))
    return sorted(best.values())


def _grouped(spellings: list[str], code: str | None) -> dict[str, list[str]]:
    """Spellings by the name of their unit, the most common one; ``spellings`` are sorted, most common first."""
    official = {folded(unit.name) for level in (units(code) if code else ()) for unit in level}
    groups: dict[str, list[str]] = {}
    for spelling in spellings:
        # Two names of the official list are two units, even if they differ only in a word such as "oblast".
        alone = folded(spelling) in official and sum(key(one) == key(spelling) for one in official) > 1
        groups.setdefault(folded(spelling) if alone else key(spelling), []).append(spelling)
    known = {key(name) for name in official}
    merged: list[list[str]] = []
    for name, group in groups.items():
        into = next((one for one in merged if _one(name, key(one[0]), known)), None)
        if into is None:
            merged.append(group)
        else:
            into += group
    shown = {bare(group[0]): group for group in merged}
    return shown if len(shown) == len(merged) else {group[0]: group for group in merged}


def _one(one: str, other: str, known: set[str]) -> bool:
    return (continues(one, other) or continues(other, one)) and not (one in known and other in known)


def _level(groups: Mapping[str, list[str]], code: str | None) -> list[Unit]:
    """The level of the official list whose names are most similar to those of ``groups``."""
    levels = [list(level) for level in (units(code) if code else ())]
    hits = [len(_assigned(groups, level, lambda unit: unit.name)) for level in levels]
    best = max(hits, default=0)
    return levels[hits.index(best)] if best * 2 >= len(groups) else []


def _assigned(groups: Mapping[str, list[str]], listed: list[T], name: Callable[[T], str]) -> dict[str, T]:
    """For each group the matching one of ``listed``, exact names before similar ones."""
    left = {name(one): one for one in listed}
    out: dict[str, T] = {}
    for fits in (lambda a, b: folded(a) == folded(b), lambda a, b: key(a) == key(b), None):
        for group, spellings in groups.items():
            if group in out:
                continue
            for spelling in (group, *spellings):
                if fits is None:
                    hit = best_match(spelling, left)
                else:
                    hits = [one for one in left if fits(spelling, one)]
                    hit = hits[0] if len(hits) == 1 else None
                if hit is not None:
                    out[group] = left.pop(hit)
                    break
    if 2 * len(out) >= len(groups):  # otherwise the list is of other units
        for group, hit in _nearest([group for group in groups if group not in out], list(left)).items():
            out[group] = left.pop(hit)
    return out


def _nearest(names: list[str], listed: list[str]) -> dict[str, str]:
    """Of the unmatched names on both sides, the pairs that are clearly most similar to each other."""
    table = {
        (one, other): likeness(one, other)
        for one, other in itertools.product(names, listed)
        if not ({*key(one).split()} ^ {*key(other).split()}) & DIRECTIONS
    }

    def stands_out(pair: tuple[str, str]) -> bool:
        rivals = (value for other, value in table.items() if other != pair and {*other} & {*pair})
        return table[pair] >= ALIKE and table[pair] >= max(rivals, default=0.0) + BY_FAR

    return dict(pair for pair in table if stands_out(pair))


def _row(unit: Unit | None, town: Town | None, rows: pd.DataFrame, aliases: Iterable[str]) -> dict[str, object]:
    """A row of provinces.csv."""
    where = rows[["latitude", "longitude"]].median().round(4)
    codes = rows.pcode[rows.pcode != ""].value_counts()
    return {
        "iso": unit.code if unit else "",
        "pcode": codes.index[0] if len(codes) else "",
        "capital": town.name if town else "",
        "latitude": town.latitude if town else where.latitude,
        "longitude": town.longitude if town else where.longitude,
        "place": town.how if town else CENTRE,
        "population": "",
        "official": unit.name if unit else "",
        "aliases": "|".join(sorted(aliases)),
    }
