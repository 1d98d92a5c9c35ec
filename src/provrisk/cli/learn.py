"""``provrisk learn``: fit the ensemble member ``learnt_abroad`` on all studies."""

from typing import Annotated

import typer

from provrisk.cli.options import WorkersOption, open_project
from provrisk.jobs.work import Work


def learn(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Studies to learn from; default: all with monthly counts.")
    ] = None,
    upto: Annotated[str | None, typer.Option(help="YYYY-MM: use only data up to this month.")] = None,
    workers: WorkersOption = 1,
) -> None:
    """Fit the model 'learnt_abroad' on the studies' monthly counts, and write models/learnt.json.

    A study is always forecast with parameters fitted without it. A champion in use keeps the parameters
    that it was fitted with until the next 'provrisk retrain'.
    """
    from provrisk.jobs import learn as job

    work = Work(workers=workers, progress=lambda what, done, total: print(f"learnt {what}"))
    learnt, path = job.run(open_project(), studies or None, upto, work)
    for teacher in learnt.teachers:
        print(f"  {teacher.study}: {teacher.measure} of {teacher.provinces} units, {teacher.first} to {teacher.last}")
    print(f"{path}: {learnt}.")
