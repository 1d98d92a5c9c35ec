"""The weighted interval score against numbers worked out by hand."""

import numpy as np
import pytest

from provrisk.evaluation.predictions import weighted_interval_score


def test_by_hand() -> None:
    """What came (1) lies under all intervals of a forecast around 10.

    |1 - 10| / 2 = 4.5; 50 %: 0.25 * 4 + 7 = 8; 80 %: 0.1 * 10 + 4 = 5; 90 %: 0.05 * 12 + 3 = 3.6; 21.1 / 3.5.
    """
    low, high = np.array([[8.0, 5.0, 4.0]]), np.array([[12.0, 15.0, 16.0]])
    found = weighted_interval_score(np.array([1.0]), np.array([10.0]), low, high)
    assert found == pytest.approx([21.1 / 3.5])


def test_the_median_counts_by_its_distance() -> None:
    """A certain forecast that is right costs nothing, however large the number."""
    same = np.full((1, 3), 40.0)
    assert weighted_interval_score(np.array([40.0]), np.array([40.0]), same, same) == pytest.approx([0])
    assert weighted_interval_score(np.array([43.0]), np.array([40.0]), same, same) == pytest.approx([3])
