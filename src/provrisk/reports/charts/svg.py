"""Charts as SVG text, the same bytes for the same numbers."""

import io
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from provrisk.reports.charts.colours import FORECAST, OBSERVED, PAST

STYLE = {
    "svg.hashsalt": "provrisk", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 8,
    "path.simplify": False, "text.parse_math": False,
}  # fmt: skip

MOST_TICKS = 9
"""On a longer axis of ratios not every power of two is labelled."""


def sparkline(counts: pd.Series, ahead: pd.DataFrame) -> str:
    """Bars of the observed counts (a gap where there are none), then the forecast as a small fan.

    ``ahead`` has a row a month, with median, low_50, high_50, low_80 and high_80.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.6, 0.55))
        axes = figure.add_axes((0, 0.03, 1, 0.94))
        axes.set_axis_off()
        values = counts.to_numpy()
        axes.stairs(np.nan_to_num(values), np.arange(len(values) + 1) - 0.5, fill=True, color=OBSERVED)
        place = len(values) + np.arange(len(ahead))
        for width, alpha in ((80, 0.3), (50, 0.5)):
            axes.bar(
                place, ahead[f"high_{width}"] - ahead[f"low_{width}"], bottom=ahead[f"low_{width}"],
                width=0.8, color=FORECAST, alpha=alpha, linewidth=0,
            )  # fmt: skip
        axes.plot(place, ahead["median"], "o", color=FORECAST, markersize=2.4)
        top = max(1.0, np.nanmax(values, initial=0), ahead.high_80.max())
        axes.set(xlim=(-0.6, place[-1] + 0.8), ylim=(0, top * 1.06))
        return _svg(figure)


def fan(observed: pd.Series, past: pd.DataFrame, ahead: pd.DataFrame) -> str:
    """History as a line, past forecasts as intervals beside it, and the forecast as a fan.

    ``past`` and ``ahead`` are indexed by month, with median, low_80 and high_80, ``ahead`` with 50 and 90, too.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.0, 1.7))
        axes = figure.add_axes((0.11, 0.13, 0.87, 0.83))  # the same for all charts, so that their months align
        start = observed.index[0]
        if len(past):
            place = _positions(past.index, start)
            axes.vlines(place, past.low_80, past.high_80, color=PAST, linewidth=2.4, alpha=0.55)
        axes.plot(_positions(observed.index, start), observed.to_numpy(), color=OBSERVED, linewidth=1.3, marker=".")
        place = _positions(ahead.index, start)
        for width, alpha in ((90, 0.2), (80, 0.3), (50, 0.45)):
            low, high = ahead[f"low_{width}"], ahead[f"high_{width}"]
            if len(place) > 1:
                axes.fill_between(place, low, high, color=FORECAST, alpha=alpha, linewidth=0)
            else:
                axes.vlines(place, low, high, color=FORECAST, alpha=alpha, linewidth=6)
        axes.plot(place, ahead["median"], color=FORECAST, linewidth=1.3, marker=".", linestyle="--")
        _years(axes, start, int(place[-1]) + 1)
        axes.set_ylim(0, None)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        axes.spines[["top", "right"]].set_visible(False)
        return _svg(figure)


