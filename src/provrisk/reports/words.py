"""Numbers, months and probabilities as words, the same everywhere, in the current language."""

import math
from collections.abc import Sequence

import pandas as pd
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

from provrisk.reports.language import mark, say, speech

TERMS = (
    (0.05, mark("almost no chance")),
    (0.20, mark("very unlikely")),
    (0.45, mark("unlikely")),
    (0.55, mark("roughly even chance")),
    (0.80, mark("likely")),
    (0.95, mark("very likely")),
    (1.00, mark("almost certain")),
)
"""Probability terms by their upper bound, after the US Intelligence Community Directive 203 (2015)."""

LEFT_TO_RIGHT = "\u200e"
"""Keeps a sign before its number in text from right to left."""


def term(probability: float) -> str:
    """The probability term for ``probability``."""
    return say(next(word for bound, word in TERMS if probability <= bound))


def in_100(probability: float) -> str:
    """A probability as a natural frequency; 0 and 100 only if exactly none or all."""
    if missing(probability):
        return say("unknown")
    if 0 < probability < 0.005:
        return say("fewer than 1 in 100")
    if 0.995 < probability < 1:
        return say("more than 99 in 100")
    return say("{n} in 100", n=number(100 * probability))


def chance(probability: float) -> str:
    """A probability with its term: ``likely, 71 in 100``."""
    return say("{term}, {frequency}", term=term(probability), frequency=in_100(probability))


def percent(share: float) -> str:
    """A share as a whole percentage; 0 and 100 % only if exactly none or all."""
    if missing(share):
        return say("unknown")
    if 0 < share < 0.005:
        return say("< {n} %", n=number(1))
    if 0.995 < share < 1:
        return say("> {n} %", n=number(99))
    return say("{n} %", n=number(100 * share))


def number(value: float | None, decimals: int = 0) -> str:
    """A number with separated thousands, or ``not observed`` if it is missing."""
    if value is None or missing(value):
        return say("not observed")
    return format_decimal(_rounded(value, decimals), _pattern(decimals), locale=speech().locale)


def about(value: float) -> str:
    """A forecast as text: one decimal below ten, whole from there on."""
    return number(value, 1 if value < 9.95 else 0)


def interval(low: float, high: float) -> str:
    """An interval of counts in words."""
    if missing(low):
        return say("not available")
    return say("{low} to {high}", low=number(low), high=number(high))


def signed(value: float, decimals: int = 0) -> str:
    """A change with its sign, a true minus; ``no change`` where it rounds to none."""
    if missing(value):
        return say("not known")
    size = _rounded(abs(value), decimals)
    if size == 0:
        return say("no change")
    text = ("+" if value > 0 else "−") + format_decimal(size, _pattern(decimals), locale=speech().locale)
    return LEFT_TO_RIGHT + text if speech().direction == "rtl" else text


def month(stamp: pd.Timestamp) -> str:
    """The month as text: ``January 2019``."""
    return format_date(stamp, "LLLL yyyy", locale=speech().locale)


def short_month(stamp: pd.Timestamp) -> str:
    """The month as short text: ``Jan 2019``."""
    return format_date(stamp, "LLL yyyy", locale=speech().locale)


def day(stamp: pd.Timestamp) -> str:
    """The day as text: ``1 January 2019``."""
    return format_date(stamp, "d MMMM yyyy", locale=speech().locale)


def joined(names: Sequence[str]) -> str:
    """``A``, ``A and B``, ``A, B, and C``, as the language joins them; ``none`` where there is none."""
    return format_list(list(names), locale=speech().locale) if names else say("none")


def missing(value: object) -> bool:
    """Whether a value is none, NaN or pandas' missing value."""
    try:
        return value is None or math.isnan(value)  # type: ignore[arg-type]
    except TypeError:
        return True  # pandas' own missing value


def _rounded(value: float, decimals: int) -> float:
    # As Python's own formatting rounds, so that text and records agree; a minus before nothing is dropped.
    return float(f"{value:.{decimals}f}") + 0.0


def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")
