"""A picture of one province's series with the drivers that concern it."""

import io

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from provrisk.reports.charts.colours import FORECAST, OBSERVED
from provrisk.reports.charts.svg import STYLE

MISSING = "#d9d9d9"
MONTH = pd.Timedelta(days=30.4)


def picture(counts: pd.Series, drivers: pd.DataFrame, title: str, unit: str, suffix: str) -> bytes:
    """``counts`` by month as bars, grey where not observed; under it a row a type of driver, marked at its dates.

    ``drivers`` has the columns name, start, end, type and endogenous. A driver that the violence itself
    defines is a hollow mark: it is shown, but not used as a feature. ``suffix`` is ``.png`` or ``.svg``.
    """
    types = sorted(drivers.type.unique(), key=lambda kind: drivers.start[drivers.type == kind].min())
    with mpl.rc_context({**STYLE, "font.size": 9}):
        figure = Figure(figsize=(11, 4 + 0.24 * len(types)), layout="constrained")
        heights = [3.2, max(0.24 * len(types), 0.1)]
        top, below = figure.subplots(2, 1, sharex=True, height_ratios=heights)
        _bars(top, counts)
        top.set_title(title, loc="left")
        top.set_ylabel(unit)
        for row, kind in enumerate(types):
            for driver in drivers[drivers.type == kind].itertuples():
                _mark(below, row, driver)
                if not driver.endogenous:
                    top.axvline(driver.start, color=FORECAST, linewidth=0.6, alpha=0.4, zorder=0)
        below.set_yticks(range(len(types)), types)
        below.set_ylim(max(len(types), 1) - 0.5, -0.5)
        below.set_xlim(counts.index[0] - MONTH / 2, counts.index[-1] + 1.5 * MONTH)
        note = "● driver   ○ defined by the violence itself, not a feature   ▬ duration"
        below.set_xlabel(note, loc="left", fontsize=8)
        for axes in (top, below):
            axes.spines[["top", "right"]].set_visible(False)
        buffer = io.BytesIO()
        metadata = {"Date": None} if suffix == ".svg" else {"Software": None}
        figure.savefig(buffer, format=suffix.removeprefix("."), dpi=110, metadata=metadata)
    return buffer.getvalue()


def _bars(axes: Axes, counts: pd.Series) -> None:
    axes.bar(counts.index + MONTH / 2, counts.to_numpy(), width=26, color=OBSERVED)
    for month in counts.index[counts.isna()]:
        axes.axvspan(month, month + MONTH, color=MISSING, linewidth=0)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _mark(axes: Axes, row: int, driver: object) -> None:
    start, end = driver.start, driver.end  # type: ignore[attr-defined]
    if pd.notna(end):
        axes.hlines(row, start, end, color=FORECAST, linewidth=4, alpha=0.4)
    fill = "white" if driver.endogenous else FORECAST  # type: ignore[attr-defined]
    axes.plot([start], [row], "o", markersize=5, markerfacecolor=fill, markeredgecolor=FORECAST)
