"""The engine: the same draws from any worker, from the store and on the day; combiners that see no future."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

import joblib
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import provrisk
from helpers import panel_of
from provrisk import months, seeds
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest import fitted
from provrisk.evaluation.backtest.block_store import ROOMS, BlockStore
from provrisk.evaluation.backtest.engine import Backtest, backtest
from provrisk.evaluation.backtest.protocol import Setup, blocks, newest_origins, protocol_origins, with_burn_in
from provrisk.evaluation.backtest.recipes import in_order
from provrisk.evaluation.scores.observations import observations
from provrisk.features.panel import panel_upto
from provrisk.models.base import Combiner, Model
from provrisk.models.baselines import Conflictology
from provrisk.models.smoothing import EwmaNB
from provrisk.study import Study
from provrisk.study.schema import Protocol

ORIGINS = months.span(months.parse("2012-03"), months.parse("2012-10"))
SETUP = Setup([1, 2, 3], draws=1000, refit_every=3, seed=7)
MODELS = {"conflictology": Conflictology(), "ewma_nb": EwmaNB()}


def test_the_code_that_stored_blocks_depend_on_is_where_they_look_for_it() -> None:
    assert all((Path(provrisk.__file__).parent / room).exists() for room in ROOMS)


class Shift(Combiner):
    """Adds to the mean of its members' draws the mean error that it learnt; notes what it was shown."""

    def __init__(self, members: Sequence[str] = ("conflictology", "ewma_nb")) -> None:
        self.members = members

    def fit(self, past: xr.DataArray, observed: xr.DataArray) -> Self:
        known = observed.notnull()
        self.shift_, self.newest_ = 0.0, None
        if past.sizes["origin"]:
            self.shift_ = float((observed - past.mean(["model", "draw"])).mean())
            self.newest_ = past.target_month.values[known.any("province").values].max()
        return self

    def combine(self, forecasts: xr.DataArray, rng: np.random.Generator) -> xr.DataArray:
        return np.maximum((forecasts.mean("model") + self.shift_).round(), 0).astype(int)


class Fragile(EwmaNB):
    """Fails at origins in June."""

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        if panel.attrs["origin"].endswith("-06"):
            raise ProvriskError("Fragile does not work in June.")
        return super().sample(panel, horizons, draws, rng)


@pytest.fixture
def panel(small_study: Study) -> xr.Dataset:
    return panel_of(seeds.generator("panel").poisson([0.5, 3, 9], (40, 3)).astype(float), small_study)


def run(panel: xr.Dataset, recipes: dict[str, Model | Combiner] | None = None, **kwargs) -> Backtest:
    setup = replace(SETUP, **{name: kwargs.pop(name) for name in vars(SETUP) if name in kwargs})
    origins = kwargs.pop("origins", ORIGINS)
    return backtest(partial(panel_upto, panel), recipes or MODELS, origins, setup, **kwargs)


def assert_same(one: Backtest, other: Backtest) -> None:
    assert list(one.forecasts) == list(other.forecasts)
    for name, drawn in one.forecasts.items():
        xr.testing.assert_identical(drawn, other.forecasts[name])


@pytest.mark.slow
def test_workers_do_not_change_the_draws(panel: xr.Dataset) -> None:
    alone = run(panel, MODELS | {"shift": Shift()})
    assert_same(alone, run(panel, MODELS | {"shift": Shift()}, workers=2))
    assert (run(panel, seed=8).forecasts["ewma_nb"] != alone.forecasts["ewma_nb"]).any()


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_draws(panel: xr.Dataset) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra [cluster]")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        far = run(panel, workers=-1)
    assert_same(far, run(panel))


def test_a_backtest_is_what_would_have_been_forecast_then(panel: xr.Dataset) -> None:
    drawn = run(panel, refit_every=1).forecasts["ewma_nb"].sel(origin=ORIGINS[4])
    then = panel_upto(panel, ORIGINS[4])
    issued = fitted.forecast(then, "ewma_nb", EwmaNB().fit(then), [1, 2, 3], 1000, seed=7)
    assert (drawn == issued).all()
    assert issued.attrs["model"] == "ewma_nb"


def test_a_stored_block_is_not_computed_again(panel: xr.Dataset, tmp_path: Path) -> None:
    store = BlockStore(tmp_path / "blocks")
    recipes = MODELS | {"shift": Shift()}
    first = run(panel, recipes, store=store)
    assert (first.computed, first.reused) == (12, 0)
    again = run(panel, recipes, store=store)
    assert (again.computed, again.reused) == (0, 12)
    assert_same(first, again)
    one_more = run(panel, recipes | {"ewma_fast": EwmaNB(weight=0.6)}, store=store)
    assert (one_more.computed, one_more.reused) == (4, 12)


