"""Drafts, finals and errata on disk."""

import contextlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from provrisk import files
from provrisk.errors import NothingNewError, ProvriskError
from provrisk.jobs.issue import IssueFiles, previous_forecast, stop_if_nothing_new
from provrisk.reports.bulletin import stored_issues
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.reports.pages import front_page
from provrisk.study import Project, Study


@pytest.fixture
def desk(home: Project, written: IssueFiles, tmp_path: Path) -> Study:
    """The study in a project folder of its own, with the one draft."""
    study = replace(home.study("iraq"), project=Project(root=home.root, home=tmp_path))
    stored_issues.write_draft(study, written.document, beside(written))
    return study


def beside(written: IssueFiles) -> dict[str, bytes]:
    return {name: (written.folder / name).read_bytes() for name in ("risk.csv", "forecast.parquet")}


def test_a_draft_becomes_final_and_says_so(desk: Study) -> None:
    issued = stored_issues.finalise(desk, "Checked by the desk <b>", "2019-01-03")
    page = (issued.folder / "bulletin.html").read_text(encoding="utf-8")
    assert "Final. Checked by the desk &lt;b&gt; (3 January 2019)" in page
    assert "Draft" not in page
    assert issued.changed() == []
    assert set(issued.stored.files) == {"bulletin.html", "bulletin.md", "bulletin.pdf", "forecast.parquet", "risk.csv"}
    with pytest.raises(ProvriskError, match="no draft"):
        stored_issues.finalise(desk, "again", "2019-01-04")


def test_a_change_after_that_is_an_erratum(desk: Study, written: IssueFiles) -> None:
    first = stored_issues.finalise(desk, "Checked", "2019-01-03")
    before = {path.name: path.read_bytes() for path in first.folder.iterdir()}
    corrected = written.document.model_copy(update={"source": "a later release"})
    draft = stored_issues.write_draft(desk, corrected, beside(written))
    assert draft == first.folder / "erratum"
    assert {p.name: p.read_bytes() for p in first.folder.iterdir() if p.is_file()} == before  # nothing is overwritten
    second = stored_issues.finalise(desk, "The source was named wrongly", "2019-02-01", "2019-01")
    assert [(e.number, e.date, e.note) for e in second.document.errata] == [
        (1, "2019-02-01", "The source was named wrongly")
    ]
    assert (second.document.finalized, second.document.source) == ("2019-01-03", "a later release")
    assert "Erratum 1, 2019-02-01" in (second.folder / "bulletin.md").read_text(encoding="utf-8")
    assert {p.name: p.read_bytes() for p in (second.folder / "issue-1").iterdir()} == before
    assert not draft.exists()


def test_an_erratum_of_the_same_figures_keeps_its_note_alone(desk: Study, written: IssueFiles) -> None:
    first = stored_issues.finalise(desk, "Checked", "2019-01-03")
    for number, note in enumerate(("The population figure in the foreword was wrong", "Another slip"), start=1):
        draft = stored_issues.write_draft(desk, written.document, beside(written))
        assert stored_issues.draft_of(desk).folder == draft
        second = stored_issues.finalise(desk, note, "2019-02-01", "2019-01")
        assert (len(second.document.errata), second.document.errata[-1].note) == (number, note)
        assert second.document.risk == first.document.risk
        assert note in (second.folder / "bulletin.md").read_text(encoding="utf-8")
    assert not draft.exists()


def test_a_draft_is_discarded_a_final_issue_never(desk: Study, written: IssueFiles) -> None:
    folder = stored_issues.draft_of(desk).folder
    content = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    draft, target = stored_issues.discard(desk)
    assert (draft.folder, target) == (folder, desk.reports / "discarded" / "2019-01-1")
    assert {path.name: path.read_bytes() for path in target.iterdir() if path.is_file()} == content
    assert stored_issues.all_issues(desk) == []
    with pytest.raises(ProvriskError, match="There is no draft"):
        stored_issues.discard(desk)
    stored_issues.write_draft(desk, written.document, beside(written))
    stored_issues.finalise(desk, "Checked", "2019-01-03")
    with pytest.raises(ProvriskError, match="There is no draft of 2019-01"):
        stored_issues.discard(desk, "2019-01")
    stored_issues.write_draft(desk, written.document, beside(written))
    assert stored_issues.discard(desk)[1].name == "2019-01-2"  # the draft of an erratum; the issue stays
    assert stored_issues.read(folder).document.state == "final"


class Killed(BaseException):
    """The process ends here."""


