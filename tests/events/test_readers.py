"""ACLED, GTD, HDX HAPI and mapped files, in the shapes in which they are published."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from event_files import ACLED, GED, GTD, HAPI, read, with_actor, with_rules, write
from provrisk.errors import ProvriskError
from provrisk.events.counting.load import count_rules, load_counts
from provrisk.events.formats import archives
from provrisk.events.sources import vocabulary
from provrisk.events.sources.registry import SOURCES
from provrisk.events.sources.user_file import UserFile
from provrisk.study import Study

LOG = "name = 'NGO log'\nkey = 'ngo'\ndate_format = '%d/%m/%Y'\n[columns]\ndate = 'when'\nprovince = 'gov'\n"


@pytest.mark.parametrize(("inter1", "inter2"), [("2", "1"), ("Rebel group", "State forces")])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_acled_is_read_with_either_party_code_and_a_byte_order_mark(
    tmp_path: Path, iraq: Study, inter1: str, inter2: str, mark: str
) -> None:
    path = write(tmp_path / "acled.csv", ACLED, {"inter1": inter1, "inter2": inter2})
    path.write_text(mark + path.read_text())
    event = read(path, iraq).reading.events.iloc[0]
    assert (event.province, event.attack_type, event.target_type) == ("Diyala", "armed assault", "security forces")
    assert (event.violence_type, event.deaths_best, event.date_precision) == ("state-based", 3, 1)
    assert pd.isna(event.deaths_civilians)
    assert event.km_to_capital == pytest.approx(92, abs=2)  # to Baqubah, by map


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"actor1": "Islamic State (Iraqi)"}, "other actor"),
        ({"sub_event_type": "Arrests"}, "no attack: Arrests"),
        ({"sub_event_type": "Teleportation"}, "sub-event type unknown: Teleportation"),
        ({"country": "Syria"}, "other country"),
        ({"event_date": "31 April 2020"}, "date not readable"),
        ({"admin1": "Dyala"}, "province unknown: Dyala (nearest known: Diyala)"),
    ],
)
def test_acled_rows_are_set_aside_with_a_reason(
    tmp_path: Path, iraq: Study, change: dict[str, str], reason: str
) -> None:
    reading = read(write(tmp_path / "a.csv", ACLED, {}, {"event_id_cnty": "IRQ2"} | change), iraq).reading
    assert (reading.counted, reading.reasons().to_dict()) == (1, {reason: 1})
    assert reading.set_aside.iloc[0]["row"] == 3


def test_the_month_in_which_an_export_was_made_is_not_covered(tmp_path: Path, iraq: Study) -> None:
    rows = [{}, {"event_id_cnty": "IRQ2", "event_date": "03 June 2020", "timestamp": "1591500000"}]  # 7 June 2020
    part = read(write(tmp_path / "a.csv", ACLED, *rows), iraq)
    assert [f"{month:%Y-%m}" for month in part.reading.covered] == ["2020-05"]
    assert part.label == "ACLED export of 2020-06-07"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_gtd_tells_how_and_at_whom(tmp_path: Path, iraq: Study, suffix: str) -> None:
    rows = [{}, {"eventid": "2", "suicide": "1", "targtype1": "20", "iday": "0", "nkill": ""}]
    reading = read(write(tmp_path / f"gtd_0522.{suffix}", GTD, *rows), iraq).reading
    events = reading.events
    assert list(events.attack_type) == ["bombing", "suicide attack"]
    assert events.target_type.iloc[0] == "infrastructure"
    assert events.isna().target_type.iloc[1]
    assert list(events.date_precision) == [1, 4]
    assert (events.date[1], events.date_end[1]) == (pd.Timestamp(2014, 1, 1), pd.Timestamp(2014, 1, 31))
    assert reading.remarks == {"deaths not given": 1}
    assert set(events.province) == {"Salah al-Din"}


def test_gtd_month_zero_is_unknown_and_1993_is_not_covered(tmp_path: Path, iraq: Study) -> None:
    rows = [{"eventid": "1", "iyear": "1992"}, {"eventid": "2", "imonth": "0"}, {"eventid": "3", "imonth": "6"}]
    reading = read(write(tmp_path / "gtd.csv", GTD, *rows), iraq).reading
    assert reading.reasons().to_dict() == {"month unknown": 1}
    assert 1993 not in reading.covered.year
    assert {1992, 1994} <= set(reading.covered.year)
    assert reading.covered[-1] == pd.Timestamp(2014, 6, 1)


def test_hapi_districts_are_added_up_and_types_never(tmp_path: Path, own_iraq: Study) -> None:
    rows = [
        {}, {"admin2_name": "Sinjar", "events": "1", "fatalities": ""}, {"event_type": "civilian_targeting"},
        {"admin1_name": "Diyala", "events": "0", "fatalities": "0"},
        {"reference_period_start": "2023-02-01", "reference_period_end": "2023-02-28", "events": ""},
        {"reference_period_start": "2023-02-01", "reference_period_end": "2023-02-14"},
    ]  # fmt: skip
    path = write(tmp_path / "hapi.csv", HAPI, *rows, tags=True)
    part = read(path, own_iraq)
    assert part.reading.rows == 6
    assert part.reading.reasons().to_dict() == {"other event type": 1, "no figure given": 1, "period is not a month": 1}
    table = load_counts(own_iraq, path).counts.set_index(["month", "province"])
    nineveh, diyala = table.loc[("2023-01-01", "Nineveh")], table.loc[("2023-01-01", "Diyala")]
    assert (nineveh.attacks, diyala.attacks, diyala.deaths) == (5, 0, 0)
    assert pd.isna(nineveh.deaths)  # one district does not say
    assert not table.loc[("2023-01-01", "Basra")].observed


def test_a_log_is_read_through_a_mapping(tmp_path: Path, iraq: Study) -> None:
    mapping, log = tmp_path / "ngo.toml", tmp_path / "log.csv"
    mapping.write_text(LOG + "attack_type = 'kind'\n[words.attack_type]\nIED = 'bombing'\n")
    log.write_text(
        "when,gov,kind\n03/02/2020,Ninewa,IED\n03/02/2020,Ninewa,IED\n2020-02-04,Ninewa,IED\n05/02/2020,Erbil,x\n"
    )
    reading = read(log, with_actor(iraq, ngo=("all",)), mapping).reading
    assert reading.reasons().to_dict() == {"date not readable": 1}
    assert reading.remarks == {"attack_type not in the mapping": 1}
    assert list(reading.events.province) == ["Nineveh", "Nineveh", "Erbil"]
    assert reading.events.event_id.is_unique  # two like rows are two events
    assert list(reading.events.attack_type[:2]) == ["bombing", "bombing"]


def test_monthly_totals_enter_as_counts_and_what_they_lack_is_missing(tmp_path: Path, own_iraq: Study) -> None:
    mapping, totals = tmp_path / "t.toml", tmp_path / "totals.csv"
    mapping.write_text("name = 'Police'\nkey = 'police'\n[columns]\nmonth = 'm'\nprovince = 'p'\nattacks = 'n'\n")
    totals.write_text(
        "m,p,n\n2020-01,Ninewa,3\n2020-03,Ninewa,4\n2020-03,Ninewa,4\n2020-03,Nowhere,4\n2020-02,Erbil,\n"
    )
    figures = load_counts(with_actor(own_iraq, police=("all",)), UserFile(totals, mapping))
    table = figures.counts.set_index(["month", "province"])
    assert figures.source.startswith("Police file ")
    assert (table.loc[("2020-01-01", "Nineveh"), "attacks"], table.loc[("2020-03-01", "Nineveh"), "attacks"]) == (3, 4)
    assert table.loc["2020-02-01"].attacks.isna().all()
    assert figures.set_aside.sum() == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 'x'\n", "key"),
        (LOG + "colour = 'c'\n", "'colour' is not one of"),
        ("name = 'x'\nkey = 'x'\n[columns]\nprovince = 'p'\n", "lacks 'date'"),
        (LOG + "[words.attack_type]\nIED = 'boom'\n", "'boom' is not one of"),
        ("name = ", "not readable TOML"),
    ],
)
def test_a_wrong_mapping_is_one_sentence(tmp_path: Path, iraq: Study, text: str, message: str) -> None:
    (tmp_path / "m.toml").write_text(text)
    with pytest.raises(ProvriskError, match=message) as raised:
        read(write(tmp_path / "x.csv", GED, {}), iraq, tmp_path / "m.toml")
    assert "\n" not in str(raised.value)


def test_a_study_that_names_no_actor_in_a_source_is_told(tmp_path: Path, iraq: Study) -> None:
    with pytest.raises(ProvriskError, match=r"\[actor\] has none for ACLED; add acled"):
        read(write(tmp_path / "a.csv", ACLED, {}), with_actor(iraq, ucdp=("234",)))


def test_a_file_of_no_known_source_is_told_of_the_mapping(tmp_path: Path, iraq: Study) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ProvriskError, match=r"x.csv is no table of UCDP GED, ACLED, ACLED weekly aggregates, GTD"):
        read(tmp_path / "x.csv", iraq)


def test_a_zip_is_read_by_the_name_of_what_it_holds(tmp_path: Path, iraq: Study) -> None:
    table = write(tmp_path / "GEDEvent_v25_1.csv", GED, {})
    with zipfile.ZipFile(tmp_path / "official.zip", "w") as archive:
        archive.write(table, table.name)
    assert read(tmp_path / "official.zip", iraq).label == "UCDP GED 25.1"


def test_an_archive_that_is_not_to_be_trusted_is_refused(
    tmp_path: Path, iraq: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, members in {"outside": ["../x.csv"], "root": ["/x.csv"], "two": ["a.csv", "b.csv"]}.items():
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for member in members:
                archive.writestr(member, "a,b\n" * 100)
    for name, message in {"outside": "outside its folder", "root": "outside its folder", "two": "2 CSV files"}.items():
        with pytest.raises(ProvriskError, match=message):
            read(tmp_path / f"{name}.zip", iraq)
    monkeypatch.setattr(archives, "LARGEST", 300)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", "a,b\n" * 100)
    with pytest.raises(ProvriskError, match="unpacks to more than"):
        read(tmp_path / "bomb.zip", iraq)
    (tmp_path / "torn.zip").write_bytes((tmp_path / "two.zip").read_bytes()[:60])
    with pytest.raises(ProvriskError, match="damaged archive"):
        read(tmp_path / "torn.zip", iraq)


def test_counts_by_type_leave_out_what_the_source_does_not_say(tmp_path: Path, own_iraq: Study) -> None:
    rows = [{}, {"eventid": "2", "targtype1": "20"}, {"eventid": "3", "targtype1": "4"}]
    study = with_rules(own_iraq, target_types=("infrastructure",))
    figures = load_counts(study, write(tmp_path / "gtd.csv", GTD, *rows))
    assert figures.counts.attacks.sum() == 1
    assert figures.set_aside.to_dict() == {"target type not given": 1, "other target type": 1}
    with pytest.raises(ProvriskError, match="UCDP GED does not give the target type"):
        load_counts(study, write(tmp_path / "ged.csv", GED, {}))


@pytest.mark.parametrize("source", ["acled", "gtd"])
def test_the_tables_speak_our_words(source: str) -> None:
    table = vocabulary.table(source)
    assert set(table["attack_type"].values()) <= set(vocabulary.ATTACK_TYPES)
    assert set(table["target_type"].values()) <= set(vocabulary.TARGET_TYPES)
    assert set(table["place_precision"].values()) <= set(range(1, 8))


@pytest.mark.parametrize("key", SOURCES)
def test_every_source_has_a_page_and_the_bundled_study_an_actor(key: str, iraq: Study) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sources" / f"{key}.md").read_text(encoding="utf-8")
    for heading in ("Provider", "Licence", "Cadence"):
        assert f"| {heading} |" in page
    assert count_rules(iraq, SOURCES[key]).actors
