"""``provrisk learn``: what the studies teach the member that is learnt abroad."""

from typing import Annotated

import typer

from provrisk.cli.common import WorkersOption, open_project


def learn(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Studies to learn from; by default all that hold monthly figures.")
    ] = None,
    upto: Annotated[str | None, typer.Option(help="YYYY-MM: use nothing that came later.")] = None,
    workers: WorkersOption = 1,
) -> None:
    """Learn from the studies' monthly figures, and write models/learnt.json, which 'learnt_abroad' forecasts with.

    A study that is among the teachers is always forecast with what was learnt without it. A champion in use keeps what
    it was fitted with until the next 'provrisk retrain'.
    """
    from provrisk.jobs import learn as job

    learnt, path = job.run(open_project(), studies or None, upto, workers, lambda text: print(f"learnt {text}"))
    for teacher in learnt.teachers:
        print(f"  {teacher.study}: {teacher.measure} of {teacher.provinces} units, {teacher.first} to {teacher.last}")
    print(f"{path}: {learnt}.")
