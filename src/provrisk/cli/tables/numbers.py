"""Numbers and tables as the command line writes them."""

import os
import sys
from typing import Any

import pandas as pd
from rich.console import Console

from provrisk.evaluation.scores.quantile_scores import LOG, levels_of

WIDTH = 130
"""Characters of a line that goes into a file or a pipe."""

SCORES = {"crps": "CRPS", "wis": "WIS", "rps": "RPS", "absolute_error": "AE"}


def score_name(score: str) -> str:
    """A score as a table's heading; WIS with its quantile levels if they are not the usual ones."""
    base = score.removesuffix(LOG)
    of_log = " of log(count + 1)" if base != score else ""
    if base in SCORES:
        return SCORES[base] + of_log
    levels = [f"{100 * level:g}" for level in levels_of(score) or ()]
    said = ", ".join(levels) if len(levels) < 6 else f"{len(levels)} levels, {levels[0]} to {levels[-1]}"
    return f"WIS ({said} %){of_log}"


def page() -> Console:
    """Where tables are printed: as wide as the terminal (or COLUMNS), else ``WIDTH``."""
    asked = sys.stdout.isatty() or os.environ.get("COLUMNS")
    return Console(width=None if asked else WIDTH, highlight=False, emoji=False)


def figure(value: Any, digits: int = 1, sign: bool = False) -> str:
    """A number as text: whole numbers without decimals, a missing one as a dash."""
    if value is None or pd.isna(value):
        return "–"
    if not sign and digits == 1 and float(value) % 1 == 0:
        return f"{float(value):,.0f}"
    return f"{float(value):{'+' if sign else ''},.{digits}f}"


def percent(value: Any) -> str:
    """A share in per cent with its sign."""
    return f"{100 * float(value):+.1f} %"


def interval(row: Any) -> str:
    """The 80 % interval of a row of forecasts, in brackets; empty if there is none."""
    missing = pd.isna(row.low_80) or pd.isna(row.high_80)
    return "" if missing else f"({figure(row.low_80)}–{figure(row.high_80)})"
