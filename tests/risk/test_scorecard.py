"""What was said against what came, by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import panel_of
from provrisk import months, seeds
from provrisk.evaluation.comparison.leaderboard import Cells
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.risk.scorecard import CHOSEN, PreviousForecast, outcome, running, worst
from provrisk.study import Study


def said(draws: np.ndarray, study: Study, month: str) -> xr.DataArray:
    """A forecast (province, horizon 1, draw) of ``month``."""
    return xr.DataArray(
        draws[:, None, :],
        dims=("province", "horizon", "draw"),
        coords={
            "province": study.provinces.index,
            "horizon": [1],
            "target_month": ("horizon", pd.DatetimeIndex([months.parse(month)])),
        },
    )


def test_an_outcome_by_hand(small_study: Study) -> None:
    values = np.zeros((24, 3))
    values[-1] = [4, 30, 0]
    panel = panel_of(values, small_study)
    draws = np.array([np.arange(10), np.full(10, 2), np.zeros(10)], dtype=int)
    table = outcome(PreviousForecast(said(draws, small_study, "2011-12"), 1, True), panel, small_study.file.risk)
    assert table.came.tolist() == [4, 30, 0, 34]
    assert table.inside.tolist() == [True, False, True, False]
    assert table.level.tolist()[:3] == ["low", "low", "none"]
    assert table.came_level.tolist()[:3] == ["low", "very high", "none"]
    assert table.loc["Beta", "crps"] == 28
    assert table.loc[TOTAL, "median"] == 6


def test_what_was_not_observed_is_neither_right_nor_wrong(small_study: Study) -> None:
    values = np.zeros((24, 3))
    values[-1, 1] = np.nan
    panel = panel_of(values, small_study)
    table = outcome(
        PreviousForecast(said(np.zeros((3, 10), int), small_study, "2011-12"), 1, True), panel, small_study.file.risk
    )
    assert table.inside.isna().tolist() == [False, True, False, True]
    ahead = PreviousForecast(said(np.zeros((3, 10), int), small_study, "2012-03"), 1, True)
    assert outcome(ahead, panel, small_study.file.risk).came.isna().all()


def test_the_worst_come_first(small_study: Study) -> None:
    values = np.zeros((24, 3))
    values[-1] = [9, 0, 0]
    values[-2] = [0, 3, 0]
    panel = panel_of(values, small_study)
    origins = pd.DatetimeIndex([months.parse("2011-10"), months.parse("2011-11")])
    past = xr.DataArray(
        np.zeros((2, 3, 1, 10), int),
        dims=("origin", "province", "horizon", "draw"),
        coords={"origin": origins, "province": small_study.provinces.index, "horizon": [1]},
    ).assign_coords(target_month=(("origin", "horizon"), np.array(origins.shift(1, freq="MS"))[:, None]))
    table = worst(past, panel, 1, 2)
    assert table.province.tolist() == ["Alpha", "Beta"]
    assert table.crps.tolist() == pytest.approx([9, 3])
    assert [months.label(month) for month in table.month] == ["2011-12", "2011-11"]


def test_a_month_that_is_yet_to_come_is_judged_by_an_earlier_horizon(small_study: Study) -> None:
    panel = panel_of(np.ones((24, 3)), small_study)
    drawn = xr.concat([said(np.full((3, 10), 4), small_study, "2011-12")] * 3, dim="horizon")
    first = months.parse("2011-12")
    drawn = drawn.assign_coords(
        horizon=[1, 2, 3], target_month=("horizon", [months.shift(first, step) for step in range(3)])
    )
    late = PreviousForecast(drawn, 3, issued=True, judged=1)
    assert (late.month, late.target_month, late.origin) == (first, months.shift(first, 2), months.shift(first, -1))
    assert outcome(late, panel, small_study.file.risk).came.notna().all()
    assert outcome(PreviousForecast(drawn, 3, True), panel, small_study.file.risk).came.isna().all()


def test_months_that_chose_a_model_are_no_test_of_it() -> None:
    span = months.span(months.parse("2010-01"), months.parse("2012-12"))
    rng = seeds.generator("running")
    base = rng.gamma(4, 1, len(span))
    rows = [
        (name, origin, 1, "Alpha", "crps", value, True)
        for name, values in (("new", 0.5 * base), ("old", base))
        for origin, value in zip(span, values, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["model", "origin", "horizon", "province", "score", "value", "active"])
    cells = Cells(table, ("new", "old"), {})

    def row(since: str) -> pd.Series:
        return running(cells, "new", ["old"], 24, months.parse(since)).loc["old"]

    assert row("2009-06").verdict == "better"
    assert row("2011-06")[["first", "last", "verdict"]].tolist() == ["2011-06", "2012-12", "better"]
    assert row("2012-06").verdict == "too few"
    all_seen = row("2013-01")
    assert all_seen[["first", "last", "verdict"]].tolist() == ["2011-01", "2012-12", CHOSEN]
    assert np.isnan(all_seen.skill_low)
