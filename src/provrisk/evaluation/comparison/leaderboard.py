"""Comparison of forecasts: skill with intervals, tests of a difference, ties, calibration."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.evaluation.mean_ratio import Ratio, ratio_of
from provrisk.evaluation.scores.cell_scores import TOTAL

LEVEL = 0.9
"""Level of the intervals of skill; a difference counts if its interval does not include zero."""

INTERVALS = (50, 80, 90)


@dataclass(frozen=True)
class Cells:
    """The scores of the cells shared by all compared models, and the number of other cells of each."""

    scores: pd.DataFrame
    models: tuple[str, ...]
    unshared: dict[str, int]
    _wide: dict[tuple[str, bool, bool], pd.DataFrame] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def wide(self, score: str, total: bool = False, only_active: bool = False) -> pd.DataFrame:
        """One score as a table: a row for each cell (origin, horizon, province), a column for each model."""
        key = (score, total, only_active)
        if key not in self._wide:
            self._wide[key] = self._pivoted(*key)
        return self._wide[key].copy(deep=False)

    def _pivoted(self, score: str, total: bool, only_active: bool) -> pd.DataFrame:
        chosen = (self.scores.score == score) & ((self.scores.province == TOTAL) == total)
        if only_active:
            chosen &= self.scores.active
        # If no province is active, there is no cell, but every model has its column.
        return pivoted(self.scores[chosen]).reindex(columns=pd.Index(self.models, name="model")).dropna()


def pivoted(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of one score as a table: rows are cells (origin, horizon, province), columns models, NaN if missing."""
    # Categories are pivoted by their numbers and named afterwards: names by the million take seconds.
    rows = rows.astype({"model": "category", "province": "category"})
    codes = pd.DataFrame({name: rows[name].cat.codes.to_numpy() for name in ("model", "province")})
    codes = codes.assign(origin=rows.origin.to_numpy(), horizon=rows.horizon.to_numpy(), value=rows.value.to_numpy())
    wide = codes.pivot(index=["origin", "horizon", "province"], columns="model", values="value")
    names = rows.province.cat.categories.astype("str")
    wide.index = wide.index.set_levels(names[wide.index.levels[2]], level=2)
    wide.columns = pd.Index(rows.model.cat.categories[wide.columns].astype("str"), name="model")
    return wide.sort_index()


def shared_cells(
    scores: pd.DataFrame, models: Sequence[str] | None = None, score: str = "crps", total: bool = False
) -> Cells:
    """The part of ``scores`` on which all ``models`` (default: all there are) can be compared by ``score``.

    Raises ``ProvriskError`` for a model without scores, or if there is no cell that all share.
    """
    there = scores.model.unique().tolist()
    models = tuple(models or sorted(there))
    for name in models:
        if name not in there:
            raise ProvriskError(f"There are no scores of {name!r} here; known are {', '.join(sorted(there))}.")
    scores = scores[scores.model.isin(models)]
    have = scores[(scores.score == score) & ((scores.province == TOTAL) == total)].model.value_counts()
    cells = Cells(scores, models, {})
    shared = len(cells.wide(score, total)) if set(models) <= set(have.index[have > 0]) else 0
    if not shared:
        raise ProvriskError(f"No cell is forecast by all of {', '.join(models)}: compare fewer.")
    return Cells(scores, models, {name: int(have[name]) - shared for name in models})


