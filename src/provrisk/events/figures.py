"""The door to the counts: which releases were out, which of them states a month, and what was set aside."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from provrisk import months, notebook
from provrisk.errors import ProvriskError
from provrisk.events import counts as tables
from provrisk.events import mapped, sources
from provrisk.events.places import Gazetteer
from provrisk.events.raw import open_file
from provrisk.events.reading import Question, Reading
from provrisk.events.releases import Release, Store
from provrisk.events.source import Source
from provrisk.events.vocabulary import ATTACK_TYPES, TARGET_TYPES
from provrisk.study import Project, Study


@dataclass(frozen=True)
class Figures:
    """Counts and what must be said with them.

    ``set_aside`` and ``remarks``: rows by reason. ``provisional``: the months that may still change.
    ``releases``: those that the counts were made from, oldest first (none for the bundled figures).
    """

    counts: pd.DataFrame
    source: str
    set_aside: pd.Series
    remarks: Mapping[str, int] = field(default_factory=dict)
    provisional: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([]))
    releases: tuple[Release, ...] = ()
    of: Source | None = None

    def __repr__(self) -> str:
        return f"Figures({self.source!r}: {self._said()})"

    def _repr_html_(self) -> str:
        aside = {f"set aside: {why}": f"{number:,}" for why, number in self.set_aside.items()}
        remarks = {f"counted, but look: {what}": f"{number:,}" for what, number in self.remarks.items()}
        return notebook.facts(self.source, {"counted": self._said(), **aside, **remarks})

    def _said(self) -> str:
        month = self.counts.month
        span = f"{months.label(month.min())} to {months.label(month.max())}"
        return f"{tables.total(self.counts)}, {span}, {self.counts.province.nunique()} provinces"

    @property
    def shareable(self) -> bool:
        """Whether figures made from the source may be passed on."""
        return self.of is None or self.of.shareable

    def cited(self, study: Study) -> Study:
        """``study`` with the source of these figures in place of the bundled one's, so that nothing is miscited."""
        known = study.file.source
        if self.of is None or self.of.name == known.name:
            return study
        source = known.model_copy(
            update={
                "name": self.of.name,
                "release": self.source.removeprefix(self.of.name).strip(),
                "licence": self.of.licence,
                "citation": self.of.citation,
                "url": self.of.url,
            }
        )
        return replace(study, file=study.file.model_copy(update={"source": source}))

    def account(self) -> dict[str, Any]:
        """What must be said with the counts, as JSON holds it."""
        return {
            "set_aside": {str(why): int(number) for why, number in self.set_aside.items()},
            "remarks": dict(self.remarks),
            "provisional": [months.label(month) for month in self.provisional],
            "releases": [release.label for release in self.releases],
        }


@dataclass(frozen=True)
class Part:
    """One file or release on its way to the counts, in order of precedence: the last one wins."""

    label: str
    source: Source
    reading: Reading
    final: bool

    def account(self) -> dict[str, Any]:
        """Rows read, counted and set aside, with the reasons, and remarks on rows that were counted."""
        return {
            "file": self.label,
            "rows": self.reading.rows,
            "counted": self.reading.counted,
            "set_aside": len(self.reading.set_aside),
            "reasons": {str(why): int(number) for why, number in self.reading.reasons().items()},
            "remarks": dict(self.reading.remarks),
        }


def question(study: Study, source: Source) -> Question:
    """What ``study`` asks of ``source``; raises ``ProvriskError`` if it names no actor there."""
    actors = study.file.actor.get(source.key, ())
    if not actors:
        raise ProvriskError(
            f"{study.folder / 'study.toml'}: [actor] names nobody for {source.name}; add {source.key} = [...]."
        )
    return Question(actors, study.file.country, Gazetteer(study.provinces, study.boundaries), study.file.rules)


def load_counts(
    project: Project,
    study: Study,
    events: Path | None = None,
    as_of: pd.Timestamp | None = None,
    mapping: Path | None = None,
) -> Figures:
    """The counts of ``study``, from the file ``events``, or the store, or else the bundled figures.

    ``as_of`` leaves out every release that became available later. Raises ``ProvriskError`` if there is
    nothing to count.
    """
    if events is not None:
        if as_of is not None:
            raise ProvriskError("A single file has no history: leave out --as-of, or add the file to the store.")
        return _combined(study, [read_file(study, events, mapping)])
    store = Store(project.releases)
    held = store.releases()
    if not held:
        if as_of is not None:
            raise ProvriskError("The store holds no release, so that nothing is known by date: 'provrisk data add'.")
        bundled = tables.read_csv(study.bundled_counts, study)
        return Figures(bundled, str(study.file.source), pd.Series(dtype="int64"), provisional=_newest(bundled, study))
    key = source_key(study, held)
    out = store.releases(key, as_of)
    if not out:
        first = store.releases(key)[0]
        raise ProvriskError(f"No release was out on {as_of:%Y-%m-%d}: the first, {first.label}, is of "
                            f"{first.available:%Y-%m-%d}.")  # fmt: skip
    return from_releases(study, store, out)


def from_releases(study: Study, store: Store, releases: list[Release]) -> Figures:
    """The counts of ``study`` from ``releases`` of one source."""
    final_wins = study.file.rules.overlap == "final wins"
    ordered = sorted(releases, key=lambda one: one.final) if final_wins else releases
    return _combined(study, [read_release(study, store, one) for one in ordered], tuple(releases))


def checked(
    project: Project, study: Study, events: Path | None = None, mapping: Path | None = None
) -> tuple[list[Part], list[str]]:
    """The file ``events``, or every release of the store, read one by one; and those not asked for."""
    if events is not None:
        return [read_file(study, events, mapping)], []
    store = Store(project.releases)
    held = store.releases()
    if not held:
        raise ProvriskError("The store holds no release to check: name a file, or 'provrisk data add FILE' first.")
    asked = [one for one in held if one.source in study.file.actor]
    return [read_release(study, store, one) for one in asked], [
        one.label for one in held if one.source not in study.file.actor
    ]


