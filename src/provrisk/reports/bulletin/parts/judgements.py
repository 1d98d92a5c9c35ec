"""Three judgements in plain words, made from the numbers; none from a score worse than the benchmark's."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.evaluation.scores.cell_scores import ESCALATION_FACTOR
from provrisk.reports import words
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.language import place, say

NUMBER = 3
SURE = 0.5
"""Below this chance the most likely place is called not certain."""


def judgements(content: BulletinContent) -> list[str]:
    """First the country, then the most affected place, then escalation."""
    proved = proven(content)
    others = [(_place(content), True), (_escalation(content), proved("brier_escalation"))]
    others += [(_spread(content), proved(f"brier_{content.least}")), (_deaths(content), True)]
    said = [sentence for sentence, holds in others if sentence and holds]
    return [country(content), *said[: NUMBER - 1]]


def last_month(content: BulletinContent) -> str:
    """The last month in the whole country, compared with its forecast."""
    return " ".join(sentence for sentence in (observed(content), surprise(content)) if sentence)


def proven(content: BulletinContent) -> Callable[[str], bool]:
    """A function: whether a score's probabilities were not worse than any benchmark's in the backtest."""
    worse = set(content.brier.score[content.brier.verdict == "worse"])
    return lambda score: score not in worse


def country(content: BulletinContent) -> str:
    """The country's forecast, and whether it is more than last month and than usual."""
    return " ".join([ahead(content), against(content)])


def observed(content: BulletinContent) -> str:
    """The country's last month, and since when it is the lowest or highest."""
    total, origin = content.total, words.month(content.issue.origin)
    value = total.iloc[-1]
    if np.isnan(value):
        return say("{place}, {month}: not observed everywhere.", place=content.place, month=origin)
    gaps = {"place": content.place, "month": origin, "counted": content.counted(value)}
    match rarity(total):
        case ("fewest", None):
            return say("{place}, {month}: {counted}, the fewest on record.", **gaps)
        case ("most", None):
            return say("{place}, {month}: {counted}, the most on record.", **gaps)
        case ("fewest", since):
            return say("{place}, {month}: {counted}, the fewest since {since}.", **gaps, since=words.month(since))
        case ("most", since):
            return say("{place}, {month}: {counted}, the most since {since}.", **gaps, since=words.month(since))
    return say("{place}, {month}: {counted}.", **gaps)


def rarity(total: pd.Series, least: int = 12) -> tuple[str, pd.Timestamp | None] | None:
    """Whether the last value is the "fewest" or "most" for more than ``least`` months, and since when.

    No month: on record. None where it is neither.
    """
    earlier, value = total.iloc[:-1].dropna(), total.iloc[-1]
    for word, as_far in (("fewest", earlier <= value), ("most", earlier >= value)):
        since = earlier.index[as_far.to_numpy()]
        newest = pd.Timestamp(since[-1]) if len(since) else None
        known = earlier if newest is None else earlier[earlier.index > newest]
        if len(known) > least:
            return word, newest
    return None


def surprise(content: BulletinContent) -> str:
    """The last month compared with the country's forecast."""
    row = content.surprise
    if row is None or content.last is None:
        return ""
    said = {"median": words.number(row["median"]), "interval": words.interval(row.low_80, row.high_80)}
    drawn = content.last.forecast.sel(horizon=content.last.judged or content.last.horizon).sum("province").to_numpy()
    low, high = np.quantile(drawn, [0.005, 0.995], method="inverted_cdf")
    wide = words.interval(low, high)
    if row.came < low:
        return say(
            "The forecast was {median} ({interval}); the observed number is below even the 99 % interval ({wide}).",
            **said,
            wide=wide,
        )
    if row.came > high:
        return say(
            "The forecast was {median} ({interval}); the observed number is above even the 99 % interval ({wide}).",
            **said,
            wide=wide,
        )
    if row.came < row.low_80:
        return say("The forecast was {median}; the observed number is below the 80 % interval ({interval}).", **said)
    if row.came > row.high_80:
        return say("The forecast was {median}; the observed number is above the 80 % interval ({interval}).", **said)
    return say("The forecast was {median} ({interval}).", **said)


