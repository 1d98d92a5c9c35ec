"""Features from the provinces that share a border."""

from functools import partial

import numpy as np
import xarray as xr

from provrisk.features.history import Feature, rolling_mean
from provrisk.study import Study


def adjacency(study: Study) -> xr.DataArray:
    """The neighbour table as a symmetric 0/1 matrix over (province, neighbour)."""
    names = study.provinces.index
    matrix = np.zeros((len(names), len(names)))
    a, b = names.get_indexer(study.neighbours.a), names.get_indexer(study.neighbours.b)
    matrix[a, b] = matrix[b, a] = 1
    return xr.DataArray(matrix, dims=("province", "neighbour"), coords={"province": names, "neighbour": names})


def neighbours_mean(panel: xr.Dataset, study: Study, window: int) -> xr.DataArray:
    """Mean over the neighbours of their mean count in the last ``window`` months; missing without neighbours."""
    own = rolling_mean(panel, study, window)
    weights = adjacency(study)
    values = own.rename(province="neighbour")
    known = weights.where(values.notnull(), 0)
    mean = (known * values.fillna(0)).sum("neighbour") / known.sum("neighbour")
    attrs = own.attrs | {"meaning": f"mean over the neighbours of the last {window} months"}
    return mean.transpose("month", "province").assign_attrs(attrs)


FEATURES: dict[str, Feature] = {
    f"neighbours_mean_{window}": partial(neighbours_mean, window=window) for window in (3, 12)
}
