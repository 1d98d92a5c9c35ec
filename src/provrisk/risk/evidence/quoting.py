"""How figures of the ledger are quoted: in words, each linked to its row."""

from collections.abc import Sequence

import pandas as pd


def cited(value: float, id_: str, per: str = "") -> str:
    """A figure with the row that it stands in, as a link: [14](#P463); a rate with its unit of time."""
    return f"[{number(value)}](#{id_})" + (f" a {per}" if per else "")


def number(value: float) -> str:
    """A figure as it was published: 1,470 or 2.2."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,g}"


def spelled(row: pd.Series) -> str:
    """The days of a row of the ledger, in words."""
    return spelled_days(row.first_day, row.last_day)


def spelled_days(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """A period in words: 2022, January 2022, 15-21 January 2022, or from day to day."""
    ends = last + pd.Timedelta(days=1)
    if first.day == 1 and ends.day == 1:
        if first.month == 1 and ends.month == 1 and first.year == last.year:
            return f"{first:%Y}"
        if (first.year, first.month) == (last.year, last.month):
            return f"{first:%B %Y}"
        return f"{first:%B %Y} to {last:%B %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}-{last.day} {last:%B %Y}" if first != last else f"{last.day} {last:%B %Y}"
    return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"


def listed(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the ledger as a reader wants them."""
    return pd.DataFrame(
        {
            "days": [spelled(row) for _, row in rows.iterrows()],
            "place": rows.place,
            "figure": [cited(row.value, row.id, row.per) for row in rows.itertuples()],
            "of what": rows.who + ": " + rows.what,
            "publisher": rows.publisher,
        }
    ).set_index("days")


def joined(names: Sequence[str]) -> str:
    """Names as a sentence lists them: a, b and c."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + f" and {names[-1]}"
