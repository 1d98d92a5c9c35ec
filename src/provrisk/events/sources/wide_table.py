"""Tables with a row for each month and a column for each province, as a row for each cell."""

import pandas as pd

MONTH, PROVINCE, VALUE = "month", "province", "figure"


def cells(raw: pd.DataFrame, month: str) -> pd.DataFrame:
    """A row for each cell of ``raw`` beside its column ``month``: month, province (the heading) and figure, as text.

    Rows are numbered from 1, month by month. A column without a heading (pandas calls it "Unnamed: 7") that holds
    only empty cells and zeros is not a province, and is left out.
    """
    places = [name for name in raw.columns if name != month and not _blank(name, raw[name])]
    long = raw[[month, *places]].melt(month, var_name=PROVINCE, value_name=VALUE, ignore_index=False)
    long = long.sort_index(kind="stable").rename(columns={month: MONTH})
    return long.set_axis(range(1, len(long) + 1))


def _blank(heading: str, column: pd.Series) -> bool:
    return heading.startswith("Unnamed: ") and column.str.strip().isin(["", "0", "0.0"]).all()
