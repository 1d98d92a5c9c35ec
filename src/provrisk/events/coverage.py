"""The months that a file covers, and months not covered because their rows were lost."""

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError

FAR_DAYS, FAR_TIMES = 92, 3
"""A date is far off if it is three months or more from all others, and three times their longest gap."""
RECENT_DAYS, FEWEST = 730, 6
"""Recent: in the last two years; fewer than six days with a row are too few."""


def spanned(days: pd.Series, today: pd.Timestamp | None = None) -> pd.DatetimeIndex:
    """The months from the first to the last of ``days`` (of any actor; NaT where not readable).

    Without a single date far off from all others, and without months not over ``today``.
    """
    found = together(days)
    if found.empty:
        return pd.DatetimeIndex([])
    today = pd.Timestamp.now() if today is None else today
    over = months.shift(first_of(today), -1)
    return months.span(first_of(found.iloc[0]), min(first_of(found.iloc[-1]), over))


def together(days: pd.Series) -> pd.Series:
    """The distinct ``days``, sorted, without single dates far off from all others at either end."""
    found = pd.Series(days.dropna().dt.normalize().unique()).sort_values(ignore_index=True)
    lone = max(1, len(found) // 100)
    while len(found) > FEWEST:
        gaps = found.diff().dt.days.to_numpy()[1:]
        for number in range(1, lone + 1):
            if gaps[-number] > max(FAR_DAYS, FAR_TIMES * gaps[:-number].max()):
                found = found.iloc[:-number]
                break
            if gaps[number - 1] > max(FAR_DAYS, FAR_TIMES * gaps[number:].max()):
                found = found.iloc[number:]
                break
        else:
            return found
        if len(found) <= FEWEST:
            return found
    return found


def ends_early(days: pd.Series, last: pd.Timestamp, silent_days: int) -> bool:
    """Whether data with ``days`` have no row before ``last``, for more than ``silent_days``
    and for three times their longest recent gap."""
    found = together(days)
    recent = found[found > found.iloc[-1] - pd.Timedelta(days=RECENT_DAYS)] if len(found) else found
    if len(recent) < FEWEST:
        return False
    silence = (last - recent.iloc[-1]).days
    return bool(silence > max(silent_days, FAR_TIMES * recent.diff().dt.days.max()))


def stated(text: str, what: str = "--covers") -> pd.DatetimeIndex:
    """The months stated as ``YYYY-MM:YYYY-MM`` (or one month); ``what`` names their place in messages."""
    first, _, last = text.partition(":")
    span = months.span(months.parse(first), months.parse(last or first))
    if span.empty:
        raise ProvriskError(f"{what} {text!r} ends before it begins: write it as 2016-01:2016-12.")
    return span


def first_of(day: pd.Timestamp) -> pd.Timestamp:
    """The month of ``day``."""
    return day.normalize().replace(day=1)


def in_words(covered: pd.DatetimeIndex) -> str:
    """The months in words, runs of them as ``2016-01 to 2019-12``."""
    if covered.empty:
        return "no month"
    run = months.run(covered)
    ends = [(covered[run == number][0], covered[run == number][-1]) for number in range(run[-1] + 1)]
    said = [months.label(a) if a == b else f"{months.label(a)} to {months.label(b)}" for a, b in ends]
    return ", ".join(said if len(said) <= 4 else [*said[:2], "...", said[-1]])
