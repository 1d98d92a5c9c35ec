"""Pools, calibration and dependence on forecasts whose faults are known."""

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from provrisk import months, seeds
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.recipes import joined
from provrisk.models.calibration import PitCalibration
from provrisk.models.dependence import Dependence
from provrisk.models.pit import randomised_pit
from provrisk.models.pools import CrpsPool, LinearPool

ORIGINS, PROVINCES, HORIZONS, DRAWS = 72, 6, 3, 400


def past_of(**draws: np.ndarray) -> xr.DataArray:
    """Forecasts (model, origin, province, horizon, draw)."""
    first = months.parse("2005-01")
    return xr.DataArray(
        np.stack(list(draws.values())).astype(np.int32),
        dims=("model", "origin", "province", "horizon", "draw"),
        coords={
            "model": list(draws),
            "origin": months.span(first, months.shift(first, ORIGINS - 1)),
            "province": [f"P{i}" for i in range(PROVINCES)],
            "horizon": range(1, HORIZONS + 1),
        },
    )


def observed_of(counts: np.ndarray, past: xr.DataArray) -> xr.DataArray:
    """``counts`` (origin, province, horizon) without what lies after the last origin but one."""
    counts = counts.astype(float)
    for h in range(HORIZONS):
        counts[len(counts) - h :, :, h] = np.nan
    return xr.DataArray(
        counts, dims=("origin", "province", "horizon"), coords=past.isel(model=0, draw=0, drop=True).coords
    )


def negative_binomial(mean: float, size: float, *key: object, shape: tuple[int, ...]) -> np.ndarray:
    rng = seeds.generator(*key)
    return rng.poisson(rng.gamma(size, mean / size, shape))


CELLS = (ORIGINS, PROVINCES, HORIZONS)


@pytest.fixture(scope="module")
def world() -> tuple[xr.DataArray, xr.DataArray]:
    """A right, a too high and a too sharp forecast of a negative binomial of mean 8 and size 2."""
    past = past_of(
        right=negative_binomial(8, 2, "right", shape=(*CELLS, DRAWS)),
        high=negative_binomial(24, 2, "high", shape=(*CELLS, DRAWS)),
        sharp=negative_binomial(8, 40, "sharp", shape=(*CELLS, DRAWS)),
    )
    return past, observed_of(negative_binomial(8, 2, "came", shape=CELLS), past)


