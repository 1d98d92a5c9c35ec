"""The simulator against its own claims, then scores and models against the truth that it knows."""

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Self

import numpy as np
import pandas as pd
import pytest
import scoringrules as sr
import statsmodels.api as sm
import xarray as xr
from scipy import stats

from helpers import ROOT
from provrisk import months, seeds, simulate
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.events.sources.parsed_rows import EVENT_COLUMNS
from provrisk.features.panel import build_panel, counts_upto_origin, panel_upto
from provrisk.models.base import Model
from provrisk.models.from_file import build
from provrisk.simulate import Driver, Process
from provrisk.study import Study, find_project

BASE = np.array([0.1, 0.6, 2.0])
LENGTH = 180
SWITCHED = np.tile(np.repeat([0.0, 1.0], 6), 16)[: LENGTH + 6, None]  # on and off every half year
KINDS = {
    "plain": Process(BASE),
    "neighbours": Process(BASE, alpha=0.2, beta=0.3, gamma=0.3, weights=simulate.lattice(1, 3)),
    "regime change": Process(BASE, alpha=0.2, beta=0.2, regime_month=LENGTH - 30, regime_factor=3),
    "driver": Process(BASE, drivers=(Driver(3.0, SWITCHED),)),
}


class Truth(Model):
    """The process itself, behind the contract of a model."""

    def __init__(self, process: Process) -> None:
        self.process = process

    def fit(self, panel: xr.Dataset) -> Self:
        return self

    def sample(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, rng: np.random.Generator) -> np.ndarray:
        drawn = simulate.true_draws(self.process, counts_upto_origin(panel), max(horizons), draws, rng)
        return drawn[:, [h - 1 for h in horizons]]


# --- the process


def test_the_true_mean_by_hand() -> None:
    process = Process(
        np.array([1.0]), alpha=0.5, beta=0.2, regime_month=2, regime_factor=4, drivers=(Driver(2.0, np.ones((9, 1))),)
    )
    level = process.long_run[:, None]
    assert level.item() == pytest.approx(1 / 0.3)
    level = process.after(0, level, np.array([[8.0]]))  # 1 + .5 * 8 / 2 + .2 / .3
    assert level.item() == pytest.approx(3 + 0.2 / 0.3)
    level = process.after(1, level, np.array([[0.0]]))  # the new regime: 4 + 0 + .2 * 3.667
    assert level.item() == pytest.approx(4 + 0.2 * (3 + 0.2 / 0.3))
    drawn = simulate.true_draws(process, np.array([[8.0], [0.0]]), 1, 200_000, seeds.generator("hand"))
    assert drawn.mean() == pytest.approx(2 * level.item(), rel=0.02)


def test_neighbours_by_hand() -> None:
    process = Process(np.ones(4), alpha=0, beta=0, gamma=0.5, weights=simulate.lattice(2, 2))
    # A square: each borders two others.
    assert process.after(0, np.ones((4, 1)), np.array([[4.0], [0], [0], [2]])).ravel().tolist() == [1, 2.5, 2.5, 1]
    assert simulate.lattice(2, 3).toarray()[0].tolist() == [0, 0.5, 0, 0.5, 0, 0]


@pytest.mark.slow
def test_counts_have_the_long_run_mean_and_the_spread_they_should() -> None:
    process = replace(KINDS["neighbours"], drivers=())
    counts = simulate.simulate(process, 30_000, seeds.generator("long run"))
    assert counts.mean(axis=0) == pytest.approx(process.long_run, rel=0.06)
    still = simulate.simulate(Process(np.array([4.0]), alpha=0, beta=0, size=2), 40_000, seeds.generator("spread"))
    assert still.var() == pytest.approx(4 + 16 / 2, rel=0.05)


def test_a_regime_change_moves_the_mean_by_its_factor() -> None:
    process = Process(np.full(400, 1.0), alpha=0.2, beta=0.2, regime_month=40, regime_factor=0.25)
    counts = simulate.simulate(process, 60, seeds.generator("regime"))
    assert counts[:40].mean() == pytest.approx(1 / 0.6, rel=0.05)
    assert counts[50:].mean() == pytest.approx(0.25 / 0.6, rel=0.08)


def test_the_same_key_gives_the_same_counts() -> None:
    first, second, other = (simulate.simulate(KINDS["plain"], 24, seeds.generator("k", k)) for k in (1, 1, 2))
    assert (first == second).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    "bad",
    [
        {"alpha": 0.7},
        {"beta": -0.1},
        {"size": 0},
        {"gamma": 0.1},
        {"regime_factor": 0},
        {"drivers": (Driver(0, SWITCHED),)},
        {"gamma": 0.1, "weights": 2 * simulate.lattice(1, 3)},
    ],
)
def test_a_process_without_a_mean_is_refused(bad: dict) -> None:
    with pytest.raises(ProvriskError):
        Process(BASE, **bad)


