"""Tables that fit the terminal: columns that find no room stand below, beside the key columns again."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

APART = 2
"""Blanks between two columns."""
NARROW = 24
"""What a long column needs at least."""


@dataclass
class Sheet:
    """A table of text under ``heads``; columns in ``text`` are left-aligned. No cell of it is ever cut.

    The first ``keys`` columns say what a row is. Only columns in ``long`` are broken into lines, where room is scarce.
    """

    title: str
    heads: Sequence[str]
    text: Sequence[str] = ()
    long: Sequence[str] = ()
    keys: int = 1
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add_row(self, *cells: str) -> None:
        """Add a row, a cell a column."""
        self.rows.append(cells)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table in as many parts as the console's width asks for."""
        yield Text(self.title, style="italic")
        for number, columns in enumerate(self._parts(options.max_width)):
            if number:
                yield Text()
            yield self._table([*range(self.keys), *columns])

    def _parts(self, width: int) -> list[list[int]]:
        """The columns after the keys, in groups that fit beside them."""
        widths = [max(cell_len(str(row[i])) for row in [self.heads, *self.rows]) for i in range(len(self.heads))]
        parts: list[list[int]] = [[]]
        beside = width - sum(widths[: self.keys]) - APART * (self.keys - 1)
        room = beside
        for i in range(self.keys, len(widths)):
            needs = APART + (min(widths[i], NARROW) if self.heads[i] in self.long else widths[i])
            if parts[-1] and room < needs:
                parts.append([])
                room = beside
            parts[-1].append(i)
            room -= needs
        return parts

    def _table(self, columns: Sequence[int]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, APART, 0, 0))
        for i in columns:
            head = self.heads[i]
            side = "left" if i < self.keys or head in self.text or head in self.long else "right"
            table.add_column(Text(head), justify=side, no_wrap=head not in self.long, overflow="fold")  # type: ignore[arg-type]
        for row in self.rows:
            table.add_row(*(Text(row[i]) for i in columns))
        return table
