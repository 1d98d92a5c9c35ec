"""``provrisk study``: make a new study, and check a study."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import CoversOption, DateFormatOption, JsonOption, MappingOption, SheetOption, open_project
from provrisk.errors import ProvriskError

app = typer.Typer(help="Make a new study, and check a study.", no_args_is_help=True)


@app.command("example")
def example(
    path: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A new file.")], as_json: JsonOption = False
) -> None:
    """Write an example: the events of a made-up country, as UCDP GED would, to try 'study new' on.

    Its truth is known: in each province of Utopia the Red Front attacks at a constant rate, 2015 to 2019.
    """
    from provrisk.jobs.studies.example import write_example

    events = len(write_example(path))
    if as_json:
        answer(events=events, paths=[path])
        return
    print(f"{path}: {events:,} events in Utopia, 2015-01 to 2019-12")
    print(f"Next: provrisk study new utopia --from {shlex.quote(str(path))} --country Utopia --actor 'Red Front'")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the new folder under features/.")],
    events: Annotated[list[Path], typer.Option("--from", help="File with the country's events; others may follow.")],
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="More files.", show_default=False)
    ] = None,
    country: Annotated[
        str | None, typer.Option(help="The country, by any usual name; not needed if the files hold only one.")
    ] = None,
    actor: Annotated[
        list[str] | None, typer.Option(help="An actor to count, by name or identifier; may be repeated; or all.")
    ] = None,
    borders: Annotated[Path | None, typer.Option(help="GeoJSON of the provinces; default: the bundled map.")] = None,
    mapping: MappingOption = None,
    covers: CoversOption = None,
    sheet: SheetOption = None,
    date_format: DateFormatOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a first study from event files: provinces, neighbours, monthly counts, study.toml."""
    from provrisk.events.sources.user_file import UserFile
    from provrisk.jobs.studies.new import new_study

    given = [UserFile(path, mapping, covers, sheet, date_format) for path in (*events, *(more or ()))]
    made = new_study(open_project(), name, given, country, actor or (), borders)
    if as_json:
        answer(notes=made.notes(), paths=made.written)
        return
    for path in made.written:
        print(path)
    for line in made.notes():
        print(line)
    print(f"Next, check it: provrisk study check {name}")


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="Folder under features/.")],
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Merge the provinces of --merge; without --merge, ask for each pair of similar names."
        ),
    ] = False,
    merge: Annotated[
        list[str] | None, typer.Option(metavar="A=B", help="A is another spelling of the province B; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Report what is missing and what is doubtful in the study; exit code 2 if it cannot run.

    With --fix two spellings of one province are merged in every file of the study: their counts are added.
    """
    from provrisk.jobs.studies.check import check_study, doubles
    from provrisk.jobs.studies.merge import merge_provinces, parse_merges

    project = open_project()
    if fix:
        study = project.study(name)
        accepted = parse_merges(merge) if merge else {a: b for a, b in doubles(study) if _agreed(a, b)}
        for gone, stays in accepted.items():
            print(f"one province: {gone} -> {stays}", file=sys.stderr if as_json else sys.stdout)
        if accepted:
            merge_provinces(study, accepted)
    elif merge:
        raise ProvriskError("--merge changes the files of the study: confirm it with --fix.")
    findings = check_study(project, name)
    if as_json:
        answer(findings=[finding.__dict__ for finding in findings])
    else:
        for finding in findings:
            print(f"{finding.kind}: {finding.what}")
        if not findings:
            print(f"{name}: nothing is missing, nothing is doubtful.")
    if any(finding.kind == "missing" for finding in findings):
        sys.exit(2)


def _agreed(one: str, other: str) -> bool:
    try:
        return typer.confirm(f"Is {one} a spelling of {other}?", default=False, err=True)
    except typer.Abort:  # not interactive
        return False
