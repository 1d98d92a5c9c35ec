"""Where a project lies, and which of its studies is meant; found without any heavy package."""

import os
from pathlib import Path

from provrisk.errors import ProvriskError

PLACE = "PROVRISK_PROJECT"
"""The environment variable that names the project folder, whatever the current one is."""
CHOICE = "PROVRISK_STUDY"
"""The environment variable that names the study of a command without --study."""
DEFAULT = "default.txt"
"""In ``features/``: names the study of a command without --study, the first of its lines that is one of the project."""
PACKAGE = Path(__file__).resolve().parent


def locate(start: Path | None = None) -> Path:
    """The project at ``start`` or above it; by default the one of PROVRISK_PROJECT, else that where the user stands.

    Raises ``ProvriskError`` if there is none: the copy that the package carries is never taken in silence.
    """
    if start is None and (place := os.environ.get(PLACE)):
        return named(Path(place), PLACE)
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if is_project(folder):
            return folder
    raise ProvriskError(
        f"There is no project at {here} or above it (a folder with features/ and models/): go to yours, name it with "
        f"--project DIR or {PLACE}, or make one with 'provrisk init DIR'."
    )


def named(folder: Path, by: str) -> Path:
    """``folder``, which ``by`` names as the project; raises ``ProvriskError`` if it is none."""
    found = folder.expanduser().resolve()
    if not is_project(found):
        raise ProvriskError(
            f"{by} names {found}, which is no project (a folder with features/ and models/): correct it, or make one "
            f"with 'provrisk init DIR'."
        )
    return found


def bundled() -> Path:
    """The project that the package carries, to be copied: in a wheel a part of it, else the checkout it lies in."""
    for folder in (PACKAGE / "_project", *PACKAGE.parents):
        if is_project(folder):
            return folder
    raise ProvriskError(f"{PACKAGE} lacks the project that it should carry: install provrisk again.")


def is_project(folder: Path) -> bool:
    """Whether ``folder`` has a project's rooms. Files tell: the package itself has rooms called features and models."""
    return (folder / "features").is_dir() and any(folder.glob("models/*.toml"))


def study_names(root: Path) -> list[str]:
    """The studies of the project in ``root``, sorted."""
    return sorted(path.parent.name for path in (root / "features").glob("*/study.toml"))


def chosen_study(root: Path) -> tuple[str, str]:
    """The study meant where none is named, and what says so: PROVRISK_STUDY, ``default.txt``, or that it is alone.

    Raises ``ProvriskError`` if nothing says so.
    """
    named = os.environ.get(CHOICE)
    return (named, CHOICE) if named else default_study(root)


def default_study(root: Path) -> tuple[str, str]:
    """``chosen_study``, whatever the environment says."""
    names, path = study_names(root), root / "features" / DEFAULT
    for name in path.read_text(encoding="utf-8").split() if path.is_file() else ():
        if name in names:
            return name, f"features/{DEFAULT}"
    if len(names) == 1:
        return names[0], "the only one"
    if not names:
        raise ProvriskError(f"{root / 'features'} holds no study yet: make one with 'provrisk study new'.")
    raise ProvriskError(
        f"Several studies are here ({', '.join(names)}): name one with --study, in {CHOICE} or in {path}."
    )
