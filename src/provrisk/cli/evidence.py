"""``provrisk evidence``: claims of analysts, compared with the data."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import JsonOption, SeedOption, StudyOption, WorkersOption, console, open_study, shown_work
from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    from provrisk.risk.evidence.verdict import Verdict

WIDE = 180
"""Width of a table of published figures if the terminal's width is unknown."""


class By(StrEnum):
    """The time span for published figures: year or month."""

    year = "year"
    month = "month"


app = typer.Typer(help="Claims of analysts, compared with the data.", no_args_is_help=True)


@app.command("list")
def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the claims of the study's hypotheses.toml and how each is tested."""
    claims = open_study(study, as_json).claims
    if as_json:
        answer(claims={name: claim.model_dump(mode="json") for name, claim in claims.items()})
        return
    for name, claim in claims.items():
        kinds = ", ".join(dict.fromkeys(test.test for test in claim.tests))
        print(f"{name:4} {kinds:28} {claim.claim}")


@app.command("test")
def run_claims(
    claim: Annotated[str, typer.Argument(help="A claim's identifier, such as H2, or all.")],
    study: StudyOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Test the claims; print one verdict or all, write the page of all to reports/STUDY/evidence/.

    A claim may be tested on several measures: each has its line. All claims are always tested, since the correction
    for multiple tests depends on their number. The first call computes a forecast at every month of the data, which
    later calls use again.
    """
    from provrisk.jobs.evidence import run_evidence, write

    chosen = open_study(study, as_json)
    known = chosen.claims
    if claim != "all" and claim not in known:
        raise ProvriskError(f"There is no claim {claim!r}: hypotheses.toml has {', '.join(known)}.")
    with shown_work(seed, workers) as work:
        evidence = run_evidence(chosen, work)
    folder = write(evidence)
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
    by: Annotated[By, typer.Option("--by", help="Figures of whole years, or those within a month.")] = By.year,
    year: Annotated[int | None, typer.Option("--year", help="Only figures of this year.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Also write the table to this file (CSV).")] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Draw the figures to this file (.png or .svg), one panel for each definition."),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Published figures (published.csv) by year or by month, each with its own definition."""
    from provrisk import files
    from provrisk.jobs.evidence import compare_sources, draw_ledger

    chosen = open_study(study, as_json)
    table, notes = compare_sources(chosen, by.value, year)
    if out is not None:
        files.write(out, files.csv_of(table))
    if picture is not None:
        files.write(picture, draw_ledger(chosen, picture.suffix))
    if as_json:
        answer(figures=json.loads(table.to_json(orient="records")), notes=notes)
        return
    from rich import box
    from rich.table import Table

    shown = Table(title="Figures of different definitions are not comparable", title_justify="left", box=box.SIMPLE)
    for name in ("Days", "Place", "Figure", "A year", "What is counted", "Publisher", "Row"):
        if name != "A year" or by is By.year:
            right, whole = name in ("Figure", "A year"), name in ("Days", "Row")
            shown.add_column(name, justify="right" if right else "left", no_wrap=whole)
    for row in table.itertuples():
        yearly = [f"{row.a_year:,.0f}"] if by is By.year else []
        what = f"{row.who}: {row.what}" + (" (computed)" if row.basis.startswith("computed") else "")
        shown.add_row(row.period, row.place, row.value, *yearly, what, row.publisher, row.id)
    console(None if sys.stdout.isatty() else WIDE).print(shown)
    for note in notes:
        print(note)


def _print(verdict: "Verdict") -> None:
    import textwrap

    from provrisk.text import unlinked

    def indented(text: str) -> None:
        print(textwrap.fill(unlinked(text), 110, initial_indent="    ", subsequent_indent="    "))

    print(f"{verdict.id}  {verdict.word.upper()}  {verdict.claim.claim}")
    for line in verdict.lines:
        head = f"By {line.measure}: {line.word}. " if len(verdict.lines) > 1 else ""
        indented(head + line.why)
    if verdict.named:
        indented(f"Also in these months: {verdict.named}.")
