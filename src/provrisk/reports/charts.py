"""Charts as SVG text, the same bytes for the same numbers."""

import io
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

STYLE = {"svg.hashsalt": "provrisk", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 8}
OBSERVED, FORECAST = "#33415c", "#b5480f"  # dark blue and burnt orange differ for colour-blind readers


def small_history(counts: pd.Series, low: int, median: int, high: int, month: pd.Timestamp) -> str:
    """A province at a glance: observed counts as bars (a gap where nothing was observed), then the forecast.

    ``counts`` is indexed by month; the forecast for ``month`` is a point at the median on an interval.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.0, 1.15), layout="constrained")
        axes = figure.subplots()
        axes.bar(np.arange(len(counts)), counts.to_numpy(), color=OBSERVED, width=0.8)
        ahead = len(counts) - 1 + _months_between(counts.index[-1], month)
        axes.vlines(ahead, low, high, color=FORECAST, linewidth=3, alpha=0.55)
        axes.plot([ahead], [median], "o", color=FORECAST, markersize=4)
        years = [i for i, stamp in enumerate(counts.index) if stamp.month == 1]
        axes.set_xticks(years, [f"{counts.index[i]:%Y}" for i in years])
        axes.set_ylim(0, max(1.0, float(np.nanmax(counts.to_numpy(), initial=0)), high) * 1.08)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
        axes.spines[["top", "right"]].set_visible(False)
        return _svg(figure)


def reliability(points: Mapping[int, pd.DataFrame]) -> str:
    """Reliability diagrams side by side: how often at least N attacks came, against the probability given.

    ``points`` has the table of ``evaluation.compare.reliability`` for each N; a point is larger the more cells it has.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2.4 * len(points), 2.5), layout="constrained")
        panels = np.atleast_1d(figure.subplots(1, len(points), sharey=True))
        for axes, (threshold, table) in zip(panels, points.items(), strict=True):
            axes.plot([0, 1], [0, 1], color="#888", linewidth=0.8)
            share = table.cells / table.cells.sum()
            axes.scatter(table.forecast, table.frequency, s=12 + 160 * share, color=OBSERVED, alpha=0.8, linewidths=0)
            axes.set(
                title=f"at least {threshold}", xlabel="forecast", xlim=(-0.05, 1.05), ylim=(-0.05, 1.05), aspect="equal"
            )
            axes.spines[["top", "right"]].set_visible(False)
        panels[0].set_ylabel("came true")
        return _svg(figure)


def _months_between(first: pd.Timestamp, last: pd.Timestamp) -> int:
    return (last.year - first.year) * 12 + last.month - first.month


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = buffer.getvalue()
    return text[text.index("<svg") :]
