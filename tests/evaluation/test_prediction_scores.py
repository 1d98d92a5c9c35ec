"""Scores of imported forecasts, one output type after another, against numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from forecast_files import HUBVERSE, PLAIN, each, read, table
from helpers import panel_of
from provrisk.evaluation.scores.cell_scores import score
from provrisk.evaluation.scores.prediction_scores import (
    measured,
    observed_in,
    quantiles_of,
    score_predictions,
    score_summaries,
    summary,
    target_months,
)
from provrisk.evaluation.scores.quantile_scores import USUAL, level_sets
from provrisk.forecasts.predictions import TOTAL, from_values, with_totals
from provrisk.study import Study


@pytest.fixture
def panel(small_study: Study) -> xr.Dataset:
    """2010 and January 2011: Alpha sees 4 in the last month, Beta 0 and Gamma 7; 2 each a month before."""
    values = np.full((13, 3), 2.0)
    values[-1] = [4, 0, 7]
    return panel_of(values, small_study)


def scores(rows: pd.DataFrame, panel: xr.Dataset, study: Study, path: Path, **stated: object) -> pd.DataFrame:
    """The scores of ``rows``: a row a province, a column a score."""
    said = from_values(read(rows, study, path, **stated).values)
    said = with_totals(said, study.provinces.index)
    observed = observed_in(panel, study, str(said.cells.target[0]))
    sets = level_sets([said.quantiles])
    quantiles = quantiles_of(said, sorted({level for levels in sets for level in levels}))
    forecasts = said.cells.assign(model="x", target_month=target_months(said.cells), **dict(summary(said, quantiles)))
    both = pd.concat([score_predictions("x", said, observed), score_summaries(forecasts, quantiles, observed, sets)])
    return both.drop_duplicates(["province", "score"]).pivot(index="province", columns="score", values="value")


def test_samples(panel: xr.Dataset, small_study: Study, tmp_path: Path) -> None:
    rows = table(HUBVERSE, *each([1, 2, 3, 4], [7, 3, 1, 5], output_type="sample"))
    found = scores(rows, panel, small_study, tmp_path / "f.csv").loc["Alpha"]
    # 4 came: |x - y| is 2 on average, the six pairs are 20 apart in sum: 2 - 20 / (4 * 3).
    assert found.crps == pytest.approx(1 / 3)
    assert (found["mean"], found.observed, found.absolute_error) == (4, 4, 1)  # of the median 3
    assert (found.p_5, found.brier_5, found.rps) == (0.5, 0.25, 0.25)
    # Intervals 1-5, 1-7 and 1-7: (|4 - 3| / 2 + 4 / 4 + 6 / 10 + 6 / 20) / 3.5.
    assert found.wis == pytest.approx(2.4 / 3.5)
    assert found[["inside_50", "inside_80", "inside_90", "interval_80"]].tolist() == [1, 1, 1, 6]
    assert 0.5 <= found.pit <= 0.5  # two draws of four lie below, none on it


def test_quantiles(panel: xr.Dataset, small_study: Study, tmp_path: Path) -> None:
    levels, values = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95], [0, 1, 2, 3, 5, 6, 6]
    rows = table(HUBVERSE, *each(levels, values, output_type="quantile", location="Gamma"))
    found = scores(rows, panel, small_study, tmp_path / "f.csv").loc["Gamma"]
    # 7 came: interval scores 3 + 2 / .5 * 2 = 11, 5 + 2 / .2 * 1 = 15, 6 + 2 / .1 * 1 = 26.
    assert found.wis == pytest.approx((4 / 2 + 11 / 4 + 15 / 10 + 26 / 20) / 3.5)
    assert (found.interval_80, found.absolute_error) == (pytest.approx(15), 4)
    assert found[["inside_50", "inside_80", "inside_90"]].tolist() == [0, 0, 0]
    assert "crps" not in found
    assert "mean" not in found  # a median is no mean


def test_numbers(panel: xr.Dataset, small_study: Study, tmp_path: Path) -> None:
    mean = scores(table(HUBVERSE, {"value": 2.5}), panel, small_study, tmp_path / "mean.csv").loc["Alpha"]
    logs = {"absolute_error_log": pytest.approx(np.log(5 / 3.5)), "log_error": pytest.approx(np.log(3.5 / 5))}
    assert mean.to_dict() == {"absolute_error": 1.5, "mean": 2.5, "observed": 4, **logs}
    rows = table(HUBVERSE, {"output_type": "median", "value": 6})
    median = scores(rows, panel, small_study, tmp_path / "median.csv").loc["Alpha"]
    assert median[["absolute_error", "mean", "observed", "log_error"]].tolist() == [
        2,
        6,
        4,
        pytest.approx(np.log(7 / 5)),
    ]
    rows = table(PLAIN, {"low": 0, "high": 5}, {"province": "Gamma", "low": 0, "high": 5})
    plain = scores(rows, panel, small_study, tmp_path / "plain.csv")
    assert plain.interval_80.to_dict() == {"Alpha": 5, "Gamma": pytest.approx(5 + 2 / 0.2 * 2)}
    assert plain.inside_80.to_dict() == {"Alpha": 1, "Gamma": 0}
    assert plain.absolute_error.to_dict() == {"Alpha": 1, "Gamma": 4}
    # Of 0 to 5 where 7 came: 0.2 / 2 * 5 wide, and 2 beyond it, by the mean of two levels.
    assert plain.loc["Gamma", ["wis_10_90", "wis_10_90_underprediction", "wis_10_90_rank"]].tolist() == [2.5, 2, 2]
    assert "wis" not in plain


@pytest.mark.parametrize("form", ["pmf", "cdf"])
def test_probabilities(form: str, panel: xr.Dataset, small_study: Study, tmp_path: Path) -> None:
    if form == "pmf":
        said = each(["0", "1-4", "5-9", "10-24", "25+"], [0.2, 0.5, 0.2, 0.05, 0.05], output_type="pmf")
    else:
        said = each([0, 4, 9, 24], [0.2, 0.7, 0.9, 0.95], output_type="cdf")
    found = scores(table(HUBVERSE, *said), panel, small_study, tmp_path / "f.csv").loc["Alpha"]
    # 4 came, so that of "at least 1, 5, 10, 25" only the first did.
    assert found[["p_1", "p_5", "p_10", "p_25"]].tolist() == pytest.approx([0.8, 0.3, 0.1, 0.05])
    assert found[["brier_1", "brier_5", "brier_10", "brier_25"]].tolist() == pytest.approx([0.04, 0.09, 0.01, 0.0025])
    assert found.rps == pytest.approx(0.1425)
    assert "absolute_error" not in found


def test_part_of_the_thresholds_gives_no_rps(panel: xr.Dataset, small_study: Study, tmp_path: Path) -> None:
    rows = table(HUBVERSE, *each([4], [0.7], output_type="cdf"))
    found = scores(rows, panel, small_study, tmp_path / "f.csv").loc["Alpha"]
    assert found.brier_5 == pytest.approx(0.09)
    assert "rps" not in found


def test_the_sum_over_provinces(panel: xr.Dataset, small_study: Study, tmp_path: Path) -> None:
    rows = table(HUBVERSE, *({"location": name, "value": v} for name, v in (("Alpha", 3), ("Beta", 1), ("Gamma", 5))))
    found = scores(rows, panel, small_study, tmp_path / "f.csv").loc[TOTAL]
    assert found[["absolute_error", "mean", "observed"]].tolist() == [2, 9, 11]


def test_draws_score_as_our_own_do(panel: xr.Dataset, small_study: Study, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    drawn = xr.DataArray(
        rng.negative_binomial(2, 0.3, (1, 3, 1, 200)), dims=("origin", "province", "horizon", "draw"),
        coords={"origin": [pd.Timestamp("2010-12-01")], "province": small_study.provinces.index, "horizon": [1],
                "target_month": (("origin", "horizon"), np.array([["2011-01-01"]], dtype="datetime64[us]"))},
    )  # fmt: skip
    ours = score({"x": drawn}, panel, small_study).astype({"province": "str", "score": "str"})
    ours = ours.pivot(index="province", columns="score", values="value")
    said = [
        row for i, name in enumerate(small_study.provinces.index)
        for row in each(range(1, 201), drawn.to_numpy()[0, i, 0], output_type="sample", location=name)
    ]  # fmt: skip
    theirs = scores(table(HUBVERSE, *said), panel, small_study, tmp_path / "f.csv")
    same = [name for name in ours if name not in ("pit", "log_score")]  # the PIT is randomised anew
    assert len(same) >= 20
    assert {"energy", "variogram", "crps_log"} <= set(same)
    theirs.loc[TOTAL, "interval_80"] = np.nan  # ours are not asked for those of the total
    pd.testing.assert_frame_equal(theirs[same], ours[same], check_names=False)


def test_another_measure_is_scored_against_itself_and_what_is_not_counted_is_not(
    panel: xr.Dataset, small_study: Study, tmp_path: Path
) -> None:
    deaths = panel.assign(deaths=panel.deaths * 10)
    found = scores(table(PLAIN, {"forecast": 30}), deaths, small_study, tmp_path / "f.csv", target="deaths")
    assert found.loc["Alpha", ["absolute_error", "mean", "observed"]].tolist() == [10, 30, 40]
    assert measured(panel, "deaths")
    assert not measured(panel, "events of organised political violence (ACLED)")
    assert not measured(panel, "observed")


def test_months_to_come_are_not_scored(panel: xr.Dataset, small_study: Study, tmp_path: Path) -> None:
    rows = table(HUBVERSE, {}, {"target_date": "2011-02-01", "horizon": 2})
    said = from_values(read(rows, small_study, tmp_path / "f.csv").values)
    observed = observed_in(panel, small_study, "attacks")
    quantiles = quantiles_of(said, USUAL)
    forecasts = said.cells.assign(model="x", **dict(summary(said, quantiles)))
    assert score_summaries(forecasts, quantiles, observed).horizon.unique().tolist() == [1]
    assert score_predictions("x", said, observed).empty
