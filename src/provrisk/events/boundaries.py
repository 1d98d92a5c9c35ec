"""Provinces from coordinates, by a GeoJSON file of the user's: a fallback, for boundary files are often wrong."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError

NAMES = ("province", "name", "shapeName", "ADM1_EN", "NAME_1", "admin1Name")


class Boundaries:
    """The polygons of a GeoJSON file; a feature's name stands in one of the properties ``NAMES``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def find(self, latitude: pd.Series, longitude: pd.Series) -> pd.Series:
        """The name of the polygon that holds each point, missing where none does."""
        shapely = _shapely()
        names, shapes = self._features
        points = shapely.points(longitude.to_numpy(float), latitude.to_numpy(float))
        point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
        found = np.full(len(points), None, dtype=object)
        found[point] = np.asarray(names, dtype=object)[shape]
        return pd.Series(found, index=latitude.index, dtype="str")

    @cached_property
    def _features(self) -> tuple[list[str], list[Any]]:
        shapely = _shapely()
        try:
            features = files.read_json(self.path)["features"]
            names = [
                next(str(one["properties"][name]) for name in NAMES if name in one["properties"]) for one in features
            ]
            return names, [shapely.from_geojson(json.dumps(one["geometry"])) for one in features]
        except FileNotFoundError:
            raise ProvriskError(f"{self.path} is missing: restore it, or drop 'boundaries' in study.toml.") from None
        except (ValueError, KeyError, TypeError, StopIteration, shapely.errors.ShapelyError):
            raise ProvriskError(
                f"{self.path} is no GeoJSON of provinces: it needs features with a geometry and a property "
                f"{' or '.join(NAMES[:2])}."
            ) from None


def _shapely() -> Any:
    try:
        import shapely
    except ImportError:
        raise ProvriskError("Boundaries need shapely: pip install 'provrisk[geo]'.") from None
    return shapely
