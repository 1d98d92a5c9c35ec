"""The command line: parses, calls, prints. Heavy packages are imported by the command that needs them."""

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from provrisk.cli import (
    bulletin,
    compare,
    data,
    evaluate,
    evidence,
    features,
    forecasts,
    month,
    retrain,
    scenario,
    study,
)
from provrisk.errors import ProvriskError, told
from provrisk.text import plain

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: our arrays are small, threads only fight

app = typer.Typer(
    help="Forecast attacks by province and month, score the risk, write the monthly bulletin.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(bulletin.app, name="bulletin")
app.add_typer(data.app, name="data")
app.add_typer(evidence.app, name="evidence")
app.add_typer(features.app, name="features")
app.add_typer(forecasts.app, name="forecasts")
app.add_typer(study.app, name="study")
app.command()(month.run)
app.command()(month.forecast)
app.command()(evaluate.backtest)
app.command()(compare.compare)
app.command()(scenario.scenario)
for command in (retrain.retrain, retrain.rollback, retrain.status, retrain.clean):
    app.command()(command)


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Forecast attacks by province and month, score the risk, write the monthly bulletin."""


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")]) -> None:
    """Lay out a project folder with the bundled study and models, to work in and to change."""
    from provrisk.study import init_project

    for path in init_project(folder):
        print(path)


def main() -> None:
    """The ``provrisk`` command: an error of the user's is one sentence on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no "≥" shows "?"
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        app(arguments)
    except (ProvriskError, OSError) as error:
        if debug:
            raise
        print(f"provrisk: {told(error) if isinstance(error, OSError) else error}", file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if debug:
            raise
        what = plain(f"{type(error).__name__}: {error}", 300)
        print(f"provrisk: this is a fault of the program ({what}): --debug shows where.", file=sys.stderr)
        sys.exit(1)