def ahead(content: BulletinContent) -> str:
    """The country's forecast for the issue's month."""
    low, high = np.quantile(content.drawn, [0.1, 0.9], method="inverted_cdf")
    return say(
        "{place}, {month}: about {counted} forecast; 8 times in 10 between {low} and {high}.",
        place=content.place,
        month=content.month,
        counted=content.counted(content.drawn.mean()),
        low=words.number(low),
        high=words.number(high),
    )


def against(content: BulletinContent) -> str:
    """The chance of more than last month, and of more than in an average month of the last year."""
    mean, last = float(content.counts.iloc[-12:].mean().sum()), content.total.iloc[-1]
    more = words.chance(float((content.drawn > mean).mean()))
    year = say(
        "More than in an average month of the last year ({mean}): {chance}.", mean=words.number(mean, 1), chance=more
    )
    if np.isnan(last):
        return year
    chance = words.chance(float((content.drawn > last).mean()))
    return " ".join([say("More than last month: {chance}.", chance=chance), year])


def _place(content: BulletinContent) -> str:
    """The most affected place; tied draws are divided."""
    drawn = content.forecast.sel(horizon=content.issue.horizon).transpose("province", "draw").to_numpy()
    if len(drawn) < 2:
        return ""
    highest = drawn == drawn.max(axis=0)
    shares = (highest / highest.sum(axis=0)).mean(axis=1)
    first, second = np.argsort(-shares, kind="stable")[:2]
    names = content.forecast.indexes["province"]
    gaps = {
        "place": place(names[first]), "many": content.many, "frequency": words.in_100(shares[first]),
        "other": place(names[second]), "next": words.in_100(shares[second]),
    }  # fmt: skip
    if shares[first] < SURE:
        return say(
            "{place} is the most likely to be worst hit, but not certain: {frequency}. Next: {other}, {next}.", **gaps
        )
    return say("{place} is the most likely to be worst hit: {frequency}. Next: {other}, {next}.", **gaps)


def _escalation(content: BulletinContent) -> str:
    risk = content.risk.dropna(subset="p_escalation").sort_values("p_escalation", ascending=False, kind="stable")
    if risk.empty:
        return ""
    first = risk.iloc[0]
    return say(
        "An escalation (more than {least}, and {share} above the average of the last year) is most likely in {place}, "
        "where that average is {mean}: {chance}.",
        least=content.counted(content.study.file.risk.escalation),
        share=words.percent(ESCALATION_FACTOR - 1),
        place=place(first.province),
        mean=words.number(first.mean_12, 1),
        chance=words.chance(first.p_escalation),
    )


def _spread(content: BulletinContent) -> str:
    drawn = content.forecast.sel(horizon=content.issue.horizon).transpose("province", "draw").to_numpy()
    hit = (drawn >= content.least).sum(axis=0)
    low, high = np.quantile(hit, [0.1, 0.9], method="inverted_cdf")
    return say(
        "At least {least} in {number} of {all} {units}; 8 times in 10 between {low} and {high}.",
        units=content.units,
        least=content.counted(content.least), number=words.number(np.median(hit)), all=words.number(len(drawn)),
        low=words.number(low), high=words.number(high),
    )  # fmt: skip


def _deaths(content: BulletinContent) -> str:
    row = content.country
    if words.missing(row.get("deaths_median")):
        return ""
    return say(
        "{place}: about {median} deaths; 8 times in 10 between {low} and {high}.",
        place=content.place,
        median=words.number(row.deaths_median),
        low=words.number(row.deaths_low_80),
        high=words.number(row.deaths_high_80),
    )


def year_before(content: BulletinContent) -> float:
    """The country's count in the same month a year before; NaN if not observed."""
    month = months.shift(content.issue.month, -12)
    return float(content.total.get(month, np.nan))
