"""Any file of a table, whatever it was saved as, holds the same rows; what is not read is named."""

import gzip
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile.outcome import told
from provrisk.errors import ProvriskError
from provrisk.events.formats.delimited import _even
from provrisk.events.formats.headers import header_row
from provrisk.events.formats.raw_file import open_file
from provrisk.events.sources import registry
from provrisk.events.sources.mapped import Mapping

TABLE = pd.DataFrame(
    {
        "when": ["2020-01-05", "2020-02-06", "2020-02-07"],
        "place": ["Córdoba", "San Juan; Sur", "Al-Wádi, west"],
        "dead": ["3", "", "12"],
        "lat": ["34.5", "33.25", "-1.125"],
    }
)
COMMA = TABLE.assign(lat=TABLE.lat.str.replace(".", ","))
ROWS = TABLE.to_dict("records")


def csv(table: pd.DataFrame = TABLE, encoding: str = "utf-8", **how: str) -> bytes:
    return str(table.to_csv(index=False, **how)).encode(encoding)  # type: ignore[call-overload]


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


FORMS: dict[str, bytes | Callable[[Path], object]] = {
    "plain.csv": csv(),
    "mark.csv": csv(encoding="utf-8-sig"),
    "wide.csv": csv(encoding="utf-16"),
    "wide_unmarked.txt": csv(encoding="utf-16-le"),
    "western.csv": csv(encoding="cp1252"),
    "semicolon.csv": csv(COMMA, sep=";"),
    "semicolon_western.csv": csv(COMMA, encoding="latin-1", sep=";"),
    "tab.tsv": csv(COMMA, sep="\t", encoding="utf-16"),
    "pipe.txt": csv(sep="|"),
    "excel.csv": b"sep=;\r\n" + csv(COMMA, sep=";", lineterminator="\r\n"),
    "title.csv": b"Attacks in all provinces\nSource: ours, as of May\n\n" + csv(),
    "title_padded.csv": b"Attacks in all provinces;;;\n;;;\n" + csv(COMMA, sep=";"),
    "tags.csv": csv().replace(b"\n", b"\n#date,#adm1,#affected,#geo+lat\n", 1),
    "packed.csv.gz": gzip.compress(csv(), mtime=0),
    "rows.json": json.dumps(ROWS).encode(),
    "lines.jsonl": "\n".join(map(json.dumps, ROWS)).encode(),
    "by_column.json": TABLE.to_json().encode(),
    "ucdp.json": json.dumps({"TotalCount": 3, "TotalPages": 1, "NextPageUrl": "", "Result": ROWS}).encode(),
    "acled.json": json.dumps({"status": 200, "success": True, "count": 3, "data": ROWS}).encode(),
    "two_pages.json": b"".join(json.dumps({"TotalCount": 3, "Result": part}).encode() for part in (ROWS[:1], ROWS[1:])),
    "held.parquet": lambda path: TABLE.assign(dead=[3.0, None, 12.0], lat=TABLE.lat.astype(float)).to_parquet(path),
    "book.xlsx": lambda path: TABLE.assign(
        when=pd.to_datetime(TABLE.when), dead=[3, None, 12], lat=TABLE.lat.astype(float)
    ).to_excel(path, index=False, startrow=2),
    "one.zip": lambda path: zipped(path, data__csv=csv(), readme__txt=b"about, this\n"),
    "pages.zip": lambda path: zipped(
        path, a__json=json.dumps({"data": ROWS[:2]}).encode(), b__json=json.dumps({"data": ROWS[2:]}).encode()
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_table_is_the_same_table(name: str, tmp_path: Path) -> None:
    form, path = FORMS[name], tmp_path / name
    path.write_bytes(form) if isinstance(form, bytes) else form(path)
    found = open_file(path).table
    assert list(found.columns) == list(TABLE.columns)
    assert found.to_numpy().tolist() == TABLE.to_numpy().tolist()
    # The lines that an editor or a spreadsheet shows.
    first = {"excel.csv": 3, "title.csv": 5, "title_padded.csv": 4, "tags.csv": 3, "book.xlsx": 4}.get(name, 2)
    assert list(found.index) == [first, first + 1, first + 2]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("page.csv", b"<!DOCTYPE html>\n<html><body>Please log in</body></html>", "web page.*signed in"),
        ("report.csv", b"%PDF-1.7 ...", "PDF document"),
        ("data.rds", gzip.compress(b"X\n\x00\x00\x00\x03", mtime=0), "R object.*write.csv"),
        ("data.RData", gzip.compress(b"RDX3\nX\n", mtime=0), "R workspace.*write.csv"),
        ("data.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS"),
        ("data.7z", b"7z\xbc\xaf\x27\x1c", "7-Zip archive.*unpack"),
        ("data.gpkg", b"SQLite format 3\x00", "SQLite.*export"),
        ("data.csv", b"", "empty"),
        ("data.json", b'{"status": 403, "message": "Forbidden"}', "without rows, with the message 'Forbidden'"),
        ("data.json", b'{"data": []}', "without a row"),
        ("data.json", b'{"data": [', "damaged JSON"),
        ("page.json", b'{"TotalCount": 9, "Result": [{"id": 1}]}', "1 of the 9 rows.*other pages"),
        ("data.parquet", b"PAR1 torn", "damaged Parquet"),
        ("data.xls", b"\xd0\xcf\x11\xe0 torn", "damaged workbook"),
    ],
)
def test_what_is_not_read_is_named_with_the_step_that_mends_it(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ProvriskError, match=words):
        open_file(tmp_path / name)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1251", ["Донецкая область", "Луганская область", "Одесская область", "Харьковская область"]),
        ("cp1256", ["نينوى", "الأنبار", "صلاح الدين", "كركوك", "السليمانية"]),
        ("cp1252", ["Bío Bío", "Ñuble", "Québec", "Zürich"]),
    ],
)
def test_old_encodings_are_told_by_their_letters(encoding: str, names: list[str], tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(csv(pd.DataFrame({"n": map(str, range(len(names))), "name": names}), encoding=encoding))
    assert open_file(path).table["name"].tolist() == names


def test_a_few_spoilt_bytes_do_not_change_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv(pd.DataFrame({"name": ["Córdoba"] * 50})) + b"C\xf3rdoba\n")
    assert set(open_file(path).table["name"]) == {"Córdoba", "C\ufffdrdoba"}


