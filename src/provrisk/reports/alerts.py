"""Alerts by the study's rules, and their formats for other programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.bulletin.parts import levels
from provrisk.reports.language import capital, place, say, say_n, speaking, translated
from provrisk.risk.levels import watched
from provrisk.study import Study

ATOM, CAP = "http://www.w3.org/2005/Atom", "urn:oasis:names:tc:emergency:cap:1.2"
SHOWN = 100
"""Number of alerts in the feed."""

LEAST = 3
"""Smallest monthly count for a record alert in a province."""

SEVERITIES = ("Minor", "Minor", "Moderate", "Severe", "Extreme")
"""The severity terms of the Common Alerting Protocol, by level."""


@dataclass(frozen=True)
class Alert:
    """One alert: its ``rule``, the ``figure`` behind it, its province (none: all), and the page to read.

    ``id`` is the same for the same alert in later runs. ``severity`` is a term of the Common Alerting Protocol.
    """

    id: str
    rule: str
    date: str
    month: str
    province: str
    figure: float | None
    text: str
    where: str
    severity: str = "Unknown"


def of_issue(content: BulletinContent) -> list[Alert]:
    """The alerts of one issue, in the study's first language."""
    rules = content.study.file.alerts
    with speaking(content.study.file.language[0], content.study):
        found = _unlike(content, rules.unlike_years)
        if rules.escalation is not None:
            found += _escalation(content, rules.escalation)
        if content.last is not None:
            found += _level_rose(content) if rules.level_rose else []
            found += _watch_list(content) if rules.watch_list else []
        return found


def late(study: Study, origin: pd.Timestamp, today: pd.Timestamp) -> list[Alert]:
    """An alert if the data of the month after ``origin`` are overdue on ``today``."""
    days, awaited = study.file.alerts.late_days, months.shift(origin, 1)
    over = (today - months.shift(awaited, 1)).days
    if days is None or over < days:
        return []
    with speaking(study.file.language[0], study):
        text = say(
            "{title}: no data for {month} yet, {n} days after its end.",
            title=translated(study.file.title), month=words.month(awaited), n=words.number(over),
        )  # fmt: skip
    return [_alert("data_late", today, awaited, "", float(over), text, "index.html")]


def stopped(study: Study, origin: pd.Timestamp, today: pd.Timestamp, reasons: Sequence[str]) -> list[Alert]:
    """An alert that a data check stopped a job."""
    if not study.file.alerts.data_stopped:
        return []
    with speaking(study.file.language[0], study):
        text = say(
            "{title}: the data checks stopped the job: {reasons}.",
            title=translated(study.file.title),
            reasons="; ".join(reasons),
        )
    return [_alert("data_stopped", today, origin, "", None, text, "index.html")]


def replaced(study: Study, origin: pd.Timestamp, today: pd.Timestamp, old: str, new: str, version: str) -> list[Alert]:
    """An alert that the champion's recipe has changed."""
    if not study.file.alerts.champion_replaced:
        return []
    with speaking(study.file.language[0], study):
        text = say(
            "{title}: the champion {old} was replaced by {new} (version {version}).",
            title=translated(study.file.title), old=old, new=new, version=version,
        )  # fmt: skip
    return [_alert("champion_replaced", today, origin, version, None, text, "index.html")]


def _alert(
    rule: str, date: pd.Timestamp, month: pd.Timestamp, province: str, figure: float | None, text: str, where: str,
    severity: str = "Unknown",
) -> Alert:  # fmt: skip
    stamp = months.label(month)
    key = "-".join(part for part in (rule, stamp, province) if part)
    shown = "" if rule == "champion_replaced" else province
    return Alert(key, rule, f"{date:%Y-%m-%d}", stamp, shown, figure, text, where, severity)


