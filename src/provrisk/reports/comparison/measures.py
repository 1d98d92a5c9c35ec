"""The losses that the page can rank by, from the one that asks most of a forecast to the one that asks least."""

from typing import NamedTuple


class Measure(NamedTuple):
    """A score, lower is better, kept to ``step``.

    The calendar is shaded from a difference of ``near`` on, darkly from ``far`` on. ``unit`` is empty where it is the
    target's.
    """

    key: str
    label: str
    unit: str
    digits: int
    step: float
    near: float
    far: float


MEASURES = (
    Measure("crps", "CRPS", "", 3, 1e-4, 0.1, 1),
    Measure("wis", "Weighted interval score", "", 3, 1e-4, 0.1, 1),
    Measure("rps", "Ranked probability score", "levels", 3, 1e-4, 0.02, 0.2),
    Measure("absolute_error", "Absolute error", "", 2, 1e-3, 0.5, 2),
    Measure("log_score", "Log score", "nats", 3, 1e-4, 0.05, 0.5),
)
