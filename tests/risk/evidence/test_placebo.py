"""One ratio among those of other months: ranks, intervals, what could have been detected."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from provrisk import months, seeds
from provrisk.risk.evidence.placebo import Placebo, placebo
from provrisk.risk.evidence.result import p_values

TENTHS = np.arange(1, 20) / 10  # 0.1 to 1.9, the middle one is 1.0


def test_p_values_are_ranks() -> None:
    found = Placebo(1.75, TENTHS)
    assert found.p_above(1.0) == pytest.approx(3 / 20)  # 1.8 and 1.9 are as high, and one is added
    assert found.p_below(1.0) == pytest.approx(18 / 20)
    assert found.percentile == pytest.approx(17 / 19)


def test_a_ratio_of_two_is_tested_against_placebos_twice_as_high() -> None:
    assert Placebo(2.0, TENTHS).p_above(2.0) == pytest.approx(11 / 20)  # 1.0 and above, doubled
    assert Placebo(2.0, TENTHS).p_below(2.0) == pytest.approx(11 / 20)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_the_interval_holds_what_its_p_values_do_not_reject(level: float) -> None:
    found, tail = Placebo(1.5, TENTHS), (1 - level) / 2 + 1e-9
    low, high = found.interval(level)
    assert found.p_above(low * 0.999) <= tail < found.p_above(low * 1.001)
    assert found.p_below(high * 1.001) <= tail < found.p_below(high * 0.999)


def test_too_few_placebos_bound_nothing() -> None:
    assert Placebo(1e6, TENTHS).interval(0.95) == (0.0, float("inf"))
    assert Placebo(1e6, TENTHS).detectable(0.049, 0.8) == (0.0, float("inf"))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = seeds.generator("placebo interval")
    for number in (24, 140):
        drawn = 2 * rng.lognormal(0, 0.5, (2000, number + 1))
        bounds = np.array([Placebo(row[0], row[1:] / 2).interval(0.9) for row in drawn])
        assert 0.89 <= ((bounds[:, 0] <= 2) & (bounds[:, 1] >= 2)).mean() <= 0.94


def test_the_smallest_detectable_effect_is_found_as_often_as_asked() -> None:
    rng = seeds.generator("detectable")
    others = rng.lognormal(0, 0.3, 4000)
    for bar in (1.0, 1.25):
        fall, rise = Placebo(1.0, others).detectable(0.005, 0.8, bar)
        found = np.mean([Placebo(rise * x, others).p_above(bar) <= 0.005 for x in rng.lognormal(0, 0.3, 400)])
        assert found == pytest.approx(0.8, abs=0.06)
        assert fall * rise == pytest.approx(1.0, abs=0.1)


def test_placebos_do_not_overlap_the_event() -> None:
    index = months.span(months.parse("2010-01"), months.parse("2010-12"))
    ratio = pd.Series(np.arange(1.0, 13.0), index)
    ratio.iloc[11] = np.nan  # beyond the record
    found = placebo(ratio, months.parse("2010-06"), 3)
    assert found.placebos.tolist() == [1, 2, 3, 9, 10, 11]
    assert placebo(ratio, months.parse("2010-06"), 3, reach=5).placebos.tolist() == [1, 2, 3, 11]


def test_p_values_are_uniform_where_nothing_happens() -> None:
    rng = seeds.generator("uniform")
    drawn = rng.lognormal(0, 0.5, (1000, 100))
    p = [Placebo(row[0], row[1:]).p_above(1.0) for row in drawn]
    assert stats.kstest(p, "uniform").pvalue > 0.01


@given(st.floats(0.1, 10), st.floats(0.2, 5), st.floats(1.01, 3))
def test_a_higher_bar_is_harder_to_pass(ratio: float, bar: float, more: float) -> None:
    found = Placebo(ratio, TENTHS)
    assert found.p_above(bar * more) >= found.p_above(bar)
    assert found.p_below(bar * more) <= found.p_below(bar)


@given(st.floats(0.1, 10), st.floats(1.05, 3))
def test_claims_of_a_rise_and_of_a_fall_mirror_each_other(ratio: float, margin: float) -> None:
    others = np.exp(np.log(TENTHS) - np.log(TENTHS).mean())
    found, mirrored = Placebo(ratio, others), Placebo(1 / ratio, 1 / others)
    assert p_values(found, "up", margin) == pytest.approx(p_values(mirrored, "down", margin))


def test_a_large_p_value_is_no_evidence_of_no_effect() -> None:
    wide = np.exp(np.linspace(-2, 2, 101))
    for_none, against_none = p_values(Placebo(1.0, wide), "none", 1.25)
    assert for_none > 0.3
    assert against_none > 0.3
    narrow = np.exp(np.linspace(-0.05, 0.05, 101))
    assert p_values(Placebo(1.0, narrow), "none", 1.25)[0] == pytest.approx(1 / 102)
    assert p_values(Placebo(2.0, narrow), "none", 1.25)[1] == pytest.approx(1 / 102)
