"""Monthly totals: sources that publish counts by month and province or finer."""

from dataclasses import replace

import numpy as np
import pandas as pd

from provrisk import months
from provrisk.errors import ProvriskError
from provrisk.events import coverage
from provrisk.events.gazetteer import Gazetteer
from provrisk.events.sources.parsed_rows import EVENT_COLUMNS, ParsedRows, RowFilter

WEEK = pd.Timedelta(days=7)


def finish(
    row_filter: RowFilter,
    cells: pd.DataFrame,
    covered: pd.DatetimeIndex,
    same: pd.DataFrame,
    places: Gazetteer,
    weekly: bool = False,
) -> ParsedRows:
    """The reading of a table whose rows are figures of a time and place.

    ``cells``: start (day), province and measures of ``counts``. Rows that agree in all of ``same`` are one figure: if
    repeated with the same value the last is used, with different values the table is refused. The others of a month and
    province are added; a figure missing in one of them is missing in the sum. ``weekly`` figures, of the seven days
    from their start, are divided by days.

    Raises ``ProvriskError`` for a figure repeated with different values.
    """
    month = months.floor(cells.start)
    measures = list(cells.columns.difference(["start", "province"], sort=False))
    _refuse_contradictions(row_filter, cells[measures], same)
    # An excluded row must not remove a good one.
    repeated = same[row_filter.kept].duplicated(keep="last").reindex(same.index, fill_value=False)
    row_filter.set_aside(repeated, "figure repeated further down")
    lost = row_filter.loss(month, places)
    stated = covered.difference(lost.months) if row_filter.here else covered[:0]
    last = months.floor(cells.start + WEEK - pd.Timedelta(days=1)) if weekly else month
    row_filter.set_aside(~month.isin(stated) & ~last.isin(stated), "outside the months that the file covers")
    kept = cells.assign(month=month)[row_filter.kept]
    if weekly:
        row_filter.remark(last != month, "figure of a week in two months, divided by days")
        kept = shared_out(kept, measures, stated)
    else:
        finer = kept.duplicated(["month", "province"], keep=False).reindex(cells.index, fill_value=False)
        row_filter.remark(finer, "figure finer than month and province, added")
    table = kept.groupby(["month", "province"])[measures].sum(skipna=False).reset_index()
    if weekly:
        table = whole_numbers(table.set_index(["month", "province"])).reset_index()
    nothing = pd.DataFrame(columns=EVENT_COLUMNS)
    return ParsedRows(nothing, row_filter.why(), row_filter.rows, stated, row_filter.remarks(), table, lost)


def shared_out(kept: pd.DataFrame, measures: list[str], covered: pd.DatetimeIndex) -> pd.DataFrame:
    """Weekly figures by month, in shares of their days; days after the last covered month are counted in it."""
    next_month = kept.month + pd.offsets.MonthBegin(1)
    here = ((next_month - kept.start) / WEEK).clip(upper=1.0)
    here = here.mask(~next_month.isin(covered), 1.0)
    parts = [
        kept.assign(month=month, **{name: kept[name] * share for name in measures})[(share > 0) & month.isin(covered)]
        for month, share in ((kept.month, here), (next_month, 1 - here))
    ]
    return pd.concat(parts, ignore_index=True)


def with_zeros(read: ParsedRows, places: Gazetteer) -> ParsedRows:
    """``read`` for a source that lists only events: a province without a row is zero in a covered month."""
    cells = pd.MultiIndex.from_product([read.covered, places.capitals.index], names=["month", "province"])
    assert read.totals is not None  # noqa: S101 - a reading of totals
    table = read.totals.set_index(["month", "province"]).reindex(cells, fill_value=0).reset_index()
    return replace(read, totals=table)


def whole_weeks(start: pd.Series) -> pd.DatetimeIndex:
    """The past months in which no week begins, between weeks before and after them."""
    found = coverage.together(start)
    if found.empty:
        return pd.DatetimeIndex([])
    held = pd.Series(pd.date_range(found.iloc[0], found.iloc[-1], freq=WEEK))
    around = pd.Series(pd.date_range(held.iloc[0] - 6 * WEEK, held.iloc[-1] + 6 * WEEK, freq=WEEK))
    begun, there = months.floor(held).value_counts(), months.floor(around).value_counts()
    whole = begun.index[begun == there.reindex(begun.index)]
    return pd.DatetimeIndex(whole).sort_values().intersection(coverage.spanned(start))


def weeks(start: pd.Series) -> bool:
    """Whether figures dated on ``start`` are those of weeks: all on one weekday, and not on the first of a month."""
    days = pd.Series(start.dropna().unique())
    return len(days) > 1 and days.dt.day_of_week.nunique() == 1 and not (days.dt.day == 1).all()


def _refuse_contradictions(row_filter: RowFilter, figures: pd.DataFrame, same: pd.DataFrame) -> None:
    key, kept = same[row_filter.kept], figures[row_filter.kept]
    twice = key.duplicated(keep=False)
    if not twice.any():
        return
    differ = twice & ~pd.concat([key, kept], axis=1).duplicated(keep=False)
    if differ.any():
        row = differ.idxmax()
        rows = key.index[(key == key.loc[row]).all(axis=1)]
        values = ", ".join(str(int(value)) for value in kept.loc[rows, kept.columns[0]] if pd.notna(value))
        raise ProvriskError(
            f"Lines {', '.join(map(str, rows[:4]))} give one figure with different values ({values}): "
            f"{', '.join(str(text) for text in key.loc[row] if text)}. Keep only the right one in the file."
        )


def whole_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Shares as whole numbers: in each province the running total is rounded, so that nothing is lost or gained.

    ``table`` is indexed by month (rising) and province. A month differs from its exact share by less than one.
    """
    running = table.fillna(0).groupby("province").cumsum()
    # A sum of thirds falls short of the whole by a rounding error, which must not cost an event.
    rounded = np.floor(running + 0.5 + 1e-9)
    return rounded.groupby("province").diff().fillna(rounded).where(table.notna())
