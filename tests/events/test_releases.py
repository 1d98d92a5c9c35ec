"""The store: nothing lost, nothing changed, and only what was out on the day."""

import json
import multiprocessing
from pathlib import Path

import pandas as pd
import pytest

import event_files
from event_files import with_rules
from provrisk.errors import ProvriskError
from provrisk.events.counting.load import checked, load_counts
from provrisk.events.counting.revisions import by_month, revisions
from provrisk.events.formats.raw_file import open_file
from provrisk.events.releases.add import add_folder, add_path
from provrisk.events.releases.release_store import Store
from provrisk.events.sources.user_file import UserFile
from provrisk.study import Project, Study


def ged(folder: Path, name: str, *rows: tuple[str, str]) -> Path:
    """A GED file of events (identifier, day) in Nineveh."""
    changes = [{"id": key, "date_start": day, "date_end": day, "year": day[:4]} for key, day in rows]
    return event_files.write(folder / name, event_files.GED, *changes)


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


@pytest.fixture
def history(project: Project, tmp_path: Path) -> Store:
    """January and February as Candidate months, February once more, then the final year."""
    store, files = Store(project.releases), tmp_path / "files"
    add_path(store, ged(files, "GEDEvent_v20_0_1.csv", ("1", "2020-01-05"), ("2", "2020-01-06")), day("2020-02-20"))
    # An event of January that came to light in February, and a revision of the second.
    add_path(store, ged(files, "GEDEvent_v20_0_2.csv", ("3", "2020-01-30"), ("2", "2020-02-01")), day("2020-03-20"))
    # The final year knows neither 1 nor 3, and one more of February.
    final = ged(files, "ged211.csv", ("2", "2020-02-01"), ("5", "2020-02-09"), ("6", "2020-12-09"))
    add_path(store, final, day("2021-06-15"))
    # The provider republished a month that is final already.
    add_path(store, ged(files, "GEDEvent_v20_01_20_02.csv", ("7", "2020-01-07")), day("2021-08-01"))
    return store


def monthly(study: Study, as_of: str | None = None) -> dict[str, float]:
    figures = load_counts(study, as_of=day(as_of) if as_of else None)
    totals = figures.counts.groupby("month").attacks.sum(min_count=1)
    return {
        f"{month:%Y-%m}": value for month, value in totals[totals != 0].items() if month.year >= 2019 and value == value
    }


def test_a_release_is_kept_whole(project: Project, tmp_path: Path) -> None:
    path = ged(tmp_path, "ged211.csv", ("1", "2020-01-05"), ("2", "2020-01-06"))
    store = Store(project.releases)
    (release, new), *_ = add_path(store, path)
    assert (new, release.label, release.rows, release.final) == (True, "UCDP GED 21.1", 2, True)
    pd.testing.assert_frame_equal(store.table(release), open_file(path).table)
    assert release.available == pd.Timestamp.now().normalize()  # never earlier than somebody vouches for
    assert store.releases()[0].manifest() == release.manifest()


def test_adding_twice_changes_nothing(project: Project, tmp_path: Path) -> None:
    path = ged(tmp_path, "ged211.csv", ("1", "2020-01-05"))
    store = Store(project.releases)
    add_path(store, path, day("2021-06-15"))
    before = {one.name: one.read_bytes() for one in project.releases.iterdir()}
    (release, new), *_ = add_path(store, path, day("2021-01-20"))
    assert not new
    assert release.available == day("2021-06-15")
    assert {one.name: one.read_bytes() for one in project.releases.iterdir()} == before


def test_a_folder_is_added_file_by_file(project: Project, tmp_path: Path) -> None:
    for month in (1, 2, 3):
        ged(tmp_path / "in", f"GEDEvent_v20_0_{month}.csv", (str(month), f"2020-0{month}-05"))
    added = add_path(Store(project.releases), tmp_path / "in")
    assert [release.version for release, _ in added] == ["20.0.1", "20.0.2", "20.0.3"]