def test_a_driver_without_a_value_is_not_zero() -> None:
    process = Process(BASE, drivers=(Driver(2.0, np.ones((10, 1))),))
    with pytest.raises(ProvriskError, match="10 months"):
        simulate.true_draws(process, np.ones((8, 3)), 3, 10, seeds.generator(1))


@pytest.mark.slow
def test_a_large_panel_takes_seconds() -> None:
    process = Process(np.full(3600, 0.5), gamma=0.2, weights=simulate.lattice(60, 60))
    start = time.perf_counter()
    counts = simulate.simulate(process, 420, seeds.generator("large"))
    simulate.as_released(simulate.arrivals(counts, np.array([0.6, 0.3, 0.1]), seeds.generator("late")), 419)
    assert counts.shape == (420, 3600)
    assert time.perf_counter() - start < 10


# --- tables and events


def test_events_count_back_to_the_counts(small_study: Study) -> None:
    counts = simulate.simulate(KINDS["plain"], 36, seeds.generator("events"))
    events = simulate.event_rows(counts, small_study, "2010-01", seeds.generator("rows"))
    table = tables.count(events, small_study.provinces.index, months.parse("2010-01"), months.parse("2012-12"))
    assert (table.attacks.to_numpy().reshape(36, 3) == counts).all()
    assert list(events.columns) == EVENT_COLUMNS
    assert events.event_id.is_unique
    assert (events.deaths_low <= events.deaths_best).all()
    assert (events.deaths_best <= events.deaths_high).all()
    assert (events.deaths_civilians <= events.deaths_best).all()


def test_a_counts_table_becomes_a_panel_and_missing_stays_missing(small_study: Study) -> None:
    counts = np.array([[1.0, np.nan, 3.0], [0.0, 2.0, 5.0]])
    panel = build_panel(small_study, simulate.counts_table(counts, small_study, "2010-01"))
    assert np.array_equal(counts_upto_origin(panel), counts, equal_nan=True)
    assert simulate.borders(small_study).toarray()[1].tolist() == [0.5, 0, 0.5]


# --- reporting delay

DELAY = np.array([0.5, 0.3, 0.15, 0.05])


def test_releases_conserve_sums_and_never_take_back() -> None:
    counts = simulate.simulate(KINDS["plain"], 60, seeds.generator("delay"))
    arrived = simulate.arrivals(counts, DELAY, seeds.generator("ages"))
    assert (arrived.sum(axis=2) == counts).all()
    releases = [simulate.as_released(arrived, at) for at in range(63)]
    for at, release in enumerate(releases):
        assert np.isnan(release[at + 1 :]).all()  # a month that is not over is missing, not zero
        settled = max(at - len(DELAY) + 2, 0)
        assert (release[:settled] == counts[:settled]).all()
    for earlier, later in pairwise(releases):
        known = ~np.isnan(earlier)
        assert (earlier[known] <= later[known]).all()
    assert (releases[-1] == counts).all()


def test_events_are_thinned_as_the_delay_says(small_study: Study) -> None:
    counts = np.full((48, 3), 60.0)
    arrived = simulate.arrivals(counts, DELAY, seeds.generator("thin")).sum(axis=(0, 1))
    assert stats.chisquare(arrived, DELAY * counts.sum()).pvalue > 0.01
    # Given the count, what is known at age 1 is binomial: mean and variance of a thinned count.
    known = np.array([simulate.arrivals(counts, DELAY, seeds.generator("v", i))[..., :2].sum(-1) for i in range(40)])
    assert known.mean() == pytest.approx(60 * 0.8, rel=0.01)
    assert known.var() == pytest.approx(60 * 0.8 * 0.2, rel=0.05)
    events = simulate.event_rows(counts, small_study, "2010-01", seeds.generator("rows"))
    published = simulate.first_published(events, DELAY, seeds.generator("published"))
    age = (published.dt.to_period("M") - events.date.dt.to_period("M")).map(lambda gap: gap.n)
    assert stats.chisquare(np.bincount(age), DELAY * len(events)).pvalue > 0.01


# --- scores and models


def one_step_pit(process: Process, believed: Process, key: str) -> np.ndarray:
    """Randomised PIT of one-step forecasts by ``believed`` of what ``process`` did (Czado, Gneiting and Held 2009)."""
    rng = seeds.generator(key)
    counts = simulate.simulate(process, 150, rng)
    pit = []
    for origin in range(30, 149):
        drawn = simulate.true_draws(believed, counts[:origin], 1, 1000, rng)[:, 0]
        now = counts[origin][:, None]
        below, level = (drawn < now).sum(axis=1), (drawn == now).sum(axis=1)
        pit.append((below + rng.random(len(now)) * (level + 1)) / (drawn.shape[1] + 1))
    return np.ravel(pit)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_pit_of_the_true_model_is_uniform(kind: str) -> None:
    pit = one_step_pit(KINDS[kind], KINDS[kind], f"pit {kind}")
    assert stats.kstest(pit, "uniform").pvalue > 0.01
    assert stats.chisquare(np.histogram(pit, bins=10, range=(0, 1))[0]).pvalue > 0.01


