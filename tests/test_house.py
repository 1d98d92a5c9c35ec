"""The house itself: what src/ may know, and what a wheel carries."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_src_knows_no_country() -> None:
    names = {"islamic state"}
    for study in (path.parent for path in (ROOT / "features").glob("*/study.toml")):
        if study.name != "world":  # its units are countries, among which are a first name and an English word or two
            provinces = pd.read_csv(study / "provinces.csv", dtype=str, keep_default_na=False)
            names |= {study.name, *(name.casefold() for name in provinces.province if len(name) > 4)}
    any_name = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b")
    for path in (ROOT / "src").rglob("*"):
        if path.suffix in (".py", ".j2", ".js", ".css"):
            found = any_name.search(path.read_text(encoding="utf-8").casefold())
            assert not found, (path, found)


def test_help_needs_no_heavy_package() -> None:
    code = (
        "import sys; from provrisk.cli import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('numpy', 'pandas', 'mlflow', 'xarray', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
    assert "run" in done.stdout


@pytest.mark.slow
def test_a_wheel_carries_the_project_and_runs_outside_the_checkout(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True)
    wheel = next(tmp_path.glob("provrisk-*.whl"))
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    assert not (site / "provrisk" / "_project" / "mlruns").exists()
    assert (site / "provrisk" / "reports" / "templates" / "comparison" / "page.js").is_file()
    here = tmp_path / "here"
    here.mkdir()
    code = (
        "import provrisk, sys; from provrisk.study import find_project, init_project; from pathlib import Path\n"
        "init_project(Path('mine')); project = find_project(Path('mine')); study = project.study()\n"
        "print(provrisk.__file__, len(study.provinces), project.home, study.bundled_counts.is_file())"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=here, env={"PYTHONPATH": str(site)})
    assert done.stdout.split() == [str(site / "provrisk" / "__init__.py"), "18", str(here / "mine"), "True"]
    assert (here / "mine" / "features" / "iraq" / "study.toml").is_file()


LONGEST_FILE, LONGEST_FUNCTION = 400, 60
CONTRACTS = {"fit", "sample", "combine", "load_context"}
"""Methods whose contract is told once, where it is made (``models.base``, MLflow)."""


def test_files_and_functions_are_short_and_all_that_is_public_says_what_it_is() -> None:
    for path in sorted((ROOT / "src" / "provrisk").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LONGEST_FILE, path
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno < LONGEST_FUNCTION, f"{path}: {node.name}"
        for node in (one for owner in (tree, *_classes(tree)) for one in owner.body):
            if _public(node) and isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert node.name in CONTRACTS or ast.get_docstring(node), f"{path}: {node.name}"


MOST_PARAMETERS = {"src/provrisk/jobs": 6, "src/provrisk": 8}
"""Of a function; those that users call (``api``, ``cli``) name every choice of theirs."""


def test_functions_take_few_parameters() -> None:
    for room, most in MOST_PARAMETERS.items():
        for path in sorted((ROOT / room).rglob("*.py")):
            if {"api", "cli"} & set(path.parts):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    taken = node.args
                    names = [one.arg for one in (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)]
                    assert len(set(names) - {"self", "cls"}) <= most, f"{path}: {node.name}"


def _classes(tree: ast.Module) -> list[ast.ClassDef]:
    return [node for node in tree.body if isinstance(node, ast.ClassDef) and _public(node)]


def _public(node: ast.AST) -> bool:
    return not getattr(node, "name", "_").startswith("_")


ROOMS = ("cli", "jobs", "reports", "evaluation", "forecasts", "tracking", "events")
READ = ("src/provrisk", "docs", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "models", "features", "Makefile")
"""Where the words of ``docs/decisions/words.md`` hold."""


def test_what_users_read_has_none_of_the_old_words() -> None:
    table = (ROOT / "docs/decisions/words.md").read_text(encoding="utf-8").partition("## Headings")[0]
    old = [word for line in table.splitlines() if line.startswith("| ") for word in re.findall("`([^`]+)`", line)]
    assert len(old) > 40
    any_old = re.compile(rf"\b(?:{'|'.join(map(re.escape, old))})\b", re.IGNORECASE)
    found = [
        f"{path}: {match[0]!r} in {text[max(0, match.start() - 40) : match.end() + 40]!r}"
        for path in _read()
        for text in _texts(path)
        for match in any_old.finditer(text)
    ]
    assert not found, "\n".join(["see docs/decisions/words.md", *found])


def _read() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *READ], cwd=ROOT, capture_output=True, text=True, check=True)
    kinds = {".md", ".py", ".js", ".j2", ".toml", ".typ", ".ipynb"}
    return [ROOT / name for name in listed.stdout.split() if Path(name).suffix in kinds and Path(name).stem != "words"]


def _texts(path: Path) -> list[str]:
    """What of a file a person reads: prose, without names in backticks; of code its strings, single words apart."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        nodes = ast.walk(ast.parse(text))
        pieces = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        pieces = [re.sub(r"\{\w*\}|>>> .*", " ", piece) for piece in pieces if " " in piece.strip()]
        pieces = [piece for piece in pieces if piece != "set aside"]  # a value of study.toml that 0.1.0 wrote
    elif path.suffix == ".js":
        pieces = [piece for piece in re.findall(r'"[^"\n]*"|`[^`\n]*`', text) if " " in piece.strip()]
        pieces = [re.sub(r"\$\{[^}]*\}|`", " ", piece) for piece in pieces]
    elif path.suffix == ".ipynb":
        pieces = ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
    else:
        history = path.name == "CHANGELOG.md"
        pieces = [text.partition("## 0.1.0")[0] if history else text]
    return [
        " ".join(
            re.sub(
                '(?<!`)``(?!`)[^`]*(?<!`)``(?!`)|(?<!`)`[^`\n]+`(?!`)|\\b(?:id|for|class)="[^"]*"|\\{[{%].*?[%}]\\}',
                " ",
                piece,
            ).split()
        )
        for piece in pieces
    ]


def test_make_names_tests_that_are_there() -> None:
    named = re.findall(r"tests/[\w/*.]+", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert named
    assert not [name for name in named if not list(ROOT.glob(name))]