def test_a_damaged_block_is_computed_again(panel: xr.Dataset, tmp_path: Path) -> None:
    first = run(panel, store=BlockStore(tmp_path / "blocks"))
    for number, path in enumerate(sorted((tmp_path / "blocks").iterdir())):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(bytes(content) if number % 2 else b"")
    again = run(panel, store=BlockStore(tmp_path / "blocks"))
    assert again.computed == 8
    assert_same(first, again)


def test_new_months_leave_the_stored_past_alone(small_study: Study, tmp_path: Path) -> None:
    values = seeds.generator("grow").poisson([0.5, 3, 9], (40, 3)).astype(float)
    later = months.span(ORIGINS[1], months.shift(ORIGINS[-1], 1))
    run(panel_of(values[:38], small_study), store=BlockStore(tmp_path / "blocks"))
    grown = run(panel_of(values, small_study), store=BlockStore(tmp_path / "blocks"), origins=later)
    # April to June and July to September stand; the last block has one origin more.
    assert (grown.computed, grown.reused) == (2, 4)
    revised = values.copy()
    revised[5, 0] += 1
    assert run(panel_of(revised, small_study), store=BlockStore(tmp_path / "blocks"), origins=later).reused == 0


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    script = Path(__file__).with_name("slow_backtest.py")
    command = [sys.executable, str(script), str(tmp_path / "blocks")]
    process = subprocess.Popen([*command, "slow"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list((tmp_path / "blocks").glob("*.npz"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    left = len(list((tmp_path / "blocks").glob("*.npz")))
    assert 2 <= left < 8
    after = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    whole = subprocess.run(
        [*command[:2], str(tmp_path / "b")], capture_output=True, text=True, check=True
    ).stdout.split()
    assert int(after[1]) == left
    assert whole[1] == "0"
    assert after[2] == whole[2]  # the digest of all draws


def test_a_combiner_sees_only_targets_that_had_come(panel: xr.Dataset) -> None:
    shown = []

    class Spy(Shift):
        def fit(self, past: xr.DataArray, observed: xr.DataArray) -> Self:
            super().fit(past, observed)
            shown.append((past.indexes["origin"], self.newest_))
            return self

    run(panel, MODELS | {"spy": Spy()}, learnt_from=["spy"], burn_in=6)
    fits = [months.parse(f"2011-{month}") for month in ("09", "10")]
    fits += [months.parse(f"2012-{month}") for month in ("01", "04", "07", "10")]
    assert len(shown) == len(fits)
    for at, (origins, newest) in zip(fits, shown, strict=True):
        assert (origins < at).all()
        if len(origins):
            assert newest == np.datetime64(at)  # the month of the fit itself is known, nothing after


def test_what_comes_after_the_origin_moves_no_combiner(small_study: Study) -> None:
    values = seeds.generator("future").poisson([0.5, 3, 9], (40, 3)).astype(float)
    changed = values.copy()
    changed[28:] += 50  # from 2012-05 on
    one, other = (run(panel_of(v, small_study), MODELS | {"shift": Shift()}).forecasts for v in (values, changed))
    before = slice("2012-03", "2012-04")
    for name in one:
        assert (one[name].sel(origin=before) == other[name].sel(origin=before)).all()
        assert (one[name].sel(origin="2012-10-01") != other[name].sel(origin="2012-10-01")).any()


def test_only_what_is_learnt_from_is_forecast_in_the_burn_in(panel: xr.Dataset) -> None:
    recipes = MODELS | {"shift": Shift(("ewma_nb",))}
    lean, whole = run(panel, recipes, burn_in=6), run(panel, recipes, learnt_from=list(recipes), burn_in=6)
    begin = {name: months.label(past.indexes["origin"][0]) for name, past in lean.past.items()}
    assert begin == {"conflictology": "2012-01", "ewma_nb": "2011-09", "shift": "2012-01"}
    assert lean.computed < whole.computed
    for name in recipes:
        assert (lean.forecasts[name] == whole.forecasts[name]).all()
        assert months.label(whole.past[name].indexes["origin"][0]) == "2011-09"


def test_a_member_that_fails_is_left_out_and_reported(panel: xr.Dataset) -> None:
    recipes = {"conflictology": Conflictology(), "fragile": Fragile(), "pool": Shift(("conflictology", "fragile"))}
    result = run(panel, recipes)
    assert result.failures.values.tolist() == [["fragile", pd.Timestamp(2012, 6, 1), "Fragile does not work in June."]]
    assert result.forecasts["fragile"].sizes["origin"] == len(ORIGINS) - 1
    assert result.forecasts["pool"].sizes["origin"] == len(ORIGINS)
    alone = run(panel, {"fragile": Fragile(), "pool": Shift(("fragile",))}).failures
    assert set(alone.model) == {"fragile", "pool"}


def test_a_model_that_cannot_be_fitted_fails_at_every_origin_of_the_block(panel: xr.Dataset) -> None:
    result = run(panel, {"ewma_nb": EwmaNB(burn_in=500)})
    assert len(result.failures) == len(ORIGINS)
    assert result.forecasts["ewma_nb"].sizes["origin"] == 0


def test_a_fitted_recipe_repeats_its_backtest(panel: xr.Dataset) -> None:
    recipes = MODELS | {"shift": Shift(), "twice": Shift(("shift",))}
    result = run(panel, recipes, refit_every=1, burn_in=5)
    origin = ORIGINS[-1]
    then = panel_upto(panel, origin)
    past = {name: drawn.sel(origin=drawn.origin < origin) for name, drawn in result.past.items()}
    observed = {name: observations(then, drawn) for name, drawn in past.items()}
    champion = fitted.fit("twice", recipes, then, past, observed)
    issued = fitted.forecast(then, "twice", champion, [1, 2, 3], 1000, seed=7)
    assert (issued == result.forecasts["twice"].sel(origin=origin)).all()
    assert issued.dtype.kind == "i"


def test_members_come_before_what_is_made_of_them() -> None:
    recipes = {"b": Shift(("a",)), "a": EwmaNB(), "c": Shift(("b", "a")), "d": EwmaNB()}
    assert in_order(recipes, ["c"]) == ["a", "b", "c"]
    with pytest.raises(ProvriskError, match="circle: x -> y -> x"):
        in_order({"x": Shift(("y",)), "y": Shift(("x",))}, ["x"])
    with pytest.raises(ProvriskError, match="models/x.toml: its member 'y'"):
        in_order({"x": Shift(("y",))}, ["x"])
    with pytest.raises(ProvriskError, match="no model 'z'"):
        in_order(recipes, ["z"])


def test_progress_counts_every_block(panel: xr.Dataset) -> None:
    seen: list[tuple[int, int]] = []
    run(panel, MODELS | {"shift": Shift()}, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 12) for i in range(1, 13)]


def test_blocks_are_cut_by_the_calendar() -> None:
    cut = blocks(ORIGINS, 3, months.parse("2011-01"))
    assert [[o.month for o in block.origins] for block in cut] == [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10]]
    late = blocks(ORIGINS, 12, months.parse("2012-02"))
    assert late[0].origins[0] == months.parse("2012-02")


def test_a_protocol_names_its_origins(iraq_panel: xr.Dataset, iraq: Study) -> None:
    long = protocol_origins(iraq_panel, iraq.protocol("iraq-2010"))
    assert (len(long), months.label(long[0]), months.label(long[-1])) == (102, "2010-01", "2018-06")
    recent = protocol_origins(iraq_panel, iraq.protocol("recent"))
    assert (len(recent), months.label(recent[-1])) == (48, "2018-06")
    last = protocol_origins(iraq_panel, Protocol(origins=24, horizons=6, draws=1000, refit_every=12))
    assert [months.label(last[0]), months.label(last[-1])] == ["2016-07", "2018-06"]
    assert months.label(with_burn_in(iraq_panel, long, 36)[0]) == "2007-01"
    assert months.label(with_burn_in(iraq_panel, long, 360)[0]) == "2004-12"
    newest = newest_origins(iraq_panel, iraq.protocol("recent"))  # their first horizons have been observed
    assert [months.label(newest[0]), months.label(newest[-1])] == ["2018-07", "2018-11"]
    assert newest_origins(iraq_panel, iraq.protocol("iraq-2010")).empty
    far = Protocol(origins=500, horizons=6, draws=1000, refit_every=12)
    with pytest.raises(ProvriskError, match="the data allow 2004-12 to 2018-06"):
        protocol_origins(iraq_panel, far)
    with pytest.raises(ProvriskError, match="no protocol 'x'"):
        iraq.protocol("x")
