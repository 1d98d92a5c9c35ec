"""``provrisk run``: the month."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import (
    AcceptOption,
    AsOfOption,
    CoversOption,
    DateFormatOption,
    JsonOption,
    LanguageOption,
    MappingOption,
    SeedOption,
    SheetOption,
    StudyOption,
    WorkersOption,
    console,
    day,
    open_study,
    shown_work,
    user_file,
)

if TYPE_CHECKING:
    from provrisk.jobs.monthly_run import MonthResult

ChampionOption = Annotated[
    Path | None, typer.Option("--champion", help="An exported champion (mlruns/champions/STUDY/VERSION) to use.")
]


def run(
    study: StudyOption = None,
    events: Annotated[
        Path | None, typer.Option(help="Event file to count, instead of the store or the bundled counts.")
    ] = None,
    mapping: MappingOption = None,
    covers: CoversOption = None,
    sheet: SheetOption = None,
    date_format: DateFormatOption = None,
    as_of: AsOfOption = None,
    champion: ChampionOption = None,
    accept: AcceptOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    again: Annotated[bool, typer.Option(help="Write the issue even if there are no new data.")] = False,
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in a browser when it is written.")] = False,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the data, forecast the next month, write the draft in reports/STUDY/MONTH/.

    Exit code 3 if a data check stops the job.
    """
    from provrisk import files
    from provrisk.errors import NothingNewError
    from provrisk.jobs.inputs import Inputs
    from provrisk.jobs.monthly_run import run_month
    from provrisk.reports.bulletin.stored_issues import newest_final
    from provrisk.study import in_languages

    chosen = open_study(study, as_json)
    inputs = Inputs(user_file(events, mapping, covers, sheet, date_format), day(as_of, "--as-of"), champion)
    try:
        with shown_work(seed, workers) as work:
            result = run_month(in_languages(chosen, language or ()), inputs, work, accept, again)
    except NothingNewError as reason:
        if as_json:
            issued = newest_final(chosen)
            month, paths = (issued.document.month, [issued.folder]) if issued else (None, [])
            answer(status="unchanged", reason=str(reason), month=month, paths=paths)
        else:
            print(f"{reason} Use --again to write it again.")
        return
    if as_json:
        answer(_summary(result), paths=files.listed(result.issue.folder))
    else:
        _print(result)
    if open_it:
        import webbrowser

        webbrowser.open((result.issue.folder / "bulletin.html").resolve().as_uri())


def forecast(
    out: Annotated[Path, typer.Argument(help="Hubverse table to write: .parquet (draws) or .csv (quantiles).")],
    champion: ChampionOption = None,
    as_of: AsOfOption = None,
    study: StudyOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Write the champion's forecast from the newest data, without a bulletin."""
    from provrisk import files
    from provrisk.jobs.forecast import KINDS, newest_forecast, write_forecast
    from provrisk.jobs.inputs import Inputs

    files.check_suffix(out, KINDS)
    newest = newest_forecast(open_study(study, as_json), Inputs(None, day(as_of, "--as-of"), champion), seed)
    write_forecast(newest.forecast, out)
    if as_json:
        by = {"model": newest.champion.name, "version": newest.champion.version}
        answer(champion=by, data=newest.data, paths=[out])
        return
    print(f"{newest.champion.name}, version {newest.champion.version}, from {newest.data} -> {out}")


def _summary(result: "MonthResult") -> dict[str, object]:
    document = result.issue.document
    return {
        "issue_date": document.issue_date,
        "origin": document.origin,
        "month": document.month,
        "historical": document.historical,
        "source": document.source,
        "digest": document.digest,
        "seed": document.seed,
        "champion": {"model": document.model, "version": result.champion_version, "new": result.promoted},
        "crps": {str(k): round(v, 4) for k, v in result.leaderboard.crps.items()},
        **result.figures.account(),
        "findings": [one.as_dict() for one in result.findings],
        "risk": list(document.risk),
    }


UNSEEN = "not observed"


def _observed(value: float, decimals: int) -> str:
    """A past count, which may be missing."""
    import pandas as pd

    return UNSEEN if pd.isna(value) else f"{value:.{decimals}f}"


def _print(result: "MonthResult") -> None:
    from provrisk.cli.tables.numbers import page
    from provrisk.cli.tables.sheet import Sheet

    document = result.issue.document
    chance = next(name for name in result.issue.risk if name.startswith("p_at_least_"))
    bound = int(chance.rpartition("_")[2])
    least = f"P(≥ {bound})"
    heads = ("", "Place", "Last month", "12-month mean", "Median", "80 % interval", least, "Level")
    table = Sheet(document.title, heads, ("Level",), keys=2)
    for row in result.issue.risk.itertuples():
        last, mean = _observed(row.last_month, 0), _observed(row.mean_12, 1)
        level = row.level if row.median >= bound else f"below {bound}"  # a median of 0 does not mean no risk
        table.add_row(
            str(row.rank), row.province, last, mean, str(row.median),
            f"{row.low_80}-{row.high_80}", f"{100 * getattr(row, chance):.0f} %",
            level if {last, mean} != {UNSEEN} else UNSEEN,
        )  # fmt: skip
    out = console()
    page().print(table)
    out.print(f"\n{document.scorecard['skill']}")
    for finding in result.findings:
        if finding.level != "ok":
            out.print(f"{finding.level}: {finding.sentence}")
    if result.promoted:
        out.print(f"{document.model} is the study's first champion (version {result.champion_version}).")
    out.print(f"{document.source}, data up to {document.origin}.")
    out.print(f"Draft: {result.issue.folder / 'bulletin.html'}")
    out.print("Next: read it, then provrisk bulletin finalize --note 'who checked it'")
