"""``provrisk forecasts``: what others forecast, kept to be compared."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.answer import answer
from provrisk.cli.common import JsonOption, StudyOption, day, open_study

if TYPE_CHECKING:
    from provrisk.jobs.outside import Held

app = typer.Typer(help="What others forecast, kept to be compared with ours.", no_args_is_help=True)


@app.command("add")
def add(
    path: Annotated[Path, typer.Argument(help="Hubverse, ACLED CAST or VIEWS file, or a plain table.")],
    by: Annotated[str, typer.Option("--from", metavar="NAME", help="Whose forecast it is.")],
    issued: Annotated[
        str | None, typer.Option(help="YYYY-MM-DD on which it was published; by default it counts from today.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="What it forecasts, such as attacks or deaths, where the file does not say so.")
    ] = None,
    interval: Annotated[
        int, typer.Option(help="Per cent that low and high (lower, upper) of a plain table enclose.")
    ] = 80,
    places: Annotated[
        Path | None, typer.Option(help="Of VIEWS grid cells: a CSV with the columns cell and province.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Which model is meant, where the file holds several (column model_id).")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep somebody's forecast for ever. Adding the same file again changes nothing."""
    from provrisk.jobs import outside

    project, chosen = open_study(study, as_json)
    held, new = outside.add(project, chosen, path, by, day(issued, "--issued"), target, interval, places, model)
    if as_json:
        answer({**held.account(), "new": new})
        return
    print(f"{'kept' if new else 'held already'}: {_line(held)}")
    _print_rest(held)


WhichArgument = Annotated[str, typer.Argument(help="Its digest (or the beginning), whose it is, or its file's name.")]


@app.command("remove")
def remove(which: WhichArgument, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Take a kept forecast out of all comparisons; 'forecasts restore' undoes it."""
    from provrisk.jobs import outside

    kept = outside.remove(*open_study(study, as_json), which)
    if as_json:
        answer(removed=kept.manifest())
        return
    print(f"removed: {kept.by} ({kept.file}), moved to forecasts/removed/: it is compared no more.")
    print(f"To undo: provrisk forecasts restore {kept.digest}")


@app.command("restore")
def restore(which: WhichArgument, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Put back a forecast that was removed."""
    from provrisk.jobs import outside

    kept = outside.restore(*open_study(study, as_json), which)
    if as_json:
        answer(restored=kept.manifest())
        return
    print(f"restored: {kept.by} ({kept.file})")


@app.command("list")
def list_forecasts(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Every forecast held, what it says, and what of it could not be used."""
    from provrisk.jobs import outside

    project, chosen = open_study(study, as_json)
    found = outside.held(project, chosen)
    if as_json:
        answer(forecasts=[one.account() for one in found])
        return
    if not found:
        print("No outside forecast is held: 'provrisk forecasts add FILE --from NAME'.")
    for one in found:
        print(f"{_line(one)}, {one.kept.digest}")
        _print_rest(one)


@app.command("export-hub")
def export_hub(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    samples: Annotated[
        Path | None, typer.Option(metavar="FILE.parquet", help="Draws that 'backtest --samples' wrote, to go with it.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write all forecasts that are held, and what came, as a folder that the hubverse's tools take for a hub."""
    from provrisk.jobs import hub

    project, chosen = open_study(study, as_json)
    made = hub.export_hub(project, chosen, folder, samples)
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
        str | None, typer.Option(help="YYYY-MM-DD on which it was published; a model of several rounds has no day.")
    ] = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep every model of a hub as a forecast by the name that it has there."""
    from provrisk.jobs import hub

    project, chosen = open_study(study, as_json)
    held, refused = hub.import_hub(project, chosen, folder, day(issued, "--issued"))
    if as_json:
        answer(forecasts=[{**one.account(), "new": new} for one, new in held], refused=refused)
        return
    for one, new in held:
        print(f"{'kept' if new else 'held already'}: {_line(one)}")
        _print_rest(one)
    for name, reason in refused.items():
        print(f"not kept: {name} ({reason})")


def _line(held: "Held") -> str:
    said = held.account()
    return (
        f"{said['by']}, {said['kind']} of {said['target']} ({said['says']}), {said['first']} to {said['last']}, "
        f"{said['cells']:,} cells"
    )


def _print_rest(held: "Held") -> None:
    said = held.account()
    if said["issued"] is None:
        print("  issued: never, since several origins in one file are a backtest")
    elif held.kept.issued is None and said["issued"] == f"{held.kept.added:%Y-%m-%d}":
        print(f"  issued {said['issued']}, the day it was added: --issued tells if it was earlier")
    else:
        print("  issued " + " to ".join(sorted({str(said["issued"]), str(said["last_issued"])})))
    if said["nowcasts"]:
        print(f"  nowcasts: {said['nowcasts']:,} cells were issued after their month had begun")
    for reason, number in held.read.set_aside.items():
        print(f"  set aside: {number:,} of {held.read.rows:,} rows ({reason})")
    if held.read.unread:
        print(f"  columns not read: {', '.join(held.read.unread)}")
