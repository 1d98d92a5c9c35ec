"""The pages that nobody writes by hand: models, the reference of Python and commands, tutorial, studies' sources."""

import importlib
import inspect
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

from provrisk import api
from provrisk.study import Project
from provrisk.study.schema import ModelFile

Nav = list[Any]

CONTRACT = ("provrisk.models.base.Model", "provrisk.models.base.Combiner")
MORE = (
    ("What comes back", "results", "What the functions return: most of it shows itself in a notebook.", api.RESULTS),
    ("A model of your own", "contract", "What every file of `models/` names is one of these two.", CONTRACT),
)
"""Pages of the Python reference that are no module of ``provrisk.api``: title, file, first sentence, names."""


def models(project: Project, folder: Path) -> Nav:
    """A page a file of ``models/`` under ``folder``/models, and one that lists them."""
    made = {name: _model(project.root / "models" / f"{name}.toml", file) for name, file in project.models().items()}
    rows = [f"| [`{name}`]({name}.md) | {file.title} | {_line(file.description)} |"
            for name, file in project.models().items()]  # fmt: skip
    listed = (
        "# Models\n\nWhat is fitted: a TOML file of `models/` each. Skill on the bundled study: [Skill of the models]"
        "(../skill.md). A new model is a class (or none) and a file; the contract tests find it by themselves.\n\n"
        "| file | model | what it is |\n|---|---|---|\n"
    )
    _write(folder / "models" / "index.md", listed + "\n".join(rows) + "\n")
    for name, page in made.items():
        _write(folder / "models" / f"{name}.md", page)
    return ["models/index.md", *({file.title: f"models/{name}.md"} for name, file in project.models().items())]


def _model(path: Path, file: ModelFile) -> str:
    module, _, class_name = file.model.partition(":")
    cls = getattr(importlib.import_module(module), class_name)
    about = importlib.import_module(module).__doc__ or ""
    parts = [f"# {file.title}", file.description.strip(), "## The model", f"`{class_name}` of `{module}`:"]
    parts += [_quote(inspect.getdoc(cls) or ""), f"Its module: {_line(about)}"]
    members = file.settings.get("members", [])
    if members:
        parts += ["## Made of", "\n".join(f"- [`{one}`]({one}.md)" for one in members)]
    given = inspect.signature(cls).parameters
    if given:
        rows = [f"| `{key}` | {_value(file.settings.get(key, '(default)'))} | {_value(_default(one))} |"
                for key, one in given.items()]  # fmt: skip
        parts += ["## Settings", "| setting | in the file | default |\n|---|---|---|\n" + "\n".join(rows)]
    parts += [
        "## The file",
        f'```toml title="{path.parent.name}/{path.name}"\n{path.read_text(encoding="utf-8").strip()}\n```',
    ]
    return "\n\n".join(parts) + "\n"


def python(folder: Path) -> Nav:
    """The reference of ``provrisk.api``: a page a module, and one that sets commands beside functions."""
    page = {name: api.WHERE[name].rpartition(".")[2] for name in api.COMMANDS.values()}
    rows = [f"| `provrisk {command}` | [`pr.{name}`]({page[name]}.md#{api.WHERE[name]}.{name}) |"
            for command, name in api.COMMANDS.items()]  # fmt: skip
    table = "| command | function |\n|---|---|\n" + "\n".join(rows)
    _write(folder / "api" / "index.md", f"# From Python\n\n{_rest(api.__doc__)}\n\n{table}\n")
    nav: Nav = ["api/index.md"]
    for module, names in api.MODULES.items():
        about = importlib.import_module(f"provrisk.api.{module}")
        blocks = "\n\n".join(f"::: provrisk.api.{module}.{name}" for name in names)
        _write(folder / "api" / f"{module}.md", f"# {module.capitalize()}\n\n{_rest(about.__doc__)}\n\n{blocks}\n")
        nav.append({module.capitalize(): f"api/{module}.md"})
    for title, key, intro, names in MORE:
        blocks = "\n\n".join(f"::: {name}\n    options: {{show_if_no_docstring: true}}" for name in names)
        _write(folder / "api" / f"{key}.md", f"# {title}\n\n{intro}\n\n{blocks}\n")
        nav.append({title: f"api/{key}.md"})
    return nav


def commands(folder: Path) -> None:
    """The reference of the command line, from the command line itself."""
    done = subprocess.run(
        [sys.executable, "-m", "typer", "provrisk.cli", "utils", "docs", "--name", "provrisk", "--title", "Commands"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    # Each list of commands says, cut short, what its own heading says in full.
    _write(folder / "commands.md", re.sub(r"\*\*Commands\*\*:\n\n(?:\* .*\n)+", "", done.stdout))


def studies(project: Project, folder: Path) -> Nav:
    """What each study says of its sources."""
    nav: Nav = []
    for name in project.study_names():
        study = project.study(name)
        text = (study.folder / "SOURCES.md").read_text(encoding="utf-8")
        _write(folder / "studies" / f"{name}.md", text.replace("](../../docs/", "](../"))
        nav.append({f"The study {name}": f"studies/{name}.md"})
    return nav


def tutorial(notebook: Path, folder: Path, scratch: Path) -> None:
    """Run the notebook and write it, with its outputs, as a page; raises where a cell fails."""
    book = nbformat.read(notebook, as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(scratch)}}).execute()
    text, found = MarkdownExporter().from_notebook_node(book)
    text = text.replace(' border="1" class="dataframe"', "")  # so that tables look like the site's own
    text = re.sub(r"<style scoped>.*?</style>", "", text, flags=re.DOTALL)
    text = re.sub(rf"{re.escape(tempfile.gettempdir())}/\w+/project", "(a temporary folder)/project", text)
    for cell in book.cells:
        if "alt" in cell.metadata:
            text = text.replace("![png](", f"![{cell.metadata.alt}](", 1)
    for name, content in found["outputs"].items():
        (folder / name).write_bytes(content)
    _write(folder / "tutorial.md", text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _default(parameter: inspect.Parameter) -> object:
    return "(needed)" if parameter.default is inspect.Parameter.empty else parameter.default


def _value(value: object) -> str:
    return value if isinstance(value, str) and value.startswith("(") else f"`{value!r}`"


def _line(text: str) -> str:
    return " ".join(text.split())


def _quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in _rest(text).splitlines())


def _rest(text: str | None) -> str:
    """A docstring as Markdown: its double backticks, which are reStructuredText, as single ones."""
    return inspect.cleandoc(text or "").replace("``", "`")
