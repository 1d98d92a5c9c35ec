"""``provrisk run``: the month."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.common import JsonOption, SeedOption, StudyOption, WorkersOption, progress_bar

if TYPE_CHECKING:
    from provrisk.jobs.month import MonthResult


def run(
    study: StudyOption = None,
    events: Annotated[
        Path | None, typer.Option(help="UCDP GED file to count events from, instead of the bundled figures.")
    ] = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    again: Annotated[bool, typer.Option(help="Write it even if no new data have come.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Test the models, forecast the month after the data, write the draft of reports/STUDY/MONTH/."""
    from provrisk.jobs.bulletin import NothingNewError
    from provrisk.jobs.month import run_month
    from provrisk.study import find_project

    project = find_project()
    try:
        with progress_bar() as progress:
            result = run_month(project, project.study(study), events, seed, workers, again=again, progress=progress)
    except NothingNewError as reason:
        print(json.dumps({"nothing_new": str(reason)}) if as_json else f"{reason} --again writes it all the same.")
        return
    if as_json:
        print(json.dumps(_summary(result), indent=2))
    else:
        _print(result)


def _summary(result: "MonthResult") -> dict[str, object]:
    document = result.issue.document
    return {
        "study": document.study,
        "issue_date": document.issue_date,
        "origin": document.origin,
        "month": document.month,
        "historical": document.historical,
        "source": document.source,
        "digest": document.digest,
        "seed": document.seed,
        "champion": {"model": document.model, "version": result.champion_version, "new": result.promoted},
        "crps": {str(k): round(v, 4) for k, v in result.leaderboard.crps.items()},
        "set_aside": {str(k): int(v) for k, v in result.set_aside.items()},
        "risk": list(document.risk),
        "files": sorted(str(path) for path in result.issue.folder.iterdir() if path.is_file()),
    }


def _print(result: "MonthResult") -> None:
    from rich.console import Console
    from rich.table import Table

    document = result.issue.document
    table = Table(title=document.title, title_justify="left", box=None, pad_edge=False)
    for name in ("", "Province", "Last month", "12-month mean", "Median", "80 % interval", "P(≥ 1)", "Level"):
        table.add_column(name, justify="left" if name in ("Province", "Level") else "right")
    for row in result.issue.risk.itertuples():
        table.add_row(
            str(row.rank), row.province, str(row.last_month), f"{row.mean_12:.1f}", str(row.median),
            f"{row.low_80}-{row.high_80}", f"{100 * row.p_at_least_1:.0f} %", row.level,
        )  # fmt: skip
    console = Console(soft_wrap=not sys.stdout.isatty())
    console.print(table)
    console.print(f"\n{document.scorecard['skill']}")
    if result.promoted:
        console.print(f"{document.model} is the study's first champion (version {result.champion_version}).")
    console.print(f"{document.source}, data up to {document.origin}. Draft written to {result.issue.folder}")
