"""Scores against closed forms and numbers worked out by hand."""

import itertools

import numpy as np
import pandas as pd
import pytest
import scoringrules as sr
import xarray as xr
from scipy import stats

from helpers import panel_of
from provrisk import months, seeds
from provrisk.errors import ProvriskError
from provrisk.evaluation.scores import cell_scores
from provrisk.evaluation.scores.observations import active, observations, with_targets
from provrisk.study import Study

ORIGIN = months.parse("2012-01")


def forecasts_of(draws: np.ndarray, study: Study, origins: list[pd.Timestamp] | None = None) -> xr.DataArray:
    """``draws`` (province, horizon, draw), or with origins, as the engine gives them."""
    values = draws if draws.ndim == 4 else draws[None]
    coords = {
        "origin": pd.DatetimeIndex(origins or [ORIGIN]),
        "province": study.provinces.index,
        "horizon": list(range(1, values.shape[2] + 1)),
    }
    return with_targets(xr.DataArray(values, dims=("origin", "province", "horizon", "draw"), coords=coords))


def scored(study: Study, draws: np.ndarray, happened: list[float], past: np.ndarray | None = None) -> pd.DataFrame:
    """The scores of one forecast for 2012-02, as a table (province x score)."""
    before = np.ones((25, 3)) if past is None else past
    panel = panel_of(np.vstack([before, happened]), study)
    table = cell_scores.score({"m": forecasts_of(draws, study)}, panel, study)
    return table.pivot(index="province", columns="score", values="value")


def test_one_cell_by_hand(small_study: Study) -> None:
    draws = np.zeros((3, 1, 10), dtype=int)
    draws[0, 0] = [0, 0, 1, 2, 2, 3, 4, 6, 12, 30]
    cell = scored(small_study, draws, [6, 0, 0]).loc["Alpha"]
    x = draws[0, 0]
    spread = np.mean([abs(int(a) - int(b)) for a, b in itertools.permutations(x, 2)])
    assert cell.crps == pytest.approx(np.abs(x - 6).mean() - spread / 2)
    assert cell.absolute_error == 6 - 2  # the fifth of ten draws
    assert (cell["mean"], cell.observed) == (6, 6)
    # The 80 % interval runs from the first to the ninth draw: 0 to 12, and holds the outcome.
    assert cell.interval_80 == 12
    # One draw, the 6, lies in the bin 5-9; one is added to each of ten bins.
    assert cell.log_score == pytest.approx(-np.log(2 / 20))
    assert (cell.p_1, cell.p_5, cell.p_10, cell.p_25) == pytest.approx((0.8, 0.3, 0.2, 0.1))
    briers = (0.2**2, 0.7**2, 0.2**2, 0.1**2)
    assert (cell.brier_1, cell.brier_5, cell.brier_10, cell.brier_25) == pytest.approx(briers)
    assert cell.rps == pytest.approx(sum(briers))
    # Escalation: above max(1.5 x 1, 3): four draws of ten, and it came.
    assert (cell.p_escalation, cell.escalated, cell.brier_escalation) == pytest.approx((0.4, 1, 0.36))
    assert 0.7 <= cell.pit <= 0.8  # seven draws below, eight not above


def test_an_interval_that_misses_is_fined(small_study: Study) -> None:
    draws = np.tile(np.arange(10, 20), (3, 1, 1))
    table = scored(small_study, draws, [9, 25, 12])
    assert table.loc["Alpha", "interval_80"] == pytest.approx(8 + 2 / 0.2 * (10 - 9))
    assert table.loc["Beta", "interval_80"] == pytest.approx(8 + 2 / 0.2 * (25 - 18))
    assert table.loc["Gamma", "interval_80"] == 8


def test_the_rps_is_the_librarys(small_study: Study) -> None:
    draws = np.tile(np.array([0, 0, 1, 7, 11, 30]), (3, 1, 1))
    table = scored(small_study, draws, [0, 8, 26])
    shares = np.array([2, 1, 1, 1, 1]) / 6
    for province, category in (("Alpha", 1), ("Beta", 3), ("Gamma", 5)):
        assert table.loc[province, "rps"] == pytest.approx(float(sr.rps_score(np.array(category), shares)))


def test_the_threshold_weighted_crps_is_the_librarys(small_study: Study) -> None:
    draws = seeds.generator("tw").poisson(9, (3, 1, 50))
    table = scored(small_study, draws, [4, 9, 30])
    for i, happened in enumerate([4.0, 9.0, 30.0]):
        expected = sr.twcrps_ensemble(happened, draws[i, 0].astype(float), a=10, estimator="pwm")
        assert table.twcrps.iloc[i + 1] == pytest.approx(float(expected))  # row 0 is the total


def test_the_crps_of_many_draws_nears_the_closed_form(small_study: Study) -> None:
    n, p, k = 2.0, 0.4, np.arange(200)
    draws = stats.nbinom.rvs(n, p, size=(3, 1, 50_000), random_state=1)
    for happened, value in zip((0, 3, 9), scored(small_study, draws, [0, 3, 9]).crps.iloc[1:], strict=True):
        exact = ((stats.nbinom.cdf(k, n, p) - (k >= happened)) ** 2).sum()
        assert value == pytest.approx(exact, rel=0.02)


