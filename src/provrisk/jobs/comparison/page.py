"""The comparison page as a file: the forecasts ranked when it opens, and their sources."""

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.evaluation.comparison.contenders import Comparison
from provrisk.evaluation.comparison.ranking import rank
from provrisk.reports.comparison import render
from provrisk.study import Study


def write_page(
    study: Study,
    comparison: Comparison,
    path: Path,
    names: Sequence[str] = (),
    benchmark: str = "ewma_nb",
    protocol: str | None = None,
) -> Path:
    """Write the page of ``comparison``, which ``jobs.comparison.collect.collect`` made of ``protocol``.

    It opens with ``names`` ranked, by default all models that share most of their cells, or without any model those
    that forecast the study's target; skill is against ``benchmark``, or against the best if that is missing. Raises
    ``ProvriskError`` if none can be ranked.
    """
    known, target = comparison.contenders, study.file.target.column
    if not names:
        scored = set(comparison.scores.model.unique())
        own = [name for name, one in known.items() if one.target == target and name in scored]
        own = [name for name in own if known[name].kind == "model"] or own
        if not own:
            raise ProvriskError(
                f"There is no forecast of {target} for an observed month: run 'provrisk backtest' first."
            )
        names = [str(name) for name in rank(comparison, target, own, [benchmark]).table.index]
    against = benchmark if benchmark in names else names[0]
    return files.write(path, render(comparison, study, against, names, _backtests(study, protocol)))


def _backtests(study: Study, protocol: str | None) -> dict[str, str]:
    """What is needed to repeat the backtests, by name: their rules and seeds."""
    folder = study.reports / "backtests"
    facts = {}
    for name in [protocol] if protocol else sorted(path.parent.name for path in folder.glob("*/scores.parquet")):
        rules = study.protocols.get(name)
        said = [rules.description, f"{rules.draws:,} draws"] if rules else []
        seed = next((_seed(path) for path in sorted((folder / name / "quantiles").glob("*.parquet"))), None)
        facts[f"Backtest {name}"] = ", ".join([*filter(None, said), f"seed {seed}" if seed else "seed not stored"])
    return facts


def _seed(path: Path) -> str | None:
    """The seed recorded in a backtest's file of forecasts."""
    kept = (pq.read_schema(path).metadata or {}).get(b"provrisk", b"{}")
    return json.loads(kept).get("seed")
