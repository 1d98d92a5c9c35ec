"""A backtest in MLflow: its runs, and the model that is registered after it."""

from pathlib import Path

from provrisk.evaluation.backtest.block_store import recipe_key
from provrisk.evaluation.backtest.fitted import Fitted
from provrisk.jobs.backtest import BacktestResult
from provrisk.tracking.registry import Registry
from provrisk.tracking.runs import Job, Tracker


def log(tested: BacktestResult, tracker: Tracker, kind: str, folder: Path, key: str | None = None) -> dict[str, str]:
    """Log a backtest that was written to ``folder`` as a job of that ``kind``; returns the run of each model.

    ``key`` tells the job from others, by default by all that the backtest depends on.
    """
    job = Job(kind, key or tested.key(), tested.settings())
    counts = tested.snapshot.figures.counts
    return tracker.log(job, counts, tested.panel, tested.files, tested.scores, tested.notes(), folder)


def make_champion(tested: BacktestResult, registry: Registry, name: str, fitted: Fitted, run: str) -> str:
    """Register the model ``name``, ``fitted`` on all data, and make it champion; returns its version.

    ``run`` is that of its backtest.
    """
    settings = {"draws": tested.rules.draws, "seed": tested.seed}
    counts, recipe = tested.snapshot.figures.counts, recipe_key(name, tested.recipes)
    version = registry.register(name, recipe, fitted, counts, tested.panel, settings, run)
    registry.promote(version)
    return version