def test_thousands_are_not_taken_for_decimals(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv(pd.DataFrame({"name": ["a", "b"], "dead": ["1,200", "3"], "codes": ["1,2", "1,2,3"]})))
    assert open_file(path).table.dead.tolist() == ["1,200", "3"]
    assert open_file(path).table.codes.tolist() == ["1,2", "1,2,3"]


@given(st.integers(0, 3), st.integers(2, 6), st.data())
def test_the_header_is_found_below_titles(titles: int, width: int, data: st.DataObject) -> None:
    above = [[data.draw(st.sampled_from(["Title", "Source: us", ""]))] + [""] * (width - 1) for _ in range(titles)]
    body = [[f"x{n}{i}" for i in range(width)] for n in range(4)]
    rows = [row for row in [*above, [f"h{i}" for i in range(width)], *body] if any(row)]
    assert rows[header_row(rows)][0] == "h0"


LOG = Mapping.model_validate(
    {"name": "Log", "key": "log", "columns": {"date": "When", "province": "Place name", "deaths_best": "dead"}}
)


def book(path: Path) -> Path:
    with pd.ExcelWriter(path) as sheets:
        pd.DataFrame({"About": ["this file", "nothing"]}).to_excel(sheets, sheet_name="Notes", index=False)
        TABLE.rename(columns={"when": "WHEN ", "place": "place_name"}).to_excel(sheets, sheet_name="Log", index=False)
    return path


