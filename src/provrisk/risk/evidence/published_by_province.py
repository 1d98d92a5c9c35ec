"""Shares and ranks by figures that were published by province: the periods of which a whole table was."""

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.risk.evidence import ledger
from provrisk.risk.evidence.published_share import PublishedShare
from provrisk.risk.evidence.quoting import cited, joined, number, spelled_days
from provrisk.risk.evidence.record import Record, interval
from provrisk.risk.evidence.result import NotTestableError, PublishedPanel, TestResult
from provrisk.study.claims import Rank, Series, Share


def share(claim: Share, record: Record) -> TestResult:
    """The provinces' part of what was published by province, of the periods with a whole table."""
    series, table = _tables(claim, record)
    rules = record.thresholds
    count, whole = table[list(claim.provinces)].sum(axis=1).to_numpy(), _placed(table).to_numpy()
    part = PublishedShare(count, whole)
    low, high = part.interval(rules.level)
    unplaced = int(table.whole.sum() - whole.sum())
    said = (
        f"{_spans(table)} have {series.counted} by province: these provinces hold {number(count.sum())} of "
        f"{number(whole.sum())}, {100 * part.estimate:.1f} % ({interval(100 * low, 100 * high, rules.level, 1)});"
        f" {100 * claim.at_least:g} % is claimed."
    )
    said += f" {unplaced} more had no province." if unplaced else ""
    values = table.index.to_frame(index=False).assign(value=100 * count / whole)
    panel = PublishedPanel(
        f"share of {len(claim.provinces)} provinces, {series.publisher}", "%", values, 100 * claim.at_least
    )
    return TestResult(
        said=said, estimate=part.estimate, low=low, high=high, p_for=part.p_above(claim.at_least),
        p_against=part.p_below(claim.at_least), tables={"Published by province": _cited(table)}, panels=(panel,),
    )  # fmt: skip


def rank(claim: Rank, record: Record) -> TestResult:
    """Whether the provinces come first in what was published by province.

    Each of them must lead each other province: the p-value is that of the weakest lead (Berger 1982), and that against
    the claim that of the clearest trail, times the number of pairs.
    """
    series, table = _tables(claim, record)
    level = record.thresholds.level
    named = list(claim.provinces)
    others = [name for name in table.columns.drop([*named, "whole"]) if table[name].sum() > 0]
    if not others:
        raise NotTestableError("no other province has a published figure", "tables that name more provinces")
    leads = {
        (a, b): PublishedShare(table[a].to_numpy(), (table[a] + table[b]).to_numpy()) for a in named for b in others
    }
    last, rival = min(leads, key=lambda pair: leads[pair].estimate)
    weakest = leads[last, rival]
    ratio, (low, high) = _odds(weakest.estimate), (_odds(bound) for bound in weakest.interval(level))
    totals = {name: table[name].sum() for name in [*named, *others]}
    order = ", ".join(f"{name} {number(totals[name])}" for name in sorted(totals, key=lambda n: -totals[n]))
    return TestResult(
        said=f"{_spans(table)} have {series.counted} by province: {order}. {last} has {ratio:.2f} times the figure of "
        f"{rival} ({interval(low, high, level)}).",
        estimate=ratio, low=low, high=high, p_for=max(lead.p_above(0.5) for lead in leads.values()),
        p_against=min(1.0, len(leads) * min(lead.p_below(0.5) for lead in leads.values())),
        tables={"Published by province": _cited(table)},
    )  # fmt: skip


def _tables(claim: Share | Rank, record: Record) -> tuple[Series, pd.DataFrame]:
    """The series of a claim, and its whole tables by province within the claim's months."""
    series = record.series(claim.series)
    first, last = months.parse(claim.first), months.last_day(months.parse(claim.last))
    table = ledger.whole_tables(record.ledger, series, list(record.panel.indexes["province"]), first, last)
    if len(table) < 2:
        raise NotTestableError(
            f"{series.publisher} has {len(table)} periods by province from {claim.first} to {claim.last}",
            "at least two",
        )
    return series, table


def _placed(table: pd.DataFrame) -> pd.Series:
    return table.drop(columns="whole").sum(axis=1)


def _spans(table: pd.DataFrame) -> str:
    return joined([spelled_days(first, last) for first, last in table.index])


def _cited(table: pd.DataFrame) -> pd.DataFrame:
    """A table by province with every figure linked to its row; nothing for a part that a table does not name."""
    named = [name for name in table.columns.drop("whole") if table[name].sum() > 0]
    rows = {}
    for days, values in table.iterrows():
        cells = {
            name: cited(values[name], table.attrs["rows"][(*days, name)])
            if (*days, name) in table.attrs["rows"]
            else ""
            for name in named
        }
        cells["all"] = cited(values.whole, table.attrs["whole"][days])
        rows[spelled_days(*days)] = cells
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("days")


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else np.inf
