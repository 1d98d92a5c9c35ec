"""Event files in the shapes that providers publish, made up row by row."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from provrisk.events.counting.combine import ReadRelease
from provrisk.events.counting.load import read_file
from provrisk.events.sources.user_file import UserFile
from provrisk.study import Study

GED = {
    "id": "1", "year": "2014", "type_of_violence": "1", "side_a_new_id": "116", "side_a": "Government of Iraq",
    "side_b_new_id": "234", "side_b": "IS", "where_prec": "1", "adm_1": "Nīnawá province", "latitude": "36.3",
    "longitude": "43.1", "date_prec": "1", "date_start": "2014-06-10", "date_end": "2014-06-11",
    "deaths_civilians": "2", "best": "8", "low": "8", "high": "9",
}  # fmt: skip
ACLED = {
    "event_id_cnty": "IRQ1", "event_date": "2020-05-02", "year": "2020", "time_precision": "1",
    "disorder_type": "Political violence", "event_type": "Battles", "sub_event_type": "Armed clash",
    "actor1": "Islamic State (Iraq)", "assoc_actor_1": "", "inter1": "2", "actor2": "Police Forces of Iraq",
    "assoc_actor_2": "", "inter2": "1", "interaction": "12", "civilian_targeting": "", "iso": "368",
    "region": "Middle East", "country": "Iraq", "admin1": "Diyala", "admin2": "Khanaqin", "admin3": "",
    "location": "Khanaqin", "latitude": "34.3", "longitude": "45.4", "geo_precision": "1", "source": "press",
    "source_scale": "National", "notes": "", "fatalities": "3", "tags": "", "timestamp": "1591000000",
}  # fmt: skip
GTD = {
    "eventid": "201401010001", "iyear": "2014", "imonth": "1", "iday": "1", "country_txt": "Iraq",
    "provstate": "Saladin", "latitude": "34.6", "longitude": "43.7", "specificity": "1", "suicide": "0",
    "attacktype1": "3", "targtype1": "21", "gname": "Islamic State of Iraq and the Levant (ISIL)", "gname2": "",
    "gname3": "", "nkill": "4",
}  # fmt: skip
HAPI = {
    "location_code": "IRQ", "has_hrp": "False", "in_gho": "False", "provider_admin1_name": "Ninewa",
    "provider_admin2_name": "Mosul", "admin1_code": "IQG15", "admin1_name": "Ninewa", "admin2_code": "IQG15Q01",
    "admin2_name": "Al-Mosul", "admin_level": "2", "event_type": "political_violence", "events": "4",
    "fatalities": "6", "reference_period_start": "2023-01-01", "reference_period_end": "2023-01-31",
}  # fmt: skip


def write(path: Path, base: dict[str, str], *changes: dict[str, str], tags: bool = False) -> Path:
    """A file at ``path`` with a row a change of ``base``; with ``tags``, a row of HXL tags below the header."""
    table = pd.DataFrame([base | change for change in changes])
    if tags:
        table = pd.concat([pd.DataFrame([dict.fromkeys(list(base)[:2], "#tag")]), table])
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".xlsx":
        table.to_excel(path, index=False)
    else:
        table.to_csv(path, index=False)
    return path


def read(path: Path, study: Study, mapping: Path | None = None, covers: str | None = None) -> ReadRelease:
    return read_file(study, UserFile(path, mapping, covers))


def with_rules(study: Study, **rules: object) -> Study:
    """``study`` with other rules for events."""
    changed = study.file.rules.model_copy(update=rules)
    return replace(study, file=study.file.model_copy(update={"rules": changed}))


def with_actor(study: Study, **actor: tuple[str, ...]) -> Study:
    """``study`` with other actors."""
    return replace(study, file=study.file.model_copy(update={"actor": actor}))
