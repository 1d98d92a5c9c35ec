"""``provrisk study``: a new study, and what one still lacks."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from provrisk.cli.answer import answer
from provrisk.cli.common import JsonOption, open_project

app = typer.Typer(help="A new study, and what one still lacks.", no_args_is_help=True)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Folder to make under features/.")],
    events: Annotated[Path, typer.Option("--from", help="UCDP GED file (CSV) with the country's events.")],
    country: Annotated[str, typer.Option(help="The country, as the file spells it.")],
    actor: Annotated[str, typer.Option(help="The actor to count: its name in the file, or its UCDP identifier.")],
    borders: Annotated[Path | None, typer.Option(help="GeoJSON of the provinces, to tell neighbours by.")] = None,
) -> None:
    """Write a first study from an event file: provinces, neighbours, monthly figures, study.toml."""
    from provrisk.jobs.new_study import new_study

    for path in new_study(open_project(), name, events, country, actor, borders):
        print(path)
    print(f"Look it through: provrisk study check {name}")


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="Folder under features/.")],
    as_json: JsonOption = False,
) -> None:
    """Say what the study lacks and what is doubtful in it; exit code 2 if it cannot run."""
    from provrisk.jobs.check_study import check_study

    findings = check_study(open_project(), name)
    if as_json:
        answer(findings=[finding.__dict__ for finding in findings])
    else:
        for finding in findings:
            print(f"{finding.kind}: {finding.what}")
        if not findings:
            print(f"{name}: nothing is missing, nothing is doubtful.")
    if any(finding.kind == "missing" for finding in findings):
        sys.exit(2)