def _alert_of(content: BulletinContent, rule: str, province: str, figure: float, text: str) -> Alert:
    step = 0
    if province:
        level = content.risk.set_index("province").level[province]
        steps = content.study.file.risk.levels
        step = round(steps.index(level) * (len(SEVERITIES) - 1) / max(len(steps) - 1, 1))
    where = f"{months.label(content.issue.month)}/bulletin.html"
    return _alert(
        rule, content.issue.date, content.issue.month, province, float(figure), text, where, SEVERITIES[step]
    )  # fmt: skip


def _level_rose(content: BulletinContent) -> list[Alert]:
    scale, before = content.study.file.risk, levels.before(content)
    out = []
    for row in content.risk.itertuples():
        old, new = before.get(row.province), scale.levels.index(row.level)
        if old is not None and new > old:
            text = say(
                "{place}, {month}: the level rises from {before} to {now}; {expected} expected, {low} to {high}.",
                place=place(row.province), month=content.month,
                before=levels.name(content, old), now=levels.name(content, new),
                expected=words.number(row.expected, 1), low=words.number(row.low_80), high=words.number(row.high_80),
            )  # fmt: skip
            out.append(_alert_of(content, "level_rose", row.province, row.expected, text))
    return out


def _watch_list(content: BulletinContent) -> list[Alert]:
    assert content.last is not None  # noqa: S101 - for the type checker
    scale = content.study.file.risk
    drawn = content.last.forecast.sel(horizon=content.last.horizon).transpose("province", "draw")
    before = dict(zip(drawn.indexes["province"], watched(drawn.to_numpy(), scale), strict=True))
    out = []
    for row in content.risk.itertuples():
        if row.province in before and bool(row.watch) != bool(before[row.province]):
            chance = getattr(row, f"p_at_least_{levels.watch_count(scale)}")
            gaps = {
                "place": place(row.province), "month": content.month, "chance": words.in_100(chance),
                "least": content.counted(levels.watch_count(scale)),
            }  # fmt: skip
            text = (
                say("{place}, {month}: now on the watch list; chance of at least {least}: {chance}.", **gaps)
                if row.watch
                else say("{place}, {month}: no longer on the watch list; chance of at least {least}: {chance}.", **gaps)
            )
            out.append(_alert_of(content, "watch_list", row.province, chance, text))
    return out


def _escalation(content: BulletinContent, bound: float) -> list[Alert]:
    rows = content.risk[content.risk.p_escalation >= bound]
    return [
        _alert_of(
            content, "escalation", row.province, row.p_escalation,
            say(
                "{place}, {month}: chance of escalation {chance} (average of the last year: {mean}).",
                place=place(row.province), month=content.month, chance=words.in_100(row.p_escalation),
                mean=words.number(row.mean_12, 1),
            ),
        )
        for row in rows.itertuples()
    ]  # fmt: skip


def _unlike(content: BulletinContent, spans: Sequence[int]) -> list[Alert]:
    """Alerts for the country's month, or a province's high one, beyond all months of the last years."""
    out = []
    for name in ["", *content.counts.columns]:
        counts = content.counts[name] if name else content.total
        found = _standing_out(counts, spans, lows=not name)
        if found is None or (name and found[1] == "most" and counts.iloc[-1] < LEAST):
            continue
        years, way = found
        gaps = {
            "place": place(name) if name else capital(content.place), "month": words.month(content.issue.origin),
            "counted": content.counted(counts.iloc[-1]), "n": words.number(years),
        }  # fmt: skip
        text = (
            say_n("{place}, {month}: {counted}, more than in any month of the last {n} year.",
                  "{place}, {month}: {counted}, more than in any month of the last {n} years.", years, **gaps)
            if way == "most"
            else say_n("{place}, {month}: {counted}, fewer than in any month of the last {n} year.",
                       "{place}, {month}: {counted}, fewer than in any month of the last {n} years.", years, **gaps)
        )  # fmt: skip
        out.append(_alert_of(content, "unlike", name, counts.iloc[-1], text))
    return out


