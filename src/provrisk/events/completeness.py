"""What the figures of young months came to in the past, and so what those of today will come to.

Sources add late events, and withdraw others: figures move up and down, in batches, in whichever month a source works
through its records. No curve describes that well, so past months speak for themselves. A month is settled once a final
release states it, or a statement of it is old enough. What a cell (province and month) of a given age will come to is
drawn from what cells of settled months came to that had about as high a figure at about the same age, in provinces of
about the same level: an analogue ensemble (Delle Monache et al. 2013, Monthly Weather Review 141). It moves by as much
as such a cell did, in proportion to figure and level. Each draw weighs the settled months anew, the same for all its
cells (the Bayesian bootstrap of Rubin 1981, Annals of Statistics 9), so that errors are joint and few months make wide
draws.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

SETTLED = 12
"""Age in whole months from which on a statement counts as the last word."""
NEAR = 6
"""A statement of an age farther than so many months from that asked for tells nothing of it."""
ALIKE = 60
"""So many settled cells, the most similar ones, a cell is drawn from."""
LEVEL_WEIGHT = 0.5
"""What a difference of level counts beside one of the figure itself, both of log(1 + x)."""


@dataclass(frozen=True)
class Settling:
    """Statements of settled months and what they came to: ``past`` has month, province, age, value and final.

    Months are not looked at beyond the age ``SETTLED``.
    """

    past: pd.DataFrame

    def at(self, age: int) -> pd.DataFrame:
        """The statement of each settled month whose age is nearest to ``age`` (within ``NEAR``), a row a province."""
        distance = (self.past.age - age).abs()
        nearest = distance.groupby([self.past.month, self.past.province]).transform("min")
        return self.past[(distance == nearest) & (distance <= NEAR)].drop_duplicates(["month", "province"])

    def table(self, ages: np.ndarray | None = None) -> pd.DataFrame:
        """By age: months, the total stated as a share of what it came to, and the shares of cells that fell and rose.

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


def learn(revisions: pd.DataFrame) -> Settling | None:
    """How months settled, from a table of ``revisions`` (release, available, final, month, province, age, value).

    ``None`` where no month has settled that was stated before it had.
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
    return Settling(past) if len(past) else None


def corrected(
    reported: pd.DataFrame, ages: pd.Series, level: pd.Series, fitted: Settling, number: int, rng: np.random.Generator
) -> np.ndarray:
    """Draws of what counts will finally be, whole numbers: (draw, month, province).

    ``reported`` is (month, province), ``ages`` in whole months by month, ``level`` the usual count by province. What is
    not observed stays NaN.
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
            # Rounded up as often as the fraction says, so that the mean is kept.
            out[:, row, column] = np.floor(np.maximum(count + moves, 0) + rng.random(number))
    return out


def _chosen(values: np.ndarray, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One of ``values`` (cell,) a draw, by ``weights`` (draw, cell); none of them moves a figure by nothing."""
    if not len(values):
        return np.zeros(len(weights))
    upto = weights.cumsum(axis=1)
    return values[(upto < rng.random((len(weights), 1)) * upto[:, -1:]).sum(axis=1)]
