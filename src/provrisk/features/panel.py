"""The panel: counts and features over (month, province), and the only door from it to a model."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import counts as tables
from provrisk.features import history, neighbours
from provrisk.study import Study

FEATURES = {**history.FEATURES, **neighbours.FEATURES}
"""Every feature by name: a function (panel, study) -> (month, province) array with its attrs."""


def build_panel(study: Study, counts: pd.DataFrame, source: str | None = None) -> xr.Dataset:
    """The panel of ``study`` from ``counts`` (columns month, province, the measures, observed).

    ``source`` names the release that the counts come from; by default it is that of the bundled figures.

    Variables are float (month, province) arrays with attrs ``unit``, ``known_ahead``, ``source`` and
    ``meaning``; a cell that was not observed is NaN. Months run ``study.file.horizons`` past the last
    count, so that what is known ahead reaches every target month. Attrs: ``study``, ``digest`` of the
    counts, ``source``, ``origin`` (the last month with a count) and ``target``.
    """
    observed = counts[counts.observed]
    if observed.empty:
        raise ProvriskError(f"Study {study.name} has no counts: give an event file with --events.")
    origin = observed.month.max()
    grid = pd.MultiIndex.from_product(
        [
            months.span(counts.month.min(), months.shift(origin, study.file.horizons)),
            study.provinces.index,
        ],
        names=["month", "province"],
    )
    table = counts.set_index(["month", "province"]).reindex(grid)
    panel = table.drop(columns="observed").astype("float64").to_xarray()
    panel["observed"] = table.observed.astype("boolean").fillna(False).astype(bool).to_xarray()
    panel.attrs = {
        "study": study.name,
        "digest": tables.digest(counts),
        "source": source or str(study.file.source),
        "origin": months.label(origin),
        "target": study.file.target.column,
    }
    for name in (name for name in tables.MEASURES if name in panel):
        panel[name] = panel[name].where(panel.observed)
        panel[name].attrs = {
            "unit": "people" if name.startswith("deaths") else "events",
            "known_ahead": False,
            "source": panel.attrs["source"],
            "meaning": name.replace("_", " ") + " in the month",
        }
    panel.observed.attrs = {
        "unit": "yes or no",
        "known_ahead": False,
        "meaning": "the source covers this month",
    }
    for name in study.file.features:
        if name not in FEATURES:
            raise ProvriskError(
                f"{study.folder / 'study.toml'}: there is no feature {name!r}; known are {', '.join(sorted(FEATURES))}."
            )
        panel[name] = FEATURES[name](panel, study)
        panel[name].attrs.setdefault("source", panel.attrs["source"])
    return panel


def panel_upto(panel: xr.Dataset, origin: pd.Timestamp) -> xr.Dataset:
    """What was known at the end of ``origin``: later values are missing, unless known ahead.

    The months after the origin stay as rows, for the features that reach into the future; their
    number does not grow with what the panel held beyond.
    """
    first, last = panel.indexes["month"][0], months.parse(panel.attrs["origin"])
    if not first <= origin <= last:
        raise ProvriskError(
            f"{months.label(origin)} cannot be an origin: the data run from {months.label(first)} to "
            f"{months.label(last)}."
        )
    ahead = len(panel.indexes["month"]) - 1 - panel.indexes["month"].get_loc(last)
    cut = panel.sel(month=slice(first, months.shift(origin, ahead)))
    past = xr.DataArray(cut.indexes["month"] <= origin, dims="month", coords={"month": cut.month})
    kept = {
        name: values
        if values.attrs["known_ahead"]
        else values.where(past, False if values.dtype == bool else np.nan).assign_attrs(values.attrs)
        for name, values in cut.data_vars.items()
    }
    return cut.assign(kept).assign_attrs(panel.attrs, origin=months.label(origin))


def origins(panel: xr.Dataset, number: int, horizons: Sequence[int]) -> pd.DatetimeIndex:
    """The last ``number`` origins for which every horizon has been observed."""
    last = months.shift(months.parse(panel.attrs["origin"]), -max(horizons))
    first = panel.indexes["month"][0]
    span = months.span(first, last)
    if len(span) < number + 1:
        raise ProvriskError(
            f"The data begin in {months.label(first)}: too short for {number} origins at {max(horizons)} horizons; "
            "lower [backtest] origins in study.toml."
        )
    return span[-number:]


def counts_upto_origin(panel: xr.Dataset) -> np.ndarray:
    """The target's counts as a (month, province) array that ends at the panel's origin; NaN: not observed."""
    return panel[panel.attrs["target"]].sel(month=slice(None, months.parse(panel.attrs["origin"]))).to_numpy()
