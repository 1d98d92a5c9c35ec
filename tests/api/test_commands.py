"""Everything the command does is one call from Python."""

import inspect
import subprocess
import sys
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import pandas as pd
import pytest
import typer

import provrisk as pr
from provrisk.cli import app
from provrisk.jobs.comparison.compare import ComparedForecasts

# Where an option is no argument of the function but a method of what it returns.
ELSEWHERE = {
    ("compare", "split"): ComparedForecasts.by,
    ("compare", "month"): ComparedForecasts.at,
    ("compare", "horizon"): ComparedForecasts.at,
    ("compare", "page"): ComparedForecasts.write_page,
    ("compare", "out"): pd.DataFrame.to_csv,
    ("study new", "more"): pr.study_new,  # its events may be several
}
PRINTING = {"as_json", "help", "debug", "study", "check", "open_it"}


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            if command.invoke_without_command:
                yield " ".join((*path, name)), command
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands(typer.main.get_command(app)))


def test_every_command_names_its_function() -> None:
    assert set(pr.COMMANDS) == set(COMMANDS), "provrisk.api.COMMANDS and the command line differ"


def test_every_command_answers_scripts() -> None:
    assert [name for name, one in COMMANDS.items() if "as_json" not in {option.name for option in one.params}] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_an_argument_of_the_function(command: str) -> None:
    function = getattr(pr, pr.COMMANDS[command])
    arguments = set(inspect.signature(function).parameters)
    for option in COMMANDS[command].params:
        spelled = {option.name, *(text.lstrip("-").replace("-", "_") for text in option.opts)}
        if (command, option.name) in ELSEWHERE:
            assert callable(ELSEWHERE[command, str(option.name)])
        elif not spelled & PRINTING:
            assert spelled & arguments, f"provrisk {command}: {option.opts[0]} is no argument of {function.__name__}"


@pytest.mark.parametrize("name", sorted(set(pr.__dir__()) & set(pr.COMMANDS.values()) | {"load_study", "build_panel"}))
def test_every_function_says_what_it_does_with_an_example_and_types(name: str) -> None:
    function = getattr(pr, name)
    assert ">>> import provrisk as pr" in function.__doc__
    assert len(function.__doc__.splitlines()[0]) > 20
    hints = inspect.signature(function)
    assert hints.return_annotation is not inspect.Signature.empty
    assert all(one.annotation is not inspect.Parameter.empty for one in hints.parameters.values())


def test_the_import_is_instant_and_a_wrong_name_is_said() -> None:
    code = (
        "import sys, provrisk as pr; assert 'load_study' in dir(pr)\n"
        "print([m for m in ('numpy', 'pandas', 'mlflow', 'xarray') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    with pytest.raises(AttributeError, match="forecats"):
        attrgetter("forecats")(pr)
