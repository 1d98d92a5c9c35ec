"""Any CSV, read through a mapping file: logs of events, or monthly totals."""

from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field, model_validator

from provrisk.errors import ProvriskError
from provrisk.events import coverage, lost_rows
from provrisk.events.formats.raw_file import RawFile
from provrisk.events.sources import monthly_totals, parsed_rows, wide_table
from provrisk.events.sources.parsed_rows import CountRules, ParsedRows, RowFilter
from provrisk.events.sources.source import Edition, Layout, Source
from provrisk.events.sources.vocabulary import ATTACK_TYPES, TARGET_TYPES, VIOLENCE_TYPES
from provrisk.study.project_files import read_toml
from provrisk.study.schema import UserFile

EVENT = {
    "date", "date_end", "province", "event_id", "actor", "latitude", "longitude", "date_precision", "place_precision",
    "violence_type", "attack_type", "target_type", "deaths_best", "deaths_low", "deaths_high", "deaths_civilians",
}  # fmt: skip
TOTAL = {"month", "province", "attacks", "deaths", "deaths_civilians", "events_10_deaths"}
Measure = Literal["attacks", "deaths", "deaths_civilians", "events_10_deaths"]
WORDS = {"violence_type": VIOLENCE_TYPES, "attack_type": ATTACK_TYPES, "target_type": TARGET_TYPES}


class Mapping(UserFile):
    """A mapping file: the meaning of the columns of a CSV (``columns``: our name = theirs).

    A table with a ``month`` and a measure has totals, one with a ``date`` has events. A ``wide`` table has a
    column for each province with the measure named by ``wide``; ``columns`` then only names the month. ``words``
    translates the values of a type column; ``key`` names the source in ``[actor]`` of a study; ``covers`` are the
    months covered by the log, as ``2016-01:2019-12``.
    """

    name: str = Field(min_length=1)
    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    columns: dict[str, str]
    wide: Measure | None = None
    date_format: str = "%Y-%m-%d"
    month_format: str = "%Y-%m"
    words: dict[Literal["violence_type", "attack_type", "target_type"], dict[str, str]] = Field(default_factory=dict)
    covers: str | None = None
    licence: str = "not stated"
    url: str = ""
    shareable: bool = False

    @model_validator(mode="after")
    def _fits(self) -> "Mapping":
        known = TOTAL if self.holds_totals else EVENT
        for ours in self.columns:
            if ours not in known:
                raise ValueError(f"[columns] {ours!r} is not one of {', '.join(sorted(known))}")
        if self.wide and set(self.columns) != {"month"}:
            raise ValueError("[columns] of a wide table names only its month")
        needed = [] if self.wide else ["province"] if self.holds_totals else ["province", "date"]
        for ours in needed:
            if ours not in self.columns:
                raise ValueError(f"[columns] lacks {ours!r}")
        if self.holds_totals and not self.wide and not {"attacks", "deaths"} & set(self.columns):
            raise ValueError("[columns] lacks 'attacks' (or 'deaths')")
        if self.covers is not None:
            _readable(self.covers)
        for kind, words in self.words.items():
            for word in words.values():
                if word not in WORDS[kind]:
                    raise ValueError(f"[words.{kind}] {word!r} is not one of {', '.join(WORDS[kind])}")
        return self

    @property
    def holds_totals(self) -> bool:
        """Whether the file has monthly totals, not events."""
        return "month" in self.columns


def _readable(covers: str) -> None:
    try:
        coverage.stated(covers, "covers")
    except ProvriskError as error:
        raise ValueError(str(error)) from None


def read_mapping(path: Path) -> Mapping:
    """The mapping file at ``path``; raises ``ProvriskError`` if it is wrong."""
    return read_toml(path, Mapping)


def source(mapping: Mapping) -> Source:
    """The source that ``mapping`` describes."""

    def edition(raw: RawFile) -> Edition:
        when = _when(raw.table, mapping)
        if when.isna().all():
            raise lost_rows.undated(raw.name, raw.table[mapping.columns["month" if mapping.holds_totals else "date"]])
        if mapping.covers is not None:
            covered = coverage.stated(mapping.covers, "covers")
        else:
            covered = monthly_totals.whole_weeks(when) if _weekly(when, mapping) else coverage.spanned(when)
        return Edition(f"file {raw.digest}", False, covered)

    def rows(raw: pd.DataFrame) -> pd.DataFrame:
        return wide_table.cells(raw, mapping.columns["month"]) if mapping.wide else raw

    def read(raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, rules: CountRules) -> ParsedRows:
        if mapping.wide:
            return _totals(rows(raw), version, covered, rules, _cellwise(mapping))
        make = _totals if mapping.holds_totals else _events
        return make(raw, version, covered, rules, mapping)

    return Source(
        key=mapping.key,
        name=mapping.name,
        marks=frozenset(mapping.columns.values()),
        needed=tuple(mapping.columns.values()),
        edition=edition,
        read=read,
        rows=rows,
        licence=mapping.licence,
        citation=f"{mapping.name}.",
        url=mapping.url,
        shareable=mapping.shareable,
        says=tuple(name for name in ("attack_type", "target_type") if name in mapping.columns),
        dates={
            mapping.columns[name]: _format(mapping) for name in ("date", "date_end", "month") if name in mapping.columns
        },
        layout=Layout(
            (mapping.columns["province"],) if "province" in mapping.columns else (),
            latitude=mapping.columns.get("latitude"),
            longitude=mapping.columns.get("longitude"),
            actors=((mapping.columns["actor"],) * 2,) if "actor" in mapping.columns else (),
            whole=False,
        ),
    )


