"""Features from the provinces that share a border, and a province's rank among all."""

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr
from scipy.sparse import csr_array
from scipy.stats import rankdata

from provrisk.features import history
from provrisk.features.feature import Feature, of_target
from provrisk.study import Study

EARTH_KM = 6371.0


def adjacency(study: Study) -> csr_array:
    """The neighbour table as a symmetric 0/1 matrix over (province, province)."""
    names = study.provinces.index
    a, b = names.get_indexer(study.neighbours.a), names.get_indexer(study.neighbours.b)
    matrix = csr_array((np.ones(2 * len(a)), (np.r_[a, b], np.r_[b, a])), shape=(len(names), len(names)))
    matrix.data[:] = 1  # a border listed twice counts once
    return matrix


def nearness(study: Study) -> csr_array:
    """The neighbour table weighted by one over the kilometres between capitals; 0 where one has no coordinates."""
    border = adjacency(study).tocoo()
    latitude, longitude = np.radians(study.provinces[["latitude", "longitude"]].to_numpy(float)).T
    a, b = border.coords
    # Haversine formula (Sinnott 1984).
    across = np.sin((latitude[a] - latitude[b]) / 2) ** 2
    along = np.cos(latitude[a]) * np.cos(latitude[b]) * np.sin((longitude[a] - longitude[b]) / 2) ** 2
    kilometres = 2 * EARTH_KM * np.arcsin(np.sqrt(across + along))
    return csr_array((np.nan_to_num(1 / np.maximum(kilometres, 1.0)), (a, b)), shape=border.shape)


def average(weights: csr_array, values: np.ndarray) -> np.ndarray:
    """Weighted mean over the neighbours that have a value, (month, province); missing if none has."""
    known = np.isfinite(values)
    total = (weights @ np.where(known, values, 0).T).T
    weight = (weights @ known.T.astype(float)).T
    return np.divide(total, weight, out=np.full(values.shape, np.nan), where=weight > 0)


def rank(counts: np.ndarray) -> np.ndarray:
    """Place among the provinces by the mean of 12 months, 1 for the most; equal ones share a place."""
    return np.asarray(rankdata(-history.rolling_mean(counts, 12), axis=1, nan_policy="omit"))


def features(study: Study, measures: list[str]) -> list[Feature]:
    """The family ``neighbours``."""
    plain, near = adjacency(study), nearness(study)
    aim = study.file.target

    def around(weights: csr_array, function: Callable[[np.ndarray], np.ndarray]) -> Callable[[xr.Dataset], np.ndarray]:
        return of_target(lambda counts: average(weights, function(counts)))

    out = [
        Feature(f"neighbours_{name}", unit, f"mean over the neighbours: {meaning}", around(plain, function))
        for name, (unit, meaning, function) in history.families(aim.one, aim.many).items()
    ]
    for window in history.WINDOWS:
        meaning = f"mean of the last {window} months over the neighbours, closer capitals have more weight (1/km)"
        values = around(near, partial(history.rolling_mean, window=window))
        out.append(Feature(f"neighbours_weighted_{window}", f"{aim.many} a month", meaning, values))
    meaning = "place among the provinces by the last 12 months, 1 for the most"
    return [*out, Feature("rank", "place", meaning, of_target(rank))]
