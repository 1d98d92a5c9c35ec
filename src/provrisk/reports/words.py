"""Figures and probabilities as words, the same everywhere in the bulletin."""

import math

TERMS = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even chance"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (1.00, "almost certain"),
)
"""Probability terms by their upper bound, after the US Intelligence Community Directive 203 (2015)."""


def term(probability: float) -> str:
    """The probability term that holds ``probability``."""
    return next(word for bound, word in TERMS if probability <= bound)


def chance(probability: float) -> str:
    """A probability with its term: ``likely (71 %)``."""
    return f"{term(probability)} ({percent(probability)})"


def claim(probability: float) -> str:
    """The start of a sentence: ``it is likely (71 %)``, ``there is a roughly even chance (50 %)``."""
    if "chance" not in term(probability):
        return f"it is {chance(probability)}"
    article = "" if "no chance" in term(probability) else "a "
    return f"there is {article}{chance(probability)}"


def percent(share: float) -> str:
    """A share as a whole percentage; what is neither none nor all never reads as 0 or 100 %."""
    if missing(share):
        return "unknown"
    if 0 < share < 0.005:
        return "< 1 %"
    if 0.995 < share < 1:
        return "> 99 %"
    return f"{100 * share:.0f} %"


def number(value: float | None, decimals: int = 0) -> str:
    """A number, or ``not observed`` where it is missing; thousands stand apart."""
    return "not observed" if value is None or missing(value) else f"{value:,.{decimals}f}"


def interval(low: float, high: float) -> str:
    """An interval of counts in words."""
    return "not available" if missing(low) else f"{low:,.0f} to {high:,.0f}"


def signed(value: float, decimals: int = 0) -> str:
    """A change with its sign, a true minus; ``no change`` where it rounds to none."""
    if missing(value):
        return "not known"
    text = f"{abs(value):,.{decimals}f}"
    if float(text.replace(",", "")) == 0:
        return "no change"
    return ("+" if value > 0 else "−") + text


def missing(value: object) -> bool:
    """Whether a value is none, NaN or pandas' missing value."""
    try:
        return value is None or math.isnan(value)  # type: ignore[arg-type]
    except TypeError:
        return True  # pandas' own missing value


def joined(names: list[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else "none"
