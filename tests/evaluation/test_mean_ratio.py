"""The ratio of two means: by hand, and how often it holds the truth where series hang together."""

import numpy as np
import pytest
from scipy import stats

from provrisk import seeds
from provrisk.evaluation.mean_ratio import cosines, fewest, ratio_of


def test_the_test_by_hand() -> None:
    series = np.arange(12.0)
    found = ratio_of(series, np.full(12, 4.0), span=6)
    times = (np.arange(12) + 0.5) / 12
    waves = [np.sqrt(2 / 12) * (series * np.cos(np.pi * j * times)).sum() for j in (1, 2)]
    statistic = (5.5 - 4) / np.sqrt((waves[0] ** 2 + waves[1] ** 2) / 2 / 12)
    assert found.p_value() == pytest.approx(2 * stats.t.sf(statistic, 2))
    assert found.p_above(1.0) == pytest.approx(stats.t.sf(statistic, 2))
    assert found.p_above(1.0) + found.p_below(1.0) == pytest.approx(1)
    half = stats.t.ppf(0.95, 2) * 1.5 / statistic
    assert found.interval(0.9) == pytest.approx((max(5.5 - half, 0) / 4, (5.5 + half) / 4))


def test_no_cosine_is_shorter_than_the_longest_horizon() -> None:
    assert [cosines(n, 6) for n in (11, 12, 18, 24, 102)] == [0, 2, 3, 4, 4]
    assert [cosines(n, 12) for n in (23, 24, 48)] == [0, 2, 4]
    assert [cosines(n, 1) for n in (11, 12)] == [0, 2]
    assert (fewest(1), fewest(6), fewest(12)) == (12, 12, 24)


def test_the_ends_of_the_interval_are_where_the_p_value_is_its_level() -> None:
    rng = seeds.generator("ratio")
    for _ in range(50):
        found = ratio_of(rng.gamma(3, 1, 48), rng.gamma(3, 1, 48), 6)
        low, high = found.interval(0.9)
        assert found.p_value(high) == pytest.approx(0.1)
        assert low == 0 or found.p_value(low) == pytest.approx(0.1)
        assert low < found.estimate < high


@pytest.mark.parametrize("origins", [12, 24, 48, 102])
def test_it_holds_the_truth_where_six_horizons_overlap_and_volatility_lasts(origins: int) -> None:
    rng = seeds.generator("ratio holds", origins)
    noise = rng.normal(size=(1000, origins + 65, 2))
    level = np.zeros((1000, origins + 65))
    for t in range(1, level.shape[1]):
        level[:, t] = 0.9 * level[:, t - 1] + 0.3 * noise[:, t, 0]
    each = np.exp(level) * noise[:, :, 1]
    overlapping = np.mean([each[:, 55 + h : 55 + h + origins] for h in range(6)], axis=0)
    p = [ratio_of(50 + row, np.full(origins, 50.0), 6).p_value() for row in overlapping]
    assert 0.84 <= (np.array(p) > 0.1).mean() <= 0.95


def test_series_that_are_the_same_or_proportional_have_no_width() -> None:
    series = seeds.generator("same").gamma(3, 1, 60)
    same = ratio_of(series, series, 6)
    assert same.interval(0.9) == pytest.approx((1, 1))
    assert np.isnan(same.p_value())
    assert ratio_of(0.8 * series, series, 6).interval(0.9) == pytest.approx((0.8, 0.8))