@pytest.mark.parametrize(
    ("available", "covers", "message"),
    [
        ("2020-06-01", None, "covers 2020-12 and cannot have been complete on 2020-06-01"),
        ("2999-01-01", None, "a day in the future"),
        (None, "2020-05:2020-01", "ends before it begins"),
        (None, "May", "'May' is not a month"),
    ],
)
def test_a_date_that_cannot_be_is_refused(
    project: Project, tmp_path: Path, available: str | None, covers: str | None, message: str
) -> None:
    path = ged(tmp_path, "ged211.csv", ("1", "2020-01-05"))
    with pytest.raises(ProvriskError, match=message):
        add_path(Store(project.releases), UserFile(path, covers=covers), day(available) if available else None)
    assert not list(project.releases.glob("*.json"))


def test_a_changed_release_is_not_read(project: Project, history: Store, own_iraq: Study) -> None:
    next(project.releases.glob("*.parquet")).write_bytes(b"PAR1")
    with pytest.raises(ProvriskError, match="is not the stored one"):
        load_counts(own_iraq)


def test_only_what_was_out_on_the_day_is_counted(history: Store, own_iraq: Study) -> None:
    assert monthly(own_iraq, "2020-02-20") == {"2020-01": 2}
    # Identifier 2 moved to February; what February's release says of January is added to it.
    assert monthly(own_iraq, "2020-03-20") == {"2020-01": 2, "2020-02": 1}
    assert monthly(own_iraq, "2021-06-15") == {"2020-02": 2, "2020-12": 1}
    assert not load_counts(own_iraq, as_of=day("2020-02-19")).releases  # the bundled figures alone
    with pytest.raises(
        ProvriskError, match="No release was published by 2019-06-01: the first, UCDP GED 19.1, is of 2019"
    ):
        monthly(own_iraq, "2019-06-01")


def test_the_study_says_which_release_states_a_month(history: Store, own_iraq: Study) -> None:
    assert monthly(own_iraq) == {"2020-02": 2, "2020-12": 1}
    assert monthly(with_rules(own_iraq, overlap="latest wins")) == {"2020-01": 1, "2020-12": 1}


def test_every_row_of_every_release_is_accounted_for(history: Store, own_iraq: Study) -> None:
    parts, unasked = checked(own_iraq)
    assert unasked == []
    figures = load_counts(own_iraq)
    assert sum(part.reading.rows for part in parts) == 8 == figures.counts.attacks.sum() + figures.set_aside.sum()
    assert figures.set_aside.to_dict() == {
        "no longer in a later release of its month": 3,
        "revised in a later release": 2,
    }


def test_a_month_between_releases_is_missing(project: Project, tmp_path: Path, own_iraq: Study) -> None:
    store = Store(project.releases)
    for month in (1, 3):
        add_path(
            store, ged(tmp_path, f"GEDEvent_v20_0_{month}.csv", (str(month), f"2020-0{month}-05")), day("2020-06-01")
        )
    table = load_counts(own_iraq).counts.set_index("month")
    assert table.loc["2020-02-01"].attacks.isna().all()
    assert not table.loc["2020-02-01"].observed.any()
    assert table.loc["2020-03-01"].attacks.notna().all()


def test_revisions_show_how_far_a_month_moved(history: Store, own_iraq: Study) -> None:
    table = revisions(own_iraq)
    january = by_month(table).set_index("month").loc["2020-01-01"]
    assert (january["first"], january["last"], january.change, january.releases) == (2, 1, -1, 3)
    ages = table[table.month == "2020-01-01"].groupby("release").age.first()
    assert ages.to_dict() == {"UCDP GED 20.0.1": 0, "UCDP GED 21.1": 16, "UCDP GED 20.01.20.02": 18}


def test_two_sources_are_never_added_up(history: Store, tmp_path: Path, own_iraq: Study) -> None:
    add_path(history, event_files.write(tmp_path / "acled.csv", event_files.ACLED, {}))
    assert checked(event_files.with_actor(own_iraq, ucdp=("234",)))[1] == ["ACLED export of 2020-06-01"]
    with pytest.raises(ProvriskError, match="several sources"):
        load_counts(own_iraq)
    figures = load_counts(with_rules(own_iraq, count="acled"))
    assert figures.source == "ACLED export of 2020-06-01"
    assert not figures.shareable
    cited = figures.cited(own_iraq).file.source
    assert str(cited) == figures.source
    assert "no access to its rows" in cited.licence
    assert figures.cited(own_iraq).provinces.equals(own_iraq.provinces)


