"""Checks of the data before any forecast: doubtful counts, and whether an error or a real change is probable."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
import xarray as xr

from provrisk import months
from provrisk.events import coverage
from provrisk.events.lost_rows import LostRows
from provrisk.events.sources.source import more_of_it

RECENT = 12
FEWEST = 5
"""Excluded rows below which there is no warning."""
SILENT_AFTER, SILENT_MEAN = 2, 3.0
"""A province is silent if two months have no event after twelve with three or more a month."""


GUESSES = {"bad data": "probably a data error", "news": "probably a real change"}
"""The probable cause of a finding, in plain words."""


@dataclass(frozen=True)
class Finding:
    """One check: "ok", "note", "warning" (these go to the data notes) or "stop"; its sentence and cause."""

    name: str
    level: str
    smells_of: str
    text: str

    @property
    def sentence(self) -> str:
        """The finding and its probable cause, in plain words."""
        guess = GUESSES.get(self.smells_of)
        return f"{self.text} ({guess})" if guess else self.text

    def as_dict(self) -> dict[str, str]:
        """The finding as in JSON."""
        return asdict(self)


def check_figures(counts: pd.DataFrame) -> Finding:
    """Contradictions in one cell: deaths without an attack, more civilian deaths than deaths."""
    seen = counts[counts.observed]
    bad = pd.Series(False, index=seen.index)
    if {"attacks", "deaths"} <= {*seen}:
        bad |= (seen.deaths > 0) & (seen.attacks == 0)
    if {"deaths", "deaths_civilians"} <= {*seen}:
        bad |= seen.deaths_civilians > seen.deaths
    if not bad.any():
        return Finding("figures", "ok", "", f"{len(seen):,} months and provinces have no contradiction")
    row = seen[bad].iloc[0]
    text = f"{bad.sum():,} cells have contradictions, the first is {row.province} in {months.label(row.month)}"
    return Finding("figures", "stop" if bad.mean() > 0.01 else "warning", "bad data", text)


def check_loss(label: str, loss: LostRows) -> Finding:
    """Rows of the study's actor that could not be read in the file or release ``label``."""
    return Finding("unreadable rows", loss.level, "bad data" if loss.rows else "", f"{label}: {loss}")


def check_months(panel: xr.Dataset, would_state: Callable[[pd.DatetimeIndex], str] = more_of_it) -> Finding:
    """Months inside the data that no source covers; among the last twelve they stop the job.

    ``would_state`` names the release that covers given months.
    """
    upto = panel.observed.sel(month=slice(None, panel.attrs["origin"])).any("province").to_pandas()
    gaps = upto.index[~upto.to_numpy()]
    if not len(gaps):
        return Finding("months", "ok", "", f"no month is missing up to {panel.attrs['origin']}")
    level = "stop" if gaps[-1] > upto.index[-1 - min(RECENT, len(upto) - 1)] else "warning"
    what = "month is" if len(gaps) == 1 else "months are"
    last = gaps[months.run(gaps) == months.run(gaps)[-1]]
    text = f"{len(gaps)} {what} covered by no source ({coverage.in_words(gaps)}): add {would_state(last)}"
    return Finding("months", level, "bad data", text)


def check_provinces(panel: xr.Dataset, unit: str) -> Finding:
    """Provinces without any observed month: forecasts there have no data."""
    seen = panel.observed.any("month").to_pandas()
    never = list(seen.index[~seen])
    if not never:
        return Finding("provinces", "ok", "", f"every {unit} is observed in some month")
    named = ", ".join(never[:5]) + (f" and {len(never) - 5} more" if len(never) > 5 else "")
    text = f"no month is observed in {named}: forecasts there have no data and do not mean peace"
    return Finding("provinces", "warning", "bad data", text)


