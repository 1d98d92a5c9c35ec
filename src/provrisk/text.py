"""Text from other sources: what must not reach a terminal, a spreadsheet or a reader unchanged."""

import re
import unicodedata

LONGEST = 1000
"""Characters of a sentence that somebody still reads."""

# Marks that turn the direction of what follows, so that a name reads as another; the joiners of Persian or Hindi stay.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
FORMULA = re.compile(r"[\t\r]|\s*[=+\-@＝＋－＠]")


def plain(text: str, longest: int = LONGEST) -> str:
    """``text`` on one line, what a terminal would obey escaped, its middle left out where it is too long.

    >>> plain("Nin\\x1b[31mewa\\n")
    'Nin\\\\x1b[31mewa'
    """
    shown = "".join(_escaped(c) if _obeyed(c) else c for c in " ".join(text.split()))
    return shown if len(shown) <= longest else f"{shown[: longest - 205]} ... {shown[-200:]}"


def unfit(text: str) -> str | None:
    """The first character of ``text`` that no file of a study may hold, spelled out: a control or turning mark."""
    found = next((c for c in text if _obeyed(c) and c not in "\t\n\r"), None)
    return found and _escaped(found)


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would compute ``text`` instead of showing it; a number is none."""
    return bool(FORMULA.match(text)) and not re.fullmatch(r" *[+-]?[0-9.]+(e[+-]?[0-9]+)?%? *", text)


def shown(text: str) -> str:
    """``text`` as a cell that a spreadsheet shows and does not compute."""
    return f"'{text}" if is_formula(text) else text


LINK = re.compile(r"\[([^\[\]]*)\]\((#[A-Za-z0-9-]+)\)")
"""How words hold a link to another place of the same page: ``[14](#P463)``."""


def unlinked(text: str) -> str:
    """``text`` without its links.

    >>> unlinked("[14](#P463) incidents")
    '14 incidents'
    """
    return LINK.sub(r"\1", text)


def _obeyed(c: str) -> bool:
    return unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in TURNING


def _escaped(c: str) -> str:
    return c.encode("unicode_escape").decode()
