"""Monthly totals: sources that count for themselves."""

import pandas as pd

from provrisk import months
from provrisk.events.reading import EVENT_COLUMNS, Reading, Sieve


def finish(sieve: Sieve, cells: pd.DataFrame, covered: pd.DatetimeIndex, same: list[pd.Series]) -> Reading:
    """The reading of a table whose rows are figures of a month and province.

    Rows that agree in month and all of ``same`` state one figure twice: the last counts. Those that
    remain of a month and province are added up; a figure missing in one of them is missing in the sum.
    """
    key = pd.concat([cells.month, *same], axis=1)
    # What is set aside already must not push a good row out.
    repeated = key[sieve.kept].duplicated(keep="last").reindex(key.index, fill_value=False)
    sieve.set_aside(repeated, "figure repeated further down")
    sieve.set_aside(~months.floor(cells.month).isin(covered), "outside the months that the file covers")
    kept = cells[sieve.kept]
    table = kept.groupby(["month", "province"]).sum(skipna=False).reset_index()
    nothing = pd.DataFrame(columns=EVENT_COLUMNS)
    return Reading(nothing, sieve.table(), len(sieve.raw), covered, sieve.remarks(), table)
