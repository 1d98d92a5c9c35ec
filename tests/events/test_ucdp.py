"""The UCDP GED reader, on files in the shapes the provider publishes."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import event_files
from provrisk.errors import ProvriskError
from provrisk.events.formats.raw_file import open_file
from provrisk.events.sources import ucdp
from provrisk.events.sources.parsed_rows import EVENT_COLUMNS, ParsedRows
from provrisk.study import Study


def write(path: Path, *rows: dict[str, str], tags: bool = False) -> Path:
    return event_files.write(path, event_files.GED, *rows, tags=tags)


def read(path: Path, study: Study) -> ParsedRows:
    return event_files.read(path, study).reading


def test_an_event_is_read_by_column_name(tmp_path: Path, iraq: Study) -> None:
    reading = read(write(tmp_path / "ged_v19_1.csv", {}, tags=True), iraq)
    assert reading.rows == 1
    event = reading.events.iloc[0]
    assert list(reading.events.columns) == EVENT_COLUMNS
    assert (event.province, event.actor, event.violence_type) == ("Nineveh", "IS", "state-based")
    assert (event.deaths_best, event.deaths_civilians, event.release) == (8, 2, "19.1")
    assert pd.isna(event.attack_type)
    assert pd.isna(event.target_type)
    assert list(reading.covered) == list(pd.date_range("1989-01-01", "2018-12-01", freq="MS"))
    assert event.km_to_capital == pytest.approx(4.2, abs=0.1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"side_b_new_id": "2340"}, "other actor"),
        ({"date_start": "2014-13-10"}, "date not readable"),
        ({"date_end": "2014-06-01"}, "ends before it starts"),
        ({"type_of_violence": "4"}, "type of violence unknown"),
        ({"adm_1": ""}, "no province given"),
        ({"adm_1": "Ninevehh province"}, "province unknown: Ninevehh province (nearest known: Nineveh)"),
        ({"adm_1": "Atlantis"}, "province unknown: Atlantis"),
    ],
)
def test_what_cannot_be_counted_is_set_aside_with_its_row(
    tmp_path: Path, iraq: Study, change: dict[str, str], reason: str
) -> None:
    reading = read(write(tmp_path / "ged.csv", {"id": "7"}, {"id": "8"} | change), iraq)
    assert len(reading.events) == 1
    aside = reading.set_aside.iloc[0]
    assert (aside.row, aside.reason) == (3, reason)


@pytest.mark.parametrize("column", ["best", "low", "deaths_civilians"])
@pytest.mark.parametrize("cell", ["NA", "NaN", ".", "-", "", "-99", "many", "0.5"])
def test_an_attack_counts_though_its_deaths_cannot_be_read(tmp_path: Path, iraq: Study, column: str, cell: str) -> None:
    reading = read(write(tmp_path / "ged.csv", {}, {"id": "2", column: cell}), iraq)
    ours = {"best": "deaths_best", "low": "deaths_low"}.get(column, column)
    assert len(reading.events) == 2
    assert reading.events[ours].isna().tolist() == [False, True]
    told = f"{column} is not a count, so it is missing"
    assert (told in reading.remarks) == (cell in ("-99", "many", "0.5"))


def test_figures_with_thousands_and_identifiers_with_decimals_are_read(tmp_path: Path, iraq: Study) -> None:
    change = {"id": "7.0", "side_b_new_id": "234.0", "type_of_violence": "1.0", "where_prec": "1.0"}
    path = write(tmp_path / "ged.csv", {"id": "7"}, change | {"best": "1,200", "high": "1 300", "latitude": "36,3"})
    reading = read(path, iraq)
    assert reading.reasons().to_dict() == {"identifier repeated further down": 1}
    event = reading.events.iloc[0]
    assert (event.event_id, event.deaths_best, event.deaths_high, event.latitude) == ("7", 1200, 1300, 36.3)
    assert event.violence_type == "state-based"


def test_an_empty_end_is_the_start(tmp_path: Path, iraq: Study) -> None:
    event = read(write(tmp_path / "ged.csv", {"date_end": ""}), iraq).events.iloc[0]
    assert event.date == event.date_end == pd.Timestamp(2014, 6, 10)


def test_an_actor_is_found_by_identifier_or_name(tmp_path: Path, iraq: Study) -> None:
    path = write(tmp_path / "ged.csv", {}, {"id": "2", "side_b": "Others", "side_b_new_id": "9"})
    for actors, number in ((("234",), 1), (("IS",), 1), (("IS", "9"), 2)):
        assert len(read(path, event_files.with_actor(iraq, ucdp=actors)).events) == number


def test_of_a_repeated_identifier_the_last_counts(tmp_path: Path, iraq: Study) -> None:
    reading = read(write(tmp_path / "ged.csv", {"best": "1", "low": "1"}, {"best": "5"}), iraq)
    assert list(reading.events.deaths_best) == [5]
    assert reading.set_aside.row.tolist() == [2]


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {
                "id": st.sampled_from(["1", "2", "3"]),
                "side_a_new_id": st.sampled_from(["234", "116", ""]),
                "side_b_new_id": st.sampled_from(["234", "1"]),
                "adm_1": st.sampled_from(["Nīnawá province", "", "Nowhere", "#x"]),
                "date_start": st.sampled_from(["2014-06-10", "", "2014-06-10 00:00:00.000", "x"]),
                "best": st.sampled_from(["0", "9", "", "NaN", "inf", "-3"]),
            }
        ),
        min_size=1,
        max_size=8,
    )
)
def test_no_row_is_lost(tmp_path_factory: pytest.TempPathFactory, iraq: Study, rows: list[dict[str, str]]) -> None:
    rows = [*rows, {"id": "4"}]  # a file without any date is refused
    reading = read(write(tmp_path_factory.mktemp("ged") / "ged.csv", *rows), iraq)
    assert reading.rows == len(rows) == len(reading.events) + len(reading.set_aside)
    assert not reading.events.event_id.duplicated().any()


@pytest.mark.parametrize(
    "content", [b"", b"<html><body>Sign in</body></html>", b"a,b\n1,2\n", b"id\n\xff\n", b"id,id\n"]
)
def test_what_is_no_ged_file_is_one_sentence(tmp_path: Path, iraq: Study, content: bytes) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    with pytest.raises(ProvriskError, match="broken.csv") as raised:
        read(path, iraq)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path, iraq: Study) -> None:
    with pytest.raises(ProvriskError, match="no file"):
        read(tmp_path / "absent.csv", iraq)


@pytest.mark.parametrize(
    ("name", "version", "final", "first", "last"),
    [
        ("ucdp_ged_v19_1_x.csv", "19.1", True, "1989-01", "2018-12"),
        ("ged251.csv", "25.1", True, "1989-01", "2024-12"),
        ("ged251-csv.csv", "25.1", True, "1989-01", "2024-12"),
        ("GED251 (1).csv", "25.1", True, "1989-01", "2024-12"),
        ("GEDEvent_v25_1.csv", "25.1", True, "1989-01", "2024-12"),
        ("hdx_somewhere_ged20.1.csv", "20.1", True, "1989-01", "2019-12"),
        ("GEDEvent_v14_0_6.csv", "14.0.6", False, "2014-06", "2014-06"),
        ("GEDEvent_v14_0_12.csv", "14.0.12", False, "2014-12", "2014-12"),
        ("GEDEvent_v14_01_14_06.csv", "14.01.14.06", False, "2014-01", "2014-06"),
    ],
)
def test_the_release_is_in_the_name(
    tmp_path: Path, name: str, version: str, final: bool, first: str, last: str
) -> None:
    edition = ucdp.edition(open_file(write(tmp_path / name, {})))
    assert (edition.version, edition.final) == (version, final)
    assert (f"{edition.covered[0]:%Y-%m}", f"{edition.covered[-1]:%Y-%m}") == (first, last)


def test_a_name_that_tells_no_release_gives_the_digest(tmp_path: Path) -> None:
    raw = open_file(write(tmp_path / "events.csv", {}))
    assert ucdp.edition(raw).version == f"file {raw.digest}"


def test_a_release_without_its_header_is_read(tmp_path: Path, iraq: Study) -> None:
    row = dict.fromkeys(ucdp.COLUMNS, "") | event_files.GED | {"country": "Iraq", "code_status": "Clear"}
    pd.DataFrame([row, row | {"id": "2"}]).to_csv(tmp_path / "GEDEvent_v14_0_6.csv", index=False, header=False)
    reading = read(tmp_path / "GEDEvent_v14_0_6.csv", iraq)
    assert (reading.rows, len(reading.events)) == (2, 2)
    assert list(reading.events.event_id) == ["1", "2"]


def test_another_country_is_set_aside(tmp_path: Path, iraq: Study) -> None:
    reading = read(write(tmp_path / "ged.csv", {"country": "Iraq"}, {"id": "2", "country": "Syria"}), iraq)
    assert reading.reasons().to_dict() == {"other country": 1}


def test_broken_bounds_are_a_remark_or_set_aside_as_the_study_says(tmp_path: Path, iraq: Study) -> None:
    path = write(tmp_path / "ged.csv", {}, {"id": "2", "low": "9"}, {"id": "3", "high": "7"})
    assert read(path, iraq).remarks == {"death estimates contradict each other, best one used": 2}
    for word in ("excluded", "set aside"):  # the old word works, too
        strict = read(path, event_files.with_rules(iraq, broken_bounds=word))
        assert strict.reasons().to_dict() == {"death estimates contradict each other": 2}


def test_what_is_too_coarse_for_the_study_is_set_aside(tmp_path: Path, iraq: Study) -> None:
    path = write(tmp_path / "ged.csv", {}, {"id": "2", "where_prec": "5"}, {"id": "3", "date_prec": "5"})
    assert len(read(path, iraq).events) == 3
    strict = read(path, event_files.with_rules(iraq, coarsest_date=4, coarsest_place=4))
    assert strict.reasons().to_dict() == {"precision too low: date": 1, "precision too low: place": 1}


def test_the_distance_to_a_capital_is_missing_where_the_place_is_a_province(tmp_path: Path, iraq: Study) -> None:
    reading = read(write(tmp_path / "ged.csv", {"where_prec": "4"}, {"id": "2", "latitude": ""}), iraq)
    assert reading.events.km_to_capital.isna().all()
