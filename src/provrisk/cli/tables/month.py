"""One month as ``provrisk compare --at`` prints it."""

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from provrisk import months
from provrisk.cli.tables.figures import SCORES, WIDTH, figure, interval
from provrisk.cli.tables.rankings import say_notes
from provrisk.evaluation.comparison import Comparison
from provrisk.evaluation.ranking import FINEST
from provrisk.forecasts.claims import TOTAL

COLUMNS = 6
"""How many forecasts stand side by side in the table of provinces."""


def print_month(table: pd.DataFrame, comparison: Comparison, month: pd.Timestamp) -> None:
    """Everybody's forecast of one month: first in sum, then by province."""
    console = Console(width=WIDTH)
    for target, own in table.groupby("target", sort=False):
        order = _order(own)
        console.print(_month_totals(own, order, f"{target} in {months.spelled(month)}, all provinces"))
        console.print()
        provinces = own[own.province != TOTAL]
        if len(provinces):
            console.print(_month_provinces(provinces, order[:COLUMNS]))
        if len(order) > COLUMNS:
            console.print(f"{len(order) - COLUMNS} more forecasts by province: name them, or --out FILE.csv.")
        console.print()
    if table.nowcast.any():
        console.print("* a nowcast: issued after the month had begun.")
    console.print(f"h: how many months ahead it was said. Truth: {escape(comparison.truth)}.")
    say_notes(console, comparison, set(table.model))


def _order(table: pd.DataFrame) -> list[str]:
    """Contenders, the best first by the mean of the finest score that all of them have; else by name."""
    provinces = table[table.province != TOTAL]
    for score in FINEST:
        means = provinces.groupby("model")[score].mean()
        if len(means) == table.model.nunique() and means.notna().all():
            return [str(name) for name in means.sort_values(kind="stable").index]
    return sorted(table.model.unique())


def _month_totals(table: pd.DataFrame, order: list[str], title: str) -> Table:
    shown = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    heads = ("Forecast", "h", "issued", "said", "80 % interval", "came", *SCORES.values())
    for head in heads:
        shown.add_column(head, justify="left" if head == "Forecast" else "right", no_wrap=True)
    for name in order:
        own = table[table.model == name]
        row = own[own.province == TOTAL]
        means = own[own.province != TOTAL][list(FINEST)].mean()
        first = own.iloc[0] if row.empty else row.iloc[0]
        shown.add_row(
            escape(name) + ("*" if own.nowcast.any() else ""),
            "/".join(str(h) for h in sorted(own.horizon.unique())),
            "" if pd.isna(first.issued) else f"{first.issued:%Y-%m-%d}",
            *(["–", "", ""] if row.empty else [figure(first.said), interval(first), figure(first.came)]),
            *(figure(value, 2) for value in means),
        )
    return shown


def _month_provinces(table: pd.DataFrame, names: list[str]) -> Table:
    shown = Table(title="By province: said, and the 80 % interval", title_justify="left", box=None, pad_edge=False)
    for head in ("Province", "came", *names):
        shown.add_column(escape(head), justify="left" if head == "Province" else "right")
    for province, own in table.groupby("province"):
        rows = {str(row.model): row for row in own.itertuples()}
        cells = []
        for name in names:
            row = rows.get(name)
            cells.append("" if row is None else f"{figure(row.said)} {interval(row)}".strip())
        came = own.came.dropna()
        shown.add_row(str(province), figure(came.iloc[0] if len(came) else None), *cells)
    return shown
