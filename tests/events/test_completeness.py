"""Provisional months, on simulated releases with a known delay and known withdrawals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from provrisk import months
from provrisk.events.counting import completeness
from provrisk.seeds import generator

NAMES = list("ABCDEF")
MEAN = pd.Series([2.0, 5.0, 8.0, 12.0, 20.0, 30.0], index=NAMES)
SIZE = 3.0
LATE, WITHDRAWN = 0.4, 0.15
"""The share of the lasting events not known at first; of those known at first, the share that goes after 3 months."""


def history(number: int, seed: object, withdrawn: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """True counts, and a table of revisions by monthly releases over ``number`` months (columns as ``learn`` asks)."""
    rng = generator("completeness", seed)
    truth = rng.negative_binomial(SIZE, SIZE / (SIZE + MEAN.to_numpy()), (number, len(NAMES)))
    wrong = rng.binomial(truth, withdrawn / (1 - withdrawn))  # known at first, gone after three months
    late = rng.binomial(truth, LATE)
    half = rng.binomial(late, 0.5)  # of the late ones, still unknown a month later
    span = months.span(months.parse("2015-01"), months.shift(months.parse("2015-01"), number))
    rows = []
    for release in range(number):
        for month in range(max(0, release - 15), release + 1):
            age = release - month
            seen = truth[month] - (late[month] if age == 0 else half[month] if age == 1 else 0)
            seen = seen + (wrong[month] if age < 3 else 0)
            for name, value in zip(NAMES, seen, strict=True):
                rows.append((f"r{release}", span[release + 1], False, span[month], name, age, float(value)))
    columns = ["release", "available", "final", "month", "province", "age", "value"]
    return pd.DataFrame(truth, index=span[:-1], columns=NAMES), pd.DataFrame(rows, columns=columns)


def stated(table: pd.DataFrame, age: int) -> pd.DataFrame:
    return table[table.age == age].pivot(index="month", columns="province", values="value")


def draws_of(table: pd.DataFrame, fitted: completeness.Completeness, age: int, number: int = 200) -> np.ndarray:
    reported = stated(table, age)
    ages = pd.Series(age, index=reported.index)
    return completeness.corrected(reported, ages, MEAN, fitted, number, generator("draws", age))


@pytest.fixture(scope="module")
def fitted() -> completeness.Completeness:
    found = completeness.learn(history(72, "past")[1])
    assert found is not None
    return found


def test_the_share_known_by_age_is_found_again(fitted: completeness.Completeness) -> None:
    table = fitted.table(np.arange(5)).set_index("age")
    assert table.share.to_numpy() == pytest.approx([1 - LATE, 1 - LATE / 2, 1, 1, 1], abs=0.03)
    assert (table.fell == 0).all()
    assert (table.rose[2:] == 0).all()
    assert table.rose[0] > 0.7


@pytest.mark.slow
def test_the_corrected_mean_is_nearer_the_truth_while_events_are_late(fitted: completeness.Completeness) -> None:
    truth, table = history(150, "future")
    for age in (0, 1):
        reported, draws = stated(table, age), draws_of(table, fitted, age)
        true = truth.loc[reported.index].to_numpy()
        assert abs(draws.mean() - true.mean()) < 0.3 * abs(reported.to_numpy().mean() - true.mean())
        assert np.mean((draws.mean(axis=0) - true) ** 2) < np.mean((reported.to_numpy() - true) ** 2)
    assert (draws_of(table, fitted, 4, 5) == stated(table, 4).to_numpy()).all()  # nothing moves any more


@pytest.mark.slow
def test_the_randomised_pit_of_corrected_counts_is_uniform(fitted: completeness.Completeness) -> None:
    truth, table = history(150, "pit")
    reported, draws = stated(table, 0), draws_of(table, fitted, 0, 500)
    true = truth.loc[reported.index].to_numpy()
    uniform = generator("pit").random(true.shape)
    pit = (draws < true).mean(axis=0) + uniform * (draws == true).mean(axis=0)
    assert stats.kstest(pit.ravel(), "uniform").statistic < 0.08
    raw = (reported.to_numpy() < true) + uniform * (reported.to_numpy() == true)
    assert stats.kstest(raw.ravel(), "uniform").statistic > 0.3  # the test can fail


@pytest.mark.slow
def test_what_is_withdrawn_is_learnt_too() -> None:
    fitted = completeness.learn(history(72, "down", WITHDRAWN)[1])
    assert fitted is not None
    assert (fitted.table(np.array([2])).fell > 0.4).all()
    truth, table = history(100, "down later", WITHDRAWN)
    reported, draws = stated(table, 2), draws_of(table, fitted, 2)
    true = truth.loc[reported.index].to_numpy()
    assert reported.to_numpy().sum() > 1.1 * true.sum()
    assert draws.mean() == pytest.approx(true.mean(), rel=0.04)


def test_one_month_s_errors_are_joint(fitted: completeness.Completeness) -> None:
    """A draw weighs the settled months for all its cells alike: sums scatter more than those of lone cells would."""
    few = completeness.Completeness(fitted.past[fitted.past.month.isin(fitted.past.month.unique()[:4])])
    reported = pd.DataFrame(20.0, index=[months.parse("2030-01")], columns=NAMES)
    drawn = completeness.corrected(reported, pd.Series(0, index=reported.index), MEAN, few, 4000, generator("joint"))[
        :, 0
    ]
    assert drawn.sum(axis=1).var() > 1.1 * drawn.var(axis=0).sum()


def test_months_that_have_not_settled_teach_nothing() -> None:
    table = history(11, "young")[1]
    assert completeness.learn(table) is None
    # A final release settles a month at once.
    last = table[(table.month == table.month.min()) & (table.age == 10)].assign(final=True)
    found = completeness.learn(pd.concat([table, last.assign(available=last.available + pd.Timedelta(days=1))]))
    assert found is not None
    assert found.past.month.unique().tolist() == [table.month.min()]


def test_a_restated_month_is_taken_at_its_last_statement_of_an_age(fitted: completeness.Completeness) -> None:
    assert not fitted.past.duplicated(["month", "province", "age"]).any()


def test_what_was_not_observed_stays_so(fitted: completeness.Completeness) -> None:
    reported = pd.DataFrame([[np.nan, 3.0]], index=[months.parse("2030-01")], columns=["A", "B"])
    draws = completeness.corrected(reported, pd.Series(0, reported.index), MEAN, fitted, 10, generator("x"))
    assert np.isnan(draws[:, 0, 0]).all()
    assert (draws[:, 0, 1] >= 3).all()
