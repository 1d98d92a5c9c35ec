"""What a feature is: a name, a function of the panel's counts, and what a reader must know of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from provrisk.features.known_dates import Schedule, month_numbers


@dataclass(frozen=True)
class Feature:
    """One variable of the panel.

    ``values`` makes its (month, province) array from the panel that holds the counts. What stands in a
    month may use that month and those before it; with ``known_ahead`` it is fixed long before. A
    feature with a ``schedule`` is known ahead as far as had been made public: see ``panel_upto``.
    ``source`` is where it comes from, if that is not the source of the counts.
    """

    name: str
    unit: str
    meaning: str
    values: Callable[[xr.Dataset], np.ndarray]
    known_ahead: bool = False
    source: str | None = None
    schedule: Schedule | None = None


def scheduled(name: str, unit: str, meaning: str, source: str, schedule: Schedule) -> Feature:
    """The feature that ``schedule`` describes, as known at the panel's origin."""

    def values(panel: xr.Dataset) -> np.ndarray:
        months = month_numbers(panel.indexes["month"])
        origin = month_numbers([panel.attrs["origin"]])[0]
        return schedule.values(months, np.minimum(months, origin))

    return Feature(name, unit, meaning, values, known_ahead=True, source=source, schedule=schedule)


def of_target(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[xr.Dataset], np.ndarray]:
    """A function of the target's counts as one of the panel."""
    return lambda panel: function(target(panel))


def target(panel: xr.Dataset) -> np.ndarray:
    """The target's counts, (month, province); NaN: not observed."""
    return panel[panel.attrs["target"]].to_numpy()
