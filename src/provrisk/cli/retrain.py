"""``provrisk retrain``, ``rollback``, ``status`` and ``clean``: the model used for the bulletin."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provrisk.cli.json_answer import answer, current
from provrisk.cli.options import (
    AcceptOption,
    JsonOption,
    SeedOption,
    StudyOption,
    WorkersOption,
    open_study,
    shown_work,
)
from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    from provrisk.jobs.retrain import Decision
    from provrisk.jobs.rollback import RolledBack


def retrain(
    study: StudyOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the decision, change nothing.")] = False,
    accept: AcceptOption = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="Backtest all models of models/, not only champion, challenger and benchmarks."),
    ] = False,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Backtest champion, challenger and benchmarks; promote the challenger if it passes all gates, else refit.

    How long it will take, and each model that is done, is reported on stderr (not with --quiet). Exit code 0 whether
    the challenger is promoted or not, 3 if a data check stops the job.
    """
    from provrisk.jobs import retrain as job
    from provrisk.jobs.snapshot import load_snapshot

    chosen = open_study(study, as_json)
    snapshot = load_snapshot(chosen)
    with shown_work(seed, workers, cluster, aloud=True) as work:
        decision = job.retrain(snapshot, work, dry_run=dry_run, accept=accept, every=every)
    if as_json:
        said = _summary(decision)
        said["findings"] = [one.as_dict() for one in decision.findings]
        status = "unchanged" if decision.outcome == "unchanged" else "done"
        answer(said, status=status, paths=[] if dry_run else job.pages(chosen, decision))
        return
    print(decision.sentence + (" (dry run)" if dry_run else ""))
    for gate in decision.gates:
        print(f"  {gate.word:9}  {gate.name}: {gate.reason}")
    for finding in decision.findings:
        if finding.level != "ok":
            print(f"  {finding.level}: {finding.sentence}")
    print(f"Champion: version {decision.version or 'none'}. Data: {decision.data}.")


def _summary(done: "Decision | RolledBack") -> dict[str, Any]:
    """What became of the champion; ``version`` is the program's in every answer."""
    said = asdict(done)
    said["champion_version"] = said.pop("version")
    return said


def rollback(
    to: Annotated[str | None, typer.Option(help="The version to go back to; by default the previous champion.")] = None,
    note: Annotated[str, typer.Option(help="The reason; 'provrisk status' shows it.")] = "no reason given",
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the previous champion, or the version --to, champion again. A second call changes nothing."""
    from provrisk.jobs.rollback import rollback as job

    chosen = open_study(study, as_json)
    done = job(chosen, to, note)
    if as_json:
        answer(_summary(done), status="done" if done.changed else "unchanged")
    else:
        print(done)


def status(
    check: Annotated[bool, typer.Option("--check", help="Exit code 5 if a command is due, for monitoring.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the champion and its data, running and past jobs, and the commands that are due."""
    from provrisk import folders
    from provrisk.jobs.status import status_of

    root = current().project or folders.locate()
    name = study or folders.chosen_study(root)[0]
    if name not in (names := folders.study_names(root)):
        raise ProvriskError(f"There is no study {name!r} in {root / 'features'}: it has {', '.join(names)}.")
    current().study = name
    found = status_of(root, root, name)
    if as_json:
        answer(found.as_dict())
    else:
        print("\n".join(f"{label:<12}{text}" for label, text in found.lines().items()))
    if check and found.due:
        raise typer.Exit(5)


def clean(
    keep: Annotated[int, typer.Option(min=1, help="Number of newest jobs to keep.")] = 10,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be deleted, delete nothing.")] = False,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete old backtest blocks and runs; never a registered model, its run or a bulletin."""
    from provrisk.jobs.rollback import clean as job

    chosen = open_study(study, as_json)
    done = job(chosen, keep, dry_run)
    if as_json:
        answer(asdict(done))
        return
    verb = "Would delete" if dry_run else "Deleted"
    print(f"{verb} {done.runs} runs and {done.blocks} blocks ({done.bytes / 1e6:,.1f} MB); the newest {keep} jobs and "
          "every registered model stay.")  # fmt: skip
