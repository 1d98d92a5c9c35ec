"""Fetching, against a local server that plays the provider, faults included."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tenacity

import event_files
from provrisk.errors import NothingNewError, ProvriskError
from provrisk.events.releases import download
from provrisk.events.releases.newest import fetch_newest
from provrisk.events.releases.release_store import Store
from provrisk.study import Project

SECRET = "sesame-4711"  # noqa: S105 - made up


class Provider(ThreadingHTTPServer):
    """Answers from ``files`` and ``pages``; ``faults`` are taken one a request, first come first served."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files: dict[str, bytes] = {}
        self.pages: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []
        self.moved = ""
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_: object) -> None:
        pass

    def send(self, status: int, body: bytes, kind: str = "text/csv", cut: int | None = None, start: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Sun, 15 Jun 2025 10:00:00 GMT")
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{start + len(body) - 1}/{start + len(body)}")
        self.end_headers()
        self.wfile.write(body[:cut])

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {key.lower(): value for key, value in self.headers.items()}))
        if self.server.moved:
            self.send_response(302)
            self.send_header("Location", self.server.moved)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        fault = self.server.faults.pop(0) if self.server.faults else ""
        if fault.isdigit():
            return self.send(int(fault), f"no: {self.headers.get('x-ucdp-access-token')}".encode())
        if fault == "html":
            return self.send(200, b"<html>Sign in</html>", "text/html; charset=utf-8")
        if self.path in self.server.pages:
            if self.headers.get("x-ucdp-access-token") != SECRET:
                return self.send(401, b"API token required")
            return self.send(200, json.dumps(self.server.pages[self.path]).encode(), "application/json")
        body = self.server.files.get(self.path)
        if body is None:
            return self.send(404, b"nothing here")
        given = self.headers.get("Range", "")
        start = int(given.removeprefix("bytes=").removesuffix("-")) if given and fault != "no ranges" else 0
        cut = len(body) // 2 if fault == "cut" else None
        self.send(206 if start else 200, body[start:], cut=cut and max(cut - start, 1), start=start)
        self.close_connection = True
        return None


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.setattr(download, "FILES", server.url)
        monkeypatch.setattr(download, "API", f"{server.url}/api")
        monkeypatch.setattr(download, "PAUSE", tenacity.wait_none())
        monkeypatch.setenv(download.TOKEN, SECRET)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def store(project: Project) -> Store:
    return Store(project.releases)


def table(tmp_path: Path, rows: int = 50) -> bytes:
    path = event_files.write(tmp_path / "t.csv", event_files.GED, *({"id": str(n)} for n in range(rows)))
    return path.read_bytes()


