"""A new study from an event file whose truth is known, up to its first bulletin."""

import itertools
import json
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import ROOT, need
from provrisk.errors import ProvriskError
from provrisk.events.figures import load_counts
from provrisk.jobs.check_study import check_study
from provrisk.jobs.month import run_month
from provrisk.jobs.new_study import new_study
from provrisk.study import Project


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """The made-up country of docs/new-country.md."""
    path = tmp_path / "utopia-ged201.csv"
    runpy.run_path(str(ROOT / "docs" / "simulated_events.py"))["events"]().to_csv(path, index=False)
    return path


def make(project: Project, events: Path, **other: object) -> Path:
    arguments = {"name": "utopia", "country": "Utopia", "actors": "Red Front"} | other
    new_study(project, events=events, **arguments)  # type: ignore[arg-type]
    return project.root / "features" / "utopia"


def test_a_new_study_holds_what_the_file_tells(project: Project, events: Path) -> None:
    make(project, events)
    study = project.study("utopia")
    assert project.study().name == "iraq"  # a new study is not the default until those before it are gone
    assert (project.root / "features" / "default.txt").read_text().split() == ["iraq", "utopia"]
    assert list(study.provinces.index) == ["Al Wádi", "Fernland", "Hügel", "Mittel", "Ostmark", "Westmark"]
    assert study.provinces.loc["Al Wádi", "aliases"] == ["Al Wadi province"]
    table = load_counts(project, study).counts
    assert len(table) == 60 * 6
    by_province = table.groupby("province").attacks.sum()
    assert by_province["Fernland"] == 0  # there the other actor fought
    raw = pd.read_csv(events)
    assert by_province.sum() == (raw.country.eq("Utopia") & raw.side_b.eq("Red Front")).sum()
    # In a row the three nearest of the westernmost are the next three.
    west = study.neighbours[(study.neighbours == "Westmark").any(axis=1)]
    assert set(west.a) | set(west.b) == {"Westmark", "Al Wádi", "Mittel", "Hügel"}


def test_check_says_what_is_doubtful_and_what_is_missing(project: Project, events: Path) -> None:
    folder = make(project, events)
    said = [finding.what for finding in check_study(project, "utopia")]
    assert {finding.kind for finding in check_study(project, "utopia")} == {"doubtful"}
    for words in ("no population", "guesses", "no drivers.csv", "no capital"):
        assert any(words in what for what in said), words
    (folder / "monthly.csv").unlink()
    missing = [finding.what for finding in check_study(project, "utopia") if finding.kind == "missing"]
    assert len(missing) == 1
    assert "monthly.csv is missing" in missing[0]


def test_check_finds_nothing_missing_in_the_bundled_study(project: Project) -> None:
    assert all(finding.kind == "doubtful" for finding in check_study(project, "iraq"))


def test_a_new_study_runs(project: Project, events: Path) -> None:
    folder = make(project, events)
    path = folder / "protocols.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("origins = 24", "origins = 2").replace("burn_in = 17", "burn_in = 0"))
    path = folder / "study.toml"  # the pool of the bundled recipe takes half a minute
    path.write_text(path.read_text(encoding="utf-8").replace(', "ingarch", "ensemble"]', "]"), encoding="utf-8")
    result = run_month(project, project.study("utopia"))
    assert set(result.issue.risk.province) == set(project.study("utopia").provinces.index)
    assert result.issue.risk.province[0] == "Westmark"
    assert (result.issue.folder / "bulletin.html").is_file()


def test_a_map_tells_the_neighbours(project: Project, events: Path, tmp_path: Path) -> None:
    try:
        import shapely  # noqa: F401
    except ImportError:
        need(False, "needs shapely (the extra geo)")
    names = ["Westmark", "al-wadi", "Mittel", "Hügel", "Ostmark", "Fernland"]
    boxes = [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]] for x in range(len(names))]
    shapes = [
        {"type": "Feature", "properties": {"shapeName": name}, "geometry": {"type": "Polygon", "coordinates": [box]}}
        for name, box in zip(names, boxes, strict=True)
    ]
    path = tmp_path / "map.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": shapes}))
    make(project, events, borders=path)
    found = {tuple(sorted(pair)) for pair in project.study("utopia").neighbours[["a", "b"]].to_numpy().tolist()}
    row = ["Westmark", "Al Wádi", "Mittel", "Hügel", "Ostmark", "Fernland"]
    assert found == {tuple(sorted(pair)) for pair in itertools.pairwise(row)}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": shapes[1:]}))
    with pytest.raises(ProvriskError, match="no shape named Westmark"):
        make(project, events, borders=path, name="second")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"country": "Utopa"}, "no event in 'Utopa'; it has Elsewhere, Utopia"),
        ({"actors": "Green Front"}, "no actor by the name 'Green Front'.*Red Front"),
        ({"name": "Utopia 2"}, "cannot name a study"),
        ({"name": "iraq"}, "exists"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(
    project: Project, events: Path, other: dict[str, str], message: str
) -> None:
    before = sorted((project.root / "features").rglob("*"))
    with pytest.raises(ProvriskError, match=message):
        make(project, events, **other)
    assert sorted((project.root / "features").rglob("*")) == before


def test_an_actor_goes_by_its_identifier_too(project: Project, events: Path) -> None:
    make(project, events, actors="77")
    assert project.study("utopia").file.title == "Red Front in Utopia"
    assert np.isfinite(project.study("utopia").provinces.latitude).all()
