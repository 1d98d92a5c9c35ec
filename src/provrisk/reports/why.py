"""Why a province's forecast differs from its average of the last year, in words."""

import numpy as np
import pandas as pd

from provrisk.reports import words
from provrisk.reports.language import mark, say
from provrisk.risk.reasons import CARRIED, EARLIER, RECENT, YEAR, Reasons

FAMILIES = {
    "recency": mark("Last two months"),
    "trend": mark("Months before"),
    "neighbours": mark("Neighbours"),
    "calendar": mark("Time of year"),
    "drivers": mark("Dated events"),
    "remainder": mark("Rest"),
}
"""The displayed names of the families of information."""


def used(found: Reasons) -> list[str]:
    """The families that the champion's forecast uses; without the remainder."""
    parts = found.parts.drop(columns="remainder")
    return [family for family in parts if parts[family].abs().max() > 0]


def sentence(found: Reasons, province: str, counts: pd.Series, counted: str, units: str) -> str:
    """Why the forecast of ``province`` differs from its own average of the last year.

    ``counts`` are the province's months up to the origin; ``counted`` the number of the last two months in words;
    ``units`` is the displayed name of provinces.
    """
    mean = found.mean_12[province]
    if not np.isfinite(mean):
        return say("No month of the last year was observed, so there is nothing to compare with.")
    if not found.moved(province):
        return say("Close to the average of the last year ({mean} a month).", mean=words.number(mean, 1))
    up, named = found.expected[province] > mean, found.named(province)
    if not named:
        if up:
            return say("Above the average of the last year; the model gives no single reason.")
        return say("Below the average of the last year; the model gives no single reason.")
    clauses = "; ".join(_clause(family, counts, counted, units) for family in named)
    said = (
        say("Above the average of the last year: {reasons}.", reasons=clauses)
        if up
        else say("Below the average of the last year: {reasons}.", reasons=clauses)
    )
    carried = found.parts.loc[province, named].sum() / (found.expected[province] - mean)
    return said if carried >= CARRIED else " ".join([said, say("More than half of the change has no single reason.")])


def _clause(family: str, counts: pd.Series, counted: str, units: str) -> str:
    before, year = counts.iloc[-EARLIER:-RECENT], counts.iloc[-YEAR:]
    if family == "recency":
        usual = words.number(RECENT * year.mean(), 1)
        return say("{counted} in the last two months, where {usual} would be usual", counted=counted, usual=usual)
    if family == "trend":
        return say(
            "{before} a month in the two years before, {year} over the last year",
            before=words.number(before.mean(), 1),
            year=words.number(year.mean(), 1),
        )
    return {
        "neighbours": say("what happened in the neighbouring {units}", units=units),
        "calendar": say("the time of year"),
        "drivers": say("the dated events in force"),
    }[family]
