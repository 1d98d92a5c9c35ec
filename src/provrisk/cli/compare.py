"""``provrisk compare``: forecasts held against each other and against what came."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.common import JsonOption, StudyOption, open_study
from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    import pandas as pd

    from provrisk.evaluation.comparison import Comparison
    from provrisk.evaluation.ranking import Ranking
    from provrisk.study import Project, Study
    from provrisk.tracking.store import Tracker

USUAL_BENCHMARK = "ewma_nb"


def compare(
    names: Annotated[
        list[str] | None, typer.Argument(help="Whom to compare: two are held against each other; default: everybody.")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option("--protocol", help="Take the models of this stored backtest; default: of all.")
    ] = None,
    month: Annotated[
        str | None, typer.Option("--at", metavar="YYYY-MM", help="What everybody said of this month, and what came.")
    ] = None,
    horizon: Annotated[int | None, typer.Option(help="With --at: as said so many months ahead; default: last.")] = None,
    total: Annotated[bool, typer.Option("--total", help="Compare sums over provinces, not provinces.")] = False,
    benchmark: Annotated[
        str | None, typer.Option(help=f"Whom skill is measured against; default: {USUAL_BENCHMARK}, or the best.")
    ] = None,
    split: Annotated[str | None, typer.Option("--by", help="Mean score by horizon, year or province.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the table here (CSV).")] = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE.html", help="Write it all as one web page, to read anywhere.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold forecasts against each other on the same cells: models, issued bulletins, and what others said.

    Without names everybody is ranked who shares cells with the rest; with --protocol, the models of that
    backtest. Two names show where, when and by how much they differ; --at shows one month.
    """
    import pandas as pd

    from provrisk import months
    from provrisk.cli.tables.difference import print_difference
    from provrisk.cli.tables.month import print_month
    from provrisk.cli.tables.rankings import print_rankings
    from provrisk.evaluation.compare import by
    from provrisk.evaluation.difference import difference
    from provrisk.evaluation.month import at
    from provrisk.jobs.comparing import gather
    from provrisk.jobs.sources import load_panel

    if month is None and horizon is not None:
        raise ProvriskError("--horizon belongs to --at: rankings and differences keep all horizons apart anyway.")
    if page is not None and page.suffix != ".html":
        raise ProvriskError(f"{page} is to hold a web page: give it a name that ends in .html.")
    when = months.parse(month) if month else None
    project, chosen = open_study(study)
    panel = load_panel(project, chosen)[1]
    comparison = gather(project, chosen, panel, protocol, _tracker(project, chosen) if page else None)
    asked = _asked(comparison, names or [], protocol)
    if page is not None:
        from provrisk.jobs.comparison_page import write_page

        write_page(project, chosen, comparison, page, asked if names else (), benchmark or USUAL_BENCHMARK, protocol)
    if when is not None:
        table = at(comparison, when, asked, horizon)
        _give(table, table, out, as_json, lambda: print_month(table, comparison, when))
    elif names and len(asked) == 2:
        found = difference(comparison, asked[0], asked[1], total)
        _give(found.as_dict(), found.cells, out, as_json, lambda: print_difference(found, comparison))
    else:
        found_ = _rankings(comparison, asked, bool(names or protocol), benchmark, total)
        tables = {
            one.target: by(one.cells, split, one.score, total=total).reset_index() if split else one.records()
            for one in found_
        }
        table = pd.concat(tables, names=["target"]).reset_index("target").reset_index(drop=True)
        _give(table, table, out, as_json, lambda: print_rankings(found_, comparison, asked, tables, split))


def _tracker(project: "Project", study: "Study") -> "Tracker":
    """The store that names each model's run; it takes seconds to open."""
    from provrisk.tracking.store import Tracker

    return Tracker(project, study)


def _asked(comparison: "Comparison", names: list[str], protocol: str | None) -> list[str]:
    """The contenders that are meant: those named, or the models of a protocol, or all."""
    known = comparison.contenders
    for name in names:
        if name not in known:
            raise ProvriskError(f"There is no forecast by {name!r} here: it has {', '.join(known)}.")
    if names:
        return list(dict.fromkeys(names))
    return [name for name, one in known.items() if one.kind == "model" or not protocol]


def _rankings(
    comparison: "Comparison", names: list[str], together: bool, benchmark: str | None, total: bool
) -> "list[Ranking]":
    """One ranking of ``names`` for each thing that they forecast; ``together``: on cells that all of them share."""
    from provrisk.evaluation.ranking import rank, targets

    found = []
    for target, scored in targets(comparison, total).items():
        own = [name for name in scored if name in names]
        if own:
            found.append(rank(comparison, target, own, [benchmark or USUAL_BENCHMARK], total, together))
    if not found:
        other = "without" if total else "with"
        raise ProvriskError(f"Nothing that came is forecast by {', '.join(names)}: try --at MONTH, or {other} --total.")
    if benchmark and all(one.benchmark != benchmark for one in found):
        compared = [name for one in found for name in one.table.index]
        raise ProvriskError(f"The benchmark {benchmark!r} is not among the models compared: {', '.join(compared)}.")
    return found


def _give(said: object, table: "pd.DataFrame", out: Path | None, as_json: bool, show: Callable[[], None]) -> None:
    """Print ``said`` as JSON or show it, and write ``table`` where it is asked for."""
    from provrisk import files

    if out is not None:
        files.write(out, files.csv_of(table, date_format="%Y-%m-%d"))
    if as_json:
        import pandas as pd

        text = said.to_json(orient="records", date_format="iso") if isinstance(said, pd.DataFrame) else json.dumps(said)
        print(text)
    else:
        show()
