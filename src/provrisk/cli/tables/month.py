"""One month as ``provrisk compare --at`` prints it."""

import pandas as pd
from rich.markup import escape

from provrisk import months
from provrisk.cli.tables.numbers import SCORES, figure, interval, page
from provrisk.cli.tables.rankings import say_notes
from provrisk.cli.tables.sheet import Sheet
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.forecasts.predictions import TOTAL

COLUMNS = 6
"""Largest number of forecasts in the table of provinces."""


def print_month(table: pd.DataFrame, comparison: Comparison, month: pd.Timestamp) -> None:
    """Print all forecasts of one month: first the totals, then by province."""
    console = page()
    for target, own in table.groupby("target", sort=False):
        order = _order(own, comparison)
        console.print(_month_totals(own, order, f"{target} in {months.spelled(month)}, all provinces"))
        console.print()
        provinces = own[own.province != TOTAL]
        figures = [name for name in order if provinces[provinces.model == name].said.notna().any()]
        if figures:
            console.print(_month_provinces(provinces, figures))
        console.print()
    if table.nowcast.any():
        console.print("* a nowcast: issued after the month had begun.")
    console.print(
        "h: horizon in months, from the last month that was over when it was issued. Scores are means over the "
        "provinces that all of these forecasts include."
    )
    console.print(f"Observed: {escape(comparison.truth)}.")
    say_notes(console, comparison, table.model.unique())


def _order(table: pd.DataFrame, comparison: Comparison) -> list[str]:
    """Bulletins and external forecasts first, then models, each sorted by absolute error."""
    error = table[table.province != TOTAL].groupby("model").absolute_error.mean()
    names = sorted(table.model.unique())
    return sorted(names, key=lambda name: (comparison.contenders[name].kind == "model", error.get(name, float("inf"))))


def _month_totals(table: pd.DataFrame, order: list[str], title: str) -> Sheet:
    heads = (
        "Model", "h", "Issued", "Days before", "Predicted total", "80 % interval", "Observed", "Provinces",
        *SCORES.values(),
    )  # fmt: skip
    shown = Sheet(title, heads)
    observed = table[table.province == TOTAL].came
    shared = _shared(table)
    for name in order:
        own = table[table.model == name]
        whole, single = own[own.province == TOTAL], own[own.province != TOTAL]
        first = own.iloc[0] if whole.empty else whole.iloc[0]
        shown.add_row(
            name + ("*" if own.nowcast.any() else ""),
            "/".join(str(h) for h in sorted(own.horizon.unique())),
            *(["", ""] if pd.isna(first.issued) else [f"{first.issued:%Y-%m-%d}", f"{first.days_before:.0f}"]),
            *(["–", ""] if whole.empty else [figure(first.said), interval(first)]),
            figure(observed.iloc[0] if len(observed) else None),
            str(len(single)),
            *(figure(value, 2) for value in own[own.province.isin(shared)][list(SCORES)].mean()),
        )
    return shown


def _shared(table: pd.DataFrame) -> set[str]:
    """The provinces shared by all forecasts by province, so that scores are of the same cells; else the total."""
    spoken = [set(own.province) - {TOTAL} for _, own in table.groupby("model")]
    spoken = [places for places in spoken if places]
    return set.intersection(*spoken) if spoken else {TOTAL}


def _month_provinces(table: pd.DataFrame, names: list[str]) -> Sheet:
    shown = Sheet("By province: predicted, and 80 % interval", ("Province", "Observed", *names))
    for province, own in table.groupby("province"):
        rows = {str(row.model): row for row in own.itertuples()}
        cells = [f"{figure(rows[name].said)} {interval(rows[name])}" if name in rows else "" for name in names]
        shown.add_row(str(province), figure(own.came.iloc[0]), *cells)
    return shown