@pytest.mark.parametrize("wrong", [{"size": 20.0}, {"base": BASE * 2}, {"size": 0.5}])
def test_the_pit_of_a_wrong_model_is_not(wrong: dict) -> None:
    pit = one_step_pit(KINDS["plain"], replace(KINDS["plain"], **wrong), "wrong")
    assert stats.chisquare(np.histogram(pit, bins=10, range=(0, 1))[0]).pvalue < 0.001


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_true_model_is_never_beaten_beyond_chance(small_study: Study, kind: str) -> None:
    counts = simulate.simulate(KINDS[kind], LENGTH, seeds.generator("race", kind))
    panel = build_panel(small_study, simulate.counts_table(counts, small_study, "2000-01"))
    files = find_project(ROOT).models()
    racers = {"truth": Truth(KINDS[kind])}
    racers |= {name: build(name, files[name]) for name in ("conflictology", "ewma_nb", "ingarch")}
    origins = months.span(months.shift(months.parse("2000-01"), LENGTH - 48), months.parse("2014-06"))
    losses = pd.DataFrame({name: crps_by_origin(panel, name, model, origins) for name, model in racers.items()})
    gaps = losses.drop(columns="truth").sub(losses.truth, axis=0)
    for name in gaps:
        mean, error = gaps[name].mean(), long_run_error(gaps[name].to_numpy())
        assert mean > -1.96 * error, name
    if kind in ("regime change", "driver"):  # what none of them knows of: here the truth must show
        assert (gaps.mean() > 1.96 * gaps.apply(lambda gap: long_run_error(gap.to_numpy()))).all()


def crps_by_origin(panel: xr.Dataset, name: str, model: Model, origins: pd.DatetimeIndex) -> list[float]:
    fitted, horizons = model.fit(panel_upto(panel, origins[0])), range(1, 7)
    means = []
    for origin in origins:
        drawn = fitted.predict(panel_upto(panel, origin), horizons, 1000, seeds.generator(name, origin))
        happened = panel.attacks.sel(month=drawn.target_month.values).transpose("province", "month").to_numpy()
        means.append(float(sr.crps_ensemble(happened, drawn.to_numpy().astype(float), estimator="pwm").mean()))
    return means


def long_run_error(gaps: np.ndarray, lags: int = 5) -> float:
    """Standard error of a mean of six-month forecasts, which overlap (Newey and West 1987)."""
    centred = gaps - gaps.mean()
    products = [float((centred[lag:] * centred[: len(gaps) - lag]).mean()) for lag in range(lags + 1)]
    variance = products[0] + 2 * sum((1 - lag / (lags + 1)) * products[lag] for lag in range(1, lags + 1))
    return float(np.sqrt(variance / len(gaps)))


# --- drivers


def estimated_ratios(truth: Sequence[float] | np.ndarray, key: int) -> pd.DataFrame:
    """Rate ratios of two drivers by an NB regression with a mean for each province: columns low, high (95 %).

    Months of one province hang together, which the regression does not know: its errors are clustered.
    """
    rng, shape = seeds.generator("drivers", key), (100, 30)
    values = [(rng.random((20, 30)) < 0.4).repeat(5, axis=0).astype(float) for _ in truth]  # five months at a time
    drivers = tuple(Driver(ratio, value) for ratio, value in zip(truth, values, strict=True))
    process = Process(rng.uniform(0.3, 2, 30), alpha=0.2, beta=0.3, drivers=drivers)
    province = np.tile(np.arange(30), 100)
    design = np.column_stack([*(np.ravel(value) for value in values), np.eye(30)[province]])
    counts = np.ravel(simulate.simulate(process, shape[0], rng))
    family = sm.families.NegativeBinomial(alpha=1 / process.size)
    fitted = sm.GLM(counts, design, family).fit(cov_type="cluster", cov_kwds={"groups": province})
    return pd.DataFrame(np.exp(fitted.conf_int()[:2]), columns=["low", "high"])


def test_a_driver_of_known_size_is_found_and_one_of_size_zero_is_not() -> None:
    found, none = estimated_ratios((1.5, 1.0), 0).itertuples(index=False)
    assert 1 < found.low < 1.5 < found.high
    assert none.low < 1 < none.high


@pytest.mark.slow
def test_intervals_of_a_drivers_effect_hold_it_as_often_as_they_say() -> None:
    truth = np.array([1.5, 1.0])
    estimates = [estimated_ratios(truth, key) for key in range(1, 25)]
    held = np.array([(e.low < truth) & (e.high > truth) for e in estimates])
    assert (held.sum(axis=0) >= 20).all()  # of 24; true 95 % intervals do worse once in 170 such tests
    assert all(e.low[0] > 1 for e in estimates)
