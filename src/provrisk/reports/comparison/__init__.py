"""The comparison page: forecasts side by side, in one HTML file that needs no network."""

import json
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from provrisk import months
from provrisk.evaluation import compare
from provrisk.evaluation.compare import INTERVALS
from provrisk.evaluation.comparison import Comparison
from provrisk.evaluation.scores import ESCALATION_COUNT, ESCALATION_FACTOR, TOTAL
from provrisk.reports import charts
from provrisk.reports.comparison.grid import SCORES, axes_of, pack
from provrisk.reports.comparison.packing import Packer
from provrisk.reports.comparison.ranking import Ranking, rank
from provrisk.reports.html import ENVIRONMENT
from provrisk.study import Study

SCRIPTS = (
    "data", "cells", "statistics", "draw", "tables", "leaderboard", "horizons", "calendar", "month", "fans", "calibration", "misses",
    "province", "page",
)  # fmt: skip
"""The page's script, a file a part, in the order they are put together."""

COLOURS = {"observed": charts.OBSERVED, "forecast": charts.FORECAST, "past": charts.PAST}
KINDS = {"model": "model", "bulletin": "issued bulletin", "outside": "outside source"}


def render(
    comparison: Comparison,
    study: Study,
    benchmark: str,
    models: Sequence[str] | None = None,
    facts: Mapping[str, str] | None = None,
    seed: int = 0,
) -> str:
    """The page, the same bytes for the same input.

    ``models`` are ranked when it opens (default: all models with the target of ``benchmark``); ``facts`` say where the
    forecasts come from (protocol, seed); ``seed`` is that of the bootstrap, as in ``compare.leaderboard``.
    """
    ranking = rank(comparison, benchmark, models, seed)
    axes = axes_of(comparison)
    events = _events(study, comparison)
    packer = pack(comparison, axes, events)
    crps = ranking.cells.wide("crps")
    origins = crps.index.get_level_values("origin")
    starts, block = compare.block_starts(origins.nunique(), seed)
    packer.add("starts", starts, 1)
    target = study.file.target
    head = {
        "one": target.one, "many": target.many, "benchmark": benchmark, "ranked": ranking.names, "total": TOTAL,
        "places": [study.file.country if place == TOTAL else place for place in axes.places],
        "provinces": len(axes.places) - (TOTAL in axes.places),
        "horizons": axes.horizons, "origins": [months.label(origin) for origin in axes.origins],
        "observed": [months.label(month) for month in comparison.observed.index],
        "contenders": _contenders(comparison, ranking), "measures": _measures(target.one, target.many, packer),
        "events": [{"key": key, "label": label} for key, label in events.items()], "intervals": INTERVALS,
        "leaderboard": _rows(ranking), "block": compare.BLOCK, "origins_ranked": origins.nunique(), "seed": seed,
        "index": packer.index,
    }  # fmt: skip
    about = {
        "What is counted": f"{target.many}: {target.definition}",
        "Truth": comparison.truth,
        **(facts or {}),
        "Ranked": f"{len(ranking.names)} of {len(comparison.contenders)} forecasters, on the {len(crps):,} cells that all "
        f"of them share: {origins.nunique()} origins from {months.label(origins.min())} to "
        f"{months.label(origins.max())}",
    }
    return ENVIRONMENT.get_template("comparison/page.html.j2").render(
        title=f"{study.file.title}: forecasts compared", target=target, about=about, benchmark=benchmark,
        contenders=comparison.contenders, kinds=KINDS, ranking=ranking, rows=_rows(ranking), block=block,
        replicates=compare.REPLICATES, escalation=(ESCALATION_FACTOR, ESCALATION_COUNT), seed=seed,
        head=_as_json(head), numbers=packer.text, scripts=SCRIPTS, colours=COLOURS,
    )  # fmt: skip


def _contenders(comparison: Comparison, ranking: Ranking) -> list[dict[str, object]]:
    issued = comparison.forecasts.dropna(subset="issued")
    days = issued.groupby([issued.model.astype("str"), "origin"]).issued.min()
    return [
        {
            "name": name, "title": c.title, "kind": KINDS[c.kind], "barred": ranking.barred.get(name),
            "issued": {months.label(at): f"{day:%Y-%m-%d}" for (who, at), day in days.items() if who == name},
        }
        for name, c in comparison.contenders.items()
    ]  # fmt: skip


def _measures(one: str, many: str, packer: Packer) -> list[dict[str, object]]:
    """The losses that somebody has, with unit, digits, and from which difference on the calendar is shaded (and darkly)."""
    every = {
        "crps": ("CRPS", many, 3, 0.1, 1), "wis": ("Weighted interval score", many, 3, 0.1, 1),
        "absolute_error": ("Absolute error of the median", many, 2, 0.5, 2),
        "log_score": ("Log score", "nats", 3, 0.05, 0.5), "rps": ("Ranked probability score", "", 3, 0.02, 0.2),
    }  # fmt: skip
    there = {name for name, *_ in packer.index}
    return [
        dict(zip(("key", "label", "unit", "digits", "near", "far"), (key, *every[key]), strict=True))
        for key in SCORES
        if key in there
    ]


def _events(study: Study, comparison: Comparison) -> dict[str, str]:
    """The events that probabilities were given of, by the name of the score that holds them."""
    there = set(comparison.scores.score.unique())
    every = {f"p_{n}": f"at least {n} {study.file.target.many}" for n in study.file.risk.thresholds}
    return {key: label for key, label in (every | {"p_escalation": "escalation"}).items() if key in there}


def _rows(ranking: Ranking) -> list[dict[str, object]]:
    """The leaderboard's rows as the terminal has them, for page and script."""
    table = ranking.table.astype(object).where(ranking.table.notna(), None)
    return [{"name": str(name), **row} for name, row in zip(table.index, table.to_dict("records"), strict=True)]


def _as_json(head: Mapping[str, object]) -> Markup:
    """JSON that can stand in a script element: no character in it may end one."""
    text = json.dumps(head, ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=_plain)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704


def _plain(value: object) -> object:
    return value.item() if hasattr(value, "item") else str(value)


