"""One month: all forecasts of it, and the observed counts."""

from collections.abc import Sequence

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import CELL, Comparison
from provrisk.evaluation.comparison.ranking import finest


def at(
    comparison: Comparison, month: pd.Timestamp, names: Sequence[str] = (), horizon: int | None = None
) -> pd.DataFrame:
    """A row for each forecaster and province (also TOTAL) with a forecast of ``month``.

    The most common target is first. Columns: those of ``Comparison.forecasts``, target, ``said`` (median, or mean if
    there is none), ``days_before`` (from the issue to the first of the month, below zero for nowcasts), ``came`` (the
    observed count; a float, missing where the month was not observed), and each score of ``ranking.finest``. Unless one
    is requested, the horizon is the shortest that all have, or, if there is none, the shortest of each. Raises
    ``ProvriskError`` if there is no forecast of that month.
    """
    table = comparison.forecasts[comparison.forecasts.target_month == month]
    table = table[table.model.isin(list(names or comparison.contenders))]
    at_one = _shared_horizon(table) if horizon is None else horizon
    if at_one is not None:
        table = table[table.horizon == at_one]
    table = table.sort_values("horizon", kind="stable").drop_duplicates(["model", "province"])
    if table.empty:
        spoken = comparison.forecasts.target_month
        ahead = f" {horizon} months ahead" if horizon is not None else ""
        raise ProvriskError(
            f"There is no forecast of {months.label(month)}{ahead}: forecasts are from {months.label(spoken.min())} to "
            f"{months.label(spoken.max())}."
        )
    order = ["crps", "wis", "rps", "absolute_error"]  # always there, so that the table has one shape
    order += [name for name in finest(comparison.scores) if name not in order]
    scores = comparison.scores[comparison.scores.score.isin([*order, "observed"])]
    scores = scores[scores.model.isin(table.model)].astype({"model": "str", "province": "str", "score": "str"})
    wide = scores.pivot(index=["model", *CELL], columns="score", values="value")
    wide = wide.reindex(columns=[*order, "observed"]).rename(columns={"observed": "came"})
    table = table.join(wide, on=["model", *CELL])
    targets = table.model.map({name: one.target for name, one in comparison.contenders.items()})
    before = (table.target_month - table.issued).dt.days
    table = table.assign(target=targets, said=table["median"].fillna(table["mean"]), days_before=before)
    observed = table.groupby(["target", "province"]).came.transform("first")
    number = targets.map(targets.groupby(targets).size())
    order = number.sort_values(ascending=False, kind="stable").index
    return table.assign(came=observed).loc[order].reset_index(drop=True)


def _shared_horizon(table: pd.DataFrame) -> int | None:
    """The shortest horizon that all models in ``table`` have, if any."""
    every = [set(own.horizon) for _, own in table.groupby("model")]
    return min(set.intersection(*every), default=None) if every else None