def _standing_out(counts: pd.Series, spans: Sequence[int], lows: bool) -> tuple[int, str] | None:
    """The longest of ``spans`` (years) in which the last month is the "most" or "fewest", and which of these."""
    value = counts.iloc[-1]
    if np.isnan(value):
        return None
    for years in sorted(spans, reverse=True):
        before = counts.iloc[-12 * years - 1 : -1]
        if len(before) < 12 * years or before.isna().any():
            continue
        if value > before.max():
            return years, "most"
        if lows and value < before.min():
            return years, "fewest"
    return None


def atom(study: Study, alerts: Sequence[Alert]) -> bytes:
    """The feed of the newest alerts, newest first."""
    Xml.register_namespace("", ATOM)
    feed = Xml.Element(f"{{{ATOM}}}feed")
    title = translated(study.file.title)
    updated = f"{alerts[0].date}T00:00:00Z" if alerts else "1970-01-01T00:00:00Z"
    for name, text in (("id", f"urn:provrisk:{study.name}"), ("title", title), ("updated", updated)):
        Xml.SubElement(feed, f"{{{ATOM}}}{name}").text = text
    author = Xml.SubElement(feed, f"{{{ATOM}}}author")
    publisher = study.file.publisher
    Xml.SubElement(author, f"{{{ATOM}}}name").text = publisher.name if publisher else "provrisk"
    Xml.SubElement(feed, f"{{{ATOM}}}link", rel="alternate", href="index.html")
    for alert in alerts[:SHOWN]:
        entry = Xml.SubElement(feed, f"{{{ATOM}}}entry")
        fields = (
            ("id", f"urn:provrisk:{study.name}:{alert.id}"), ("title", alert.text),
            ("updated", f"{alert.date}T00:00:00Z"), ("summary", alert.text),
        )  # fmt: skip
        for name, text in fields:
            Xml.SubElement(entry, f"{{{ATOM}}}{name}").text = text
        Xml.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", href=alert.where)
        Xml.SubElement(entry, f"{{{ATOM}}}category", term=alert.rule)
    return bytes(Xml.tostring(feed, encoding="utf-8", xml_declaration=True))


def cap(study: Study, alert: Alert) -> bytes:
    """One message of the Common Alerting Protocol, version 1.2 (OASIS 2010)."""
    Xml.register_namespace("", CAP)
    publisher = study.file.publisher
    sender = (publisher.contact or publisher.name) if publisher else "provrisk"
    message = Xml.Element(f"{{{CAP}}}alert")
    for name, text in (
        ("identifier", f"provrisk.{study.name}.{alert.id}".replace(" ", "_").replace(",", "_")),
        ("sender", "".join(sender.split()).replace(",", "").replace("<", "").replace("&", "") or "provrisk"),
        ("sent", f"{alert.date}T00:00:00-00:00"), ("status", "Actual"), ("msgType", "Alert"), ("scope", "Public"),
    ):  # fmt: skip
        Xml.SubElement(message, f"{{{CAP}}}{name}").text = text
    info = Xml.SubElement(message, f"{{{CAP}}}info")
    for name, text in (
        ("language", study.file.language[0]), ("category", "Security"), ("event", alert.rule.replace("_", " ")),
        ("urgency", "Future"), ("severity", alert.severity), ("certainty", "Possible"), ("headline", alert.text[:160]),
        ("description", alert.text),
    ):  # fmt: skip
        Xml.SubElement(info, f"{{{CAP}}}{name}").text = text
    area = Xml.SubElement(info, f"{{{CAP}}}area")
    Xml.SubElement(area, f"{{{CAP}}}areaDesc").text = alert.province or study.file.country
    code = study.provinces.iso.get(alert.province, "") if alert.province else ""
    if code:
        geocode = Xml.SubElement(area, f"{{{CAP}}}geocode")
        Xml.SubElement(geocode, f"{{{CAP}}}valueName").text = "ISO 3166-2"
        Xml.SubElement(geocode, f"{{{CAP}}}value").text = code
    return bytes(Xml.tostring(message, encoding="utf-8", xml_declaration=True))
