"""A new study from an event file whose truth is known, up to its first bulletin."""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import event_files
from helpers import need
from provrisk.cli import app
from provrisk.errors import ProvriskError
from provrisk.events.counting.load import load_counts
from provrisk.events.sources.user_file import UserFile
from provrisk.jobs.monthly_run import run_month
from provrisk.jobs.studies.check import check_study
from provrisk.jobs.studies.example import write_example
from provrisk.jobs.studies.merge import merge_provinces
from provrisk.jobs.studies.new import new_study
from provrisk.jobs.studies.units import find_units
from provrisk.study import Project
from provrisk.study.outlines import bundled_map


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """The made-up country of docs/new-country.md."""
    path = tmp_path / "utopia-ged201.csv"
    write_example(path)
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
    table = load_counts(study).counts
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
    for words in ("no population", "nearest centres", "no drivers.csv", "no capital"):
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
    quick = re.sub(
        r"(?m)^candidates = .*", 'candidates = ["conflictology", "ewma_nb"]', path.read_text(encoding="utf-8")
    )
    path.write_text(quick, encoding="utf-8")
    result = run_month(project.study("utopia"))
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
        ({"actors": "Green Front"}, "no actor 'Green Front'.*Red Front"),
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


DAYS = [day for month in pd.date_range("2020-01-01", periods=26, freq="MS") for day in (month, month.replace(day=27))]
STATES = ("Borno", "Federal Capital Territory")


def nigeria(folder: Path, source: str) -> dict[str, object]:
    """Two events a month in each of two states, in the shape of ``source``, and how to ask for them."""
    rows = [(day, state) for day in DAYS for state in STATES]
    made, told = folder / f"{source}.csv", {}
    if source == "acled":
        changes = [{"event_id_cnty": str(n), "event_date": f"{day:%d %B %Y}", "country": "Nigeria", "admin1": state,
                    "actor1": "Boko Haram", "timestamp": "1735689600"}
                   for n, (day, state) in enumerate(rows)]  # fmt: skip
        event_files.write(made, event_files.ACLED, *changes)
        told = {"actors": "boko haram"}
    elif source == "gtd":
        changes = [{"eventid": str(n), "iyear": str(day.year), "imonth": str(day.month), "iday": str(day.day),
                    "country_txt": "Nigeria", "provstate": state, "gname": "Boko Haram"}
                   for n, (day, state) in enumerate(rows)]  # fmt: skip
        made = event_files.write(folder / "gtd.xlsx", event_files.GTD, *changes)
        told = {"actors": ["Boko Haram"]}
    elif source == "hapi":
        months = [(day, state) for day, state in rows if day.day == 1]
        pages = [{"location_code": "NGA", "provider_admin1_name": state, "admin1_name": state, "admin_level": "1",
                  "admin2_name": "", "admin1_code": f"NG-{state}",
                  "event_type": "political_violence", "events": 2, "fatalities": None,
                  "reference_period_start": f"{day:%Y-%m-%d}T00:00:00",
                  "reference_period_end": f"{day + pd.offsets.MonthEnd(0):%Y-%m-%d}T23:59:59"}
                 for day, state in months]  # fmt: skip
        made = folder / "hapi.json"
        made.write_text(json.dumps({"data": pages}))
        told = {"actors": "political_violence"}
    elif source == "weekly":
        weeks = pd.date_range("2019-12-28", "2022-02-26", freq="W-SAT")
        pd.DataFrame([{"WEEK": f"{week:%Y-%m-%d}", "COUNTRY": "Nigeria", "ADMIN1": state, "EVENT_TYPE": "Battles",
                       "SUB_EVENT_TYPE": "Armed clash", "EVENTS": 7, "FATALITIES": 0,
                       "DISORDER_TYPE": "Political violence"}
                      for week in weeks for state in STATES]).to_csv(made, index=False)  # fmt: skip
        told = {"actors": "Political violence"}
    else:
        log = pd.DataFrame({"Day": [f"{day:%d/%m/%Y}" for day, _ in rows], "State": [state for _, state in rows]})
        made = folder / "log.xlsx"
        with pd.ExcelWriter(made) as book:
            pd.DataFrame({"About": ["kept by our desk"]}).to_excel(book, sheet_name="Notes", index=False)
            log.to_excel(book, sheet_name="Log", index=False, startrow=2)
        (folder / "log.toml").write_text('name = "Log"\nkey = "desk"\n[columns]\ndate = "DAY"\nprovince = "state"\n')
        return {"events": UserFile(made, folder / "log.toml"), "country": "NGA"}
    return {"events": made, **told}


@pytest.mark.parametrize("source", ["acled", "gtd", "hapi", "weekly", "log"])
def test_a_first_study_is_made_from_every_source(project: Project, tmp_path: Path, source: str) -> None:
    made = new_study(project, "nigeria", **nigeria(tmp_path, source))  # type: ignore[arg-type]
    study = project.study("nigeria")
    assert study.file.country == "Nigeria"
    assert study.provinces.iso["Borno"] == "NG-BO"
    assert study.provinces.iso["Federal Capital Territory"] == "NG-FC"
    # Where the source states all of a country, its other states had nothing; else nobody knows.
    assert len(study.provinces) == (2 if source in ("hapi", "log") else 37)
    assert set(study.outlines) == set(study.provinces.index)
    assert made.units.provinces.pcode["Borno"] == ("NG-Borno" if source == "hapi" else "")
    counts = pd.read_csv(study.bundled_counts)
    seen = counts[counts.province == "Borno"].set_index("month").attacks
    assert seen["2020-06"] == (30 if source == "weekly" else 2)  # seven a week, one a day
    assert seen.index[0] == "2020-01"
    assert not [finding for finding in check_study(project, "nigeria") if finding.kind == "missing"]


