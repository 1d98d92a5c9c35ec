"""Options and helpers that several commands use, and the progress bar."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli import messages
from provrisk.cli.json_answer import current
from provrisk.jobs.work import Work

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from provrisk.events.sources.user_file import UserFile
    from provrisk.study import Project, Study

StudyOption = Annotated[
    str | None,
    typer.Option("--study", help="Folder under features/; default: PROVRISK_STUDY, else features/default.txt."),
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="YYYY-MM-DD: use only the releases that were available on that day.")
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one line of JSON on stdout, also on an error (docs/scheduling.md).")
]
SeedOption = Annotated[int, typer.Option(min=0, help="Same seed and data: same files.")]
WorkersOption = Annotated[
    int, typer.Option(min=1, max=256, help="Processes for the backtest; results do not depend on it.")
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option("--language", help="Language of the bulletin, such as ar; may be repeated; default: the study's."),
]
AcceptOption = Annotated[
    str | None,
    typer.Option(metavar="REASON", help="Continue although a data check stops the job; the reason is recorded."),
]
MappingOption = Annotated[
    Path | None,
    typer.Option("--mapping", help="Mapping file (TOML) for a table from a source that the program does not know."),
]
CoversOption = Annotated[
    str | None,
    typer.Option("--covers", help="YYYY-MM:YYYY-MM, the months that the file covers, if the file does not say it."),
]


SheetOption = Annotated[str | None, typer.Option("--sheet", help="Sheet to read, if the workbook has several.")]
DateFormatOption = Annotated[
    str | None,
    typer.Option("--date-format", help="dmy, mdy or a format such as %d.%m.%Y, if dates can be read in two ways."),
]


def user_file(
    events: Path | None,
    mapping: Path | None,
    covers: str | None,
    sheet: str | None = None,
    date_format: str | None = None,
) -> "UserFile | None":
    """The event file named by the options, if any; raises ``ProvriskError`` for such options without a file."""
    from provrisk.errors import ProvriskError
    from provrisk.events.sources.user_file import UserFile

    if events is None and (mapping or covers or sheet or date_format):
        raise ProvriskError("--mapping, --covers, --sheet and --date-format need an event file: name it.")
    return None if events is None else UserFile(events, mapping, covers, sheet, date_format)


def open_project() -> "Project":
    """The project of ``--project``, else of PROVRISK_PROJECT, else of the current folder."""
    from provrisk.jobs.open_project import open_project

    return open_project(current().project)


def open_study(name: str | None, as_json: bool = False) -> "Study":
    """The study ``name`` in the project of this call; without a name, the default study (``chosen``).

    The name of a default study is printed, except with ``--json``.
    """
    project = open_project()
    if name is None and len(project.study_names()) > 1:
        name, why = project.chosen()
        if not as_json:
            print(f"study: {name} ({why})")
    study = project.study(name)
    current().study = study.name
    return study


def names(text: str | None) -> list[str]:
    """The names in an option, separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()] if text else []


def day(text: str | None, option: str) -> "pd.Timestamp | None":
    """The day in an option, YYYY-MM-DD; raises ``ProvriskError`` for another format."""
    from provrisk import months

    return None if text is None else months.day(text, option)


def console(width: int | None = None) -> "Console":
    """The console for tables: whole lines into a pipe; text of a study is never read as markup."""
    from rich.console import Console

    wrap = width is None and not sys.stdout.isatty()
    return Console(width=width, soft_wrap=wrap, markup=False, emoji=False, highlight=False)


@contextlib.contextmanager
def shown_work(seed: int, workers: int, cluster: str | None = None, aloud: bool = False) -> Iterator[Work]:
    """How the job of this call is run, with a progress bar on stderr, one line for each kind of work.

    Text lines are in the log and with ``--verbose``; the sentences of a job also on stderr if it is long (``aloud``).
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars_are_shown = console.is_terminal and messages.shows_bars()
    with Progress(*columns, console=console, transient=True, disable=not bars_are_shown) as bars:
        tasks: dict[str, TaskID] = {}
        steps = messages.Steps()

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)
            steps(what, done, total)

        def say(sentence: str) -> None:
            if aloud and bars_are_shown:  # above the bars
                bars.console.print(f"provrisk: {sentence}", markup=False, highlight=False)
            messages.step(sentence, aloud and not bars_are_shown)

        yield Work(seed, workers, cluster, progress, say)
