"""``provrisk compare``: forecasts compared with each other and with the observed counts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import JsonOption, StudyOption, open_study
from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    import pandas as pd


def compare(
    names: Annotated[
        list[str] | None, typer.Argument(help="Forecasts to compare, by name or title; two in detail; default: all.")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option("--protocol", help="Use the models of this stored backtest; default: of all.")
    ] = None,
    month: Annotated[
        str | None,
        typer.Option("--at", metavar="YYYY-MM", help="All forecasts of this month, and the observed counts."),
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(help="With --at: made so many months ahead; default: the fewest that all have.")
    ] = None,
    total: Annotated[bool, typer.Option("--total", help="Compare sums over provinces, not provinces.")] = False,
    log: Annotated[
        bool,
        typer.Option(
            "--log", help="Score log(count + 1): an error by a factor of two counts the same in every province."
        ),
    ] = False,
    benchmark: Annotated[str | None, typer.Option(help="Benchmark for skill; default: ewma_nb, or the best.")] = None,
    split: Annotated[str | None, typer.Option("--by", help="Mean score by horizon, year or province.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the table here (CSV).")] = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE.html", help="Write the whole comparison as one web page.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare forecasts on the same cells: models, issued bulletins and external forecasts.

    Without names, all forecasts that share cells are ranked; with --protocol, the models of that
    backtest. Two names show where, when and by how much they differ; --at shows one month.
    """
    from provrisk import months
    from provrisk.cli.tables.difference import print_difference
    from provrisk.cli.tables.month import print_month
    from provrisk.cli.tables.rankings import print_rankings, rows_by
    from provrisk.evaluation.scores.scoring import Scoring
    from provrisk.jobs.comparison.compare import compare_forecasts

    if month is None and horizon is not None:
        raise ProvriskError("--horizon needs --at: rankings and differences use all horizons.")
    when = months.parse(month) if month else None
    chosen = open_study(study, as_json)
    asked = compare_forecasts(chosen, names or [], protocol, benchmark, Scoring(total, log), page is not None)
    comparison = asked.comparison
    if page is not None:
        asked.write_page(page)
    if month is not None and when is not None:
        table = asked.at(month, horizon)
        _give(table, table, out, as_json, lambda: print_month(table, comparison, when))
    elif names and len(asked.names) == 2:
        found = asked.difference(*asked.names)
        _give(found.as_dict(), found.cells, out, as_json, lambda: print_difference(found, comparison))
    else:
        table = rows_by(asked, split) if split else asked.records()
        _give(table, table, out, as_json, lambda: print_rankings(asked, table, split))


def _give(
    said: "pd.DataFrame | dict[str, Any]",
    table: "pd.DataFrame",
    out: Path | None,
    as_json: bool,
    show: Callable[[], None],
) -> None:
    """Print ``said`` as JSON or show it, and write ``table`` to ``out`` if given."""
    from provrisk import files

    if out is not None:
        files.write(out, files.csv_of(table, date_format="%Y-%m-%d"))
    if as_json:
        import pandas as pd

        if isinstance(said, pd.DataFrame):
            answer(rows=json.loads(said.to_json(orient="records", date_format="iso")))
        else:
            answer(said)
    else:
        show()
