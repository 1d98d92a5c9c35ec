"""Rows of the study's actor that could not be read because of the date or place, and limits for their share."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from provrisk import months
from provrisk.errors import StopError
from provrisk.text import plain

NOTE, STOP = 0.02, 0.20
"""Shares of the actor's rows: up to the first it is a note, above the second the file is refused."""
FORMATS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d",
    "%d %B %Y", "%d %b %Y", "%d-%b-%Y", "%B %d, %Y", "%d/%m/%y", "%m/%d/%y", "%Y-%d-%m",
)  # fmt: skip
"""Common date formats, for advice on a column that was not read; no date is read with them."""
ENOUGH = 0.95
LONGEST_CELL = 60


@dataclass(frozen=True)
class LostRows:
    """``rows`` of the actor's ``of`` rows that could not be read; ``why``: an example each of date and place.

    ``months``: those of which every row was lost, so that they are not covered.
    """

    rows: int = 0
    of: int = 0
    why: tuple[str, ...] = ()
    months: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([]))

    @property
    def share(self) -> float:
        """The share of the actor's rows that could not be read, 0 to 1."""
        return self.rows / max(self.of, 1)

    @property
    def level(self) -> str:
        """ "ok", "note", "warning" or "stop"; a single row is never more than a note, unless it is over a fifth."""
        if not self.rows:
            return "ok"
        if self.share > STOP:
            return "stop"
        return "warning" if self.share > NOTE and self.rows > 1 else "note"

    def __str__(self) -> str:
        if not self.rows:
            return f"all of the actor's {self.of:,} rows can be read"
        share = f"{100 * self.share:.1f} %" if self.share < 1 else "all"
        gone = ", ".join(months.label(month) for month in self.months[:3])
        text = f"{self.rows:,} of the actor's {self.of:,} rows ({share}) cannot be read: {'; '.join(self.why)}"
        more = f" and {len(self.months) - 3} more" if len(self.months) > 3 else ""
        return f"{text}. Of {gone}{more} no row was left: not observed" if gone else text


def examples(
    lost: pd.Series, texts: pd.Series, asked: pd.Series, explained: Callable[[pd.Series], dict[str, str]]
) -> tuple[str, ...]:
    """Examples of the rows ``lost`` ("date", "place" or ""), with advice.

    ``texts`` are the cells of the dates, or of the names of places, ``asked`` all cells of the actor's dates.
    """
    out = []
    bad = texts[lost == "date"]
    if len(bad):
        out.append(f"{len(bad):,} for the date, such as {_cell(bad.iloc[0])}, {_format_advice(bad, asked)}")
    bad = texts[lost == "place"]
    if len(bad):
        named = bad[bad.str.strip() != ""]
        if len(named):
            said = explained(named.iloc[:1])[str(named.iloc[0])]
            example = f"such as {plain(said, 200)}: add the spelling to provinces.csv"
        else:
            example = "which is empty there"
        out.append(f"{len(bad):,} for the place, {example}")
    return tuple(out)


def undated(name: str, texts: pd.Series) -> StopError:
    """The error for the file ``name`` if none of its dates, written in ``texts``, can be read."""
    cell = next((text for text in texts if text.strip()), "")
    if not cell:
        return StopError(f"{name} has no date: download it again, or name the right column.")
    return StopError(f"{name}: none of its dates can be read, such as {_cell(cell)}, {_format_advice(texts, texts)}.")


def hints(texts: pd.Series) -> pd.Series:
    """The months that each of ``texts`` may mean in any of ``FORMATS``, a list; never used as dates."""
    found = {text: _months(text) for text in texts.unique()}
    return texts.map(found)


def _months(text: str) -> list[pd.Timestamp]:
    days = [pd.to_datetime(text.strip()[:30], format=one, errors="coerce") for one in FORMATS]
    if begins := re.match(r"\s*(\d{4})[-/.](\d{1,2})(?!\d)", text):  # such as 2020-03-00
        days.append(pd.to_datetime(f"{begins[1]}-{begins[2]}-01", format="%Y-%m-%d", errors="coerce"))
    return sorted({day.normalize().replace(day=1) for day in days if pd.notna(day)})


def _format_advice(bad: pd.Series, asked: pd.Series) -> str:
    def share(texts: pd.Series, pattern: str) -> float:
        return float(pd.to_datetime(texts.str.strip(), format=pattern, errors="coerce").notna().mean())

    if not bad.str.strip().any():
        return "and their month is unknown"
    whole = asked[asked.str.strip() != ""]
    best = max(FORMATS, key=lambda one: share(whole, one))
    if share(whole, best) >= ENOUGH:
        return f"which the date format {best} would read, as it reads the others of the column"
    best = max(FORMATS, key=lambda one: share(bad, one))
    if share(bad, best) >= ENOUGH:
        return f"which the date format {best} would read, but not the others: convert the column to one format"
    return "which no single date format reads: convert the column to one format, best YYYY-MM-DD"


def _cell(text: str) -> str:
    return repr(plain(text, LONGEST_CELL)) if text.strip() else "an empty cell"
