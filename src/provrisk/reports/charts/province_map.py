"""The study's provinces as shapes on a map: outlines if available, else tiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import escape
from matplotlib.path import Path as Outline

from provrisk.reports.charts import colours
from provrisk.reports.language import place
from provrisk.study import Study
from provrisk.study.outlines import Polygons

WIDTH, WIDE, TALLEST = 480.0, 960.0, 470.0
CROWDED = 40
"""With more provinces than this a map is wide, and labels only provinces with enough space."""
TILE, GAP = 92.0, 3.0
DOT = 4.0
"""Radius of the mark for a province that is too small for the map."""

EDGE, BLANK, LEGEND = "#566077", "#ffffff", 26.0
GRID = 12
SIZE, LETTER = 9.0, 0.56
"""Height of the labels, and the mean width of a letter as a share of it."""


@dataclass(frozen=True)
class Area:
    """One province: its outline as an SVG path, and the position and space of its label in drawing units."""

    name: str
    path: str
    x: float
    y: float
    room: float


@dataclass(frozen=True)
class Atlas:
    """All provinces on one map; ``tiles`` are placed roughly at the provinces."""

    width: float
    height: float
    areas: tuple[Area, ...]
    tiles: bool

    @property
    def wide(self) -> bool:
        """Whether the map needs the whole width of a page."""
        return not self.tiles and len(self.areas) > CROWDED


def atlas(study: Study) -> Atlas | None:
    """The provinces of ``study``: their outlines, else the grid of provinces.csv; none where it has neither."""
    return _outlined(study.outlines, study.provinces) if study.outlines else _tiled(study.provinces)


def drawn(atlas: Atlas, shade: Mapping[str, int | None], note: Mapping[str, str], legend: Sequence[str]) -> str:
    """The map as SVG: each province in its ``shade`` with its ``note``, and the scale along the lower edge.

    A province without a shade (nothing observed) is blank with a dotted line.
    """
    parts = [_area(area, shade[area.name], note[area.name]) for area in atlas.areas]
    parts += [_label(atlas, area, shade[area.name], note[area.name]) for area in atlas.areas]
    return _svg(atlas.width, atlas.height + LEGEND, [*parts, *_legend(atlas, legend)])


def _area(area: Area, shade: int | None, note: str) -> str:
    title = escape(f"{place(area.name)}: {note}")
    line = f'stroke="{EDGE}" stroke-width="0.7"' + (' stroke-dasharray="2 2"' if shade is None else "")
    return f'<path d="{area.path}" fill="{_fill(shade)}" {line}><title>{title}</title></path>'


def _fill(shade: int | None) -> str:
    return BLANK if shade is None else colours.SHADES[shade]


def _label(atlas: Atlas, area: Area, shade: int | None, note: str) -> str:
    name = place(area.name)
    wide = max(len(name), len(note)) * SIZE * LETTER
    if atlas.wide and wide > 2.2 * area.room:
        return ""  # a crowded map gives the others in its titles and in the table
    ink, paper = colours.ink_on(shade or 0), _fill(shade)
    halo = f'stroke="{paper}" stroke-width="2.4" stroke-linejoin="round" paint-order="stroke"'
    style = f'text-anchor="middle" font-family="DejaVu Sans, sans-serif" fill="{ink}" {halo}'
    return (
        f'<text x="{area.x:.1f}" y="{area.y - 1:.1f}" font-size="{SIZE - 1:g}" {style}>{escape(name)}</text>'
        f'<text x="{area.x:.1f}" y="{area.y + SIZE:.1f}" font-size="{SIZE:g}" font-weight="bold" {style}>{escape(note)}'
        "</text>"
    )


def _legend(atlas: Atlas, legend: Sequence[str]) -> list[str]:
    wide, top = atlas.width / len(legend), atlas.height + 6
    out = []
    for step, word in enumerate(legend):
        shade = colours.shade_of(step, len(legend))
        out.append(
            f'<rect x="{step * wide + 1:.1f}" y="{top:.1f}" width="{wide - 2:.1f}" height="18" stroke="{EDGE}" '
            f'stroke-width="0.6" fill="{colours.SHADES[shade]}"/>'
            f'<text x="{(step + 0.5) * wide:.1f}" y="{top + 12.5:.1f}" '
            f'font-size="{min(SIZE, wide / max(len(word) * LETTER, 1)):.1f}" text-anchor="middle" '
            f'font-family="DejaVu Sans, sans-serif" fill="{colours.ink_on(shade)}">{escape(word)}</text>'
        )
    return out


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}">'
    return "\n".join([head, *(part for part in parts if part), "</svg>"])


def _tiled(provinces: pd.DataFrame) -> Atlas | None:
    if not {"tile_row", "tile_column"} <= set(provinces.columns):
        return None
    cells = provinces[["tile_row", "tile_column"]].apply(pd.to_numeric, errors="coerce")
    if cells.isna().any(axis=None):
        return None
    areas = []
    for name, row in cells.iterrows():
        x, y = row.tile_column * TILE, row.tile_row * TILE * 0.62
        path = f"M{x + GAP:.1f} {y + GAP:.1f}h{TILE - 2 * GAP:.1f}v{0.62 * TILE - 2 * GAP:.1f}h{2 * GAP - TILE:.1f}z"
        areas.append(Area(str(name), path, x + TILE / 2, y + 0.28 * TILE, TILE / 2))
    width, height = (cells.tile_column.max() + 1) * TILE, (cells.tile_row.max() + 1) * TILE * 0.62
    return Atlas(float(width), float(height), tuple(areas), tiles=True)


def _outlined(outlines: Mapping[str, Polygons], provinces: pd.DataFrame) -> Atlas:
    """Outlines in degrees on an equirectangular drawing, true to scale at its middle latitude."""
    lone = provinces.loc[[name for name in provinces.index if name not in outlines], ["longitude", "latitude"]].dropna()
    whole = {name: [[_unbroken(ring) for ring in polygon] for polygon in outlines[name]] for name in outlines}
    outer = [polygon[0] for polygons in whole.values() for polygon in polygons]
    points = np.concatenate([*outer, lone.to_numpy(dtype=float)])
    low, high = points.min(axis=0), points.max(axis=0)
    narrow = float(np.cos(np.radians((low[1] + high[1]) / 2)))
    spread = (high - low) * [narrow, 1]
    width = WIDE if len(provinces) > CROWDED else WIDTH
    scale = min((width - 8) / max(spread[0], 1e-9), (TALLEST - 8) / max(spread[1], 1e-9))

    def placed(ring: np.ndarray) -> np.ndarray:
        return np.column_stack([(ring[:, 0] - low[0]) * narrow, high[1] - ring[:, 1]]) * scale + 4

    areas = [_drawn(name, [[placed(ring) for ring in polygon] for polygon in whole[name]])
             for name in provinces.index if name in whole]  # fmt: skip
    for name, x, y in zip(lone.index, *placed(lone.to_numpy(dtype=float)).T, strict=True):
        areas.append(Area(name, _dot(x, y), float(x), float(y), DOT))
    width, height = spread * scale + 8
    return Atlas(float(width), float(height), tuple(areas), tiles=False)


def _unbroken(ring: np.ndarray) -> np.ndarray:
    """The ring where it crosses the 180th meridian: continued beyond it, instead of across the whole map."""
    along = np.unwrap(ring[:, 0], period=360)
    along += 360 * np.round((np.median(ring[:, 0]) - np.median(along)) / 360)  # where most of it lies
    return np.column_stack([along, ring[:, 1]])


def _drawn(name: str, polygons: Polygons) -> Area:
    rings = [ring for polygon in polygons for ring in polygon]
    largest = max((polygon[0] for polygon in polygons), key=_size)
    x, y, room = _inside(largest)
    path = "".join(_path(ring) for ring in rings)
    if room < DOT / 2:  # too small to see its colour
        return Area(name, path + _dot(x, y), x, y, DOT)
    return Area(name, path, x, y, room)


def _dot(x: float, y: float) -> str:
    return f"M{x - DOT:.1f} {y:.1f}a{DOT:g} {DOT:g} 0 1 0 {2 * DOT:g} 0a{DOT:g} {DOT:g} 0 1 0 {-2 * DOT:g} 0z"


def _path(ring: np.ndarray) -> str:
    points = np.round(ring, 1)
    kept = points[np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept[:-1]) + "z" if len(kept) > 3 else ""


def _size(ring: np.ndarray) -> float:
    x, y = ring.T
    return float(abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2)


def _inside(ring: np.ndarray) -> tuple[float, float, float]:
    """The point of a coarse grid that lies farthest inside the ring, and its distance from the edge."""
    low, high = ring.min(axis=0), ring.max(axis=0)
    across, down = (low + (high - low) * ((np.arange(GRID) + 0.5) / GRID)[:, None]).T
    grid = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    inside = grid[Outline(ring).contains_points(grid)]
    if not len(inside):
        inside = ring.mean(axis=0)[None]
    distance = np.sqrt(((inside[:, None] - ring[None]) ** 2).sum(axis=-1)).min(axis=1)
    best = int(distance.argmax())
    return float(inside[best, 0]), float(inside[best, 1]), float(distance[best])
