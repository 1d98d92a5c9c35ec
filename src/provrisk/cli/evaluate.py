"""``provrisk backtest`` and ``provrisk compare``: forecasts against what happened, and against each other."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.common import (
    AsOfOption,
    JsonOption,
    SeedOption,
    StudyOption,
    WorkersOption,
    console,
    day,
    open_study,
    progress_bar,
)

if TYPE_CHECKING:
    import pandas as pd

    from provrisk.evaluation.compare import Cells

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


def compare(
    protocol: ProtocolOption = "recent",
    models: ModelsOption = None,
    benchmark: Annotated[str, typer.Option(help="The model that skill is measured against.")] = "ewma_nb",
    split: Annotated[str | None, typer.Option("--by", help="Mean CRPS by horizon, year or province.")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """The leaderboard of a backtest that has been run, on the cells that all its models share."""
    from provrisk.evaluation.compare import by, leaderboard, shared_cells
    from provrisk.jobs.backtest import read_scores

    project, chosen = open_study(study)
    scores = read_scores(project, chosen, protocol)
    cells = shared_cells(scores, _names(models))
    table = by(cells, split) if split else leaderboard(cells, benchmark)
    if as_json:
        print(table.reset_index().to_json(orient="records", date_format="iso"))
    elif split:
        _print_split(table, split)
    else:
        _print_leaderboard(table, cells, benchmark, scores.attrs)


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()] if text else []


def _print_split(table: "pd.DataFrame", split: str) -> None:
    from rich.table import Table

    shown = Table(title=f"Mean CRPS by {split}", title_justify="left", box=None, pad_edge=False)
    shown.add_column(split.capitalize())
    for name in table.columns:
        shown.add_column(str(name), justify="right")
    for label, row in table.iterrows():
        shown.add_row(str(label), *(f"{value:.3f}" for value in row))
    console(width=max(80, 14 * len(table.columns))).print(shown)


def _print_leaderboard(table: "pd.DataFrame", cells: "Cells", benchmark: str, attrs: dict[str, object]) -> None:
    from rich.table import Table

    shown = Table(title=f"Skill against {benchmark}", title_justify="left", box=None, pad_edge=False)
    for name in (
        "Model",
        "CRPS",
        "active",
        "skill",
        "90 % interval",
        "",
        "log score",
        "AUC esc.",
        "bias",
        "cover 50/80/90",
    ):
        shown.add_column(name, justify="left" if name in ("Model", "") else "right", no_wrap=True)
    for name, row in table.iterrows():
        own = name == benchmark
        shown.add_row(
            str(name),
            f"{row.crps:.3f}",
            f"{row.crps_active:.3f}",
            "" if own else f"{100 * row.skill:+.1f} %",
            "" if own else f"{100 * row.skill_low:+.1f} to {100 * row.skill_high:+.1f}",
            "" if own else str(row.verdict),
            f"{row.log_score:.3f}",
            f"{row.auc_escalation:.2f}",
            f"{row.bias:.2f}",
            "/".join(f"{100 * row[f'coverage_{level}']:.0f}" for level in (50, 80, 90)),
        )
    out = console(width=120)
    out.print(shown)
    crps = cells.wide("crps")
    origins = crps.index.get_level_values("origin")
    out.print(
        f"\n{len(crps):,} cells of {origins.nunique()} origins, {origins.min():%Y-%m} to {origins.max():%Y-%m}; truth: "
        f"{attrs.get('truth', 'unknown')}. A tie: the interval (moving-block bootstrap over origins) holds zero."
    )
    for name, number in cells.unshared.items():
        if number:
            out.print(f"{name}: {number:,} further cells are not compared, since another model lacks them.")
