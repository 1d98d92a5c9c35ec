"""Scores of quantiles: the weighted interval score of any set of levels, its parts, and coverage."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import scoringrules as sr

Levels = tuple[float, ...]
"""Levels of quantiles, rising, between 0 and 1."""

USUAL: Levels = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""The median and the 50, 80 and 90 % intervals, the summary of every forecast with draws."""

LOG, RANK = "_log", "_rank"
PARTS = ("_overprediction", "_underprediction", "_dispersion")
SUFFIXES = ("", *PARTS, LOG, RANK)


def named(levels: Levels) -> str:
    """The name of the weighted interval score of ``levels``: "wis" of USUAL, else with its levels in per cent."""
    return "wis" if levels == USUAL else "_".join(["wis", *(f"{100 * level:g}" for level in levels)])


def levels_of(name: str) -> Levels | None:
    """The levels of a weighted interval score (of counts or their logs); None for any other score."""
    base = name.removesuffix(LOG)
    if base == "wis":
        return USUAL
    numbers = base.removeprefix("wis_").split("_")
    if base == numbers[0] or not all(number.replace(".", "", 1).isdigit() for number in numbers):
        return None
    return tuple(round(float(number) / 100, 6) for number in numbers)


def level_sets(tables: Iterable[pd.DataFrame]) -> list[Levels]:
    """The sets of levels in the rows of ``tables`` (a column for each level, NaN if not given).

    USUAL is included, and also the common levels of any two, so that different sets can be compared; the largest first.
    The median alone is not a set: its score is the absolute error.
    """
    found = {USUAL}
    for table in tables:
        levels = [round(float(level), 6) for level in table.columns]
        for given in table.notna().drop_duplicates().to_numpy(bool):
            found.add(tuple(level for level, there in zip(levels, given, strict=True) if there))
    while more := {tuple(sorted({*a} & {*b})) for a in found for b in found} - found:
        found |= more
    return sorted(found - {(), (0.5,)}, key=lambda levels: (-len(levels), levels != USUAL, levels))


def weighted_interval_scores(observed: np.ndarray, quantiles: np.ndarray, levels: Sequence[float]) -> pd.DataFrame:
    """Columns "" (the score), and ``SUFFIXES``; ``quantiles`` is (cell, level), NaN if a level is missing.

    The score is twice the mean quantile loss, 2 (1{y <= q} - tau)(q - y). Of a median and K central intervals that is
    (|y - m| / 2 + the sum of alpha / 2 times the interval score) / (K + 1/2), Bracher et al. (2021); it needs neither a
    median nor pairs. A pair of levels around one half is split into the width of its interval (dispersion) and the
    distance of the observed value above (underprediction) or below it (overprediction); another level has no
    dispersion. The score of the logs is that of log(x + 1) (Bosse et al. 2023). ``_rank`` is the number of quantiles
    below the observed value.
    """
    taus, came = np.asarray(levels), observed[:, None]
    paired = np.isclose(taus[:, None] + taus, 1).any(axis=1) & ~np.isclose(taus, 0.5)
    # For a pair the loss outside is 2 |y - q| in total, for any level; the width is the rest.
    over_weight, under_weight = np.where(paired, 1, 1 - taus), np.where(paired, 1, taus)
    above, below = np.maximum(quantiles - came, 0), np.maximum(came - quantiles, 0)
    over = 2 * (above * np.where(paired & (taus > 0.5), 0, over_weight)).sum(axis=1) / len(taus)
    under = 2 * (below * np.where(paired & (taus < 0.5), 0, under_weight)).sum(axis=1) / len(taus)
    score = 2 * sr.quantile_score(came, quantiles, taus).mean(axis=1)
    logs = 2 * sr.quantile_score(np.log1p(came), np.log1p(quantiles), taus).mean(axis=1)
    rank = np.where(np.isnan(score), np.nan, (quantiles < came).sum(axis=1))
    columns = (score, over, under, score - over - under, logs, rank)
    return pd.DataFrame(dict(zip(SUFFIXES, columns, strict=True)))


def scores_of(observed: np.ndarray, quantiles: pd.DataFrame, sets: Sequence[Levels]) -> pd.DataFrame:
    """The scores of every set of levels in ``quantiles`` (rows are cells, columns levels), named by ``named``."""
    tables = [pd.DataFrame(index=quantiles.index)]
    for levels in sets:
        if set(levels) <= set(quantiles.columns):
            values = weighted_interval_scores(observed, quantiles[list(levels)].to_numpy(float), levels)
            tables.append(values.add_prefix(named(levels)).set_axis(quantiles.index))
    return pd.concat(tables, axis=1)


def quantile_coverage(ranks: pd.Series, levels: Levels) -> dict[str, float]:
    """The share of observed values not above the quantile, by level in per cent; equal to the level if calibrated."""
    return {f"at_most_{100 * level:g}": float((ranks <= number).mean()) for number, level in enumerate(levels)}
