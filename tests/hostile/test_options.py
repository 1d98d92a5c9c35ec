"""Every command with options that nobody should give: an answer, or one sentence and exit code 2."""

import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from event_files import GED, write
from helpers import provrisk
from hostile import places
from hostile.mutations import texts
from hostile.outcome import cases, content, is_a_sentence
from provrisk.cli import app

WORDS = (
    "", " ", "-", "--", "iraq", "small", "quick", "ewma_nb", "conflictology", "nobody", "Alpha", "alfa",
    "2012-12", "2013-01", "2012-00",
    "9999-12", "0001-01", "2012-12:2010-01", "2010-01:2012-12", ":", "2020-02-30", "9999-12-31", "0001-01-01",
    "2024-07-01", "25.1/..", "crps",
    "province", "horizon", "tcp://nowhere", ",", "ewma_nb,", "ewma_nb,ewma_nb", "Iraq", "234", "[red]", "a" * 300,
)  # fmt: skip
NUMBERS = ("0", "1", "2", "-1", "3.5", "NaN", "inf", "1e9", "9" * 30, "", "x", "٣")
PATHS = (
    "", ".", "folder", "pipe", "file.csv", "file.csv/inside", "new.csv", "new.parquet", "new.svg", "new.PNG",
    "new", "missing/new.csv", "loop",
    "dangling", "a" * 300, "a" * 300 + ".csv", "ged.csv", "features", "models/ewma_nb.toml",
    "mlruns/champions/small/1", "not\ufdd0.csv", "-",
)  # fmt: skip
HEAVY = ("cluster",)
"""Options whose every value waits for somebody else."""


@dataclass(frozen=True)
class Parameter:
    """An argument (no ``option``) or an option of a command, and the type of its value."""

    option: str | None
    kind: type
    needed: bool


def commands(app: typer.Typer, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], list[Parameter]]:
    """Every command of the program by its words, with what it takes."""
    found = {}
    for one in app.registered_commands:
        name = one.name or str(one.callback.__name__)  # type: ignore[union-attr]
        found[*path, name] = parameters(one.callback)
    own = app.registered_callback
    if own is not None and app.info.invoke_without_command is True:
        found[path] = parameters(own.callback)
    for group in app.registered_groups:
        assert group.typer_instance is not None
        found |= commands(group.typer_instance, (*path, str(group.name)))
    return found


def parameters(function: Any) -> list[Parameter]:
    hints = get_type_hints(function, include_extras=True)
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        if name in HEAVY or not hasattr(hints[name], "__metadata__"):
            continue
        info = hints[name].__metadata__[0]
        kind = next(
            one for one in get_args(hints[name].__origin__) or (hints[name].__origin__,) if one is not type(None)
        )
        is_option = isinstance(info, typer.models.OptionInfo)
        named = (info.param_decls or (f"--{name.replace('_', '-')}",))[0]
        found.append(Parameter(named if is_option else None, kind, parameter.default is inspect.Parameter.empty))
    return found


COMMANDS = commands(app)


def value(draw: Callable[[Any], Any], parameter: Parameter) -> str:
    if issubclass(parameter.kind, Path):
        return draw(st.sampled_from(PATHS))
    if issubclass(parameter.kind, int | float):
        return draw(st.sampled_from(NUMBERS))
    return draw(st.sampled_from(WORDS) | texts.filter(lambda text: "\x00" not in text))


@st.composite
def arguments(draw: Callable[[Any], Any], words: tuple[str, ...]) -> list[str]:
    """The words of a command, what it needs, and up to three of its options, all with odd values."""
    out = list(words)
    known = COMMANDS[words]
    free = [one for one in known if not one.needed]
    chosen = draw(st.lists(st.sampled_from(free), max_size=3, unique=True)) if free else []
    for one in [*(one for one in known if one.needed), *chosen]:
        if one.kind is bool:
            out.append(str(one.option))
        else:
            said = value(draw, one)
            out.append(f"{one.option}={said}" if one.option else said)
    return out


@pytest.fixture(scope="module")
def home() -> Path:
    """A project after a month, in a folder with things that are no files."""
    root = places.copy(places.issued(), places.scratch() / "project")
    write(root / "ged.csv", GED, {}, {"id": "2"})
    (root / "folder").mkdir()
    (root / "file.csv").write_text("a,b\n1,2\n")
    os.mkfifo(root / "pipe")
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("nowhere")
    return root


def lasting(root: Path) -> dict[str, str]:
    """What no command may change: the study, the models, what is final."""
    kept = {
        f"{room}/{name}": digest
        for room in ("features/small", "models")
        for name, digest in content(root / room).items()
    }
    final = root / "reports" / "small" / "2013-01"
    return kept | {path.name: content(final)[path.name] for path in final.iterdir() if path.is_file()}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@cases(normal=3, nightly=25)
@given(data=st.data())
def test_odd_options_are_an_answer_or_a_sentence(home: Path, words: tuple[str, ...], data: st.DataObject) -> None:
    before = lasting(home)
    given_ = data.draw(arguments(words))
    done = provrisk(*given_, cwd=home, UCDP_API_TOKEN="")
    said = f"{given_}: {done.returncode}\n{done.stdout[-500:]}\n{done.stderr[-1500:]}"
    assert done.returncode in (0, 2, 3), said
    assert "Traceback" not in done.stdout + done.stderr, said
    if done.returncode in (2, 3) and done.stderr.startswith("provrisk: "):
        is_a_sentence(done.stderr.splitlines()[-1].removeprefix("provrisk: "))
    finalised = words == ("bulletin", "finalize") and done.returncode == 0
    learnt = words == ("learn",) and done.returncode == 0  # it is there to change models/learnt.json
    assert finalised or learnt or lasting(home) == before, said
    assert (home / "pipe").is_fifo(), said
