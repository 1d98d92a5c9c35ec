"""Broken event files: every row is accounted for, or one sentence says what is wrong, and the store stays as it was."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_files import ACLED, GED, GTD, HAPI, with_actor
from hostile.mutations import tables
from hostile.outcome import cases, told, unharmed
from provrisk.errors import ProvriskError
from provrisk.events.counting import load
from provrisk.events.formats.raw_file import open_file
from provrisk.events.releases.add import add_path
from provrisk.events.releases.release_store import Store
from provrisk.events.sources import mapped, registry
from provrisk.events.sources.user_file import UserFile
from provrisk.study import Project, Study

CANDIDATE = GED | {"code_status": "Clear", "country": "Iraq"}
MARCH = CANDIDATE | {"id": "2", "date_start": "2025-03-02", "date_end": "2025-03-02"}
JULY = GED | {"id": "3", "date_start": "2014-07-01", "date_end": "2014-07-02"}
LOG = {
    "when": "03/02/2020",
    "until": "04/02/2020",
    "gov": "Ninewa",
    "kind": "IED",
    "who": "IS",
    "dead": "3",
    "lat": "36",
}
TOTALS = {"m": "2020-01", "p": "Ninewa", "n": "3", "d": "4"}
GOOD = {
    "GEDEvent_v25_1.csv": [GED, GED | {"id": "2"}, JULY],
    "conflict_data_irq.csv": [dict.fromkeys(GED, "#tag"), GED, GED | {"id": "2", "country": "Iraq"}],
    "GEDEvent_v25_0_3.csv": [CANDIDATE, MARCH],
    "GEDEvent_v25_01_25_06.csv": [CANDIDATE, MARCH],
    "candidate.csv": [CANDIDATE | {"code_status": "Check deaths"}, CANDIDATE | {"id": "2"}],
    "acled.csv": [ACLED, ACLED | {"event_id_cnty": "IRQ2", "event_date": "03 June 2020"}],
    "gtd.csv": [GTD, GTD | {"eventid": "2", "imonth": "2", "iday": "0"}],
    "hapi.csv": [HAPI, HAPI | {"admin1_name": "Diyala", "events": "0", "fatalities": "0"}],
    "log.csv": [LOG, LOG | {"when": "05/03/2020", "until": "06/03/2020"}],
    "totals.csv": [TOTALS, TOTALS | {"m": "2020-03"}],
}  # fmt: skip
MAPPINGS = {
    "log.csv": {
        "name": "NGO log", "key": "ngo", "date_format": "%d/%m/%Y",
        "columns": {
            "date": "when", "date_end": "until", "province": "gov", "attack_type": "kind", "actor": "who",
            "deaths_best": "dead", "latitude": "lat",
        },
        "words": {"attack_type": {"IED": "bombing"}},
    },
    "totals.csv": {
        "name": "Police", "key": "police", "month_format": "%Y-%m",
        "columns": {"month": "m", "province": "p", "attacks": "n", "deaths": "d"},
    },
}  # fmt: skip
MAPS = {name: mapped.Mapping.model_validate(mapping) for name, mapping in MAPPINGS.items()}


@pytest.fixture(scope="module")
def study(iraq: Study) -> Study:
    return with_actor(iraq, **iraq.file.actor, ngo=("IS", "all"), police=("all",))


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def check_file(study: Study, path: Path, mapping: Path | None = None) -> None:
    """Read, count and keep the file: each is a success with nothing lost, or one sentence."""
    part = told(lambda: load.read_file(study, UserFile(path, mapping)))
    if not isinstance(part, ProvriskError):
        reading = part.reading
        assert reading.rows == reading.counted + len(reading.set_aside)
        assert reading.set_aside["row"].is_unique
        assert (reading.reasons().sum(), reading.set_aside.reason.ne("").all()) == (len(reading.set_aside), True)
        if reading.totals is None:
            assert len(reading.events) == reading.counted
            check_events(reading.events, study)
    here = replace(study, project=Project(path.parent, path.parent))
    counted = told(lambda: load.load_counts(here, UserFile(path, mapping)))
    if not isinstance(counted, ProvriskError):
        counts = counted.counts
        assert not counts.duplicated(["month", "province"]).any()
        assert set(counts.province) == set(study.provinces.index)
        assert len(counts) <= 12 * 200 * len(study.provinces)
        if part.reading.totals is None:
            assert counts.attacks[counts.observed].sum() + counted.set_aside.sum() == part.reading.rows
    store = Store(path.parent / "releases")
    with unharmed(path.parent):
        added = told(lambda: add_path(store, UserFile(path, mapping)))
        held = told(lambda: store.releases())
    assert isinstance(held, list)
    assert len(held) == (not isinstance(added, ProvriskError))
    for release in held:
        raw, _ = registry.recognise(open_file(path), mapped.read_mapping(mapping) if mapping else None)
        pd.testing.assert_frame_equal(store.table(release), raw.table, check_index_type=False)


def check_events(events: pd.DataFrame, study: Study) -> None:
    assert events.event_id.is_unique
    assert events.province.isin(study.provinces.index).all()
    assert events.date.dt.year.between(1900, 2100).all()
    assert (events.date_end >= events.date).all()
    deaths = events[[name for name in events if name.startswith("deaths_")]].astype(float)
    assert ((deaths >= 0) | deaths.isna()).all(axis=None)
    assert ((deaths % 1 == 0) | deaths.isna()).all(axis=None)


def write_mapping(folder: Path, name: str) -> Path | None:
    if name not in MAPS:
        return None
    mapping = folder / "mapping.toml"
    mapping.write_text(
        f"name = '{MAPS[name].name}'\nkey = '{MAPS[name].key}'\ndate_format = '%d/%m/%Y'\n[columns]\n"
        + "".join(f"{ours} = '{theirs}'\n" for ours, theirs in MAPS[name].columns.items())
    )
    return mapping


@pytest.mark.parametrize("name", GOOD)
@cases(normal=9, nightly=350)
@given(data=st.data())
def test_a_broken_table_is_counted_or_told(study: Study, name: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, name)
        path.write_bytes(data.draw(tables(GOOD[name])))
        check_file(study, path, write_mapping(path.parent, name))
