"""Rankings as ``provrisk compare`` prints them."""

from collections.abc import Mapping, Sequence

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from provrisk.cli.tables.figures import SCORES, WIDTH, figure, percent
from provrisk.evaluation.comparison import Comparison
from provrisk.evaluation.ranking import FINEST, Ranking, targets


def print_rankings(
    rankings: Sequence[Ranking], comparison: Comparison, tables: Mapping[str, pd.DataFrame], split: str | None
) -> None:
    """Each ranking, or the split of its score; then what was left out, and why."""
    console = Console(width=WIDTH)
    for one in rankings:
        if split:
            _split(tables[one.target], one, split)
        else:
            console.print(_ranking(one))
        _say_cells(console, one, comparison.truth)
    _say_others(console, rankings, comparison)
    say_notes(console, comparison)


def _say_others(console: Console, rankings: Sequence[Ranking], comparison: Comparison) -> None:
    """Who forecasts only what this table is not about: sums over provinces, or single ones."""
    total = rankings[0].total
    other = {name for names in targets(comparison, not total).values() for name in names}
    ranked = {name for one in rankings for name in (*one.cells.models, *one.aside)}
    for name in sorted(other - {name for names in targets(comparison, total).values() for name in names} - ranked):
        what, how = ("provinces", "without") if total else ("sums over provinces", "with")
        console.print(f"{escape(name)} forecasts {what} only: 'compare' {how} --total ranks it.")


def say_notes(console: Console, comparison: Comparison, names: set[str] | None = None) -> None:
    """What was left out of a comparison, and why; of ``names`` alone where they are given."""
    for note in comparison.notes:
        if names is None or any(note.startswith(name) for name in names):
            console.print(escape(note))


def _ranking(ranking: Ranking) -> Table:
    models = "log_score" in ranking.table
    what = f"{ranking.target}, {'sums over provinces' if ranking.total else 'by province'}"
    shown = Table(
        title=f"Skill against {escape(ranking.benchmark)} by {SCORES[ranking.score]} ({escape(what)})",
        title_justify="left", box=None, pad_edge=False,
    )  # fmt: skip
    scores = ["crps", "crps_active"] if models else [name for name in FINEST if ranking.table[name].notna().any()]
    heads = ["CRPS", "active"] if models else [SCORES[name] for name in scores]
    last = ["log score", "AUC esc.", "bias", "cover 50/80/90"] if models else ["bias", "inside 50/80/90"]
    late = bool(ranking.table.nowcasts.any())
    for name in ("Forecast", *heads, "skill", "90 % interval", "", *last, *(["nowcasts"] if late else [])):
        shown.add_column(name, justify="left" if name in ("Forecast", "") else "right", no_wrap=True)
    for name, row in ranking.table.iterrows():
        own = name == ranking.benchmark
        inside = [row[f"{'coverage' if models else 'inside'}_{level}"] for level in (50, 80, 90)]
        shown.add_row(
            escape(str(name)),
            *(figure(row[score], 3) for score in scores),
            "" if own else percent(row.skill),
            "" if own else f"{100 * row.skill_low:+.1f} to {100 * row.skill_high:+.1f}",
            "" if own else str(row.verdict),
            *([figure(row.log_score, 3), figure(row.auc_escalation, 2)] if models else []),
            figure(row.bias, 2),
            "/".join("–" if pd.isna(value) else f"{100 * value:.0f}" for value in inside),
            *([f"{row.nowcasts:,}" if row.nowcasts else ""] if late else []),
        )
    return shown


def _split(table: pd.DataFrame, ranking: Ranking, split: str) -> None:
    title = f"Mean {SCORES[ranking.score]} by {split} ({escape(ranking.target)})"
    shown = Table(title=title, title_justify="left", box=None, pad_edge=False)
    shown.add_column(split.capitalize())
    for name in table.columns:
        shown.add_column(escape(str(name)), justify="right")
    for label, row in table.iterrows():
        shown.add_row(str(label), *(f"{value:.3f}" for value in row))
    Console(width=max(80, 14 * len(table.columns))).print(shown)


def _say_cells(console: Console, ranking: Ranking, truth: str) -> None:
    cells = ranking.cells.wide(ranking.score, ranking.total)
    origins = cells.index.get_level_values("origin")
    console.print(
        f"\n{len(cells):,} cells of {origins.nunique()} origin{'s' * (origins.nunique() > 1)}, {origins.min():%Y-%m} to {origins.max():%Y-%m}; "
        f"truth: {escape(truth)}. A tie: the interval (moving-block bootstrap over origins) holds zero."
    )
    for name, number in ranking.cells.unshared.items():
        if number:
            console.print(
                f"{escape(name)}: {number:,} further cells are not compared, since another forecast lacks them."
            )
    for name, reason in ranking.aside.items():
        console.print(f"{escape(name)}: not ranked, since it {escape(reason)}.")
    console.print()
