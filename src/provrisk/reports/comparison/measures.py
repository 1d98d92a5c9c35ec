"""The losses for ranking on the page, from the most to the least demanding of a forecast."""

from collections.abc import Iterable
from typing import NamedTuple

from provrisk.evaluation.scores.quantile_scores import LOG, levels_of


class Measure(NamedTuple):
    """A score, lower is better, rounded to ``step``.

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
    Measure("wis", "WIS", "", 3, 1e-4, 0.1, 1),
    Measure("rps", "RPS", "levels", 3, 1e-4, 0.02, 0.2),
    Measure("absolute_error", "AE", "", 2, 1e-3, 0.5, 2),
    Measure("log_score", "Log score", "nats", 3, 1e-4, 0.05, 0.5),
    Measure("crps_log", "CRPS of log(count + 1)", "log points", 3, 1e-4, 0.02, 0.2),
    Measure("wis_log", "WIS of log(count + 1)", "log points", 3, 1e-4, 0.02, 0.2),
    Measure("absolute_error_log", "AE of log(count + 1)", "log points", 3, 1e-4, 0.05, 0.5),
)


def measures(scores: Iterable[str]) -> tuple[Measure, ...]:
    """The measures among ``scores``: MEASURES, and after the usual weighted interval score those of other levels."""
    there = set(scores)
    others = {}
    for name in sorted(there - {one.key for one in MEASURES}, key=lambda name: (-len(levels_of(name) or ()), name)):
        if levels := levels_of(name):
            said = ", ".join(f"{100 * level:g}" for level in levels)
            like = MEASURES[1] if not name.endswith(LOG) else next(one for one in MEASURES if one.key == "wis_log")
            others[name] = like._replace(key=name, label=f"{like.label}, quantiles {said} %")
    plain = [one for name, one in others.items() if not name.endswith(LOG)]
    of_logs = [one for name, one in others.items() if name.endswith(LOG)]
    every = (*MEASURES[:2], *plain, *MEASURES[2:], *of_logs)
    return tuple(one for one in every if one.key in there)
