"""What the program knows of a source of events: how to tell its files, and how to read them."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from provrisk.events.raw import RawFile
from provrisk.events.reading import Question, Reading


@dataclass(frozen=True)
class Edition:
    """What a file says of itself: its version, whether the source holds it for final, the months it covers."""

    version: str
    final: bool
    covered: pd.DatetimeIndex


@dataclass(frozen=True)
class Source:
    """A source of events or monthly totals.

    ``key`` names it in ``[actor]`` of a study, ``name`` in everything that is shown. A file is the
    source's if it has the columns ``marks``; ``needed`` are those that ``read`` cannot do without.
    ``read(table, version, covered, question)`` makes a ``Reading`` of a raw table. ``says`` are the
    types of event that the source tells apart. Where rows and what is made from them may not be passed on,
    ``shareable`` is false.
    """

    key: str
    name: str
    marks: frozenset[str]
    needed: tuple[str, ...]
    edition: Callable[[RawFile], Edition]
    read: Callable[[pd.DataFrame, str, pd.DatetimeIndex, Question], Reading]
    licence: str
    citation: str
    url: str
    shareable: bool
    says: tuple[str, ...] = ()
