"""``provrisk bulletin``: past issues rebuilt, drafts made final."""

from typing import Annotated

import typer

from provrisk.cli.answer import answer
from provrisk.cli.common import JsonOption, SeedOption, StudyOption, WorkersOption, open_study, progress_bar
from provrisk.errors import ProvriskError

app = typer.Typer(help="Rebuild a past issue of the bulletin, or make a draft final.", invoke_without_command=True)


@app.callback()
def bulletin(
    context: typer.Context,
    origin: Annotated[str | None, typer.Option(help="The last month that the issue may use, such as 2016-06.")] = None,
    study: StudyOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Write the issue that the data up to --origin would have given, or finalize a draft."""
    if context.invoked_subcommand is not None:
        return
    if origin is None:
        raise ProvriskError(
            "Which issue? Give --origin YYYY-MM for a past one, 'bulletin finalize' for a draft; 'provrisk run' writes "
            "the newest."
        )
    from provrisk import months
    from provrisk.jobs.issuing import write_past

    project, chosen = open_study(study, as_json)
    with progress_bar() as progress:
        written = write_past(
            project, chosen, months.parse(origin), seed, workers,
            progress=lambda done, total: progress("Backtest", done, total),
        )  # fmt: skip
    document = written.document
    if as_json:
        answer(month=document.month, origin=document.origin, folder=str(written.folder), paths=[written.folder])
        return
    print(f"{document.title}: draft written to {written.folder}, from the data up to {document.origin} (final data).")


@app.command()
def finalize(
    note: Annotated[str, typer.Option(help="Who checked it; for an erratum, what was wrong.")],
    month: Annotated[
        str | None, typer.Option(help="The issue's month, such as 2019-01; default: the newest draft.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze a draft: later changes become errata, numbered and dated."""
    from provrisk.jobs.issuing import finalise

    project, chosen = open_study(study, as_json)
    issued = finalise(project, chosen, note, month)
    document = issued.document
    if as_json:
        summary = {"month": document.month, "state": document.state, "errata": len(document.errata)}
        answer({**summary, "folder": str(issued.folder), "files": issued.stored.files}, paths=[issued.folder])
        return
    erratum = f", with erratum {document.errata[-1].number}" if document.errata else ""
    print(f"The issue of {document.month} is final{erratum}: {issued.folder}")
