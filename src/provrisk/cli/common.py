"""What commands share: options, the progress bar."""

import contextlib
import datetime
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    import pandas as pd

StudyOption = Annotated[str | None, typer.Option("--study", help="Folder under features/; the only one by default.")]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="YYYY-MM-DD: use only the releases that were available on that day.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for a script.")]
SeedOption = Annotated[int, typer.Option(min=0, help="Same seed and data: same files.")]
WorkersOption = Annotated[int, typer.Option(min=1, help="Processes for the backtest; results do not depend on it.")]


def day(text: str | None, option: str) -> "pd.Timestamp | None":
    """The day that an option names as YYYY-MM-DD; raises ``ProvriskError`` for any other spelling."""
    import pandas as pd

    if text is None:
        return None
    try:
        return pd.Timestamp(datetime.date.fromisoformat(text))
    except ValueError:
        raise ProvriskError(f"{option} {text!r} is not a day: write it as YYYY-MM-DD, such as 2024-07-01.") from None


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, one line a kind of work; nothing where stderr is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield progress
