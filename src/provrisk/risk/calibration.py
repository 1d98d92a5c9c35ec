"""How far the probabilities of the bulletin could be trusted in the backtest."""

from collections.abc import Sequence

import pandas as pd

from provrisk.evaluation.compare import Cells, reliability, skills
from provrisk.study.schema import Scale


def brier_skill(cells: Cells, name: str, benchmarks: Sequence[str], scale: Scale) -> pd.DataFrame:
    """Brier score of P(at least N) for each threshold, ranked probability score of the levels, Brier of escalation.

    One row a score and benchmark: score, benchmark, value, skill, skill_low, skill_high, verdict.
    """
    rows = []
    for score in [*(f"brier_{threshold}" for threshold in scale.thresholds), "rps", "brier_escalation"]:
        losses = cells.wide(score)
        for other in benchmarks:
            if other != name and losses[other].sum() > 0:
                row = {"score": score, "benchmark": other, "value": losses[name].mean()}
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
