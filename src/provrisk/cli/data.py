"""``provrisk data``: event files, the stored releases, and the counts made from them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provrisk.cli.download import app as download_app
from provrisk.cli.json_answer import answer
from provrisk.cli.options import (
    AcceptOption,
    AsOfOption,
    CoversOption,
    DateFormatOption,
    JsonOption,
    MappingOption,
    SheetOption,
    StudyOption,
    day,
    open_project,
    open_study,
    user_file,
)
from provrisk.errors import ProvriskError

if TYPE_CHECKING:
    pass

app = typer.Typer(help="Event files, the stored releases, and the counts made from them.", no_args_is_help=True)
app.add_typer(download_app, name="download")

EventsArgument = Annotated[
    Path | None,
    typer.Argument(help="Event file (CSV, workbook, JSON, Parquet, gz, zip); default: all stored releases."),
]


@app.command("add")
def add(
    path: Annotated[
        Path, typer.Argument(help="A release (CSV, workbook, JSON, Parquet, gz, zip), or a folder of them.")
    ],
    available: Annotated[str | None, typer.Option(help="YYYY-MM-DD, the day of publication; default: today.")] = None,
    covers: CoversOption = None,
    sheet: SheetOption = None,
    date_format: DateFormatOption = None,
    mapping: MappingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Store a data file (a release). Adding the same file again changes nothing.

    The store belongs to the project, and every study of it counts from all releases: there is no --study.
    """
    from provrisk.events.releases.add import add_folder, add_path
    from provrisk.events.releases.release_store import Store
    from provrisk.events.sources.user_file import UserFile

    store, out = Store(open_project().releases), day(available, "--available")
    given = UserFile(path, mapping, covers, sheet, date_format)
    refused: dict[str, str] = {}
    if path.is_dir():
        added, refused = add_folder(store, given, out)
    else:
        added = add_path(store, given, out)
    if as_json:
        answer(releases=[{**release.manifest(), "new": new} for release, new in added], not_read=refused)
        return
    for release, new in added:
        what = "kept" if new else "already stored"
        print(
            f"{what}: {release.label}, {release.rows:,} rows, available {release.available:%Y-%m-%d} ({release.basis})"
        )
        if not release.of.shareable:
            print(f"  {release.name}: its rows must stay on this machine; see docs/sources/{release.source}.md.")
    for name, why in refused.items():
        print(f"not read: {name}: {why}")


@app.command("list")
def list_releases(as_of: AsOfOption = None, study: StudyOption = None, as_json: JsonOption = False) -> None:
    """The bundled figures of the study and the releases in the store, in order of publication."""
    from provrisk.events.counting.load import all_releases
    from provrisk.events.coverage import in_words

    releases = all_releases(open_study(study, as_json), day(as_of, "--as-of"))
    if as_json:
        answer(releases=[one.manifest() for one in releases])
        return
    for one in releases:
        day_ = f"{one.available:%Y-%m-%d}" if one.dated else "no date   "
        print(
            f"{day_}  {one.label:28}  {'final' if one.final else 'provisional':11}  {in_words(one.covered)}  "
            f"{one.rows:>8,} rows  {one.basis if one.bundled else one.digest}"
        )


WhichArgument = Annotated[
    str, typer.Argument(help="The release: its digest (or the first digits), label, version or file name.")
]


@app.command("remove")
def remove(which: WhichArgument, as_json: JsonOption = False) -> None:
    """Remove a release from the store; all studies then count without it. 'data restore' undoes it."""
    from provrisk.events.coverage import in_words
    from provrisk.events.releases.release_store import Store

    store = Store(open_project().releases)
    release = store.remove(which)
    left = [one.label for one in store.releases(release.source)]
    if as_json:
        answer(removed=release.manifest(), left=left)
        return
    print(
        f"removed: {release.label} ({release.file}), now in releases/removed/; it covered {in_words(release.covered)}."
    )
    print(f"Counts are now made from {', '.join(left) or 'the bundled figures'}; issued bulletins stay as they are.")
    print(f"To undo: provrisk data restore {release.digest}")


@app.command("restore")
def restore(which: WhichArgument, as_json: JsonOption = False) -> None:
    """Put back a release that was removed."""
    from provrisk.events.coverage import in_words
    from provrisk.events.releases.release_store import Store

    release = Store(open_project().releases).restore(which)
    if as_json:
        answer(restored=release.manifest())
        return
    print(f"restored: {release.label} ({release.file}), which covers {in_words(release.covered)}")