def leaderboard(cells: Cells, benchmark: str) -> pd.DataFrame:
    """One row for each model, lowest CRPS first.

    Columns: crps, crps_active, those of ``skills``, log_score, rps, auc_escalation, bias (forecast over observed),
    coverage_50, _80, _90 of active provinces and coverage_total_80, from the PIT. Missing if there is nothing to
    judge: no active province, no attack, no escalation.
    """
    crps, active = cells.wide("crps"), cells.wide("crps", only_active=True)
    if benchmark not in crps:
        raise ProvriskError(f"The benchmark {benchmark!r} is not among the models compared: {', '.join(crps)}.")
    table = pd.DataFrame({"crps": crps.mean(), "crps_active": active.mean()}).join(skills(crps, benchmark))
    for name in ("log_score", "rps"):
        table[name] = cells.wide(name).mean()
    table["auc_escalation"] = auc(cells.wide("escalated"), cells.wide("p_escalation"))
    observed = cells.wide("observed").sum()
    table["bias"] = cells.wide("mean").sum() / observed.where(observed > 0)
    pit, total = cells.wide("pit", only_active=True), cells.wide("pit", total=True)
    for level in INTERVALS:
        table[f"coverage_{level}"] = coverage(pit, level)
    table["coverage_total_80"] = coverage(total, 80)
    return table.sort_values("crps")


def skills(losses: pd.DataFrame, benchmark: str) -> pd.DataFrame:
    """Skill of each column of ``losses`` (a row for each cell) against ``benchmark``: 1 - mean loss / benchmark's.

    Columns: skill, skill_low, skill_high (the ``LEVEL`` interval), dm_p (the two-sided p-value of equal means) and
    verdict: "tie" if the interval includes zero, else "better" or "worse"; "too few" if there are not enough origins
    for an interval, or too few with a loss. Interval and p-value are one test: see ``ratio``.
    """
    rows = {}
    for name in losses:
        found = loss_ratio(losses, name, benchmark)
        low, high = found.interval(LEVEL)
        told = not np.isnan(low)
        verdict = "too few" if not told else "better" if high < 1 else "worse" if low > 1 else "tie"
        p = found.p_value() if told else float("nan")
        rows[name] = (1 - found.estimate, 1 - high, 1 - low, p, verdict)
    columns = ["skill", "skill_low", "skill_high", "dm_p", "verdict"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("model")


def loss_ratio(losses: pd.DataFrame, name: str, benchmark: str) -> Ratio:
    """The loss of ``name`` over that of ``benchmark``, both summed by origin."""
    own, other = (losses[one].groupby("origin").sum().to_numpy() for one in (name, benchmark))
    return ratio_of(own, other, int(losses.index.get_level_values("horizon").max()))


def coverage(pit: pd.DataFrame, level: int) -> pd.Series:
    """Share of cells whose randomised PIT lies in the central ``level`` %: equals ``level`` if calibrated."""
    return ((pit - 0.5).abs() <= level / 200).mean()


def auc(happened: pd.DataFrame, probability: pd.DataFrame) -> pd.Series:
    """Area under the ROC curve of each model; NaN if the event occurred always or never."""
    known = happened.index.intersection(probability.index)  # escalation is not known near a gap
    happened, probability = happened.loc[known], probability.loc[known]
    from sklearn.metrics import roc_auc_score  # slow to import, and comparisons read stored scores

    values = {
        name: roc_auc_score(happened[name], probability[name]) if happened[name].nunique() == 2 else np.nan
        for name in happened
    }
    return pd.Series(values)


def reliability(happened: pd.Series, probability: pd.Series, bins: int = 10) -> pd.DataFrame:
    """A reliability diagram's points: forecast (mean probability), frequency (observed share), cells, by bin.

    Bins are equally wide; an empty one has no row.
    """
    group = np.clip((probability * bins).astype(int), 0, bins - 1)
    table = pd.DataFrame({"forecast": probability, "frequency": happened}).groupby(group)
    return table.mean().assign(cells=table.size()).rename_axis("bin")


def by(cells: Cells, part: str, score: str = "crps", only_active: bool = False, total: bool = False) -> pd.DataFrame:
    """Mean of one score by model and ``part`` of the cells: "horizon", "year" (of the origin) or "province"."""
    table = cells.wide(score, total, only_active)
    keys = {
        "horizon": table.index.get_level_values("horizon"),
        "year": table.index.get_level_values("origin").year.rename("year"),
        "province": table.index.get_level_values("province").astype(str).rename("province"),
    }
    if part not in keys:
        raise ProvriskError(f"Scores cannot be split by {part!r}: use {', '.join(keys)}.")
    return table.groupby(keys[part]).mean()
