"""Provinces from coordinates by the user's GeoJSON file: a fallback, since boundary files are often wrong."""

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.study.geojson import Shape, read_shapes

NAMES = ("province", "name", "shapeName", "ADM1_EN", "NAME_1", "admin1Name")


class Boundaries:
    """The polygons of a GeoJSON file; a feature's name is in one of the properties ``NAMES``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def find(self, latitude: pd.Series, longitude: pd.Series) -> pd.Series:
        """The name of the polygon that contains each point, missing if none does."""
        shapely = _shapely()
        names, shapes = self._features
        points = shapely.points(longitude.to_numpy(float), latitude.to_numpy(float))
        point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
        found = np.full(len(points), None, dtype=object)
        found[point] = np.asarray(names, dtype=object)[shape]
        return pd.Series(found, index=latitude.index, dtype="str")

    @cached_property
    def _features(self) -> tuple[list[str], list[Any]]:
        named = [(self._name(shape), polygons(shape)) for shape in read_shapes(self.path)]
        return [name for name, _ in named], [shape for _, shape in named]

    def _name(self, shape: Shape) -> str:
        for name in NAMES:
            if name in shape.properties:
                return shape.properties[name]
        raise ProvriskError(
            f"{self.path} is not a GeoJSON of provinces: each feature needs a property {' or '.join(NAMES[:2])}."
        )


def polygons(shape: Shape) -> Any:
    """The outline as a valid shapely geometry, even if its rings cross."""
    shapely = _shapely()
    parts = [shapely.Polygon(rings[0], rings[1:]) for rings in shape.polygons]
    return shapely.make_valid(shapely.MultiPolygon(parts))


def _shapely() -> Any:
    try:
        import shapely
    except ImportError:
        raise ProvriskError("Boundaries need shapely: pip install 'provrisk[geo]'.") from None
    return shapely
