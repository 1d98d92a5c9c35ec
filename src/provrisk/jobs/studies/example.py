"""An example event file of a made-up country, whose truth is known: to try a first study on.

Utopia has six provinces in a row from west to east. The Red Front fights in five of them from 2015 to 2019, at a
constant rate in each (Poisson counts), another actor once in the sixth. One province has two spellings.
"""

from pathlib import Path

import pandas as pd

from provrisk import files, months, seeds
from provrisk.errors import ProvriskError
from provrisk.events.sources.ucdp import NEEDED

PLACES = {
    "Westmark province": (10.0, 1.0, 4.0), "Ostmark": (10.0, 5.0, 1.0), "Al Wádi": (10.0, 2.0, 0.5),
    "Al Wadi province": (10.0, 2.0, 0.5), "Mittel": (10.0, 3.0, 0.2), "Hügel": (10.0, 4.0, 0.1),
}  # fmt: skip
"""Latitude, longitude, attacks a month."""
GOVERNMENT, RED, BLUE = ("1", "Government of Utopia"), ("77", "Red Front"), ("88", "Blue Front")


def write_example(path: Path) -> pd.DataFrame:
    """Write the events to ``path`` as UCDP GED would; returns the table. Raises ``ProvriskError`` if it exists."""
    files.check_suffix(path, (".csv",))
    if path.exists():
        raise ProvriskError(f"{path} exists: choose another name.")
    table = events()
    files.write(path, table.to_csv(index=False, lineterminator="\n"))
    return table


def events() -> pd.DataFrame:
    """The rows of the file, the same every time."""
    rng = seeds.generator("utopia")
    rows = []
    for month in months.span(months.parse("2015-01"), months.parse("2019-12")):
        for place, (latitude, longitude, mean) in PLACES.items():
            for _ in range(rng.poisson(mean)):
                day = month + pd.Timedelta(days=int(rng.integers(28)))
                rows.append(_row(day, "Utopia", place, latitude, longitude, RED))
    day = pd.Timestamp(2016, 5, 5)
    rows.append(_row(day, "Utopia", "Fernland", 10.0, 6.0, BLUE))
    rows.append(_row(day, "Elsewhere", "Far", 0.0, 0.0, RED))
    return pd.DataFrame(rows).assign(id=range(len(rows)))


def _row(
    day: pd.Timestamp, country: str, place: str, latitude: float, longitude: float, side: tuple[str, str]
) -> dict[str, object]:
    return dict.fromkeys(NEEDED, "1") | {
        "year": day.year, "date_start": f"{day:%Y-%m-%d}", "date_end": f"{day:%Y-%m-%d}", "country": country,
        "adm_1": place, "latitude": latitude, "longitude": longitude, "side_a_new_id": GOVERNMENT[0],
        "side_a": GOVERNMENT[1], "side_b_new_id": side[0], "side_b": side[1],
    }  # fmt: skip
