"""Other people's forecasts: what is read of each format, and what is said of a file that is wrong."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_files import ADDED, CAST, HUBVERSE, PLAIN, each, read, table, write
from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events.formats.raw_file import open_file
from provrisk.forecasts import hubverse
from provrisk.forecasts.external import columns
from provrisk.forecasts.external import store as kept
from provrisk.forecasts.external.parse import Stated
from provrisk.forecasts.predictions import TOTAL, Predictions, from_values
from provrisk.study import Study, load_study

LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def forecast(values: np.ndarray, origins: list[str]) -> xr.DataArray:
    """Draws (origin, province, horizon, draw) for the small study."""
    starts = [months.parse(one) for one in origins]
    horizons = range(1, values.shape[2] + 1)
    targets = np.array([[months.shift(one, h) for h in horizons] for one in starts], dtype="datetime64[us]")
    return xr.DataArray(
        values, dims=("origin", "province", "horizon", "draw"),
        coords={"origin": starts, "province": ["Alpha", "Beta", "Gamma"], "horizon": list(horizons),
                "target_month": (("origin", "horizon"), targets)},
        attrs={"target": "attacks"},
    )  # fmt: skip


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), suffix=st.sampled_from([".csv", ".parquet"]), kind=st.sampled_from(["sample", "quantile"]))
def test_what_we_write_reads_back_the_same(
    small_study: Study, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, suffix: str, kind: str
) -> None:
    origins = data.draw(st.lists(st.sampled_from(["2010-06", "2010-09", "2011-12"]), min_size=1, unique=True))
    shape = (len(origins), 3, data.draw(st.integers(1, 3)), data.draw(st.integers(2, 6)))
    drawn = np.array(
        data.draw(st.lists(st.integers(0, 10**6), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    )
    made = forecast(drawn.reshape(shape), sorted(origins))
    rows = hubverse.samples(made) if kind == "sample" else hubverse.quantiles(made, LEVELS)
    folder = tmp_path_factory.mktemp("table")
    path = folder / f"table{suffix}"
    rows.to_csv(path, index=False) if suffix == ".csv" else hubverse.write(rows, made.attrs, path)
    found = read_again(path, small_study)
    wide = found.draws if kind == "sample" else found.quantiles
    cells = pd.MultiIndex.from_frame(found.cells[["origin", "province", "horizon"]])
    assert found.cells.target.unique().tolist() == ["attacks"]
    assert found.cells.issued.isna().all() == (len(origins) > 1)  # several origins are a backtest, never issued
    if kind == "sample":
        expected = made.to_series().unstack("draw")
    else:
        expected = rows.pivot(index=["origin_date", "location", "horizon"], columns="output_type_id", values="value")
        expected = expected.sort_index(axis=1, key=lambda ids: ids.astype(float))
        assert wide.columns.tolist() == LEVELS
    assert (wide.to_numpy() == expected.to_numpy()[expected.index.get_indexer(cells)]).all()


def read_again(path: Path, study: Study) -> Predictions:
    store = kept.ExternalStore(path.parent / "forecasts")
    return from_values(store.add(kept.open_table(path), "Us", study, Stated(ADDED))[1].values)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spellings=st.tuples(*(st.sampled_from(names) for names in (["Alpha", "Al Alpha", "XX-A"], ["beta", "X2"]))),
    figures=st.lists(st.tuples(*[st.integers(0, 500)] * 3), min_size=2, max_size=24),
)
def test_a_plain_table_reads_back_the_same(
    small_study: Study,
    tmp_path_factory: pytest.TempPathFactory,
    spellings: tuple[str, str],
    figures: list[tuple[int, int, int]],
) -> None:
    rows = [
        {
            "province": spellings[i % 2],
            "month": f"2011-{i // 2 + 1:02}",
            "forecast": f,
            "low": max(f - a, 0),
            "high": f + b,
        }
        for i, (f, a, b) in enumerate(figures)
    ]
    path = tmp_path_factory.mktemp("plain") / "plain.csv"
    said = from_values(read(pd.DataFrame(rows), small_study, path, issued=day("2010-12-15")).values)
    names = dict(zip(spellings, ("Alpha", "Beta"), strict=True))
    said = said.cells.assign(forecast=said.points["mean"], low=said.quantiles[0.1], high=said.quantiles[0.9])
    found = {
        (province, months.label(months.shift(origin, horizon))): tuple(values)
        for origin, horizon, province, _, *values in said.drop(columns="target").itertuples(index=False)
    }
    assert found == {(names[r["province"]], r["month"]): (r["forecast"], r["low"], r["high"]) for r in rows}


def test_hubdata_opens_a_hub_of_our_forecasts_and_we_read_what_it_gives(small_study: Study, tmp_path: Path) -> None:
    hubdata = pytest.importorskip("hubdata")
    made = forecast(np.arange(1 * 3 * 2 * 100).reshape(1, 3, 2, 100), ["2010-12"])
    days = {"required": ["2010-12-01", "2011-01-01", "2011-02-01"], "optional": None}
    ids = {
        "origin_date": days, "target_date": days, "target": {"required": ["attacks"], "optional": None},
        "horizon": {"required": [1, 2], "optional": None},
        "location": {"required": ["Alpha", "Beta", "Gamma"], "optional": None},
    }  # fmt: skip
    value = {"type": "double", "minimum": 0}
    sample = {"output_type_id_params": {"type": "character", "min_samples_per_task": 100}, "value": value}
    tasks = {"rounds": [{"model_tasks": [{"task_ids": ids, "output_type": {"sample": sample}}]}]}
    (tmp_path / "hub-config").mkdir()
    (tmp_path / "hub-config" / "tasks.json").write_text(json.dumps(tasks))
    (tmp_path / "hub-config" / "admin.json").write_text(json.dumps({"file_format": ["parquet"]}))
    folder = tmp_path / "model-output" / "provrisk-champion"
    written = hubverse.samples(made)
    hubverse.write(written, made.attrs, folder / "2010-12-01-provrisk-champion.parquet")
    hub = hubdata.connect_hub(tmp_path)
    assert set(hub.schema.names) == {*hubverse.COLUMNS, "model_id"}
    given_back = hub.get_dataset().to_table().to_pandas()
    assert given_back.model_id.unique().tolist() == ["provrisk-champion"]
    ordered = given_back.sort_values(["location", "horizon", "output_type_id"]).reset_index(drop=True)
    ours = written.sort_values(["location", "horizon", "output_type_id"]).reset_index(drop=True)
    assert (ordered[["location", "output_type", "output_type_id", "value"]] == ours[
        ["location", "output_type", "output_type_id", "value"]]).all().all()  # fmt: skip
    found = from_values(read(given_back, small_study, tmp_path / "back.parquet").values)
    assert found.draws.to_numpy().sum() == made.to_numpy().sum()


def test_a_hubverse_origin_is_the_month_known_and_a_later_one_the_day_of_submission(
    small_study: Study, tmp_path: Path
) -> None:
    month = read(
        table(HUBVERSE, {"origin_date": "2010-12-31"}).drop(columns="horizon"), small_study, tmp_path / "a.csv"
    )
    assert month.values[["origin", "horizon"]].values.tolist() == [[day("2010-12-01"), 1]]
    # With target_date and horizon both, the origin follows from them, and 3 January is when it was handed in.
    submitted = read(table(HUBVERSE, {"origin_date": "2011-01-03"}), small_study, tmp_path / "b.csv")
    assert submitted.values[["origin", "horizon", "issued"]].values.tolist() == [
        [day("2010-12-01"), 1, day("2011-01-03")]
    ]
    ahead = read(table(HUBVERSE, {"horizon": 3}).drop(columns="target_date"), small_study, tmp_path / "c.csv")
    assert ahead.months == (day("2011-03-01"), day("2011-03-01"))


def test_probabilities_of_categories_become_cumulative_ones(small_study: Study, tmp_path: Path) -> None:
    names = ["none", "low", "moderate", "high", "very high"]
    for categories in (["0", "1-4", "5 - 9", "10 to 24", "25+"], names, ["0", "1–4", "5-9", "10-24", "at least 25"]):
        rows = each(categories, [0.2, 0.5, 0.2, 0.05, 0.05], output_type="pmf")
        found = from_values(read(table(HUBVERSE, *rows), small_study, tmp_path / "pmf.csv").values)
        assert found.cdf.columns.tolist() == [0, 4, 9, 24]
        assert found.cdf.iloc[0].tolist() == pytest.approx([0.2, 0.7, 0.9, 0.95])


def test_cast_is_dated_by_its_timestamp_and_is_about_other_events(small_study: Study, tmp_path: Path) -> None:
    rows = table(CAST, {}, {"admin1": "", "total_forecast": "40.5"}, {"country": "Syria"}, {"admin1": "Delta"})
    found = read(rows, small_study, tmp_path / "cast.csv")
    assert found.set_aside == {"other country": 1, "province unknown: Delta (nearest known: Beta)": 1}
    assert found.rows == 4 == found.values.row.nunique() + sum(found.set_aside.values())
    whole = found.values[found.values.target == "events of organised political violence (ACLED)"]
    values = whole.set_index("province")
    assert values.loc[TOTAL, "value"] == 40.5
    parts = {"battles (ACLED)", "explosions and remote violence (ACLED)", "violence against civilians (ACLED)"}
    assert set(found.values.target) - parts == set(whole.target)
    # Issued on 20 December: November was the last month over, so January lies two months ahead.
    alpha = values.loc["Alpha", ["origin", "horizon", "issued"]].tolist()
    assert alpha == [day("2010-11-01"), 2, day("2010-12-20")]


def test_cast_tells_what_it_observed_and_names_months_as_it_likes(small_study: Study, tmp_path: Path) -> None:
    rows = table(
        CAST, {"total_observed": 7, "battles_observed": 2}, {"month": "1", "admin1": "Beta"},
        {"month": "Feb", "timestamp": "1292803200000", "total_forecast": ""},
    )  # fmt: skip
    found = read(rows, small_study, tmp_path / "cast.csv")
    january = day("2011-01-01")
    assert found.observed.values.tolist() == [
        ["events of organised political violence (ACLED)", january, "Alpha", 7.0],
        ["battles (ACLED)", january, "Alpha", 2.0],
    ]
    assert found.values.issued.unique().tolist() == [day("2010-12-20")]
    assert set(found.values[found.values.horizon == 3].target) == {
        "battles (ACLED)", "explosions and remote violence (ACLED)", "violence against civilians (ACLED)",
    }  # fmt: skip
    assert found.unread == ()


def test_quantiles_go_by_many_names(small_study: Study, tmp_path: Path) -> None:
    rows = table(PLAIN | {"lower": 1, "Upper": 9, "q05": 0, "p50": 4, "0.95": 11, "97.5%": 12, "note": "x"})
    found = read(rows.rename(columns={"province": "Governorate"}), small_study, tmp_path / "f.csv", interval=50)
    said = found.values[found.values.output_type == "quantile"].set_index("output_type_id").value
    assert said.to_dict() == {0.25: 1, 0.75: 9, 0.05: 0, 0.5: 4, 0.95: 11, 0.975: 12}
    assert found.unread == ("note",)
    hub = read(table(HUBVERSE, *each(["q05", "p50", "95%"], [1, 2, 3], output_type="quantile")), small_study,
               tmp_path / "hub.csv")  # fmt: skip
    assert hub.values.output_type_id.tolist() == [0.05, 0.5, 0.95]
    with pytest.raises(ProvriskError, match=r"gives the quantile 0.1 twice, in 'low' and 'q10': keep one column"):
        read(table(PLAIN | {"low": 1, "q10": 1}), small_study, tmp_path / "twice.csv")


@pytest.mark.parametrize(
    ("name", "level"),
    [("q05", 0.05), ("q5", 0.05), ("q025", 0.025), ("q975", 0.975), ("q0.5", 0.5), ("0.05", 0.05), (".9", 0.9),
     ("p50", 0.5), ("5%", 0.05), ("2.5 %", 0.025), ("q97.5", 0.975), ("quantile_0.25", 0.25), ("50", None),
     ("q100", None), ("q0", None), ("population", None), ("1.0", 0.01)],
)  # fmt: skip
def test_a_level_by_its_name(name: str, level: float | None) -> None:
    assert columns.level(name) == level


def test_a_workbook_of_a_colleague(small_study: Study, tmp_path: Path) -> None:
    """A sheet of notes before the figures, months as people write them, thousands with commas."""
    rows = table(PLAIN, {"month": "Jan-11", "forecast": "1,200"}, {"month": "February 2011"})
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"Note": ["read me"]}).to_excel(book, sheet_name="README", index=False)
        rows.rename(columns=str.title).to_excel(book, sheet_name="Figures", index=False)
    store = kept.ExternalStore(tmp_path / "forecasts")
    held, found, _ = store.add(kept.open_table(tmp_path / "book.xlsx"), "Desk", small_study, Stated(ADDED))
    assert held.file == "book.xlsx (sheet Figures)"
    assert found.values.value.tolist() == [1200, 3]
    assert found.months == (day("2011-01-01"), day("2011-02-01"))
    hub = table(HUBVERSE, {"origin_date": "31/12/2010"}).drop(columns="target_date")
    assert read(hub, small_study, tmp_path / "dmy.csv").values.origin.tolist() == [day("2010-12-01")]


def test_empty_rows_are_counted_and_a_total_is_the_sum(small_study: Study, tmp_path: Path) -> None:
    rows = table(PLAIN | {"low": "1", "high": "5"}, {}, {"province": "Total", "low": "", "high": ""},
                 dict.fromkeys([*PLAIN, "low", "high"], ""))  # fmt: skip
    found = read(rows, small_study, tmp_path / "f.csv")
    assert found.set_aside == {"empty row": 1}
    assert found.values[found.values.province == TOTAL].output_type.tolist() == ["mean"]


def test_weekly_targets_are_refused_by_their_name_or_their_dates(small_study: Study, tmp_path: Path) -> None:
    named = table(HUBVERSE, {"target": "1 wk ahead inc events"})
    with pytest.raises(ProvriskError, match="forecasts '1 wk ahead inc events', weekly or daily"):
        read(named, small_study, tmp_path / "named.csv")
    mixed = read(table(HUBVERSE, {"target": "wk_inc_events"}, {}), small_study, tmp_path / "mixed.csv")
    assert mixed.set_aside == {"a weekly or daily target": 1}
    weeks = table(HUBVERSE, {"target_date": "2011-01-01"}, {"target_date": "2011-01-08", "horizon": 2})
    with pytest.raises(ProvriskError, match=r"targets 7 days apart \(2011-01-01, 2011-01-08\), so weekly or daily"):
        read(weeks, small_study, tmp_path / "dated.csv")
    months_apart = table(HUBVERSE, {"target_date": "2011-01-31"}, {"target_date": "2011-02-28", "horizon": 2})
    assert len(read(months_apart, small_study, tmp_path / "monthly.csv").values) == 2


def test_a_country_by_its_code_is_the_total(small_study: Study, tmp_path: Path) -> None:
    found = read(table(HUBVERSE, {"location": "IRQ"}), small_study, tmp_path / "iso.csv")
    assert found.values.province.tolist() == [TOTAL]


def test_two_models_in_one_file_are_added_one_by_one(small_study: Study, tmp_path: Path) -> None:
    rows = table(HUBVERSE, {"model_id": "team-a"}, {"model_id": "team-b", "value": 5})
    with pytest.raises(ProvriskError, match=r"has the forecasts of 2 models \(team-a, team-b\): add each separately"):
        read(rows, small_study, tmp_path / "two.csv")
    with pytest.raises(ProvriskError, match="has no model 'team-c'; it has team-a, team-b"):
        read(rows, small_study, tmp_path / "two.csv", model="team-c")
    store = kept.ExternalStore(tmp_path / "forecasts")
    raw = kept.open_table(write(rows, tmp_path / "two.csv"))
    for name, value in (("team-a", 3), ("team-b", 5)):
        held, found, new = store.add(raw, name, small_study, Stated(ADDED, model=name))
        assert new
        assert found.values.value.tolist() == [value]
        assert found.set_aside == {"another model": 1}
        assert store.read(held, small_study).values.value.tolist() == [value]


def test_the_operational_table_of_views_is_a_number(small_study: Study, tmp_path: Path) -> None:
    said = [(60, 373, "Iraq", 0.7, 2.5, 0.4), (61, 373, "Iran", 0.1, 9.0, 0.1)]
    names = ["country_id", "month_id", "country", "main_mean_ln", "main_mean", "main_dich"]
    rows = pd.DataFrame(said, columns=names)
    found = read(rows, small_study, tmp_path / "views.csv", issued=day("2010-12-10"))
    assert found.values[["province", "output_type", "value"]].values.tolist() == [[TOTAL, "mean", 2.5]]
    assert found.unread == ("country", "main_mean_ln", "main_dich")
    assert found.set_aside == {"other country": 1}


def views(cells: dict[str, list[int]], month_id: int = 373, draws: int = 3) -> pd.DataFrame:
    """The table of a submission, indexed as they are; 373 is January 2011."""
    ((name, numbers),) = cells.items()
    index = pd.MultiIndex.from_product([[month_id], numbers, range(draws)], names=["month_id", name, "draw"])
    return pd.DataFrame({"outcome": np.arange(len(index))}, index=index)


def test_a_country_of_views_is_the_total(small_study: Study, tmp_path: Path) -> None:
    found = read(views({"country_id": [60, 70]}), small_study, tmp_path / "cm.parquet", issued=day("2010-12-10"))
    said = from_values(found.values)
    assert said.cells[["origin", "horizon", "province"]].values.tolist() == [[day("2010-11-01"), 2, TOTAL]]
    assert said.draws.to_numpy().tolist() == [[0, 1, 2]]
    assert found.set_aside == {"other country": 3}
    ours = small_study.file.model_copy(update={"country_ids": {}})
    with pytest.raises(ProvriskError, match="country_ids"):
        read(views({"country_id": [60]}), replace(small_study, file=ours), tmp_path / "cm.parquet")


def test_where_provinces_are_countries_each_has_its_number(small_study: Study, tmp_path: Path) -> None:
    folder = shutil.copytree(small_study.folder, tmp_path / "countries")
    table = pd.read_csv(folder / "provinces.csv", dtype=str, keep_default_na=False)
    table.assign(views=["60", "", "70"]).to_csv(folder / "provinces.csv", index=False)
    study = load_study(folder)
    found = read(views({"country_id": [60, 70, 80]}), study, tmp_path / "cm.parquet", issued=day("2010-12-10"))
    names = study.provinces.index
    assert found.values.groupby("province").size().to_dict() == {names[0]: 3, names[2]: 3}
    assert found.set_aside == {"a country that is not in the study": 3}
    table.assign(views=["60", "60", "70"]).to_csv(folder / "provinces.csv", index=False)
    with pytest.raises(ProvriskError, match="same number views as another row"):
        read(views({"country_id": [60]}), load_study(folder), tmp_path / "cm.parquet")


def test_grid_cells_of_views_add_up_to_provinces_draw_by_draw(small_study: Study, tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text("cell,province\n1,Alpha\n2,Al Alpha\n3,Beta\n")
    places = kept.read_places(tmp_path / "places.csv")
    said = from_values(
        read(views({"priogrid_gid": [1, 2, 3, 9]}), small_study, tmp_path / "pgm.parquet", places=places).values
    )
    assert said.cells.province.tolist() == ["Alpha", "Beta"]
    assert said.draws.to_numpy().tolist() == [[0 + 3, 1 + 4, 2 + 5], [6, 7, 8]]
    with pytest.raises(ProvriskError, match=r"lacks 1 of the grid cells in the mapping, such as 3"):
        read(views({"priogrid_gid": [1, 2]}), small_study, tmp_path / "pgm.parquet", places=places)
    with pytest.raises(ProvriskError, match="give --places FILE"):
        read(views({"priogrid_gid": [1, 2]}), small_study, tmp_path / "pgm.parquet")


def test_what_is_said_too_late_counts_one_month_ahead(small_study: Study, tmp_path: Path) -> None:
    late = read(table(PLAIN), small_study, tmp_path / "late.csv").values.iloc[0]
    assert (late.origin, late.horizon, late.issued) == (day("2010-12-01"), 1, ADDED)
    own = table(PLAIN, {"issued": "2010-10-30"}, {"issued": "", "month": "2011-02"})
    values = read(own, small_study, tmp_path / "own.csv", issued=day("2010-12-03")).values
    assert values.issued.tolist() == [day("2010-10-30"), day("2010-12-03")]
    assert values.horizon.tolist() == [4, 3]


QUANTILES = each([0.1, 0.5, 0.9], [1, 4, 3], output_type="quantile")
PMF = {"output_type": "pmf"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (table(PLAIN, {}, {"province": "Atlantis"}, {"month": "2011-13"}), "line 4 .*: month is '2011-13', not a day"),
        (table(PLAIN, {"province": "Atlantis"}), r"has nothing on .*province unknown: Atlantis .*\(1 rows\)"),
        (table(PLAIN, {"forecast": "many"}), "line 2 .*: forecast is 'many'; a number of 0 or more"),
        (table(PLAIN, {"forecast": -1}), "line 2 .*: forecast is '-1'"),
        (table(PLAIN, {}, {"province": "Alfa"}), "line 3 .*: repeats the month and place of line 2"),
        (table(PLAIN, {"low": 5, "high": 2}), "line 2 .*: low is 5, above high, which is 2"),
        (table(PLAIN).head(0), "it has no row"),
        (table(PLAIN).drop(columns="month"), "the most similar is a plain table, but month is missing"),
        (table({"a": 1}), "has not the columns of a known forecast format"),
        (table(HUBVERSE, *QUANTILES), "line 4 .*: the quantile at 0.9 is 3, below the one at 0.5, which is 4"),
        (table(HUBVERSE, *each([1.5], [2], output_type="quantile")), "line 2 .*: .*'1.5', not a level between 0 and 1"),
        (table(HUBVERSE, *each([0, 4], [0.9, 0.2], output_type="cdf")), "line 3 .*: the cdf at 4 is 0.2, below"),
        (table(HUBVERSE, *each([4], [1.2], output_type="cdf")), "line 2 .*: the probability 1.2 is above 1"),
        (table(HUBVERSE, *each(["0", "1+"], [0.5, 0.4], **PMF)), "line 2 .*: the probabilities of Alpha add up to 0.9"),
        (table(HUBVERSE, *each(["0", "2+"], [0.5, 0.5], **PMF)), "line 3 .*: the categories of Alpha leave a gap"),
        (table(HUBVERSE, *each(["few"], [1], **PMF)), "line 2 .*: 'few' is not a category"),
        (table(HUBVERSE, {"output_type": "mode"}), "line 2 .*: output_type is 'mode', not one of"),
        (table(HUBVERSE, {"value": ""}), "line 2 .*: value is ''"),
        (table(HUBVERSE, {"horizon": 1.5}), "line 2 .*: horizon is 1.5, not a whole number"),
        (table(HUBVERSE).drop(columns="location"), "has no column 'location', the place: its header is"),
        (table(HUBVERSE, {"target_date": "2010-12-01", "horizon": 0}), "its target month is not after its origin"),
        (table(CAST, {"month": "Januar"}), "line 2 .*: Januar 2011 is not a month"),
        (table(CAST, {"timestamp": 20101220}), "line 2 .*: timestamp is 20101220, not a time in seconds"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_one_sentence(rows: pd.DataFrame, message: str, small_study: Study, tmp_path: Path) -> None:
    with pytest.raises(ProvriskError, match=message) as error:
        read(rows, small_study, tmp_path / "file.csv")
    assert str(error.value).startswith("file.csv")
    assert str(error.value).count("\n") == 0
    assert not (tmp_path / "forecasts").exists() or not list((tmp_path / "forecasts").glob("*.json"))


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "cast.csv", "is a web page, not a table"),
        (b"", "empty.csv", "is not a CSV table"),
        (b"PAR1 and then nothing", "torn.parquet", "is a damaged Parquet file"),
        (b"\xff\xfe\x00binary", "odd.csv", "is not a CSV table in UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(content: bytes, name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ProvriskError, match=message):
        kept.open_table(tmp_path / name)
    with pytest.raises(ProvriskError, match="There is no file"):
        kept.open_table(tmp_path / "absent.csv")


def test_grid_cells_repeated_or_lacking_are_found(small_study: Study, tmp_path: Path) -> None:
    places = {"1": "Alpha", "2": "Alpha"}
    rows = views({"priogrid_gid": [1, 2]}).reset_index()
    twice = pd.concat([rows, rows.tail(1)])
    with pytest.raises(ProvriskError, match="line 8: repeats the cell"):
        read(twice, small_study, tmp_path / "twice.csv", places=places)
    with pytest.raises(ProvriskError, match="fewer grid cells here"):
        read(rows.head(5), small_study, tmp_path / "short.csv", places=places)
    assert write(rows, tmp_path / "plain.parquet").is_file()


def test_a_fault_is_found_again_in_a_spreadsheet(small_study: Study, tmp_path: Path) -> None:
    """The line is the one that an editor or a spreadsheet shows, titles and empty lines counted."""
    path = tmp_path / "desk.csv"
    path.write_text("Our desk's view\n\nprovince,month,low,high\nAlpha,2011-01,1,3\n\nBeta,2011-01,4,3\n")
    with pytest.raises(ProvriskError, match=re.escape("desk.csv, line 6 (Beta, 2011-01): low is 4, above high")):
        kept.ExternalStore(tmp_path / "held").add(
            open_file(path), "Desk", small_study, Stated(pd.Timestamp(2010, 12, 28))
        )
