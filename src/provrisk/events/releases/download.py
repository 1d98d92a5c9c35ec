"""Downloads from UCDP: its open files, or its API. Runs only on the user's request.

A token is read from the environment and used in one header, and nowhere else: not in a URL, a file, a
log or a message.
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pandas as pd
import tenacity

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.events.formats.raw_file import RawFile, open_file
from provrisk.events.releases.release_store import Release, Store

TOKEN = "UCDP_API_TOKEN"  # noqa: S105 - the name of a variable, not a secret
FILES = "https://ucdp.uu.se/downloads"
MIRROR = "PROVRISK_UCDP"
"""The environment variable for another address than ``FILES`` with the same files."""
API = "https://ucdpapi.pcr.uu.se/api/gedevents"
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
ATTEMPTS = 5
PAUSE = tenacity.wait_exponential_jitter(initial=1, max=30)
AGAIN = {400, 408, 425, 429, 500, 502, 503, 504}
"""Status codes after which to try again; UCDP answers many requests with 400."""
PAGE, MOST_PAGES = 1000, 2000
LARGEST_PAGE = 64 << 20
LARGEST_DOWNLOAD = 1 << 30


class AbsentError(ProvriskError):
    """The server does not have the release (yet)."""


class _TryAgainError(Exception):
    """An error that may be temporary; the text is shown if it persists."""


@dataclass(frozen=True)
class Download:
    """A file on disk, and the day of its last change on the server."""

    path: Path
    modified: pd.Timestamp | None


def fetch_ucdp(
    store: Store, cache: Path, version: str, country: int | None = None, sha256: str | None = None
) -> tuple[Release, bool]:
    """Download a UCDP release into the store; returns it, and whether it is new.

    ``version`` is 25.1 (yearly), 25.0.3 (a Candidate month) or 25.01.25.06 (consolidated). With
    ``country`` (Gleditsch-Ward) the API is used instead of the file. The release is available from
    the day of its last change on the server, else from today.
    """
    today = pd.Timestamp.now().normalize()
    if country is not None:
        return store.add(fetch_api(version, country), today, "the day it was requested")
    fetched = fetch_file(f"{os.environ.get(MIRROR) or FILES}/{file_of(version)}", cache, sha256)
    try:
        raw = open_file(fetched.path)
        if fetched.modified is not None and fetched.modified <= today:
            return store.add(raw, fetched.modified, "the server's date of last change")
        return store.add(raw, today, "the day it was fetched")
    finally:
        fetched.path.unlink(missing_ok=True)


def file_of(version: str) -> str:
    """The path of a release in the provider's download folder."""
    if re.fullmatch(r"[0-9]{2}\.[0-9]", version):
        return f"ged/ged{version.replace('.', '')}-csv.zip"
    if re.fullmatch(r"[0-9]{2}\.0\.[0-9]{1,2}|[0-9]{2}(\.[0-9]{2}){3}", version):
        return f"candidateged/GEDEvent_v{version.replace('.', '_')}.csv"
    raise ProvriskError(f"{version!r} is not a UCDP release: write 25.1, 25.0.3 or 25.01.25.06.")


def fetch_file(url: str, folder: Path, sha256: str | None = None) -> Download:
    """Download ``url`` into ``folder``, continuing an interrupted download.

    Raises ``ProvriskError`` if the server refuses, sends a web page, less than it announced, or a file
    with another SHA-256.
    """
    _only_safe(url)
    target = folder / url.rpartition("/")[2]
    part = target.with_name(target.name + ".part")
    folder.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)  # a partial file of another day may be of another release
    with _client() as client:
        modified = _retrying(url)(_continue, client, url, part)
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 is not None and found != sha256.lower():
        part.unlink()
        raise ProvriskError(f"{url} has the SHA-256 {found[:16]}..., not the one given: do not trust the file.")
    part.replace(target)
    return Download(target, modified)


def fetch_api(version: str, country: int) -> RawFile:
    """The rows of a country from the API, page by page, each event once.

    Raises ``ProvriskError`` without a token in the environment, or if the server refuses it.
    """
    token = os.environ.get(TOKEN, "")
    if not token:
        raise ProvriskError(f"The UCDP API needs a token in the environment variable {TOKEN}: ask UCDP for one.")
    if not token.isascii() or not token.isprintable():
        raise ProvriskError(f"The token in {TOKEN} has a character that is not allowed: set it again.")
    file_of(version)
    first = f"{API}/{version}?pagesize={PAGE}&Country={country}"
    url: str | None = first
    seen, rows = set[str](), dict[str, dict[str, str]]()
    with _client({"x-ucdp-access-token": token}) as client:
        while url:
            _only_safe(url)
            if _origin(url) != _origin(first):
                raise ProvriskError(f"The UCDP API points to another server, {_origin(url)}: not followed.")
            if url in seen or len(seen) >= MOST_PAGES:
                raise ProvriskError("The UCDP API sends pages without end: try later.")
            seen.add(url)
            page = _retrying(url)(_page, client, url, token)
            for row in page["Result"]:
                rows[str(row["id"])] = {key: _text(value) for key, value in row.items()}
            url = page.get("NextPageUrl") or None
    if not rows:
        raise ProvriskError(f"The UCDP API has no event of country {country} in {version}: check both.")
    table = pd.DataFrame(list(rows.values()), index=range(1, len(rows) + 1)).fillna("").astype("str")
    digest = files.digest(table.to_csv().encode())
    return RawFile(f"GEDEvent_v{version.replace('.', '_')}_country_{country}.json", digest, table)


