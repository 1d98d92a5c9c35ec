"""Names of provinces."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import event_files
from provrisk.errors import ProvriskError
from provrisk.events.boundaries import Boundaries
from provrisk.events.gazetteer import Gazetteer, key
from provrisk.study import Study


@pytest.mark.parametrize(
    ("spelling", "province"),
    [
        ("Kirkūk province", "Kirkuk"),
        ("At-Ta'mim province", "Kirkuk"),
        ("Al Başrah  province", "Basra"),
        ("Şalāḩ ad Dīn province", "Salah al-Din"),
        ("Karbalā’ province", "Karbala"),
        ("NINEWA", "Nineveh"),
        ("Halabja", "Sulaymaniyah"),
        ("Anbar Governorate", "Anbar"),
    ],
)
def test_spellings_meet(iraq: Study, spelling: str, province: str) -> None:
    assert Gazetteer(iraq.provinces).match(pd.Series([spelling]))[0] == province


def test_a_name_nobody_knows_is_missing_and_has_a_nearest(iraq: Study) -> None:
    gazetteer = Gazetteer(iraq.provinces)
    assert gazetteer.match(pd.Series(["Ninevehh", ""])).isna().all()
    assert gazetteer.nearest("Ninevehh") == "Nineveh"
    assert gazetteer.nearest("qqqqq") is None


def test_one_spelling_cannot_mean_two_provinces(small_study: Study) -> None:
    provinces = small_study.provinces.copy()
    provinces.at["Beta", "aliases"] = ["ALFA"]
    with pytest.raises(ProvriskError, match="'ALFA' to Alpha and to Beta"):
        Gazetteer(provinces)


@given(st.text())
def test_a_key_is_its_own_key(name: str) -> None:
    assert key(key(name)) == key(name)


SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [0, 2], [2, 2], [2, 0], [0, 0]]]}


def boundaries(folder: Path) -> Path:
    feature = {"type": "Feature", "properties": {"name": "Alfa"}, "geometry": SQUARE}
    path = folder / "shapes.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def test_coordinates_place_what_has_no_name(small_study: Study) -> None:
    gazetteer = Gazetteer(small_study.provinces, boundaries(small_study.folder))
    latitude, longitude = pd.Series([1.0, 1.0, 9.0, np.nan]), pd.Series([1.0, 1.0, 9.0, 1.0])
    found = gazetteer.locate(latitude, longitude, pd.Series([True, False, True, True]))
    assert found[0] == "Alpha"
    assert found[1:].isna().all()
    assert Gazetteer(small_study.provinces).locate(latitude, longitude, latitude > 0).isna().all()


def test_the_name_comes_first_and_a_country_is_never_placed(small_study: Study) -> None:
    boundaries(small_study.folder)
    study = event_files.with_rules(small_study, boundaries="shapes.geojson")
    here = {"latitude": "1", "longitude": "1"}
    path = event_files.write(
        small_study.folder / "ged.csv", event_files.GED,
        {"id": "1", "adm_1": "Beta"} | here, {"id": "2", "adm_1": ""} | here, {"id": "3", "adm_1": "Nowhere"} | here,
        {"id": "4", "adm_1": "", "where_prec": "6"} | here, {"id": "5", "adm_1": "", "where_prec": "5"} | here,
    )  # fmt: skip
    reading = event_files.read(path, study).reading
    assert list(reading.events.province) == ["Beta", "Alpha", "Alpha"]
    assert reading.reasons().to_dict() == {"no province given": 2}
    assert reading.remarks == {"placed by coordinates, without a known name": 2}


def test_a_file_that_is_no_map_is_one_sentence(small_study: Study) -> None:
    path = small_study.folder / "shapes.geojson"
    for text in ("", "{}", '{"features": [{"properties": {}, "geometry": null}]}'):
        path.write_text(text)
        with pytest.raises(ProvriskError, match=r"shapes.geojson is not a GeoJSON"):
            Boundaries(path).find(pd.Series([1.0]), pd.Series([1.0]))


def test_distance_to_the_nearest_capital_is_that_on_the_sphere(small_study: Study) -> None:
    km = Gazetteer(small_study.provinces).km_to_capital(pd.Series([1.0, 0.0, np.nan]), pd.Series([1.0, 1.0, 1.0]))
    assert km[0] == pytest.approx(0, abs=1e-6)
    assert km[1] == pytest.approx(111.195, abs=0.01)  # a degree of a meridian
    assert np.isnan(km[2])
