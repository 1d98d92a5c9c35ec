"""Features that are the month itself: what kinds of attacks it saw, and the totals around a province."""

from functools import partial

import numpy as np
import xarray as xr

from provrisk.features.feature import Feature, of_target
from provrisk.features.history import window_sum
from provrisk.features.neighbours import adjacency
from provrisk.study import Study

WHOLE = "attacks"
"""The measure that ``attacks_<kind>`` are parts of."""


def share(panel: xr.Dataset, part: str, window: int) -> np.ndarray:
    """The part of the attacks of ``window`` months that ``part`` is; missing where there was none."""
    known = np.isfinite(panel[part].to_numpy()) & np.isfinite(panel[WHOLE].to_numpy())
    some = window_sum(np.where(known, panel[part].to_numpy(), 0), window)
    all_ = window_sum(np.where(known, panel[WHOLE].to_numpy(), 0), window)
    return np.divide(some, all_, out=np.full(all_.shape, np.nan), where=(all_ > 0) & known)


def country_total(counts: np.ndarray) -> np.ndarray:
    """The sum over all provinces, in each of them; missing if one of them is."""
    return np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape)


def neighbours_total(study: Study, counts: np.ndarray) -> np.ndarray:
    """The sum over the neighbours; missing if one of them is, or where there are none."""
    border = adjacency(study)
    number = border.sum(axis=1)
    known = (border @ np.isfinite(counts).T.astype(float)).T
    return np.where((known == number) & (number > 0), (border @ np.nan_to_num(counts).T).T, np.nan)


def features(study: Study, measures: list[str]) -> list[Feature]:
    """The family ``series``; a share for every measure ``attacks_<kind>`` that the counts have."""
    many = study.file.target.many
    out = [
        Feature(
            "country_total",
            f"{many} a month",
            f"{many} in all provinces together",
            of_target(country_total),
        ),
        Feature(
            "neighbours_total",
            f"{many} a month",
            f"{many} in all neighbours together",
            of_target(partial(neighbours_total, study)),
        ),
    ]
    parts = [name for name in measures if name.startswith(f"{WHOLE}_") and WHOLE in measures]
    for part in parts:
        kind = part.removeprefix(f"{WHOLE}_")
        for window, ending, when in ((1, "", "the month"), (12, "_12", "the last 12 months")):
            meaning = f"part of the attacks of {when}: {kind.replace('_', ' ')}"
            values = partial(share, part=part, window=window)
            out.append(Feature(f"share_{kind}{ending}", "share", meaning, values))
    return out
