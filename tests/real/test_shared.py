"""Real files of several countries: every row is accounted for, on its way to counts and through the store."""

from pathlib import Path

import pytest

from provrisk.errors import ProvriskError
from provrisk.events import coverage
from provrisk.events.counting.load import load_counts, read_file, read_release
from provrisk.events.releases.add import add_path
from provrisk.events.releases.release_store import Store
from provrisk.jobs.studies.new import new_study
from provrisk.study import Project

FILES = {
    "ucdp_ged_v19_1_iraq.csv": ("iraq", 7473, 6053, 138, "19.1", "1989-01 to 2018-12"),
    "hdx_ukraine_ged20.1.csv": ("ukraine", 1167, 1001, 165, "20.1", "1989-01 to 2019-12"),
    "ged241_myanmar.csv": ("myanmar", 7374, 6672, 421, "24.1", "1989-01 to 2023-12"),
    "ged241_mexico.csv": ("mexico", 18957, 18826, 32, "24.1", "1989-01 to 2023-12"),
    "GEDEvent_v23_0_10.csv": ("iraq", 2391, 1, 0, "23.0.10", "2023-10"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_counted_checked_and_kept_to_the_last_row(
    project: Project, shared_data: Path, name: str
) -> None:
    study_name, rows, counted, unplaced, version, covers = FILES[name]
    study = project.study(study_name)
    part = read_file(study, shared_data / name)
    reading = part.reading
    assert (reading.rows, reading.counted, len(reading.events)) == (rows, counted, counted)
    assert reading.reasons().get("no province given", 0) == unplaced
    assert rows == counted + len(reading.set_aside)
    assert (part.label, coverage.in_words(reading.covered)) == (f"UCDP GED {version}", covers)
    assert reading.loss.level in ("ok", "note")
    figures = load_counts(study, shared_data / name)
    early = figures.set_aside.get("before the study's first month", 0)
    assert figures.counts.attacks.sum() == counted - early
    assert figures.counts.observed.all()
    store = Store(project.releases)
    [(release, new)] = add_path(store, shared_data / name)
    assert new
    again = read_release(study, store, release).reading
    assert (again.rows, again.counted) == (rows, counted)
    assert again.events.drop(columns="release").equals(reading.events.drop(columns="release"))


def test_a_country_without_a_study_gets_one_and_every_event_of_the_actor(project: Project, shared_data: Path) -> None:
    path = shared_data / "hdx_bangladesh_ged19.1.csv"
    new_study(project, "bangladesh", path, "Bangladesh", "234")
    reading = read_file(project.study("bangladesh"), path).reading
    assert (reading.rows, coverage.in_words(reading.covered)) == (601, "1989-01 to 2018-12")
    assert reading.counted + len(reading.set_aside) == 601
    assert reading.reasons().get("other actor", 0) + reading.loss.of == 601


@pytest.mark.parametrize("name", ["views_ged_cm_2024_07.csv", "views_competition_published.csv"])
def test_what_is_no_event_file_is_one_sentence(project: Project, shared_data: Path, name: str) -> None:
    with pytest.raises(ProvriskError) as raised:
        add_path(Store(project.releases), shared_data / name)
    assert name in str(raised.value)
