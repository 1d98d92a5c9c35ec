"""How a study stands, going back to its previous champion, and keeping its store small."""

import datetime

import pandas as pd
import xarray as xr

from provrisk import files, months
from provrisk.evaluation.store import recipe_key
from provrisk.jobs.lock import only_one
from provrisk.models.registry import build
from provrisk.risk.issue import issue_on
from provrisk.study import Project, Study
from provrisk.tracking.registry import Registry
from provrisk.tracking.store import Tracker


def report(project: Project, study: Study, panel: xr.Dataset, today: pd.Timestamp | None = None) -> dict[str, str]:
    """At most ten lines by name: study, data, champion, last jobs, what is due."""
    tracker = Tracker(project, study)
    champion = Registry(tracker).champion()
    issue = issue_on(
        today if today is not None else pd.Timestamp.now(), months.parse(panel.attrs["origin"]), study.file.horizons
    )
    lines = {"study": f"{study.name} ({study.file.title})", "store": tracker.shown}
    lines["data"] = f"{panel.attrs['source']}, up to {panel.attrs['origin']}, digest {panel.attrs['digest']}"
    due = []
    if champion is None:
        lines["champion"] = "none yet"
        due.append("provrisk retrain (there is no champion)")
    else:
        lines["champion"] = (
            f"{champion.name}, version {champion.version}, fitted up to {champion.fitted_until}, "
            f"data digest {champion.data_digest}"
        )
        recipes = {name: build(name, file) for name, file in project.models().items()}
        if champion.name not in recipes:
            due.append(f"put models/{champion.name}.toml back (the champion's recipe)")
        elif champion.data_digest != panel.attrs["digest"]:
            due.append("provrisk retrain (the data have changed since)")
        elif champion.recipe != recipe_key(champion.name, recipes):
            due.append("provrisk retrain (the recipe has changed since)")
    for number, run in enumerate(tracker.jobs(3), start=1):
        when = datetime.datetime.fromtimestamp(run.info.start_time / 1000, tz=datetime.UTC)
        lines[f"job -{number}"] = f"{run.data.tags['job']}, {when:%Y-%m-%d %H:%M} UTC, {run.info.status.lower()}"
    folder = project.reports / study.name / months.label(issue.month)
    lines["bulletin"] = f"{folder} {'exists' if folder.is_dir() else 'is not written yet'}"
    if not folder.is_dir():
        due.append("provrisk run (the bulletin)")
    lines["due"] = "; ".join(due) or "nothing"
    return lines


def rollback(project: Project, study: Study) -> tuple[str, str]:
    """Let the champion and the previous champion change places; returns the versions that are now these two.

    Raises ``ProvriskError`` if there is no previous champion.
    """
    with only_one(project, study):
        return Registry(Tracker(project, study)).rollback()


def clean(project: Project, study: Study, keep: int) -> tuple[int, int]:
    """Drop jobs older than the ``keep`` newest, and blocks not used since; returns how many runs and blocks."""
    with only_one(project, study):
        tracker = Tracker(project, study)
        jobs = tracker.jobs(keep)
        runs = tracker.delete_runs(keep, Registry(tracker).runs())
        oldest = min((run.info.start_time for run in jobs), default=0) / 1000
        # A job's blocks are older than its run, which is logged when it ends: an hour covers the longest backtest.
        old = [path for path in (project.blocks / study.name).glob("*.npz") if path.stat().st_mtime < oldest - 3600]
        for path in old:
            path.unlink(missing_ok=True)
        files.sweep(project.blocks / study.name)
    return runs, len(old)
