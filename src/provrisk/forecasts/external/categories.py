"""Probabilities of categories as cumulative probabilities of counts."""

import re

import numpy as np
import pandas as pd

from provrisk.forecasts.external.parse import ParseRequest
from provrisk.forecasts.predictions import CELL

NEAR_ONE = 0.005
"""Largest deviation of the sum of a cell's probabilities from 1, since they are rounded."""

RANGE = re.compile(r"(\d+)\s*(?:-|–|to)\s*(\d+)")
OPEN = re.compile(r"(?:>=|≥|at least)\s*(\d+)|(\d+)\s*(?:\+|or more|and more)")


def cumulative(asked: ParseRequest, pmf: pd.DataFrame) -> pd.DataFrame:
    """Rows of output type "pmf" as rows of type "cdf" at the upper end of every category but an open last one.

    A category is a count (3), a range (5-9), an open end (25+) or a risk level of the study. Raises ``ProvriskError``
    if one is none of these, categories leave a gap or overlap, or probabilities do not add up to 1.
    """
    bounds = {name: _bounds(name, asked) for name in pmf.output_type_id.unique()}
    for name, found in bounds.items():
        if found is None:
            row = pmf.row[pmf.output_type_id == name].iloc[0]
            raise asked.wrong(row, f"{name!r} is not a category: write a count, a range such as 5-9, or 25+")
    low = pmf.output_type_id.map({name: found[0] for name, found in bounds.items() if found})
    high = pmf.output_type_id.map({name: found[1] for name, found in bounds.items() if found}).astype(float)
    key = [*CELL, "issued"]
    table = pmf.assign(low=low, output_type_id=high, output_type="cdf").sort_values([*key, "low"], kind="stable")
    groups = table.groupby(key, dropna=False, sort=False)
    total = groups.value.transform("sum")
    if (bad := (total - 1).abs() > NEAR_ONE).any():
        first = table[bad].iloc[0]
        raise asked.wrong(
            first.row, f"the probabilities of {first.province} add up to {total[bad].iloc[0]:.3f}, not to 1"
        )
    expected = groups.output_type_id.shift().add(1).fillna(0)
    if (gap := table.low != expected).any():
        first = table[gap].iloc[0]
        raise asked.wrong(
            first.row,
            f"the categories of {first.province} leave a gap or overlap at {first.low:g}: each count needs one",
        )
    summed = groups.value.cumsum() / total
    return table.assign(value=summed.clip(upper=1))[np.isfinite(table.output_type_id)].drop(columns="low")


def _bounds(name: str, asked: ParseRequest) -> tuple[float, float] | None:
    """The lowest and the highest count of a category."""
    scale = asked.study.file.risk
    named = {level.casefold(): i for i, level in enumerate(scale.levels)}
    edges = (0, *scale.thresholds, np.inf)
    text = name.casefold().strip()
    if text in named:
        return edges[named[text]], edges[named[text] + 1] - 1
    if text.isdigit():
        return int(text), int(text)
    if found := RANGE.fullmatch(text):
        return int(found[1]), int(found[2])
    if found := OPEN.fullmatch(text):
        return int(found[1] or found[2]), np.inf
    return None
