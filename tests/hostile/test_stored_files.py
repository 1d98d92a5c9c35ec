"""Broken files of the store: what is damaged is told or left out, and nothing else suffers."""

import json
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from event_files import GED, write
from hostile import places
from hostile.mutations import broken, json_files, values
from hostile.outcome import cases, content, told, unharmed
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.block_store import BlockStore
from provrisk.events.releases.add import add_path
from provrisk.events.releases.release_store import Store
from provrisk.forecasts import issued
from provrisk.jobs.snapshot import load_snapshot
from provrisk.reports.bulletin import stored_issues
from provrisk.reports.pages import front_page
from provrisk.study import find_project

ISSUE = "reports/small/2013-01"


def stored(name: str) -> Path:
    return places.issued() / name


@st.composite
def parquets(draw: Callable[[Any], Any], good: pd.DataFrame) -> bytes:
    """A Parquet file of ``good``, broken as a table or as bytes."""
    table = good
    for _ in range(draw(st.integers(0, 2))):
        names = list(table.columns)
        name = draw(st.sampled_from(names or ["x"]))
        match draw(st.sampled_from(["drop", "rename", "cell", "column", "rows", "twice", "kind"])):
            case "drop":
                table = table.drop(columns=names[:1] if name not in names else [name])
            case "rename":
                table = table.rename(columns={name: f"{name}_"})
            case "cell" if len(table) and name in names:
                value = draw(values)
                table = table.astype({name: object})
                table.iloc[draw(st.integers(0, len(table) - 1)), names.index(name)] = value
            case "column" if name in names:
                table = table.assign(**{name: draw(st.sampled_from([None, "x", -1.0, 0.5, 1e300, float("nan"), 7]))})
            case "rows":
                table = table.head(draw(st.integers(0, len(table))))
            case "twice":
                table = pd.concat([table, table.tail(1)])
            case "kind":
                table = table.astype("str")
    buffer = BytesIO()
    try:
        table.to_parquet(buffer, index=False)
    except Exception:  # no Parquet holds this: then as text
        table.astype("str").to_parquet(buffer, index=False)
    data = buffer.getvalue()
    return draw(broken(data)) if table is good or draw(st.integers(0, 3)) == 0 else data


@cases(normal=12, nightly=500)
@given(data=st.data())
def test_a_stored_forecast_is_whole_or_told(data: st.DataObject) -> None:
    good = pd.read_parquet(stored(f"{ISSUE}/forecast.parquet"))
    small = good[good.output_type_id.astype(int) <= 3]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "forecast.parquet")
        path.write_bytes(data.draw(parquets(small)))
        found = told(lambda: issued.read(path))
    if not isinstance(found, ProvriskError):
        assert isinstance(found, xr.DataArray)
        assert found.dims == ("province", "horizon", "draw")
        assert bool((found >= 0).all())
        assert found.size


@cases(normal=12, nightly=350)
@given(data=st.data())
def test_a_broken_record_of_an_issue_is_told_and_the_issue_left_alone(data: st.DataObject) -> None:
    good = json.loads(stored(f"{ISSUE}/erratum/bulletin.json").read_bytes())
    good["document"]["parts"] = good["document"]["parts"][:2]  # they are like the others, and it is quicker
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "project")
        project = find_project(places.copy(places.project(), root))
        folder = root / ISSUE
        places.copy(stored(ISSUE), folder)
        final = content(folder)
        (folder / "erratum" / "bulletin.json").write_bytes(data.draw(json_files(good)))
        study = project.study("small")
        with unharmed(root / "features"):
            done = told(lambda: stored_issues.finalise(study, "read", "2024-01-01"))
        kept = folder if isinstance(done, ProvriskError) else folder / "issue-1"
        names = [name for name in final if "/" not in name]
        assert {name: content(kept).get(name) for name in names} == {name: final[name] for name in names}


@cases(normal=12, nightly=350)
@given(data=st.data())
def test_the_list_of_issues_survives_a_broken_one(data: st.DataObject) -> None:
    good = json.loads(stored(f"{ISSUE}/bulletin.json").read_bytes())
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, "project")
        project = find_project(places.copy(places.project(), root))
        places.copy(stored(ISSUE), root / ISSUE)
        if data.draw(st.booleans()):
            (root / ISSUE / "bulletin.json").write_bytes(data.draw(json_files(good)))
        else:
            path = root / ISSUE / "forecast.parquet"
            path.write_bytes(data.draw(broken(path.read_bytes())))
        study = project.study("small")
        with unharmed(root):
            told(lambda: front_page.write(study, load_snapshot(study).panel))
            told(lambda: stored_issues.newest_final(study))


@pytest.fixture(scope="module")
def release() -> Path:
    folder = places.scratch()
    path = write(folder / "GEDEvent_v25_1.csv", GED, {}, {"id": "2"})
    add_path(Store(folder / "releases"), path)
    return folder / "releases"


@cases(normal=12, nightly=350)
@given(data=st.data())
def test_a_broken_release_is_told(release: Path, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        store = Store(places.copy(release, Path(scratch, "releases")))
        path = next(store.folder.glob(data.draw(st.sampled_from(["*.json", "*.json", "*.parquet"]))))
        good = path.read_bytes()
        made = json_files(json.loads(good)) if path.suffix == ".json" else broken(good)
        path.write_bytes(data.draw(made))
        with unharmed(store.folder):
            held = told(store.releases)
            for one in [] if isinstance(held, ProvriskError) else held:
                table = told(lambda one=one: store.table(one))
                assert isinstance(table, ProvriskError) or len(table) == 2
                told(lambda one=one: (one.label, one.manifest(), one.of))


@cases(normal=12, nightly=350)
@given(data=st.data())
def test_a_broken_champion_is_told(data: st.DataObject) -> None:
    from provrisk.evaluation.champion import Champion, open_folder

    with tempfile.TemporaryDirectory() as scratch:
        folder = places.copy(stored("mlruns/champions/small/1"), Path(scratch, "1"))
        name = data.draw(st.sampled_from(["champion.json", "champion.json", "artifacts/model.joblib"]))
        good = (folder / name).read_bytes()
        made = json_files(json.loads(good)) if name.endswith("json") else broken(good)
        (folder / name).write_bytes(changed := data.draw(made))
        found = told(lambda: open_folder(folder))
        assert isinstance(found, ProvriskError | Champion)
        if name.endswith("joblib") and changed != good:
            assert isinstance(found, ProvriskError)


@cases(normal=12, nightly=350)
@given(data=st.data())
def test_a_broken_block_is_none(data: st.DataObject) -> None:
    paths = sorted((places.issued() / ".cache" / "blocks" / "small").glob("*.npz"))
    good = paths[0].read_bytes()
    with tempfile.TemporaryDirectory() as scratch:
        store = BlockStore(Path(scratch))
        (store.folder / "k.npz").write_bytes(changed := data.draw(broken(good)))
        found = told(lambda: store.load("k"))
        if found is not None:
            (store.folder / "k.npz").write_bytes(good)
            whole = store.load("k")
            assert whole is not None
            assert (found[0] == whole[0]).all(), changed
