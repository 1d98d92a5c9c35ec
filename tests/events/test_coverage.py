"""What states a month: names that rows bear out, the span of the rows, and rows that take evidence away."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from event_files import ACLED, GED, HAPI, read, with_actor, write
from provrisk import months
from provrisk.errors import ProvriskError, StopError
from provrisk.events import coverage, lost_rows
from provrisk.events.counting.load import all_releases, counted_releases, load_counts
from provrisk.events.releases.add import add_path
from provrisk.events.releases.release_store import Store
from provrisk.events.sources.user_file import UserFile
from provrisk.jobs.studies.new import new_study
from provrisk.study import Project, Study

LOG = "name = 'Log'\nkey = 'ngo'\n[columns]\ndate = 'when'\nprovince = 'gov'\ndeaths_best = 'dead'\n"
NOW = pd.Timestamp("2026-11-26")


def days(*texts: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts)))


def every(first: str, last: str, step: int = 10) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(first, last, freq=f"{step}D")]


def ged(path: Path, when: list[str], **other: str) -> Path:
    rows = [{"id": str(n), "date_start": day, "date_end": day, "year": day[:4]} | other for n, day in enumerate(when)]
    return write(path, GED, *rows)


def log(folder: Path, rows: list[tuple[str, str]], more: str = "") -> tuple[Path, Path]:
    (folder / "ngo.toml").write_text(more + LOG)
    lines = ["when,gov,dead", *(f"{when},{where},1" for when, where in rows)]
    (folder / "log.csv").write_text("\n".join(lines) + "\n")
    return folder / "log.csv", folder / "ngo.toml"


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (every("2020-03-05", "2021-02-20"), "2020-03 to 2021-02"),
        ([*every("2020-03-05", "2021-02-20"), "2071-02-01"], "2020-03 to 2021-02"),  # a slip of the pen
        (["1970-01-01", *every("2020-03-05", "2021-02-20")], "2020-03 to 2021-02"),  # a program's "no date"
        (["1970-01-01", *every("2020-03-05", "2021-02-20"), "2022-02-01"], "2020-03 to 2021-02"),
        (every("2026-10-01", "2026-11-20", 3), "2026-10"),  # November is not over
        (["2020-01-05", "2020-12-09"], "2020-01 to 2020-12"),  # too few to call one of them far off
        (["2012-01-05", "2012-09-01", "2013-05-01", "2014-04-01", "2014-11-01", "2015-06-01", "2016-08-01"],
         "2012-01 to 2016-08"),  # rare, but no date stands alone
    ],
)  # fmt: skip
def test_rows_state_their_span_but_no_lone_date_does(when: list[str], said: str) -> None:
    assert coverage.in_words(coverage.spanned(days(*when), NOW)) == said


@settings(max_examples=30, deadline=None)
@given(st.lists(st.dates(pd.Timestamp(2000, 1, 1).date(), pd.Timestamp(2025, 12, 31).date()), min_size=1, max_size=40))
def test_no_month_is_stated_outside_the_rows(when: list[object]) -> None:
    found = pd.Series(pd.to_datetime(when))
    covered = coverage.spanned(found, NOW)
    assert covered.isin(months.span(*(coverage.first_of(one) for one in (found.min(), found.max())))).all()
    assert len(covered) == 0 or (pd.Series(covered).diff().dropna().dt.days <= 31).all()


@pytest.mark.parametrize(
    ("name", "last", "version"),
    [
        ("ged211.csv", "2020-12-20", "21.1"),
        ("GEDEvent_v21_1-csv (2).csv", "2020-11-20", "21.1"),
        ("ged211.csv", "2020-06-20", None),  # cut in June: a name is no evidence of what is not there
        ("ged211.csv", "2021-06-20", None),  # rows that the release cannot hold
        ("ged_iraq_211.csv", "2020-12-20", None),
        ("ged_645.csv", "2020-12-20", None),
        ("events2111.csv", "2020-12-20", None),
        ("report-v21_1.csv", "2020-12-20", None),
    ],
)
def test_a_name_counts_only_if_it_is_ucdps_own_and_the_rows_bear_it_out(
    tmp_path: Path, iraq: Study, name: str, last: str, version: str | None
) -> None:
    part = read(ged(tmp_path / name, every("2019-01-03", last)), iraq)
    if version:
        assert (part.label, part.final) == (f"UCDP GED {version}", True)
        assert coverage.in_words(part.reading.covered) == "1989-01 to 2020-12"
    else:
        assert part.label.startswith("UCDP GED file ")
        assert coverage.in_words(part.reading.covered) == f"2019-01 to {last[:7]}"
    assert bool(part.note) == (name == "ged211.csv" and version is None)


def test_a_candidate_release_states_the_months_of_its_name_alone(tmp_path: Path, iraq: Study) -> None:
    when = ["2024-01-09", *every("2024-03-01", "2024-03-30", 3)]
    assert coverage.in_words(read(ged(tmp_path / "GEDEvent_v24_0_3 (1).csv", when), iraq).reading.covered) == "2024-03"
    elsewhere = read(ged(tmp_path / "GEDEvent_v24_0_5.csv", when), iraq)
    assert elsewhere.label.startswith("UCDP GED file ")


def test_whoever_hands_the_file_over_may_say_what_it_states(tmp_path: Path, own_iraq: Study) -> None:
    study = with_actor(own_iraq, ngo=("all",))
    path, mapping = log(tmp_path, [("2020-03-05", "Erbil"), ("2020-05-05", "Erbil")])
    assert coverage.in_words(read(path, study, mapping).reading.covered) == "2020-03 to 2020-05"
    table = load_counts(study, UserFile(path, mapping, "2020-01:2020-06")).counts
    assert (table.month.nunique(), table.attacks.sum(), table.attacks.isna().any()) == (6, 2, False)
    path, mapping = log(tmp_path, [("2020-03-05", "Erbil"), ("2020-05-05", "Erbil")], "covers = '2020-02:2020-05'\n")
    assert coverage.in_words(read(path, study, mapping).reading.covered) == "2020-02 to 2020-05"
    (tmp_path / "ngo.toml").write_text("covers = '2020-05:2020-02'\n" + LOG)
    with pytest.raises(ProvriskError, match="ends before it begins"):
        read(path, study, tmp_path / "ngo.toml")


@pytest.mark.parametrize(
    ("bad", "of", "level"),
    [(0, 100, "ok"), (1, 100, "note"), (2, 100, "note"), (3, 100, "warning"), (20, 100, "warning"), (21, 100, "stop"),
     (1, 27, "note"), (2, 27, "warning"), (1, 2, "stop")],
)  # fmt: skip
def test_how_many_unreadable_rows_are_a_note_a_warning_or_too_many(bad: int, of: int, level: str) -> None:
    assert lost_rows.LostRows(bad, of).level == level


def test_unreadable_dates_stop_with_an_example_and_the_format_that_would_read_them(
    tmp_path: Path, own_iraq: Study
) -> None:
    study = with_actor(own_iraq, ngo=("all",))
    when = pd.date_range("2017-01-05", "2018-12-30", freq="5D")
    rows = [(f"{day:%m/%d/%Y}", "Erbil") for day in when]  # month first, and the mapping says day first
    path, mapping = log(tmp_path, rows, "date_format = '%d/%m/%Y'\n")
    figures = load_counts(study, UserFile(path, mapping))
    [found] = figures.losses.values()
    assert (found.rows, found.of, found.level) == (int((when.day > 12).sum()), len(when), "stop")
    assert "such as '01/15/2017', which the date format %m/%d/%Y would read" in str(found)
    whole = figures.counts.groupby("month").attacks.sum(min_count=1)
    assert not (whole == 0).any()  # what was lost is missing, never nothing


def test_a_month_of_which_every_row_was_lost_is_missing(tmp_path: Path, own_iraq: Study) -> None:
    study = with_actor(own_iraq, ngo=("all",))
    good = [(day, "Erbil") for day in every("2019-01-02", "2020-12-28", 4)]
    march = [("2020-03-00" if day < "2020-03-15" else "2020-03-20", "Erbil") for day in ("2020-03-05", "2020-03-20")]
    rest = [row for row in good if row[0][:7] != "2020-03"]
    place = [row if row[0][:7] != "2019-07" else (row[0], "Arbilium") for row in rest]
    path, mapping = log(tmp_path, [*place, march[0]])
    figures = load_counts(study, UserFile(path, mapping))
    seen = figures.counts.groupby("month")["observed"].any()
    assert [f"{month:%Y-%m}" for month in seen.index[~seen]] == ["2019-07", "2020-03"]
    assert [f"{month:%Y-%m}" for month in figures.missing()] == ["2019-07", "2020-03"]
    path, mapping = log(tmp_path, [*rest, *march])  # one row of March can be read
    seen = load_counts(study, UserFile(path, mapping)).counts.groupby("month")["observed"].any()
    assert seen.all()


def test_rows_of_others_are_no_fault(tmp_path: Path, iraq: Study) -> None:
    rows = [{"id": "1"}, *({"id": str(n), "country": "Syria", "date_start": "x", "adm_1": "?"} for n in range(2, 40))]
    found = read(write(tmp_path / "ged.csv", GED, *[{"country": "Iraq"} | row for row in rows]), iraq).reading.loss
    assert (found.rows, found.of) == (0, 1)


def test_a_file_of_another_country_says_nothing_of_this_one(tmp_path: Path, own_iraq: Study, project: Project) -> None:
    here, there = {"country": "Iraq", "region": "Middle East"}, {"country": "Mexico", "region": "Americas"}
    when = every("2019-01-05", "2022-12-28", 20)
    store = Store(project.releases)
    add_path(store, ged(tmp_path / "ged231_mexico.csv", when, **there))
    figures = load_counts(own_iraq)
    assert figures.counts.month.max() == pd.Timestamp("2018-12-01")  # as bundled: nothing states more
    assert [one.label for one in figures.releases] == ["UCDP GED 19.1"]
    with pytest.raises(ProvriskError, match="has no row of Iraq"):
        load_counts(own_iraq, tmp_path / "ged231_mexico.csv")
    world = [there | {"region": region, "country": region, "side_b_new_id": "9"} for region in
             ("Africa", "Americas", "Asia", "Europe")]  # fmt: skip
    rows = [row | {"id": f"w{n}", "date_start": "2023-10-09", "date_end": ""} for n, row in enumerate(world)]
    add_path(store, write(tmp_path / "GEDEvent_v23_0_10.csv", GED, *rows))
    table = load_counts(own_iraq).counts
    october = table[table.month == "2023-10-01"]
    assert october.observed.all()
    assert (october.attacks == 0).all()  # the whole world's file has no event here: a true zero
    export = write(tmp_path / "acled.csv", ACLED, {"country": "Syria"})
    assert read(export, own_iraq).reading.covered.empty
    assert here["country"] == own_iraq.file.country


def test_a_country_goes_by_any_of_its_usual_names(tmp_path: Path, iraq: Study) -> None:
    path = write(tmp_path / "ged.csv", GED, {"country": "Republic of Iraq"}, {"id": "2", "country": "Iran"})
    assert read(path, iraq).reading.reasons().to_dict() == {"other country": 1}


def test_a_first_study_is_not_made_of_a_half_unreadable_file(tmp_path: Path, project: Project) -> None:
    here = {"country": "Nowhere", "code_status": "Clear"}
    when = every("2015-01-05", "2018-12-28", 20)
    broken = [day if n % 3 else f"{day[:8]}41" for n, day in enumerate(when)]
    path = ged(tmp_path / "ged191.csv", broken, **here)
    with pytest.raises(StopError, match="cannot be read: .* for the date, such as '2015-01-41'"):
        new_study(project, "nowhere", path, "Nowhere", "234")
    assert not (project.root / "features" / "nowhere").exists()


def test_a_place_that_the_source_knows_no_better_is_not_unreadable(tmp_path: Path, iraq: Study) -> None:
    rows = [{"id": "1"}, {"id": "2", "adm_1": "", "where_prec": "6"}, {"id": "3", "adm_1": "", "where_prec": "2"}]
    reading = read(write(tmp_path / "ged.csv", GED, *rows), iraq).reading
    assert (reading.reasons().to_dict(), reading.loss.rows) == ({"no province given": 2}, 1)


def test_nothing_counted_says_what_was_set_aside_and_blames_the_actor_only_if_no_row_is_its(
    tmp_path: Path, own_iraq: Study
) -> None:
    with pytest.raises(StopError, match=r"3 of the actor's 3 rows \(all\) cannot be read"):
        load_counts(own_iraq, ged(tmp_path / "a.csv", ["2019-01-05"] * 3, adm_1="Atlantis"))
    with pytest.raises(ProvriskError, match=r"3 other actor. No row is of 234: check \[actor\]"):
        load_counts(own_iraq, ged(tmp_path / "b.csv", ["2019-01-05"] * 3, side_b_new_id="9"))
    with pytest.raises(ProvriskError, match="type of violence unknown") as raised:
        load_counts(own_iraq, ged(tmp_path / "c.csv", ["2019-01-05"] * 3, type_of_violence="9"))
    assert "[actor]" not in str(raised.value)


def test_an_acled_export_states_its_last_month_only_if_it_is_whole(tmp_path: Path, iraq: Study) -> None:
    def export(last: str, stamp: str) -> str:
        rows = [{"event_id_cnty": f"I{n}", "event_date": day, "timestamp": stamp} for n, day in
                enumerate(every("2020-01-02", last, 2))]  # fmt: skip
        return coverage.in_words(read(write(tmp_path / "a.csv", ACLED, *rows), iraq).reading.covered)

    assert export("2020-05-30", "1591300000") == "2020-01 to 2020-05"  # stamped on 4 June
    assert export("2020-05-30", "1590700000") == "2020-01 to 2020-04"  # stamped on 28 May
    assert export("2020-05-14", "1735689600") == "2020-01 to 2020-04"  # cut in mid-May, long before its stamp
    assert export("2020-05-30", "1735689600000") == "2020-01 to 2020-05"  # in milliseconds
    assert export("2020-05-30", "2020-06-04 10:00:00") == "2020-01 to 2020-05"
    with pytest.raises(ProvriskError, match="stamped '99999999999999999999' in the column 'timestamp'"):
        export("2020-05-30", "99999999999999999999")


def test_hapi_takes_the_level_that_a_province_and_month_has(tmp_path: Path, own_iraq: Study) -> None:
    def row(province: str, district: str, level: str, events: str, **more: str) -> dict[str, str]:
        known = {"provider_admin1_name": province, "admin1_name": "" if district == "?" else province}
        named = {"provider_admin2_name": district, "admin2_name": "" if district == "?" else district}
        return (
            known
            | named
            | {"admin_level": level, "events": events, "fatalities": "0", "warning": "", "error": ""}
            | more
        )

    february = {"reference_period_start": "2023-02-01", "reference_period_end": "2023-02-28"}
    rows = [
        row("Diyala", "", "1", "9"), row("Diyala", "Khanaqin", "2", "4"),
        row("Diyala", "Khanaqin", "2", "4", **february),
        row("Diyala", "Kifri", "2", "3", **february), row("Anbar", "?", "2", "5"), row("Anbar", "Ramadi", "2", "6"),
        row("Anbar", "Heet", "2", "8", error="no code"), row("Anbar", "Rutba", "2", "1", warning="look"),
        row("", "", "0", "99"), row("Anbar", "", "1", "70", location_code="IRN"),
    ]  # fmt: skip
    path = write(tmp_path / "hapi.csv", HAPI, *rows)
    figures = load_counts(own_iraq, path)
    table = figures.counts.set_index(["month", "province"]).attacks
    assert table[("2023-01-01", "Diyala")] == 9
    assert table[("2023-02-01", "Diyala")] == 7
    assert table[("2023-01-01", "Anbar")] == 12
    assert figures.set_aside.to_dict() == {
        "district, beside the province's own figure": 1, "marked as an error by HDX": 1, "no province given": 1,
        "other country": 1,
    }  # fmt: skip
    assert figures.remarks["marked with a warning by HDX"] == 1
    assert not any(one.rows for one in figures.losses.values())


WEEK = {
    "WEEK": "2023-01-07", "REGION": "Middle East", "COUNTRY": "Iraq", "ADMIN1": "Anbar", "EVENT_TYPE": "Battles",
    "SUB_EVENT_TYPE": "Armed clash", "EVENTS": "7", "FATALITIES": "14", "DISORDER_TYPE": "Political violence",
    "ID": "1", "CENTROID_LATITUDE": "33", "CENTROID_LONGITUDE": "43",
}  # fmt: skip


def weeks(path: Path, *more: dict[str, str]) -> Path:
    dates = [f"{day:%Y-%m-%d}" for day in pd.date_range("2023-01-07", "2023-06-24", freq="7D")]
    return write(path, WEEK, *({"WEEK": day} for day in dates), *more)


def test_weeks_are_shared_out_by_days_and_conserved(tmp_path: Path, own_iraq: Study) -> None:
    other = [{"ADMIN1": "Diyala", "EVENT_TYPE": "Protests", "SUB_EVENT_TYPE": "Peaceful protest",
              "DISORDER_TYPE": "Demonstrations"}, {"COUNTRY": "Syria", "ADMIN1": "Homs"},
             {"SUB_EVENT_TYPE": "Attack", "EVENTS": "1,200", "FATALITIES": "NA"}]  # fmt: skip
    figures = load_counts(own_iraq, weeks(tmp_path / "w.csv", *other))
    table = figures.counts.set_index(["month", "province"])
    anbar = table.xs("Anbar", level="province")
    assert anbar.attacks.tolist() == [25 + 1200, 28, 31, 30, 31, 30]  # one a day from 7 January on
    assert anbar.attacks.sum() == 25 * 7 + 1200
    assert pd.isna(anbar.deaths.iloc[0])
    assert anbar.deaths.iloc[1:].tolist() == [2 * n for n in anbar.attacks.iloc[1:]]
    assert (table.xs("Diyala", level="province").attacks == 0).all()  # stated, and nothing there
    assert figures.set_aside.to_dict() == {"other type of event": 1, "other country": 1}
    assert figures.remarks["figure of a week in two months, divided by days"] == 4


def test_totals_finer_than_a_month_are_added_up_or_refused(tmp_path: Path, own_iraq: Study) -> None:
    study = with_actor(own_iraq, police=("all",))
    mapping, table = tmp_path / "t.toml", tmp_path / "totals.csv"
    mapping.write_text("name = 'Police'\nkey = 'police'\n[columns]\nmonth = 'm'\nprovince = 'p'\nattacks = 'n'\n")
    table.write_text("m,p,kind,n\n2020-01,Erbil,a,3\n2020-01,Erbil,b,4\n2020-02,Erbil,a,1\n")
    figures = load_counts(study, UserFile(table, mapping))
    assert figures.counts.set_index(["month", "province"]).attacks[("2020-01-01", "Erbil")] == 7
    assert figures.remarks == {"figure finer than month and province, added": 2}
    table.write_text("m,p,n\n2020-01,Erbil,3\n2020-01,Erbil,4\n")
    with pytest.raises(
        ProvriskError, match=r"Lines 2, 3 give one figure with different values \(3, 4\): 2020-01, Erbil"
    ):
        load_counts(study, UserFile(table, mapping))
    table.write_text("m,p,n\n2020-01,Erbil,3\n2020-01,Erbil,3\n")
    figures = load_counts(study, UserFile(table, mapping))
    assert figures.set_aside.to_dict() == {"figure repeated further down": 1}
    assert np.nansum(figures.counts.attacks) == 3


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from(["Anbar", "Diyala"]), st.sampled_from("abc"), st.integers(0, 30)),
        min_size=1, max_size=30, unique_by=lambda row: row[:3],
    )
)  # fmt: skip
def test_what_weeks_hold_is_kept_to_the_last_event(
    tmp_path_factory: pytest.TempPathFactory, iraq: Study, rows: list[tuple[int, str, str, int]]
) -> None:
    first = pd.Timestamp("2021-01-02")
    frame = [{"WEEK": f"{first + pd.Timedelta(weeks=n):%Y-%m-%d}", "EVENTS": "0"} for n in range(70)]
    made = [
        {
            "WEEK": f"{first + pd.Timedelta(weeks=n):%Y-%m-%d}",
            "ADMIN1": place,
            "SUB_EVENT_TYPE": kind,
            "EVENTS": str(k),
        }
        for n, place, kind, k in rows
    ]
    reading = read(write(tmp_path_factory.mktemp("w") / "w.csv", WEEK, *frame, *made), iraq).reading
    assert reading.totals is not None
    assert reading.totals.attacks.sum() == sum(row[3] for row in rows)
    assert reading.counted == len(rows) + 70


def test_the_bundled_figures_are_the_base_and_later_releases_lie_on_top(
    tmp_path: Path, own_iraq: Study, project: Project
) -> None:
    store = Store(project.releases)
    before = load_counts(own_iraq).counts
    add_path(store, ged(tmp_path / "GEDEvent_v23_0_10.csv", every("2023-10-01", "2023-10-30", 3)))
    figures = load_counts(own_iraq)
    assert [one.label for one in figures.releases] == ["UCDP GED 19.1", "UCDP GED 23.0.10"]
    assert figures.source == "UCDP GED 23.0.10 and 1 earlier releases"
    bundled = figures.counts[figures.counts.month <= "2018-12"].reset_index(drop=True)
    assert (bundled.attacks.to_numpy() == before.attacks.to_numpy()).all()
    assert coverage.in_words(figures.missing()) == "2019-01 to 2023-09"
    said = figures.would_state(figures.missing())
    assert "23.1 or later" in said
    assert "24.1 or later" in said
    # A yearly release added later states all before the Candidate month, an older one added after it nothing.
    add_path(store, ged(tmp_path / "ged231.csv", every("2019-01-05", "2022-12-28", 30)))
    add_path(store, ged(tmp_path / "ged181.csv", every("2010-01-05", "2017-12-28", 30)))
    figures = load_counts(own_iraq)
    assert [one.version for one in counted_releases(own_iraq)] == ["18.1", "19.1", "23.1", "23.0.10"]
    assert coverage.in_words(figures.missing()) == "2023-01 to 2023-09"
    assert (
        figures.counts[figures.counts.month.dt.year == 2015].attacks.sum() == 0
    )  # 23.1 says so, and has the last word
    assert [one.bundled for one in all_releases(own_iraq)].count(True) == 1


@pytest.mark.parametrize("order", [("ged201", "ged211", "GEDEvent_v20_0_5"), ("GEDEvent_v20_0_5", "ged211", "ged201")])
def test_releases_have_their_say_in_the_order_of_publication_not_of_adding(
    tmp_path: Path, own_iraq: Study, project: Project, order: tuple[str, ...]
) -> None:
    when = {
        "ged201": ["2019-05-01"] * 3,
        "ged211": ["2019-05-01", "2020-05-02"],
        "GEDEvent_v20_0_5": ["2020-05-03"] * 4,
    }
    for name in order:
        path = ged(tmp_path / f"{name}.csv", when[name], side_b_new_id="234")
        path.write_text(path.read_text().replace("\n0,", f"\n{name}0,").replace("\n1,", f"\n{name}1,"))
        add_path(Store(project.releases), path)
    table = load_counts(own_iraq).counts.groupby("month").attacks.sum()
    assert (table["2019-05-01"], table["2020-05-01"]) == (1, 1)  # the final 21.1 states both


def test_figures_without_a_day_of_publication_have_no_history(own_iraq: Study) -> None:
    source = own_iraq.file.source.model_copy(update={"published": None})
    study = replace(own_iraq, file=own_iraq.file.model_copy(update={"source": source}))
    with pytest.raises(ProvriskError, match="gives no day of publication of the counts: add published"):
        load_counts(study, as_of=pd.Timestamp("2020-01-01"))
    assert load_counts(study).counts.attacks.sum() == 6053
