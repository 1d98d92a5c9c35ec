"""The command line: parses, calls, prints. Heavy packages are imported by the command that needs them."""

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    from provrisk.jobs.month import MonthResult

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: our arrays are small, threads only fight

app = typer.Typer(
    help="Forecast attacks by province and month, score the risk, write the monthly bulletin.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="Event files and the counts made from them.", no_args_is_help=True)
app.add_typer(data, name="data")

StudyOption = Annotated[str | None, typer.Option("--study", help="Folder under features/; the only one by default.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for a script.")]


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Forecast attacks by province and month, score the risk, write the monthly bulletin."""


@app.command()
def run(
    study: StudyOption = None,
    events: Annotated[
        Path | None, typer.Option(help="UCDP GED file to count events from, instead of the bundled figures.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed and data: same files.")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="Processes for the backtest; results do not depend on it.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Test the models, forecast the month after the data, write reports/STUDY/MONTH/."""
    from provrisk.jobs.month import run_month
    from provrisk.study import find_project

    project = find_project()
    with _progress() as progress:
        result = run_month(project, project.study(study), events, seed, workers, progress=progress)
    if as_json:
        print(json.dumps(_summary(result), indent=2))
    else:
        _print_month(result)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")]) -> None:
    """Lay out a project folder with the bundled study and models, to work in and to change."""
    from provrisk.study import init_project

    for path in init_project(folder):
        print(path)


@data.command("counts")
def data_counts(
    events: Annotated[Path, typer.Argument(help="UCDP GED file (CSV).")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the monthly table (CSV).")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the events of a file by month and province; say what was set aside and why."""
    from provrisk.events import counts
    from provrisk.jobs.month import load_counts
    from provrisk.study import find_project

    table, source, set_aside = load_counts(find_project().study(study), events)
    counts.write_csv(table, out)
    if as_json:
        rows = {"source": source, "rows": len(table), "events": int(table.attacks.sum())}
        print(json.dumps({**rows, "set_aside": {str(k): int(v) for k, v in set_aside.items()}, "file": str(out)}))
        return
    print(f"{source}: {table.attacks.sum():,} events counted in {len(table):,} months and provinces -> {out}")
    for reason, number in set_aside.items():
        print(f"  set aside: {number:,} ({reason})")


def main() -> None:
    """The ``provrisk`` command: an error of the user's is one sentence on stderr and exit code 2."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(arguments)
    except ProvriskError as error:
        if debug:
            raise
        print(f"provrisk: {error}", file=sys.stderr)
        sys.exit(2)


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, one line a kind of work; nothing where stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield progress


def _summary(result: "MonthResult") -> dict[str, object]:
    bulletin = result.bulletin
    return {
        "study": bulletin.study.name,
        "issue_date": f"{bulletin.issue.date:%Y-%m-%d}",
        "origin": f"{bulletin.issue.origin:%Y-%m}",
        "month": f"{bulletin.issue.month:%Y-%m}",
        "historical": bulletin.issue.historical,
        "source": bulletin.source,
        "digest": bulletin.digest,
        "seed": bulletin.seed,
        "champion": {"model": bulletin.model, "version": result.champion_version, "new": result.promoted},
        "crps": {str(k): round(v, 4) for k, v in result.summary[("crps", "all")].items()},
        "set_aside": {str(k): int(v) for k, v in result.set_aside.items()},
        "risk": json.loads(bulletin.risk.to_json(orient="records")),
        "files": sorted(str(path) for path in result.folder.iterdir() if not path.name.startswith(".")),
    }


def _print_month(result: "MonthResult") -> None:
    from rich.console import Console
    from rich.table import Table

    bulletin = result.bulletin
    table = Table(title=bulletin.title, title_justify="left", box=None, pad_edge=False)
    for name in ("", "Province", "Last month", "12-month mean", "Median", "80 % interval", "P(≥ 1)", "Level"):
        table.add_column(name, justify="left" if name in ("Province", "Level") else "right")
    for row in bulletin.risk.itertuples():
        table.add_row(
            str(row.rank), row.province, str(row.last_month), f"{row.mean_12:.1f}", str(row.median),
            f"{row.low_80}-{row.high_80}", f"{100 * row.p_at_least_1:.0f} %", row.level,
        )  # fmt: skip
    console = Console(soft_wrap=not sys.stdout.isatty())
    console.print(table)
    console.print(f"\n{bulletin.skill}")
    if result.promoted:
        console.print(f"{bulletin.model} is the study's first champion (version {result.champion_version}).")
    console.print(f"{bulletin.source}, data up to {bulletin.issue.origin:%Y-%m}. Written to {result.folder}")
