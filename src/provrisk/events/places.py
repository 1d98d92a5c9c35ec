"""Names of provinces, however a source spells them."""

import difflib
import re
import unicodedata

import pandas as pd

from provrisk.errors import ProvriskError

APOSTROPHES = re.compile(r"['`´‘’ʿʾʻʼ]")
NOT_A_NAME = re.compile(r"\b(province|governorate|muhafazah|muhafazat)\b")


def key(name: str) -> str:
    """What two spellings of one name have in common: no case, accents, apostrophes or doubled spaces.

    >>> key("Al Başrah  province") == key("al-basrah")
    True
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    bare = APOSTROPHES.sub("", "".join(c for c in folded if not unicodedata.combining(c)))
    return " ".join(NOT_A_NAME.sub(" ", re.sub(r"[\W_]+", " ", bare)).split())


class Gazetteer:
    """Finds the canonical name of a province from any known spelling.

    ``provinces`` is a study's table: canonical names as index, ``aliases`` a list of spellings.
    """

    def __init__(self, provinces: pd.DataFrame) -> None:
        self.canonical: dict[str, str] = {}
        for name, aliases in provinces.aliases.items():
            for spelling in (str(name), *aliases):
                if self.canonical.setdefault(key(spelling), str(name)) != name:
                    raise ProvriskError(
                        f"provinces.csv gives the spelling {spelling!r} to {self.canonical[key(spelling)]} "
                        f"and to {name}: leave it with one."
                    )

    def match(self, names: pd.Series) -> pd.Series:
        """The canonical name of each of ``names``, missing where no spelling fits."""
        found = {name: self.canonical.get(key(name)) for name in names.unique()}
        return names.map(found).astype("str")

    def nearest(self, name: str) -> str | None:
        """The known province whose spelling is most like ``name``, if any is."""
        close = difflib.get_close_matches(key(name), self.canonical, n=1)
        return self.canonical[close[0]] if close else None
