"""Loads the counts of a study: available releases, the release used for each month, excluded rows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from provrisk import months, notebook
from provrisk.errors import ProvriskError
from provrisk.events.counting import bundled
from provrisk.events.counting import counts as tables
from provrisk.events.counting.combine import ReadRelease, combined, in_force, newest
from provrisk.events.gazetteer import Gazetteer
from provrisk.events.lost_rows import LostRows
from provrisk.events.releases.release_store import Release, Store, in_order
from provrisk.events.sources.parsed_rows import CountRules
from provrisk.events.sources.source import Source, more_of_it
from provrisk.events.sources.user_file import UserFile
from provrisk.study import Study
from provrisk.study.countries import alpha3


@dataclass(frozen=True)
class LoadedCounts:
    """Counts with their sources and remarks.

    ``set_aside`` and ``remarks``: rows by reason. ``provisional``: the months that may still change.
    ``releases``: those that the counts were made from, oldest first (none for a file, or the bundled figures alone).
    ``losses``: rows that could not be read, by file or release.
    """

    counts: pd.DataFrame
    source: str
    set_aside: pd.Series
    remarks: Mapping[str, int] = field(default_factory=dict)
    provisional: pd.DatetimeIndex = field(default_factory=lambda: pd.DatetimeIndex([]))
    releases: tuple[Release, ...] = ()
    of: Source | None = None
    losses: Mapping[str, LostRows] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Figures({self.source!r}: {self._said()})"

    def _repr_html_(self) -> str:
        aside = {f"excluded: {why}": f"{number:,}" for why, number in self.set_aside.items()}
        remarks = {f"counted, please check: {what}": f"{number:,}" for what, number in self.remarks.items()}
        return notebook.facts(self.source, {"counted": self._said(), **aside, **remarks})

    def _said(self) -> str:
        month = self.counts.month
        span = f"{months.label(month.min())} to {months.label(month.max())}"
        return f"{tables.total(self.counts)}, {span}, {self.counts.province.nunique()} provinces"

    @property
    def shareable(self) -> bool:
        """Whether figures made from the source may be shared."""
        return self.of is None or self.of.shareable

    def cited(self, study: Study) -> Study:
        """``study`` with the source of these counts instead of the bundled one, for correct citation."""
        known = study.file.source
        if self.of is None:
            return study
        if self.of.name == known.name:
            release = self.source.removeprefix(known.name).strip()
            return replace(
                study, file=study.file.model_copy(update={"source": known.model_copy(update={"release": release})})
            )
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
        """The remarks on the counts, as in JSON."""
        return {
            "set_aside": {str(why): int(number) for why, number in self.set_aside.items()},
            "remarks": dict(self.remarks),
            "provisional": [months.label(month) for month in self.provisional],
            "releases": [release.label for release in self.releases],
        }

    def missing(self) -> pd.DatetimeIndex:
        """The months between the first and the last observed one that no release covers in any province."""
        seen = self.counts.groupby("month")["observed"].any()
        inside = seen[seen.idxmax() : seen.index[seen][-1]] if seen.any() else seen
        return pd.DatetimeIndex(inside.index[~inside])

    def would_state(self, gap: pd.DatetimeIndex) -> str:
        """The release of the source that would cover the months ``gap``."""
        return self.of.would_state(gap) if self.of else more_of_it(gap)


def count_rules(study: Study, source: Source) -> CountRules:
    """The request of ``study`` to ``source``; raises ``ProvriskError`` if it names no actor there."""
    actors = study.file.actor.get(source.key, ())
    if not actors:
        example = f", such as {source.example}" if source.example else ""
        raise ProvriskError(
            f"{study.folder / 'study.toml'}: [actor] has none for {source.name}; add {source.key} = [...]{example}."
        )
    places = Gazetteer(study.provinces, study.boundaries)
    return CountRules(actors, study.file.country, places, study.file.rules, _iso3(study))


def _iso3(study: Study) -> str | None:
    """The ISO 3166-1 code of the study's country: that of its provinces' codes, else of its name."""
    prefixes = study.provinces.iso[study.provinces.iso.str.match(r"[A-Z]{2}-")].str.slice(0, 2).unique()
    return alpha3(prefixes[0]) if len(prefixes) == 1 else alpha3(study.file.country)


def load_counts(
    study: Study,
    events: UserFile | Path | None = None,
    as_of: pd.Timestamp | None = None,
) -> LoadedCounts:
    """The counts of ``study``, from the file ``events``, or else the bundled figures and the releases on top of them.

    ``as_of`` leaves out every release that became available later. Raises ``ProvriskError`` if there is
    nothing to count.
    """
    if events is not None:
        if as_of is not None:
            raise ProvriskError("A single file has no history: leave out --as-of, or add the file to the store.")
        return from_parts(study, [read_file(study, events)])
    store = Store(study.project.releases)
    return from_releases(study, store, counted_releases(study, as_of))


def counted_releases(study: Study, as_of: pd.Timestamp | None = None) -> list[Release]:
    """The releases of the source that ``study`` counts, with the bundled counts, in order of publication.

    With ``as_of`` those published by that day; counts without a day of publication are left out. Raises
    ``ProvriskError`` if there is none.
    """
    held = Store(study.project.releases).releases()
    base = bundled.release(study, held)
    key = source_key(study, held, base)
    found = in_order([one for one in (base, *held) if one.source == key])
    if as_of is None:
        return found
    out = [one for one in found if one.dated and one.available <= as_of]
    if not out and base in found and not base.dated:
        raise ProvriskError(
            f"{study.folder / 'study.toml'}, [source], gives no day of publication of the counts: add published = "
            "YYYY-MM-DD there, for --as-of."
        )
    if not out:
        first = min((one for one in found if one.dated), key=lambda one: one.available)
        raise ProvriskError(f"No release was published by {as_of:%Y-%m-%d}: the first, {first.label}, is of "
                            f"{first.available:%Y-%m-%d}.")  # fmt: skip
    return out


def all_releases(study: Study, as_of: pd.Timestamp | None = None) -> list[Release]:
    """The bundled figures of ``study`` and every release of the store, whatever its source, in order of publication."""
    stored = Store(study.project.releases).releases()
    every = in_order([bundled.release(study, stored), *stored])
    return [one for one in every if as_of is None or (one.dated and one.available <= as_of)]


def from_releases(study: Study, store: Store, releases: list[Release]) -> LoadedCounts:
    """The counts of ``study`` from ``releases`` of one source, in order of publication."""
    final_wins = study.file.rules.overlap == "final wins"
    ordered = sorted(releases, key=lambda one: one.final) if final_wins else releases
    if len(releases) == 1 and releases[0].bundled:
        table = tables.read_csv(study.bundled_counts, study)
        none = pd.Series(dtype="int64")
        return LoadedCounts(table, str(study.file.source), none, provisional=newest(table, study))
    parts = {one.digest: read_release(study, store, one) for one in ordered}
    # An edition of another country has no data on this one.
    of_here = [one for one in ordered if len(parts[one.digest].states)] or ordered
    return from_parts(study, [parts[one.digest] for one in of_here], tuple(one for one in releases if one in of_here))


def checked(study: Study, events: UserFile | Path | None = None) -> tuple[list[ReadRelease], list[str]]:
    """The file ``events``, or every release of the store, read one by one; and those without an actor in the study."""
    if events is not None:
        return [read_file(study, events)], []
    store = Store(study.project.releases)
    held = store.releases()
    asked = [one for one in held if one.source in study.file.actor]
    return [read_release(study, store, one) for one in asked], [
        one.label for one in held if one.source not in study.file.actor
    ]


def read_release(study: Study, store: Store, release: Release) -> ReadRelease:
    """A release of the store, or the bundled figures, read for ``study``."""
    source = release.of
    if release.bundled:
        return ReadRelease(release.label, source, bundled.reading(study, release), release.final)
    reading = source.read(store.table(release), release.version, release.covered, count_rules(study, source))
    return ReadRelease(release.label, source, reading, release.final, table=partial(store.table, release))


def read_file(study: Study, events: UserFile | Path) -> ReadRelease:
    """A single file, read for ``study``; a path has no statements."""
    given = UserFile.of(events)
    raw, source, edition = given.opened()
    reading = source.read(raw.table, edition.version, edition.covered, count_rules(study, source))
    return ReadRelease(
        f"{source.name} {edition.version}", source, reading, edition.final, edition.note, lambda: raw.table
    )


def source_key(study: Study, held: list[Release], base: Release) -> str:
    """The source that ``study`` counts: that of its bundled counts ``base``, unless the store has only another."""
    keys = sorted({one.source for one in held})
    wanted = study.file.rules.count
    if wanted is None and len(keys) > 1:
        raise ProvriskError(
            f"The store has several sources ({', '.join(keys)}), which are never added: name one in "
            f"{study.folder / 'study.toml'}, [rules] count."
        )
    if wanted is not None and wanted not in (*keys, base.source):
        raise ProvriskError(
            f"{study.folder / 'study.toml'}: [rules] count is {wanted!r}; the store has {', '.join(keys) or 'nothing'}."
        )
    return wanted or (keys[0] if keys else base.source)


def from_parts(study: Study, parts: list[ReadRelease], releases: tuple[Release, ...] = ()) -> LoadedCounts:
    """The counts of ``parts``, with remarks."""
    table, aside = combined(study, parts)
    remarks: Counter[str] = Counter()
    for part in parts:
        remarks.update(part.reading.remarks)
    return LoadedCounts(
        table, _label(parts, releases), aside, dict(remarks), newest(table, study, parts), releases, parts[-1].source,
        {part.label: part.reading.loss for part in in_force(parts)},
    )  # fmt: skip


def _label(parts: list[ReadRelease], releases: tuple[Release, ...]) -> str:
    if len(parts) == 1:
        return parts[0].label
    return f"{releases[-1].label} and {len(parts) - 1} earlier releases"
