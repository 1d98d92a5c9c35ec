"""The terms for events, and the tables that map a source's codes to them."""

import tomllib
from functools import cache
from pathlib import Path

import pandas as pd

ATTACK_TYPES = (
    "armed assault", "bombing", "suicide attack", "assassination", "kidnapping", "arson or sabotage", "other",
)  # fmt: skip
TARGET_TYPES = ("security forces", "militia", "civilians", "government", "infrastructure", "other")
VIOLENCE_TYPES = ("state-based", "non-state", "one-sided")

Table = dict[str, dict[str, str | int]]


@cache
def table(source: str) -> Table:
    """The table ``tables/<source>.toml``: for each of its headings, a source's code and our term."""
    path = Path(__file__).parent / "tables" / f"{source}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def translate(codes: pd.Series, words: dict[str, str | int]) -> pd.Series:
    """Text by ``words``, missing if a code is not listed. A workbook's "3.0" is the code 3."""
    return codes.str.strip().str.replace(r"\.0$", "", regex=True).map(words).astype("str")


def grade(codes: pd.Series, scale: dict[str, str | int]) -> pd.Series:
    """As ``translate``, for grades of precision: float, missing if a code is not listed."""
    return pd.to_numeric(translate(codes, scale), errors="coerce")
