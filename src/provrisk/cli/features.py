"""``provrisk features``: the contents of the panel, for the analyst."""

import re
from pathlib import Path
from typing import Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import (
    CoversOption,
    DateFormatOption,
    JsonOption,
    MappingOption,
    SheetOption,
    StudyOption,
    open_study,
    user_file,
)

app = typer.Typer(help="The contents of the panel: counts, features, drivers.", no_args_is_help=True)

EventsOption = Annotated[Path | None, typer.Option(help="Event file to count, instead of the bundled counts.")]
AllOption = Annotated[bool, typer.Option("--all", help="All available features, not only those of study.toml.")]


@app.command("list")
def list_(study: StudyOption = None, as_json: JsonOption = False) -> None:
    """List the features: name, meaning, unit, source, known ahead, and whether study.toml uses it."""
    from provrisk.jobs.explore import features_of

    found = open_study(study, as_json)
    table = features_of(found)
    if as_json:
        answer(features=table.to_dict(orient="records"))
        return
    _print(table[["name", "meaning", "unit", "source", "known_ahead", "used"]], found.file.title)


@app.command()
def show(
    province: Annotated[str, typer.Argument(help="Name of the province, in any spelling known to the study.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Picture to write, .png or .svg; default: PROVINCE.png.")
    ] = None,
    study: StudyOption = None,
    events: EventsOption = None,
    mapping: MappingOption = None,
    covers: CoversOption = None,
    sheet: SheetOption = None,
    date_format: DateFormatOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw the counts of a province with the drivers that concern it."""
    from provrisk import files
    from provrisk.jobs.explore import province_series

    out = out or Path(f"{re.sub(r'[^0-9a-z]+', '_', province.casefold()).strip('_') or 'series'}.png")
    files.check_suffix(out, (".png", ".svg"))
    chosen = open_study(study, as_json)
    found = province_series(chosen, province, user_file(events, mapping, covers, sheet, date_format))
    files.write(out, found.picture(out.suffix))
    if as_json:
        counts = {f"{month:%Y-%m}": None if value != value else int(value) for month, value in found.counts.items()}
        answer(province=found.province, counts=counts, paths=[out])
        return
    for driver in found.drivers.itertuples():
        sure = "" if driver.day_confirmed else " (day not confirmed)"
        mark = "  [not used as a feature: it is defined by the violence itself]" if driver.endogenous else ""
        print(f"{driver.start:%Y-%m-%d}{sure}  {driver.name} ({driver.type}){mark}")
    print(f"-> {out}")


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="File to write, .csv or .parquet.")],
    study: StudyOption = None,
    events: EventsOption = None,
    mapping: MappingOption = None,
    covers: CoversOption = None,
    sheet: SheetOption = None,
    date_format: DateFormatOption = None,
    everything: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the panel as a table: a row for each month and province, a column for each variable; missing is empty."""
    from provrisk import files
    from provrisk.features.data_dictionary import flat, to_bytes
    from provrisk.jobs.explore import panel_of

    files.check_suffix(out, (".csv", ".parquet"))
    found = open_study(study, as_json)
    panel = panel_of(found, user_file(events, mapping, covers, sheet, date_format), everything=everything)
    table = flat(panel)
    files.write(out, to_bytes(table, out.suffix))
    if as_json:
        answer(rows=len(table), columns=list(table), origin=panel.attrs["origin"], paths=[out])
        return
    print(f"{len(table):,} rows, {len(table.columns)} columns, data up to {panel.attrs['origin']} -> {out}")


@app.command()
def dictionary(
    out: Annotated[Path, typer.Argument(help="Markdown page to write.")],
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the data dictionary from the descriptions of the variables."""
    from provrisk import files
    from provrisk.features.data_dictionary import dictionary as page
    from provrisk.jobs.explore import panel_of

    found = open_study(study, as_json)
    panel = panel_of(found, everything=True)
    files.write(out, page(panel, found))
    if as_json:
        answer(variables=len(panel.data_vars), paths=[out])
        return
    print(f"{len(panel.data_vars)} variables -> {out}")


def _print(table: object, title: str) -> None:
    from provrisk.cli.tables.numbers import page
    from provrisk.cli.tables.sheet import Sheet

    heads = [name.replace("_", " ") for name in table]  # type: ignore[attr-defined]
    grid = Sheet(title, heads, heads, long=("meaning", "unit", "source"))
    for row in table.itertuples(index=False):  # type: ignore[attr-defined]
        grid.add_row(*map(str, row))
    page().print(grid)
