"""The bundled studies of other countries are what the raw files hold."""

from pathlib import Path

import pandas as pd
import pytest

from helpers import ROOT
from provrisk.events.counting import counts as tables
from provrisk.events.counting.load import load_counts
from provrisk.jobs.studies.merge import merge_provinces
from provrisk.jobs.studies.new import new_study
from provrisk.study import Project, find_project

FILES = {
    "myanmar": ("ged241_myanmar.csv", 15, 6672),
    "mexico": ("ged241_mexico.csv", 32, 18826),
    "ukraine": ("hdx_ukraine_ged20.1.csv", 27, 1001),
}


@pytest.mark.parametrize("name", FILES)
def test_the_figures_are_rebuilt_from_the_raw_file(name: str, shared_data: Path, tmp_path: Path) -> None:
    file, provinces, attacks = FILES[name]
    project = find_project(ROOT)
    study = project.study(name)
    table = load_counts(study, shared_data / file).counts
    assert table.province.nunique() == provinces
    assert table.attacks.sum() == attacks
    assert tables.write_csv(table, tmp_path / "monthly.csv").read_bytes() == study.bundled_counts.read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_every_province_has_a_code_a_border_and_an_outline(name: str) -> None:
    study = find_project(ROOT).study(name)
    assert (study.provinces.iso != "").all()
    assert study.provinces[["latitude", "longitude"]].notna().all(axis=None)
    assert set(study.neighbours.a) | set(study.neighbours.b) == set(study.provinces.index)
    without = {"myanmar": {"Naypyidaw"}}.get(name, set())
    assert set(study.provinces.index) - set(study.outlines) == without


@pytest.mark.parametrize("name", FILES)
def test_every_country_gets_the_recipe_of_the_default_study(name: str) -> None:
    project = find_project(ROOT)
    assert project.study(name).file.backtest == project.study("iraq").file.backtest
    assert {"recent", "quick"} <= set(project.study(name).protocols)


def test_a_first_study_of_myanmar_comes_out_as_seventeen(project: Project, shared_data: Path) -> None:
    made = new_study(project, "burma", shared_data / "ged241_myanmar.csv", actors="144")
    study = project.study("burma")
    assert len(study.provinces) == 17
    assert made.units.doubtful == [("Karen", "Kayin"), ("Magwe", "Magway")]
    assert study.provinces.aliases["Sagaing"] == ["Sagaing district", "Sagaing division", "Sagaing region"]
    counts = pd.read_csv(study.bundled_counts)
    assert counts.attacks.sum() == 6672
    iraq = project.study("iraq").file.backtest
    assert study.file.backtest.candidates == iraq.candidates
    merged = merge_provinces(study, {"Karen": "Kayin", "Magwe": "Magway"})
    assert len(merged.provinces) == 15
    found, bundled = (tables.read_csv(one.bundled_counts, one) for one in (merged, project.study("myanmar")))
    pd.testing.assert_frame_equal(found, bundled)


@pytest.mark.parametrize(
    ("country", "provinces", "attacks"), [("Nigeria", 37, 106), ("Syria", 11, 129), ("Burkina Faso", 13, 58)]
)
def test_a_country_of_a_worldwide_release_is_a_study_at_once(
    project: Project, shared_data: Path, country: str, provinces: int, attacks: int
) -> None:
    made = new_study(project, "new", shared_data / "GEDEvent_v23_0_10.csv", country, "all")
    counts = pd.read_csv(project.study("new").bundled_counts)
    unnamed = pd.read_csv(shared_data / "GEDEvent_v23_0_10.csv").query("country == @country").adm_1.isna().sum()
    assert (len(made.units.provinces), counts.attacks.sum()) == (provinces, attacks - unnamed)
    assert set(counts.month) == {"2023-10"}
