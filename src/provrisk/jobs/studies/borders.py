"""Neighbours in a new study: from the user's map, else the bundled map, else by distance."""

import itertools
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from provrisk.errors import ProvriskError
from provrisk.events.boundaries import polygons
from provrisk.study.geojson import read_shapes
from provrisk.study.name_matching import folded
from provrisk.study.outlines import Map

NEAREST = 3
GUESS = "nearest centres"
"""Value of the column ``how`` of neighbours.csv for a border that no map shows."""
DRAWN = "shared border in Natural Earth"


def find_borders(provinces: pd.DataFrame, drawn: Map | None, borders: Path | None) -> pd.DataFrame:
    """The table neighbours.csv: pairs ``a`` and ``b`` of ``provinces`` (indexed by name), and ``how`` they were found.

    A province that is not on the map gets its three nearest by coordinates. Raises ``ProvriskError`` if the user's
    map ``borders`` lacks one.
    """
    spelled = {name: [name, *aliases.split("|")] for name, aliases in provinces.aliases.items()}
    if borders is not None:
        return _table(dict.fromkeys(_touching(borders, spelled), f"border in {borders.name}"))
    of = {folded(spelling): str(name) for name, spellings in spelled.items() for spelling in spellings if spelling}
    shown = {name: of[folded(name)] for name in (drawn.outlines if drawn else {}) if folded(name) in of}
    pairs = {
        tuple(sorted((shown[a], shown[b])))
        for a, b in (drawn.borders if drawn else ())
        if a in shown and b in shown and shown[a] != shown[b]
    }
    known = dict.fromkeys(pairs, DRAWN)
    guessed = {pair: GUESS for pair in _nearest(provinces) if not set(pair) <= set(shown.values())}
    return _table(guessed | known)


def _table(pairs: Mapping[tuple[str, ...], str]) -> pd.DataFrame:
    return pd.DataFrame([(*pair, how) for pair, how in sorted(pairs.items())], columns=["a", "b", "how"])


def _nearest(provinces: pd.DataFrame) -> set[tuple[str, ...]]:
    """Each province and its three nearest by coordinates, on a plane around the centre of the country."""
    placed = provinces.dropna(subset=["latitude", "longitude"])
    latitude = placed.latitude.to_numpy(float)
    plane = np.c_[latitude, placed.longitude.to_numpy(float) * np.cos(np.radians(latitude.mean()))]
    number = min(NEAREST, len(placed) - 1)
    if number < 1:
        return set()
    near = cKDTree(plane).query(plane, k=number + 1)[1]
    return {tuple(sorted((placed.index[i], placed.index[j]))) for i, row in enumerate(near) for j in row if i != j}


def _touching(path: Path, spelled: Mapping[str, list[str]]) -> list[tuple[str, ...]]:
    """The provinces that share a border in a GeoJSON file, matched by any of a shape's text properties."""
    of = {folded(spelling): name for name, spellings in spelled.items() for spelling in spellings if spelling}
    shapes = {}
    for shape in read_shapes(path):
        names = {of[folded(text)] for text in shape.properties.values() if folded(text) in of}
        if len(names) == 1:
            shapes[names.pop()] = polygons(shape)
    missing = sorted(set(spelled) - set(shapes))
    if missing:
        raise ProvriskError(
            f"{path} shows no shape named {', '.join(missing)}: add the spelling or leave --borders out."
        )
    return [pair for pair in itertools.combinations(sorted(shapes), 2) if shapes[pair[0]].intersects(shapes[pair[1]])]