def test_the_sheet_that_fits_is_taken_and_headings_need_not_be_exact(tmp_path: Path) -> None:
    raw, _ = registry.recognise(open_file(book(tmp_path / "t.xlsx")), LOG)
    assert raw.table[["When", "Place name", "dead"]].to_numpy().tolist() == TABLE.iloc[:, :3].to_numpy().tolist()


def test_where_no_sheet_fits_all_are_named(tmp_path: Path) -> None:
    with pytest.raises(ProvriskError, match=r"none of the sheets Notes, Log of t\.xlsx"):
        registry.recognise(open_file(book(tmp_path / "t.xlsx")))
    assert list(open_file(tmp_path / "t.xlsx", sheet="log").table.columns)[:2] == ["WHEN", "place_name"]
    with pytest.raises(ProvriskError, match="no sheet 'Data': it has Notes, Log"):
        open_file(tmp_path / "t.xlsx", sheet="Data")
    (tmp_path / "t.csv").write_bytes(csv())
    with pytest.raises(ProvriskError, match="it is not a workbook"):
        open_file(tmp_path / "t.csv", sheet="Data")


def test_several_sheets_that_fit_are_asked_about(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "t.xlsx") as sheets:
        for year in ("2019", "2020"):
            TABLE.rename(columns={"when": "When", "place": "Place name"}).to_excel(sheets, sheet_name=year, index=False)
        TABLE.head(0).rename(columns={"when": "When", "place": "Place name"}).to_excel(sheets, sheet_name="2021")
    with pytest.raises(ProvriskError, match="2 sheets that fit, 2019, 2020: name one with --sheet"):
        registry.recognise(open_file(tmp_path / "t.xlsx"), LOG)
    raw, _ = registry.recognise(open_file(tmp_path / "t.xlsx", sheet="2020"), LOG)
    assert len(raw.table) == 3


def test_headings_below_lines_as_wide_as_they_are_found_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"Log,of us,2020\n" + csv(TABLE[["when", "place", "dead"]]))
    said = LOG.model_copy(update={"columns": {"date": "When", "province": "Place", "deaths_best": "Dead"}})
    raw, _ = registry.recognise(open_file(tmp_path / "t.csv"), said)
    assert raw.table["Place"].tolist() == TABLE.place.tolist()
    assert list(raw.table.index) == [1, 2, 3]


SEEDS = [form for form in FORMS.values() if isinstance(form, bytes)]


@settings(max_examples=150)
@given(st.sampled_from(SEEDS), st.integers(0, 400), st.binary(max_size=8), st.integers(0, 40))
def test_a_spoilt_file_is_read_or_told(form: bytes, at: int, put: bytes, cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spoilt.csv")
        path.write_bytes(form[:at] + put + form[at + cut :])
        found = told(lambda: open_file(path).table)
    if not isinstance(found, ProvriskError):
        assert all(isinstance(cell, str) for row in found.to_numpy().tolist() for cell in row)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.lists(st.text('ab"1 é\n', max_size=4).filter(lambda text: text == text.strip("\n")), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    )
)
def test_rows_of_one_width_are_read_as_patient_and_impatient_readers_do(cells: list[list[str]]) -> None:
    table = pd.DataFrame(cells, columns=["when", "place", "dead"], dtype="str")
    content = csv(table)
    quick = _even(content, ",", 3)
    whole = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, header=None)
    assert quick is None or quick.to_numpy().tolist() == whole.to_numpy().tolist()
    assert quick is not None or "\n" in cells[-1][-1]
    assert _even(content + b"2020-01-05\n", ",", 3) is None  # a row that ends early
    assert _even(content + b'2020-01-05,"Al', ",", 3) is None  # a quotation mark that is never closed
    assert _even(content + b'a"b,2,"Al Anbar\n1,2,3\n', ",", 3) is None


def test_a_file_cut_within_a_cell_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cut.csv").write_text('id,name,note\n1,Al "x" Anbar,n\n2,Babil,"cut he', encoding="utf-8")
    with pytest.raises(ProvriskError, match=r"cut\.csv is not a CSV table"):
        open_file(tmp_path / "cut.csv")
