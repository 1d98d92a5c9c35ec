"""Nothing after the origin, or published after it, moves what a model gets there: every feature of every study."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers import DRIVERS, ROOT, counts_table
from provrisk import months
from provrisk.events.counting import counts as tables
from provrisk.features import drivers
from provrisk.features.catalogue import FAMILIES, with_every_feature
from provrisk.features.panel import as_known, build_panel, counts_upto_origin, panel_upto
from provrisk.study import Study, find_project, load_study
from provrisk.study.schema import NeighbourStudy, OutsideSeries

MONTHS = 20
SPAN = months.span(months.parse("2010-01"), months.parse("2011-08"))
# Without shrinking: a leak fails in seconds, not minutes.
quick = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
counts_or_gaps = arrays(float, (MONTHS, 3), elements=st.one_of(st.integers(0, 50), st.just(np.nan)))


def write_outside(folder: Path, values: np.ndarray) -> None:
    lines = [f"{months.label(month)},{value}" for month, value in zip(SPAN, values, strict=True)]
    (folder / "price.csv").write_text("\n".join(["month,value", *lines, ""]))


@pytest.fixture
def full_study(small_study: Study) -> Study:
    """The small study with every family, a price series a month late and itself as a neighbour two months late."""
    write_outside(small_study.folder, np.arange(MONTHS))
    other = NeighbourStudy(name="next_door", study="other", provinces=("Beta",), into=("Alpha",), lag=2)
    price = OutsideSeries(name="price", file="price.csv", lag=1, unit="USD", meaning="price", source="test")
    update = {"outside": (price,), "neighbour_studies": (other,)}
    folder = small_study.folder.parent / "other"
    folder.mkdir()
    for name in ("study.toml", "provinces.csv", "neighbours.csv"):
        (folder / name).write_bytes((small_study.folder / name).read_bytes())
    return with_every_feature(replace(small_study, file=small_study.file.model_copy(update=update)))


def write_other(study: Study, values: np.ndarray) -> None:
    tables.write_csv(counts_table(values, list(study.provinces.index)), study.folder.parent / "other" / "monthly.csv")


def panel_of_all(study: Study, values: np.ndarray, outside: np.ndarray, driver_table: pd.DataFrame) -> xr.Dataset:
    write_outside(study.folder, outside)
    write_other(study, np.repeat(outside[:, None], 3, axis=1))
    driver_table.to_csv(study.folder / "drivers.csv", index=False)
    return build_panel(study, counts_table(values, list(study.provinces.index)))


def with_another_future(
    table: pd.DataFrame, after: pd.Timestamp, shift: int, extra: str, where: str = "Beta"
) -> pd.DataFrame:
    """The drivers as they might read if all that became known later than ``after`` were different."""
    table = table.copy()
    start, end = pd.to_datetime(table.start), pd.to_datetime(table.end.replace("", None))
    known = pd.to_datetime(table.known_on.replace("", None)).fillna(start)
    end_known = pd.to_datetime(table.end_known_on.replace("", None)).fillna(end)
    late_end = end_known > after
    table.loc[late_end, "end_known_on"] = (end_known + pd.DateOffset(days=shift))[late_end].dt.strftime("%Y-%m-%d")
    # What had no public end yet may as well have none at all.
    table.loc[late_end & (shift % 2 == 0), ["end", "end_known_on"]] = ""
    late = known > after
    table.loc[late, "known_on"] = (known + pd.DateOffset(days=shift))[late].dt.strftime("%Y-%m-%d")
    table.loc[late, "provinces"] = where
    late_row = {"id": "x", "name": "Late news", "start": "2010-02-01", "provinces": where, "type": extra}
    known_on = {"known_on": f"{after + pd.DateOffset(days=1 + shift):%Y-%m-%d}"}
    flags = {"end": "", "end_known_on": "", "day_confirmed": "no", "endogenous": "no"}
    return pd.concat([table, pd.DataFrame([late_row | known_on | flags])], ignore_index=True)


@pytest.mark.slow
@quick
@given(
    values=counts_or_gaps,
    other=counts_or_gaps,
    at=st.integers(0, MONTHS - 2),
    shift=st.integers(0, 300),
    kind=st.sampled_from(["shock", "election", "foreign operation", "boundary change", "politics"]),
    outside=arrays(float, MONTHS, elements=st.integers(0, 9)),
)
def test_nothing_after_the_origin_moves_what_a_model_gets(
    full_study: Study, values: np.ndarray, other: np.ndarray, at: int, shift: int, kind: str, outside: np.ndarray
) -> None:
    values[at, 0] = other[-1, 0] = values[-1, 0] = 1.0  # the origin and the last month are observed somewhere
    origin = SPAN[at]
    end_of_origin = origin + pd.offsets.MonthEnd(0)
    own = pd.DataFrame(
        [line.split(",") for line in DRIVERS.splitlines()[1:]], columns=DRIVERS.split("\n")[0].split(",")
    )
    later = np.arange(MONTHS) > at
    first = panel_of_all(full_study, values, outside, own)
    second = panel_of_all(
        full_study,
        np.where(later[:, None], other, values),
        # A price a month late: that of the origin itself is not out yet.
        np.where(np.arange(MONTHS) >= at, outside + 5, outside),
        with_another_future(own, end_of_origin, shift, kind),
    )
    assert set(first.data_vars) == set(second.data_vars) >= {"price", "next_door", "driver_shock", "election"}
    digestless = [panel_upto(panel, origin).assign_attrs(digest="") for panel in (first, second)]
    xr.testing.assert_identical(*digestless)


@quick
@given(at=st.integers(0, 19), months_later=st.integers(1, 6))
def test_a_driver_known_later_arrives_later(full_study: Study, at: int, months_later: int) -> None:
    def arrival(known: pd.Timestamp) -> pd.Timestamp:
        header = "id,name,start,end,provinces,type,known_on,end_known_on,day_confirmed,endogenous\n"
        row = f"d,Secret,2010-01-01,,Alpha,shock,{known:%Y-%m-%d},,yes,no\n"
        (full_study.folder / "drivers.csv").write_text(header + row)
        table = drivers.schedule(full_study, drivers.read(full_study), "shock", "decay")
        numbers = 12 * 2010 + np.arange(30.0)
        seen = [
            table.upto(now).values(numbers, np.minimum(numbers, now))[: i + 1].any() for i, now in enumerate(numbers)
        ]
        return months.shift(months.parse("2010-01"), int(np.argmax(seen)))

    known = months.shift(months.parse("2010-01"), at) + pd.DateOffset(days=14)
    assert arrival(known) == known.replace(day=1)
    assert arrival(months.shift(known, months_later)) == months.shift(known.replace(day=1), months_later)


def test_a_training_row_knows_no_more_of_a_driver_than_a_forecast_does(small_study: Study) -> None:
    """What stands in a target month is the same whether its state lies in the past or is the origin."""
    study = replace(small_study, file=small_study.file.model_copy(update={"features": ("drivers",)}))
    panel = build_panel(study, counts_table(np.ones((20, 3)), list(study.provinces.index), first="2010-01"))
    for name, month, announced in (("driver_shock", "2010-05", 0), ("driver_boundary_change", "2010-07", 5)):
        at = panel.indexes["month"].get_loc(months.parse(month))
        for ahead in range(1, 5):
            trained = as_known(panel[name], ahead)[at]
            origin = panel_upto(panel, panel.indexes["month"][at - ahead])
            assert trained.tolist() == origin[name][at].to_numpy().tolist()
            assert (trained.max() == 1) == (ahead <= announced)


@pytest.mark.slow
@pytest.mark.parametrize("name", find_project(ROOT).study_names())
def test_no_study_of_the_project_leaks(name: str) -> None:
    """Each study as it is, cut at an origin: the same from data that end there as from data that go on."""
    study = find_project(ROOT).study(name)
    table = tables.read_csv(study.bundled_counts, study)
    whole = build_panel(with_every_feature(study), table)
    origin = whole.indexes["month"][len(whole.indexes["month"]) // 2]
    short = build_panel(with_every_feature(study), table[table.month <= origin])
    pair = [panel_upto(panel, origin).assign_attrs(digest="") for panel in (whole, short)]
    xr.testing.assert_identical(*pair)
    absent = {"outside"} if (study.folder / "drivers.csv").exists() else {"outside", "drivers"}
    assert {values.attrs["family"] for values in whole.data_vars.values()} >= {*FAMILIES} - absent


def test_a_model_cannot_change_the_panel_it_was_cut_from(iraq_panel: xr.Dataset) -> None:
    cut = panel_upto(iraq_panel, months.parse("2015-06"))
    cut.attacks.to_numpy()[:] = -1
    counts_upto_origin(iraq_panel)[:] = -1
    assert not (iraq_panel.attacks == -1).any()


@pytest.mark.parametrize("origin", ["2009-10", "2013-02", "2017-11"])
def test_drivers_made_public_later_do_not_move_the_bundled_study(iraq: Study, tmp_path: Path, origin: str) -> None:
    folder = shutil.copytree(iraq.folder, tmp_path / iraq.name)
    at = months.parse(origin)
    table = pd.read_csv(folder / "drivers.csv", dtype=str, keep_default_na=False)
    changed = with_another_future(table, at + pd.offsets.MonthEnd(0), 35, "prison break", "Anbar|Najaf")
    assert (changed.known_on != table.known_on.reindex(changed.index)).sum() > 20
    counts = tables.read_csv(iraq.bundled_counts, iraq)
    pair = [panel_upto(build_panel(with_every_feature(iraq), counts), at)]
    changed.fillna("").to_csv(folder / "drivers.csv", index=False)
    pair.append(panel_upto(build_panel(with_every_feature(load_study(folder)), counts), at))
    xr.testing.assert_identical(*pair)
