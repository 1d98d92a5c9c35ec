"""Names of provinces in any spelling."""

import difflib
from pathlib import Path

import numpy as np
import pandas as pd

from provrisk.errors import ProvriskError
from provrisk.events.boundaries import Boundaries
from provrisk.events.formats.cell_text import each
from provrisk.study.countries import alpha3
from provrisk.study.name_matching import folded, key

EARTH_KM = 6371.0088


class Gazetteer:
    """Finds the canonical name of a province from any known spelling, or from coordinates.

    ``provinces`` is a study's table: canonical names as index, ``aliases`` a list of spellings, latitude
    and longitude of the capital. ``boundaries`` is the user's GeoJSON file, if there is one.
    """

    def __init__(self, provinces: pd.DataFrame, boundaries: Path | None = None) -> None:
        self.capitals = provinces[["latitude", "longitude"]]
        self.boundaries = boundaries
        self.canonical: dict[str, str] = {}
        loose: dict[str, set[str]] = {}
        for name, aliases in provinces.aliases.items():
            for spelling in (str(name), *aliases):
                if self.canonical.setdefault(folded(spelling), str(name)) != name:
                    raise ProvriskError(
                        f"provinces.csv gives the spelling {spelling!r} to {self.canonical[folded(spelling)]} "
                        f"and to {name}: keep it with only one."
                    )
                loose.setdefault(key(spelling), set()).add(str(name))
        # Without the words for a kind of unit, if these do not distinguish two provinces.
        self.loose = {spelling: names.pop() for spelling, names in loose.items() if len(names) == 1}

    def find(self, name: str) -> str | None:
        """The canonical name of the province spelled ``name``, if any."""
        return self.canonical.get(folded(name)) or self.loose.get(key(name))

    def match(self, names: pd.Series) -> pd.Series:
        """The canonical name of each of ``names``, missing where no spelling fits."""
        return each(names, lambda distinct: distinct.map(self.find).astype("str"))

    def nearest(self, name: str) -> str | None:
        """The known province with the spelling most similar to ``name``, if any."""
        close = difflib.get_close_matches(folded(name), self.canonical, n=1)
        return self.canonical[close[0]] if close else None

    def explained(self, names: pd.Series) -> dict[str, str]:
        """Each of ``names`` with the nearest known province, for a message."""
        near = {str(name): self.nearest(str(name)) for name in names.unique()}
        return {name: f"{name} (nearest known: {known})" if known else name for name, known in near.items()}

    def same(self, one: str, other: str) -> bool:
        """Whether two names are of one country."""
        return key(one) == key(other) or (alpha3(one) is not None and alpha3(one) == alpha3(other))

    def locate(self, latitude: pd.Series, longitude: pd.Series, rows: pd.Series) -> pd.Series:
        """The province of each of ``rows`` (a mask) by coordinates, missing elsewhere and without boundaries."""
        found = pd.Series(None, index=rows.index, dtype="str")
        wanted = rows & latitude.between(-90, 90) & longitude.between(-180, 180)
        if self.boundaries is not None and wanted.any():
            inside = Boundaries(self.boundaries).find(latitude[wanted], longitude[wanted])
            found[wanted] = self.match(inside.fillna(""))
        return found

    def km_to_capital(self, latitude: pd.Series, longitude: pd.Series) -> pd.Series:
        """Great-circle distance in km to the nearest provincial capital (haversine), missing without coordinates."""
        # Many events stand at one place, and a distance is worked out once for each place.
        at = pd.DataFrame({"latitude": latitude, "longitude": longitude}).astype("float64")
        spot = at.groupby(["latitude", "longitude"], sort=False, dropna=False).ngroup()
        spots = np.radians(at.drop_duplicates().to_numpy())
        lat, lon = spots[:, :1], spots[:, 1:]
        to_lat, to_lon = np.radians(self.capitals.to_numpy(float)).T
        half = np.sin((lat - to_lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((lon - to_lon) / 2) ** 2
        return pd.Series((2 * EARTH_KM * np.arcsin(np.sqrt(half)).min(axis=1))[spot], index=latitude.index)