def test_several_files_and_several_actors_make_one_study(project: Project, tmp_path: Path) -> None:
    cells = itertools.product((2019, 2020), range(1, 13), (("Reds", "7"), ("Blues", "8"), ("Greens", "9")))
    rows = [{"id": str(n), "date_start": f"{year}-{month:02d}-05", "date_end": "", "year": str(year),
             "country": "Utopia", "adm_1": "Westmark" if n % 2 else "Ostmark", "side_b": side, "side_b_new_id": number}
            for n, (year, month, (side, number)) in enumerate(cells)]  # fmt: skip
    first = event_files.write(tmp_path / "a.csv", event_files.GED, *(row for row in rows if row["year"] == "2019"))
    second = event_files.write(tmp_path / "b.csv", event_files.GED, *(row for row in rows if row["year"] == "2020"))
    new_study(project, "utopia", [first, second], actors=["Reds", "8"])
    study = project.study("utopia")
    counts = pd.read_csv(study.bundled_counts)
    assert (counts.month.min(), counts.month.max(), counts.attacks.sum()) == ("2019-01", "2020-12", 48)
    assert study.file.actor == {"ucdp": ("7", "8")}
    assert study.file.title == "Reds and others in Utopia"
    new_study(project, "everyone", [first, second], actors="all")
    assert pd.read_csv(project.study("everyone").bundled_counts).attacks.sum() == 72
    with pytest.raises(ProvriskError, match="Which actor.*--actor.* the most frequent: Government"):
        new_study(project, "nobody", [first, second])


def test_names_that_are_one_are_merged_and_others_are_told(project: Project, tmp_path: Path) -> None:
    names = ["Westmark state", "Westmark region", "Westmark", "Western Westmark", "Ostmark division", "Ostmarck", "Sur"]
    rows = [{"id": f"{n}-{month}", "date_start": f"2019-{month:02d}-05", "date_end": f"2019-{month:02d}-05",
             "year": "2019", "country": "Utopia", "adm_1": name}
            for n, name in enumerate(names) for month in range(1, 13)]  # fmt: skip
    path = event_files.write(tmp_path / "a.csv", event_files.GED, *rows)
    made = new_study(project, "utopia", path, actors="234")
    assert set(made.units.provinces.index) == {"Westmark", "Western Westmark", "Ostmark", "Ostmarck", "Sur"}
    assert made.units.doubtful == [("Ostmarck", "Ostmark")]
    said = "\n".join(made.notes())
    assert "one province: Westmark state, Westmark region, Westmark -> Westmark" in said
    assert "--fix --merge Ostmarck=Ostmark" in said
    study = merge_provinces(project.study("utopia"), {"Ostmarck": "Ostmark"})
    counts = pd.read_csv(study.bundled_counts)
    assert counts.attacks.sum() == 84
    assert counts[counts.province == "Ostmark"].attacks.tolist() == [2] * 12
    assert "Ostmarck" not in set(study.neighbours.a) | set(study.neighbours.b) | set(study.provinces.index)
    assert study.provinces.aliases["Ostmark"] == ["Ostmarck", "Ostmark division"]
    for merges, words in (
        ({"Nord": "Sur"}, "no province 'Nord'"),
        ({"Sur": "Ostmark", "Ostmark": "Sur"}, "cannot be both"),
    ):
        with pytest.raises(ProvriskError, match=words):
            merge_provinces(study, merges)


def test_check_asks_of_each_pair_and_writes_what_is_accepted(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"id": f"{name}{month}", "date_start": f"2019-{month:02d}-05", "date_end": f"2019-{month:02d}-05",
             "year": "2019", "country": "Utopia", "adm_1": name}
            for name in ("Ostmark", "Ostmarck", "Westmark", "Westmarck") for month in range(1, 13)]  # fmt: skip
    new_study(project, "utopia", event_files.write(tmp_path / "a.csv", event_files.GED, *rows), actors="234")
    monkeypatch.chdir(project.root)
    done = CliRunner().invoke(app, ["study", "check", "utopia", "--fix"], input="y\nn\n")
    assert "one province: Ostmarck -> Ostmark" in done.stdout
    assert set(project.study("utopia").provinces.index) == {"Ostmark", "Westmarck", "Westmark"}
    done = CliRunner().invoke(app, ["study", "check", "utopia", "--fix"])  # nobody answers: nothing changes
    assert len(project.study("utopia").provinces) == 3
    done = CliRunner().invoke(app, ["study", "check", "utopia", "--fix", "--merge", "Westmarck=Westmark"])
    assert len(project.study("utopia").provinces) == 2


def test_what_is_left_over_on_both_sides_is_matched_if_it_is_like_nothing_else(tmp_path: Path) -> None:
    names = ["Tombouctou region", "Gao region", "Kidal region", "Mopti region", "Segou region", "Ménaka region"]
    rows = pd.DataFrame({"name": names, "latitude": 15.0, "longitude": 0.0, "pcode": ""})
    units = find_units(rows, "Mali", bundled_map("Mali").outlines)  # type: ignore[union-attr]
    assert "Timbuktu" in units.provinces.aliases["Tombouctou"]
    assert {"Ménaka", "Taoudénit"} == set(units.unmapped)  # made regions after the map was drawn
    assert units.provinces.iso["Segou"] == "ML-4"
