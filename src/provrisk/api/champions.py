"""The model behind the bulletin: held against a challenger, taken back, looked at."""

from provrisk.jobs import retrain as retraining
from provrisk.jobs import status as standing
from provrisk.jobs.opening import project_of
from provrisk.jobs.retrain import Decision
from provrisk.jobs.sources import load_panel
from provrisk.study import Study


def retrain(
    study: Study,
    *,
    dry_run: bool = False,
    accept: str | None = None,
    seed: int = 1,
    workers: int = 1,
    cluster: str | None = None,
) -> Decision:
    """Hold the challenger of ``models/promotion.toml`` against the champion; promote it if every gate lets it pass.

    A champion that stays is fitted anew on the newest data. With ``dry_run`` nothing is changed. Raises
    ``DataStopError`` if a data check stops the job and no reason to ``accept`` was given.

    >>> import provrisk as pr
    >>> decision = pr.retrain(pr.load_study(), dry_run=True)
    >>> decision.champion, decision.challenger, decision.outcome
    (None, 'ewma_nb', 'promoted')
    >>> [gate.name for gate in decision.gates]
    ['calibrated', 'unbiased', 'quick', 'smoke']
    """
    project = project_of(study)
    figures, panel = load_panel(project, study)
    return retraining.retrain(
        project, study, figures, panel, seed=seed, workers=workers, cluster=cluster, dry_run=dry_run, accept=accept
    )


def rollback(study: Study) -> tuple[str, str]:
    """Let the champion and the previous champion change places; returns the versions that are now these two.

    Raises ``ProvriskError`` if there is no previous champion.

    >>> import provrisk as pr
    >>> pr.rollback(pr.load_study())
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: utopia has no previous champion to go back to.
    """
    return standing.rollback(project_of(study), study)


def status(study: Study) -> dict[str, str]:
    """How the study stands, at most ten lines by name: data, champion, last jobs, what is due.

    >>> import provrisk as pr
    >>> pr.status(pr.load_study())["due"]
    'provrisk retrain (there is no champion); provrisk run (the bulletin)'
    """
    project = project_of(study)
    return standing.report(project, study, load_panel(project, study)[1])


def clean(study: Study, keep: int = 10) -> tuple[int, int]:
    """Drop all but the ``keep`` newest jobs; returns how many runs and how many blocks of backtests went.

    Never a registered model, its run or a bulletin.

    >>> import provrisk as pr
    >>> pr.clean(pr.load_study())
    (0, 0)
    """
    return standing.clean(project_of(study), study, keep)
