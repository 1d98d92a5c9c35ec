"""``provrisk data download``: the only command that gets data from the network."""

from typing import Annotated

import typer

from provrisk.cli.json_answer import answer
from provrisk.cli.options import JsonOption, open_project

app = typer.Typer(help="Download open data into the store.", no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Download open data into the store."""


@app.command("ucdp")
def ucdp(
    version: Annotated[
        str | None,
        typer.Argument(help="25.1 (yearly), 25.0.3 (Candidate month) or 25.01.25.06 (Candidate, consolidated)."),
    ] = None,
    newest: Annotated[
        bool,
        typer.Option(
            "--newest", help="The newest yearly release and the Candidate months after it, if not yet stored."
        ),
    ] = False,
    country: Annotated[
        int | None,
        typer.Option(
            min=1, max=9999, help="Use the API instead, for this country (Gleditsch-Ward); needs UCDP_API_TOKEN."
        ),
    ] = None,
    sha256: Annotated[str | None, typer.Option(help="Expected SHA-256: another file is refused.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Download UCDP releases into the store. Exit code 4 if --newest finds nothing new."""
    from provrisk.events.releases.newest import fetch
    from provrisk.events.releases.release_store import Store

    project = open_project()
    done = fetch(Store(project.releases), project.home / ".cache", version, newest, country, sha256)
    if as_json:
        answer(releases=[{**release.manifest(), "new": new} for release, new in done])
        return
    for release, new in done:
        print(f"{'stored' if new else 'already stored'}: {release.label}, {release.rows:,} rows, "
              f"available {release.available:%Y-%m-%d} ({release.basis})")  # fmt: skip