def test_the_newest_months_are_provisional_until_a_final_release(
    project: Project, tmp_path: Path, own_iraq: Study
) -> None:
    study = with_rules(own_iraq, provisional_months=2)
    store = Store(project.releases)
    for month in (1, 2, 3):
        add_path(
            store, ged(tmp_path, f"GEDEvent_v20_0_{month}.csv", (str(month), f"2020-0{month}-05")), day("2020-06-01")
        )
    assert [f"{m:%Y-%m}" for m in load_counts(study).provisional] == ["2020-02", "2020-03"]
    add_path(store, ged(tmp_path, "ged211.csv", ("1", "2020-01-05"), ("4", "2020-04-05")), day("2021-06-15"))
    assert load_counts(study).provisional.empty


def _add(folder: Path, path: Path) -> bool:
    return add_path(Store(folder), path)[0][1]


def test_two_writers_keep_one_release(project: Project, tmp_path: Path) -> None:
    path = ged(tmp_path, "ged211.csv", *((str(n), "2020-01-05") for n in range(2000)))
    with multiprocessing.get_context("fork").Pool(4) as pool:
        news = pool.starmap(_add, [(project.releases, path)] * 4)
    assert sum(news) == 1
    assert len(list(project.releases.glob("*.json"))) == 1


def test_a_release_is_taken_off_and_put_back(project: Project, tmp_path: Path) -> None:
    store = Store(project.releases)
    path = event_files.write(tmp_path / "ged151.csv", event_files.GED, {})
    release, _ = store.add(open_file(path), pd.Timestamp(2015, 6, 15), "stated")
    before = {one.name: one.read_bytes() for one in project.releases.iterdir() if one.suffix != ".lock"}
    with pytest.raises(ProvriskError, match="There is no release 'xyz'"):
        store.remove("xyz")
    assert store.remove(release.digest[:6]).digest == release.digest
    assert store.releases() == []
    assert store.restore("15.1").digest == release.digest
    assert {one.name: one.read_bytes() for one in project.releases.iterdir() if one.is_file()} | before == before | {
        ".lock": b""
    }
    assert [one.digest for one in store.releases()] == [release.digest]
    # Killed after the manifest had moved: the same call finishes it.
    (project.releases / f"{release.digest}.json").rename(project.releases / "removed" / f"{release.digest}.json")
    assert store.restore(release.digest).digest == release.digest
    assert store.table(release).shape[0] == 1


def test_a_folder_accounts_for_every_file(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    ged(folder, "GEDEvent_v20_0_1.csv", ("1", "2020-01-05"))
    rows = pd.read_csv(ged(folder, "GEDEvent_v20_0_2.csv", ("2", "2020-02-05")), dtype=str, keep_default_na=False)
    (folder / "GEDEvent_v20_0_2.csv").unlink()
    rows.to_csv(folder / "GEDEvent_v20_0_2.csv.gz", index=False)
    for page, number in enumerate("345"):
        row = rows.iloc[0].to_dict() | {"id": number, "date_start": f"2020-03-0{number}", "date_end": ""}
        (folder / f"ged_2020_page{page}.json").write_text(json.dumps({"TotalCount": 3, "Result": [row]}))
    (folder / "notes.txt").write_text("nothing to see\n")
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7")
    (folder / "older").mkdir()
    added, refused = add_folder(Store(tmp_path / "releases"), UserFile(folder))
    assert sorted(release.rows for release, _ in added) == [1, 1, 3]  # three pages are one answer
    assert set(refused) == {"notes.txt", "paper.pdf", "older"}
    assert "a PDF document" in refused["paper.pdf"]
    assert "add it separately" in refused["older"]
    for path in [*folder.glob("*.csv"), *folder.glob("*.gz"), *folder.glob("*.json")]:
        path.unlink()
    with pytest.raises(ProvriskError, match="no file that can be read as events"):
        add_folder(Store(tmp_path / "releases"), UserFile(folder))
