"""The project a job works in: the one the user stands in, or the one a study lies in."""

import sys
from pathlib import Path

from provrisk.study import Project, Study, find_project


def open_project(start: Path | None = None) -> Project:
    """The project at or above ``start`` (default: PROVRISK_PROJECT, else the current folder).

    Modules that lie in its folder can be imported from then on: a user's own models. Raises ``ProvriskError`` if there
    is no project.
    """
    return _opened(find_project(start))


def project_of(study: Study) -> Project:
    """The project that ``study`` lies in."""
    root = study.folder.resolve().parents[1]
    return _opened(Project(root, home=root))


def _opened(project: Project) -> Project:
    if str(project.root) not in sys.path:
        sys.path.append(str(project.root))
    return project
