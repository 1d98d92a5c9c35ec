"""A file given by the user: its path and the statements on it."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from provrisk.events import coverage
from provrisk.events.formats.raw_file import RawFile, open_file
from provrisk.events.sources import registry
from provrisk.events.sources.mapped import Mapping, read_mapping
from provrisk.events.sources.source import Edition, Source


@dataclass(frozen=True)
class UserFile:
    """An event file at ``path``; ``mapping``: a mapping file for it; ``covers``: the months that it covers.

    ``covers`` is ``YYYY-MM:YYYY-MM``; without it the months are read from the file. ``sheet`` is that of a workbook;
    ``date_format`` is the format of its days ("dmy", "mdy" or a format of strptime), if they can be read in two
    ways.
    """

    path: Path
    mapping: Path | None = None
    covers: str | None = None
    sheet: str | None = None
    date_format: str | None = None

    @classmethod
    def of(cls, events: "UserFile | Path") -> "UserFile":
        """``events``, or the file of that path, without statements."""
        return events if isinstance(events, UserFile) else cls(events)

    def raw(self) -> RawFile:
        """The table as it is; raises ``ProvriskError`` if there is none."""
        return open_file(self.path, self.sheet, self.date_format)

    def read_mapping(self) -> Mapping | None:
        """The mapping; raises ``ProvriskError`` if it is wrong."""
        return read_mapping(self.mapping) if self.mapping else None

    def covered(self) -> pd.DatetimeIndex | None:
        """The months stated by the user; raises ``ProvriskError`` if they are not months."""
        return coverage.stated(self.covers) if self.covers else None

    def opened(self) -> tuple[RawFile, Source, Edition]:
        """The table, its source and its edition; raises ``ProvriskError`` if the source is unknown."""
        covered = self.covered()
        raw, source = registry.recognise(self.raw(), self.read_mapping())
        edition = source.edition(raw)
        if covered is not None:
            edition = replace(edition, covered=covered)
        return raw, source, edition