@app.command("check")
def check(
    events: EventsArgument = None,
    rows: Annotated[
        Path | None, typer.Option("--rows", help="Write the excluded rows here: row number, reason, values (CSV).")
    ] = None,
    mapping: MappingOption = None,
    covers: CoversOption = None,
    sheet: SheetOption = None,
    date_format: DateFormatOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report for each file the counted rows, the excluded rows with reasons, and doubtful counts.

    The same checks run before every forecast and retraining. Exit code 3 if a check would stop them.
    """
    from provrisk import files
    from provrisk.jobs.data_checks import check_everything

    done = check_everything(open_study(study, as_json), user_file(events, mapping, covers, sheet, date_format))
    parts, findings = done.parts, done.findings
    if as_json:
        findings_ = [one.as_dict() for one in findings]
        stops = any(finding.level == "stop" for finding in findings)
        answer(status="stopped" if stops else "done", files=[part.account() for part in parts], findings=findings_)
    for part in parts if not as_json else []:
        account = part.account()
        print(
            f"{part.label}: {account['rows']:,} rows = {account['counted']:,} counted + "
            f"{account['set_aside']:,} excluded; covers {account['covers']}"
        )
        if part.note:
            print(f"  note: {part.note}")
        for reason, number in account["reasons"].items():
            print(f"  excluded: {number:,} ({reason})")
        for remark, number in account["remarks"].items():
            print(f"  counted, please check: {number:,} ({remark})")
    for label in done.unasked if not as_json else []:
        print(f"{label}: not read, since [actor] in study.toml names no actor for this source")
    if rows is not None and parts:
        files.write(rows, files.csv_of(done.set_aside()))
    for finding in findings if not as_json else []:
        print(f"{finding.level:8} {finding.name}: {finding.sentence}")
    if any(finding.level == "stop" for finding in findings):
        raise typer.Exit(3)


@app.command("counts")
def counts(
    out: Annotated[Path, typer.Option("--out", "-o", help="Where to write the monthly table (CSV).")],
    events: EventsArgument = None,
    as_of: AsOfOption = None,
    mapping: MappingOption = None,
    covers: CoversOption = None,
    sheet: SheetOption = None,
    date_format: DateFormatOption = None,
    accept: AcceptOption = None,
    study: StudyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count events by month and province; report excluded rows with reasons.

    Exit code 3, and nothing written, if more than a fifth of the actor's rows cannot be read.
    """
    from provrisk.events.counting import counts
    from provrisk.events.counting.load import load_counts
    from provrisk.jobs.data_checks import stop_if_lost

    chosen = open_study(study, as_json)
    figures = load_counts(chosen, user_file(events, mapping, covers, sheet, date_format), day(as_of, "--as-of"))
    stop_if_lost(figures, accept)
    counts.write_csv(figures.counts, out)
    if as_json:
        summary: dict[str, object] = {"source": figures.source, "rows": len(figures.counts)}
        summary["events"] = int(figures.counts.attacks.sum()) if "attacks" in figures.counts else None
        answer({**summary, **figures.account(), "file": str(out)}, paths=[out])
        return
    table = figures.counts
    print(f"{figures.source}: {counts.total(table)} counted in {len(table):,} months and provinces -> {out}")
    for reason, number in figures.set_aside.items():
        print(f"  excluded: {number:,} ({reason})")
    for remark, number in figures.remarks.items():
        print(f"  counted, please check: {number:,} ({remark})")


@app.command("revisions")
def revisions(
    study: StudyOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the whole table here (CSV), by province too.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """How the count of each month changed between the stored releases."""
    from provrisk import files, months
    from provrisk.events.counting import completeness
    from provrisk.events.counting.revisions import by_month, revisions, to_csv

    chosen = open_study(study, as_json)
    table = revisions(chosen)
    if out is not None:
        files.write(out, to_csv(table))
    moved = by_month(table)
    if as_json:
        answer(revisions=[{**row, "month": months.label(row["month"])} for row in moved.to_dict("records")])
        return
    if moved.empty:
        raise ProvriskError("No month is in two releases of the store: add another release of the same source.")
    for row in moved[moved.change != 0].itertuples():
        print(
            f"{months.label(row.month)}  first {row.first:>6,.0f}  last {row.last:>6,.0f}  {row.change:>+6,.0f}  "
            f"{row.releases} releases"
        )
    print(f"{(moved.change == 0).sum()} months in several releases did not change.")
    fitted = completeness.learn(table)
    if fitted is None:
        print("How counts change with age is not known yet: no month was published early and again a year later.")
        return
    print("By age in months, for months with final counts: share of the final count; cells that fell, rose")
    for row in fitted.table().itertuples():
        if row.fell == row.fell:  # something moved
            print(f"{row.age:>4}  {row.share:6.2f}  {row.fell:6.0%}  {row.rose:6.0%}  ({row.months} months)")
