"""Models that learn, against numbers worked out by hand and processes whose truth is known."""

import numpy as np
import pytest
import scoringrules as sr
import xarray as xr

from helpers import ROOT, panel_of
from provrisk import seeds
from provrisk.errors import ProvriskError
from provrisk.models import negbin, regression
from provrisk.models.baselines import SeasonalNaive, WindowMixture
from provrisk.models.fastslow import FastSlowNB
from provrisk.models.forest import RatioForest
from provrisk.models.from_file import build
from provrisk.models.intermittent import TSB, CrostonSBA
from provrisk.models.mixture import Mixture
from provrisk.models.negbin_table import table_for
from provrisk.models.regression import ZeroInflatedNB
from provrisk.models.selfexciting import SelfExciting
from provrisk.models.smoothed_levels import discounted_mean, pairs
from provrisk.models.timeseries import UnobservedComponents, fitted_levels, smoothed
from provrisk.study import Study, find_project


def test_pairs_join_a_state_to_the_count_that_came() -> None:
    counts = np.array([[0.0], [1], [2], [np.nan], [4], [5]])
    (state,), after = pairs([counts], counts, horizon=2, burn_in=2)  # the target of the first state was not observed
    assert state[0] == 2
    assert np.isnan(state[1])
    assert after.tolist() == [4, 5]


def test_a_mean_that_forgets_nothing_is_the_mean() -> None:
    counts = np.array([[2.0], [np.nan], [4.0]])
    assert discounted_mean(counts, 0.0)[:, 0].tolist() == [2, 2, 3]
    assert discounted_mean(counts, 0.5)[-1, 0] == pytest.approx((2 * 0.25 + 4) / 1.25)


def test_croston_and_tsb_by_hand() -> None:
    counts = np.array([[2.0], [0], [0], [4]])
    # Begun on two months: size 2, a hit every 2 months. Month 1: size 2, gap 2 + .5 (1 - 2) = 1.5; at the second
    # hit, three months on: size 3, gap 1.5 + .5 (3 - 1.5) = 2.25; times 1 - .5 / 2.
    assert CrostonSBA(weight=0.5, burn_in=2)._level(counts)[:, 0] == pytest.approx([1, 1, 1, 1])
    # Chance .5, .75, .375, .1875, .59375 with weight .5; size 2 till the second hit, then 3.
    assert TSB(0.5, 0.5, burn_in=2)._level(counts)[:, 0] == pytest.approx([1.5, 0.75, 0.375, 1.78125])


def test_the_seasonal_naive_looks_at_the_same_month_of_past_years(small_study: Study) -> None:
    values = np.tile(np.arange(12.0)[:, None] * 10, (4, 3))
    mean = SeasonalNaive().fit(panel_of(values, small_study)).predict(
        panel_of(values, small_study), [1, 4, 12], 4000, seeds.generator(1)
    ).mean("draw")  # fmt: skip
    assert mean.values[0] == pytest.approx([0.02, 30, 110], abs=0.5)


def test_far_horizons_lean_on_long_memory(small_study: Study) -> None:
    values = np.vstack([np.zeros((108, 3)), np.full((12, 3), 20.0)])
    panel = panel_of(values, small_study)
    mean = WindowMixture().fit(panel).predict(panel, [1, 12], 5000, seeds.generator(1)).mean("draw")
    assert (mean.sel(horizon=1) > mean.sel(horizon=12) + 1).all()


def test_the_gradient_of_the_crps_is_its_gradient() -> None:
    rng = seeds.generator("gradient")
    mixture, known = Mixture(components=3, levels=2, gain=0.7), table_for(100)
    levels = rng.gamma(1, 5, (40, 2)) + 0.02
    counts, scale = rng.poisson(levels[:, 0]).astype(float), rng.random(40)
    outputs = mixture.start() + 0.3 * rng.standard_normal((40, mixture.outputs))

    def loss(at: np.ndarray) -> float:
        return mixture.loss(at.reshape(outputs.shape), levels, counts, scale, 0.5, known)[0]

    slope = mixture.loss(outputs, levels, counts, scale, 0.5, known)[1]
    for way in rng.standard_normal((5, outputs.size)):
        numeric = (loss(outputs.ravel() + 1e-3 * way) - loss(outputs.ravel() - 1e-3 * way)) / 2e-3
        assert float(slope.ravel() @ way) == pytest.approx(numeric, rel=0.05, abs=2e-3)  # linear between knots


