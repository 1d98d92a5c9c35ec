"""Reads days in any format of a column; if they can be read in two ways, the user must decide.

A column is read as a whole, since a single cell does not show whether its day or its month is first.
"""

import re

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events.formats.cell_text import each

DAY, MONTH = "%Y-%m-%d", "%Y-%m"
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\s*\d{1,2}[:.]\d{2}.*)?")
"""Year, month, day; a time of day and an offset may follow: the local day as written is used."""
COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
TRIPLE = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})[-/. ](\d{4}|\d{2})(?:[T ,]+\d{1,2}[:.]\d{2}.*)?")
NUMBER = re.compile(r"\d+(?:\.\d*)?(?:[eE]\+?\d+)?")
CLOCK = re.compile(r"[ ,]+\d{1,2}:\d{2}.*$")
WORDS = (
    "%d %B %Y", "%d %b %Y", "%d-%B-%Y", "%d-%b-%Y", "%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d-%b-%y",
    "%d %b %y", "%A, %d %B %Y", "%A, %B %d, %Y", "%Y-%b-%d", "%Y %B %d",
)  # fmt: skip
EXCEL_DAYS = (10_000, 80_000)
SECONDS, MILLISECONDS, MICROSECONDS = (1e8, 1e11), (1e11, 1e14), (1e14, 1e17)
EPOCH_EXCEL = pd.Timestamp(1899, 12, 30)
TURNED = 10
FEW = 0.02
"""Dates against the order of a column may be errors, up to this share of those that show its order."""
PIVOT = 69
"""Two-digit years up to this one are of this century, others of the last."""
ANSWERS = {"dmy": True, "mdy": False}


def read_days(texts: pd.Series, what: str, told: str | None = None) -> pd.Series:
    """The day of each of ``texts``, missing if it cannot be read or its year is out of range.

    ``told`` is the user's format: "dmy", "mdy", or a format of strptime; ``what`` names the column in messages.
    Raises ``ProvriskError`` if days and months cannot be distinguished in the column.
    """
    cells = pd.Series(texts.unique(), dtype="str")
    bare = cells.str.strip()
    if told is not None and told not in ANSWERS:
        days = pd.to_datetime(bare, format=_pattern(told), errors="coerce")
    else:
        triples = bare.str.extract(rf"^{TRIPLE.pattern}$")
        day_first = ANSWERS[told] if told else _day_first(triples, what)
        if told is None:
            _refuse_turned(bare, triples, what)
        days = pd.Series([_day(text, day_first) for text in bare], dtype="datetime64[ns]")
    days = days.where(days.dt.year.between(months.FIRST_YEAR, months.LAST_YEAR))
    return texts.map(dict(zip(cells, days, strict=True))).astype("datetime64[ns]")


def in_iso(texts: pd.Series, what: str, told: str | None = None, pattern: str = DAY) -> pd.Series:
    """``texts`` with each readable day written as ``pattern``; others are unchanged."""

    def read(cells: pd.Series) -> pd.Series:
        if told is None and cells.str.fullmatch(r"\d{4}-\d\d-\d\d").all():
            return (
                cells if pattern == DAY else pd.to_datetime(cells, errors="coerce").dt.strftime(pattern).fillna(cells)
            )
        days = read_days(cells, what, told)
        return cells.where(days.isna(), days.dt.strftime(pattern)).astype("str")

    return each(texts, read)


def in_months(texts: pd.Series, what: str, told: str | None = None) -> pd.Series:
    """``texts`` with each readable month written as YYYY-MM; others are unchanged."""
    found = {text: _month(text.strip()) for text in texts.unique()}
    named = texts.map(found)
    rest = texts.where(named.isna(), "")
    return named.fillna(in_iso(rest, what, told, MONTH)).astype("str")


def _month(text: str) -> str | None:
    """A month without a day in any usual form: 2020-1, 2020M01, 2020/01, 01/2020, Jan 2020, 202001."""
    if found := re.fullmatch(r"(\d{4})[-/. mM]{0,2}(\d{1,2})", text) or re.fullmatch(r"(\d{4})(\d\d)", text):
        year, month = found[1], found[2]
    elif found := re.fullmatch(r"(\d{1,2})[-/. ](\d{4})", text):
        year, month = found[2], found[1]
    else:
        for pattern in ("%B %Y", "%b %Y", "%b-%Y", "%B-%Y", "%b-%y", "%Y %B", "%Y %b", "%Y-%b"):
            day = pd.to_datetime(text, format=pattern, errors="coerce")
            if pd.notna(day):
                return f"{day:%Y-%m}"
        return None
    return f"{year}-{int(month):02d}" if 1 <= int(month) <= 12 else None