def archive(content: bytes, name: str = "GEDEvent_v25_1.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr(name, content)
    return buffer.getvalue()


def test_the_yearly_zip_is_kept_and_dated_by_the_server(provider: Provider, store: Store, tmp_path: Path) -> None:
    provider.files["/ged/ged251-csv.zip"] = archive(table(tmp_path))
    release, new = download.fetch_ucdp(store, tmp_path / "cache", "25.1")
    assert (new, release.label, release.rows) == (True, "UCDP GED 25.1", 50)
    assert (release.available, release.basis) == (pd.Timestamp(2025, 6, 15), "the server's date of last change")
    assert not list((tmp_path / "cache").iterdir())
    assert "x-ucdp-access-token" not in provider.asked[0][1]  # open files need no token
    assert not download.fetch_ucdp(store, tmp_path / "cache", "25.1")[1]


def test_a_candidate_month_is_kept(provider: Provider, store: Store, tmp_path: Path) -> None:
    provider.files["/candidateged/GEDEvent_v14_0_6.csv"] = table(tmp_path)
    release, _ = download.fetch_ucdp(store, tmp_path / "cache", "14.0.6")
    assert (release.version, release.final) == ("14.0.6", False)


@pytest.mark.parametrize("faults", [["cut"], ["cut", "cut"], ["cut", "no ranges"], ["503", "cut", "429", "400"]])
def test_a_cut_connection_is_taken_up_again(
    provider: Provider, store: Store, tmp_path: Path, faults: list[str]
) -> None:
    provider.files["/ged/ged251-csv.zip"] = archive(table(tmp_path, 500))
    provider.faults = list(faults)
    release, _ = download.fetch_ucdp(store, tmp_path / "cache", "25.1")
    assert release.rows == 500
    assert len(provider.asked) == len(faults) + ("no ranges" not in faults)
    if faults == ["cut"]:
        assert provider.asked[1][1]["range"].startswith("bytes=")


@pytest.mark.parametrize(
    ("faults", "message", "asked"),
    [
        (["401"], "answers 401", 1),
        (["403"], "answers 403", 1),
        (["404"], "does not exist", 1),
        (["302"], "answers 302", 1),
        (["html"], "web page, not a data file", 1),
        (["400"] * 9, "5 tries (status 400)", 5),
        (["500"] * 9, "5 tries (status 500)", 5),
    ],
)
def test_a_refusal_is_one_sentence_and_leaves_nothing(
    provider: Provider, store: Store, tmp_path: Path, faults: list[str], message: str, asked: int
) -> None:
    provider.faults = list(faults)
    provider.files["/ged/ged251-csv.zip"] = archive(table(tmp_path))
    with pytest.raises(ProvriskError) as raised:
        download.fetch_ucdp(store, tmp_path / "cache", "25.1")
    assert message in str(raised.value)
    assert SECRET not in str(raised.value)
    assert len(provider.asked) == asked
    assert store.releases() == []


def test_another_digest_is_refused(provider: Provider, store: Store, tmp_path: Path) -> None:
    content = archive(table(tmp_path))
    provider.files["/ged/ged251-csv.zip"] = content
    with pytest.raises(ProvriskError, match="not the one given"):
        download.fetch_ucdp(store, tmp_path / "cache", "25.1", sha256="0" * 64)
    assert store.releases() == []
    good = hashlib.sha256(content).hexdigest()
    assert download.fetch_ucdp(store, tmp_path / "cache", "25.1", sha256=good)[1]


def test_a_file_of_absurd_size_is_not_fetched(
    provider: Provider, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.files["/ged/ged251-csv.zip"] = archive(table(tmp_path))
    monkeypatch.setattr(download, "LARGEST_DOWNLOAD", 100)
    with pytest.raises(ProvriskError, match="more than any release"):
        download.fetch_ucdp(store, tmp_path / "cache", "25.1")


def pages(provider: Provider, rows: list[dict[str, object]]) -> None:
    """Two pages that overlap in a row."""
    first = f"/api/25.1?pagesize={download.PAGE}&Country=645"
    half = len(rows) // 2
    provider.pages[first] = {"Result": rows[: half + 1], "NextPageUrl": f"{provider.url}/api/25.1?page=1"}
    provider.pages["/api/25.1?page=1"] = {"Result": rows[half:], "NextPageUrl": ""}


@pytest.mark.parametrize("faults", [[], ["400", "400", "400"]])
def test_the_api_is_read_page_by_page(provider: Provider, store: Store, tmp_path: Path, faults: list[str]) -> None:
    pages(provider, [event_files.GED | {"id": n, "best": 8, "adm_2": None} for n in range(6)])
    provider.faults = list(faults)
    release, _ = download.fetch_ucdp(store, tmp_path, "25.1", country=645)
    assert (release.rows, release.version) == (6, "25.1")
    assert store.table(release).adm_2.tolist() == [""] * 6
    assert all(headers["x-ucdp-access-token"] == SECRET for _, headers in provider.asked)


@pytest.mark.parametrize("faults", [["401"], ["403"], ["400"] * 9, ["html"]])
def test_a_token_reaches_no_file_and_no_message(
    provider: Provider, store: Store, tmp_path: Path, faults: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    pages(provider, [event_files.GED | {"id": n} for n in range(6)])
    provider.faults = list(faults)
    with pytest.raises(ProvriskError) as raised:
        download.fetch_ucdp(store, tmp_path, "25.1", country=645)
    assert SECRET not in str(raised.value) + caplog.text
    provider.faults = []
    download.fetch_ucdp(store, tmp_path, "25.1", country=645)
    for path in (*store.folder.iterdir(), *(one for one in tmp_path.rglob("*") if one.is_file())):
        assert SECRET.encode() not in path.read_bytes()
    assert SECRET not in caplog.text


def test_a_token_does_not_follow_to_another_server(provider: Provider, store: Store, tmp_path: Path) -> None:
    pages(provider, [event_files.GED | {"id": n} for n in range(6)])
    first = f"/api/25.1?pagesize={download.PAGE}&Country=645"
    provider.pages[first]["NextPageUrl"] = "https://elsewhere.example/api?page=1"
    with pytest.raises(ProvriskError, match="another server, https://elsewhere.example"):
        download.fetch_ucdp(store, tmp_path, "25.1", country=645)


@pytest.mark.parametrize("token", ["", "se\nsame", "sésame"])
def test_a_token_that_is_none_is_told_before_anybody_is_asked(
    provider: Provider, store: Store, tmp_path: Path, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(download.TOKEN, token)
    with pytest.raises(ProvriskError, match="UCDP_API_TOKEN"):
        download.fetch_ucdp(store, tmp_path, "25.1", country=645)
    assert provider.asked == []


def test_only_encrypted_addresses_are_asked(tmp_path: Path) -> None:
    with pytest.raises(ProvriskError, match="is not encrypted"):
        download.fetch_file("http://ucdp.uu.se/downloads/ged/ged251-csv.zip", tmp_path)


@pytest.mark.parametrize("version", ["25", "x", "25.1/../..", "2025.1"])
def test_a_version_that_is_none_is_told(store: Store, tmp_path: Path, version: str) -> None:
    with pytest.raises(ProvriskError, match="is not a UCDP release"):
        download.fetch_ucdp(store, tmp_path, version)


@pytest.mark.parametrize("where", ["row", "next page", "same server"])
def test_a_server_that_sends_the_token_back_is_not_kept(
    provider: Provider, store: Store, tmp_path: Path, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    pages(provider, [event_files.GED | {"id": n} for n in range(6)])
    first = provider.pages[f"/api/25.1?pagesize={download.PAGE}&Country=645"]
    if where == "row":
        first["Result"][0]["side_a"] = f"Bearer {SECRET}"
    else:
        host = "https://elsewhere.example" if where == "next page" else provider.url
        first["NextPageUrl"] = f"{host}/api?token={SECRET}"
    with pytest.raises(ProvriskError, match="sent the token back") as raised:
        download.fetch_ucdp(store, tmp_path, "25.1", country=645)
    assert SECRET not in str(raised.value) + caplog.text
    assert not store.releases()


def test_a_redirect_takes_no_token_along(provider: Provider, store: Store, tmp_path: Path) -> None:
    with Provider() as other:
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        provider.moved = f"{other.url}/api/25.1"
        for country in (645, None):
            with pytest.raises(ProvriskError, match="answers 302 with a redirect, which is not followed"):
                download.fetch_ucdp(store, tmp_path, "25.1", country=country)
        assert other.asked == []
        other.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "page",
    [
        [],
        {"Result": 1},
        {"Result": [1]},
        {"Result": [{"id": 1}], "NextPageUrl": 5},
        {"Result": [[1]]},
        {"Result": None},
    ],
)
def test_a_page_that_is_none_is_told(provider: Provider, store: Store, tmp_path: Path, page: Any) -> None:
    provider.pages[f"/api/25.1?pagesize={download.PAGE}&Country=645"] = page
    with pytest.raises(ProvriskError, match="not a page of events"):
        download.fetch_ucdp(store, tmp_path, "25.1", country=645)


def test_pages_are_bounded_in_size_and_number(
    provider: Provider, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages(provider, [event_files.GED | {"id": n} for n in range(6)])
    monkeypatch.setattr(download, "MOST_PAGES", 1)
    with pytest.raises(ProvriskError, match="does not end|without end"):
        download.fetch_ucdp(store, tmp_path, "25.1", country=645)
    monkeypatch.setattr(download, "LARGEST_PAGE", 100)
    with pytest.raises(ProvriskError, match="far too large"):
        download.fetch_ucdp(store, tmp_path, "25.1", country=645)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://ucdp.uu.se/x.csv",
        "file:///etc/passwd",
        "http://127.0.0.1.example/x",
        "http://[::1",
        "https://a:b@ucdp.uu.se/x",
    ],
)
def test_other_addresses_are_not_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(ProvriskError, match="not encrypted|not an address|name or password"):
        download.fetch_file(url, tmp_path)


def candidate(provider: Provider, tmp_path: Path, month: str) -> None:
    year, number = month.split("-")
    path = event_files.write(
        tmp_path / "c.csv", event_files.GED, {"id": month, "date_start": f"{month}-05", "date_end": f"{month}-05"}
    )
    provider.files[f"/candidateged/GEDEvent_v{year[2:]}_0_{int(number)}.csv"] = path.read_bytes()


@pytest.mark.slow
def test_the_newest_releases_are_found_and_fetched_once(provider: Provider, store: Store, tmp_path: Path) -> None:
    today, cache = pd.Timestamp(2021, 4, 20), tmp_path / "cache"
    provider.files["/ged/ged201-csv.zip"] = archive(table(tmp_path), "GEDEvent_v20_1.csv")  # 21.1 is not out in April
    for month in ("2020-01", "2020-02", "2021-02"):
        candidate(provider, tmp_path, month)
    found = fetch_newest(store, cache, today)
    assert [one.version for one in found.fetched] == ["20.1", "20.0.1", "20.0.2", "21.0.2"]
    assert found.absent[0] == "21.1"
    assert "21.0.3" in found.absent
    with pytest.raises(NothingNewError, match=r"no new release \(the newest are 20.1 .*21.0.3"):
        fetch_newest(store, cache, today)
    candidate(provider, tmp_path, "2021-03")
    assert [one.version for one in fetch_newest(store, cache, today).fetched] == ["21.0.3"]


def test_a_server_that_is_away_is_no_nothing_new(provider: Provider, store: Store, tmp_path: Path) -> None:
    provider.faults = ["500"] * 9
    with pytest.raises(ProvriskError, match="did not answer correctly") as caught:
        fetch_newest(store, tmp_path / "cache", pd.Timestamp(2021, 4, 20))
    assert caught.value.exit_code == 2
