"""Issues on disk: drafts, final ones, errata. What is final is never overwritten."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.reports import html, markdown, pdf
from provrisk.reports.document import Document, Erratum, Stored
from provrisk.study import Project, Study

RECORD, ERRATUM = "bulletin.json", "erratum"
"""The file that holds the document, and the folder inside a final issue that holds a draft of its erratum."""


@dataclass(frozen=True)
class Issued:
    """One stored issue: its folder and what is recorded there."""

    folder: Path
    stored: Stored

    def __repr__(self) -> str:
        return f"Issued({self.document.title!r}, {self.document.state} in {self.folder})"

    @property
    def document(self) -> Document:
        return self.stored.document

    def changed(self) -> list[str]:
        """The files that are not, or no longer, what was recorded."""
        return [
            name
            for name, digest in self.stored.files.items()
            if not (self.folder / name).is_file() or files.digest((self.folder / name).read_bytes()) != digest
        ]


def all_issues(project: Project, study: Study) -> list[Issued]:
    """Every stored issue of the study, oldest month first."""
    folders = sorted((project.reports / study.name).glob(f"[0-9][0-9][0-9][0-9]-[0-9][0-9]/{RECORD}"))
    return [read(path.parent) for path in folders]


def read(folder: Path) -> Issued:
    """The issue in ``folder``; raises ``ProvriskError`` if its record is absent or damaged."""
    path = folder / RECORD
    try:
        return Issued(folder, Stored.model_validate_json(path.read_bytes()))
    except OSError:
        raise ProvriskError(f"There is no issue in {folder}: write it with 'provrisk run' first.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ProvriskError(
            f"{path} is no record of a bulletin ({where}: {first['msg']}): restore it, or delete its folder."
        ) from None


def newest_final(project: Project, study: Study, before: str | None = None) -> Issued | None:
    """The final issue of the latest month (of those earlier than the month ``before``), or none."""
    final = [issue for issue in all_issues(project, study) if issue.document.state == "final"]
    chosen = [issue for issue in final if before is None or issue.document.month < before]
    return chosen[-1] if chosen else None


def write_draft(project: Project, document: Document, beside: Mapping[str, bytes]) -> Path:
    """Write the issue as a draft; ``beside`` are the contents of its data files by name. Returns its folder.

    Where the month's issue is final, the draft is that of an erratum and goes to a folder inside it.
    """
    folder = project.reports / document.study / document.month
    if (folder / RECORD).is_file() and read(folder).document.state == "final":
        folder = folder / ERRATUM
    return _write(folder, document, beside)


def finalise(project: Project, study: Study, note: str, today: str, month: str | None = None) -> Issued:
    """Freeze the draft of ``month`` (default: the newest draft) with a ``note``, on the day ``today`` (YYYY-MM-DD).

    The draft of an erratum replaces its issue, numbered and dated; what it replaces is kept in ``issue-N``. Raises
    ``ProvriskError`` where there is no draft, or one of its files was changed after it was written.
    """
    if not note.strip():
        raise ProvriskError("A final issue needs a note: give --note 'who checked it, and what for'.")
    folder = _draft_folder(project, study, month)
    draft = read(folder)
    if changed := draft.changed():
        raise ProvriskError(f"{folder / changed[0]} was changed after it was written: run 'provrisk run' again.")
    beside = {name: (folder / name).read_bytes() for name in draft.stored.files if not name.startswith("bulletin.")}
    if folder.name != ERRATUM:
        _write(folder, draft.document.finalised(today, note), beside)
        return read(folder)
    target = folder.parent
    old = read(target)
    errata = old.document.errata
    kept = target / f"issue-{len(errata) + 1}"
    kept.mkdir()
    for name in (RECORD, *old.stored.files):
        if (target / name).is_file():
            shutil.copy2(target / name, kept / name)
    erratum = Erratum(number=len(errata) + 1, date=today, note=note)
    first = (str(old.document.finalized), str(old.document.note))
    _write(target, draft.document.finalised(*first, errata=(*errata, erratum)), beside)
    shutil.rmtree(folder)
    return read(target)


def _draft_folder(project: Project, study: Study, month: str | None) -> Path:
    found = all_issues(project, study)
    drafts = [issue.folder for issue in found if issue.document.state == "draft"]
    drafts += [issue.folder / ERRATUM for issue in found if (issue.folder / ERRATUM / RECORD).is_file()]
    if month is not None:
        drafts = [folder for folder in drafts if month in (folder.name, folder.parent.name)]
    if not drafts:
        what = f"of {month} " if month else ""
        raise ProvriskError(
            f"There is no draft {what}in {project.reports / study.name}: write one with 'provrisk run'."
        )
    return max(drafts, key=lambda folder: str(folder.relative_to(project.reports / study.name)))


def _write(folder: Path, document: Document, beside: Mapping[str, bytes]) -> Path:
    """Render the document, write all its files, and last the record that holds their digests."""
    page = html.render(document)
    content = dict(beside)
    content["bulletin.html"], content["bulletin.md"] = page.encode(), markdown.render(document).encode()
    printed = pdf.render(html.render(document, folded=False), f"{document.study} {document.month}")
    if printed is None:
        (folder / "bulletin.pdf").unlink(missing_ok=True)  # never one of another draft
    else:
        content["bulletin.pdf"] = printed
    for name, data in content.items():
        files.write(folder / name, data)
    stored = Stored(document=document, files={name: files.digest(data) for name, data in sorted(content.items())})
    record = json.dumps(stored.model_dump(mode="json"), ensure_ascii=False, indent=1)
    files.write(folder / RECORD, record + "\n")
    return folder
