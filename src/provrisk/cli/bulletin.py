"""``provrisk bulletin``: past issues rebuilt, drafts made final."""

from typing import Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import (
    JsonOption,
    LanguageOption,
    SeedOption,
    StudyOption,
    WorkersOption,
    open_study,
    shown_work,
)
from provrisk.errors import ProvriskError

app = typer.Typer(help="Rebuild a past issue of the bulletin, or make a draft final.", invoke_without_command=True)


@app.callback()
def bulletin(
    context: typer.Context,
    origin: Annotated[str | None, typer.Option(help="The last month that the issue may use, such as 2016-06.")] = None,
    study: StudyOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the issue of a past month from the data up to --origin, or finalize a draft."""
    if context.invoked_subcommand is not None:
        return
    if origin is None:
        raise ProvriskError(
            "Which issue? Give --origin YYYY-MM for a past one, 'bulletin finalize' for a draft; 'provrisk run' writes "
            "the newest."
        )
    from provrisk import months
    from provrisk.jobs.past_issue import write_past
    from provrisk.study import in_languages

    chosen = open_study(study, as_json)
    with shown_work(seed, workers) as work:
        written = write_past(in_languages(chosen, language or ()), months.parse(origin), work)
    document = written.document
    if as_json:
        answer(month=document.month, origin=document.origin, folder=str(written.folder), paths=[written.folder])
        return
    print(
        f"{document.title}: draft written to {written.folder}, from data up to {document.origin} as they stand today, "
        "with later corrections."
    )


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
    from provrisk.jobs.past_issue import finalise
    from provrisk.reports.bulletin.stored_issues import ERRATUM, draft_of
    from provrisk.reports.bulletin.stored_issues import read as read_issue

    chosen = open_study(study, as_json)
    draft = draft_of(chosen, month)
    erratum = draft.folder.name == ERRATUM
    if not as_json:
        what = "draft of an erratum" if erratum else "draft"
        print(f"Freezing the {what}: {draft.document.title}, data up to {draft.document.origin}, {draft.folder}")
    before = draft.document.risk
    old = read_issue(draft.folder.parent).document.risk if erratum else None
    issued = finalise(chosen, note, month)
    document = issued.document
    if as_json:
        answer(
            month=document.month, state=document.state, errata=len(document.errata), folder=str(issued.folder),
            files=issued.stored.files, paths=[issued.folder],
        )  # fmt: skip
        return
    number = f", with erratum {document.errata[-1].number}" if document.errata else ""
    alone = " (same figures, new note)" if old == before else ""
    print(f"The issue of {document.month} is final{number}{alone}: {issued.folder}")


@app.command()
def discard(
    month: Annotated[
        str | None, typer.Option(help="The draft's month, such as 2019-01; default: the newest draft.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Discard a draft: its folder is moved away. Final issues stay. To undo, move the folder back."""
    from provrisk.jobs.past_issue import discard as job

    draft, target = job(open_study(study, as_json), month)
    if as_json:
        answer(month=draft.document.month, discarded=str(draft.folder), paths=[target])
        return
    print(f"The draft {draft.document.title} is discarded: {target}\nTo undo: mv {target} {draft.folder}")
