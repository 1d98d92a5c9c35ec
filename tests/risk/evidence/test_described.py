"""Shares and ranks by the study's own counts."""

import numpy as np
import pandas as pd
import pytest

from provrisk.risk.evidence import shares


def test_a_share_by_hand_and_its_interval() -> None:
    counts = pd.DataFrame({"A": [8.0, 8, 8, 8] * 6, "B": [2.0, 2, 2, 2] * 6})
    found = shares.share(counts, ["A"], 0.75, 0.9)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.8, 0.8, 0.8))
    assert (found.p_for, found.p_against) == pytest.approx((0, 1), abs=1e-9)
    rng = np.random.default_rng(1)
    counts["B"] = rng.poisson(2, 24)
    found = shares.share(counts, ["A"], 0.9, 0.9)
    assert found.low < found.estimate < found.high
    assert found.p_for > 0.5 > found.p_against


def test_who_comes_first() -> None:
    rng = np.random.default_rng(1)
    counts = pd.DataFrame({"A": rng.poisson(9, 24), "B": rng.poisson(8.8, 24), "C": rng.poisson(2, 24)}).astype(float)
    both = shares.first(counts, ["A", "B"], 0.9)
    assert both.p_for < 0.02
    assert both.low > 1
    wrong = shares.first(counts, ["A", "C"], 0.9)
    assert wrong.p_against < 0.05
    assert wrong.high < 1
    found = shares.first(counts, ["B"], 0.9)
    assert found.p_for > 0.05
    assert found.p_against > 0.05
    assert found.low < 1 < found.high
    assert found.estimate == pytest.approx((counts.B.sum() + 0.5) / (counts.A.sum() + 0.5))
