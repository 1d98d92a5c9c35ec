"""Combines files and releases of one source into one table of counts: which one is used for each month."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError, StopError
from provrisk.events import coverage
from provrisk.events.counting import counts as tables
from provrisk.events.sources.parsed_rows import ParsedRows
from provrisk.events.sources.source import Source
from provrisk.events.sources.vocabulary import ATTACK_TYPES, TARGET_TYPES
from provrisk.study import Study


@dataclass(frozen=True)
class ReadRelease:
    """One file or release, in order of precedence: the last one has priority.

    ``table`` reads its rows again, for whoever asks for the excluded ones: they are too large to be kept.
    """

    label: str
    source: Source
    reading: ParsedRows
    final: bool
    note: str = ""
    table: Callable[[], pd.DataFrame] = pd.DataFrame

    def set_aside(self) -> pd.DataFrame:
        """The excluded rows: row number, reason, original values."""
        aside = self.reading.set_aside.set_axis(self.reading.why.index)
        return pd.concat([aside, self.source.rows(self.table()).loc[aside.index]], axis=1) if len(aside) else aside

    @property
    def states(self) -> pd.DatetimeIndex:
        """The months that it covers, and those of which every row was lost."""
        return self.reading.covered.union(self.reading.loss.months)

    def account(self) -> dict[str, Any]:
        """Rows read, counted and excluded with reasons, remarks on counted rows, months covered."""
        return {
            "file": self.label,
            "rows": self.reading.rows,
            "counted": self.reading.counted,
            "set_aside": self.reading.rows - self.reading.counted,
            "reasons": {str(why): int(number) for why, number in self.reading.reasons().items()},
            "remarks": dict(self.reading.remarks),
            "covers": coverage.in_words(self.reading.covered),
            "note": self.note,
        }


def combined(study: Study, parts: list[ReadRelease]) -> tuple[pd.DataFrame, pd.Series]:
    """Counts of ``parts``, in order of precedence, and the number of excluded rows for each reason.

    For a month the last part that covers it is used. Raises ``ProvriskError`` if nothing is left to count.
    """
    aside: Counter[str] = Counter()
    for part in parts:
        aside.update(part.reading.reasons().to_dict())
    start = months.parse(study.file.first_month)
    word: dict[pd.Timestamp, ReadRelease] = {}
    for part in parts:
        word |= dict.fromkeys(part.reading.covered[part.reading.covered >= start], part)
    if not word:
        raise _nothing(study, parts, aside)
    covered = pd.DatetimeIndex(sorted(word))
    of_events = pd.DatetimeIndex([month for month in covered if word[month].reading.totals is None])
    table = _of_totals(study, parts, covered.difference(of_events), covered)
    if len(of_events):
        counted = _of_events(study, parts, of_events, covered, aside)
        table = counted if len(of_events) == len(covered) else _joined(counted, table, of_events)
    if not table.observed.any() or (len(parts) == 1 and not parts[0].reading.counted):
        raise _nothing(study, parts, aside)
    return table, pd.Series({why: number for why, number in aside.most_common() if number}, dtype="int64")


def in_force(parts: list[ReadRelease]) -> list[ReadRelease]:
    """The parts still in use: each is the last one that covers some month."""
    last = {month: number for number, part in enumerate(parts) for month in part.states}
    return [part for number, part in enumerate(parts) if number in last.values() and part.reading.loss.of]


def newest(table: pd.DataFrame, study: Study, parts: list[ReadRelease] | None = None) -> pd.DatetimeIndex:
    """The months that may still change: the newest ones, by the study's rules, that no final release covers."""
    observed = pd.DatetimeIndex(table.month[table.observed].unique()).sort_values()
    number = study.file.rules.provisional_months
    last = observed[len(observed) - min(number, len(observed)) :]
    settled = set().union(*(part.reading.covered for part in parts or () if part.final))
    return last[~last.isin(list(settled))]


def _nothing(study: Study, parts: list[ReadRelease], aside: Counter[str]) -> ProvriskError:
    """The error for files with nothing to count: why their rows are not counted, and what to check."""
    part = parts[-1]
    loss = part.reading.loss
    if loss.level == "stop":
        return StopError(f"{part.label}: {loss}.")
    start = months.parse(study.file.first_month)
    if not loss.of and aside.get("other country", 0):
        return ProvriskError(
            f"{part.label} has no row of {study.file.country}: use the country's own file, or the global one."
        )
    if len(part.reading.covered) and part.reading.covered[-1] < start:
        return ProvriskError(f"{part.label} covers no month from {months.label(start)} on, the start of the study.")
    said = "; ".join(f"{number:,} {why}" for why, number in aside.most_common(4) if number) or "the file has no row"
    actors = ", ".join(study.file.actor.get(part.source.key, ()))
    blame = "" if loss.of else f" No row is of {actors}: check [actor] in study.toml."
    return ProvriskError(f"{part.label} has nothing to count: {said}.{blame}")


