"""Each model against numbers worked out by hand, or a process whose truth is known."""

import numpy as np
import pytest
from scipy import stats

from helpers import panel_of
from provrisk import seeds
from provrisk.errors import ProvriskError
from provrisk.models import negbin
from provrisk.models.baselines import Conflictology
from provrisk.models.ingarch import NBIngarch
from provrisk.models.smoothing import EwmaNB, ewma
from provrisk.study import Study


def test_the_negative_binomial_is_scipys() -> None:
    counts, mean, r = np.array([0, 1, 7, 40.0]), np.array([0.02, 1, 5, 9.0]), np.array([0.3, 2, 1, 50.0])
    expected = stats.nbinom.logpmf(counts, r, r / (r + mean))
    assert negbin.log_likelihood(counts, mean, r) == pytest.approx(expected)


def test_the_size_of_a_negative_binomial_is_found_again() -> None:
    rng = seeds.generator("size")
    mean, at = rng.uniform(0.2, 20, 40_000), np.array([1.0, 5.0, 15.0])
    counts = negbin.draw(mean, negbin.size(np.array([0.3, 0.6]), mean), rng)
    assert negbin.size(negbin.fit_size(counts, mean), at) == pytest.approx(np.exp(0.3) * at**0.6, rel=0.08)


def test_draws_have_the_mean_and_variance_they_should() -> None:
    mean, r = np.full(200_000, 6.0), np.full(200_000, 1.5)
    drawn = negbin.draw(mean, r, seeds.generator("moments"))
    assert drawn.mean() == pytest.approx(6, rel=0.02)
    assert drawn.var() == pytest.approx(6 + 36 / 1.5, rel=0.04)


def test_the_level_by_hand() -> None:
    counts = np.array([[2.0], [4.0], [np.nan], [0.0]])
    # Begun at (2 + 4) / 2 = 3; then 3 + .5 (2 - 3) = 2.5; 3.25; unchanged; 1.625.
    assert ewma(counts, weight=0.5, burn_in=2)[:, 0].tolist() == [2.5, 3.25, 3.25, 1.625]


def test_ewma_nb_is_centred_on_the_level(small_study: Study) -> None:
    values = seeds.generator("x").poisson(5, (60, 3)).astype(float)
    panel = panel_of(values, small_study)
    model = EwmaNB(weight=0.3).fit(panel)
    forecast = model.predict(panel, range(1, 13), 20_000, seeds.generator(1))
    level = ewma(values, 0.3, 12)[-1]
    assert forecast.mean("draw").values == pytest.approx(np.repeat(level[:, None], 12, axis=1), rel=0.05)


def test_ewma_nb_never_uses_a_pair_whose_target_is_after_the_origin(small_study: Study) -> None:
    values = seeds.generator("y").poisson(5, (13, 3)).astype(float)
    model = EwmaNB(burn_in=12).fit(panel_of(values, small_study))
    assert sorted(model.log_size_) == [1]  # thirteen months hold one pair, one month apart


def test_conflictology_draws_only_the_last_months_and_keeps_provinces_together(small_study: Study) -> None:
    values = np.arange(60.0).reshape(20, 3)
    panel = panel_of(values, small_study)
    forecast = Conflictology(window=12).fit(panel).predict(panel, [1, 2], 5000, seeds.generator(1))
    assert set(np.unique(forecast.sel(province="Alpha"))) == set(values[-12:, 0])
    assert (forecast.sel(province="Beta") - forecast.sel(province="Alpha") == 1).all()


def test_conflictology_says_when_a_province_has_no_past(small_study: Study) -> None:
    values = np.ones((20, 3))
    values[:, 1] = np.nan
    panel = panel_of(values, small_study)
    with pytest.raises(ProvriskError, match="observed month"):
        Conflictology().fit(panel).predict(panel, [1], 1000, seeds.generator(1))


@pytest.mark.slow
def test_ingarch_finds_its_own_coefficients(small_study: Study) -> None:
    rng, alpha, beta, r = seeds.generator("ingarch"), 0.3, 0.5, 3.0
    long_run = np.array([2.0, 6.0, 12.0])
    mean, rows = long_run, []
    for _ in range(1500):
        rows.append(rng.poisson(rng.gamma(r, mean / r)).astype(float))
        mean = (1 - alpha - beta) * long_run + alpha * rows[-1] + beta * mean
    model = NBIngarch().fit(panel_of(np.array(rows), small_study, first="1900-01"))
    assert model.converged_
    assert (model.alpha_, model.beta_) == pytest.approx((alpha, beta), abs=0.06)
    assert negbin.size(model.log_size_, long_run) == pytest.approx([r] * 3, rel=0.2)


def test_ingarch_has_the_gradient_of_its_likelihood(small_study: Study) -> None:
    rng = seeds.generator("slopes")
    counts = rng.poisson(rng.gamma(1, 3, (60, 3))).astype(float)
    counts[:, 2] = 0  # its mean falls to the floor
    counts[[20, 21, 40], [0, 0, 1]] = np.nan
    inputs = rng.gamma(1, 1, (60, 3, 2))
    weight = rng.normal(size=(61, 3))
    model = NBIngarch()
    model.long_run_ = np.array([3.0, 3.0, 0.01])
    at = np.array([0.2, 0.4, 0.1, 0.05])

    def value(coefficients: np.ndarray) -> float:
        return float((weight * model._means(counts, inputs, coefficients)).sum())

    found = model._slopes(weight, model._means(counts, inputs, at), counts, inputs, at)
    steps = 1e-6 * np.eye(4)
    assert found == pytest.approx([(value(at + step) - value(at - step)) / 2e-6 for step in steps], rel=1e-5)


def test_ingarch_returns_to_the_long_run(small_study: Study) -> None:
    values = seeds.generator("back").poisson(4, (120, 3)).astype(float)
    values[-1] = 60
    panel = panel_of(values, small_study)
    model = NBIngarch().fit(panel)
    mean = model.predict(panel, [1, 12], 20_000, seeds.generator(1)).mean("draw")
    assert (mean.sel(horizon=12) < mean.sel(horizon=1)).all()
    assert model.alpha_ + model.beta_ < 1
