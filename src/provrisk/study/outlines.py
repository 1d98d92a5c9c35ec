"""Outlines of provinces: those of a user's GeoJSON file, else the bundled ones of the whole world.

The bundled file holds Natural Earth's first-level units (public domain), one topology a country
(``docs/make_outlines.py`` makes it). Two units of a topology are neighbours if they share an arc.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from provrisk.study.countries import alpha3
from provrisk.study.geojson import read_shapes
from provrisk.study.name_matching import folded

BUNDLED = Path(__file__).with_name("outlines.zip")

Polygons = list[list[np.ndarray]]
"""Polygons, each a list of rings, the outer one first; a ring is an array of longitude and latitude: (point, 2)."""


@dataclass(frozen=True)
class Map:
    """The units of a country: the outline of each, and the pairs that share a border."""

    outlines: Mapping[str, Polygons]
    borders: frozenset[tuple[str, str]]


@cache
def bundled_map(country: str) -> Map | None:
    """The bundled map of a country under any usual name ("the world": the countries themselves), if there is one."""
    member = f"{alpha3(country) or folded(country).removeprefix('the ').upper()}.json"
    with zipfile.ZipFile(BUNDLED) as archive:
        if member not in archive.namelist():
            return None
        topology = json.loads(archive.read(member))
    arcs = [_degrees(arc, topology["scale"], topology["translate"]) for arc in topology["arcs"]]
    drawn: dict[str, Polygons] = {}
    touched: dict[int, set[str]] = {}
    for shape in topology["shapes"]:
        name = shape["name"]
        if not name:
            continue  # islets and disputed ground that the map gives to no unit
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        drawn.setdefault(name, []).extend([_ring(ring, arcs) for ring in polygon] for polygon in polygons)
        for ring in (ring for polygon in polygons for ring in polygon):
            for arc in ring:
                touched.setdefault(max(arc, ~arc), set()).add(name)
    pairs = {pair for names in touched.values() for pair in combinations(sorted(names), 2)}
    return Map(drawn, frozenset(pairs))


def find_outlines(
    country: str, spellings: Mapping[str, list[str]], boundaries: Path | None = None
) -> dict[str, Polygons]:
    """The outline of each province (a key of ``spellings``, with all its names) that a map shows under one of them.

    ``boundaries`` is a GeoJSON file of the user's, which wins over the bundled map.
    """
    found: dict[str, Polygons] = {}
    names = {folded(spelling): province for province, known in spellings.items() for spelling in (province, *known)}
    if boundaries is not None:
        for shape in read_shapes(boundaries):
            hits = {names[folded(text)] for text in shape.properties.values() if folded(text) in names}
            if len(hits) == 1:
                found.setdefault(hits.pop(), []).extend(shape.polygons)
        return found
    bundled = bundled_map(country)
    for name, polygons in (bundled.outlines if bundled else {}).items():
        if folded(name) in names:
            found.setdefault(names[folded(name)], []).extend(polygons)
    return found


def _degrees(arc: list[list[int]], scale: list[float], translate: list[float]) -> np.ndarray:
    # An arc is its first point and the steps from it, in units of ``scale``.
    return np.cumsum(np.array(arc, dtype=float), axis=0) * scale + translate


def _ring(numbers: list[int], arcs: list[np.ndarray]) -> np.ndarray:
    # A negative number is the arc ~number backwards; each arc begins where the one before it ends.
    parts: list[Any] = [arcs[one] if one >= 0 else arcs[~one][::-1] for one in numbers]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
