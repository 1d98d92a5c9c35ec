"""A new study from an event file whose truth is known, up to its first bulletin."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import need
from provrisk import months, seeds
from provrisk.errors import ProvriskError
from provrisk.events.ucdp import NEEDED
from provrisk.jobs.check_study import check_study
from provrisk.jobs.month import load_counts, run_month
from provrisk.jobs.new_study import new_study
from provrisk.study import Project

#            latitude, longitude, attacks a month; the five lie in a row from west to east.
PLACES = {
    "Westmark province": (10.0, 1.0, 4.0), "Ostmark": (10.0, 5.0, 1.0), "Al Wádi": (10.0, 2.0, 0.5),
    "Al Wadi province": (10.0, 2.0, 0.5), "Mittel": (10.0, 3.0, 0.2), "Hügel": (10.0, 4.0, 0.1),
}  # fmt: skip


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Five years of a made-up country in the shape of UCDP GED, with another actor and another country."""
    rng = seeds.generator("new study")
    rows = []
    for month in months.span(months.parse("2015-01"), months.parse("2019-12")):
        for name, (latitude, longitude, mean) in PLACES.items():
            for _ in range(rng.poisson(mean)):
                day = month + pd.Timedelta(days=int(rng.integers(28)))
                side = ("1", "Government of Utopia", "77", "Red Front")
                rows.append(_event(len(rows), day, "Utopia", name, latitude, longitude, side))
    rows.append(
        _event(len(rows), pd.Timestamp(2016, 5, 5), "Utopia", "Fernland", 10.0, 6.0, ("1", "x", "88", "Blue Front"))
    )
    rows.append(
        _event(len(rows), pd.Timestamp(2016, 5, 5), "Elsewhere", "Far", 0.0, 0.0, ("1", "x", "77", "Red Front"))
    )
    path = tmp_path / "ged191.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def _event(number: int, day: pd.Timestamp, country: str, place: str, latitude: float, longitude: float,
           side: tuple[str, str, str, str]) -> dict[str, object]:  # fmt: skip
    row = dict.fromkeys(NEEDED, "1")
    return row | {
        "id": number, "year": day.year, "country": country, "adm_1": place, "latitude": latitude,
        "longitude": longitude, "date_start": f"{day:%Y-%m-%d}", "date_end": f"{day:%Y-%m-%d}",
        "side_a_new_id": side[0], "side_a": side[1], "side_b_new_id": side[2], "side_b": side[3],
    }  # fmt: skip


def make(project: Project, events: Path, **other: object) -> Path:
    arguments = {"name": "utopia", "country": "Utopia", "actor": "Red Front"} | other
    new_study(project, events=events, **arguments)  # type: ignore[arg-type]
    return project.root / "features" / "utopia"


def test_a_new_study_holds_what_the_file_tells(project: Project, events: Path) -> None:
    make(project, events)
    study = project.study("utopia")
    assert list(study.provinces.index) == ["Al Wádi", "Fernland", "Hügel", "Mittel", "Ostmark", "Westmark"]
    assert study.provinces.loc["Al Wádi", "aliases"] == ["Al Wadi province", "Al Wádi"]
    table, _, _ = load_counts(study, None)
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
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text.replace("origins = 24", "origins = 2"), encoding="utf-8")
    for path in (project.root / "models").glob("*.toml"):
        if path.stem not in ("conflictology", "ewma_nb"):
            path.unlink()
    result = run_month(project, project.study("utopia"))
    assert set(result.bulletin.risk.province) == set(project.study("utopia").provinces.index)
    assert result.bulletin.risk.province[0] == "Westmark"
    assert (result.folder / "bulletin.html").is_file()


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
    assert found == {tuple(sorted(pair)) for pair in zip(row, row[1:], strict=False)}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": shapes[1:]}))
    with pytest.raises(ProvriskError, match="no shape named Westmark"):
        make(project, events, borders=path, name="second")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"country": "Utopa"}, "no event in 'Utopa'; it has Elsewhere, Utopia"),
        ({"actor": "Green Front"}, "no actor by the name 'Green Front'.*Red Front"),
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
    make(project, events, actor="77")
    assert project.study("utopia").file.title == "Red Front in Utopia"
    assert np.isfinite(project.study("utopia").provinces.latitude).all()
