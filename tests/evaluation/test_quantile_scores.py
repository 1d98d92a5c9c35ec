"""The weighted interval score of any quantiles, against numbers worked out by hand and scoringrules' own."""

import numpy as np
import pandas as pd
import pytest
import scoringrules as sr
from hypothesis import given
from hypothesis import strategies as st

from provrisk.evaluation.scores.quantile_scores import (
    USUAL,
    level_sets,
    levels_of,
    named,
    quantile_coverage,
    scores_of,
    weighted_interval_scores,
)


def scored(observed: float, quantiles: list[float], levels: tuple[float, ...]) -> pd.Series:
    return weighted_interval_scores(np.array([float(observed)]), np.array([quantiles], float), levels).iloc[0]


def test_by_hand() -> None:
    """What came (1) lies under all intervals of a forecast around 10.

    |1 - 10| / 2 = 4.5; 50 %: 0.25 * 4 + 7 = 8; 80 %: 0.1 * 10 + 4 = 5; 90 %: 0.05 * 12 + 3 = 3.6; 21.1 / 3.5. Of that
    the widths are 1 + 1 + 0.6, and the rest lies above what came.
    """
    found = scored(1, [4, 5, 8, 10, 12, 15, 16], USUAL)
    assert found[""] == pytest.approx(21.1 / 3.5)
    assert found[["_dispersion", "_overprediction", "_underprediction"]].tolist() == pytest.approx(
        [2.6 / 3.5, 18.5 / 3.5, 0]
    )
    assert found["_rank"] == 0


def test_the_median_counts_by_its_distance() -> None:
    """A certain forecast that is right costs nothing, however large the number."""
    assert scored(40, [40] * 7, USUAL)[""] == 0
    assert scored(43, [40] * 7, USUAL)[["", "_underprediction", "_rank"]].tolist() == pytest.approx([3, 3, 7])


def test_no_median_and_no_pair_is_needed() -> None:
    """An 80 % interval from 2 to 6 where 9 came: 0.2 / 2 * (4 + 2 / 0.2 * 3); 90 % level alone: 2 * 0.9 * (9 - 6)."""
    both = scored(9, [2, 6], (0.1, 0.9))
    assert both[["", "_dispersion", "_underprediction", "_overprediction"]].tolist() == pytest.approx([3.4, 0.4, 3, 0])
    alone = scored(9, [6], (0.9,))
    assert alone[["", "_underprediction", "_dispersion"]].tolist() == pytest.approx([5.4, 5.4, 0])
    assert scored(3, [6], (0.9,))[["", "_overprediction"]].tolist() == pytest.approx([0.6, 0.6])


@pytest.mark.slow
@given(st.lists(st.integers(0, 60), min_size=7, max_size=7), st.integers(0, 80))
def test_it_is_the_mean_of_scoringrules_interval_scores_and_splits_without_a_rest(
    said: list[int], observed: int
) -> None:
    low5, low10, low25, median, high25, high10, high5 = quantiles = sorted(map(float, said))
    total = abs(observed - median) / 2
    for low, high, alpha in ((low5, high5, 0.1), (low10, high10, 0.2), (low25, high25, 0.5)):
        total += alpha / 2 * float(sr.interval_score(observed, low, high, alpha))
    found = scored(observed, quantiles, USUAL)
    assert found[""] == pytest.approx(total / 3.5)
    parts = found[["_overprediction", "_underprediction", "_dispersion"]]
    assert parts.sum() == pytest.approx(found[""])
    assert (parts >= -1e-12).all()


def test_the_logs_are_those_of_one_more() -> None:
    found = scored(7, [3], (0.5,))
    assert found["_log"] == pytest.approx(np.log(8) - np.log(4))


def test_names_tell_the_levels() -> None:
    assert (named(USUAL), named((0.025, 0.975))) == ("wis", "wis_2.5_97.5")
    assert levels_of("wis_log") == USUAL
    assert levels_of("wis_2.5_97.5_log") == (0.025, 0.975)
    assert levels_of("wis_overprediction") is None
    assert levels_of("crps") is None


def test_unlike_sets_meet_in_what_they_share() -> None:
    wide = pd.DataFrame([[1.0, 2, 3, 4]], columns=[0.025, 0.25, 0.75, 0.975])
    rows = pd.DataFrame([[1.0, np.nan, 3], [1, 2, 3]], columns=[0.025, 0.5, 0.975])
    assert level_sets([wide, rows]) == [
        USUAL, (0.025, 0.25, 0.75, 0.975), (0.025, 0.5, 0.975), (0.025, 0.975), (0.25, 0.75),
    ]  # fmt: skip
    found = scores_of(np.array([5.0]), wide, level_sets([wide]))
    assert {"wis_25_75", "wis_2.5_25_75_97.5_log"} <= set(found)
    assert "wis" not in found  # it does not give the usual levels


def test_coverage_is_read_from_ranks() -> None:
    """Of four months none, one, one and both quantiles lay below what came."""
    assert quantile_coverage(pd.Series([0, 1, 1, 2]), (0.1, 0.9)) == {"at_most_10": 0.25, "at_most_90": 0.75}
