"""Broken files of a project: each is read for what it says, or one sentence tells what is wrong with it."""

import json
import shutil
import tempfile
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_files import GED, with_rules, write
from helpers import DRIVERS, ROOT
from hostile.mutations import json_files, tables, toml_files
from hostile.outcome import cases, told, unharmed
from provrisk.errors import ProvriskError
from provrisk.events import figures
from provrisk.features.catalogue import with_every_feature
from provrisk.features.panel import build_panel
from provrisk.jobs.check_study import check_study
from provrisk.jobs.new_study import new_study
from provrisk.models.registry import build
from provrisk.study import Project, find_project

MONTHS = [f"{year}-{month:02d}" for year in (2010, 2011, 2012) for month in range(1, 13)]
PLACES = ("Alpha", "Beta", "Gamma")
OUTSIDE = {
    "name": "oil", "file": "oil.csv", "lag": 1, "unit": "dollars", "meaning": "the price of oil", "source": "a bank",
}  # fmt: skip
SHAPES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]},
        }
        for x, name in enumerate(PLACES)
    ],
}


def rows(text: str) -> list[dict[str, str]]:
    head, *rest = [line.split(",") for line in text.strip().split("\n")]
    return [dict(zip(head, row, strict=True)) for row in rest]


TABLES = {
    "provinces.csv": rows(
        "province,iso,pcode,capital,latitude,longitude,population,aliases\n"
        "Alpha,XX-A,X1,A-town,1,1,1000,Alfa|Al Alpha\nBeta,XX-B,X2,B-town,2,2,2000,\nGamma,XX-C,X3,C-town,3,3,3000,\n"
    ),
    "neighbours.csv": rows("a,b\nAlpha,Beta\nBeta,Gamma\n"),
    "drivers.csv": rows(DRIVERS),
    "monthly.csv": [
        {"month": month, "province": place, "attacks": str(number % 7), "deaths": "9"}
        for number, (month, place) in enumerate((month, place) for month in MONTHS for place in PLACES)
    ],
    "oil.csv": [{"month": month, "province": "Alpha", "value": "71.5"} for month in MONTHS],
}


@cache
def template() -> Path:
    """A small project: three provinces, three years, every kind of file that a study may have."""
    root = Path(tempfile.mkdtemp(prefix="provrisk-hostile-"))
    shutil.copytree(ROOT / "models", root / "models")
    folder = root / "features" / "small"
    folder.mkdir(parents=True)
    for name, table in TABLES.items():
        pd.DataFrame(table).to_csv(folder / name, index=False)
    (folder / "protocols.toml").write_text(
        "[quick]\norigins = 6\nhorizons = 3\ndraws = 1000\nrefit_every = 12\nburn_in = 2\n"
    )
    study = (ROOT / "features" / "iraq" / "study.toml").read_text().replace("2004-01", "2010-01")
    outside = "\n[[outside]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in OUTSIDE.items())
    (folder / "study.toml").write_text(study.replace("horizons = 6", "horizons = 3") + outside)
    (folder / "map.geojson").write_text(json.dumps(SHAPES))
    return root


def check_project(root: Path) -> None:
    """Read everything that there is to read; each is a success, or one sentence."""
    project = told(lambda: find_project(root))
    if isinstance(project, ProvriskError):
        return
    with unharmed(root):
        told(lambda: check_study(project, "small"))
        study = told(lambda: project.study("small"))
        if not isinstance(study, ProvriskError):
            told(lambda: study.protocols)
            counted = told(lambda: figures.load_counts(project, study))
            if not isinstance(counted, ProvriskError):
                panel = told(lambda: build_panel(with_every_feature(study), counted.counts, counted.source))
                if not isinstance(panel, ProvriskError):
                    assert np.isfinite(panel[panel.attrs["target"]].to_numpy()[panel.observed.to_numpy().astype(bool)]).all()
        models = told(project.models)
        for name, file in {} if isinstance(models, ProvriskError) else models.items():
            told(lambda name=name, file=file: build(name, file))
        told(project.promotion)


def with_file(name: str, content: bytes, check: Callable[[Path], Any] = check_project) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "project")
        shutil.copytree(template(), root)
        (root / name).write_bytes(content)
        check(root)


def parsed(name: str) -> dict[str, Any]:
    return tomllib.loads((template() / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TABLES)
@cases(normal=10, nightly=400)
@given(data=st.data())
def test_a_broken_table_of_a_study(name: str, data: st.DataObject) -> None:
    with_file(f"features/small/{name}", data.draw(tables(TABLES[name])))


@pytest.mark.parametrize(
    "name", ["features/small/study.toml", "features/small/protocols.toml", "models/ensemble.toml", "models/promotion.toml"]
)
@cases(normal=12, nightly=500)
@given(data=st.data())
def test_a_broken_toml_file(name: str, data: st.DataObject) -> None:
    with_file(name, data.draw(toml_files(parsed(name))))


@cases(normal=10, nightly=400)
@given(data=st.data())
def test_broken_boundaries(data: st.DataObject) -> None:
    def check(root: Path) -> None:
        project = find_project(root)
        study = with_rules(project.study("small"), boundaries="map.geojson")
        path = write(root / "ged.csv", GED, {"adm_1": "", "latitude": "0.5", "longitude": "1.5"}, {"id": "2"})
        part = told(lambda: figures.read_file(study, path))
        assert isinstance(part, ProvriskError) or part.reading.rows == 2
        ged = write(root / "new.csv", GED | {"country": "Iraq"}, *({"id": name, "adm_1": name} for name in PLACES))
        told(lambda: new_study(project, "fresh", ged, "Iraq", "234", root / "features/small/map.geojson"))

    with_file("features/small/map.geojson", data.draw(json_files(SHAPES)), check)


@cases(normal=12, nightly=400)
@given(data=st.data())
def test_a_study_from_a_broken_file_is_whole_or_not_made(data: st.DataObject) -> None:
    good = [GED | {"country": "Iraq", "id": str(n), "adm_1": place} for n, place in enumerate(PLACES)]

    def check(root: Path) -> None:
        project = find_project(root)
        made = told(lambda: new_study(project, "fresh", root / "ged251.csv", "Iraq", "234"))
        assert (root / "features" / "fresh").exists() != isinstance(made, ProvriskError)
        if not isinstance(made, ProvriskError):
            found = check_study(project, "fresh")
            missing = [one.what for one in found if one.kind == "missing"]
            assert not [what for what in missing if "origins" not in what], missing

    with_file("ged251.csv", data.draw(tables(good)), check)
