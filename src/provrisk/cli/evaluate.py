"""``provrisk backtest``: models against what happened."""

import json
from typing import Annotated

import typer

from provrisk.cli.common import (
    AsOfOption,
    JsonOption,
    SeedOption,
    StudyOption,
    WorkersOption,
    day,
    open_study,
    progress_bar,
)

ProtocolOption = Annotated[str, typer.Option("--protocol", help="A named backtest of the study's protocols.toml.")]
ModelsOption = Annotated[str | None, typer.Option("--models", help="Names from models/, with commas; default: all.")]


def backtest(
    protocol: ProtocolOption = "recent",
    models: ModelsOption = None,
    study: StudyOption = None,
    as_of: AsOfOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786.")] = None,
    as_of_releases: Annotated[
        bool, typer.Option("--as-of-releases", help="Use at each origin the releases that were out then.")
    ] = False,
    draws_out: Annotated[str | None, typer.Option(help="Write the draws of this model, too.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Re-run models at every origin of a protocol; write scores and forecasts under reports/STUDY/backtests/."""
    from provrisk.jobs import backtest as job
    from provrisk.jobs.lock import only_one
    from provrisk.jobs.sources import AsReleased, load_panel
    from provrisk.tracking.store import Job, Tracker

    project, chosen = open_study(study)
    figures, panel = load_panel(project, chosen, as_of=day(as_of, "--as-of"))
    with progress_bar() as progress:
        result = job.run_backtest(
            project, chosen, panel, protocol, _names(models), seed=seed, workers=workers, cluster=cluster,
            view=AsReleased(project, chosen) if as_of_releases else None,
            progress=lambda done, total: progress("Backtest", done, total),
        )  # fmt: skip
    with only_one(project, chosen):
        folder = job.write(result, project, chosen, draws_out)
        entry = Job("backtest", result.key(panel, seed), result.settings(seed))
        tracker = Tracker(project, chosen)
        tracker.log(entry, figures.counts, panel, result.files, result.scores, result.notes(), folder)
    if as_json:
        summary = {"protocol": protocol, "folder": str(folder), "blocks_computed": result.run.computed}
        print(json.dumps({**summary, "blocks_reused": result.run.reused, "failures": len(result.run.failures)}))
        return
    print(f"{result.run.computed} blocks computed, {result.run.reused} reused; written to {folder}")
    for (name, reason), group in result.run.failures.groupby(["model", "reason"]):
        print(f"  {name} made no forecast at {len(group)} origins: {reason}")


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()] if text else []