def test_the_total_is_the_sum_of_draws(small_study: Study) -> None:
    draws = seeds.generator("sum").poisson([[2], [5], [9]], (1000, 3, 1)).transpose(1, 2, 0)
    total = scored(small_study, draws, [1, 4, 12]).loc[cell_scores.TOTAL]
    summed = draws.sum(axis=0)[0].astype(float)
    assert total.crps == pytest.approx(float(sr.crps_ensemble(17.0, summed, estimator="pwm")))
    assert total.observed == 17


@pytest.mark.parametrize("means", [(4, 4), (1, 12)])
def test_the_energy_score_nears_its_definition(small_study: Study, means: tuple[int, int]) -> None:
    """Also where draws stand in blocks of members that disagree."""
    draws = np.concatenate([seeds.generator("energy", mean).poisson(mean, (3, 1, 1000)) for mean in means], axis=-1)
    value = scored(small_study, draws, [1, 4, 9]).loc[cell_scores.TOTAL, "energy"]
    x = draws[:, 0].T.astype(float)
    exact = np.linalg.norm(x - [1, 4, 9], axis=1).mean()
    exact -= np.linalg.norm(x[:, None] - x[None], axis=2).mean() / 2
    assert value == pytest.approx(exact, rel=0.02)


def test_the_pit_of_the_true_distribution_is_uniform(small_study: Study) -> None:
    rng, number = seeds.generator("pit"), 120
    values = rng.poisson([0.3, 2, 8], (26 + number, 3)).astype(float)
    panel = panel_of(values, small_study)
    origins = list(months.span(months.parse("2011-12"), months.shift(months.parse("2011-12"), number - 1)))
    draws = rng.poisson(np.array([0.3, 2, 8])[:, None, None], (number, 3, 1, 1000))
    table = cell_scores.score({"true": forecasts_of(draws, small_study, origins)}, panel, small_study)
    pit = table[(table.score == "pit") & (table.province != cell_scores.TOTAL)].value
    assert len(pit) == 3 * number
    assert stats.kstest(pit, "uniform").pvalue > 0.05


def test_cells_that_were_not_observed_are_counted_not_scored(small_study: Study) -> None:
    values = np.ones((30, 3))
    values[26, 1] = np.nan  # 2012-03, Beta
    panel = panel_of(values, small_study)
    table = cell_scores.score({"m": forecasts_of(np.ones((3, 3, 1000), dtype=int), small_study)}, panel, small_study)
    crps = table[table.score == "crps"]
    assert len(crps[crps.province != cell_scores.TOTAL]) == 3 * 3 - 1
    assert len(crps[crps.province == cell_scores.TOTAL]) == 2  # a sum that lacks a part is not known
    assert table.attrs["cells_not_observed"] == {"m": 1}
    assert table.attrs["truth"] == "UCDP GED 19.1"
    assert table.value.notna().all()


def test_truth_is_the_count_of_the_target_month(iraq_panel: xr.Dataset, iraq: Study) -> None:
    drawn = forecasts_of(np.zeros((18, 6, 1), dtype=int), iraq, [months.parse("2014-05")])
    observed = observations(iraq_panel, drawn)
    assert observed.sel(horizon=1, province="Nineveh").item() == iraq_panel.attacks.sel(
        month="2014-06-01", province="Nineveh"
    )


@pytest.mark.slow
def test_activity_is_judged_on_what_was_known(small_study: Study) -> None:
    values = np.zeros((40, 3))
    values[:, 1] = 1
    values[25:, 0] = 100  # Alpha wakes up in 2012-02
    origins = months.span(months.parse("2012-01"), months.parse("2012-06"))
    found = active(panel_of(values, small_study), small_study, origins).unstack()
    assert not found.loc["2012-01-01", "Alpha"]
    assert found.loc["2012-02-01", "Alpha"]
    assert found["Beta"].all()
    assert not found["Gamma"].any()


def test_every_score_is_explained(small_study: Study) -> None:
    table = scored(small_study, np.ones((3, 1, 10), dtype=int), [1, 1, 1])
    named = {name for name in table.columns if name in cell_scores.MEANING}
    assert {n for n in table.columns if n not in named} == {f"{k}_{t}" for k in ("p", "brier") for t in (1, 5, 10, 25)}


def test_without_a_forecast_there_is_nothing_to_score(small_study: Study) -> None:
    empty = forecasts_of(np.zeros((1, 3, 1, 10), dtype=int), small_study)
    with pytest.raises(ProvriskError, match="No model made a forecast"):
        cell_scores.score({"m": empty.isel(origin=slice(0, 0))}, panel_of(np.ones((26, 3)), small_study), small_study)


def test_the_variogram_score_is_the_librarys(small_study: Study) -> None:
    draws = seeds.generator("variogram").poisson(4, (3, 1, 200))
    value = scored(small_study, draws, [1, 4, 9]).loc[cell_scores.TOTAL, "variogram"]
    assert value == pytest.approx(float(sr.vs_ensemble(np.array([1.0, 4, 9]), draws[:, 0].T.astype(float), p=0.5)))


@pytest.mark.slow
def test_on_logs_twice_too_many_costs_the_same_everywhere(small_study: Study) -> None:
    draws = np.broadcast_to(np.array([1, 19, 199])[:, None, None], (3, 1, 50))
    table = scored(small_study, draws, [0, 9, 99])
    provinces = table.loc[["Alpha", "Beta", "Gamma"]]
    assert provinces.crps_log.tolist() == pytest.approx([np.log(2)] * 3)
    assert provinces.log_error.tolist() == pytest.approx([np.log(2)] * 3)
    assert provinces.crps.tolist() == [1, 10, 100]