def check_silence(panel: xr.Dataset) -> Finding:
    """Provinces active for a year and then without events; if half of them are, a data error is probable."""
    counts = panel[panel.attrs["target"]].sel(month=slice(None, panel.attrs["origin"])).to_pandas()
    before = counts.iloc[-RECENT - SILENT_AFTER : -SILENT_AFTER].mean()
    busy = before.index[before >= SILENT_MEAN]
    silent = [name for name in busy if (counts[name].iloc[-SILENT_AFTER:] == 0).all()]
    if not silent:
        return Finding("silence", "ok", "", f"none of {len(busy)} active provinces has become silent")
    many = len(silent) >= max(2, len(busy) / 2)
    what = panel.attrs["target"]
    text = f"{', '.join(silent)} had {SILENT_MEAN:g} {what} a month or more, then none for {SILENT_AFTER} months"
    return Finding("silence", "stop" if many else "warning", "bad data" if many else "news", text)


def check_total(panel: xr.Dataset, before: xr.DataArray | None, seen: bool = False) -> Finding:
    """The country's last month compared with the champion's forecast from the month before.

    ``before`` is (province, horizon, draw); ``seen`` is whether the champion had been fitted to that month too, so that
    the forecast is a little too good.
    """
    if before is None:
        return Finding("total", "ok", "", "there is no champion yet to compare the last month with")
    draws = before.sel(horizon=1).sum("province").to_numpy()
    happened = float(panel[panel.attrs["target"]].sel(month=panel.attrs["origin"]).sum(skipna=False).item())
    if np.isnan(happened):
        return Finding("total", "warning", "bad data", "the last month is not observed in every province")
    low, high = np.quantile(draws, [0.005, 0.995])
    text = (
        f"{happened:,.0f} {panel.attrs['target']} in total in {panel.attrs['origin']}, where {low:,.0f} to {high:,.0f} "
        "were forecast (99 % interval)"
    )
    text += " (by a champion that was also fitted to it)" if seen else ""
    if low <= happened <= high:
        return Finding("total", "ok", "", text)
    wild = happened > 3 * high or happened < low / 3
    return Finding("total", "stop" if wild else "warning", "bad data" if wild else "news", text)


def check_set_aside(faults: int, rows: int, before: tuple[int, int] | None) -> Finding:
    """The ``faults`` among the actor's ``rows``, compared with the release ``before`` (None: there is none)."""
    share = faults / max(rows, 1)
    text = f"{faults:,} of the actor's {rows:,} rows excluded for faults ({100 * share:.1f} %)"
    earlier = before[0] / max(before[1], 1) if before else share
    if faults >= FEWEST and share > 2 * earlier + 0.01:
        return Finding("excluded rows", "warning", "bad data", f"{text}; in the release before, {100 * earlier:.1f} %")
    return Finding("excluded rows", "ok", "", text)


def check_revisions(stated: pd.DataFrame) -> Finding:
    """How much the newest release changed the months that it shares with the one before, compared with earlier pairs.

    ``stated`` has a row a release, month and province: release, available, month, value
    (``events.counting.revisions``).
    """
    name = "revisions"
    totals = stated.groupby(["available", "release", "month"]).value.sum(min_count=1).unstack("month")
    moved = []
    for i in range(1, len(totals)):
        pair = totals.iloc[i - 1 : i + 1].dropna(axis=1)
        if pair.shape[1]:
            moved.append(float(pair.diff().iloc[1].abs().sum() / max(pair.iloc[0].sum(), 1.0)))
    if not moved:
        return Finding(name, "ok", "", "no two releases cover the same month")
    text = f"the newest release changed the months it shares with the one before by {100 * moved[-1]:.1f} %"
    if len(moved) < 2:
        return Finding(name, "ok", "", text)
    usual = max(moved[:-1])
    if moved[-1] > 2 * usual + 0.02:
        return Finding(name, "warning", "bad data", f"{text}; before, at most {100 * usual:.1f} %")
    return Finding(name, "ok", "", f"{text}; up to {100 * usual:.1f} % is usual")
