"""The map: outlines where the study has them, else a grid of tiles."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.reports import charts
from provrisk.reports.basis import Basis
from provrisk.reports.document import Block, Chart, Part, Text
from provrisk.study.shapes import Shape


def part(basis: Basis) -> Part:
    """The map of levels."""
    return Part(key="map", title="Map", blocks=(_map(basis),))


def _map(basis: Basis) -> Block:
    scale = basis.study.file.risk
    steps = {row.province: scale.levels.index(row.level) for row in basis.risk.itertuples()}
    shade = {name: charts.shade_of(step, len(scale.levels)) for name, step in steps.items()}
    groups = [
        f"{level}: " + ", ".join(name for name, step in steps.items() if scale.levels[step] == level)
        for level in reversed(scale.levels)
        if scale.levels.index(level) in steps.values()
    ]
    alt = f"Map of the levels in {basis.month}. " + "; ".join(groups) + "."
    if basis.shapes is not None:
        shapes = outlines(basis.shapes, basis.study.provinces)
        svg, caption = charts.choropleth(shapes, shade, scale.levels), f"Level by {basis.unit.one}."
    else:
        cells = tiles(basis, shade)
        if cells is None:
            return Text(words="There is no map: provinces.csv has no tile_row and tile_column, the study no GeoJSON.")
        svg = charts.tiles(cells, scale.levels)
        caption = f"Level by {basis.unit.one}, with the median and the 80 % interval. "
        caption += f"Tiles stand roughly where {basis.unit.many} lie."
    return Chart(svg=svg, alt=alt, caption=caption, wide=True)


def tiles(basis: Basis, shade: Mapping[str, int]) -> pd.DataFrame | None:
    """Where each province's tile lies and what it says, or none if the study does not place them all."""
    provinces = basis.study.provinces
    if not {"tile_row", "tile_column"} <= set(provinces.columns):
        return None
    risk = basis.risk.set_index("province")
    cells = pd.DataFrame(
        {
            "row": pd.to_numeric(provinces.tile_row, errors="coerce"),
            "column": pd.to_numeric(provinces.tile_column, errors="coerce"),
            "name": provinces.index,
            "shade": [shade[name] for name in provinces.index],
            "note": [
                f"{risk.loc[name, 'median']} ({risk.loc[name, 'low_80']}–{risk.loc[name, 'high_80']})"
                for name in provinces.index
            ],
        }
    )
    return None if cells[["row", "column"]].isna().any(axis=None) else cells


def outlines(shapes: Sequence[Shape], provinces: pd.DataFrame) -> dict[str, list[np.ndarray]]:
    """The outer rings of each province, which a shape names by name, alias, ISO code or P-code.

    Raises ``ProvriskError`` for a province that no feature names.
    """
    known = {
        str(code): name
        for name, row in provinces.iterrows()
        for code in (name, row.iso, row.pcode, *row.aliases)
        if code
    }
    found: dict[str, list[np.ndarray]] = {}
    for shape in shapes:
        named = [known[text] for text in shape.properties.values() if text in known]
        if named:
            found[named[0]] = [rings[0] for rings in shape.polygons]
    lacking = [name for name in provinces.index if not found.get(name)]
    if lacking:
        raise ProvriskError(
            f"The study's GeoJSON has no outline of {lacking[0]}: add it, or take 'boundaries' out of study.toml."
        )
    return found
