"""``provrisk features``: what the panel holds, for the analyst."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.common import JsonOption, StudyOption, console, open_study
from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    import xarray as xr

    from provrisk.study import Study

app = typer.Typer(help="What the panel holds: counts, features, drivers.", no_args_is_help=True)

EventsOption = Annotated[Path | None, typer.Option(help="UCDP GED file to count, instead of the bundled figures.")]
AllOption = Annotated[bool, typer.Option("--all", help="Every feature there is, not only those of study.toml.")]


@app.command("list")
def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """Every feature: name, meaning, unit, source, known ahead, and whether study.toml names it."""
    from provrisk.features.dictionary import describe

    found, everything = _panel(study, None, everything=True)
    used = set(_panel(study, None, everything=False)[1].data_vars)
    table = describe(everything)
    table["used"] = ["yes" if name in used else "no" for name in table.name]
    if as_json:
        print(json.dumps(table.to_dict(orient="records"), indent=2))
        return
    _print(table[["name", "meaning", "unit", "source", "known_ahead", "used"]], found.file.title)


@app.command()
def show(
    province: Annotated[str, typer.Argument(help="Name of the province, in any spelling that the study knows.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Picture to write, .png or .svg.")] = Path("series.png"),
    study: StudyOption = None,
    events: EventsOption = None,
) -> None:
    """Draw the province's counts with the drivers that touch it."""
    from provrisk import files
    from provrisk.events.places import Gazetteer, key
    from provrisk.features import drivers
    from provrisk.reports.series import picture

    _suffix(out, (".png", ".svg"))
    found, panel = _panel(study, events, everything=False)
    gazetteer = Gazetteer(found.provinces)
    name = gazetteer.canonical.get(key(province))
    if name is None:
        near = gazetteer.nearest(province)
        hint = f"did you mean {near}?" if near else "its provinces are in provinces.csv."
        raise ProvriskError(f"{province!r} is no province of {found.name}: {hint}")
    counts = panel[panel.attrs["target"]].sel(province=name, month=slice(None, panel.attrs["origin"])).to_series()
    table = drivers.read(found)
    table = table[table.provinces.map(lambda names: name in names) & (table.start <= counts.index[-1])]
    table = table[(table.start >= counts.index[0]) & ~(table.end_known_on < table.start)]
    title = f"{name}: {found.file.target.many} a month, {panel.attrs['source']}, with drivers"
    files.write(out, picture(counts, table, title, f"{found.file.target.many} a month", out.suffix))
    for driver in table.itertuples():
        sure = "" if driver.day_confirmed else " (day not confirmed)"
        mark = "  [no feature: the violence itself defines it]" if driver.endogenous else ""
        print(f"{driver.start:%Y-%m-%d}{sure}  {driver.name} ({driver.type}){mark}")
    print(f"-> {out}")


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="File to write, .csv or .parquet.")],
    study: StudyOption = None,
    events: EventsOption = None,
    everything: AllOption = False,
) -> None:
    """Write the panel as a table: a row a month and province, a column a variable; missing is empty."""
    from provrisk import files
    from provrisk.features.dictionary import flat, to_bytes

    _suffix(out, (".csv", ".parquet"))
    _, panel = _panel(study, events, everything)
    table = flat(panel)
    files.write(out, to_bytes(table, out.suffix))
    print(f"{len(table):,} rows, {len(table.columns)} columns, data up to {panel.attrs['origin']} -> {out}")


@app.command()
def dictionary(
    out: Annotated[Path, typer.Argument(help="Markdown page to write.")],
    study: StudyOption = None,
) -> None:
    """Write the data dictionary from what the variables say of themselves."""
    from provrisk import files
    from provrisk.features.dictionary import dictionary as page

    found, panel = _panel(study, None, everything=True)
    files.write(out, page(panel, found))
    print(f"{len(panel.data_vars)} variables -> {out}")


def _panel(name: str | None, events: Path | None, everything: bool) -> "tuple[Study, xr.Dataset]":
    from provrisk.events.figures import load_counts
    from provrisk.features.catalogue import with_every_feature
    from provrisk.features.panel import build_panel

    project, study = open_study(name)
    figures = load_counts(project, study, events)
    return study, build_panel(with_every_feature(study) if everything else study, figures.counts, figures.source)


def _suffix(path: Path, allowed: tuple[str, ...]) -> None:
    if path.suffix not in allowed:
        raise ProvriskError(f"{path}: give the file a name that ends in {' or '.join(allowed)}.")


def _print(table: object, title: str) -> None:
    from rich.table import Table

    grid = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in table:  # type: ignore[attr-defined]
        grid.add_column(name.replace("_", " "))
    for row in table.itertuples(index=False):  # type: ignore[attr-defined]
        grid.add_row(*map(str, row))
    console().print(grid)
