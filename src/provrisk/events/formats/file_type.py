"""The kind of a file by its first bytes, not by its name."""

import io
import zipfile
from dataclasses import dataclass


@dataclass(frozen=True)
class FileType:
    """A kind of file: ``what`` it is, and the ``step`` to make a table of it if it is not read."""

    what: str
    step: str = "save it as CSV in UTF-8"


TEXT, JSON, PARQUET = FileType("a text file"), FileType("a JSON file"), FileType("a Parquet file")
WORKBOOK, ZIP, GZIP = FileType("a workbook"), FileType("a zip archive"), FileType("a gz archive")

_UNPACK = "unpack it and name the file"
_AGAIN = "download it again, signed in if the provider requires it"
SIGNS: tuple[tuple[bytes, FileType], ...] = (
    (b"PAR1", PARQUET),
    (b"\x1f\x8b", GZIP),
    (b"\xd0\xcf\x11\xe0", WORKBOOK),  # of Excel up to 2003
    (b"%PDF", FileType("a PDF document", "ask its author for the table as CSV or a workbook")),
    (b"7z\xbc\xaf", FileType("a 7-Zip archive", _UNPACK)),
    (b"Rar!", FileType("a RAR archive", _UNPACK)),
    (b"BZh", FileType("a bzip2 archive", _UNPACK)),
    (b"\xfd7zXZ", FileType("an xz archive", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", FileType("a Zstandard archive", _UNPACK)),
    (b"RDX", FileType("an R workspace", "write the table from R with write.csv")),
    (b"RDA", FileType("an R workspace", "write the table from R with write.csv")),
    (b"X\n\x00\x00", FileType("an R object (.rds)", "write the table from R with write.csv")),
    (b"SQLite format 3", FileType("an SQLite database or GeoPackage", "export the table as CSV")),
    (b"ARROW1", FileType("an Arrow (Feather) file", "write the table as Parquet or CSV")),
    (b"\x89HDF", FileType("an HDF5 file", "write the table as Parquet or CSV")),
    (b"<stata_dta>", FileType("a Stata file", "export the table from Stata with export delimited")),
    (b"$FL2", FileType("an SPSS file", "save the table from SPSS as CSV")),
    (b"\x00\x00\x27\x0a", FileType("a shapefile", "export its table as CSV")),
    (b"\x89PNG", FileType("a picture", "name the table")),
    (b"\xff\xd8\xff", FileType("a picture", "name the table")),
    (
        b"version https://git-lfs",
        FileType("a pointer of Git LFS, not the file itself", "get the file with 'git lfs pull'"),
    ),
)
MARKUP: tuple[tuple[bytes, FileType], ...] = (
    (b"<!doctype html", FileType("a web page, not the file that it leads to", _AGAIN)),
    (b"<html", FileType("a web page, not the file that it leads to", _AGAIN)),
    (b"<?xml", FileType("an XML document", "ask the provider for CSV, JSON or a workbook")),
)
EMPTY = FileType("empty and is not a CSV table", "download it again")


def of(content: bytes) -> FileType:
    """The kind of a file with ``content``; text if nothing else fits."""
    for sign, kind in SIGNS:
        if content.startswith(sign):
            return kind
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return WORKBOOK if _is_workbook(content) else ZIP
    start = content[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    for sign, kind in MARKUP:
        if start.lower().startswith(sign):
            return kind
    if not start:
        return EMPTY
    return JSON if start[:1] in (b"{", b"[") else TEXT


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError, OverflowError):
        return b"xl/workbook" in content
    return "[Content_Types].xml" in names or any(name.startswith("xl/") for name in names) or (
        "mimetype" in names and "content.xml" in names  # OpenDocument
    )  # fmt: skip
