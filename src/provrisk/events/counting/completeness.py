"""How the counts of recent months changed in the past, and a forecast of their final counts.

Sources add late events, and remove others: counts go up and down, in batches, in any month in which a source revises
its records. No curve describes that well, so past months are used directly. A month is settled when a final
release covers it, or a count of it is old enough. The final count of a cell (province and month) of a given age is
drawn from the final counts of settled cells that had a similar count at a similar age, in provinces of
a similar level: an analogue ensemble (Delle Monache et al. 2013, Monthly Weather Review 141). It changes by as much
as such a cell did, in proportion to count and level. Each draw weights the settled months again, the same for all its
cells (the Bayesian bootstrap of Rubin 1981, Annals of Statistics 9), so that errors are joint and few months give wide
draws.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

SETTLED = 12
"""Age in whole months from which a count is final."""
NEAR = 6
"""Largest difference in months between the age of a count and the requested age."""
ALIKE = 60
"""Number of most similar settled cells from which a cell is drawn."""
LEVEL_WEIGHT = 0.5
"""Weight of a difference of level relative to one of the count, both of log(1 + x)."""


@dataclass(frozen=True)
class Completeness:
    """Earlier and final counts of settled months: ``past`` has month, province, age, value and final.

    Months are not used beyond the age ``SETTLED``.
    """

    past: pd.DataFrame

    def at(self, age: int) -> pd.DataFrame:
        """The count of each settled month with the age nearest to ``age`` (within ``NEAR``), a row by province."""
        distance = (self.past.age - age).abs()
        nearest = distance.groupby([self.past.month, self.past.province]).transform("min")
        return self.past[(distance == nearest) & (distance <= NEAR)].drop_duplicates(["month", "province"])

    def table(self, ages: np.ndarray | None = None) -> pd.DataFrame:
        """By age: months, the total as a share of the final total, and the shares of cells that fell and rose.

        Cells that were and remained zero are left out of the latter two.
        """
        rows = []
        for age in np.arange(SETTLED) if ages is None else ages:
            cells = self.at(int(age))
            moving = cells[(cells.value > 0) | (cells.final > 0)]
            rows.append(
                {
                    "age": int(age),
                    "months": cells.month.nunique(),
                    "share": cells.value.sum() / cells.final.sum() if cells.final.sum() else np.nan,
                    "fell": (moving.final < moving.value).mean(),
                    "rose": (moving.final > moving.value).mean(),
                }
            )
        return pd.DataFrame(rows)


def learn(revisions: pd.DataFrame) -> Completeness | None:
    """Settled months from a table of ``revisions`` (release, available, final, month, province, age, value).

    ``None`` if no settled month has an earlier count.
    """
    known = revisions[(revisions.age >= 0) & revisions.value.notna()].sort_values(
        "available", kind="stable", ignore_index=True
    )
    cells = known.groupby(["month", "province"], observed=True)
    last = cells.value.transform("last")
    over = cells.age.transform("last").ge(SETTLED) | cells.final.transform("any")
    early = known[over & (known.age < SETTLED) & ~known.final]
    past = early.assign(final=last.loc[early.index])[["month", "province", "age", "value", "final"]]
    past = past.drop_duplicates(["month", "province", "age"], keep="last").reset_index(drop=True)
    return Completeness(past) if len(past) else None


def corrected(
    reported: pd.DataFrame,
    ages: pd.Series,
    level: pd.Series,
    fitted: Completeness,
    number: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draws of final counts, whole numbers: (draw, month, province).

    ``reported`` is (month, province), ``ages`` in whole months by month, ``level`` the usual count by province. Cells
    not observed stay NaN.
    """
    months = fitted.past.month.unique()
    weights = rng.dirichlet(np.ones(len(months)), number)
    usual = level.reindex(reported.columns).fillna(0).to_numpy(float)
    out = np.full((number, *reported.shape), np.nan)
    for row, (month, counts) in enumerate(reported.iterrows()):
        cells = fitted.at(int(ages[month]))
        own = weights[:, pd.Index(months).get_indexer(cells.month)]
        stated, moved = cells.value.to_numpy(float), (cells.final - cells.value).to_numpy(float)
        theirs = level.reindex(cells.province).fillna(0).to_numpy(float)
        for column in np.flatnonzero(counts.notna()):
            count = float(counts.iloc[column])
            near = np.abs(np.log1p(stated) - np.log1p(count))
            near += LEVEL_WEIGHT * np.abs(np.log1p(theirs) - np.log1p(usual[column]))
            alike = np.flatnonzero((stated > 0) == (count > 0))
            alike = alike[np.argsort(near[alike], kind="stable")[:ALIKE]]
            scale = (1 + count + usual[column]) / (1 + stated[alike] + theirs[alike])
            moves = _chosen(moved[alike] * scale, own[:, alike], rng)
            # Rounded up with the probability of the fraction, so that the mean is unchanged.
            out[:, row, column] = np.floor(np.maximum(count + moves, 0) + rng.random(number))
    return out


def _chosen(values: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One of ``values`` (cell,) for each draw, by ``weights`` (draw, cell)."""
    if not len(values):
        return np.zeros(len(weights))
    upto = weights.cumsum(axis=1)
    return values[(upto < rng.random((len(weights), 1)) * upto[:, -1:]).sum(axis=1)]
