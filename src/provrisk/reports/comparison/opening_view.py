"""Models ranked when the page opens, and models shown separately, with reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import CELL, Comparison, without_nowcasts
from provrisk.evaluation.comparison.leaderboard import Cells, leaderboard
from provrisk.evaluation.comparison.why_apart import why_apart
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.reports.comparison.measures import Measure, measures


@dataclass(frozen=True)
class Ranking:
    """The ranked models (``names``), the ``score``, and the ``losses`` (a row for each cell, a column for each name).

    ``table`` is the leaderboard of ``provrisk compare``, only for models with all scores; ``barred`` are models
    that cannot be ranked, with reasons, ``unchosen`` those that could be but are not when the page opens.
    """

    names: tuple[str, ...]
    score: str
    benchmark: str
    losses: pd.DataFrame
    table: pd.DataFrame | None
    barred: dict[str, str]
    unchosen: dict[str, str]


def rank(comparison: Comparison, benchmark: str, names: Sequence[str] | None) -> Ranking:
    """Rank ``names`` (default: all models, or if there is none, all forecasts) by the most demanding shared score.

    Nowcasts are left out. Raises ``ProvriskError`` for a name that is unknown or cannot be ranked, or if no cell is
    shared.
    """
    for name in (benchmark, *(names or ())):
        if name not in comparison.contenders:
            there = ", ".join(comparison.contenders)
            raise ProvriskError(f"There is no forecast by {name!r} here; known are {there}.")
    scores = without_nowcasts(comparison)
    barred = _barred(comparison, scores, comparison.contenders[benchmark].target)
    if names is None:
        free = [one for name, one in comparison.contenders.items() if name not in barred]
        names = [one.name for one in free if one.kind == "model"] or [one.name for one in free]
    names = list(dict.fromkeys([*names, benchmark]))
    for name in names:
        if name in barred:
            raise ProvriskError(
                f"{name!r} cannot be ranked ({barred[name]}): leave it out; the page shows it separately."
            )
    cells = Cells(scores[scores.model.isin(names)], tuple(names), {})
    for one in measures(map(str, scores.score.unique())):
        score = one.key
        if set(names) <= _having(scores, score) and len(losses := cells.wide(score)):
            whole = score == "crps" and set(names) <= _having(scores, "log_score")
            table = leaderboard(cells, benchmark) if whole else None
            order = losses.mean().sort_values().index if table is None else table.index
            rest = _unchosen(
                comparison, scores, one, [benchmark, *(name for name in names if name != benchmark)], barred
            )
            return Ranking(tuple(str(name) for name in order), score, benchmark, losses, table, barred, rest)
    raise ProvriskError(f"No observed cell is forecast by all of {', '.join(names)}: name fewer.")


def _barred(comparison: Comparison, in_time: pd.DataFrame, target: str) -> dict[str, str]:
    """The reasons for models that cannot be ranked, by name."""
    early, scored = set(in_time.model.unique()), set(comparison.scores.model.unique())
    keys = {one.key for one in measures(map(str, in_time.score.unique()))}
    ranked_by = set(in_time.model[in_time.score.isin(keys)].unique())
    why = {}
    for name, contender in comparison.contenders.items():
        if contender.target != target:
            why[name] = f"forecasts {contender.target}, not {target}"
        elif name not in scored:
            why[name] = "none of its months has been observed"
        elif name not in early:
            why[name] = "nowcasts only: issued after their target months had begun"
        elif name not in ranked_by:
            why[name] = "has no score that models are ranked by"
    return why


def _unchosen(
    comparison: Comparison, scores: pd.DataFrame, measure: Measure, ranked: Sequence[str], barred: Mapping[str, str]
) -> dict[str, str]:
    """Why a model that could be ranked is not when the page opens; the benchmark stands first of ``ranked``."""
    having, benchmark = _having(scores, measure.key), ranked[0]
    lacks = f"has no {measure.label}: choose another score, and select it"
    cells = {name: _cells(scores, name) for name in comparison.contenders if name not in barred}
    why = {}
    for name in cells.keys() - set(ranked):
        shared = len(cells[name] & cells[benchmark])
        if not shared:
            why[name] = why_apart(comparison, name, benchmark, models=ranked)
        elif name not in having:
            why[name] = lacks
        else:
            why[name] = f"shares {shared:,} cells with {benchmark}, or was not selected: select it to rank it on those"
    return {name: why[name] for name in comparison.contenders if name in why}


def _cells(scores: pd.DataFrame, name: str) -> set[tuple[object, ...]]:
    own = scores.loc[(scores.model == name) & (scores.province != TOTAL), list(CELL)].drop_duplicates()
    return set(own.itertuples(index=False, name=None))


def _having(scores: pd.DataFrame, score: str) -> set[str]:
    return set(scores.model[scores.score == score].unique())