def read_release(study: Study, store: Store, release: Release) -> Part:
    """A release of the store, read for ``study``."""
    source = release.of
    reading = source.read(store.table(release), release.version, release.covered, question(study, source))
    return Part(release.label, source, reading, release.final)


def read_file(study: Study, path: Path, mapping: Path | None = None) -> Part:
    """A single file, read for ``study``."""
    raw, source = sources.recognise(open_file(path), mapped.read_mapping(mapping) if mapping else None)
    edition = source.edition(raw)
    reading = source.read(raw.table, edition.version, edition.covered, question(study, source))
    return Part(f"{source.name} {edition.version}", source, reading, edition.final)


def source_key(study: Study, held: list[Release]) -> str:
    """The source that ``study`` counts among those of the releases ``held``."""
    keys = sorted({one.source for one in held})
    wanted = study.file.rules.count
    if wanted is None and len(keys) > 1:
        raise ProvriskError(
            f"The store holds several sources ({', '.join(keys)}), which are never added up: name one in "
            f"{study.folder / 'study.toml'}, [rules] count."
        )
    if wanted is not None and wanted not in keys:
        raise ProvriskError(
            f"{study.folder / 'study.toml'}: [rules] count is {wanted!r}; the store has {', '.join(keys)}."
        )
    return wanted or keys[0]


def _combined(study: Study, parts: list[Part], releases: tuple[Release, ...] = ()) -> Figures:
    source = parts[0].source
    aside: Counter[str] = Counter()
    remarks: Counter[str] = Counter()
    for part in parts:
        aside.update(part.reading.reasons().to_dict())
        remarks.update(part.reading.remarks)
    covered = pd.DatetimeIndex(sorted(set().union(*(part.reading.covered for part in parts))))
    start = months.parse(study.file.first_month)
    if covered.empty or covered[-1] < start:
        raise ProvriskError(f"{parts[-1].label} covers no month from {months.label(start)} on, where the study begins.")
    if any(part.reading.totals is not None for part in parts):
        table = _totals(study, parts)
    else:
        events = _wanted(_merged(parts, aside), study, source, aside)
        month = months.floor(events.date)
        early, stray = month < start, (month >= start) & ~month.isin(covered)
        aside["before the study's first month"] += int(early.sum())
        aside["in a month that no file covers"] += int(stray.sum())
        events = events[~early & ~stray]
        if events.empty:
            actors = ", ".join(study.file.actor[source.key])
            raise ProvriskError(f"{parts[-1].label} holds no event of the actor {actors}: check [actor] in study.toml.")
        first, last = max(start, covered[0]), covered[-1]
        spread = study.file.rules.spanning == "spread"
        table = tables.only_observed(tables.count(events, study.provinces.index, first, last, spread), covered)
    reasons = pd.Series({why: number for why, number in aside.most_common() if number}, dtype="int64")
    return Figures(
        table, _label(parts, releases), reasons, dict(remarks), _newest(table, study, parts), releases,
        source,
    )  # fmt: skip


def _merged(parts: list[Part], aside: Counter[str]) -> pd.DataFrame:
    """The events that stand: of an identifier the last row, of a month the rows since its last full statement."""
    if len(parts) == 1:
        return parts[0].reading.events
    events = pd.concat(
        [part.reading.events.assign(part=number) for number, part in enumerate(parts)], ignore_index=True
    )
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
            raise ProvriskError(f"[rules] {column}s: {unknown[0]!r} is none of {', '.join(words)}.")
        if column not in source.says:
            raise ProvriskError(f"{source.name} does not say the {column.replace('_', ' ')} of an event: count all.")
        said = events[column]
        aside[f"{column.replace('_', ' ')} not given"] += int(said.isna().sum())
        aside[f"other {column.replace('_', ' ')}"] += int((said.notna() & ~said.isin(types)).sum())
        events = events[said.isin(types)]
    return events


def _totals(study: Study, parts: list[Part]) -> pd.DataFrame:
    """Totals as counts: of a month and province the last part's figure; what none states is missing."""
    found = [part.reading.totals for part in parts if part.reading.totals is not None]
    table = pd.concat(found).drop_duplicates(["month", "province"], keep="last")
    table = table[table.month >= months.parse(study.file.first_month)]
    if table.empty:
        raise ProvriskError(f"{parts[-1].label} holds no figure that the study can count: check [actor] in study.toml.")
    cells = pd.MultiIndex.from_product(
        [months.span(table.month.min(), table.month.max()), study.provinces.index], names=["month", "province"]
    )
    measures = [name for name in tables.MEASURES if name in table]
    counts = table.set_index(["month", "province"])[measures].reindex(cells).reset_index()
    return counts.assign(observed=counts[study.file.target.column].notna())


def _newest(table: pd.DataFrame, study: Study, parts: list[Part] | None = None) -> pd.DatetimeIndex:
    """The months that may still change: the newest ones, as the study says, that no final release states."""
    observed = pd.DatetimeIndex(table.month[table.observed].unique()).sort_values()
    number = study.file.rules.provisional_months
    newest = observed[len(observed) - min(number, len(observed)) :]
    settled = set().union(*(part.reading.covered for part in parts or () if part.final))
    return newest[~newest.isin(list(settled))]


def _label(parts: list[Part], releases: tuple[Release, ...]) -> str:
    if len(parts) == 1:
        return parts[0].label
    return f"{parts[0].source.name} {releases[-1].version} and {len(parts) - 1} earlier releases"
