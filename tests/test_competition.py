"""The competition's scores, as its own scripts compute them, and its published benchmark where the file is present."""

import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import competition

TABLE = "views_ged_cm_2024_07.csv"


def test_the_three_scores_are_those_of_the_competition() -> None:
    draws, observed = np.array([[0.0, 1.0, 3.0, 8.0]]), np.array([2.0])
    crps, ignorance, interval = competition.scores(draws, observed)
    # |x - y| = 2, 1, 1, 6; all pairs of draws: 2 (1 + 3 + 8 + 2 + 7 + 5) / 16 = 3.25, halved.
    assert crps == pytest.approx(2.5 - 3.25 / 2)
    assert ignorance == pytest.approx(-np.log2(2 / 15))  # one draw, 1, in the bin from 0.5 to 2.5, and the pseudo-draw
    low, high = np.quantile(draws, [0.05, 0.95])
    assert interval == pytest.approx(high - low)
    assert competition.scores(draws, np.array([10.0]))[2] == pytest.approx(high - low + 20 * (10 - high))
    thousand = np.full((1, 1000), 2000.0)
    assert competition.scores(thousand, np.array([1500.0]))[1] == pytest.approx(
        -np.log2(1001 / 1011)
    )  # the last is open


def test_conflictology_has_the_published_crps_in_each_window(shared_data: Path) -> None:
    table = competition.target(shared_data / TABLE)
    assert table.shape[1] == 191
    found = []
    for year in competition.YEARS:
        recent = table[: f"{year - 1}-10"].to_numpy()[-12:].T
        draws = np.broadcast_to(recent[:, None, :], (191, 12, 12))
        observed = table.loc[f"{year}-01" : f"{year}-12"].to_numpy().T
        found.append(competition.scores(draws, observed)[0])
    assert np.round(found, 2).tolist() == [14.48, 9.15, 21.34, 76.85, 124.0, 50.36]
