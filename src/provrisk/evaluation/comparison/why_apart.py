"""Why two forecasters cannot be compared, and which backtest would help."""

from collections.abc import Collection, Sequence

import pandas as pd

from provrisk import months
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.forecasts.predictions import TOTAL

MOST_NAMED = 6
"""A command that names more models than this is no longer read."""


def why_apart(comparison: Comparison, name: str, other: str, total: bool = False, models: Sequence[str] = ()) -> str:
    """Why ``name`` and ``other`` share no cell, and the backtest of ``models`` (default: ``other``) that helps.

    The sentence goes on after "it" or "X": "shares no cell with ewma_nb: its origins are ...".
    """
    own, theirs = (_cells(comparison, one, total) for one in (name, other))
    if own.empty:
        return "made nowcasts only, issued after their months had begun"
    origins, also = set(own.origin), set(theirs.origin)
    if not origins & also:
        why = f"its origins are {_span(origins)}, those of {other} {_span(also)}"
        return f"shares no cell with {other}: {why}; {_remedy(comparison, own, models or [other])}"
    own, theirs = own[own.origin.isin(also)], theirs[theirs.origin.isin(origins)]
    ahead, also_ahead = set(own.horizon), set(theirs.horizon)
    if not ahead & also_ahead:
        return f"shares no cell with {other}: it forecasts {_ahead(ahead)} ahead, {other} {_ahead(also_ahead)}"
    places, also_there = set(own.province), set(theirs.province)
    if not places & also_there:
        return f"shares no cell with {other}: it covers {_some(places)}, {other} {_some(also_there)}"
    return f"shares no cell with {other} that has been observed"


def _cells(comparison: Comparison, name: str, total: bool) -> pd.DataFrame:
    """What ``name`` forecast in time."""
    said = comparison.forecasts
    said = said[(said.model == name) & ~said.nowcast.eq(True)]
    return said[(said.province == TOTAL) == total].astype({"province": "str"})


def _remedy(comparison: Comparison, cells: pd.DataFrame, models: Sequence[str]) -> str:
    models = [name for name in models if comparison.contenders[name].kind == "model"]
    if not models:
        return "no model can be tested there"
    reach = {}
    for protocol, (origins, horizons) in comparison.protocols.items():
        if number := int((cells.origin.isin(origins) & (cells.horizon <= horizons)).sum()):
            reach[protocol] = (number, -len(origins))
    if not reach:
        return f"no protocol has them: write one into protocols.toml, first = {_first(cells)}, last = {_last(cells)}"
    best = max(reach, key=lambda protocol: reach[protocol])
    named = f" --models {','.join(models)}" if len(models) <= MOST_NAMED else ""
    return f"'provrisk backtest --protocol {best}{named}' forecasts them, too"


def _first(cells: pd.DataFrame) -> str:
    return f'"{months.label(cells.origin.min())}"'


def _last(cells: pd.DataFrame) -> str:
    return f'"{months.label(cells.origin.max())}"'


def _span(origins: Collection[pd.Timestamp]) -> str:
    if not origins:
        return "none"
    ends = dict.fromkeys(months.label(one) for one in (min(origins), max(origins)))
    return " to ".join(ends)


def _ahead(horizons: Collection[int]) -> str:
    ends = dict.fromkeys(str(one) for one in (min(horizons), max(horizons)))
    return f"{' to '.join(ends)} month{'s' * (max(horizons) > 1)}"


def _some(places: Collection[str]) -> str:
    named = sorted(places)
    return ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
