"""Features from a province's own past, up to and including the month they stand in."""

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr

from provrisk.study import Study

Feature = Callable[[xr.Dataset, Study], xr.DataArray]


def rolling_mean(panel: xr.Dataset, study: Study, window: int) -> xr.DataArray:
    """Mean count of the last ``window`` months, over those observed; missing where fewer than half were."""
    counts = panel[study.file.target.column]
    mean = counts.rolling(month=window, min_periods=(window + 1) // 2).mean()
    return _described(mean, f"mean of the last {window} months", f"{study.file.target.many} a month")


def months_since_last(panel: xr.Dataset, study: Study) -> xr.DataArray:
    """Months since the last one with an attack (0: this one); missing before the first attack."""
    counts = panel[study.file.target.column].transpose("month", "province")
    position = np.arange(counts.sizes["month"], dtype=float)[:, None]
    last = np.fmax.accumulate(np.where(counts.to_numpy() > 0, position, np.nan), axis=0)
    since = counts.copy(data=position - last).where(panel.observed)
    return _described(since, f"months since the last {study.file.target.one}", "months")


def _described(values: xr.DataArray, meaning: str, unit: str) -> xr.DataArray:
    return values.assign_attrs(unit=unit, known_ahead=False, meaning=meaning)


FEATURES: dict[str, Feature] = {
    **{f"mean_{window}": partial(rolling_mean, window=window) for window in (3, 6, 12, 24)},
    "months_since_last": months_since_last,
}
