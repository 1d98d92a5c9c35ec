"""Build the documentation site without a network: ``python docs/site/build.py [FOLDER]`` (default: site/).

The pages of docs/ and those that pages.py makes are laid out in a temporary folder, and Zensical, the successor of
Material for MkDocs, makes HTML of them. It fails on a broken link, a missing page, a name that the reference cannot
find, a cell of the tutorial that fails, and on anything that a page would ask another host for.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import check
import pages
import yaml

from provrisk.study import find_project

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def lay_out(stage: Path) -> Path:
    """Write all pages and the configuration to ``stage``; returns the configuration."""
    docs = stage / "docs"
    shutil.copytree(DOCS, docs, ignore=shutil.ignore_patterns("*.py", "*.ipynb", "*.j2", "site", "__pycache__"))
    shutil.copy(DOCS / "site" / "extra.css", docs)
    shutil.copy(ROOT / "CHANGELOG.md", docs / "changes.md")
    project = find_project(ROOT)
    with tempfile.TemporaryDirectory() as scratch:
        pages.tutorial(DOCS / "tutorial.ipynb", docs, Path(scratch))
    pages.commands(docs)
    made = {"MODELS": pages.models(project, docs), "API": pages.python(docs), "STUDIES": pages.studies(project, docs)}
    settings = yaml.safe_load((DOCS / "site" / "site.yml").read_text(encoding="utf-8"))
    subjects = next(one["Subjects"] for one in settings["nav"] if "Subjects" in one)
    written = (str(path.relative_to(DOCS)) for path in sorted(DOCS.rglob("*.md")))
    subjects += [page for page in written if page not in _pages(settings["nav"])]  # a new page needs no entry
    settings["nav"] = _filled(settings["nav"], made)
    mkdocstrings = next(one["mkdocstrings"] for one in settings["plugins"] if "mkdocstrings" in one)
    mkdocstrings["handlers"]["python"]["options"]["extensions"] = [str(DOCS / "site" / "examples.py")]
    config = stage / "mkdocs.yml"
    config.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return config


def _filled(nav: Any, made: dict[str, pages.Nav]) -> Any:
    """``nav`` with the pages that were made in the places that name them."""
    if isinstance(nav, list):
        filled: list[Any] = []
        for one in nav:
            filled += made[one] if isinstance(one, str) and one in made else [_filled(one, made)]
        return filled
    if isinstance(nav, dict):
        return {title: _filled(what, made) for title, what in nav.items()}
    return made.get(nav, nav)


def _pages(nav: Any) -> list[str]:
    """Every page that ``nav`` names."""
    if isinstance(nav, str):
        return [nav]
    return [page for one in (nav.values() if isinstance(nav, dict) else nav) for page in _pages(one)]


def build(site: Path) -> None:
    """Build the site; raises ``SystemExit`` with what is wrong, and leaves an older site as it is."""
    with tempfile.TemporaryDirectory() as folder:
        _build(site, Path(folder))


def _build(site: Path, stage: Path) -> None:
    config = lay_out(stage)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "--config-file", str(config)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stdout}{done.stderr}")
    found = check.problems(stage / "site")
    if found:
        raise SystemExit("\n".join(found))
    shutil.rmtree(site, ignore_errors=True)
    shutil.copytree(stage / "site", site)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"
    build(target)
    print(f"{len(list(target.rglob('*.html')))} pages -> {target / 'index.html'}")
