"""Whether the champion reaches what was asked of it, from the scores of a backtest that has been run.

    provrisk backtest --protocol iraq-2010
    python benchmarks/skill.py [reports/iraq/backtests/iraq-2010/scores.parquet]

Prints, for each model, mean fair CRPS (active provinces apart), both halves, log score, bias ratio, and coverage by the
randomised PIT on active provinces and of the national total. Intervals are 90 %, from a block bootstrap over origins
in blocks of 12.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk import seeds

TOTAL, BLOCK, RESAMPLES = "(total)", 12, 2000
HALF = pd.Timestamp("2014-01")
LARGEST = "Nineveh"


def by_origin(table: pd.DataFrame) -> pd.DataFrame:
    """Sums and numbers of a score's values, a row an origin."""
    return table.groupby("origin").value.agg(["sum", "count"])


def interval(above: pd.DataFrame, below: pd.DataFrame | None = None) -> tuple[float, float, float]:
    """A mean, or the ratio of two means, with its 5th and 95th percentile over resampled blocks of origins."""
    n = len(above)
    rng = seeds.generator("skill", "blocks")
    rows = (rng.integers(n, size=(RESAMPLES, -(-n // BLOCK), 1)) + np.arange(BLOCK)) % n
    rows = np.vstack([np.arange(n), rows.reshape(RESAMPLES, -1)[:, :n]])

    def mean(table: pd.DataFrame) -> np.ndarray:
        return table["sum"].to_numpy()[rows].sum(axis=1) / table["count"].to_numpy()[rows].sum(axis=1)

    values = mean(above) if below is None else mean(above) / mean(below)
    low, high = np.quantile(values[1:], [0.05, 0.95])
    return float(values[0]), float(low), float(high)


def shown(values: tuple[float, float, float], digits: int = 3) -> str:
    middle, low, high = (f"{value:.{digits}f}" for value in values)
    return f"{middle} ({low}-{high})"


def coverage(pits: pd.Series) -> str:
    return "/".join(f"{100 * (np.abs(pits - 0.5) < level / 2).mean():.1f}" for level in (0.5, 0.8, 0.9))


def rows(scores: pd.DataFrame, reference: str = "ewma_nb") -> pd.DataFrame:
    """The table of skill, best first."""
    places = scores[scores.province != TOTAL]
    crps = places[places.score == "crps"]
    base = crps[crps.model == reference]
    out = {}
    for model in crps.model.unique():
        mine, every = crps[crps.model == model], places[places.model == model]
        value = {score: every[every.score == score] for score in ("log_score", "mean", "observed", "pit")}
        total = scores[(scores.province == TOTAL) & (scores.model == model) & (scores.score == "pit")]
        early = mine[mine.origin < HALF]
        out[model] = {
            "CRPS": shown(interval(by_origin(mine)), 4),
            "active": shown(interval(by_origin(mine[mine.active])), 3),
            f"of {reference}": shown(interval(by_origin(mine), by_origin(base))),
            "before 2014": f"{early.value.mean():.3f} ({early[early.active].value.mean():.3f})",
            "from 2014": f"{mine[mine.origin >= HALF].value.mean():.3f}",
            f"without {LARGEST}": f"{mine[mine.province != LARGEST].value.mean():.3f}",
            "log score": shown(interval(by_origin(value["log_score"]))),
            "bias": shown(interval(by_origin(value["mean"]), by_origin(value["observed"])), 2),
            "coverage 50/80/90": coverage(value["pit"][value["pit"].active].value),
            "national": coverage(total.value),
            "key": mine.value.mean(),
        }
    return pd.DataFrame(out).T.sort_values("key").drop(columns="key")


if __name__ == "__main__":
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "reports/iraq/backtests/iraq-2010/scores.parquet")
    table = rows(pd.read_parquet(path))
    print("| model | " + " | ".join(table.columns) + " |")
    print("|---" * (1 + table.shape[1]) + "|")
    for model, row in table.iterrows():
        print(f"| {model} | " + " | ".join(row) + " |")
