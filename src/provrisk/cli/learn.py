"""``provrisk learn``: fit the ensemble member ``learnt_abroad`` on all studies."""

import sys
from typing import Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import JsonOption, WorkersOption, open_project
from provrisk.jobs.work import Work


def learn(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Studies to learn from; default: all with monthly counts.")
    ] = None,
    upto: Annotated[str | None, typer.Option(help="YYYY-MM: use only data up to this month.")] = None,
    workers: WorkersOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Fit the model 'learnt_abroad' on the studies' monthly counts, and write models/learnt.json.

    A study is always forecast with parameters fitted without it. A champion in use keeps the parameters
    that it was fitted with until the next 'provrisk retrain'.
    """
    from provrisk.jobs import learn as job

    def progress(what: str, done: int, total: int) -> None:
        print(f"learnt {what}", file=sys.stderr if as_json else sys.stdout)

    learnt, path = job.run(open_project(), studies or None, upto, Work(workers=workers, progress=progress))
    if as_json:
        answer(teachers=[one.study for one in learnt.teachers], paths=[path])
        return
    for teacher in learnt.teachers:
        print(f"  {teacher.study}: {teacher.measure} of {teacher.provinces} units, {teacher.first} to {teacher.last}")
    print(f"{path}: {learnt}.")
