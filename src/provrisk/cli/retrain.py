"""``provrisk retrain``, ``rollback``, ``status`` and ``clean``: the model behind the bulletin."""

from dataclasses import asdict
from typing import Annotated

import typer

from provrisk.cli.answer import answer
from provrisk.cli.common import (
    AcceptOption,
    JsonOption,
    SeedOption,
    StudyOption,
    WorkersOption,
    open_study,
    progress_bar,
)


def retrain(
    study: StudyOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide, and change nothing.")] = False,
    accept: AcceptOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Backtest every model; promote the challenger if it is proved better, else fit the champion anew.

    Exit code 0 whether promoted or kept, 3 if a data check stops the job.
    """
    from provrisk.jobs import retrain as job
    from provrisk.jobs.sources import load_panel

    project, chosen = open_study(study, as_json)
    figures, panel = load_panel(project, chosen)
    with progress_bar() as progress:
        decision = job.retrain(
            project, chosen, figures, panel, seed=seed, workers=workers, cluster=cluster, dry_run=dry_run,
            accept=accept, progress=progress,
        )  # fmt: skip
    if as_json:
        said = asdict(decision)
        said["champion_version"] = said.pop("version")  # "version" is the program's
        said["findings"] = [one.as_dict() for one in decision.findings]
        status = "unchanged" if decision.outcome == "unchanged" else "done"
        answer(said, status=status, paths=[] if dry_run else job.pages(project, chosen, decision))
        return
    print(f"{decision.outcome}: {decision.reason}." + (" (dry run)" if dry_run else ""))
    for gate in decision.gates:
        print(f"  {'passed' if gate.passed else 'failed'}  {gate.name}: {gate.reason}")
    for finding in decision.findings:
        if finding.level != "ok":
            print(f"  {finding.level}: {finding.text} (smells of {finding.smells_of})")
    print(f"Champion: version {decision.version or 'none'}. Data: {decision.data}.")


def rollback(study: StudyOption = None) -> None:
    """Let the champion and the previous champion change places."""
    from provrisk.jobs.status import rollback as job

    now, before = job(*open_study(study))
    print(f"Version {now} is champion again; version {before} is previous.")


def status(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """What the champion is, how old, on which data; what the last runs did; what is due."""
    from provrisk.jobs.sources import load_panel
    from provrisk.jobs.status import report

    project, chosen = open_study(study, as_json)
    lines = report(project, chosen, load_panel(project, chosen)[1])
    if as_json:
        answer(lines)
    else:
        print("\n".join(f"{name:<12}{text}" for name, text in lines.items()))


def clean(
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest jobs to keep.")] = 10,
    study: StudyOption = None,
) -> None:
    """Drop old blocks and runs; never a registered model, its run or a bulletin."""
    from provrisk.jobs.status import clean as job

    project, chosen = open_study(study)
    runs, blocks = job(project, chosen, keep)
    print(f"Dropped {runs} runs and {blocks} blocks; the newest {keep} jobs and every registered model stay.")
