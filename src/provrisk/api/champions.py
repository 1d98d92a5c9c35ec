"""The model behind the bulletin: held against a challenger, taken back, looked at."""

from collections.abc import Sequence

from provrisk.api.asked import StudyLike, to_study
from provrisk.jobs import champion as keeping
from provrisk.jobs import learn as learning
from provrisk.jobs import retrain as retraining
from provrisk.jobs import status as standing
from provrisk.jobs.champion import Cleaned, RolledBack
from provrisk.jobs.opening import open_project
from provrisk.jobs.retrain import Decision
from provrisk.jobs.snapshot import load_snapshot
from provrisk.jobs.status import Status
from provrisk.jobs.work import Work
from provrisk.study.learnt import Learnt


def learn(studies: Sequence[str] | None = None, *, upto: str | None = None, workers: int = 1) -> Learnt:
    """Learn anew what ``studies`` teach, by default all that hold monthly figures, and write ``models/learnt.json``.

    Nothing that came after the month ``upto`` is used. A study that is among the teachers is always forecast with what
    was learnt without it; a champion in use keeps what it was fitted with until the next ``retrain``.

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
    """Hold the challenger of ``models/promotion.toml`` against the champion; promote it if every gate lets it pass.

    A champion that stays is fitted anew on the newest data. With ``every`` all models are backtested, not champion,
    challenger and benchmarks alone. With ``dry_run`` nothing is changed. Raises
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
    """Make the previous champion, or version ``to``, champion again; called again it changes nothing more.

    ``note`` says why. Raises ``ProvriskError`` if there is no previous champion.

    >>> import provrisk as pr
    >>> pr.rollback(pr.load_study())
    Traceback (most recent call last):
    provrisk.errors.ProvriskError: utopia has no previous champion to go back to: there was only one.
    """
    study = to_study(study)
    return keeping.rollback(study, None if to is None else str(to), note)


def status(study: StudyLike) -> Status:
    """How the study stands: champion, data, jobs that run and have run, what is due, the newest bulletin.

    >>> import provrisk as pr
    >>> [one["command"] for one in pr.status(pr.load_study()).due]
    ['provrisk retrain', 'provrisk run']
    """
    study = to_study(study)
    return standing.status_of(study.project.root, study.project.home, study.name)


def clean(study: StudyLike, keep: int = 10, *, dry_run: bool = False) -> Cleaned:
    """Drop all but the ``keep`` newest jobs; with ``dry_run`` only say how many runs and blocks would go.

    Never a registered model, its run or a bulletin.

    >>> import provrisk as pr
    >>> pr.clean(pr.load_study(), dry_run=True)
    Cleaned(runs=0, blocks=0, bytes=0, dry_run=True)
    """
    study = to_study(study)
    return keeping.clean(study, keep, dry_run)
