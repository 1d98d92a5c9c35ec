"""The project that a user stands in or names, with the modules in its folder."""

import sys
from pathlib import Path

from provrisk.study import Project, find_project


def open_project(start: Path | None = None) -> Project:
    """The project at or above ``start`` (default: PROVRISK_PROJECT, else the current folder).

    Modules in its folder can then be imported: a user's own models. Raises ``ProvriskError`` if there
    is no project.
    """
    project = find_project(start)
    if str(project.root) not in sys.path:
        sys.path.append(str(project.root))
    return project
