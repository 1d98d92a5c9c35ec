"""The bundled outlines, and the names by which countries and provinces are found."""

import json
from pathlib import Path

import numpy as np
import pytest

from provrisk.study import Study
from provrisk.study.countries import alpha3, units
from provrisk.study.name_matching import bare, best_match, continues, key
from provrisk.study.outlines import BUNDLED, bundled_map, find_outlines


def area(polygons: list[list[np.ndarray]]) -> float:
    """Square degrees, holes taken off (shoelace formula)."""
    total = 0.0
    for rings in polygons:
        for number, ring in enumerate(rings):
            x, y = ring.T
            own = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
            total += own if number == 0 else -own
    return total


def test_every_governorate_has_an_outline_about_its_capital(iraq: Study) -> None:
    assert set(iraq.outlines) == set(iraq.provinces.index)
    from matplotlib.path import Path as Ring

    for name, row in iraq.provinces.iterrows():
        point = (row.longitude, row.latitude)
        assert any(Ring(rings[0]).contains_point(point) for rings in iraq.outlines[str(name)]), name
    whole = sum(area(one) for one in iraq.outlines.values()) * 111.2**2 * np.cos(np.radians(33.2))
    assert whole == pytest.approx(437_000, rel=0.02)  # the country's area in km2


def test_rings_are_closed_and_borders_join_units_of_the_map() -> None:
    for country in ("Mexico", "Nigeria", "DR Congo (Zaire)", "the world"):
        found = bundled_map(country)
        assert found is not None
        for polygons in found.outlines.values():
            assert all((ring[0] == ring[-1]).all() and len(ring) >= 4 for rings in polygons for ring in rings)
        assert {name for pair in found.borders for name in pair} <= set(found.outlines)
    assert len(bundled_map("Mexico").outlines) == 32  # type: ignore[union-attr]
    assert ("Baja California", "Sonora") in bundled_map("Mexico").borders  # type: ignore[union-attr]
    assert ("Baja California", "Yucatán") not in bundled_map("Mexico").borders  # type: ignore[union-attr]
    assert bundled_map("Atlantis") is None
    assert BUNDLED.stat().st_size < 3_000_000


def test_a_map_of_the_users_wins(tmp_path: Path) -> None:
    box = [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]
    shape = {"type": "Feature", "properties": {"n": "alfa"}, "geometry": {"type": "Polygon", "coordinates": box}}
    path = tmp_path / "map.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
    found = find_outlines("Iraq", {"Alpha": ["Alfa"], "Anbar": ["Al-Anbar"]}, path)
    assert list(found) == ["Alpha"]
    assert found["Alpha"][0][0].shape == (5, 2)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Myanmar (Burma)", "MMR"), ("DR Congo (Zaire)", "COD"), ("Democratic Republic of Congo", "COD"),
        ("Congo", "COG"), ("Ivory Coast", "CIV"), ("Côte d'Ivoire", "CIV"), ("Bosnia-Herzegovina", "BIH"),
        ("Yemen (North Yemen)", "YEM"), ("Russia (Soviet Union)", "RUS"), ("Syria", "SYR"), ("Palestine", "PSE"),
        ("NER", "NER"), ("Niger", "NER"), ("Nigeria", "NGA"), ("South Sudan", "SSD"), ("Utopia", None), ("", None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_usual_names(name: str, code: str | None) -> None:
    assert alpha3(name) == code


def test_units_come_by_level() -> None:
    assert [len(level) for level in units("MEX")] == [32]
    assert [len(level) for level in units("BGD")] == [8, 64]
    assert units("XXX") == ()


def test_words_for_the_kind_of_unit_do_not_tell_names_apart() -> None:
    same = ["Sagaing", "Sagaing division", "Sagaing  Region", "SAGAING DISTRICT", "Sagaing state", "State of Sagaing"]
    assert {key(name) for name in same} == {"sagaing"}
    assert key("Wilaya d'Alger") != key("Wilaya")
    assert key("Estado de México") == key("México state") != key("Ciudad de México")
    assert bare("Province of the North West") == "North West"
    assert continues("Michoacán de Ocampo", "Michoacán")
    assert not continues("Baja California Sur", "Baja California")
    assert not continues("Zone 12", "Zone")


def test_the_best_match_is_the_only_one_or_none() -> None:
    assert best_match("Michoacán state", ["Michoacán de Ocampo", "Morelos"]) == "Michoacán de Ocampo"
    assert best_match("Naypyidaw Union territory", ["Nay Pyi Taw", "Mon"]) == "Nay Pyi Taw"
    assert best_match("North", ["North East", "North West"]) is None
    assert best_match("Kayin", ["Kayah", "Kachin"]) is None