def _day_first(triples: pd.DataFrame, what: str) -> bool | None:
    """Whether days are before months in a column of such dates (first, sign, second, year); None without any.

    With points, the order is always day, month, year.
    """
    found = triples.dropna(subset=[0])
    if found.empty:
        return None
    day_first, month_first = (int((found[column].astype(int) > 12).sum()) for column in (0, 2))
    if min(day_first, month_first) > FEW * max(day_first, month_first):
        raise ProvriskError(
            f"{what} has {day_first:,} dates with the day first and {month_first:,} with the month first: convert them "
            "to one format."
        )
    if day_first or month_first:
        return day_first > month_first
    if (found[1] == ".").all():
        return True
    example = "".join(found.iloc[0, :3]) + found.iloc[0, 1] + found.iloc[0, 3]
    raise ProvriskError(
        f"{what} has dates such as {example}, which can all be read with the day first or with the month first: "
        "state which with --date-format dmy or --date-format mdy."
    )


def _refuse_turned(cells: pd.Series, triples: pd.DataFrame, what: str) -> None:
    """Refuse a column in which a spreadsheet converted some dates to its own order and left the others as text."""
    left = triples[0].dropna().astype(int)
    taken = cells.str.extract(rf"^{ISO.pattern}$")[2].dropna().astype(int)
    if min(len(left), len(taken)) >= TURNED and (left > 12).all() and (taken <= 12).all():
        raise ProvriskError(
            f"{what}: a spreadsheet seems to have exchanged day and month in dates up to the 12th, not in others: get "
            "the file again without opening it in a spreadsheet, or use --date-format dmy if the days are right."
        )


def _day(text: str, day_first: bool | None) -> pd.Timestamp:
    """The day in one cell; NaT if there is none."""
    if found := ISO.fullmatch(text) or COMPACT.fullmatch(text):
        return _made(found[1], found[2], found[3])
    if found := TRIPLE.fullmatch(text):
        first, second, year = found[1], found[3], found[4]
        century = "" if len(year) == 4 else "20" if int(year) < PIVOT else "19"
        day, month = (first, second) if day_first else (second, first)
        return _made(century + year, month, day)
    if NUMBER.fullmatch(text):
        return _from_number(float(text))
    return next((day for day in (_worded(text, one) for one in WORDS) if day is not pd.NaT), pd.NaT)


def _made(year: str, month: str, day: str) -> pd.Timestamp:
    if not months.FIRST_YEAR <= int(year) <= months.LAST_YEAR:
        return pd.NaT
    try:
        return pd.Timestamp(int(year), int(month), int(day))
    except ValueError:
        return pd.NaT


def _from_number(value: float) -> pd.Timestamp:
    """The day of a spreadsheet's serial number, or of a stamp in seconds, milli- or microseconds since 1970 (UTC)."""
    if EXCEL_DAYS[0] <= value < EXCEL_DAYS[1]:
        return EPOCH_EXCEL + pd.Timedelta(days=int(value))
    scales: dict[tuple[float, float], str] = {SECONDS: "s", MILLISECONDS: "ms", MICROSECONDS: "us"}
    unit = next((unit for (low, high), unit in scales.items() if low <= value < high), None)
    return pd.Timestamp(int(value), unit=unit).normalize() if unit else pd.NaT


def _worded(text: str, pattern: str) -> pd.Timestamp:
    day = pd.to_datetime(CLOCK.sub("", text), format=pattern, errors="coerce")
    return pd.NaT if day is pd.NaT else _made(str(day.year), str(day.month), str(day.day))


def _pattern(told: str) -> str:
    if "%" not in told:
        raise ProvriskError(
            f"--date-format {told!r} is not a format: use dmy or mdy, or write it with %d, %m and %Y, such as %d.%m.%Y."
        )
    return told
