"""``provrisk forecasts``: external forecasts, stored for comparison."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import JsonOption, StudyOption, day, open_study

if TYPE_CHECKING:
    from provrisk.jobs.external_forecasts import HeldForecast

app = typer.Typer(help="External forecasts, stored for comparison with ours.", no_args_is_help=True)


@app.command("add")
def add(
    path: Annotated[Path, typer.Argument(help="Hubverse, ACLED CAST or VIEWS file, or a plain table.")],
    by: Annotated[str, typer.Option("--from", metavar="NAME", help="The forecaster's name.")],
    issued: Annotated[str | None, typer.Option(help="YYYY-MM-DD, the day of publication; default: today.")] = None,
    target: Annotated[
        str | None, typer.Option(help="The target, such as attacks or deaths, if the file does not name it.")
    ] = None,
    interval: Annotated[
        int, typer.Option(help="Level in per cent of the interval low to high (lower, upper) in a plain table.")
    ] = 80,
    places: Annotated[
        Path | None, typer.Option(help="For VIEWS grid cells: a CSV with the columns cell and province.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model to read, if the file holds several (column model_id).")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Store an external forecast. Adding the same file again changes nothing."""
    from provrisk.jobs import external_forecasts

    chosen = open_study(study, as_json)
    said = external_forecasts.stated(day(issued, "--issued"), target, interval, places, model)
    held, new = external_forecasts.add(chosen, path, by, said)
    if as_json:
        answer({**held.account(), "new": new})
        return
    print(f"{'stored' if new else 'already stored'}: {_line(held)}")
    _print_rest(held)


WhichArgument = Annotated[
    str, typer.Argument(help="Its digest (or the first digits), the forecaster's name, or the file name.")
]


@app.command("remove")
def remove(which: WhichArgument, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Remove an external forecast from all comparisons; 'forecasts restore' undoes it."""
    from provrisk.jobs import external_forecasts

    kept = external_forecasts.remove(open_study(study, as_json), which)
    if as_json:
        answer(removed=kept.manifest())
        return
    print(f"removed: {kept.by} ({kept.file}), moved to forecasts/removed/: it is no longer compared.")
    print(f"To undo: provrisk forecasts restore {kept.digest}")


@app.command("restore")
def restore(which: WhichArgument, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Put back a forecast that was removed."""
    from provrisk.jobs import external_forecasts

    kept = external_forecasts.restore(open_study(study, as_json), which)
    if as_json:
        answer(restored=kept.manifest())
        return
    print(f"restored: {kept.by} ({kept.file})")


@app.command("list")
def list_forecasts(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the stored external forecasts, their contents, and the rows that were excluded."""
    from provrisk.jobs import external_forecasts

    chosen = open_study(study, as_json)
    found = external_forecasts.list_held(chosen)
    if as_json:
        answer(forecasts=[one.account() for one in found])
        return
    if not found:
        print("No external forecast is stored: add one with 'provrisk forecasts add FILE --from NAME'.")
    for one in found:
        print(f"{_line(one)}, {one.kept.digest}")
        _print_rest(one)


@app.command("export-hub")
def export_hub(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    samples: Annotated[
        Path | None,
        typer.Option(metavar="FILE.parquet", help="Also export these draws, written by 'backtest --samples'."),
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all stored forecasts and the observed counts as a hubverse hub."""
    from provrisk.jobs import hub

    chosen = open_study(study, as_json)
    made = hub.export_hub(chosen, folder, samples)
    if as_json:
        answer(folder=str(made.folder), rounds=made.rounds)
        return
    print(f"{made.folder}: {len(made.rounds)} models")
    for name, number in made.rounds.items():
        print(f"  {name}, {number} rounds")


@app.command("import-hub")
def import_hub(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A hub: the folder that holds hub-config.")],
    issued: Annotated[
        str | None, typer.Option(help="YYYY-MM-DD, the day of publication; a model with several rounds has none.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Store every model of a hub as an external forecast, by its name in the hub."""
    from provrisk.jobs import hub

    chosen = open_study(study, as_json)
    held, refused = hub.import_hub(chosen, folder, day(issued, "--issued"))
    if as_json:
        answer(forecasts=[{**one.account(), "new": new} for one, new in held], refused=refused)
        return
    for one, new in held:
        print(f"{'stored' if new else 'already stored'}: {_line(one)}")
        _print_rest(one)
    for name, reason in refused.items():
        print(f"not stored: {name} ({reason})")


def _line(held: "HeldForecast") -> str:
    said = held.account()
    return (
        f"{said['by']}, {said['kind']} of {said['target']} ({said['says']}), {said['first']} to {said['last']}, "
        f"{said['cells']:,} cells"
    )


def _print_rest(held: "HeldForecast") -> None:
    said = held.account()
    if said["issued"] is None:
        print("  issued: no date, since a file with several origins is a backtest")
    elif held.kept.stated.issued is None and said["issued"] == f"{held.kept.stated.added:%Y-%m-%d}":
        print(f"  issued {said['issued']}, the day it was added: use --issued if it was published earlier")
    else:
        print("  issued " + " to ".join(sorted({str(said["issued"]), str(said["last_issued"])})))
    if said["nowcasts"]:
        print(f"  nowcasts: {said['nowcasts']:,} cells, issued after their month had begun")
    for reason, number in held.read.set_aside.items():
        print(f"  excluded: {number:,} of {held.read.rows:,} rows ({reason})")
    if held.read.unread:
        print(f"  columns not read: {', '.join(held.read.unread)}")
