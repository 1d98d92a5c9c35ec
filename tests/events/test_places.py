"""Names of provinces."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provrisk.errors import ProvriskError
from provrisk.events.places import Gazetteer, key
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
