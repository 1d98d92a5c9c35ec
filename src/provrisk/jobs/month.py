"""The month: data in; forecast, risk table and bulletin out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd
import xarray as xr

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.evaluation.compare import leaderboard, shared_cells
from provrisk.evaluation.store import recipe_key
from provrisk.events.figures import Figures
from provrisk.forecasts import hubverse
from provrisk.jobs.backtest import run_backtest
from provrisk.jobs.backtest import write as write_backtest
from provrisk.jobs.lock import only_one
from provrisk.jobs.sources import champion_forecast, load_panel
from provrisk.reports import html
from provrisk.reports.bulletin import Bulletin, data_sentences, history, skill_sentence
from provrisk.risk import table as risk
from provrisk.risk.issue import issue_on
from provrisk.study import Project, Study
from provrisk.tracking.registry import Registry
from provrisk.tracking.store import Job, Tracker

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and their number."""


@dataclass(frozen=True)
class MonthResult:
    """What ``run_month`` did: the bulletin, its files, the leaderboard of the backtest and the champion's version."""

    bulletin: Bulletin
    folder: Path
    leaderboard: pd.DataFrame
    champion_version: str
    promoted: bool
    figures: Figures


def run_month(
    project: Project,
    study: Study,
    events: Path | None = None,
    seed: int = 1,
    workers: int = 1,
    today: pd.Timestamp | None = None,
    as_of: pd.Timestamp | None = None,
    progress: Progress = lambda what, done, total: None,
) -> MonthResult:
    """Forecast the month after the data and write ``reports/<study>/<month>/``.

    Counts come from the file ``events``, from the releases of the store that were available ``as_of``
    (the issue is then that day's), or else from the figures bundled with the study. The champion and its
    benchmarks are backtested and logged to MLflow; where no champion is registered, the candidate with
    the lowest mean CRPS becomes it. The same data, settings and seed write the same files.
    """
    figures, panel = load_panel(project, study, events, as_of)
    table = figures.counts
    rules = study.file.backtest
    tracker = Tracker(project, study)
    registry = Registry(tracker)
    champion = registry.champion()  # before the work: a store that fails should fail at once
    tested = run_backtest(
        project,
        study,
        panel,
        rules.protocol,
        list(dict.fromkeys([*([champion.name] if champion else rules.candidates), *rules.benchmarks])),
        seed=seed,
        workers=workers,
        progress=partial(progress, "Backtest"),
    )
    cells = shared_cells(tested.scores)
    board = leaderboard(cells, rules.benchmarks[0])
    draws = tested.rules.draws
    progress("Tracking", 0, 1)
    with only_one(project, study):
        kept = write_backtest(tested, project, study)
        job = Job("month", tested.key(panel, seed), tested.settings(seed))
        runs = tracker.log(job, table, panel, tested.files, tested.scores, tested.notes(), kept)
        promoted = champion is None
        if champion is None:
            best = str(board.index[0])
            fitted = tested.refit(best, panel)
            recipe = recipe_key(best, tested.recipes)
            settings = {"draws": draws, "seed": seed}
            registry.promote(registry.register(best, recipe, fitted, table, panel, settings, runs[best]))
            champion = registry.champion()
    if champion is None:
        raise ProvriskError("The MLflow store did not keep the champion: check that it can be written to.")
    progress("Tracking", 1, 1)

    if as_of is not None and champion.data_digest != panel.attrs["digest"]:
        # The champion has seen data that were not out on that day: its recipe is fitted anew to those that were.
        champion = replace(champion, model=tested.refit(champion.name, panel))
    horizons = range(1, study.file.horizons + 1)
    drawn, corrected = champion_forecast(project, study, figures, champion, horizons, draws, seed)
    titles = {name: file.title for name, file in tested.files.items()}
    today = as_of if as_of is not None else today if today is not None else pd.Timestamp.now()
    issue = issue_on(today, months.parse(panel.attrs["origin"]), len(horizons), rebuilt=as_of is not None)
    bulletin = Bulletin(
        study=figures.cited(study),
        issue=issue,
        source=panel.attrs["source"],
        digest=panel.attrs["digest"],
        model=titles.get(champion.name, champion.name),
        seed=seed,
        draws=draws,
        risk=risk.risk_table(panel, drawn, issue, study),
        history=history(panel, issue.origin),
        skill=skill_sentence(cells, champion.name, rules.benchmarks, titles),
        data=data_sentences(figures, corrected),
    )
    folder = write_reports(project, bulletin, drawn)
    return MonthResult(bulletin, folder, board, champion.version, promoted, figures)


def write_reports(project: Project, bulletin: Bulletin, drawn: xr.DataArray) -> Path:
    """Write the bulletin's files; returns their folder, named after the month they speak of."""
    folder = project.reports / bulletin.study.name / months.label(bulletin.issue.month)
    files.write(folder / "bulletin.html", html.render(bulletin))
    files.write(folder / "risk.csv", risk.to_csv(bulletin.risk))
    hubverse.write(hubverse.samples(drawn), drawn.attrs, folder / "forecast.parquet")
    return folder
