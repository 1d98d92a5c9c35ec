"""What comes out of an event file: events, the rows set aside, and the months that the file covers."""

from dataclasses import dataclass

import pandas as pd

EVENT_COLUMNS = [
    "event_id", "date", "date_end", "date_precision", "province", "latitude", "longitude", "place_precision",
    "actor", "violence_type", "attack_type", "target_type", "km_to_capital",
    "deaths_best", "deaths_low", "deaths_high", "deaths_civilians", "source", "release",
]  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """One event file, every row accounted for: ``rows == len(events) + len(set_aside)``.

    ``set_aside`` holds the original values of each such row after its ``row`` number (the first row
    below the header is 1) and the ``reason``. ``first`` and ``last`` bound the months that the file
    covers: a month in between without an event is a true zero, a month outside is missing.
    """

    events: pd.DataFrame
    set_aside: pd.DataFrame
    rows: int
    first: pd.Timestamp
    last: pd.Timestamp

    def reasons(self) -> pd.Series:
        """How many rows were set aside for each reason, most frequent first."""
        return self.set_aside.reason.value_counts()


class Sieve:
    """Sorts the rows of a raw table into kept and set aside; the first reason given to a row stands."""

    def __init__(self, raw: pd.DataFrame) -> None:
        self.raw = raw
        self.reason = pd.Series("", index=raw.index, name="reason")

    def set_aside(self, rows: pd.Series, reason: str | pd.Series) -> None:
        """Set aside the ``rows`` (a mask over the raw table) that are still kept."""
        hit = rows & (self.reason == "")
        self.reason[hit] = reason[hit] if isinstance(reason, pd.Series) else reason

    @property
    def kept(self) -> pd.Series:
        return self.reason == ""

    def table(self) -> pd.DataFrame:
        """The rows set aside: row number, reason, original values."""
        out = self.raw[~self.kept]
        return pd.concat([out.index.to_series(name="row"), self.reason[~self.kept], out], axis=1)