def _continue(client: httpx.Client, url: str, part: Path) -> pd.Timestamp | None:
    held = part.stat().st_size if part.exists() else 0
    # Not compressed: sizes and digests are those of the file.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={held}-"} if held else {})
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == 416:
            part.unlink()
            raise _TryAgainError("the server did not continue at the right position")
        _check(response)
        if "text/html" in response.headers.get("content-type", ""):
            raise ProvriskError(f"{url} is a web page, not a data file: check the version, or download it manually.")
        if response.status_code != 206:
            held = 0
        length = response.headers.get("content-length", "")
        whole = held + int(length) if length.isdigit() else None
        if (whole or 0) > LARGEST_DOWNLOAD:
            raise ProvriskError(f"{url} has {(whole or 0) >> 20:,} MB, more than any release: not downloaded.")
        with part.open("ab" if held else "wb") as file:
            for chunk in response.iter_raw():
                file.write(chunk)
                if file.tell() > LARGEST_DOWNLOAD:
                    raise ProvriskError(f"{url} does not end: not downloaded.")
        size = part.stat().st_size
    if whole is not None and size != whole:
        raise _TryAgainError(f"{size:,} of {whole:,} bytes received")
    return _modified(response)


def _page(client: httpx.Client, url: str, token: str) -> dict[str, Any]:
    content = bytearray()
    with client.stream("GET", url) as response:
        _check(response)
        for chunk in response.iter_bytes(1 << 16):  # unpacked, so that the limit also applies to compressed content
            content += chunk
            if len(content) > LARGEST_PAGE:
                raise ProvriskError("The UCDP API sent a far too large page: not read.")
    text = content.decode(errors="replace")
    if token in text:  # it would be stored with a row, or shown with an address
        raise ProvriskError(
            "The UCDP API sent the token back, which a correct server does not: nothing of it is stored."
        )
    try:
        page = json.loads(text)
        rows = [(str(row["id"]), row.items()) for row in page["Result"]]
        after = page.get("NextPageUrl")
        if not isinstance(after, str | None):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ProvriskError("The UCDP API sent something that is not a page of events: try later.") from None
    return page if rows else {"Result": []}


def _check(response: httpx.Response) -> None:
    status, url = response.status_code, _shown(str(response.request.url))
    if status in AGAIN:
        raise _TryAgainError(f"status {status}")
    if status in (401, 403):
        raise ProvriskError(f"{url} answers {status}: not allowed; if it needs a token, set it in {TOKEN}.")
    if status == 404:
        raise AbsentError(f"{url} does not exist: check the version.")
    if response.is_redirect:
        raise ProvriskError(
            f"{url} answers {status} with a redirect, which is not followed: download the file by hand."
        )
    if not response.is_success:
        raise ProvriskError(f"{url} answers {status}: try later, or download the file by hand.")


@contextlib.contextmanager
def _client(headers: dict[str, str] | None = None) -> Iterator[httpx.Client]:
    # No redirects: the token must not be sent to another address.
    with httpx.Client(timeout=TIMEOUT, headers=headers, follow_redirects=False) as client:
        yield client


def _retrying(url: str) -> tenacity.Retrying:
    def given_up(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        why = str(error) if isinstance(error, _TryAgainError) else type(error).__name__
        raise ProvriskError(f"{_shown(url)} did not answer correctly in {ATTEMPTS} tries ({why}): try later.") from None

    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=PAUSE,
        retry=tenacity.retry_if_exception_type((_TryAgainError, httpx.TransportError)),
        retry_error_callback=given_up,
    )


def _only_safe(url: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ProvriskError(f"{_shown(url)!r} is not an address: not followed.") from None
    if "@" in parts.netloc:
        raise ProvriskError(f"{parts.scheme}://{parts.hostname} has a name or password: leave them out.")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        raise ProvriskError(f"{parts.scheme}://{parts.hostname} is not encrypted: use https.")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _shown(url: str) -> str:
    """An address for messages, without its query, which may be private."""
    return url.partition("?")[0]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _modified(response: httpx.Response) -> pd.Timestamp | None:
    try:
        return pd.Timestamp(parsedate_to_datetime(response.headers["last-modified"]).date())
    except (KeyError, ValueError, TypeError):
        return None
