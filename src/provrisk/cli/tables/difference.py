"""Two forecasts compared in detail, as ``provrisk compare A B`` prints them."""

import pandas as pd
from rich.markup import escape

from provrisk import months
from provrisk.cli.tables.numbers import figure, page, percent, score_name
from provrisk.cli.tables.sheet import Sheet
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.evaluation.comparison.difference import Difference


def print_difference(found: Difference, comparison: Comparison) -> None:
    """The verdict on two forecasts, and where, when and on which cells they differ."""
    console = page()
    name = score_name(found.score) if found.score else ""
    console.print(f"[bold]{escape(found.a)} against {escape(found.b)}[/], forecasts of {escape(found.target)}\n")
    console.print(_verdict(found, name) + _seldom(found))
    other = ", ".join(f"{number:,} only by {escape(one)}" for one, number in found.unshared.items())
    observed = len(found.cells.dropna(subset="came"))
    console.print(f"{len(found.cells):,} cells are forecast by both ({observed:,} of them observed); {other}.\n")
    console.print(_means("Where", found.where(), found, name), "")
    console.print(_means("When", found.when(), found, name), "")
    console.print(_largest(found, name))
    console.print(f"\nObserved: {escape(comparison.truth)}. Lower scores are better.")


def _verdict(found: Difference, name: str) -> str:
    said = found.verdict
    if not said:
        return "No month that both forecast is observed yet, or they share no score: only the forecasts are shown."
    if said["verdict"] == "too few":
        return (
            f"{name} {said['a_score']:.3f} against {said['b_score']:.3f}: skill {percent(said['skill'])}, of too few "
            "origins for an interval."
        )
    verdict = {"better": f"{found.a} is better", "worse": f"{found.b} is better"}.get(str(said["verdict"]), "a tie")
    return (
        f"{name} {said['a_score']:.3f} against {said['b_score']:.3f}: skill {percent(said['skill'])}, 90 % interval "
        f"{percent(said['skill_low'])} to {percent(said['skill_high'])}: [bold]{escape(verdict)}[/] (Diebold-Mariano "
        f"p = {figure(said['dm_p'], 3)})."
    )


def _seldom(found: Difference) -> str:
    """Why the better of two can be closer in fewer cells than the other; empty where it is not so."""
    better = {"better": found.a, "worse": found.b}.get(str(found.verdict.get("verdict")))
    ahead = found.cells.a_score - found.cells.b_score
    wins = {found.a: int((ahead < 0).sum()), found.b: int((ahead > 0).sum())}
    if better is None or wins[better] >= max(wins.values()):
        return ""
    other = next(name for name in wins if name != better)
    return (
        f" {escape(other)} is closer in more cells ({wins[other]:,} against {wins[better]:,}), but by less: the mean "
        "counts by how much."
    )


def _means(title: str, table: pd.DataFrame, found: Difference, name: str) -> Sheet:
    first = str(table.index.name).capitalize()
    a, b = found.a, found.b
    heads = (first, a, b, "Observed", f"{name} {a}".strip(), f"{name} {b}".strip(), "Difference", "Closer", "n")
    shown = Sheet(f"{title} (means)", heads)
    for label, row in table.iterrows():
        shown.add_row(
            str(label), *(figure(row[column]) for column in ("a", "b", "came")),
            *(figure(row[column], 2) for column in ("a_score", "b_score")), figure(row.difference, 2, sign=True),
            f"{row.a_nearer:.0f} : {row.b_nearer:.0f}", f"{row.cells:,.0f}",
        )  # fmt: skip
    return shown


def _largest(found: Difference, name: str) -> Sheet:
    heads = ("Month", "h", "Province", found.a, found.b, "Observed", f"{name} {found.a}", f"{name} {found.b}")
    shown = Sheet("Largest differences", heads, keys=3)
    for row in found.largest().itertuples():
        figures = [figure(value) for value in (row.a, row.b, row.came)]
        scores = [figure(value, 2) for value in (row.a_score, row.b_score)]
        shown.add_row(months.label(row.target_month), str(row.horizon), str(row.province), *figures, *scores)
    return shown
