"""How a backtest is set up: its origins, the blocks in which they are computed, and what is forecast at each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.study.schema import Protocol

SHORTEST = 12
"""No origin comes before this many months of data."""


@dataclass(frozen=True)
class Setup:
    """What is forecast at each origin: ``horizons`` in months, by so many ``draws``, from a ``seed``.

    Models are fitted every ``refit_every`` months; combiners learn from ``burn_in`` origins before the first besides.
    ``learnt_from`` names recipes that will be combined later, so that they are forecast there, too.
    """

    horizons: Sequence[int]
    draws: int
    refit_every: int
    seed: int = 1
    burn_in: int = 0
    learnt_from: Collection[str] = ()


def setup_of(protocol: Protocol, seed: int) -> Setup:
    """What ``protocol`` forecasts at each origin."""
    return Setup(range(1, protocol.horizons + 1), protocol.draws, protocol.refit_every, seed, protocol.burn_in)


@dataclass(frozen=True)
class Block:
    """Origins that share one fit, made at ``origins[0]``."""

    origins: pd.DatetimeIndex


def protocol_origins(panel: xr.Dataset, protocol: Protocol) -> pd.DatetimeIndex:
    """The origins of ``protocol`` that are scored; every horizon of each has been observed.

    Raises ``ProvriskError`` if the data are too short for them.
    """
    begin = months.shift(panel.indexes["month"][0], SHORTEST - 1)
    end = months.shift(months.parse(panel.attrs["origin"]), -protocol.horizons)
    if protocol.origins is not None:
        wanted = months.span(months.shift(end, 1 - protocol.origins), end)
    else:
        wanted = months.span(months.parse(str(protocol.first)), months.parse(str(protocol.last)))
    if not begin <= wanted[0] <= wanted[-1] <= end:
        raise ProvriskError(
            f"The backtest needs origins from {months.label(wanted[0])} to {months.label(wanted[-1])}, "
            f"{protocol.horizons} months ahead; the data allow {months.label(begin)} to {months.label(end)}: "
            "change it in protocols.toml."
        )
    return wanted


def newest_origins(panel: xr.Dataset, protocol: Protocol) -> pd.DatetimeIndex:
    """The origins after those of ``protocol_origins`` of which the first horizons, not the last, have been observed.

    They are forecast as well, so that somebody who issued last month can be compared; what is judged over all horizons
    leaves them out. A protocol that names its last origin has none.
    """
    known = months.parse(panel.attrs["origin"])
    if protocol.origins is None or protocol.horizons == 1:
        return pd.DatetimeIndex([])
    return months.span(months.shift(known, 1 - protocol.horizons), months.shift(known, -1))


def with_burn_in(panel: xr.Dataset, origins: pd.DatetimeIndex, burn_in: int) -> pd.DatetimeIndex:
    """``origins`` and up to ``burn_in`` more before them, if the data allow."""
    begin = months.shift(panel.indexes["month"][0], SHORTEST - 1)
    return months.span(max(begin, months.shift(origins[0], -burn_in)), origins[-1])


def blocks(origins: pd.DatetimeIndex, refit_every: int, begin: pd.Timestamp) -> list[Block]:
    """``origins`` divided where models are refitted: at months, counted from January, divisible by ``refit_every``.

    The first block begins at such a month (not before ``begin``), even before the first origin, so that blocks, and
    with them stored results, stay the same when the window of origins moves.
    """
    number = origins.year * 12 + origins.month - 1
    back = int(number[0] % refit_every)
    whole = months.span(max(min(begin, origins[0]), months.shift(origins[0], -back)), origins[-1])
    starts = (whole.year * 12 + whole.month - 1) // refit_every
    return [Block(whole[starts == start]) for start in starts.unique()]
