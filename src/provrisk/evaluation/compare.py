"""Honest comparison: skill with intervals, tests of a difference, calibration, and what a tie is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import roc_auc_score

from provrisk import seeds
from provrisk.errors import ProvriskError
from provrisk.evaluation.scores import TOTAL

BLOCK = 12
"""Origins in one block of the bootstrap: forecasts of neighbouring origins share their targets."""

REPLICATES = 2000
INTERVALS = (50, 80, 90)


@dataclass(frozen=True)
class Cells:
    """The scores of the cells that all compared models share, and how many each had besides."""

    scores: pd.DataFrame
    models: tuple[str, ...]
    unshared: dict[str, int]

    def wide(self, score: str, total: bool = False, only_active: bool = False) -> pd.DataFrame:
        """One score as a table: a row a cell (origin, horizon, province), a column a model."""
        chosen = (self.scores.score == score) & ((self.scores.province == TOTAL) == total)
        if only_active:
            chosen &= self.scores.active
        return pivoted(self.scores[chosen])[list(self.models)].dropna()


def pivoted(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of one score as a table: a row a cell (origin, horizon, province), a column a model, NaN where one lacks."""
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
            raise ProvriskError(f"There are no scores of {name!r} here: it has {', '.join(sorted(there))}.")
    scores = scores[scores.model.isin(models)]
    have = scores[(scores.score == score) & ((scores.province == TOTAL) == total)].model.value_counts()
    cells = Cells(scores, models, {})
    shared = len(cells.wide(score, total)) if set(models) <= set(have.index[have > 0]) else 0
    if not shared:
        raise ProvriskError(f"No cell is forecast by all of {', '.join(models)}: compare fewer.")
    return Cells(scores, models, {name: int(have[name]) - shared for name in models})


def leaderboard(cells: Cells, benchmark: str, seed: int = 0) -> pd.DataFrame:
    """One row a model, lowest CRPS first.

    Columns: crps, crps_active, skill, skill_low, skill_high (1 - CRPS / benchmark's, with the 90 % interval of a
    moving-block bootstrap over origins), verdict ("better", "worse" or "tie"), dm_p (Diebold-Mariano), log_score, rps,
    auc_escalation, bias (forecast over observed), coverage_50, _80, _90 of active provinces and coverage_total_80,
    from the PIT.
    """
    crps, active = cells.wide("crps"), cells.wide("crps", only_active=True)
    if benchmark not in crps:
        raise ProvriskError(f"The benchmark {benchmark!r} is not among the models compared: {', '.join(crps)}.")
    skill = skills(crps, benchmark, seed)
    table = pd.DataFrame({"crps": crps.mean(), "crps_active": active.mean()}).join(skill)
    table["dm_p"] = [diebold_mariano(crps[name], crps[benchmark]) for name in table.index]
    for name in ("log_score", "rps"):
        table[name] = cells.wide(name).mean()
    table["auc_escalation"] = auc(cells.wide("escalated"), cells.wide("p_escalation"))
    table["bias"] = cells.wide("mean").sum() / cells.wide("observed").sum()
    pit, total = cells.wide("pit", only_active=True), cells.wide("pit", total=True)
    for level in INTERVALS:
        table[f"coverage_{level}"] = coverage(pit, level)
    table["coverage_total_80"] = coverage(total, 80)
    return table.sort_values("crps")


def skills(losses: pd.DataFrame, benchmark: str, seed: int = 0, level: float = 0.9) -> pd.DataFrame:
    """Skill of each column of ``losses`` (a row a cell) against ``benchmark``: skill, skill_low, skill_high, verdict.

    The interval comes from a moving-block bootstrap over origins (Künsch 1989; circular), the same resamples for all
    models. Where it holds zero the difference is a tie.
    """
    by_origin = losses.groupby("origin").sum()
    weights = block_weights(len(by_origin), seed)
    sums = weights @ by_origin.to_numpy()
    position = by_origin.columns.get_loc(benchmark)
    replicates = 1 - sums / sums[:, [position]]
    low, high = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2], axis=0)
    mean = 1 - by_origin.sum() / by_origin[benchmark].sum()
    table = pd.DataFrame({"skill": mean, "skill_low": low, "skill_high": high})
    table["verdict"] = np.select([low > 0, high < 0], ["better", "worse"], "tie")
    return table


def probability_lower(losses: pd.DataFrame, name: str, than: str, seed: int = 0) -> float:
    """The share of bootstrap replicates in which the mean loss of ``name`` is lower than that of ``than``."""
    difference = (losses[name] - losses[than]).groupby("origin").sum()
    return float((block_weights(len(difference), seed) @ difference.to_numpy() < 0).mean())


def block_weights(origins: int, seed: int = 0, block: int = BLOCK) -> np.ndarray:
    """How often each origin is in each replicate of the moving-block bootstrap: (REPLICATES, origins).

    Blocks wrap around the end (Politis and Romano 1992), so that the first and last origins count as often as the rest;
    a short record has shorter blocks, at least four.
    """
    starts, block = block_starts(origins, seed, block)
    chosen = ((starts[..., None] + np.arange(block)) % origins).reshape(REPLICATES, -1)[:, :origins]
    weights = np.zeros((REPLICATES, origins))
    np.add.at(weights, (np.arange(REPLICATES)[:, None], chosen), 1)
    return weights


def block_starts(origins: int, seed: int = 0, block: int = BLOCK) -> tuple[np.ndarray, int]:
    """Where the blocks of each replicate begin, (REPLICATES, blocks), and how long they are; the last is cut short."""
    block = max(1, min(block, origins // 4))
    rng = seeds.generator(seed, "bootstrap", origins, block)
    return rng.integers(origins, size=(REPLICATES, -(-origins // block))), block


def diebold_mariano(losses: pd.Series, other: pd.Series) -> float:
    """Two-sided p-value of equal mean loss by origin, all horizons together.

    Diebold and Mariano (1995) with the correction of Harvey, Leybourne and Newbold (1997): h - 1 autocovariances of
    the difference, h the longest horizon, and a t distribution. NaN if the losses are equal.
    """
    horizon = int(losses.index.get_level_values("horizon").max())
    difference = (losses - other).groupby("origin").mean().to_numpy()
    n, centred = len(difference), difference - difference.mean()
    if n < 3 or not centred.any():
        return float("nan")
    autocovariances = [centred[lag:] @ centred[: n - lag] / n for lag in range(min(horizon, n - 1))]
    variance = (autocovariances[0] + 2 * sum(autocovariances[1:])) / n
    if variance <= 0:  # the sum of autocovariances need not be positive; then the first stands alone
        variance = autocovariances[0] / n
    correction = max((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n, 1 / n)
    statistic = difference.mean() / np.sqrt(variance) * np.sqrt(correction)
    return float(2 * stats.t.sf(abs(statistic), n - 1))


def coverage(pit: pd.DataFrame, level: int) -> pd.Series:
    """Share of cells whose randomised PIT lies in the central ``level`` %: equals ``level`` if calibrated."""
    return ((pit - 0.5).abs() <= level / 200).mean()


def auc(happened: pd.DataFrame, probability: pd.DataFrame) -> pd.Series:
    """Area under the ROC curve of each model; NaN where the event always or never came."""
    values = {
        name: roc_auc_score(happened[name], probability[name]) if happened[name].nunique() == 2 else np.nan
        for name in happened
    }
    return pd.Series(values)


def reliability(happened: pd.Series, probability: pd.Series, bins: int = 10) -> pd.DataFrame:
    """A reliability diagram's points: forecast (mean probability), frequency (share that came), cells, by bin.

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
