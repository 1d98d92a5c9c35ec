"""A rate or a share before and after a day: hand-computed figures, known truth, and what must always hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provrisk import seeds
from provrisk.risk.evidence.published_share import PublishedShare
from provrisk.risk.evidence.rate_change import RateChange

DAYS = np.array([7.0, 7, 7, 7, 3, 7, 7, 7])
AFTER = np.arange(8) >= 3


def test_the_score_of_equal_poisson_rates_by_hand() -> None:
    # 20 in 20 days, then 60 in 40 and none beside: two periods and one more to have a degree of freedom.
    found = RateChange(np.array([10.0, 10, 60]), np.array([10.0, 10, 40]), np.array([False, False, True]))
    assert found.estimate == pytest.approx(1.5)
    assert found.expected == 40
    assert found.spread == 0
    # 80 in 60 days: 53.3 expected after; the score is (60 - 53.3) / sqrt(53.3 * 26.7 / 80).
    score = (60 - 160 / 3) / np.sqrt((160 / 3) * (80 / 3) / 80)
    assert found.p_above(1.0) == pytest.approx(0.5 - np.arctan(score) / np.pi)  # t with one degree of freedom


def test_a_share_takes_its_odds() -> None:
    found = RateChange(np.array([2.0, 3, 12]), np.array([10.0, 10, 20]), np.array([False, False, True]), share=True)
    assert found.estimate == pytest.approx((12 / 8) / (5 / 15))
    assert found.spread == 1


@pytest.mark.slow
@given(st.lists(st.integers(0, 60), min_size=8, max_size=8).filter(sum), st.floats(0.2, 5), st.sampled_from([0.8, 0.9]))
def test_intervals_invert_the_p_values(counts: list[int], ratio: float, level: float) -> None:
    found = RateChange(np.array(counts, float), DAYS, AFTER)
    low, high = found.interval(level)
    tail = (1 - level) / 2
    assert found.p_above(ratio) + found.p_below(ratio) == pytest.approx(1)
    if low * 1.001 < ratio < high * 0.999:
        assert min(found.p_above(ratio), found.p_below(ratio)) > tail * 0.98
    if ratio < low * 0.999 or ratio > high * 1.001:
        assert min(found.p_above(ratio), found.p_below(ratio)) < tail * 1.02


@given(st.lists(st.integers(1, 60), min_size=8, max_size=8), st.integers(2, 5))
def test_the_unit_of_time_does_not_matter_and_more_after_means_more(counts: list[int], factor: int) -> None:
    count = np.array(counts, float)
    found, hours = RateChange(count, DAYS, AFTER), RateChange(count, 24 * DAYS, AFTER)
    assert found.estimate == pytest.approx(hours.estimate)
    assert found.p_above(1.0) == pytest.approx(hours.p_above(1.0))
    more = RateChange(np.where(AFTER, factor * count, count), DAYS, AFTER)
    assert more.estimate == pytest.approx(factor * found.estimate)


def test_the_level_holds_for_restless_weeks_and_the_detectable_effect_is_found() -> None:
    rng = seeds.generator("test_change")
    false, found = [], []
    for _ in range(300):
        rate = 1.3 * DAYS * rng.gamma(10, 0.1, 8)
        false.append(RateChange(rng.poisson(rate).astype(float), DAYS, AFTER).p_above(1.0) <= 0.1)
    assert np.mean(false) == pytest.approx(0.1, abs=0.05)
    usual = RateChange(1.3 * DAYS, DAYS, AFTER)
    fall, rise = usual.detectable(0.1, 0.8)
    assert fall < 1 < rise
    for _ in range(300):
        count = rng.poisson(1.3 * DAYS * np.where(AFTER, rise, 1.0)).astype(float)
        found.append(RateChange(count, DAYS, AFTER).p_above(1.0) <= 0.1)
    assert np.mean(found) == pytest.approx(0.8, abs=0.08)
    assert usual.detectable(0.1, 0.8, 1.5)[1] > 1.5 * usual.detectable(0.1, 0.8)[0]


def test_nothing_before_bounds_no_rise() -> None:
    found = RateChange(np.array([0.0, 0, 0, 3, 1, 2, 4, 1]), DAYS, AFTER)
    low, high = found.interval(0.9)
    assert low > 0
    assert np.isinf(high)
    assert RateChange(np.array([1.0, 9, 8]), np.array([7.0, 7, 7]), np.arange(3) >= 1).detectable(0.01, 0.8)[1] > 100


def test_a_part_by_hand() -> None:
    found = PublishedShare(np.array([9.0, 9, 9]), np.array([10.0, 10, 10]))
    assert found.estimate == 0.9
    score = (27 - 24) / np.sqrt(30 * 0.8 * 0.2)
    assert found.p_above(0.8) == pytest.approx(0.5 - score / (2 * np.sqrt(2 + score**2)))  # t with two degrees
    low, high = found.interval(0.9)
    assert found.p_above(low) == pytest.approx(0.05)
    assert found.p_below(high) == pytest.approx(0.05)
    certain = PublishedShare(np.array([10.0, 10, 10]), np.array([10.0, 10, 10]))
    assert certain.interval(0.9)[1] == pytest.approx(1)
    assert certain.interval(0.9)[0] < 1
