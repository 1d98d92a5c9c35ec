"""UCDP Georeferenced Event Dataset (GED), yearly releases, and the country editions of the HDX."""

import re
from pathlib import Path

import pandas as pd

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.events.places import Gazetteer
from provrisk.events.reading import EVENT_COLUMNS, Reading, Sieve

SOURCE = "UCDP GED"
NEEDED = [
    "id", "year", "type_of_violence", "side_a_new_id", "side_a", "side_b_new_id", "side_b", "where_prec", "adm_1",
    "latitude", "longitude", "date_prec", "date_start", "date_end", "deaths_civilians", "best", "low", "high",
]  # fmt: skip
VIOLENCE = {"1": "state-based", "2": "non-state", "3": "one-sided"}


def release_of(path: Path) -> str:
    """The release that the name of a GED file tells, such as 19.1; else the digest of its content."""
    found = re.search(r"(?<!\d)v?(\d\d)_?(\d)(?!\d)", path.stem)
    return f"{found[1]}.{found[2]}" if found else f"file {files.digest(path.read_bytes())}"


def read(path: Path, actors: tuple[str, ...], gazetteer: Gazetteer) -> Reading:
    """Events of ``path`` in which one of ``actors`` (UCDP actor identifiers) is a side.

    Columns are read by name, since their order differs between editions; a second row of HXL tags is
    skipped. Raises ``ProvriskError`` if the file is no GED table.
    """
    raw = _table(path)
    release = release_of(path)
    sieve = Sieve(raw)
    sides = [raw.side_a_new_id.isin(actors), raw.side_b_new_id.isin(actors)]
    sieve.set_aside(~(sides[0] | sides[1]), "other actor")
    start, end = _dates(raw.date_start), _dates(raw.date_end)
    sieve.set_aside(start.isna() | end.isna(), "date not readable")
    sieve.set_aside(end < start, "ends before it starts")
    deaths = {name: pd.to_numeric(raw[name], errors="coerce") for name in ("best", "low", "high", "deaths_civilians")}
    for name, values in deaths.items():
        sieve.set_aside(values.isna() | (values < 0) | (values % 1 != 0), f"{name} is not a count")
    sieve.set_aside(~raw.type_of_violence.isin(list(VIOLENCE)), "type of violence unknown")
    province = gazetteer.match(raw.adm_1)
    sieve.set_aside(raw.adm_1.str.strip() == "", "no province given")
    sieve.set_aside(province.isna(), "province unknown: " + raw.adm_1)
    sieve.set_aside(raw.id.duplicated(keep="last"), "identifier repeated further down")
    events = pd.DataFrame(
        {
            "event_id": raw.id,
            "date": start,
            "date_end": end,
            "date_precision": pd.to_numeric(raw.date_prec, errors="coerce"),
            "province": province,
            "latitude": pd.to_numeric(raw.latitude, errors="coerce"),
            "longitude": pd.to_numeric(raw.longitude, errors="coerce"),
            "place_precision": pd.to_numeric(raw.where_prec, errors="coerce"),
            "actor": raw.side_a.where(sides[0], raw.side_b),
            "violence_type": raw.type_of_violence.map(VIOLENCE),
            # GED says neither how nor at whom; what a source does not say is missing, never guessed.
            "attack_type": None,
            "target_type": None,
            "km_to_capital": float("nan"),
            "deaths_best": deaths["best"],
            "deaths_low": deaths["low"],
            "deaths_high": deaths["high"],
            "deaths_civilians": deaths["deaths_civilians"],
            "source": SOURCE,
            "release": release,
        },
        columns=EVENT_COLUMNS,
    )[sieve.kept].reset_index(drop=True)
    # A yearly release covers whole calendar years, whatever actor is asked for.
    years = pd.to_numeric(raw.year, errors="coerce")
    first, last = pd.Timestamp(int(years.min()), 1, 1), pd.Timestamp(int(years.max()), 12, 1)
    return Reading(events, sieve.table(), len(raw), first, last)


def _table(path: Path) -> pd.DataFrame:
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise ProvriskError(f"There is no file {path}: check the path.") from None
    except (ValueError, UnicodeError, OSError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ProvriskError(f"{path} is not a CSV table in UTF-8 ({reason}): download it again.") from None
    missing = [column for column in NEEDED if column not in raw]
    if missing:
        raise ProvriskError(f"{path} is not a UCDP GED table: it lacks the column {missing[0]!r}.")
    if len(raw) and (raw.iloc[0].str.startswith("#") | (raw.iloc[0] == "")).all():
        raw = raw.iloc[1:]
    raw = raw.set_axis(range(1, len(raw) + 1))
    if not pd.to_numeric(raw.year, errors="coerce").between(1900, 2100).any():
        raise ProvriskError(f"{path} holds no event with a year: download it again.")
    return raw


def _dates(texts: pd.Series) -> pd.Series:
    # Some releases carry a time of day after the date.
    return pd.to_datetime(texts.str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
