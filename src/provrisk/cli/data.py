"""``provrisk data``: event files and the counts made from them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from provrisk.cli.common import JsonOption, StudyOption, open_study

app = typer.Typer(help="Event files and the counts made from them.", no_args_is_help=True)


@app.command("counts")
def counts(
    events: Annotated[Path, typer.Argument(help="UCDP GED file (CSV).")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the monthly table (CSV).")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the events of a file by month and province; say what was set aside and why."""
    from provrisk.events import counts
    from provrisk.jobs.month import load_counts

    table, source, set_aside = load_counts(open_study(study)[1], events)
    counts.write_csv(table, out)
    if as_json:
        rows = {"source": source, "rows": len(table), "events": int(table.attacks.sum())}
        print(json.dumps({**rows, "set_aside": {str(k): int(v) for k, v in set_aside.items()}, "file": str(out)}))
        return
    print(f"{source}: {table.attacks.sum():,} events counted in {len(table):,} months and provinces -> {out}")
    for reason, number in set_aside.items():
        print(f"  set aside: {number:,} ({reason})")
