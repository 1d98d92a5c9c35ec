"""Relative skill: the pairwise tournament of the forecast hubs."""

import numpy as np
import pandas as pd
import pytest

from provrisk import months
from provrisk.evaluation.comparison.relative_skill import tournament

ORIGINS = months.span(months.parse("2015-01"), months.parse("2016-12"))


def losses(**columns: np.ndarray | float) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([ORIGINS, [1], ["Alpha"]], names=["origin", "horizon", "province"])
    return pd.DataFrame(columns, index=index, dtype=float)


def test_by_hand() -> None:
    """Means 1, 2 and 4 on the same cells: the ratios of the first are 1, 1/2 and 1/4, whose geometric mean is 1/2."""
    found = tournament(losses(a=1.0, b=2.0, c=4.0))
    assert found.relative_skill.tolist() == pytest.approx([0.5, 1, 2])
    assert found.relative_low.tolist() == pytest.approx([0.5, 1, 2])  # every month is alike, and the interval a point


def test_each_pair_is_held_on_the_cells_that_it_shares() -> None:
    """c, forecast in hard months only, is as good as a there; a field-wide mean would call it ten times worse."""
    hard = np.arange(24) >= 20
    field = losses(a=np.where(hard, 10.0, 1), b=np.where(hard, 20.0, 2), c=np.where(hard, 10.0, np.nan))
    found = tournament(field).relative_skill
    assert found.a == pytest.approx((1 * 0.5 * 1) ** (1 / 3))
    assert found.c == pytest.approx(found.a)
    assert found.b == pytest.approx((1 * 2 * 2) ** (1 / 3))


def test_intervals_hold_the_truth_of_a_field_whose_order_is_chance() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(40):
        found = tournament(losses(a=rng.gamma(2, size=24), b=rng.gamma(2, size=24), c=rng.gamma(2, size=24)))
        held.append((found.relative_low < 1) & (found.relative_high > 1))
    assert 0.7 < np.mean(held) < 0.98


def test_few_origins_have_no_interval_and_strangers_no_skill() -> None:
    apart = losses(a=1.0, b=2.0, c=np.nan).iloc[:11]
    found = tournament(apart)
    assert found.relative_skill.tolist()[:2] == pytest.approx([0.5**0.5, 2**0.5])
    assert found.loc["c"].isna().all()
    assert found.relative_low.isna().all()