def test_the_crps_of_the_mixture_is_that_of_its_draws() -> None:
    mixture = Mixture(components=2, levels=2, gain=0.7)
    rng = seeds.generator("crps")
    levels, counts = np.array([[0.3, 0.1], [4.0, 2.0], [60.0, 25.0]]), np.array([1.0, 9.0, 20.0])
    outputs = mixture.start() + 0.5 * rng.standard_normal((3, mixture.outputs))
    drawn = sr.crps_ensemble(counts, mixture.draw(outputs, levels, 20_000, rng).astype(float), estimator="pwm")
    for i in range(3):
        one = slice(i, i + 1)
        value, _ = mixture.loss(outputs[one], levels[one], counts[one], np.ones(1), 0.0, table_for(100))
        assert value == pytest.approx(drawn[i], rel=0.04)


def test_the_fast_and_slow_mixture_follows_what_moves_and_ignores_noise(small_study: Study) -> None:
    rng = seeds.generator("moves")
    wander = np.exp(1.5 + np.cumsum(0.3 * rng.standard_normal((160, 3)), axis=0).clip(-2, 2))
    still = np.full((160, 3), 4.0)
    jumps = {}
    for name, mean in [("wander", wander), ("still", still)]:
        values = rng.poisson(mean).astype(float)
        values[-3:] = 3 * values.mean(axis=0).round() + 1
        panel = panel_of(values, small_study)
        drawn = FastSlowNB().fit(panel).predict(panel, [1], 4000, seeds.generator(1)).mean(("draw", "horizon"))
        jumps[name] = float((drawn.values / values[:-3].mean(axis=0)).mean())
    assert jumps["wander"] > 2
    assert jumps["still"] < jumps["wander"] - 0.3


def test_the_self_exciting_model_finds_its_branching_ratio(small_study: Study) -> None:
    rng = seeds.generator("hawkes")
    base, echo, rows = np.array([2.0, 5.0, 9.0]), np.array([2.0, 5.0, 9.0]), []
    for _ in range(900):
        rate = 0.3 * base + 0.7 * echo
        rows.append(rng.poisson(rng.gamma(4, rate / 4)).astype(float))
        echo = 0.5 ** (1 / 3) * echo + (1 - 0.5 ** (1 / 3)) * rows[-1]
    model = SelfExciting(half_lives=[0.5, 3, 18]).fit(panel_of(np.array(rows), small_study, first="1940-01"))
    assert model.branching_ == pytest.approx(0.7, abs=0.12)
    assert model.shares_[1] > 0.6


def test_the_zero_inflated_regression_is_at_least_as_likely_as_the_librarys(monkeypatch: pytest.MonkeyPatch) -> None:
    from statsmodels.discrete.count_model import ZeroInflatedNegativeBinomialP

    rng = seeds.generator("inflated")
    x = np.column_stack([np.ones(1500), rng.standard_normal((1500, 2))])
    mean = np.exp(x @ [1.0, 0.5, -0.3])
    quiet = rng.random(1500) < 1 / (1 + np.exp(1 - x[:, 1]))
    y = np.where(quiet, 0, rng.poisson(rng.gamma(2, mean / 2))).astype(float)
    monkeypatch.setattr(regression, "SPREAD", 1e6)  # the library has no prior
    params, converged = ZeroInflatedNB()._estimate(y, x)
    library = ZeroInflatedNegativeBinomialP(y, x, exog_infl=x[:, :2])
    theirs = library.fit(params + 0.1, disp=0, maxiter=200, method="bfgs")
    assert converged
    assert library.loglike(params) >= theirs.llf - 1e-2
    assert params == pytest.approx(theirs.params, abs=0.01)


def test_the_forest_bows_out_of_a_short_record(small_study: Study) -> None:
    values = seeds.generator("short").poisson(3, (48, 3)).astype(float)
    with pytest.raises(ProvriskError, match="needs at least 72 months"):
        RatioForest().fit(panel_of(values, small_study))


