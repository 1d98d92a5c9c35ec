"""Gates of promotion and checks of the data, by hand."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from helpers import ROOT, counts_table, panel_of
from provrisk import months, seeds
from provrisk.evaluation import data_checks, promotion_gates
from provrisk.evaluation.comparison.leaderboard import Cells
from provrisk.study import Study, find_project
from provrisk.study.schema import PromotionFile

RULES: PromotionFile = find_project(ROOT).promotion()
ORIGINS = months.span(months.parse("2010-01"), months.parse("2013-12"))


def cells(**models: dict[str, np.ndarray]) -> Cells:
    rows = [
        (name, origin, 1, "Alpha", score, value, True)
        for name, scores in models.items()
        for score, values in scores.items()
        for origin, value in zip(ORIGINS, np.broadcast_to(values, len(ORIGINS)), strict=True)
    ]
    columns = ["model", "origin", "horizon", "province", "score", "value", "active"]
    return Cells(pd.DataFrame(rows, columns=columns), tuple(models), {})


PIT = {"good": np.linspace(0.01, 0.99, 48), "bad": np.r_[np.zeros(24), np.ones(24)]}


def test_a_challenger_must_be_lower_with_the_declared_probability() -> None:
    base = seeds.generator("gate").gamma(4, 1, 48)
    table = cells(new={"crps": 0.9 * base, "pit": PIT["good"]}, old={"crps": base, "pit": PIT["good"]})
    gate = promotion_gates.better(table, "new", "old", RULES)
    assert gate.passed
    assert gate.figure == pytest.approx(0, abs=1e-3)
    assert not promotion_gates.better(table, "old", "new", RULES).passed


@pytest.mark.parametrize(("pit", "passed"), [("good", False), ("bad", True)])
def test_a_tie_is_enough_only_where_the_champion_is_miscalibrated(pit: str, passed: bool) -> None:
    rng = seeds.generator("tie")
    base = rng.gamma(4, 1, 48)
    table = cells(new={"crps": base + rng.normal(0, 0.5, 48), "pit": PIT["good"]}, old={"crps": base, "pit": PIT[pit]})
    assert promotion_gates.better(table, "new", "old", RULES).passed is passed


def test_a_worse_challenger_never_wins_by_the_champions_miscalibration() -> None:
    base = seeds.generator("worse").gamma(4, 1, 48)
    table = cells(new={"crps": 1.3 * base, "pit": PIT["good"]}, old={"crps": base, "pit": PIT["bad"]})
    assert not promotion_gates.better(table, "new", "old", RULES).passed


def test_calibration_and_bias_are_held_to_their_bounds() -> None:
    table = cells(
        good={"pit": PIT["good"], "mean": 2.0, "observed": 2.1}, bad={"pit": PIT["bad"], "mean": 3.0, "observed": 2.1}
    )
    assert promotion_gates.calibrated(table, "good", RULES).passed
    assert not promotion_gates.calibrated(table, "bad", RULES).passed
    assert promotion_gates.unbiased(table, "good", RULES).figure == pytest.approx(2 / 2.1)
    assert promotion_gates.unbiased(table, "good", RULES).passed
    assert not promotion_gates.unbiased(table, "bad", RULES).passed


def test_run_time_and_smoke(small_study: Study) -> None:
    assert promotion_gates.quick(119, RULES).passed
    assert not promotion_gates.quick(121, RULES).passed
    panel = panel_of(np.tile([0.0, 2, 8], (30, 1)), small_study)  # ten a month
    calm = xr.DataArray(np.full((3, 2, 10), 9), dims=("province", "horizon", "draw"))
    assert promotion_gates.smoke(panel, calm, RULES).passed  # 27 of 30
    assert not promotion_gates.smoke(panel, calm + 2, RULES).passed


def test_figures_that_contradict_each_other_are_bad_data(small_study: Study) -> None:
    table = counts_table(np.ones((40, 3)), list(small_study.provinces.index))
    assert data_checks.check_figures(table).level == "ok"
    table.loc[5, "deaths_civilians"] = 9
    found = data_checks.check_figures(table)
    assert (found.level, found.smells_of) == ("warning", "bad data")
    assert table.province[5] in found.text
    table.loc[:20, "attacks"] = 0
    assert data_checks.check_figures(table).level == "stop"


@pytest.mark.parametrize(("gap", "level"), [(None, "ok"), (5, "warning"), (35, "stop")])
def test_a_month_nobody_covers_is_found(small_study: Study, gap: int | None, level: str) -> None:
    values = np.ones((40, 3))
    if gap is not None:
        values[gap] = np.nan
    assert data_checks.check_months(panel_of(values, small_study)).level == level


def test_one_silent_province_is_news_and_half_of_them_bad_data(small_study: Study) -> None:
    values = np.full((40, 3), 5.0)
    assert data_checks.check_silence(panel_of(values, small_study)).level == "ok"
    values[-2:, 0] = 0
    one = data_checks.check_silence(panel_of(values, small_study))
    assert (one.level, one.smells_of) == ("warning", "news")
    assert "Alpha" in one.text
    values[-2:] = 0
    many = data_checks.check_silence(panel_of(values, small_study))
    assert (many.level, many.smells_of) == ("stop", "bad data")


@pytest.mark.parametrize(("last", "level", "smell"), [(5, "ok", ""), (9, "warning", "news"), (300, "stop", "bad data")])
def test_the_total_is_held_against_the_champions_forecast(
    small_study: Study, last: float, level: str, smell: str
) -> None:
    values = np.full((40, 3), 5.0)
    values[-1] = last
    draws = seeds.generator("total").poisson(5, (3, 1, 1000))
    before = xr.DataArray(draws, dims=("province", "horizon", "draw"), coords={"horizon": [1]})
    found = data_checks.check_total(panel_of(values, small_study), before)
    assert " attacks in total in " in found.text
    assert (found.level, found.smells_of) == (level, smell)
    assert data_checks.check_total(panel_of(values, small_study), None).level == "ok"


def test_a_jump_in_rows_set_aside_is_bad_data() -> None:
    assert data_checks.check_set_aside(60, 1000, before=None).level == "ok"
    assert data_checks.check_set_aside(10, 1000, before=(8, 1000)).level == "ok"
    more = data_checks.check_set_aside(60, 1000, before=(8, 1000))
    assert (more.level, more.text.rpartition("; ")[2]) == ("warning", "in the release before, 0.8 %")
    assert data_checks.check_set_aside(1, 27, before=(0, 30)).level == "ok"  # one row alarms nobody


@pytest.mark.parametrize(("last", "level"), [(103, "ok"), (160, "warning")])
def test_months_that_move_more_than_they_used_to_are_bad_data(last: float, level: str) -> None:
    months_ = months.span(months.parse("2014-01"), months.parse("2014-04"))
    rows = [
        (f"r{i}", pd.Timestamp(2015 + i, 6, 1), month, value)
        for i, value in enumerate((100.0, 102.0, 104.0, last))
        for month in months_
    ]
    stated = pd.DataFrame(rows, columns=["release", "available", "month", "value"])
    assert data_checks.check_revisions(stated).level == level
    assert data_checks.check_revisions(stated[stated.release == "r0"]).level == "ok"
