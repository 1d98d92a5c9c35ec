"""The UCDP GED reader, on files in the shapes the provider publishes."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provrisk.errors import ProvriskError
from provrisk.events import ucdp
from provrisk.events.places import Gazetteer
from provrisk.events.reading import EVENT_COLUMNS
from provrisk.study import Study

ROW = {
    "id": "1", "year": "2014", "type_of_violence": "1", "side_a_new_id": "116", "side_a": "Government of Iraq",
    "side_b_new_id": "234", "side_b": "IS", "where_prec": "1", "adm_1": "Nīnawá province", "latitude": "36.3",
    "longitude": "43.1", "date_prec": "1", "date_start": "2014-06-10", "date_end": "2014-06-11",
    "deaths_civilians": "2", "best": "8", "low": "8", "high": "9",
}  # fmt: skip


def write(path: Path, *rows: dict[str, str], tags: bool = False) -> Path:
    table = pd.DataFrame([ROW | row for row in rows])
    if tags:
        table = pd.concat([pd.DataFrame([{"adm_1": "#adm1+name", "date_start": "#date+start"}]), table])
    table.to_csv(path, index=False)
    return path


def read(path: Path, study: Study):
    return ucdp.read(path, ("234",), Gazetteer(study.provinces))


def test_an_event_is_read_by_column_name(tmp_path: Path, iraq: Study) -> None:
    reading = read(write(tmp_path / "ged_v19_1.csv", {}, tags=True), iraq)
    assert reading.rows == 1
    event = reading.events.iloc[0]
    assert list(reading.events.columns) == EVENT_COLUMNS
    assert (event.province, event.actor, event.violence_type) == ("Nineveh", "IS", "state-based")
    assert (event.deaths_best, event.deaths_civilians, event.release) == (8, 2, "19.1")
    assert pd.isna(event.attack_type)
    assert pd.isna(event.target_type)
    assert (reading.first, reading.last) == (pd.Timestamp(2014, 1, 1), pd.Timestamp(2014, 12, 1))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"side_b_new_id": "2340"}, "other actor"),
        ({"date_start": "2014-13-10"}, "date not readable"),
        ({"date_end": "2014-06-01"}, "ends before it starts"),
        ({"best": "-1"}, "best is not a count"),
        ({"best": "many"}, "best is not a count"),
        ({"low": "0.5"}, "low is not a count"),
        ({"type_of_violence": "4"}, "type of violence unknown"),
        ({"adm_1": ""}, "no province given"),
        ({"adm_1": "Atlantis"}, "province unknown: Atlantis"),
    ],
)
def test_what_cannot_be_counted_is_set_aside_with_its_row(
    tmp_path: Path, iraq: Study, change: dict[str, str], reason: str
) -> None:
    reading = read(write(tmp_path / "ged.csv", {"id": "7"}, {"id": "8"} | change), iraq)
    assert len(reading.events) == 1
    aside = reading.set_aside.iloc[0]
    assert (aside.row, aside.reason, aside.id) == (2, reason, "8")


def test_of_a_repeated_identifier_the_last_counts(tmp_path: Path, iraq: Study) -> None:
    reading = read(write(tmp_path / "ged.csv", {"best": "1", "low": "1"}, {"best": "5"}), iraq)
    assert list(reading.events.deaths_best) == [5]
    assert reading.set_aside.row.tolist() == [1]


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
    ("name", "release"),
    [("ucdp_ged_v19_1_x.csv", "19.1"), ("ged251.csv", "25.1"), ("GEDEvent_v25_1.csv", "25.1")],
)
def test_the_release_is_in_the_name(tmp_path: Path, name: str, release: str) -> None:
    (tmp_path / name).write_text("x")
    assert ucdp.release_of(tmp_path / name) == release


def test_a_name_that_tells_no_release_gives_the_digest(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("x")
    assert ucdp.release_of(tmp_path / "events.csv").startswith("file 2d711642b726b044")
