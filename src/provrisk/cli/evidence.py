"""``provrisk evidence``: what analysts claim, held against the record."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.answer import answer
from provrisk.cli.common import JsonOption, SeedOption, StudyOption, WorkersOption, open_study, progress_bar
from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    from provrisk.risk.evidence.verdict import Verdict

app = typer.Typer(help="What analysts claim, held against the record.", no_args_is_help=True)


@app.command("list")
def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Every claim of the study's hypotheses.toml and how it is tested."""
    from provrisk.jobs.evidence import claims_of

    claims = claims_of(open_study(study, as_json)[1])
    if as_json:
        answer(claims={name: claim.model_dump(mode="json") for name, claim in claims.items()})
        return
    for name, claim in claims.items():
        print(f"{name:4} {claim.test:15} {claim.claim}")


@app.command("test")
def hold(
    claim: Annotated[str, typer.Argument(help="A claim's identifier, such as H2, or all.")],
    study: StudyOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Test the claims; print the verdict on one or on all, write the page of all to reports/STUDY/evidence/.

    All are tested in any case, since the correction for many tests depends on how many there are. The first call
    computes a forecast at every month of the record, which later calls use again.
    """
    from provrisk.jobs.evidence import claims_of, run_evidence, write

    project, chosen = open_study(study, as_json)
    known = claims_of(chosen)
    if claim != "all" and claim not in known:
        raise ProvriskError(f"There is no claim {claim!r}: hypotheses.toml has {', '.join(known)}.")
    with progress_bar() as progress:
        evidence = run_evidence(
            project, chosen, seed=seed, workers=workers, progress=lambda done, total: progress("Forecasts", done, total)
        )
    folder = write(project, evidence)
    shown = [one for one in evidence.verdicts if claim in ("all", one.id)]
    if as_json:
        from provrisk.risk.evidence.verdict import as_records

        answer(folder=str(folder), verdicts=as_records(shown), paths=[folder])
        return
    for one in shown:
        _print(one)
    print(f"Tested on {evidence.source}; figures and pictures: {folder / 'evidence.html'}")


@app.command()
def sources(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the table here, too (CSV).")] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """How many attacks each source counts in a year, side by side, each by its own definition."""
    from provrisk import files
    from provrisk.jobs.evidence import compare_sources

    project, chosen = open_study(study, as_json)
    table, notes = compare_sources(project, chosen)
    if out is not None:
        files.write(out, files.csv_of(table))
    if as_json:
        answer(figures=json.loads(table.to_json(orient="records")), notes=notes)
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    shown = Table(title="Figures of different definitions are not comparable", title_justify="left", box=box.SIMPLE)
    for name in ("Year", "Place", "A year", "What is counted", "By whom"):
        shown.add_column(name, justify="right" if name == "A year" else "left")
    for row in table.itertuples():
        figure = f"{row.a_year:,.0f}"
        shown.add_row(str(row.year), row.place, figure, f"{row.counts}: {row.definition}", row.source)
    Console(markup=False).print(shown)
    for note in notes:
        print(note)


def _print(verdict: "Verdict") -> None:
    import textwrap

    print(f"{verdict.id}  {verdict.word.upper()}  {verdict.claim.claim}")
    print(textwrap.fill(verdict.why, 110, initial_indent="    ", subsequent_indent="    "))
    if verdict.measured is not None and verdict.measured.named:
        named = "Also in its months: " + "; ".join(verdict.measured.named) + "."
        print(textwrap.fill(named, 110, initial_indent="    ", subsequent_indent="    "))
