"""Names of columns in a forecaster's table, and quantile levels in names."""

import re
from collections.abc import Iterable, Mapping

PREFIX = r"(?:q|p|quantile|percentile|pctl|perc)[ _.-]?"
DIGITS = re.compile(rf"{PREFIX}(\d{{1,3}})", re.IGNORECASE)
DECIMAL = re.compile(rf"(?:{PREFIX})?(\d*\.\d+)", re.IGNORECASE)
PERCENT = re.compile(rf"(?:{PREFIX})?(\d+(?:\.\d+)?) ?%", re.IGNORECASE)
END = re.compile(r"(low|lower|lo|lwr|high|upper|hi|upr)(?:[ _-]?bound)?[ _-]?(\d{2})?", re.IGNORECASE)


def level(name: str) -> float | None:
    """The level between 0 and 1 in a name such as 0.05, q05, q0.05, q2.5, p50 or 5%; None if there is none."""
    text = name.strip()
    if found := PERCENT.fullmatch(text):
        told = float(found[1]) / 100
    elif found := DECIMAL.fullmatch(text):
        number = float(found[1])
        told = number if number < 1 else number / 100
    elif (found := DIGITS.fullmatch(text)) and found[1] != "100":
        told = int(found[1]) / (1000 if len(found[1]) == 3 else 100)  # q975 and q025, q05 and q5
    else:
        return None
    return round(told, 6) if 0 < told < 1 else None


def end(name: str, interval: int) -> float | None:
    """The level of a bound of an interval: low or upper of the stated ``interval`` (per cent), lower_95 of its own."""
    found = END.fullmatch(name.strip())
    if not found:
        return None
    tail = (100 - int(found[2] or interval)) / 200
    return round(tail if found[1].casefold().startswith("l") else 1 - tail, 6) if 0 < tail < 0.5 else None


def renamed(columns: Iterable[str], aliases: Mapping[str, str]) -> dict[str, str]:
    """Our name for each of ``columns``: in lower case, and by ``aliases`` unless that name is itself present."""
    bare = {column: column.strip().casefold() for column in columns}
    taken, names = set(bare.values()), {}
    for column, name in bare.items():
        ours = aliases.get(name, name)
        names[column] = name if ours in taken and ours != name else ours
        taken.add(names[column])
    return names
