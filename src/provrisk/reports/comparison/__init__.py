"""The comparison page: forecasts side by side, in one HTML file that needs no network."""

from collections.abc import Mapping, Sequence

from provrisk import months
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.evaluation.mean_ratio import fewest
from provrisk.evaluation.scores.cell_scores import ESCALATION_FACTOR
from provrisk.reports.charts import colours
from provrisk.reports.comparison.grid import axes_of, pack
from provrisk.reports.comparison.opening_view import Ranking, rank
from provrisk.reports.comparison.page_data import KINDS, as_json, events_of, head_of, printed
from provrisk.reports.render.html import ENVIRONMENT
from provrisk.study import Study

SCRIPTS = (
    "data", "cells", "statistics", "draw", "tables", "leaderboard", "horizons", "calendar", "month", "fans",
    "calibration", "misses", "province", "page",
)  # fmt: skip
"""The files of the page's script, in order."""

COLOURS = {"observed": colours.OBSERVED, "forecast": colours.FORECAST, "past": colours.PAST}


def render(
    comparison: Comparison,
    study: Study,
    benchmark: str,
    models: Sequence[str] | None = None,
    facts: Mapping[str, str] | None = None,
) -> str:
    """The page, the same bytes for the same input.

    ``models`` are ranked when it opens (default: all models with the target of ``benchmark``); ``facts`` give the
    sources of the forecasts (protocol, seed). Raises ``ProvriskError`` if the models cannot be ranked together.
    """
    ranking = rank(comparison, benchmark, models)
    axes, events = axes_of(comparison), events_of(comparison, study)
    packer = pack(comparison, axes, events)
    return ENVIRONMENT.get_template("comparison/page.html.j2").render(
        title=f"{study.file.title}: forecasts compared",
        target=study.file.target,
        about=_about(comparison, study, ranking, facts or {}),
        notes=comparison.notes,
        contenders=comparison.contenders,
        kinds=KINDS,
        ranking=ranking,
        rows=printed(ranking, {name: one.title for name, one in comparison.contenders.items()}),
        fewest=fewest(1),
        escalation=(ESCALATION_FACTOR, study.file.risk.escalation),
        head=as_json(head_of(comparison, study, ranking, axes, packer, events)),
        numbers=packer.text,
        scripts=SCRIPTS,
        colours=COLOURS,
    )


def _about(comparison: Comparison, study: Study, ranking: Ranking, facts: Mapping[str, str]) -> dict[str, str]:
    """The facts under the title: target, observed data, and sources of the forecasts."""
    target, origins = study.file.target, ranking.losses.index.get_level_values("origin")
    return {
        "Target": f"{target.many}: {target.definition}",
        "Observed": comparison.truth,
        **facts,
        "Ranked": f"{len(ranking.names)} of {len(comparison.contenders)} models, on the {len(ranking.losses):,} "
        f"cells shared by all of them: {origins.nunique()} origins, {months.label(origins.min())} to "
        f"{months.label(origins.max())}",
    }