def reliability(points: Mapping[str, pd.DataFrame], forecast: str = "forecast", observed: str = "observed") -> str:
    """Reliability diagrams side by side: observed frequency of an event by forecast probability.

    ``points`` has the table of ``evaluation.comparison.leaderboard.reliability`` by the event's name; a point is larger
    the more cells it has. ``forecast`` and ``observed`` name the axes.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2.2 * len(points), 2.5))
        panels = np.atleast_1d(figure.subplots(1, len(points), sharey=True))
        figure.subplots_adjust(left=0.45 / (2.2 * len(points)), right=0.99, bottom=0.16, top=0.9, wspace=0.06)
        for axes, (event, table) in zip(panels, points.items(), strict=True):
            axes.plot([0, 1], [0, 1], color="#888", linewidth=0.8)
            share = table.cells / table.cells.sum()
            axes.scatter(table.forecast, table.frequency, s=12 + 160 * share, color=OBSERVED, alpha=0.8, linewidths=0)
            axes.set(title=event, xlabel=forecast, xlim=(-0.05, 1.05), ylim=(-0.05, 1.05), aspect="equal")
            axes.spines[["top", "right"]].set_visible(False)
        panels[0].set_ylabel(observed)
        return _svg(figure)


def placebos(others: np.ndarray, estimate: float) -> str:
    """A histogram of the ratios of other months on a log scale, and the event's own as a line."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 1.6), layout="constrained")
        axes = figure.subplots()
        floor = max(min(others[others > 0].min(initial=1.0), max(estimate, 1e-2)), 1e-2)
        shown = np.log2(np.maximum(others, floor))
        axes.hist(shown, bins=24, color=PAST, alpha=0.6)
        axes.axvline(np.log2(max(estimate, floor)), color=FORECAST, linewidth=2)
        axes.axvline(0, color=OBSERVED, linewidth=0.8, linestyle="--")
        _ratio_axis(axes)
        axes.set_ylabel("months")
        axes.spines[["top", "right"]].set_visible(False)
        return _svg(figure)


def ratios(intervals: Mapping[str, tuple[float, float, float]]) -> str:
    """Rate ratios by name, each an estimate with its lower and upper bound, on a log scale."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.6, 0.5 + 0.24 * len(intervals)), layout="constrained")
        axes = figure.subplots()
        for row, (estimate, low, high) in enumerate(intervals.values()):
            bounds = np.log2(np.clip([low, high], 2.0**-4, 2.0**4))
            axes.plot(bounds, [row, row], color=FORECAST, linewidth=2.2, alpha=0.6, solid_capstyle="butt")
            axes.plot([np.log2(np.clip(estimate, 2.0**-4, 2.0**4))], [row], "o", color=FORECAST, markersize=4)
        axes.axvline(0, color=OBSERVED, linewidth=0.8, linestyle="--")
        axes.set_yticks(range(len(intervals)), list(intervals))
        axes.invert_yaxis()
        _ratio_axis(axes)
        axes.spines[["top", "right", "left"]].set_visible(False)
        return _svg(figure)


def moved(pairs: Mapping[str, tuple[float, float]], unit: str) -> str:
    """By name, a figure before (grey) and after a change."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.6, 0.5 + 0.24 * len(pairs)), layout="constrained")
        axes = figure.subplots()
        for row, (before, after) in enumerate(pairs.values()):
            axes.plot([before, after], [row, row], color=FORECAST, linewidth=2, alpha=0.5)
            axes.plot([before], [row], "o", color=PAST, markersize=5)
            axes.plot([after], [row], "o", color=FORECAST, markersize=5)
        axes.set_yticks(range(len(pairs)), list(pairs))
        axes.invert_yaxis()
        axes.set_xlim(0, None)
        axes.set_xlabel(unit)
        axes.spines[["top", "right", "left"]].set_visible(False)
        return _svg(figure)


def _ratio_axis(axes: Axes) -> None:
    """Ticks at the powers of two of a log2 axis, written as ratios."""
    low, high = axes.get_xlim()
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    shown = [power for power in powers if power % (len(powers) // MOST_TICKS + 1) == 0]
    axes.set_xticks(shown, [f"{2.0**power:,.0f}" if power > 0 else f"{2.0**power:.3g}" for power in shown])
    axes.set_xlabel("rate ratio")


def _years(axes: Axes, start: pd.Timestamp, length: int) -> None:
    """Ticks at each January."""
    stamps = [start + pd.DateOffset(months=i) for i in range(length)]
    years = [i for i, stamp in enumerate(stamps) if stamp.month == 1]
    axes.set_xticks(years, [f"{stamps[i]:%Y}" for i in years])


def _positions(index: pd.Index, start: pd.Timestamp) -> np.ndarray:
    """Months after ``start``."""
    stamps = pd.DatetimeIndex(index)
    return np.asarray((stamps.year - start.year) * 12 + stamps.month - start.month)


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = buffer.getvalue()
    return text[text.index("<svg") :]
