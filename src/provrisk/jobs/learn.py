"""The job of ``provrisk learn``: fits the model ``learnt_abroad`` on the bundled monthly counts."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from joblib import Parallel, delayed

from provrisk import files, months
from provrisk.errors import ProvriskError
from provrisk.events.counting import counts as tables
from provrisk.features.panel import build_panel, counts_upto_origin, panel_upto
from provrisk.jobs.work import Work
from provrisk.models.learnt.training import Recipe, learn
from provrisk.study import LEARNT, Project, Study
from provrisk.study.learnt import Learnt, Teacher, make, sealed_text


def teacher_panels(project: Project, names: Sequence[str] | None = None) -> dict[str, xr.Dataset]:
    """The bundled monthly counts of each named study, or of every study that has some.

    Raises ``ProvriskError`` for a named study that has none.
    """
    found = {}
    for name in names or project.study_names():
        study = project.study(name)
        if study.bundled_counts.exists():
            panel = build_panel(study, tables.read_csv(study.bundled_counts, study))
            found[name] = panel[[panel.attrs["target"]]]
        elif names:
            raise ProvriskError(
                f"{study.bundled_counts} is missing: a model can be fitted only on studies with monthly counts."
            )
    if not found:
        raise ProvriskError(f"No study of {project.root / 'features'} has monthly counts to learn from: add one.")
    return found


def learn_from(
    project: Project,
    panels: dict[str, xr.Dataset],
    *,
    upto: pd.Timestamp | None = None,
    without: Sequence[str] | None = None,
    recipe: Recipe | None = None,
    work: Work = Work(),
) -> Learnt:
    """Parameters fitted on the ``panels``, on all and without each (or only without those in ``without``; "": all).

    Without a study, units of other studies with its country's name are also left out. With ``upto`` nothing later
    than that month is used.
    """
    recipe = recipe or Recipe()
    studies = {name: project.study(name) for name in panels}
    cut = {
        name: panel_upto(panel, _last(panel, upto))
        for name, panel in panels.items()
        if upto is None or panel.indexes["month"][0] < upto
    }
    if not cut:
        raise ProvriskError("No study has counts up to that month: name a later one.")
    left_out = ["", *cut] if without is None else list(without)
    lessons = [_of_others(cut, studies, name) for name in left_out]
    made = Parallel(n_jobs=work.workers, return_as="generator")(delayed(learn)(lesson, recipe) for lesson in lessons)
    numbers = {}
    for name, found in zip(left_out, made, strict=True):
        numbers[name] = found
        work.progress(f"without {name}" if name else "from all", len(numbers), len(left_out))
    teachers = tuple(_teacher(studies[name], panel) for name, panel in cut.items())
    return make(recipe.settings(), max(teacher.last for teacher in teachers), teachers, numbers)


def run(project: Project, names: Sequence[str] | None, upto: str | None, work: Work) -> tuple[Learnt, Path]:
    """Fit the parameters and write them beside the model files, where ``Project.models`` reads them."""
    panels = teacher_panels(project, names)
    latest = months.parse(upto) if upto else None
    learnt = learn_from(project, panels, upto=latest, work=work)
    return learnt, files.write(project.root / "models" / LEARNT, sealed_text(learnt))


def _of_others(panels: dict[str, xr.Dataset], studies: dict[str, Study], name: str) -> dict[str, np.ndarray]:
    """The counts of all studies except ``name``, without units for its country."""
    out = {}
    for other in panels.keys() - {name}:
        units = studies[other].provinces.aliases
        called = [{unit, *aliases} for unit, aliases in units[panels[other].indexes["province"]].items()]
        country = studies[name].file.country if name else None
        out[other] = counts_upto_origin(panels[other])[:, [country not in names for names in called]]
    if not out:
        raise ProvriskError(f"Without {name} there is no study left to learn from: name a second one.")
    return out


def _teacher(study: Study, panel: xr.Dataset) -> Teacher:
    counts = counts_upto_origin(panel)
    first = months.label(panel.indexes["month"][0])
    digest = files.digest(np.ascontiguousarray(counts).tobytes())
    target, last = panel.attrs["target"], panel.attrs["origin"]
    return Teacher(study.name, study.file.country, target, first, last, counts.shape[1], digest)


def _last(panel: xr.Dataset, upto: pd.Timestamp | None) -> pd.Timestamp:
    last = months.parse(panel.attrs["origin"])
    return last if upto is None else min(last, upto)