def _of_events(
    study: Study, parts: list[ReadRelease], of_events: pd.DatetimeIndex, covered: pd.DatetimeIndex, aside: Counter[str]
) -> pd.DataFrame:
    """Counts of the events in the months ``of_events``, which are covered by events; all others are missing."""
    events = _wanted(_merged(parts, aside), study, parts[-1].source, aside)
    month, start = months.floor(events.date), months.parse(study.file.first_month)
    early = month < start
    figured = month.isin(covered) & ~month.isin(of_events)
    stray = ~early & ~month.isin(covered)
    aside["before the study's first month"] += int(early.sum())
    aside["in a month covered by monthly totals"] += int(figured.sum())
    aside["in a month that no file covers"] += int(stray.sum())
    events = events[month.isin(of_events)]
    spread = study.file.rules.spanning == "spread"
    counted = tables.count(events, study.provinces.index, of_events[0], of_events[-1], spread)
    return tables.only_observed(counted, of_events)


def _of_totals(
    study: Study, parts: list[ReadRelease], of_totals: pd.DatetimeIndex, covered: pd.DatetimeIndex
) -> pd.DataFrame:
    """Totals as counts: for a month and province the last part's figure; missing if none has it."""
    found = [part.reading.totals for part in parts if part.reading.totals is not None]
    table = pd.concat(found or [pd.DataFrame({"month": [], "province": []})])
    table = table.drop_duplicates(["month", "province"], keep="last")
    table = table[table.month.isin(of_totals)]
    if table.empty:
        return table.assign(observed=False)
    cells = pd.MultiIndex.from_product(
        [months.span(table.month.min(), table.month.max()), study.provinces.index], names=["month", "province"]
    )
    measures = list(table.columns.difference(["month", "province"], sort=False))
    counts = table.set_index(["month", "province"])[measures].reindex(cells).reset_index()
    target = study.file.target.column
    return counts.assign(observed=counts[target].notna() if target in counts else False)


def _joined(counted: pd.DataFrame, figures: pd.DataFrame, of_events: pd.DatetimeIndex) -> pd.DataFrame:
    """One table of both: the months ``of_events`` from the counts of events, all others from monthly figures."""
    both = pd.concat([figures[~figures.month.isin(of_events)], counted[counted.month.isin(of_events)]])
    both = both.set_index(["month", "province"])
    cells = pd.MultiIndex.from_product(
        [
            months.span(both.index.levels[0].min(), both.index.levels[0].max()),
            counted.province.unique(),
        ],
        names=["month", "province"],
    )
    both = both.reindex(cells).reset_index()
    return both.assign(observed=both.observed.eq(True))


def _merged(parts: list[ReadRelease], aside: Counter[str]) -> pd.DataFrame:
    """The valid events: for an identifier the last row, for a month the rows since the last release that covers it."""
    if len(parts) == 1:
        return parts[0].reading.events
    found = [(number, part.reading.events) for number, part in enumerate(parts) if part.reading.totals is None]
    some = [(number, events) for number, events in found if len(events)] or found[:1]
    events = pd.concat([events.assign(part=number) for number, events in some], ignore_index=True)
    stated: dict[pd.Timestamp, int] = {}
    for number, part in enumerate(parts):
        stated |= dict.fromkeys(part.reading.covered, number)
    revised = events.event_id.duplicated(keep="last")
    superseded = ~revised & (events.part < months.floor(events.date).map(stated).fillna(-1))
    aside["revised in a later release"] += int(revised.sum())
    aside["no longer in a later release of its month"] += int(superseded.sum())
    return events[~revised & ~superseded].drop(columns="part").reset_index(drop=True)


def _wanted(events: pd.DataFrame, study: Study, source: Source, aside: Counter[str]) -> pd.DataFrame:
    """The events of the types that the study counts."""
    rules = study.file.rules
    for column, types, words in (
        ("attack_type", rules.attack_types, ATTACK_TYPES),
        ("target_type", rules.target_types, TARGET_TYPES),
    ):
        if not types:
            continue
        if unknown := [one for one in types if one not in words]:
            raise ProvriskError(f"[rules] {column}s: {unknown[0]!r} is not one of {', '.join(words)}.")
        if column not in source.says:
            raise ProvriskError(f"{source.name} does not give the {column.replace('_', ' ')} of an event: count all.")
        said = events[column]
        aside[f"{column.replace('_', ' ')} not given"] += int(said.isna().sum())
        aside[f"other {column.replace('_', ' ')}"] += int((said.notna() & ~said.isin(types)).sum())
        events = events[said.isin(types)]
    return events
