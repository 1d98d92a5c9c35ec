"""How far the probabilities of the bulletin could be trusted in the backtest."""

from collections.abc import Sequence

import pandas as pd

from provrisk.evaluation.comparison.leaderboard import Cells, reliability, skills
from provrisk.study.schema import Scale


def brier_skill(cells: Cells, name: str, benchmarks: Sequence[str], scale: Scale) -> pd.DataFrame:
    """Brier score of P(at least N) for each threshold, ranked probability score of the levels, Brier of escalation.

    One row a score and benchmark: score, benchmark, value, skill, skill_low, skill_high, verdict. Of an event that
    never occurred in any cell there is no skill: the verdict is "never".
    """
    rows = []
    observed, escalated = cells.wide("observed")[name], cells.wide("escalated")[name]
    came = {f"brier_{threshold}": (observed >= threshold).any() for threshold in scale.thresholds}
    came |= {"rps": True, "brier_escalation": (escalated > 0).any()}
    for score, ever in came.items():
        losses = cells.wide(score)
        for other in benchmarks:
            row = {"score": score, "benchmark": other, "value": losses[name].mean()}
            if other != name and not ever:
                rows.append(row | {"verdict": "never"})
            elif other != name and losses[other].sum() > 0:
                rows.append(row | skills(losses, other).loc[name].to_dict())
    names = ["score", "benchmark", "value", "skill", "skill_low", "skill_high", "verdict"]
    return pd.DataFrame(rows, columns=names)


def reliability_points(cells: Cells, name: str, scale: Scale) -> dict[int, pd.DataFrame]:
    """The points of a model's reliability diagram (``compare.reliability``) for each threshold of the scale."""
    observed = cells.wide("observed")[name]
    return {
        threshold: reliability((observed >= threshold).astype(float), cells.wide(f"p_{threshold}")[name])
        for threshold in scale.thresholds
    }


TOLD, ENOUGH, SURE, FACTOR = 0.2, 40, 2.0, 1.25
"""Cells count from this probability on; so many are needed; a gap of so many standard errors and ratio is shown."""


def misled(cells: Cells, name: str, scale: Scale) -> pd.DataFrame:
    """The thresholds whose probabilities were too high or too low: threshold, ``said``, ``came`` (means), cells.

    Forecasts of one target month stand or fall together, so the standard error is that of sums by target month.
    """
    observed = cells.wide("observed")[name]
    rows = []
    for threshold in scale.thresholds:
        said = cells.wide(f"p_{threshold}")[name]
        said = said[said >= TOLD]
        came = (observed.reindex(said.index) >= threshold).astype(float)
        keys = said.index.to_frame(index=False)
        target = (keys.origin.dt.year * 12 + keys.origin.dt.month + keys.horizon).to_numpy()
        gaps = (came - said).groupby(target).sum()
        if len(said) < ENOUGH or not gaps.any():
            continue
        ratio = max(said.mean(), came.mean()) / max(min(said.mean(), came.mean()), 1e-9)
        if abs(gaps.sum()) >= SURE * float((gaps**2).sum()) ** 0.5 and ratio >= FACTOR:
            rows.append({"threshold": threshold, "said": said.mean(), "came": came.mean(), "cells": len(said)})
    return pd.DataFrame(rows, columns=["threshold", "said", "came", "cells"])
