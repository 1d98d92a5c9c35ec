"""The bulletin as a document: parts made of text, tables and charts, without layout.

A document is never changed: ``with_part`` returns a longer one. Renderers know blocks, not their contents.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from provrisk.reports import words
from provrisk.reports.language import ENGLISH, say
from provrisk.study.schema import Month, PlainName


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Frozen):
    """A paragraph; ``notice`` stands out."""

    type: Literal["text"] = "text"
    words: str
    notice: bool = False


class Items(_Frozen):
    """A list of short sentences, under its own heading if it has a ``title``."""

    type: Literal["items"] = "items"
    title: str = ""
    items: tuple[str, ...]


class Cell(_Frozen):
    """A cell of a table; ``shade`` 0-4 colours it by level, ``picture`` is an SVG beside the text.

    ``anchor`` is the name by which words elsewhere link to it: ``[14](#P463)``.
    """

    text: str
    shade: int | None = Field(default=None, ge=0, le=4)
    picture: str | None = None
    anchor: str | None = None


class Group(_Frozen):
    """Columns of a table that belong together, folded until a reader opens them."""

    title: str
    columns: int = Field(ge=1)


class Table(_Frozen):
    """A table: ``columns`` are headings, ``text_columns`` those that hold words; column 0 names the row.

    ``groups`` are the last columns, group by group; the others are always shown. ``folded`` hides the table until it
    is opened; ``wrapped`` lets words break over several lines; one that only repeats a chart is not ``printed``.
    """

    type: Literal["table"] = "table"
    caption: str
    columns: tuple[str, ...]
    text_columns: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False
    wrapped: bool = False
    printed: bool = True

    @model_validator(mode="after")
    def _is_full(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row needs a cell for each column")
        if self.shown < 1:
            raise ValueError("the groups leave no column that is always shown")
        return self

    @property
    def shown(self) -> int:
        """The number of columns that are always shown."""
        return len(self.columns) - sum(group.columns for group in self.groups)

    def group_of(self, column: int) -> int:
        """The number of the group that holds a column, from 1 on; 0 if it is always shown."""
        last = self.shown
        for number, group in enumerate(self.groups, 1):
            if last <= column < last + group.columns:
                return number
            last += group.columns
        return 0

    def pieces(self) -> list["Table"]:
        """The table without folding: the columns that are always shown, then each group with the rows' names."""
        first, out = self.shown, [self._piece(range(self.shown), self.caption)]
        for group in self.groups:
            columns = [0, *range(first, first + group.columns)]
            out.append(self._piece(columns, say("{caption}: {part}", caption=self.caption, part=group.title)))
            first += group.columns
        return out

    def _piece(self, columns: Sequence[int], caption: str) -> "Table":
        return self.model_copy(
            update={
                "caption": caption,
                "columns": tuple(self.columns[i] for i in columns),
                "rows": tuple(tuple(row[i] for i in columns) for row in self.rows),
                "groups": (),
            }
        )


class Chart(_Frozen):
    """An SVG with a description in words and a ``title``; its numbers are also in a table."""

    type: Literal["chart"] = "chart"
    svg: str
    alt: str
    caption: str = ""
    title: str = ""
    wide: bool = False


class Card(_Frozen):
    """One place at a glance: a badge, a small picture, a few named figures, and a sentence."""

    type: Literal["card"] = "card"
    title: str
    badge: Cell | None = None
    picture: str
    alt: str
    lines: tuple[tuple[str, str], ...]
    words: str


Block = Annotated[Text | Items | Table | Chart | Card, Field(discriminator="type")]


class Part(_Frozen):
    """A part of the bulletin; the ``opening`` one is a separate page with its chart beside the text."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    opening: bool = False


class Page(_Frozen):
    """A page of parts, used for every page except the comparison. ``facts`` are the header's lines."""

    language: str = ENGLISH
    title: str
    facts: dict[str, str]
    parts: tuple[Part, ...] = ()

    def with_part(self, part: Part) -> Self:
        """The page with ``part`` at its end."""
        return self.model_copy(update={"parts": (*self.parts, part)})

    def part(self, key: str) -> Part:
        """The part called ``key``."""
        return next(part for part in self.parts if part.key == key)


class Erratum(_Frozen):
    """A change after the issue was final."""

    number: int
    date: str
    note: str


class Publisher(_Frozen):
    """The publisher, shown in the header. ``logo`` is an image as a data URI."""

    name: str
    contact: str = ""
    handling: str = ""
    logo: str = ""


class Document(Page):
    """One issue, complete: a renderer adds nothing to it.

    ``risk`` is the risk table as records, ``country`` its row for the whole country; ``scorecard`` the figures of the
    scorecard; ``tested`` the method's forecasts at past origins at the same horizon, by month and province: the ends of
    the 80 % interval and the median. ``languages`` are those of the issue, the main one first; ``translations`` are the
    same page in the others.
    """

    schema_version: Literal[1] = 1
    study: str
    month: Month
    origin: Month
    issue_date: str
    horizon: int = Field(ge=1, le=12)
    historical: bool
    final_data: bool
    source: str
    digest: str
    model: str
    method: str
    seed: int
    draws: int
    state: Literal["draft", "final"] = "draft"
    finalized: str | None = None
    note: str | None = None
    errata: tuple[Erratum, ...] = ()
    publisher: Publisher | None = None
    risk: tuple[dict[str, str | int | float | bool | None], ...]
    country: dict[str, str | int | float | bool | None] = Field(default_factory=dict)
    scorecard: dict[str, str | int | float | None]
    tested: dict[str, dict[str, tuple[int, int, int]]] = Field(default_factory=dict)
    languages: tuple[str, ...] = (ENGLISH,)
    translations: dict[str, Page] = Field(default_factory=dict)

    def finalised(self, date: str, note: str, errata: tuple[Erratum, ...] = ()) -> Self:
        """The same, final from ``date`` on."""
        return self.model_copy(update={"state": "final", "finalized": date, "note": note, "errata": errata})

    def editions(self) -> list[Self]:
        """The document in each of its languages, the main one first."""
        others = [
            self.model_copy(update={name: getattr(page, name) for name in Page.model_fields} | {"translations": {}})
            for page in self.translations.values()
        ]
        return [self, *others]

    @property
    def status(self) -> str:
        """Draft or final, in words."""
        if self.state == "draft":
            return say("Draft, not yet issued")
        day = words.day(pd.Timestamp(self.finalized))
        return say("Final. {note} ({day})", note=self.note, day=day)


class Stored(_Frozen):
    """``bulletin.json``: the document, the digest of each file beside it, and one of both, the seal."""

    document: Document
    files: dict[PlainName, str]
    seal: str | None = None


def table(
    caption: str,
    columns: Mapping[str, Sequence[str | Cell]],
    text: tuple[str, ...] = (),
    folded: bool = False,
    wrapped: bool = False,
    printed: bool = True,
    groups: Mapping[str, Mapping[str, Sequence[str | Cell]]] | None = None,
) -> Table:
    """A table from its columns, each a list of cells; ``groups`` are more of them, by the title of their group."""
    every = {**columns, **{name: cells for group in (groups or {}).values() for name, cells in group.items()}}
    cells = [[cell if isinstance(cell, Cell) else Cell(text=cell) for cell in column] for column in every.values()]
    return Table(
        caption=caption,
        columns=tuple(every),
        text_columns=text,
        groups=tuple(Group(title=title, columns=len(group)) for title, group in (groups or {}).items()),
        rows=tuple(zip(*cells, strict=True)),
        folded=folded,
        wrapped=wrapped,
        printed=printed,
    )
