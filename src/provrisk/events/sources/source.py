"""A source of events: how to identify its files, and how to read them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from provrisk import months
from provrisk.events.formats.raw_file import RawFile
from provrisk.events.sources.parsed_rows import CountRules, ParsedRows


@dataclass(frozen=True)
class Edition:
    """The edition of a file: its version, whether it is final, the months it covers.

    ``issued``: the earliest day on which it can have been published, if the file shows it. ``note``: why it is not
    read as its name suggests.
    """

    version: str
    final: bool
    covered: pd.DatetimeIndex
    issued: pd.Timestamp | None = None
    note: str = ""


def more_of_it(gap: pd.DatetimeIndex) -> str:
    """The file that would cover the months ``gap``, for a source whose files have no numbers."""
    return f"a file that covers {months.label(gap[0])} to {months.label(gap[-1])}"


def as_they_are(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``table``, unchanged."""
    return table


@dataclass(frozen=True)
class Layout:
    """The columns from which a first study is made of a source's tables.

    ``province``: the first of these that is not empty. ``actors``: for each side the column of its identifier, as
    in ``[actor]`` of a study, and that of its name. None if the source does not have it. ``event``: what a row is.
    If ``sides`` is false, types of event are used instead of actors. ``whole``: the rows of a country cover all of
    it, so that a missing row means zero.
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

    ``key`` names it in ``[actor]`` of a study, ``name`` in output. A file is the source's if it has the columns
    ``marks``; ``needed`` are those required by ``read``, ``order`` all that the source is known to have, in its order;
    ``dates`` the date format that ``read`` expects in a column. ``read(table, version, covered, question)`` makes a
    ``Reading`` of a raw table, and ``rows(table)`` are the rows that it numbers. ``says`` are the types of event that
    the source distinguishes. If rows and products of them may not be shared, ``shareable`` is false. ``example`` shows
    what [actor] may name there. ``would_state`` names the release that would cover missing months.
    """

    key: str
    name: str
    marks: frozenset[str]
    needed: tuple[str, ...]
    edition: Callable[[RawFile], Edition]
    read: Callable[[pd.DataFrame, str, pd.DatetimeIndex, CountRules], ParsedRows]
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
    rows: Callable[[pd.DataFrame], pd.DataFrame] = as_they_are
