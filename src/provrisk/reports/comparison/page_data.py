"""Data for the page's script besides the numbers: names, axes, units, and the leaderboard of the first view."""

import json
from collections.abc import Mapping

import numpy as np
from markupsafe import Markup

from provrisk import months
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.evaluation.comparison.leaderboard import INTERVALS, LEVEL
from provrisk.evaluation.mean_ratio import LEAST, MOST, SHORTEST, critical
from provrisk.evaluation.scores.cell_scores import TOTAL
from provrisk.reports.comparison.grid import Axes
from provrisk.reports.comparison.measures import measures
from provrisk.reports.comparison.opening_view import Ranking
from provrisk.reports.comparison.packed_numbers import Packer
from provrisk.study import Study

KINDS = {"model": "model", "bulletin": "issued bulletin", "outside": "external forecast"}


def head_of(
    comparison: Comparison, study: Study, ranking: Ranking, axes: Axes, packer: Packer, events: Mapping[str, str]
) -> dict[str, object]:
    """The data for the script besides the numbers."""
    target, there = study.file.target, {name for name, *_ in packer.index}
    return {
        "one": target.one,
        "many": target.many,
        "places": [study.file.country if place == TOTAL else place for place in axes.places],
        "provinces": len(axes.places) - (TOTAL in axes.places),
        "horizons": axes.horizons,
        "origins": [months.label(origin) for origin in axes.origins],
        "observed": [months.label(month) for month in comparison.observed.index],
        "contenders": _contenders(comparison, ranking),
        "measures": [one._asdict() | {"unit": one.unit or target.many} for one in measures(there)],
        "events": [{"key": key, "label": label} for key, label in events.items()],
        "intervals": INTERVALS,
        "score": ranking.score,
        "benchmark": ranking.benchmark,
        "ranked": ranking.names,
        "leaderboard": leaderboard_rows(ranking),
        "cosines": {
            "most": MOST,
            "least": LEAST,
            "shortest": SHORTEST,
            "critical": {number: critical(number, LEVEL) for number in range(LEAST, MOST + 1)},
        },
        "index": packer.index,
    }


def leaderboard_rows(ranking: Ranking) -> list[dict[str, object]]:
    """The leaderboard of ``provrisk compare``, a row for each name; values that are not finite are None."""
    if ranking.table is None:
        return []
    finite = ranking.table.map(lambda value: isinstance(value, str) or bool(np.isfinite(value)))
    table = ranking.table.astype(object).where(finite, None)
    return [{"name": str(name), **row} for name, row in zip(table.index, table.to_dict("records"), strict=True)]


def printed(ranking: Ranking, titles: Mapping[str, str]) -> list[list[str]]:
    """The leaderboard's rows as text, with the digits of the terminal; empty if there is no number."""

    def text(value: object, pattern: str = "{:.3f}", times: int = 1) -> str:
        return "" if value is None else pattern.format(times * value).replace("-", "−")  # type: ignore[operator]

    rows = []
    for row in leaderboard_rows(ranking):
        low, high = (text(row[key], near_zero(row[key]), 100) for key in ("skill_low", "skill_high"))
        skill = text(row["skill"], "{:+.1f} %", 100) + (f" ({low} to {high})" if low else "")
        own = row["name"] == ranking.benchmark
        rows.append(
            [
                titles[str(row["name"])],
                text(row["crps"]),
                text(row["crps_active"]),
                "benchmark" if own else skill,
                "" if own else str(row["verdict"]),
                text(row["log_score"]),
                text(row["auc_escalation"], "{:.2f}"),
                text(row["bias"], "{:.2f}"),
                "/".join(text(row[f"coverage_{level}"], "{:.0f}", 100) or "–" for level in INTERVALS),
            ]
        )
    return rows


def near_zero(share: object) -> str:
    """The pattern of a bound in per cent: with two digits where one would hide on which side of zero it lies."""
    return "{:+.2f}" if share is not None and abs(float(share)) < 0.0005 else "{:+.1f}"  # type: ignore[arg-type]


def events_of(comparison: Comparison, study: Study) -> dict[str, str]:
    """The events with forecast probabilities, by the name of their score."""
    there = set(comparison.scores.score.unique())
    every = {f"p_{n}": f"at least {n} {study.file.target.many}" for n in study.file.risk.thresholds}
    return {key: label for key, label in (every | {"p_escalation": "escalation"}).items() if key in there}


def as_json(head: Mapping[str, object]) -> Markup:
    """JSON that can stand in a script element: no character in it may end one."""
    text = json.dumps(head, ensure_ascii=True, separators=(",", ":"), allow_nan=False, default=_plain)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704 - JSON, escaped


def _contenders(comparison: Comparison, ranking: Ranking) -> list[dict[str, object]]:
    issued = comparison.forecasts.dropna(subset="issued")
    days = issued.groupby([issued.model.astype("str"), "origin"]).issued.min()
    return [
        {
            "name": name,
            "title": one.title,
            "kind": KINDS[one.kind],
            "barred": ranking.barred.get(name),
            "unchosen": ranking.unchosen.get(name),
            "other": one.target != comparison.contenders[ranking.benchmark].target,
            "issued": {months.label(at): f"{day:%Y-%m-%d}" for (who, at), day in days.items() if who == name},
        }
        for name, one in comparison.contenders.items()
    ]


def _plain(value: object) -> object:
    """NumPy's numbers as Python's."""
    return value.item()  # type: ignore[attr-defined]
