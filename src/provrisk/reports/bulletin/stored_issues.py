"""Issues on disk: drafts, final ones, errata. A final issue is never overwritten."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import xarray as xr
from pydantic import ValidationError

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.forecasts import issued
from provrisk.reports.document import Document, Erratum, Stored
from provrisk.reports.render import html, markdown, pdf
from provrisk.study import Study

FORECAST = "forecast.parquet"
RECORD, ERRATUM, WHOLE = "bulletin.json", "erratum", ".whole"
"""The file that holds the document; the folder inside a final issue that holds a draft of its erratum; and that inside
either in which all files are written before the first of them takes its place.
"""


@dataclass(frozen=True)
class StoredIssue:
    """One stored issue: its folder and its record."""

    folder: Path
    stored: Stored

    def __repr__(self) -> str:
        return f"Issued({self.document.title!r}, {self.document.state} in {self.folder})"

    @property
    def document(self) -> Document:
        """The document that the issue was rendered from."""
        return self.stored.document

    def changed(self) -> list[str]:
        """The files that differ from the record."""
        return [name for name in self.stored.files if not self._intact(name)]

    def forecast(self) -> xr.DataArray:
        """The forecast that was issued; raises ``ProvriskError`` if the file differs from the record."""
        path = self.folder / FORECAST
        if not self._intact(FORECAST):
            what = "was changed after it was written" if path.is_file() else "is missing"
            raise ProvriskError(f"{path} {what}: restore it, or delete its folder.")
        return issued.read(path)

    def _intact(self, name: str) -> bool:
        path = self.folder / name
        return path.is_file() and files.digest(path.read_bytes()) == self.stored.files.get(name)


def all_issues(study: Study) -> list[StoredIssue]:
    """Every stored issue of the study, oldest month first."""
    return [read(folder) for folder in folders(study)]


def folders(study: Study) -> list[Path]:
    """The folder of every stored issue of the study, oldest month first; the large records are not read."""
    found = (study.reports).glob(f"[0-9][0-9][0-9][0-9]-[0-9][0-9]/{RECORD}")
    return sorted(path.parent for path in found)


def read(folder: Path) -> StoredIssue:
    """The issue in ``folder``; raises ``ProvriskError`` if its record is absent or damaged."""
    path = folder / RECORD
    try:
        content = path.read_bytes()
        stored = Stored.model_validate_json(content)
        files.unsealed(content)
        return StoredIssue(folder, stored)
    except OSError:
        raise ProvriskError(f"There is no issue in {folder}: write it with 'provrisk run' first.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ProvriskError(
            f"{path} is no record of a bulletin ({where}: {first['msg']}): restore it, or delete its folder."
        ) from None
    except ValueError as error:
        raise ProvriskError(f"{path} is damaged ({error}): restore it, or delete its folder.") from None


def newest_final(study: Study, before: str | None = None) -> StoredIssue | None:
    """The final issue of the latest month (of those earlier than the month ``before``), or none."""
    newest_first = (folder for folder in reversed(folders(study)) if before is None or folder.name < before)
    return next((issue for issue in map(read, newest_first) if issue.document.state == "final"), None)


def write_draft(study: Study, document: Document, beside: Mapping[str, bytes]) -> Path:
    """Write the issue as a draft; ``beside`` are the contents of its data files by name. Returns its folder.

    If the month's issue is final, the draft is that of an erratum and goes to a folder inside it.
    """
    _recover(study.reports)
    folder = study.reports / document.month
    if (folder / RECORD).is_file() and read(folder).document.state == "final":
        folder = folder / ERRATUM
    return _write(folder, document, beside)


def finalise(study: Study, note: str, today: str, month: str | None = None) -> StoredIssue:
    """Freeze the draft of ``month`` (default: the newest draft) with a ``note``, on the day ``today`` (YYYY-MM-DD).

    The draft of an erratum replaces its issue, numbered and dated; the replaced issue is stored in ``issue-N``. One
    whose figures are those of the issue gives an erratum with only a note. If a call was killed, the next one
    continues. Raises ``ProvriskError`` if there is no draft, or one of its files was changed after it was written.
    """
    if not note.strip():
        raise ProvriskError("A final issue needs a note: give --note 'checked by ...'.")
    for folder in _recover(study.reports):
        if month in (None, folder.name) and read(folder).document.state == "final":
            shutil.rmtree(folder / ERRATUM, ignore_errors=True)  # this draft became final
            return read(folder)
    folder = _draft_folder(study, month)
    draft = read(folder)
    if changed := draft.changed():
        raise ProvriskError(f"{folder / changed[0]} was changed after it was written: run 'provrisk run' again.")
    beside = {name: (folder / name).read_bytes() for name in draft.stored.files if not name.startswith("bulletin.")}
    if folder.name != ERRATUM:
        _write(folder, draft.document.finalised(today, note), beside)
        return read(folder)
    target = folder.parent
    old = read(target)
    errata, first = old.document.errata, (str(old.document.finalized), str(old.document.note))
    same = draft.document.finalised(*first, errata=errata) == old.document
    if not (same and errata and errata[-1].note == note):  # else only the cleaning up was left
        _keep(old, target / f"issue-{len(errata) + 1}")
        erratum = Erratum(number=len(errata) + 1, date=today, note=note)
        _write(target, draft.document.finalised(*first, errata=(*errata, erratum)), beside)
    (folder / RECORD).unlink()  # first, since it is what makes a draft
    shutil.rmtree(folder)
    return read(target)


def draft_of(study: Study, month: str | None = None) -> StoredIssue:
    """The draft that ``finalise`` would freeze; raises ``ProvriskError`` if there is none."""
    return read(_draft_folder(study, month))


def discard(study: Study, month: str | None = None) -> tuple[StoredIssue, Path]:
    """Move the draft of ``month`` (default: the newest draft) to ``discarded/``; returns it and its new folder.

    A final issue stays. Raises ``ProvriskError`` if there is no draft.
    """
    draft = draft_of(study, month)
    home = study.reports / "discarded"
    home.mkdir(parents=True, exist_ok=True)
    number = 1
    while (target := home / f"{draft.document.month}-{number}").exists():
        number += 1
    draft.folder.rename(target)
    return draft, target


def _keep(issue: StoredIssue, folder: Path) -> None:
    """Copy an issue's files to ``folder``, all of them or none; files already there stay."""
    if folder.exists():
        return
    part = folder.with_name(f".{folder.name}{files.PART}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    for name in (RECORD, *issue.stored.files):
        if (issue.folder / name).is_file():
            shutil.copy2(issue.folder / name, part / name)
    part.rename(folder)


def _draft_folder(study: Study, month: str | None) -> Path:
    for folder in reversed(folders(study)):
        if month in (None, folder.name):
            if (folder / ERRATUM / RECORD).is_file():
                return folder / ERRATUM
            if read(folder).document.state == "draft":
                return folder
    what = f"of {month} " if month else ""
    raise ProvriskError(f"There is no draft {what}in {study.reports}: write one with 'provrisk run'.")


def _write(folder: Path, document: Document, beside: Mapping[str, bytes]) -> Path:
    """Render the document, write all its files, and last the record that holds their digests."""
    content = dict(beside)
    for edition in document.editions():
        code = "" if edition.language == document.language else f".{edition.language}"
        content[f"bulletin{code}.html"] = html.render(edition).encode()
        content[f"bulletin{code}.md"] = markdown.render(edition).encode()
        content[f"bulletin{code}.pdf"] = pdf.render(edition)
    whole = folder / WHOLE
    shutil.rmtree(whole, ignore_errors=True)
    for name, data in content.items():
        files.write(whole / name, data)
    stored = Stored(document=document, files={name: files.digest(data) for name, data in sorted(content.items())})
    files.write(whole / RECORD, files.sealed(stored.model_dump(mode="json", exclude={"seal"})))
    _place(whole)
    return folder


def _place(whole: Path) -> None:
    """Move the files of an issue that has been written to their places, the record last."""
    folder = whole.parent
    kept = {*read(whole).stored.files, RECORD}
    for path in folder.glob("bulletin.*"):
        if path.name not in kept:
            path.unlink()  # of another draft, in a language that this one does not have
    for path in sorted(files.listed(whole), key=lambda path: path.name == RECORD):
        path.replace(folder / path.name)
    whole.rmdir()


def _recover(reports: Path) -> list[Path]:
    """Complete issues that a killed call had fully written; returns their folders."""
    found = [path.parent for depth in ("*", f"*/{ERRATUM}") for path in reports.glob(f"{depth}/{WHOLE}/{RECORD}")]
    for whole in found:
        _place(whole)
    return [whole.parent for whole in found]
