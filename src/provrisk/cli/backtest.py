"""``provrisk backtest``: models evaluated on past months."""

from pathlib import Path
from typing import Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import (
    AsOfOption,
    JsonOption,
    SeedOption,
    StudyOption,
    WorkersOption,
    day,
    names,
    open_study,
    shown_work,
)

ProtocolOption = Annotated[str, typer.Option("--protocol", help="A named backtest of the study's protocols.toml.")]
ModelsOption = Annotated[
    str | None, typer.Option("--models", help="Names or titles from models/, separated by commas; default: all.")
]


def backtest(
    protocol: ProtocolOption = "recent",
    models: ModelsOption = None,
    study: StudyOption = None,
    as_of: AsOfOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://host:8786.")] = None,
    as_of_releases: Annotated[
        bool, typer.Option("--as-of-releases", help="Use at each origin only the releases published by then.")
    ] = False,
    samples: Annotated[
        Path | None, typer.Option(metavar="FILE.parquet", help="Also write every draw of every model to this file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Re-run models at every origin of a protocol; write scores and forecasts under reports/STUDY/backtests/."""
    from provrisk import files
    from provrisk.jobs.stored_backtest import SAMPLES, keep_backtest

    if samples is not None:
        files.check_suffix(samples, SAMPLES)
    chosen = open_study(study, as_json)
    with shown_work(seed, workers, cluster) as work:
        kept = keep_backtest(chosen, protocol, names(models), work, day(as_of, "--as-of"), as_of_releases)
    if samples is not None:
        kept.write_samples(samples)
    run = kept.result.run
    if as_json:
        summary = {"protocol": protocol, "folder": str(kept.folder), "blocks_computed": run.computed}
        answer({**summary, "blocks_reused": run.reused, "failures": len(run.failures)}, paths=[kept.folder])
        return
    print(f"{run.computed} blocks computed, {run.reused} reused; written to {kept.folder}")
    for (name, reason), group in run.failures.groupby(["model", "reason"]):
        print(f"  {name} made no forecast at {len(group)} origins: {reason}")
