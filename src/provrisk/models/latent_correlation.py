"""The latent correlation of counts: that of the normal scores which a Gaussian copula has and counts hide.

A count tells its normal score only to within an interval: in a quiet province nearly every month is a zero. The
correlation of randomised PITs is therefore too small (Czado et al. 2009 randomise within it), and draws tied by it are
tied too loosely. What counts do show is the mean score given the count, and its product in two places has the mean

    sum over k of rho**k c_k c'_k,    c_k = E[m H_k] / sqrt(k!),  m the mean score given the count, H_k by Hermite

(Mehler's formula), with c_k from the predictive distribution alone. Solved for rho.
"""

import numpy as np
from scipy.special import factorial, ndtri

ORDER, THIN, LARGEST = 5, 64, 0.95
"""Terms of the series; draws by which c_k are worked out; the largest correlation that is ever found."""


def scores(draws: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean score of each count (shape of ``counts``), and c_k of its forecast (ORDER, shape of ``counts``).

    ``draws`` has the draws on its last axis; zero, which says nothing, where the count is NaN. As in ``pit``, draws and
    count are treated as exchangeable.
    """
    m = draws.shape[-1]
    below, ties = ((draws < counts[..., None]).sum(axis=-1), (draws == counts[..., None]).sum(axis=-1))
    edges = _hermite(ndtri(np.arange(m + 2) / (m + 1)))[0]
    mean = (edges[below] - edges[below + ties + 1]) * (m + 1) / (ties + 1)
    known = ~np.isnan(counts)
    return np.where(known, mean, 0.0), np.where(known, _expected(draws), 0.0)


def correlation(mean: np.ndarray, expected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The latent correlation over the last axis of ``scores``, and how many exact scores its pairs are worth.

    ``mean`` is (row, one), ``expected`` (ORDER, row, one); both results are (one, one). A pair of busy provinces is
    worth a score a row, one of inactive provinces much less.
    """
    moments = mean.T @ mean
    series = expected.swapaxes(1, 2) @ expected
    low, high = np.zeros_like(moments), np.full_like(moments, LARGEST)
    for _ in range(30):
        middle = (low + high) / 2
        above = sum(middle**k * term for k, term in enumerate(series, start=1)) > moments
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    worth = np.maximum(series[0], 1e-9)
    found = np.where(moments > 0, middle, np.maximum(moments / worth, -LARGEST))
    return found, worth


def proper(matrix: np.ndarray) -> np.ndarray:
    """The correlation matrix near a symmetric ``matrix`` whose pairs were found one by one."""
    np.fill_diagonal(matrix, 1.0)
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    if values[0] >= 1e-6:
        return matrix
    matrix = vectors @ (np.maximum(values, 1e-6)[:, None] * vectors.T)
    spread = np.sqrt(np.diag(matrix))
    return np.asarray(matrix / np.outer(spread, spread))


def _expected(draws: np.ndarray) -> np.ndarray:
    """c_k of forecasts made of ``draws`` (..., draw): (ORDER, ...)."""
    ordered = np.sort(draws[..., np.linspace(0, draws.shape[-1] - 1, THIN).round().astype(int)], axis=-1)
    positions = np.arange(THIN)
    new = np.concatenate([np.ones((*ordered.shape[:-1], 1), bool), ordered[..., 1:] != ordered[..., :-1]], axis=-1)
    first = np.maximum.accumulate(np.where(new, positions, 0), axis=-1)
    ends = np.concatenate([new[..., 1:], np.ones((*ordered.shape[:-1], 1), bool)], axis=-1)
    last = np.minimum.accumulate(np.where(ends, positions, THIN)[..., ::-1], axis=-1)[..., ::-1] + 1
    edges = _hermite(ndtri(np.arange(THIN + 1) / THIN))
    size = (last - first) / THIN
    ones = (edges[0][first] - edges[0][last]) / size**2
    return np.stack([(ones * (edge[first] - edge[last])).mean(axis=-1) for edge in edges])


def _hermite(x: np.ndarray) -> np.ndarray:
    """H_(k-1)(x) times the normal density, over sqrt(k!), for k = 1 to ORDER: differences are integrals of H_k."""
    finite = np.where(np.isfinite(x), x, 0.0)
    density = np.where(np.isfinite(x), np.exp(-(finite**2) / 2) / np.sqrt(2 * np.pi), 0.0)
    terms = [np.ones_like(finite), finite]
    for k in range(2, ORDER):
        terms.append(finite * terms[-1] - (k - 1) * terms[-2])
    return np.stack([density * term / np.sqrt(factorial(k)) for k, term in enumerate(terms, start=1)])
