"""The bulletin as a document: parts made of text, tables and charts, before anybody decides how it looks.

A document is never changed: ``with_part`` returns a longer one. Renderers know blocks, not what they are about.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from provrisk.study.schema import Month, PlainName


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Frozen):
    """A paragraph; ``notice`` stands out."""

    type: Literal["text"] = "text"
    words: str
    notice: bool = False


class Items(_Frozen):
    """A list of short sentences, under a heading of its own where it has a ``title``."""

    type: Literal["items"] = "items"
    title: str = ""
    items: tuple[str, ...]


class Cell(_Frozen):
    """A cell of a table; ``shade`` 0-4 colours it by the step of the scale, ``picture`` is an SVG that adorns it."""

    text: str
    shade: int | None = Field(default=None, ge=0, le=4)
    picture: str | None = None


class Table(_Frozen):
    """A table: ``columns`` are headings, ``text_columns`` those that hold words; column 0 names the row.

    ``folded`` hides it until it is asked for; ``wrapped`` lets words break over several lines.
    """

    type: Literal["table"] = "table"
    caption: str
    columns: tuple[str, ...]
    text_columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False
    wrapped: bool = False

    @model_validator(mode="after")
    def _is_full(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row has not a cell for each column")
        return self


class Chart(_Frozen):
    """An SVG with what it shows in words; its numbers are in a table too."""

    type: Literal["chart"] = "chart"
    svg: str
    alt: str
    caption: str
    wide: bool = False


Block = Annotated[Text | Items | Table | Chart, Field(discriminator="type")]


class Part(_Frozen):
    """A numbered part of the bulletin."""

    key: str
    title: str
    blocks: tuple[Block, ...]


class Page(_Frozen):
    """A page of parts: what every page but the comparison is made of. ``facts`` are the header's lines."""

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


class Document(Page):
    """One issue, complete: a renderer adds nothing to it.

    ``risk`` is the risk table as records; ``scorecard`` the figures of the scorecard.
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
    risk: tuple[dict[str, str | int | float | bool | None], ...]
    scorecard: dict[str, str | int | float | None]

    def finalised(self, date: str, note: str, errata: tuple[Erratum, ...] = ()) -> Self:
        """The same, final from ``date`` on."""
        return self.model_copy(update={"state": "final", "finalized": date, "note": note, "errata": errata})

    @property
    def status(self) -> str:
        """Draft or final, in words."""
        if self.state == "draft":
            return "Draft, not yet issued"
        return f"Final, {self.finalized}: {self.note}"


class Stored(_Frozen):
    """``bulletin.json``: the document, the digest of each file beside it, and one of both, the seal."""

    document: Document
    files: dict[PlainName, str]
    seal: str | None = None


def table(
    caption: str,
    columns: dict[str, list[str | Cell]],
    text: tuple[str, ...] = (),
    folded: bool = False,
    wrapped: bool = False,
) -> Table:
    """A table from its columns, each a list of cells."""
    cells = [[cell if isinstance(cell, Cell) else Cell(text=cell) for cell in column] for column in columns.values()]
    rows = tuple(zip(*cells, strict=True))
    return Table(caption=caption, columns=tuple(columns), text_columns=text, rows=rows, folded=folded, wrapped=wrapped)
