"""Names of provinces, however a source spells them."""

import difflib
import re
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events.boundaries import Boundaries

APOSTROPHES = re.compile(r"['`´‘’ʿʾʻʼ]")
EARTH_KM = 6371.0088
NOT_A_NAME = re.compile(r"\b(province|governorate|muhafazah|muhafazat)\b")


def key(name: str) -> str:
    """What two spellings of one name have in common: no case, accents, apostrophes or doubled spaces.

    >>> key("Al Başrah  province") == key("al-basrah")
    True
    """
    seen = "".join(c for c in name if unicodedata.category(c) not in ("Cf", "Cc"))  # nobody sees a zero-width space
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", seen).casefold())
    bare = APOSTROPHES.sub("", "".join(c for c in folded if not unicodedata.combining(c)))
    return " ".join(NOT_A_NAME.sub(" ", re.sub(r"[\W_]+", " ", bare)).split())


class Gazetteer:
    """Finds the canonical name of a province from any known spelling, or from coordinates.

    ``provinces`` is a study's table: canonical names as index, ``aliases`` a list of spellings, latitude
    and longitude of the capital. ``boundaries`` is a GeoJSON file of the user's, if there is one.
    """

    def __init__(self, provinces: pd.DataFrame, boundaries: Path | None = None) -> None:
        self.capitals = provinces[["latitude", "longitude"]]
        self.boundaries = boundaries
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

    def explained(self, names: pd.Series) -> dict[str, str]:
        """Each of ``names`` with the nearest known province, for a message."""
        near = {str(name): self.nearest(str(name)) for name in names.unique()}
        return {name: f"{name} (nearest known: {known})" if known else name for name, known in near.items()}

    def same(self, one: str, other: str) -> bool:
        """Whether two spellings are one name."""
        return key(one) == key(other)

    def locate(self, latitude: pd.Series, longitude: pd.Series, rows: pd.Series) -> pd.Series:
        """The province in which each of ``rows`` (a mask) lies, missing elsewhere and without boundaries."""
        found = pd.Series(None, index=rows.index, dtype="str")
        wanted = rows & latitude.between(-90, 90) & longitude.between(-180, 180)
        if self.boundaries is not None and wanted.any():
            inside = Boundaries(self.boundaries).find(latitude[wanted], longitude[wanted])
            found[wanted] = self.match(inside.fillna(""))
        return found

    def km_to_capital(self, latitude: pd.Series, longitude: pd.Series) -> pd.Series:
        """Great-circle distance in km to the nearest provincial capital (haversine), missing without coordinates."""
        lat, lon = np.radians(latitude.to_numpy(float))[:, None], np.radians(longitude.to_numpy(float))[:, None]
        to_lat, to_lon = np.radians(self.capitals.to_numpy(float)).T
        half = np.sin((lat - to_lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((lon - to_lon) / 2) ** 2
        return pd.Series(2 * EARTH_KM * np.arcsin(np.sqrt(half)).min(axis=1), index=latitude.index)
