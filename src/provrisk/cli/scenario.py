"""``provrisk scenario``: the forecast with and without a supposed event."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import JsonOption, SeedOption, StudyOption, WorkersOption, names, open_study, shown_work
from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    from provrisk.jobs.scenario import Scenario


def scenario(
    driver: Annotated[str | None, typer.Option(help="A type of drivers.csv, such as prison_break.")] = None,
    provinces: Annotated[str | None, typer.Option(help="Provinces, separated by commas.")] = None,
    month: Annotated[
        str | None, typer.Option(help="First month of the driver, YYYY-MM, among the forecast months.")
    ] = None,
    ratio: Annotated[
        str | None,
        typer.Option(metavar="LOW:HIGH", help="Rate ratios to assume instead of the estimated ones, such as 1.2:2."),
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A scenario file (TOML) with one or several drivers.")] = None,
    study: StudyOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Compute the champion's forecast with and without a supposed driver.

    Written to reports/STUDY/scenarios/NAME/; never part of a bulletin.
    """
    from provrisk.jobs.scenario import run_scenario, write
    from provrisk.study.scenario_file import suppose

    chosen = open_study(study, as_json)
    supposed = suppose(driver, names(provinces), month, _range(ratio), file)
    with shown_work(seed, workers) as work:
        done = run_scenario(chosen, supposed, work)
    folder = write(chosen, done)
    if as_json:
        rows = json.loads(done.table.to_json(orient="records", double_precision=4))
        answer(folder=str(folder), assumptions=done.assumptions, rows=rows, paths=[folder])
        return
    _print(done)
    print(f"Written to {folder / 'scenario.html'}")


def _range(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    low, _, high = text.partition(":")
    try:
        return float(low), float(high or low)
    except ValueError:
        raise ProvriskError(f"--ratio {text!r} is not a range: write lowest:highest, such as 1.2:2.") from None


def _print(done: "Scenario") -> None:
    from provrisk.cli.tables.numbers import page
    from provrisk.cli.tables.sheet import Sheet
    from provrisk.reports.pages.scenario import HEAD, spread

    first = min(one.month for one in done.file.suppose)
    rows = done.table[done.table.month == first].sort_values("expected_with", ascending=False, kind="stable")
    print(HEAD, *(f"- {said}" for said in done.assumptions), sep="\n")
    heads = ("Province", "Without", "With", "Difference", "80 % interval", "P(high)", "with", "Rank", "with")
    shown = Sheet(f"{first}: expected attacks without and with it", heads)
    for row in rows.itertuples():
        shown.add_row(
            row.province, f"{row.expected_without:.1f}", f"{row.expected_with:.1f}", f"{row.difference:+.1f}",
            spread(row.difference_low_80, row.difference_high_80), f"{100 * row.p_high_without:.0f} %",
            f"{100 * row.p_high_with:.0f} %", str(row.rank_without), str(row.rank_with),
        )  # fmt: skip
    page().print(shown)
