"""The bulletin as PDF, where the extra ``[pdf]`` is installed."""

import contextlib
import io
import logging

MISSING = "bulletin.pdf was not written: install provrisk with the extra [pdf] (and libpango from the system)."


def render(page: str, title: str) -> bytes | None:
    """The PDF of an HTML page, the same bytes for the same page; None where WeasyPrint or its libraries are absent."""
    try:
        # Without its libraries WeasyPrint prints advice where a script reads JSON.
        with contextlib.redirect_stdout(io.StringIO()):
            from weasyprint import HTML
    except (ImportError, OSError):
        return None
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return bytes(HTML(string=page, url_fetcher=_nothing).write_pdf(pdf_identifier=title.encode()))


def _nothing(url: str, *_: object, **__: object) -> dict:
    """The page carries all that it needs; whatever else is asked for stays unread."""
    raise ValueError(f"the bulletin asked for {url}")
