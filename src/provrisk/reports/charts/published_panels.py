"""Published figures as pictures: each publisher and definition on its own panel and axis.

A figure is drawn only over the days that it covers: gaps stay gaps.
"""

import io
import textwrap
from collections.abc import Sequence

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from provrisk.reports.charts.colours import FORECAST, OBSERVED
from provrisk.reports.charts.svg import STYLE
from provrisk.risk.evidence.result import PublishedPanel

LEAST = 6
"""A definition with fewer figures of a place has no panel in the picture of all figures."""

DAY = pd.Timedelta(days=1)


def draw(panels: Sequence[PublishedPanel], day: pd.Timestamp | None = None) -> Figure:
    """The panels one above the other on one axis of time; ``day`` is a line through all of them."""
    with mpl.rc_context(STYLE):
        height = 0.5 + 1.35 * len(panels)
        figure = Figure(figsize=(4.6, height))
        # Fixed margins: a layout engine would draw everything twice.
        figure.subplots_adjust(0.12, 0.4 / height, 0.98, 1 - 0.3 / height, hspace=0.42)
        for axes, panel in zip(figure.subplots(len(panels), sharex=True, squeeze=False)[:, 0], panels, strict=True):
            _bars(axes, panel)
            if day is not None:
                axes.axvline(day, color=FORECAST, linewidth=1.4, linestyle="--")
        locator = AutoDateLocator(maxticks=7)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        return figure


def svg(panels: Sequence[PublishedPanel], day: pd.Timestamp | None = None) -> str:
    """``draw`` as SVG text, the same bytes for the same numbers."""
    text = picture(panels, ".svg", day).decode()
    return text[text.index("<svg") :]


def picture(panels: Sequence[PublishedPanel], suffix: str, day: pd.Timestamp | None = None) -> bytes:
    """``draw`` as a file's content; ``suffix`` is ``.png`` or ``.svg``."""
    with mpl.rc_context(STYLE):
        buffer = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if suffix == ".svg" else {"Software": None}
        see_through = suffix == ".svg"
        draw(panels, day).savefig(
            buffer, format=suffix.removeprefix("."), dpi=110, metadata=metadata, transparent=see_through
        )
    return buffer.getvalue()


def ledger(table: pd.DataFrame, provinces: Sequence[str]) -> list[PublishedPanel]:
    """A panel for each definition and place, ``provinces`` left out, with at least LEAST figures, as weekly rates."""
    found = []
    plain = table[
        (table.per == "") & ~table.place.isin(provinces) & ~table.what.str.contains("percent|bound|weeks with")
    ]
    for (publisher, place, who, what), rows in plain.groupby(["publisher", "place", "who", "what"], sort=True):
        if len(rows) >= LEAST:
            values = rows.assign(value=7 * rows.value / rows.days)
            found.append(PublishedPanel(f"{publisher}, {place}: {who}, {what}", "a week", values))
    return found


def _bars(axes: Axes, panel: PublishedPanel) -> None:
    # Longer periods first and paler, so that weeks are drawn over their month.
    rows = panel.values.assign(days=(panel.values.last_day - panel.values.first_day).dt.days + 1)
    for row in rows.sort_values("days", ascending=False).itertuples():
        width = row.days * DAY
        alpha = 0.9 if row.days <= 40 or len(rows) == 1 else 0.35
        axes.bar(
            row.first_day, row.value, width=width, align="edge", color=OBSERVED, alpha=alpha, edgecolor="white", lw=0.2
        )
    if len(rows) == 1:
        axes.annotate(f" {row.value:,.4g}", (row.first_day, row.value / 2), color="white", va="center", fontsize=9)
    if panel.mark is not None:
        axes.axhline(panel.mark, color=FORECAST, linewidth=1, linestyle=":")
    axes.set_title(textwrap.fill(panel.title, 66), loc="left", fontsize=8)
    axes.set_ylabel(panel.unit)
    axes.set_ylim(0, None)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.spines[["top", "right"]].set_visible(False)
