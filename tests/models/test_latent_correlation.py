"""The correlation behind counts, on records whose copula is known."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from provrisk import seeds
from provrisk.models import latent_correlation


def record(mean: float, rho: float, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Right forecasts (row, one, draw) of negative-binomial counts tied by a Gaussian copula, and the counts."""
    rng, size, ones = seeds.generator("latent", mean, rho), 2.0, 8
    common = rng.standard_normal((rows, 1))
    tied = np.sqrt(rho) * common + np.sqrt(1 - rho) * rng.standard_normal((rows, ones))
    p = size / (size + mean)
    return rng.negative_binomial(size, p, (rows, ones, 200)), stats.nbinom.ppf(ndtr(tied), size, p).astype(float)


@pytest.mark.parametrize("mean", [0.1, 0.3, 1.0, 20.0])
@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_it_is_found_however_quiet_the_counts(mean: float, rho: float) -> None:
    found, worth = latent_correlation.correlation(*latent_correlation.scores(*record(mean, rho, 1500)))
    pairs = np.triu_indices(8, 1)
    assert found[pairs].mean() == pytest.approx(rho, abs=0.08 if mean < 1 else 0.04)
    assert worth[pairs].mean() / 1500 == pytest.approx({0.1: 0.1, 0.3: 0.33, 1.0: 0.68, 20.0: 0.99}[mean], abs=0.05)


def test_what_was_not_observed_says_nothing() -> None:
    draws, counts = record(1.0, 0.5, 300)
    gaps = counts.copy()
    gaps[::2] = np.nan
    some = latent_correlation.correlation(*latent_correlation.scores(draws, gaps))
    half = latent_correlation.correlation(*latent_correlation.scores(draws[1::2], counts[1::2]))
    for one, other in zip(some, half, strict=True):
        assert one == pytest.approx(other)


def test_a_matrix_of_single_pairs_becomes_a_correlation() -> None:
    impossible = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    proper = latent_correlation.proper(impossible.copy())
    assert np.linalg.eigvalsh(proper)[0] > 0
    assert np.diag(proper) == pytest.approx(1)
    possible = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert latent_correlation.proper(possible.copy()) == pytest.approx(possible)
