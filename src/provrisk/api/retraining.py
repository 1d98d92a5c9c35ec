"""The model used for the bulletin: retrain, roll back, status, clean."""

from collections.abc import Sequence

from provrisk.api.arguments import StudyLike, to_study
from provrisk.jobs import learn as learning
from provrisk.jobs import retrain as retraining
from provrisk.jobs import rollback as keeping
from provrisk.jobs import status as standing
from provrisk.jobs.open_project import open_project
from provrisk.jobs.retrain import Decision
from provrisk.jobs.rollback import Cleaned, RolledBack
from provrisk.jobs.snapshot import load_snapshot
from provrisk.jobs.status import Status
from provrisk.jobs.work import Work
from provrisk.study.learnt import Learnt


def learn(studies: Sequence[str] | None = None, *, upto: str | None = None, workers: int = 1) -> Learnt:
    """Fit the model ``learnt_abroad`` on ``studies``, by default all with monthly counts; write ``models/learnt.json``.

    No data after the month ``upto`` are used. A study is always forecast with parameters
    fitted without it; a champion in use keeps its parameters until the next ``retrain``.

    >>> import provrisk as pr
    >>> pr.learn(["utopia"])
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: Without utopia there is no study left to learn from: name a second one.
    """
    return learning.run(open_project(), studies, upto, Work(workers=workers))[0]


def retrain(
    study: StudyLike,
    *,
    dry_run: bool = False,
    accept: str | None = None,
    every: bool = False,
    seed: int = 1,
    workers: int = 1,
    cluster: str | None = None,
) -> Decision:
    """Compare the challenger of ``models/promotion.toml`` with the champion; promote it if it passes every gate.

    A champion that stays is refitted on the newest data. With ``every`` all models are backtested, not only champion,
    challenger and benchmarks. With ``dry_run`` nothing is changed. Raises
    ``DataStopError`` if a data check stops the job and no reason to ``accept`` was given.

    >>> import provrisk as pr
    >>> decision = pr.retrain(pr.load_study(), dry_run=True)
    >>> decision.champion, decision.challenger, decision.outcome
    (None, 'ewma_nb', 'promoted')
    >>> [gate.name for gate in decision.gates]
    ['better', 'calibrated', 'unbiased', 'quick', 'smoke']
    """
    study = to_study(study)
    work = Work(seed, workers, cluster)
    return retraining.retrain(load_snapshot(study), work, dry_run=dry_run, accept=accept, every=every)


def rollback(study: StudyLike, *, to: str | int | None = None, note: str = "no reason given") -> RolledBack:
    """Make the previous champion, or version ``to``, champion again; a second call changes nothing.

    ``note`` says why. Raises ``ProvriskError`` if there is no previous champion.

    >>> import provrisk as pr
    >>> pr.rollback(pr.load_study())
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: utopia has no previous champion to go back to: there was only one.
    """
    study = to_study(study)
    return keeping.rollback(study, None if to is None else str(to), note)


def status(study: StudyLike) -> Status:
    """The status of the study: champion, data, running and past jobs, due commands, newest bulletin.

    >>> import provrisk as pr
    >>> [one["command"] for one in pr.status(pr.load_study()).due]
    ['provrisk retrain', 'provrisk run']
    """
    study = to_study(study)
    return standing.status_of(study.project.root, study.project.home, study.name)


def clean(study: StudyLike, keep: int = 10, *, dry_run: bool = False) -> Cleaned:
    """Delete all but the ``keep`` newest jobs; with ``dry_run`` only count the runs and blocks.

    Never a registered model, its run or a bulletin.

    >>> import provrisk as pr
    >>> pr.clean(pr.load_study(), dry_run=True)
    Cleaned(runs=0, blocks=0, bytes=0, dry_run=True)
    """
    study = to_study(study)
    return keeping.clean(study, keep, dry_run)
