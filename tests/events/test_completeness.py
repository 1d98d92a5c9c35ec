"""Provisional months, on simulated releases with a known delay."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from provrisk import months
from provrisk.events import completeness
from provrisk.seeds import generator

PROVINCES = 6
MEAN = np.array([2.0, 5.0, 8.0, 12.0, 20.0, 30.0])
SIZE = 3.0
LATE = 0.45  # of the events that are not known at an age, the share still not known a month later


def known(age: np.ndarray | float) -> np.ndarray:
    """The true completeness: 60 % when a month is out, then a geometric delay."""
    return 1 - 0.4 * LATE ** np.asarray(age, float)


def delays(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Age at which an event becomes known."""
    uniform = rng.random(shape)
    return np.maximum(0, np.ceil(np.log(np.maximum(1 - uniform, 1e-12) / 0.4) / np.log(LATE)))


def history(number: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """True counts (month, province) and what was known of them (age, month, province)."""
    truth = rng.negative_binomial(SIZE, SIZE / (SIZE + MEAN), (number, PROVINCES))
    late = [[delays((n,), rng) for n in row] for row in truth]
    seen = [[[np.sum(one <= age) for one in row] for row in late] for age in range(25)]
    return truth, np.array(seen)


def releases(seen: np.ndarray, first: str = "2015-01", steps: tuple[int, ...] = (1,)) -> pd.DataFrame:
    """The table of revisions of monthly releases; release r states every month from 0 to r."""
    number = seen.shape[1]
    span = months.span(months.parse(first), months.shift(months.parse(first), number))
    rows = []
    for release in range(0, number, 1):
        available = span[release + 1] + pd.Timedelta(days=20)
        for month in range(release + 1):
            age = release - month
            if age in steps or len(steps) == 1:
                value = seen[min(age, 24), month].sum()
                rows.append((f"r{release}", available, span[month], "all", age, value))
    return pd.DataFrame(rows, columns=["release", "available", "month", "province", "age", "value"])


@pytest.fixture(scope="module")
def fitted() -> completeness.Completeness:
    _, seen = history(60, generator("completeness", "past"))
    found = completeness.learn(releases(seen))
    assert found is not None
    return found


def test_the_delay_is_found_again_and_rises(fitted: completeness.Completeness) -> None:
    ages = np.arange(12)
    assert np.abs(fitted.at(ages) - known(ages)).max() < 0.04
    assert (np.diff(fitted.at(np.arange(30))) >= 0).all()
    table = fitted.table(generator("table"))
    assert ((table.low_80 <= table.share + 1e-9) & (table.share <= table.high_80 + 1e-9)).all()


def test_releases_that_skip_ages_teach_as_well() -> None:
    _, seen = history(80, generator("completeness", "sparse"))
    found = completeness.learn(releases(seen, steps=(0, 2, 7, 24)))
    assert found is not None
    assert np.abs(found.at(np.array([0, 2, 7])) - known([0, 2, 7])).max() < 0.06


def test_the_interval_covers_the_delay_as_often_as_it_says() -> None:
    hits = []
    for seed in range(20):
        _, seen = history(30, generator("completeness", "cover", seed))
        found = completeness.learn(releases(seen))
        assert found is not None
        table = found.table(generator("interval", seed), np.array([0, 1]))
        hits += [(table.low_80 <= known(table.age)) & (known(table.age) <= table.high_80)]
    assert 0.6 < np.mean(hits) < 0.97  # 80 % said, 20 histories of two ages


def test_the_corrected_mean_is_nearer_the_truth_at_every_age(fitted: completeness.Completeness) -> None:
    rng = generator("completeness", "future")
    truth, seen = history(300, rng)
    for age in range(4):
        ages = np.full((1, 1), age)
        draws = completeness.corrected(seen[age].astype(float), ages, MEAN, np.full(PROVINCES, SIZE), fitted, 200, rng)
        raw, better = seen[age].mean() - truth.mean(), draws.mean() - truth.mean()
        assert abs(better) < abs(raw), age
        assert np.mean((draws.mean(axis=0) - truth) ** 2) < np.mean((seen[age] - truth) ** 2), age


def test_the_randomised_pit_of_corrected_counts_is_uniform(fitted: completeness.Completeness) -> None:
    rng = generator("completeness", "pit")
    truth, seen = history(150, rng)
    ages = np.arange(150)[:, None] % 3
    reported = np.take_along_axis(seen, np.broadcast_to(ages, truth.shape)[None], axis=0)[0].astype(float)
    draws = completeness.corrected(reported, ages, MEAN, np.full(PROVINCES, SIZE), fitted, 500, rng)
    below, at = (draws < truth).mean(axis=0), (draws == truth).mean(axis=0)
    pit = below + rng.random(truth.shape) * at
    assert stats.kstest(pit.ravel(), "uniform").pvalue > 0.01
    raw_pit = (reported < truth) + rng.random(truth.shape) * (reported == truth)
    assert stats.kstest(raw_pit.ravel(), "uniform").pvalue < 1e-6  # the test can fail


def test_the_prior_is_learnt_from_complete_months() -> None:
    truth, _ = history(400, generator("completeness", "prior"))
    mean, size = completeness.prior(truth.astype(float))
    assert np.allclose(mean, MEAN, rtol=0.15)
    assert (np.abs(np.log(size / SIZE)) < 0.6).all()


def test_one_release_teaches_nothing() -> None:
    _, seen = history(5, generator("completeness", "one"))
    table = releases(seen)
    assert completeness.learn(table[table.release == "r4"]) is None


def test_what_was_not_observed_stays_so(fitted: completeness.Completeness) -> None:
    draws = completeness.corrected(
        np.array([[np.nan, 3.0]]),
        np.zeros((1, 1)),
        np.array([2.0, 2.0]),
        np.array([1.0, 1.0]),
        fitted,
        10,
        generator("x"),
    )
    assert np.isnan(draws[:, 0, 0]).all()
    assert (draws[:, 0, 1] >= 3).all()
