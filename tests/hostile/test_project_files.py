"""Broken files of a project: each is read for what it says, or one sentence tells what is wrong with it."""

import shutil
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_files import GED, with_rules, write
from hostile import places
from hostile.mutations import json_files, tables, toml_files
from hostile.outcome import cases, told, unharmed
from hostile.places import PLACES, SHAPES, TABLES
from provrisk.errors import ProvriskError
from provrisk.events.counting import load
from provrisk.features.catalogue import with_every_feature
from provrisk.features.panel import build_panel
from provrisk.jobs.studies.check import check_study
from provrisk.jobs.studies.new import new_study
from provrisk.models.from_file import build
from provrisk.study import find_project


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
            counted = told(lambda: load.load_counts(study))
            if not isinstance(counted, ProvriskError):
                panel = told(lambda: build_panel(with_every_feature(study), counted.counts, counted.source))
                if not isinstance(panel, ProvriskError):
                    seen = panel.observed.to_numpy().astype(bool)
                    assert np.isfinite(panel[panel.attrs["target"]].to_numpy()[seen]).all()
        models = told(project.models)
        for name, file in {} if isinstance(models, ProvriskError) else models.items():
            told(lambda name=name, file=file: build(name, file))
        told(project.promotion)


def with_file(name: str, content: bytes, check: Callable[[Path], Any] = check_project) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "project")
        shutil.copytree(places.project(), root)
        (root / name).write_bytes(content)
        check(root)


def parsed(name: str) -> dict[str, Any]:
    return tomllib.loads((places.project() / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TABLES)
@cases(normal=6, nightly=300)
@given(data=st.data())
def test_a_broken_table_of_a_study(name: str, data: st.DataObject) -> None:
    with_file(f"features/small/{name}", data.draw(tables(TABLES[name])))


@pytest.mark.parametrize(
    "name",
    ["features/small/study.toml", "features/small/protocols.toml", "models/ewma_nb.toml", "models/promotion.toml"],
)
@cases(normal=8, nightly=400)
@given(data=st.data())
def test_a_broken_toml_file(name: str, data: st.DataObject) -> None:
    with_file(name, data.draw(toml_files(parsed(name))))


@cases(normal=6, nightly=300)
@given(data=st.data())
def test_broken_boundaries(data: st.DataObject) -> None:
    def check(root: Path) -> None:
        project = find_project(root)
        study = with_rules(project.study("small"), boundaries="map.geojson")
        path = write(root / "ged.csv", GED, {"adm_1": "", "latitude": "0.5", "longitude": "1.5"}, {"id": "2"})
        part = told(lambda: load.read_file(study, path))
        assert isinstance(part, ProvriskError) or part.reading.rows == 2
        ged = write(root / "new.csv", GED | {"country": "Iraq"}, *({"id": name, "adm_1": name} for name in PLACES))
        told(lambda: new_study(project, "fresh", ged, "Iraq", "234", root / "features/small/map.geojson"))

    with_file("features/small/map.geojson", data.draw(json_files(SHAPES)), check)


@cases(normal=6, nightly=300)
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
