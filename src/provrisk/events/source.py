"""What the program knows of a source of events: how to tell its files, and how to read them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from provrisk import months
from provrisk.events.raw import RawFile
from provrisk.events.reading import Question, Reading


@dataclass(frozen=True)
class Edition:
    """What a file says of itself: its version, whether the source holds it for final, the months it states.

    ``issued``: the earliest day on which it can have been published, where the file tells. ``note``: why it is not
    taken for what its name says.
    """

    version: str
    final: bool
    covered: pd.DatetimeIndex
    issued: pd.Timestamp | None = None
    note: str = ""


def more_of_it(gap: pd.DatetimeIndex) -> str:
    """Which file would state the months ``gap``, of a source whose files have no numbers."""
    return f"a file that reaches from {months.label(gap[0])} to {months.label(gap[-1])}"


@dataclass(frozen=True)
class Layout:
    """The columns by which a first study is told from a source's tables.

    ``province``: the first of these that is not empty. ``actors``: for each side the column of its identifier, as
    ``[actor]`` of a study names it, and that of its name. What a source does not say is None. ``event``: what a row is.
    Where ``sides`` is false, types of event stand in place of actors. ``whole``: the rows of a country are of all of
    it, so that nothing happened where there is none.
    """

    province: tuple[str, ...]
    country: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    actors: tuple[tuple[str, str], ...] = ()
    event: str = "an event"
    sides: bool = True
    whole: bool = True
    pcode: str | None = None


@dataclass(frozen=True)
class Source:
    """A source of events or monthly totals.

    ``key`` names it in ``[actor]`` of a study, ``name`` in everything that is shown. A file is the
    source's if it has the columns ``marks``; ``needed`` are those that ``read`` cannot do without, ``order`` all that
    the source is known to write, in its order; ``dates`` the form in which ``read`` takes the dates of a column.
    ``read(table, version, covered, question)`` makes a ``Reading`` of a raw table. ``says`` are the
    types of event that the source tells apart. Where rows and what is made from them may not be passed on,
    ``shareable`` is false. ``example`` shows what
    [actor] may name there. ``would_state`` names the release that would state months which nothing covers.
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
    layout: Layout = Layout(())
    example: str = ""
    would_state: Callable[[pd.DatetimeIndex], str] = more_of_it
    order: tuple[str, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
