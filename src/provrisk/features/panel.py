"""The panel: counts and features over (month, province), and the only door from it to a model."""

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.features.catalogue import chosen
from provrisk.features.known_dates import month_numbers
from provrisk.study import Study

DIMS = ("month", "province")
MEANINGS = {
    "attacks": "attacks in the month",
    "deaths": "deaths of all sides in the month, best estimate",
    "deaths_civilians": "civilian deaths in the month",
    "events_10_deaths": "attacks with 10 or more deaths in the month",
}


def build_panel(study: Study, counts: pd.DataFrame, source: str | None = None) -> xr.Dataset:
    """The panel of ``study`` from ``counts`` (columns month, province, the measures, observed).

    ``source`` names the release that the counts come from; by default it is that of the bundled figures.

    Variables are float (month, province) arrays with attrs ``unit``, ``known_ahead``, ``source``,
    ``meaning`` and ``family``; a cell that was not observed is NaN. Months run ``study.file.horizons``
    past the last count, so that what is known ahead reaches every target month. A variable with an
    attr ``schedule`` holds what was known at the end of each month, and past the origin what was known
    there. Attrs: ``study``, ``digest`` of the counts, ``source``, ``origin`` (the last month with a
    count) and ``target``.

    Raises ``ProvriskError`` if there are no counts, or for a feature or province that does not exist.
    """
    panel = _measures(study, counts, source or str(study.file.source))
    after = panel.indexes["month"] > months.parse(panel.attrs["origin"])
    measures = [str(name) for name in panel.data_vars if name != "observed"]
    made = {}
    for family, feature in chosen(study, measures):
        values = feature.values(panel)
        if not feature.known_ahead:
            values = np.array(values)
            values[after] = np.nan
        attrs = {
            "unit": feature.unit,
            "known_ahead": feature.known_ahead,
            "source": feature.source or panel.attrs["source"],
            "meaning": feature.meaning,
            "family": family,
        }
        if feature.schedule is not None:
            attrs["schedule"] = feature.schedule.upto(month_numbers([panel.attrs["origin"]])[0])
        made[feature.name] = xr.Variable(DIMS, values, attrs)
    return panel.assign(made)


def _measures(study: Study, counts: pd.DataFrame, source: str) -> xr.Dataset:
    """The panel without its features: every measure of the counts, and ``observed``."""
    observed = counts[counts.observed]
    if observed.empty:
        raise ProvriskError(f"Study {study.name} has no counts: give an event file with --events.")
    origin = observed.month.max()
    span = months.span(counts.month.min(), months.shift(origin, study.file.horizons))
    provinces = study.provinces.index
    rows, columns = span.get_indexer(observed.month), provinces.get_indexer(observed.province)
    if (columns < 0).any():
        name = observed.province[columns < 0].iloc[0]
        raise ProvriskError(f"The counts name {name!r}, which is not in provinces.csv of {study.name}.")

    def variable(values: np.ndarray, unit: str, meaning: str) -> xr.Variable:
        attrs = {"unit": unit, "known_ahead": False, "source": source, "meaning": meaning, "family": "counts"}
        return xr.Variable(DIMS, values, attrs)

    cells = np.zeros((len(span), len(provinces)), dtype=bool)
    cells[rows, columns] = True
    variables = {"observed": variable(cells, "yes or no", "the source covers this month")}
    for name in counts.columns.difference(["month", "province", "observed"], sort=False):
        values = np.full(cells.shape, np.nan)
        values[rows, columns] = observed[name].to_numpy(dtype=float)
        meaning = MEANINGS.get(name, f"{name.replace('_', ' ')} in the month")
        variables[name] = variable(values, "people" if name.startswith("deaths") else "events", meaning)
    attrs = {
        "study": study.name,
        "country": study.file.country,
        "digest": tables.digest(counts),
        "source": source,
        "origin": months.label(origin),
        "target": study.file.target.column,
    }
    return xr.Dataset(variables, coords={"month": span, "province": provinces}, attrs=attrs)


def panel_upto(panel: xr.Dataset, origin: pd.Timestamp) -> xr.Dataset:
    """What was known at the end of ``origin``: later values are missing, unless known ahead.

    The months after the origin stay as rows, for the features that reach into the future; their
    number does not grow with what the panel held beyond. Of a feature with a schedule they say what
    had been made public by the end of the origin.
    """
    index = panel.indexes["month"]
    first, last = index[0], months.parse(panel.attrs["origin"])
    if not first <= origin <= last:
        raise ProvriskError(
            f"{months.label(origin)} cannot be an origin: the data run from {months.label(first)} to "
            f"{months.label(last)}."
        )
    now = index.get_loc(origin) + 1
    index = index[: now + len(index) - 1 - index.get_loc(last)]
    numbers = month_numbers(index[:1]) + np.arange(len(index))
    cut = {
        name: xr.Variable(DIMS, *_upto(variable, numbers, now))
        for name, variable in panel.variables.items()
        if name not in panel.coords
    }
    coords = {"month": index, "province": panel.indexes["province"]}
    return xr.Dataset(cut, coords, panel.attrs | {"origin": months.label(origin)})


def _upto(variable: xr.Variable, numbers: np.ndarray, now: int) -> tuple[np.ndarray, dict[str, object]]:
    """Values and attrs of one variable, as known at the end of the last of the first ``now`` months."""
    values, attrs = variable.values[: len(numbers)], variable.attrs
    schedule = attrs.get("schedule")
    if attrs["known_ahead"] and schedule is None:
        return values, attrs
    values = values.copy()
    if schedule is None:
        values[now:] = False if values.dtype == bool else np.nan
        return values, attrs
    known = schedule.upto(numbers[now - 1])
    values[now:] = known.values(numbers[now:], numbers[now - 1])
    return values, attrs | {"schedule": known}


def counts_upto_origin(panel: xr.Dataset) -> np.ndarray:
    """The target's counts as a (month, province) array that ends at the panel's origin; NaN: not observed.

    A copy: a model may change it.
    """
    return panel[panel.attrs["target"]].sel(month=slice(None, months.parse(panel.attrs["origin"]))).to_numpy().copy()


def as_known(variable: xr.DataArray, ahead: int) -> np.ndarray:
    """What a ``variable`` of a panel was known to be in each month, ``ahead`` months before: (month, province).

    What models learn a driver's effect from: an announced one stands there, one not announced does not, just
    as at a forecast's origin. A variable without a schedule is what it is.
    """
    schedule = variable.attrs.get("schedule")
    if schedule is None:
        return variable.transpose(*DIMS).to_numpy().astype(float)
    numbers = month_numbers(variable.indexes["month"])
    return np.asarray(schedule.values(numbers, numbers - ahead))


def recent(panel: xr.Dataset, provinces: pd.Index) -> dict[str, np.ndarray]:
    """The target's count in the last month (``last_month``), and its mean over the last twelve (``mean_12``).

    Each is (province,), NaN where nothing was observed.
    """
    origin = months.parse(panel.attrs["origin"])
    counts = panel[panel.attrs["target"]].transpose("month", "province").sel(province=provinces)
    year = counts.sel(month=slice(months.shift(origin, -11), origin))
    return {"last_month": counts.sel(month=origin).to_numpy(), "mean_12": year.mean("month").to_numpy()}
