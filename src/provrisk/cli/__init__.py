"""The command line: parses, calls, prints. Heavy packages are imported by the command that needs them."""

import gc
import io
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from provrisk import folders
from provrisk.cli import (
    backtest,
    bulletin,
    compare,
    data,
    evidence,
    features,
    forecasts,
    learn,
    messages,
    retrain,
    run,
    scenario,
    study,
)
from provrisk.cli.json_answer import Call, answer, begin, current, failed
from provrisk.cli.options import JsonOption
from provrisk.errors import ProvriskError, of_system
from provrisk.text import plain
from provrisk.version import version

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: our arrays are small, threads only fight

ENDS = (
    "Exit codes: 0 done or unchanged, 1 a fault of the program, 2 something to correct, 3 a data check stopped it, "
    "4 nothing new, 75 another job is running (try again later)."
)

app = typer.Typer(
    help="Forecast attacks by province and month, score the risk, write the monthly bulletin.",
    no_args_is_help=True,
    add_completion=True,
    epilog=ENDS,
    pretty_exceptions_enable=False,
)
app.add_typer(bulletin.app, name="bulletin")
app.add_typer(data.app, name="data")
app.add_typer(evidence.app, name="evidence")
app.add_typer(features.app, name="features")
app.add_typer(forecasts.app, name="forecasts")
app.add_typer(study.app, name="study")
app.command()(run.run)
app.command()(run.forecast)
app.command()(backtest.backtest)
app.command()(compare.compare)
app.command()(scenario.scenario)
app.command()(learn.learn)
for command in (retrain.retrain, retrain.rollback, retrain.status, retrain.clean):
    app.command()(command)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"provrisk {version()}")
        raise typer.Exit


@app.callback()
def root(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show each step on stderr.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr, only errors.")] = False,
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="Add each step and error to this file, with UTC times.")
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    project: Annotated[
        Path | None,
        typer.Option("--project", metavar="DIR", help="The project folder; else PROVRISK_PROJECT, else this folder."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Forecast attacks by province and month, score the risk, write the monthly bulletin."""
    messages.begin(verbose, quiet, log)
    current().project = folders.named(project, "--project") if project else None


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")], as_json: JsonOption = False) -> None:
    """Make a project folder with the bundled study and models, to work in and to change."""
    from provrisk.study import init_project

    made = init_project(folder)
    if as_json:
        answer(paths=made)
        return
    for path in made:
        print(path)
    print(f"Next: cd {shlex.quote(str(folder))} and provrisk run, or provrisk study new for a country of your own")


def main() -> None:
    """The ``provrisk`` command: an error is a sentence on stderr (with ``--json`` on stdout, too), and an exit code."""
    # Imports and tables make many objects that stay: collecting as often as Python does took a tenth of a job's time.
    gc.set_threshold(50_000, 20, 50)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no "≥" shows "?"
    arguments = to_the_front(sys.argv[1:])
    call = begin(command_of(arguments))
    try:
        app(arguments)
    except Exception as error:
        if "--debug" in arguments:
            raise
        sentence, code = sentence_of(error)
        _fail(call, arguments, error, sentence, code)
    except SystemExit as end:  # the parser has printed what it did not understand
        if end.code == 2 and not call.answered:
            _fail(call, arguments, end, "The options were not understood: see --help.", 2, told=True)
        raise


ANYWHERE = {"--debug": 0, "--verbose": 0, "-v": 0, "--quiet": 0, "-q": 0, "--log": 1, "--project": 1}
"""Options of the program itself, which may stand behind the command as well, and how many values they take."""


def to_the_front(arguments: list[str]) -> list[str]:
    """``arguments`` with the program's own options before the command, where the parser looks for them."""
    front, rest = [], list[str]()
    waiting = iter(arguments)
    for one in waiting:
        name, equals, _ = one.partition("=")
        if name not in ANYWHERE:
            rest.append(one)
            continue
        front.append(one)
        if ANYWHERE[name] and not equals:
            front += [value for value in (next(waiting, None),) if value is not None]
    return front + rest


def command_of(arguments: list[str]) -> str:
    """The command that is called, such as ``data add``; empty if it is none."""
    group: object = typer.main.get_command(app)
    words = []
    for one in arguments:
        found = getattr(group, "commands", {}).get(one)
        if found is not None:
            words.append(one)
            group = found
    return " ".join(words)


def sentence_of(error: Exception) -> tuple[str, int]:
    """The sentence for an error, and its exit code."""
    if isinstance(error, ProvriskError):
        return str(error), error.exit_code
    if isinstance(error, OSError):
        return str(of_system(error)), 2
    what = plain(f"{type(error).__name__}: {error}", 300)
    return f"this is a fault of the program ({what}): --debug shows where.", 1


def _fail(
    call: Call, arguments: list[str], error: BaseException, sentence: str, code: int, told: bool = False
) -> NoReturn:
    if "--json" in arguments and not call.answered:
        print(failed(call, error, sentence, code))
    if not told:
        messages.error(sentence)
    sys.exit(code)