def interrupted(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Let the process end at its change ``at`` (from 0) of the disk: a file moved to its place or removed."""
    left = [at]

    def counted(whole: Callable) -> Callable:
        def changed(*arguments: object, **named: object) -> object:
            left[0] -= 1
            if left[0] == -1:
                raise Killed
            return whole(*arguments, **named)

        return changed

    for name in ("replace", "rename", "unlink", "rmdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("erratum", [False, True])
def test_making_final_goes_on_wherever_it_was_stopped(
    desk: Study, written: IssueFiles, tmp_path: Path, erratum: bool
) -> None:
    if erratum:
        stored_issues.finalise(desk, "Checked", "2019-01-03")
        stored_issues.write_draft(
            desk, written.document.model_copy(update={"source": "a later release"}), beside(written)
        )
    reports, before = desk.reports, Path(shutil.copytree(desk.reports, tmp_path / "before"))

    def finalise() -> None:
        stored_issues.finalise(desk, "x", "2019-02-01")

    finalise()
    undisturbed, at, ended = everything(reports), 0, False
    while not ended:
        shutil.rmtree(reports)
        shutil.copytree(before, reports)
        with pytest.MonkeyPatch.context() as patch:
            interrupted(patch, at)
            try:
                finalise()
                ended = True
            except Killed:
                at += 1
        if not ended:
            with contextlib.suppress(ProvriskError):  # all had been done: there is no draft any more
                finalise()
        left = {name: content for name, content in everything(reports).items() if not name.endswith(files.PART)}
        assert left == undisturbed, at
    assert at > 5


def test_a_file_changed_by_hand_is_noticed(desk: Study, content: BulletinContent) -> None:
    folder = desk.reports / "2019-01"
    original = (folder / "risk.csv").read_bytes()
    (folder / "risk.csv").write_bytes(original + b"x")
    with pytest.raises(ProvriskError, match=r"risk.csv was changed after it was written"):
        stored_issues.finalise(desk, "Checked", "2019-01-03")
    (folder / "risk.csv").write_bytes(original)
    stored_issues.finalise(desk, "Checked", "2019-01-03")
    (folder / "bulletin.html").write_text("nicer")
    front_page.write(desk, content.panel)
    listed = (desk.reports / "index.html").read_text(encoding="utf-8")
    assert "changed since: bulletin.html" in listed


def test_a_note_is_needed(desk: Study) -> None:
    with pytest.raises(ProvriskError, match="needs a note"):
        stored_issues.finalise(desk, "  ", "2019-01-03")


def test_an_issued_forecast_that_was_changed_is_not_read(desk: Study, content: BulletinContent) -> None:
    (desk.reports / "2019-01" / "forecast.parquet").write_bytes(b"x")
    with pytest.raises(ProvriskError, match=r"forecast.parquet was changed after it was written: restore it"):
        stored_issues.all_issues(desk)[0].forecast()
    front_page.write(desk, content.panel)
    assert "cannot be read" in (desk.reports / "index.html").read_text(encoding="utf-8")


def test_a_figure_changed_in_the_record_is_noticed(desk: Study) -> None:
    path = desk.reports / "2019-01" / "bulletin.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"draws": 1000', '"draws": 1001'), encoding="utf-8")
    with pytest.raises(ProvriskError, match="damaged .it was changed after it was written"):
        stored_issues.all_issues(desk)


def test_a_damaged_record_is_one_sentence(desk: Study) -> None:
    path = desk.reports / "2019-01" / "bulletin.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["document"]["state"] = "maybe"
    path.write_text(json.dumps(record))
    with pytest.raises(ProvriskError, match=r"no record of a bulletin \(document.state"):
        stored_issues.all_issues(desk)


def test_no_new_data_no_second_bulletin(desk: Study, content: BulletinContent) -> None:
    stop_if_nothing_new(desk, content.panel)  # a draft may be written again
    stored_issues.finalise(desk, "Checked", "2019-01-03")
    with pytest.raises(NothingNewError, match="There are no new data: the final issue of 2019-01"):
        stop_if_nothing_new(desk, content.panel)
    stop_if_nothing_new(desk, content.panel.assign_attrs(digest="other"))


def test_only_a_final_issue_is_the_last_bulletin(desk: Study, written: IssueFiles, content: BulletinContent) -> None:
    assert previous_forecast(desk, content.issue, content.past).issued is False  # type: ignore[union-attr]
    earlier = written.document.model_copy(update={"month": "2018-12", "origin": "2018-11"})
    stored_issues.write_draft(desk, earlier, beside(written))
    assert previous_forecast(desk, content.issue, content.past).issued is False  # type: ignore[union-attr]
    stored_issues.finalise(desk, "Checked", "2018-12-03", "2018-12")
    last = previous_forecast(desk, content.issue, content.past)
    assert last is not None
    assert last.issued
    shutil.rmtree(desk.reports / "2018-12")


def test_the_index_holds_each_issue_to_what_came(desk: Study, written: IssueFiles, content: BulletinContent) -> None:
    front_page.write(desk, content.panel)
    listed = (desk.reports / "index.html").read_text(encoding="utf-8")
    assert "not observed yet" in listed
    later = content.panel.copy(deep=True)
    later["attacks"].loc[{"month": "2019-01-01"}] = 0
    front_page.write(desk, later)
    listed = (desk.reports / "index.html").read_text(encoding="utf-8")
    assert "18 of 18 inside the 80 % interval" in listed
    assert "0 observed" in listed
