"""Forecasts in the folder: whole, dated, never changed."""

from pathlib import Path

import pandas as pd
import pytest

from forecast_files import ADDED, CAST, PLAIN, table, write
from provrisk.errors import ProvriskError
from provrisk.forecasts.external import store as kept
from provrisk.forecasts.external.parse import Stated
from provrisk.forecasts.predictions import TOTAL, first_issued, from_values, joined, with_totals
from provrisk.study import Study


@pytest.fixture
def store(tmp_path: Path) -> kept.ExternalStore:
    return kept.ExternalStore(tmp_path / "forecasts")


def test_a_forecast_is_kept_whole_and_once(store: kept.ExternalStore, small_study: Study, tmp_path: Path) -> None:
    raw = kept.open_table(write(table(PLAIN, {}, {"province": "Atlantis"}), tmp_path / "ours.csv"))
    one, read, new = store.add(raw, "The desk", small_study, Stated(ADDED))
    assert (new, one.by, one.format, one.rows, one.stated.added) == (True, "The desk", "plain", 2, ADDED)
    assert read.set_aside == {"province unknown: Atlantis": 1}
    before = {path.name: path.read_bytes() for path in store.shelf.folder.iterdir()}
    again, same, new = store.add(raw, "The desk", small_study, Stated(pd.Timestamp("2026-02-01")))
    assert (new, again.stated.added) == (False, ADDED)
    assert same.values.equals(read.values)
    assert {path.name: path.read_bytes() for path in store.shelf.folder.iterdir()} == before
    assert store.all(small_study) == [one]
    pd.testing.assert_frame_equal(store.shelf.table(one.digest, one.content, "it"), raw.table)


def test_what_was_stated_is_kept_with_it(store: kept.ExternalStore, small_study: Study, tmp_path: Path) -> None:
    raw = kept.open_table(write(table(PLAIN, {"low": 1, "high": 9}), tmp_path / "ours.csv"))
    stated = Stated(ADDED, issued=pd.Timestamp("2010-12-20"), target="deaths", interval=90)
    one, read, _ = store.add(raw, "The desk", small_study, stated)
    assert store.read(store.all(small_study)[0], small_study).values.equals(read.values)
    assert (one.stated, read.values.target.unique().tolist()) == (stated, ["deaths"])
    assert sorted(read.values.output_type_id.round(9)) == [0.0, 0.05, 0.95]
    other, _, new = store.add(raw, "The desk", small_study, Stated(ADDED))  # another statement is another forecast
    assert new
    assert other.digest != one.digest


def test_a_changed_or_torn_forecast_is_noticed(store: kept.ExternalStore, small_study: Study, tmp_path: Path) -> None:
    one, *_ = store.add(kept.open_table(write(table(CAST), tmp_path / "cast.csv")), "CAST", small_study, Stated(ADDED))
    path = store.shelf.folder / f"{one.digest}.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    with pytest.raises(ProvriskError, match=r"the table of CAST \(cast.csv\), is not the stored one"):
        store.read(one, small_study)
    path.unlink()
    with pytest.raises(ProvriskError, match="is missing: restore it"):
        store.read(one, small_study)
    (store.shelf.folder / f"{one.digest}.json").write_text('{"by": 3}')
    with pytest.raises(ProvriskError, match="is not a manifest of a forecast"):
        store.all(small_study)
    with pytest.raises(ProvriskError, match="cannot be the name of a forecaster"):
        store.add(kept.open_table(tmp_path / "cast.csv"), "../up", small_study, Stated(ADDED))


def rows_of(*rows: dict[str, object]) -> pd.DataFrame:
    base = {
        "target": "attacks", "origin": pd.Timestamp("2010-12-01"), "horizon": 1, "province": "Alpha",
        "issued": pd.Timestamp("2010-12-20"), "output_type": "mean", "output_type_id": 0.0, "value": 1.0,
    }  # fmt: skip
    return pd.DataFrame([base | row for row in rows])


def test_what_was_said_first_stands(small_study: Study) -> None:
    early, late = pd.Timestamp("2010-12-20"), pd.Timestamp("2011-02-20")
    said = from_values(rows_of({"issued": late, "value": 9.0}, {"issued": early, "value": 2.0}, {"province": "Beta"}))
    stands, later = first_issued(said)
    assert later == 1
    assert stands.cells.province.tolist() == ["Alpha", "Beta"]
    assert stands.points["mean"].tolist() == [2.0, 1.0]


def test_sums_are_those_of_joint_draws_and_of_means_and_only_of_the_whole(small_study: Study) -> None:
    whole = small_study.provinces.index
    means = from_values(rows_of(*({"province": name, "value": v} for name, v in zip(whole, (1, 2, 4), strict=True))))
    total = with_totals(means, whole)
    assert total.cells.province.tolist() == [*whole, TOTAL]
    assert total.points["mean"].tolist() == [1, 2, 4, 7]
    drawn = from_values(
        rows_of(*({"province": name, "output_type": "sample", "output_type_id": d, "value": v}
                 for name, values in zip(whole, ([1, 9], [2, 0], [4, 3]), strict=True) for d, v in enumerate(values)))
    )  # fmt: skip
    assert with_totals(drawn, whole).draws.to_numpy().tolist()[-1] == [7, 12]
    part = means.take(means.cells.province != "Beta")
    assert TOTAL not in with_totals(part, whole).cells.province.tolist()
    own = joined([means, from_values(rows_of({"province": TOTAL, "value": 5.0}))])
    assert with_totals(own, whole).points["mean"].tolist() == [1, 2, 4, 5]  # the source's own sum stands
    levels = from_values(rows_of(*({"province": n, "output_type": "quantile", "output_type_id": 0.5} for n in whole)))
    assert len(with_totals(levels, whole).cells) == 3  # quantiles do not add up
