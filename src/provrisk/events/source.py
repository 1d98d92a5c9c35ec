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
class Layout:
    """The columns by which a first study is told from a source's tables.

    ``province``: the first of these that is not empty. ``actors``: for each side the column of its identifier, as
    ``[actor]`` of a study names it, and that of its name. What a source does not say is None. ``event``: what a row is.
    """

    province: tuple[str, ...]
    country: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    actors: tuple[tuple[str, str], ...] = ()
    event: str = "an event"


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
    layout: Layout | None = None