def _cellwise(mapping: Mapping) -> Mapping:
    """The mapping of the cells of a wide table."""
    columns = {"month": wide_table.MONTH, "province": wide_table.PROVINCE, str(mapping.wide): wide_table.VALUE}
    return mapping.model_copy(update={"columns": columns})


def _format(mapping: Mapping) -> str:
    return mapping.month_format if mapping.holds_totals else mapping.date_format


def _when(raw: pd.DataFrame, mapping: Mapping) -> pd.Series:
    column = mapping.columns["month" if mapping.holds_totals else "date"]
    return parsed_rows.dates(raw[column].str.strip(), _format(mapping))


def _weekly(when: pd.Series, mapping: Mapping) -> bool:
    """Whether the figures are those of weeks."""
    return mapping.holds_totals and not mapping.wide and monthly_totals.weeks(when)


def _totals(
    raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, rules: CountRules, mapping: Mapping
) -> ParsedRows:
    row_filter, columns = RowFilter(raw), mapping.columns
    start = _when(raw, mapping)
    parsed_rows.check_dates(row_filter, start, start, raw[columns["month"]])
    measures = {ours: theirs for ours, theirs in columns.items() if ours not in ("month", "province")}
    figures = parsed_rows.counts_of(row_filter, measures)
    row_filter.set_aside(figures.isna().all(axis=1), "no figure given")
    bare = pd.DataFrame({"place_precision": 4.0, "latitude": float("nan"), "longitude": float("nan")}, index=raw.index)
    names = raw[columns["province"]]
    if mapping.wide:  # a whole column of another place: it has no effect on our provinces
        unknown = rules.places.match(names).isna()
        row_filter.not_requested(unknown, "no province of the study: " + names.where(unknown, ""))
    province = parsed_rows.place(row_filter, names, bare, rules).province
    same = raw.drop(columns=list(measures.values()))
    cells = figures.assign(start=start, province=province)
    return monthly_totals.finish(row_filter, cells, covered, same, rules.places, _weekly(start, mapping))


def _events(
    raw: pd.DataFrame, version: str, covered: pd.DatetimeIndex, rules: CountRules, mapping: Mapping
) -> ParsedRows:
    row_filter, columns = RowFilter(raw), mapping.columns
    text = pd.DataFrame({ours: raw[theirs].str.strip() for ours, theirs in columns.items()})
    if "actor" in text:
        row_filter.not_requested(~rules.asks(text.actor), "other actor")
    raw = row_filter.only_asked()
    text = text.loc[raw.index]
    start = _when(raw, mapping)
    end = start
    if "date_end" in text:
        end = parsed_rows.until(parsed_rows.dates(text.date_end, mapping.date_format), text.date_end, start)
    parsed_rows.check_dates(row_filter, start, end, text.date)
    figures = {ours: theirs for ours, theirs in columns.items() if ours.startswith("deaths_")}
    events = pd.DataFrame({"date": start, "date_end": end}, index=raw.index)
    for name in ("date_precision", "place_precision"):
        events[name] = pd.to_numeric(text[name], errors="coerce") if name in text else float("nan")
    known = text.reindex(columns=["latitude", "longitude"], fill_value="")
    events = events.assign(**parsed_rows.coordinates(known, "latitude", "longitude"))
    for name, words in WORDS.items():
        if name in text:
            known = {word: word for word in words} | dict(mapping.words.get(name) or {})  # type: ignore[call-overload]
            said = text[name].map(known).astype("str")
            row_filter.remark(said.isna() & (text[name] != ""), f"{name} not in the mapping")
            events[name] = said
    events["actor"] = text.get("actor")
    events["event_id"] = parsed_rows.code(text.event_id) if "event_id" in text else _identity(raw)
    events = events.assign(source=mapping.name, release=version).join(parsed_rows.counts_of(row_filter, figures))
    events = parsed_rows.place(row_filter, raw[columns["province"]], events, rules)
    parsed_rows.check_precision(row_filter, events, rules.rules)
    return parsed_rows.finish(row_filter, events, covered, rules.places)


def _identity(raw: pd.DataFrame) -> pd.Series:
    # A log without identifiers: a row is identified by its content and by the number of equal rows above.
    content = pd.util.hash_pandas_object(raw, index=False)
    return content.map("{:016x}".format) + "-" + content.groupby(content).cumcount().astype("str")
