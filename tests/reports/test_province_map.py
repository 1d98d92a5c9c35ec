"""The map: what was not observed is left blank, and never looks like a quiet province."""

from provrisk.reports.charts.colours import SHADES
from provrisk.reports.charts.province_map import Area, Atlas, drawn

SQUARE = "M0 0h90v60h-90z"


def test_a_province_that_nobody_observed_is_blank_and_dotted() -> None:
    areas = tuple(Area(name, SQUARE, 45, 30, 45) for name in ("Alpha", "Beta"))
    svg = drawn(
        Atlas(200, 100, areas, tiles=True), {"Alpha": 0, "Beta": None}, {"Alpha": "0.1", "Beta": "–"}, ["low", "high"]
    )
    alpha, beta = (line for line in svg.splitlines() if line.startswith("<path"))
    assert f'fill="{SHADES[0]}"' in alpha
    assert "dasharray" not in alpha
    assert 'fill="#ffffff"' in beta
    assert "dasharray" in beta
    assert SHADES[0] != "#ffffff"
