"""Draws of the final counts of the newest months, after late events are added and others removed."""

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.events.counting import completeness
from provrisk.events.counting.load import LoadedCounts
from provrisk.events.counting.revisions import revisions
from provrisk.seeds import generator
from provrisk.study import Study

PAST = 36
"""Settled months for the usual count of a province."""


def corrected_counts(study: Study, loaded: LoadedCounts, number: int, seed: int) -> list[pd.DataFrame]:
    """``number`` versions of the counts, with draws of the final target counts of provisional months.

    Empty if there is nothing to correct, or nothing to estimate from: fewer than two releases, or no settled month that
    was published before. Only the releases of ``loaded`` are used, so that nothing published later is used.
    Other measures stay as reported.
    """
    if len(loaded.releases) < 2:
        return []
    table = revisions(study, loaded.releases)
    fitted = completeness.learn(table)
    if fitted is None:
        return []
    ages = provisional_ages(table)
    target = study.file.target.column
    wide = loaded.counts.pivot(index="month", columns="province", values=target)
    ages = ages[ages.index.isin(wide.index)]
    settled = wide[~wide.index.isin(ages.index)].dropna(how="all").tail(PAST)
    if ages.empty or settled.empty:
        return []
    rng = generator(seed, study.name, "provisional", months.label(wide.index[-1]))
    drawn = completeness.corrected(wide.loc[ages.index], ages, settled.mean(), fitted, number, rng)
    return [_with(loaded.counts, target, ages.index, wide.columns, one) for one in drawn]


def provisional_ages(table: pd.DataFrame) -> pd.Series:
    """Age, in the last release that covers it, of every month that may still change."""
    last = table.sort_values("available").groupby("month").age.last()
    final = table.groupby("month").final.any()
    return last[~final & (last < completeness.SETTLED)]


def _with(counts: pd.DataFrame, target: str, index: pd.Index, provinces: pd.Index, values: np.ndarray) -> pd.DataFrame:
    drawn = pd.DataFrame(values, index=index, columns=provinces).stack(future_stack=True).rename("drawn").reset_index()
    joined = counts.merge(drawn, on=["month", "province"], how="left")
    return counts.assign(**{target: joined.drawn.fillna(joined[target]).to_numpy()})