def test_the_forest_draws_at_the_provinces_own_scale(small_study: Study) -> None:
    values = seeds.generator("scale").poisson([3, 10, 100], (100, 3)).astype(float)
    panel = panel_of(values, small_study)
    mean = RatioForest().fit(panel).predict(panel, [1, 4], 4000, seeds.generator(1)).mean("draw")
    assert mean.values == pytest.approx(np.array([[3, 3], [10, 10], [100, 100.0]]), rel=0.3)


def test_simulated_paths_have_the_spread_of_the_librarys_own_forecast(small_study: Study) -> None:
    rng = seeds.generator("paths")
    values = rng.poisson(np.exp(3 + np.cumsum(0.1 * rng.standard_normal((120, 1)), axis=0)) * np.ones(3)).astype(float)
    panel = panel_of(values, small_study)
    model = UnobservedComponents().fit(panel)
    paths = model._paths(panel, 0, 6, 40_000, seeds.generator(1))
    from provrisk.models.timeseries import scaled

    expected = model._model(scaled(values[:, 0]), np.empty((120, 0))).filter(model.params_[0]).get_forecast(6)
    assert paths.mean(axis=1) == pytest.approx(expected.predicted_mean, rel=0.01)
    assert paths.std(axis=1) == pytest.approx(expected.se_mean, rel=0.03)


@pytest.mark.parametrize("name", ["boosting", "ingarch_inputs", "nb_regression", "prophet", "sarimax", "zero_inflated"])
def test_a_driver_known_ahead_moves_the_month_it_stands_in(small_study: Study, name: str) -> None:
    rng = seeds.generator("driver")
    on = rng.random((121 + 11, 1)) < 0.25
    on[120:123, 0] = [True, False, True]
    values = rng.poisson(np.where(on[:120], 12, 3) * np.ones(3)).astype(float)
    panel = panel_of(values, small_study)
    driver = np.broadcast_to(on.astype(float)[: panel.sizes["month"]], (panel.sizes["month"], 3))
    panel["feast"] = xr.DataArray(
        driver, dims=("month", "province"), attrs={"family": "drivers", "known_ahead": True, "unit": "yes or no"}
    )
    file = find_project(ROOT).models()[name]
    mean = build(name, file).fit(panel).predict(panel, [1, 2, 3], 1000, seeds.generator(1)).mean(("draw", "province"))
    assert mean.sel(horizon=1) > 1.25 * mean.sel(horizon=2)


def test_ets_finds_for_all_provinces_at_once_what_statsmodels_finds_for_each() -> None:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    rng = seeds.generator("ets")
    series = np.cumsum(rng.normal(0, [0.0, 0.2, 1.0], (150, 3)), axis=0) + rng.normal(5, 1, (150, 3))
    weights, begun = fitted_levels(series)
    errors = smoothed(series, weights, begun)[1]
    for column in range(3):
        reference = ETSModel(series[:, column], error="add").fit(disp=False)
        assert weights[column] == pytest.approx(reference.smoothing_level, abs=1e-3)
        assert (errors[:, column] ** 2).sum() <= np.sum(reference.resid**2) * (1 + 1e-6)


@pytest.mark.parametrize(("mean", "size"), [(0.02, 0.05), (3.0, 2.0), (20.0, 1e4), (150.0, 3.0), (5000.0, 0.1)])
def test_draws_follow_the_negative_binomial(mean: float, size: float) -> None:
    from scipy.stats import nbinom

    drawn = negbin.draws(np.array([mean]), np.array([size]), 50_000, seeds.generator("draws", mean))[0]
    at = np.arange(drawn.max() + 1)
    share = np.searchsorted(np.sort(drawn), at, side="right") / drawn.size
    assert np.abs(share - nbinom.cdf(at, size, size / (size + mean))).max() < 1.95 / np.sqrt(drawn.size)  # p = .001
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.03


def test_draws_of_a_mixture_take_each_component_by_its_weight() -> None:
    weight, mean, size = (np.array([one]) for one in ([0.7, 0.3], [1.0, 40.0], [2.0, 5.0]))
    drawn = negbin.draws(mean, size, 50_000, seeds.generator("mixture draws"), weight)[0]
    assert drawn.mean() == pytest.approx(12.7, rel=0.03)
    assert drawn.var() == pytest.approx(0.7 * 2.5 + 0.3 * 1960 - 12.7**2, rel=0.05)
