"""Files that are traps: bombs, archives that lead elsewhere, links, pipes, sheets without an end."""

import io
import os
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_files import GED, GTD, write
from hostile.mutations import broken, zipped
from hostile.outcome import cases, told, unharmed
from provrisk.errors import ProvriskError
from provrisk.events.formats import archives, workbooks
from provrisk.events.formats.raw_file import open_file
from provrisk.events.releases.add import add_path
from provrisk.events.releases.release_store import Store


def bomb(megabytes: int) -> bytes:
    """A zip of a CSV of so many megabytes of one letter: a thousandth of it on disk."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.csv", "w") as member:
        for _ in range(megabytes):
            member.write(b"a" * (1 << 20))
    return buffer.getvalue()


def lying(content: bytes, size: int) -> bytes:
    """The zip ``content`` with ``size`` for that of its only member, in its directory and before its data."""
    directory = content.rindex(b"PK\x01\x02")
    patched = bytearray(content)
    patched[directory + 24 : directory + 28] = struct.pack("<I", size)
    patched[22:26] = struct.pack("<I", size)
    return bytes(patched)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(bomb(80))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ProvriskError, match="unpacks to more than any event file"):
        open_file(path)
    path.rename(tmp_path / "bomb.xlsx")
    with pytest.raises(ProvriskError, match="unpacks to more than any event file"):
        open_file(tmp_path / "bomb.xlsx")


def test_a_bomb_that_lies_about_its_size_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST", 1 << 16)
    path = tmp_path / "bomb.zip"
    path.write_bytes(lying(bomb(1), 100))
    with pytest.raises(ProvriskError, match="unpacks to more than|damaged archive"):
        open_file(path)


@pytest.mark.parametrize("name", ["../x.csv", "/x.csv", "a/../../x.csv", "..\\x.csv", "C:x.csv", "C:\\x.csv"])
def test_a_path_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "t.zip"
    path.write_bytes(zipped({name: b"a,b\n1,2\n"}))
    with unharmed(tmp_path), pytest.raises(ProvriskError, match="outside its folder"):
        open_file(path)
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "in", path]


def test_a_link_in_an_archive_leads_nowhere(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("x.csv")
    member.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr(member, "/etc/passwd")
    assert list(open_file(tmp_path / "t.zip").table.columns) == ["/etc/passwd"]  # the text of the link, not its target


def test_a_nested_archive_is_not_opened(tmp_path: Path) -> None:
    inner = zipped({"x.csv": b"a,b\n1,2\n"})
    (tmp_path / "t.zip").write_bytes(zipped({"inner.zip": inner}))
    with pytest.raises(ProvriskError, match="has 0 CSV files"):
        open_file(tmp_path / "t.zip")
    (tmp_path / "u.zip").write_bytes(zipped({"inner.csv": inner}))
    with pytest.raises(ProvriskError, match="is not a CSV table"):
        open_file(tmp_path / "u.zip")


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")  # to open it for reading would wait for ever
    (tmp_path / "dangling.csv").symlink_to("nowhere")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "folder.csv").mkdir()
    for name in ("pipe", "dangling", "loop", "zero", "folder"):
        with pytest.raises(ProvriskError, match=r"cannot be read|There is no file"):
            open_file(tmp_path / f"{name}.csv")


def test_a_folder_is_added_without_what_leads_out_of_it(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret" / "GEDEvent_v24_1.csv", GED, {})
    folder = tmp_path / "given"
    write(folder / "GEDEvent_v25_1.csv", GED, {})
    (folder / "GEDEvent_v24_1.csv").symlink_to(secret)
    with pytest.raises(ProvriskError, match="leads out of"):
        add_path(Store(tmp_path / "releases"), folder)
    assert not (tmp_path / "releases").exists()


def test_a_sheet_without_an_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_CELLS", 100_000)
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "eventid", "x"  # a kilobyte on disk, 17 thousand million cells
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(ProvriskError, match="spans more than"):
        open_file(tmp_path / "t.xlsx")


def test_entities_that_explode_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.xlsx", GTD, {})
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    laughs = b"<!DOCTYPE x [<!ENTITY a0 'ha'>" + b"".join(
        f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>".encode() for n in range(1, 10)
    )
    sheet = members["xl/worksheets/sheet1.xml"].replace(b"eventid", b"&a9;")
    head, mark, rest = sheet.partition(b"<worksheet")
    members["xl/worksheets/sheet1.xml"] = head + laughs + b"]>" + mark + rest
    path.write_bytes(zipped(members))
    found = told(lambda: open_file(path))
    assert isinstance(found, ProvriskError)


@cases(normal=8, nightly=300)
@given(data=st.data())
def test_a_broken_archive_or_workbook_is_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("broken")
    suffix = data.draw(st.sampled_from([".zip", ".xlsx"]))
    good = write(folder / "good.csv", GED, {}).read_bytes()
    if suffix == ".xlsx":
        write(folder / "good.xlsx", GTD, {}, {"eventid": "2"})
        with zipfile.ZipFile(folder / "good.xlsx") as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    else:
        members = {"GEDEvent_v25_1.csv": good}
    name = data.draw(st.sampled_from(sorted(members)))
    inside = data.draw(st.booleans())
    content = (
        zipped(members | {name: data.draw(broken(members[name]))}) if inside else data.draw(broken(zipped(members)))
    )
    path = folder / f"t{suffix}"
    path.write_bytes(content)
    told(lambda: open_file(path))
    with unharmed(folder):
        told(lambda: add_path(Store(folder / "releases"), path))
