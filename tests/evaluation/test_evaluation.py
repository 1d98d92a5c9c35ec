"""Backtests and scores: against hand-computed numbers, and the same from any number of workers."""

import itertools

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import stats

from helpers import panel_of
from provrisk import months, seeds
from provrisk.evaluation import scores
from provrisk.evaluation.backtest import backtest, forecast
from provrisk.features.panel import panel_upto
from provrisk.models.baselines import Conflictology
from provrisk.models.smoothing import EwmaNB
from provrisk.study import Study

MODELS = {"conflictology": Conflictology(), "ewma_nb": EwmaNB()}
ORIGINS = months.span(months.parse("2012-01"), months.parse("2012-06"))


@pytest.fixture
def panel(small_study: Study) -> xr.Dataset:
    return panel_of(seeds.generator("panel").poisson([0.5, 3, 9], (40, 3)).astype(float), small_study)


def one_cell(draws: list[float], happened: float) -> dict[str, float]:
    dims = ("model", "origin", "province", "horizon", "draw")
    forecasts = xr.DataArray(
        np.array(draws, dtype=int).reshape(1, 1, 1, 1, -1),
        dims=dims,
        coords={"model": ["m"], "origin": [pd.Timestamp(2012, 1, 1)], "province": ["Alpha"], "horizon": [1]},
    )
    observed = forecasts.sel(model="m").isel(draw=0, drop=True).astype(float) * 0 + happened
    table = scores.score(forecasts, observed.drop_vars("model"))
    return table.set_index("score").value.to_dict()


def test_scores_by_hand() -> None:
    # Draws 0, 2, 7 against 3: mean distance (3 + 1 + 4) / 3; mean distance between two different draws
    # (2 + 7 + 5) / 3; the fair CRPS is 8/3 - 14/6.
    assert one_cell([0, 2, 7], 3) == pytest.approx({"crps": 8 / 3 - 14 / 6, "absolute_error": 1, "error": 0})


def test_the_fair_crps_agrees_with_its_definition() -> None:
    draws = seeds.generator("crps").poisson(4, 60)
    pairs = list(itertools.permutations(draws, 2))
    spread = sum(abs(int(a) - int(b)) for a, b in pairs) / len(pairs)
    expected = np.abs(draws - 6).mean() - spread / 2
    assert one_cell(list(draws), 6)["crps"] == pytest.approx(expected)


def test_the_crps_of_many_draws_nears_the_closed_form() -> None:
    n, p, x = 2.0, 0.4, 5
    k = np.arange(200)
    exact = ((stats.nbinom.cdf(k, n, p) - (k >= x)) ** 2).sum()
    draws = stats.nbinom.rvs(n, p, size=100_000, random_state=1)
    assert one_cell(list(draws), x)["crps"] == pytest.approx(exact, rel=0.02)


def test_cells_that_were_not_observed_are_not_scored(small_study: Study) -> None:
    values = np.ones((40, 3))
    values[26, 1] = np.nan  # 2012-03, Beta
    panel = panel_of(values, small_study)
    forecasts = backtest(panel, {"c": Conflictology(window=24)}, ORIGINS, [1, 2], 1000, 6, seed=1)
    table = scores.score(forecasts, scores.truth(panel, forecasts))
    assert len(table) == (6 * 2 * 3 - 2) * len(scores.SCORES)
    missing = table[(table.province == "Beta") & (table.score == "crps")]
    targets = {months.shift(row.origin, row.horizon) for row in missing.itertuples()}
    assert pd.Timestamp(2012, 3, 1) not in targets


def test_truth_is_the_count_of_the_target_month(panel: xr.Dataset) -> None:
    forecasts = backtest(panel, MODELS, ORIGINS, [1, 3], 1000, 6, seed=1)
    observed = scores.truth(panel, forecasts)
    cell = observed.sel(origin="2012-02-01", horizon=3, province="Gamma")
    assert cell == panel.attacks.sel(month="2012-05-01", province="Gamma")


def test_workers_and_blocks_do_not_change_the_draws(panel: xr.Dataset) -> None:
    alone = backtest(panel, MODELS, ORIGINS, [1, 2, 3], 1000, refit_every=2, seed=7)
    together = backtest(panel, MODELS, ORIGINS, [1, 2, 3], 1000, refit_every=2, seed=7, workers=2)
    xr.testing.assert_identical(alone, together)
    single = backtest(panel, {"ewma_nb": EwmaNB()}, ORIGINS[2:4], [1, 2, 3], 1000, refit_every=2, seed=7)
    assert (single.sel(model="ewma_nb") == alone.sel(model="ewma_nb", origin=ORIGINS[2:4])).all()
    other = backtest(panel, MODELS, ORIGINS, [1, 2, 3], 1000, refit_every=2, seed=8)
    assert (other != alone).any()


def test_a_backtest_is_what_would_have_been_forecast_then(panel: xr.Dataset) -> None:
    backtested = backtest(panel, MODELS, ORIGINS, [1, 2], 1000, refit_every=1, seed=3)
    then = panel_upto(panel, ORIGINS[4])
    issued = forecast(then, "ewma_nb", EwmaNB().fit(then), [1, 2], 1000, seed=3)
    assert (backtested.sel(model="ewma_nb", origin=ORIGINS[4]) == issued).all()
    assert issued.attrs["model"] == "ewma_nb"


def test_progress_counts_the_blocks(panel: xr.Dataset) -> None:
    seen: list[tuple[int, int]] = []
    backtest(panel, MODELS, ORIGINS, [1], 1000, 3, seed=1, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_activity_is_judged_on_what_was_known(small_study: Study) -> None:
    values = np.zeros((40, 3))
    values[:, 1] = 1
    values[25:, 0] = 100  # Alpha wakes up in 2012-02
    panel = panel_of(values, small_study)
    active = scores.active(panel, small_study, ORIGINS).unstack()
    assert not active.loc["2012-01-01", "Alpha"]
    assert active.loc["2012-02-01", "Alpha"]
    assert active["Beta"].all()
    assert not active["Gamma"].any()


def test_the_summary_averages_all_and_active_cells() -> None:
    when = pd.Timestamp(2012, 1, 1)
    table = pd.DataFrame(
        [("a", when, 1, p, "crps", v) for p, v in (("Alpha", 1.0), ("Beta", 3.0))]
        + [("b", when, 1, p, "crps", v) for p, v in (("Alpha", 0.0), ("Beta", 3.5))],
        columns=["model", "origin", "horizon", "province", "score", "value"],
    )
    index = pd.MultiIndex.from_tuples([(when, "Alpha"), (when, "Beta")], names=["origin", "province"])
    summary = scores.summary(table, pd.Series([False, True], index=index, name="active"))
    assert summary.index.tolist() == ["b", "a"]
    assert summary[("crps", "all")].tolist() == [1.75, 2.0]
    assert summary[("crps", "active")].tolist() == [3.5, 3.0]
