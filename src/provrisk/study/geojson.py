"""Outlines of provinces from a GeoJSON file: the only reader of such files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from provrisk import files
from provrisk.errors import ProvriskError


@dataclass(frozen=True)
class Shape:
    """One feature: its ``properties`` that are text, and its ``polygons``, each a list of rings, the outer one first.

    A ring is an array of longitude and latitude in degrees: (point, 2).
    """

    properties: dict[str, str]
    polygons: list[list[np.ndarray]]


def read_shapes(path: Path) -> list[Shape]:
    """The features of a GeoJSON file that are polygons; points and lines are left out.

    Raises ``ProvriskError`` if the file is no GeoJSON of outlines, or one of them is broken.
    """
    try:
        features = files.read_json(path)["features"]
        found = [_shape(feature) for feature in features]
    except FileNotFoundError:
        raise ProvriskError(f"{path} is missing: restore it, or drop 'boundaries' in study.toml.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
        raise ProvriskError(
            f"{path} is not a GeoJSON of provinces ({reason}): it needs features with a name and a geometry in degrees."
        ) from None
    shapes = [shape for shape in found if shape is not None]
    if not shapes:
        raise ProvriskError(f"{path} is not a GeoJSON of provinces: it has no feature with an outline.")
    return shapes


def _shape(feature: dict[str, Any]) -> Shape | None:
    geometry = feature.get("geometry") or {}
    polygons = geometry.get("coordinates")
    match geometry.get("type"):
        case "Polygon":
            polygons = [polygons]
        case "MultiPolygon":
            pass
        case _:
            return None
    said = feature.get("properties") or {}
    texts = {str(name): value for name, value in said.items() if isinstance(value, str)}
    return Shape(texts, [[_ring(ring) for ring in _some(polygon)] for polygon in _some(polygons)])


def _some(parts: object) -> list[Any]:
    if not isinstance(parts, list) or not parts:
        raise ValueError("an outline without coordinates")
    return parts


def _ring(points: object) -> np.ndarray:
    ring = np.array([point[:2] for point in _some(points)], dtype=float)
    if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < 4 or not (np.abs(ring) <= [180, 90]).all():
        raise ValueError("an outline that is no ring of longitudes and latitudes")
    return ring
