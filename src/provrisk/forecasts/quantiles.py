"""Quantiles of draws of counts, which are counts themselves."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from provrisk.forecasts.predictions import TOTAL


def quantiles(draws: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Quantiles over the last axis of ``draws``, as the first axis of the result; whole numbers.

    The smallest count whose cumulative probability reaches the level (the inverse of the empirical
    distribution function), so that no quantile lies between two counts.
    """
    return np.quantile(draws.astype(float), np.asarray(levels), axis=-1, method="inverted_cdf").astype(int)


def with_total(forecast: xr.DataArray) -> xr.DataArray:
    """``forecast`` with the sum over its provinces, draw by draw, as one more province: TOTAL."""
    total = forecast.sum("province", dtype=forecast.dtype).expand_dims(province=[TOTAL])
    return xr.concat([forecast, total.transpose(*forecast.dims)], "province", combine_attrs="override")