def nothing(past: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """No past at all of the forecasters of ``past``."""
    none = past.isel(origin=slice(0, 0))
    return none, none.isel(model=0, draw=0, drop=True).astype(float)


def now_with(past: xr.DataArray, late: int) -> xr.DataArray:
    """The last forecasts of ``past``, and those of a member that joins them, all of them ``late``."""
    now = past.isel(origin=-1)
    member = xr.full_like(now.isel(model=[0]), late).assign_coords(model=["late"])
    return xr.concat([now, member], dim="model")


def test_an_equal_pool_takes_equal_shares_and_keeps_a_draw_whole() -> None:
    draws = {name: np.full((*CELLS, 300), value) for name, value in [("a", 1), ("b", 2), ("c", 3)]}
    past = past_of(**draws)
    now = past.isel(origin=-1)
    fitted = LinearPool(["a", "b", "c"]).fit(*nothing(past))
    pool = fitted.combine(now, seeds.generator(1))
    assert [(pool == value).isel(province=0, horizon=0).sum().item() for value in (1, 2, 3)] == [100] * 3
    assert (pool == pool.isel(province=0, horizon=0)).all()


def test_a_pool_goes_on_without_an_absent_member_and_says_when_none_is_left(world: tuple) -> None:
    now = world[0].isel(origin=-1)
    alone = LinearPool(["right", "gone"]).fit(*nothing(world[0])).combine(now, seeds.generator(1))
    assert (np.sort(alone) == np.sort(now.sel(model="right"))).all()
    with pytest.raises(ProvriskError, match="None of the members gone"):
        LinearPool(["gone"]).fit(*nothing(world[0])).combine(now, seeds.generator(1))


def test_a_member_that_fails_here_fades_and_a_long_prior_keeps_all_equal(world: tuple) -> None:
    past, observed = world
    shares = LinearPool(["right", "high", "sharp"], prior=0).fit(past, observed).shares_
    assert shares.sel(model="right") > 3 * shares.sel(model="high")
    assert shares.sel(model="right") > shares.sel(model="sharp") > shares.sel(model="high")
    held = LinearPool(["right", "high", "sharp"], prior=1e9).fit(past, observed).shares_
    assert held.to_numpy() == pytest.approx(1, abs=1e-6)
    new = LinearPool(["right", "high", "late"], prior=0).fit(past, observed)
    pool = new.combine(now_with(past, late=-1), seeds.generator(1))
    assert 0 < (pool == -1).mean() < 0.5


def test_crps_weights_find_the_right_member_and_a_long_prior_keeps_them_equal(world: tuple) -> None:
    past, observed = world
    found = CrpsPool(["right", "high"], prior=0, thin=1).fit(past, observed).weights_
    assert (found.sel(model="right") > 0.9).all()
    assert found.sum("model").values == pytest.approx(1)
    kept = CrpsPool(["right", "high"], prior=1e6).fit(past, observed).weights_
    assert kept.values == pytest.approx(0.5, abs=1e-3)


def test_a_weighted_pool_without_a_past_is_the_equal_one(world: tuple) -> None:
    past, observed = world
    pool = CrpsPool(["right", "high"]).fit(past.isel(origin=slice(0)), observed.isel(origin=slice(0)))
    assert (pool.weights_ == 0.5).all()
    assert pool.combine(past.isel(origin=0), seeds.generator(1)).shape == (PROVINCES, HORIZONS, DRAWS)


def test_what_was_not_known_at_the_origin_teaches_nothing(world: tuple) -> None:
    past, observed = world
    changed = past.copy(deep=True)
    for h in range(HORIZONS):  # forecasts whose target had not come
        changed[:, ORIGINS - h :, :, h] = 999
    for combiner in (CrpsPool(["right", "high"]), PitCalibration(["sharp"]), Dependence(["right"])):
        one, two = (
            combiner.fit(given, observed).combine(past.isel(origin=3), seeds.generator(1)) for given in (past, changed)
        )
        assert (one == two).all()


def test_the_randomised_pit_of_a_right_forecast_is_uniform(world: tuple) -> None:
    past, observed = world
    pits = {name: randomised_pit(past.sel(model=name).values, observed.values) for name in ("right", "sharp")}
    assert np.isnan(pits["right"]).sum() == np.isnan(observed.values).sum()
    p = {name: stats.kstest(one[~np.isnan(one)], "uniform").pvalue for name, one in pits.items()}
    assert p["right"] > 0.01
    assert p["sharp"] < 1e-6


def test_calibration_widens_a_sharp_forecast_and_leaves_a_right_one(world: tuple) -> None:
    past, observed = world
    sharp = PitCalibration(["sharp"], prior=50).fit(past, observed)
    assert list(sharp.curves_) == [True]
    now = past.isel(origin=-1)
    wide = sharp.combine(now, seeds.generator(1))
    assert wide.var("draw").mean() > 1.3 * now.sel(model="sharp").var("draw").mean()
    right = PitCalibration(["right"]).fit(past, observed)
    assert (right.combine(now, seeds.generator(1)) == now.sel(model="right")).all()


def test_calibration_keeps_the_ranks(world: tuple) -> None:
    past, observed = world
    now = past.isel(origin=-1)
    moved = PitCalibration(["sharp"], prior=50).fit(past, observed).combine(now, seeds.generator(1)).values[0, 0]
    order = now.sel(model="sharp").values[0, 0].argsort(kind="stable")
    assert (np.diff(moved[order]) >= 0).all()


def test_dependence_moves_no_draw_to_another_cell_and_ties_what_erred_together() -> None:
    rng = seeds.generator("together")
    past = past_of(one=negative_binomial(8, 2, "one", shape=(*CELLS, DRAWS)))
    common = stats.norm.cdf(
        np.sqrt(0.6) * rng.standard_normal((ORIGINS, 1, 1)) + np.sqrt(0.4) * rng.standard_normal(CELLS)
    )
    observed = observed_of(stats.nbinom.ppf(common, 2, 0.2), past)
    now = past.isel(origin=-1)
    tied = Dependence(["one"], provinces=0.0, prior=6).fit(past, observed).combine(now, seeds.generator(1))
    assert (np.sort(tied) == np.sort(now.sel(model="one"))).all()
    correlation = np.corrcoef(tied.values[:, 0])[np.triu_indices(PROVINCES, 1)]
    assert 0.35 < correlation.mean() < 0.75
    assert tied.sum("province").std("draw").mean() > 1.4 * now.sel(model="one").sum("province").std("draw").mean()


def test_dependence_serves_fewer_horizons_and_others_than_it_learnt() -> None:
    rng = seeds.generator("fewer")
    cells = {"model": ["a"], "province": ["x", "y"]}
    dims = ("model", "province", "horizon", "draw")
    draws = xr.DataArray(rng.poisson(5, (1, 2, 3, 500)), dims=dims, coords=cells | {"horizon": [1, 2, 3]})
    empty = draws.expand_dims(origin=0).transpose("model", "origin", ...)
    observed = empty.isel(model=0, draw=0, drop=True).astype(float)
    model = Dependence(["a"], horizons=0.9).fit(empty, observed)
    for horizons in ([2], [1, 3], [4, 5, 6]):
        asked = draws.isel(horizon=slice(len(horizons))).assign_coords(horizon=horizons)
        combined = model.combine(asked, rng)
        assert combined.horizon.values.tolist() == horizons
        assert (np.sort(combined.values) == np.sort(asked.isel(model=0).values)).all()


def test_dependence_without_a_past_is_its_prior() -> None:
    past = past_of(one=negative_binomial(8, 2, "one", shape=(*CELLS, DRAWS)))
    observed = observed_of(np.ones(CELLS), past)
    combiner = Dependence(["one"], provinces=0.5).fit(past.isel(origin=slice(0)), observed.isel(origin=slice(0)))
    tied = combiner.combine(past.isel(origin=0), seeds.generator(1)).values[:, 0]
    assert np.corrcoef(tied)[np.triu_indices(PROVINCES, 1)].mean() == pytest.approx(0.47, abs=0.1)


def test_draws_of_a_model_that_ties_nothing_are_joined() -> None:
    recipes, name = joined({"alone": LinearPool(["right"])}, "alone")
    assert recipes[name].joint
    assert recipes[name].members == ["alone"]
    assert joined(recipes, name) == (recipes, name)
