"""Published counts before and after a day: a rate, or a share of a province and its controls."""

import numpy as np
import pandas as pd

from provrisk.risk.evidence import ledger
from provrisk.risk.evidence.event_tests import dated, in_reach, rivals
from provrisk.risk.evidence.quoting import cited, listed, number, spelled_days
from provrisk.risk.evidence.rate_change import RateChange
from provrisk.risk.evidence.record import Record, detectable, interval
from provrisk.risk.evidence.result import NotTestableError, PublishedPanel, TestResult, p_values
from provrisk.study.claims import BeforeAfter

LEAST_PERIODS = 3
"""Fewer published periods in total say nothing of their own spread."""

PRE_TREND_DAYS = 90
"""What began up to so many days before may be what moved the counts."""


def before_after(claim: BeforeAfter, record: Record) -> TestResult:
    """The rate, or the share of controls and province together, from ``day`` on over that before; see ``Change``."""
    rules, day = record.thresholds, pd.Timestamp(claim.day)
    rows, change = _around(claim, record)
    p_for, p_against = p_values(change, claim.direction, claim.margin)
    low, high = change.interval(rules.level)
    places = [claim.province] if claim.province else record.places(())
    begin, end = day - pd.Timedelta(days=PRE_TREND_DAYS), pd.Timestamp(claim.last) + pd.Timedelta(days=1)
    nearby = in_reach(record, places, claim.drivers, begin, end)
    return TestResult(
        said=_said(claim, record, rows, change),
        estimate=change.estimate, low=low, high=high, p_for=p_for, p_against=p_against,
        detectable=lambda alpha: detectable(claim.direction, claim.margin, change.detectable, alpha, rules.power),
        rivals=rivals(nearby), named=dated(nearby),
        tables={"Published figures": listed(rows)}, panels=(_panel(claim, record, rows),), day=day,
        brief=_brief(claim, record, rows, change),
    )  # fmt: skip


def _around(claim: BeforeAfter, record: Record) -> tuple[pd.DataFrame, RateChange]:
    """The published periods on either side of the day, with the columns count, size and after; and the change."""
    series = record.series(claim.series)
    first, last, day = (pd.Timestamp(text) for text in (claim.first, claim.last, claim.day))
    place = claim.province or series.place
    if claim.province:
        table = ledger.whole_tables(record.ledger, series, list(record.panel.indexes["province"]), first, last)
        ids = [ledger.row_of(table, days, place) for days in table.index]
        rows = record.ledger.set_index("id", drop=False).loc[ids]
        count = table[place].to_numpy()
        size = table[[place, *claim.controls]].sum(axis=1).to_numpy() if claim.controls else rows.days.to_numpy()
    else:
        rows = ledger.figures(record.ledger, series, place, first, last)
        count, size = rows["count"].to_numpy(), rows.days.to_numpy()
    rows = rows.assign(count=count, size=np.asarray(size, float), after=rows.first_day >= day)
    rows = rows[(rows["size"] > 0) & (rows.after | (rows.last_day < day))]
    for side, name in ((~rows.after, "before"), (rows.after, "from")):
        if not side.any():
            raise NotTestableError(
                f"{series.publisher} has no {series.counted} of {place} {name} {claim.day}",
                f"such figures in {ledger.FILE}",
            )
    if len(rows) < LEAST_PERIODS or rows["count"].sum() == 0:
        raise NotTestableError(
            f"{series.publisher} has {len(rows)} periods of {place} around {claim.day}", f"at least {LEAST_PERIODS}"
        )
    values = (rows["count"].to_numpy(float), rows["size"].to_numpy(float), rows.after.to_numpy(bool))
    return rows, RateChange(*values, share=bool(claim.controls))


def _said(claim: BeforeAfter, record: Record, rows: pd.DataFrame, change: RateChange) -> str:
    series, level = record.series(claim.series), record.thresholds.level
    day = pd.Timestamp(claim.day)
    before, after = (_side(claim, rows[side]) for side in (~rows.after, rows.after))
    low, high = change.interval(level)
    old_low, old_high = change.before(level)
    days = rows.days[~rows.after].sum()
    if claim.controls:
        among = ", ".join((claim.province, *claim.controls))
        moved = f"Its odds among the {series.counted} of {among} are {change.estimate:.2f} times those before"
        known = f"a share of {100 * old_low:.0f} to {100 * old_high:.0f} %"
    else:
        moved = f"The rate after is {change.estimate:.2f} times the rate before"
        known = f"{old_low:,.2f} to {old_high:,.2f} a day"
    where = f" in {claim.province}" if claim.province else ""
    return (
        f"{series.publisher} has {before} {series.counted}{where} before {day.day} {day:%B %Y}, {after} from then on. "
        f"{moved} ({interval(low, high, level)}). The {days:,} days before give the usual level only as "
        f"{known}."
    )


def _side(claim: BeforeAfter, rows: pd.DataFrame) -> str:
    """The figures of one side of the day, with their days."""
    given = ", ".join(
        cited(*cell) for cell in zip(rows["count"] if claim.province else rows.value, rows.id, rows.per, strict=True)
    )
    whole = f" of {number(rows['size'].sum())}" if claim.controls else ""
    length = f"{len(rows)} {'period' if len(rows) == 1 else 'periods'}, {rows.days.sum():,} days"
    return f"{given}{whole} ({spelled_days(rows.first_day.min(), rows.last_day.max())}: {length})"


def _brief(claim: BeforeAfter, record: Record, rows: pd.DataFrame, change: RateChange) -> str:
    series, day = record.series(claim.series), pd.Timestamp(claim.day)
    where = f" in {claim.province}" if claim.province else ""
    total, days = rows["count"].groupby(rows.after).sum(), rows.days.groupby(rows.after).sum()
    first = rows.id.groupby(rows.after).first()
    old, new = (cited(round(total[side]), first[side]) for side in (False, True))
    low, high = change.interval(record.thresholds.level)
    return (
        f"{old} {series.counted}{where} were published for {days[False]:,} days before {day.day} {day:%B %Y} and {new} "
        f"for {days[True]:,} days from then on, "
        f"{change.estimate:.2f} times {'their odds' if claim.controls else 'the rate'} ({series.publisher}; "
        f"{interval(low, high, record.thresholds.level)})"
    )


def _panel(claim: BeforeAfter, record: Record, rows: pd.DataFrame) -> PublishedPanel:
    series = record.series(claim.series)
    place = claim.province or series.place
    scale = 100 / rows["size"] if claim.controls else 7 / rows.days
    among = f", part of {', '.join((claim.province, *claim.controls))}" if claim.controls else ""
    title = f"{place}{among}: {series.counted} ({series.publisher})"
    return PublishedPanel(title, "%" if claim.controls else "a week", rows.assign(value=rows["count"] * scale))
