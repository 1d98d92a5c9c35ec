"""The first row of a table: the headings, below title lines if there are any."""

import re
from collections import Counter
from collections.abc import Sequence

LOOKED_AT = 60
"""Rows at the top of a table in which the header is searched."""
FILLED = 0.6
"""A header has at least this share of the cells of most rows filled; a title line has one or two."""


def header_row(rows: Sequence[Sequence[str]]) -> int:
    """The number of the row of headings, among the first ``rows`` of a table that are not empty.

    >>> header_row([["Attacks in all provinces"], ["month", "place", "n"], ["2020-01", "Hügel", "3"]])
    1
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:LOOKED_AT]]
    if not filled:
        return 0
    # The width of the body: the most frequent one among rows that are not titles, the wider where several are.
    counts = Counter(one for one in filled if one > 1)
    if not counts:
        return 0
    often = max(counts.values())
    width = max(one for one, number in counts.items() if number * 2 >= often)
    wide = [number for number, one in enumerate(filled) if one >= max(2, FILLED * width)]
    # A row that begins with a number or a day is one of the body.
    return next(
        (number for number in wide if not re.match(r"[-+]?\d", next(filter(str.strip, rows[number])).strip())), 0
    )


def unique(names: Sequence[str]) -> list[str]:
    """Headings; duplicates are numbered as in a CSV file, empty ones are named by their number."""
    seen: dict[str, int] = {}
    out = []
    for number, name in enumerate(names):
        name = name.strip() or f"Unnamed: {number}"
        seen[name] = seen.get(name, -1) + 1
        out.append(f"{name}.{seen[name]}" if seen[name] else name)
    return out
