"""Rankings as ``provrisk compare`` prints them."""

from collections.abc import Collection

import pandas as pd
from rich.console import Console
from rich.markup import escape

from provrisk.cli.tables.numbers import figure, page, percent, score_name
from provrisk.cli.tables.sheet import Sheet
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.evaluation.comparison.ranking import Ranking
from provrisk.evaluation.scores.quantile_scores import LOG, levels_of
from provrisk.jobs.comparison.compare import ComparedForecasts
from provrisk.reports.comparison.page_data import near_zero


def print_rankings(compared: ComparedForecasts, table: pd.DataFrame, split: str | None) -> None:
    """Print each ranking, or in ``table`` its scores by part; then the forecasts not ranked, with reasons."""
    console = page()
    for target, one in compared.rankings.items():
        if split:
            own = table[table.target == target].drop(columns="target").dropna(axis=1, how="all")
            console.print(_split(own.set_index(split), one, split))
        else:
            console.print(_ranking(one))
        _say_cells(console, one, compared.comparison.truth)
    for name, reason in compared.left_out.items():
        console.print(f"{escape(name)}: not ranked, since it {escape(reason)}.")
    say_notes(console, compared.comparison, compared.names)


def rows_by(compared: ComparedForecasts, split: str) -> pd.DataFrame:
    """The table of ``ComparedForecasts.by`` as plain rows, each with its target."""
    table = compared.by(split).reset_index()
    return table if "target" in table else table.assign(target=next(iter(compared.rankings)))


def say_notes(console: Console, comparison: Comparison, names: Collection[str]) -> None:
    """Print the notes on a comparison of ``names``: what was left out, and why."""
    others = tuple(f"{name} " for name in comparison.contenders if name not in names)
    for note in comparison.notes:
        if not note.startswith(others):
            console.print(escape(note))


def _ranking(ranking: Ranking) -> Sheet:
    models = "log_score" in ranking.table
    what = f"{ranking.target}, {'sums over provinces' if ranking.total else 'by province'}"
    scores = ["crps", "crps_active"] if models else _shown_scores(ranking)
    heads = (
        ["CRPS", "CRPS, active"]
        if models
        else [score_name(name).partition(" (")[0].removesuffix(" of log(count + 1)") for name in scores]
    )
    late = bool(ranking.table.nowcasts.any())
    shown = Sheet(
        f"Skill against {ranking.benchmark} by {score_name(ranking.score)} ({what})",
        (
            "Model", *heads, "Skill", "90 % interval", "Verdict", "Relative skill",
            *(["Log score", "AUC"] if models else []), "Bias ratio",
            "Coverage 50/80/90" if models else "Inside 50/80/90", *(["Nowcasts"] if late else []),
        ),
        ("Verdict",),
    )  # fmt: skip
    for name, row in ranking.table.iterrows():
        own = name == ranking.benchmark
        inside = [row[f"{'coverage' if models else 'inside'}_{level}"] for level in (50, 80, 90)]
        shown.add_row(
            str(name),
            *(figure(row[score], 3) for score in scores),
            "" if own else percent(row.skill),
            "" if own else _skill_interval(row),
            "" if own else str(row.verdict),
            figure(row.relative_skill, 2),
            *([figure(row.log_score, 3), figure(row.auc_escalation, 2)] if models else []),
            figure(row.bias, 2),
            "/".join("–" if pd.isna(value) else f"{100 * value:.0f}" for value in inside),
            *([f"{row.nowcasts:,}" if row.nowcasts else ""] if late else []),
        )
    return shown


def _shown_scores(ranking: Ranking) -> list[str]:
    """The score of the ranking, and the scores for other forecast types; one of them for quantiles."""
    log = LOG if ranking.score.endswith(LOG) else ""
    quantiles = ranking.score if levels_of(ranking.score) else f"wis{log}"
    every = (f"crps{log}", quantiles, "rps", f"absolute_error{log}")
    return [
        name for name in every if name == ranking.score or (name in ranking.table and ranking.table[name].notna().any())
    ]


def _split(table: pd.DataFrame, ranking: Ranking, split: str) -> Sheet:
    title = f"Mean {score_name(ranking.score)} by {split} ({ranking.target})"
    shown = Sheet(title, (split.capitalize(), *map(str, table.columns)))
    for label, row in table.iterrows():
        shown.add_row(str(label), *(f"{value:.3f}" for value in row))
    return shown


def _say_cells(console: Console, ranking: Ranking, truth: str) -> None:
    cells = ranking.cells.wide(ranking.score, ranking.total)
    origins = cells.index.get_level_values("origin")
    number = origins.nunique()
    console.print(
        f"\n{len(cells):,} cells of {number} origin{'s' * (number > 1)}, {origins.min():%Y-%m} to "
        f"{origins.max():%Y-%m}; observed: {escape(truth)}. Tie: the interval includes zero; too few: too few origins "
        "or losses for an interval. Relative skill: geometric mean of the score ratios to all others, each pair on its "
        "shared cells; below 1 is better. Bias ratio: predicted over observed. " + _meaning(ranking)
    )
    for name, more in ranking.cells.unshared.items():
        if more:
            console.print(f"{escape(name)}: {more:,} further cells are not compared, since another model lacks them.")
    if len(ranking.pairs):
        console.print("", _pairs(ranking))
    console.print()


def _meaning(ranking: Ranking) -> str:
    if "log_score" in ranking.table:
        return "AUC: of escalation. Coverage: from the PIT in active provinces, 50/80/90 if calibrated."
    return "Inside: per cent in the closed intervals, which for counts is more than their level."


def _pairs(ranking: Ranking) -> Sheet:
    late = bool(ranking.pairs.nowcasts.any())
    heads = ("Model", "Score", "Mean", ranking.benchmark, "Skill", "90 % interval", "Verdict", "n")
    title = f"Models with fewer cells, each against {ranking.benchmark} on their shared cells"
    shown = Sheet(title, (*heads, "Nowcasts") if late else heads, ("Score", "Verdict"))
    for name, row in ranking.pairs.sort_values("skill", ascending=False).iterrows():
        shown.add_row(
            str(name), score_name(row.score), figure(row["mean"], 3), figure(row.benchmark_mean, 3),
            percent(row.skill), _skill_interval(row), row.verdict, f"{row.cells:,}",
            *([f"{row.nowcasts:,}" if row.nowcasts else ""] if late else []),
        )  # fmt: skip
    return shown


def _skill_interval(row: pd.Series) -> str:
    if pd.isna(row.skill_low):
        return "–"
    return " to ".join(near_zero(bound).format(100 * bound) for bound in (row.skill_low, row.skill_high))
