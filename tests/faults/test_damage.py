"""A byte changed in every kind of stored file: it is noticed, or nothing comes of it.

``PROVRISK_DAMAGES=8 pytest tests/faults`` changes that many bytes in each kind; by default one.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import harness
import numpy as np
import pandas as pd
import pytest
from harness import ADD, Done, call

from provrisk import files, seeds
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.block_store import BlockStore
from provrisk.events.releases import add
from provrisk.events.releases.release_store import Store
from provrisk.study import find_project

DAMAGES = int(os.environ.get("PROVRISK_DAMAGES", "0"))
FORECAST = ("forecast", "reports/forecast.csv")
RECENT = ("--protocol", "recent")
KINDS = {
    "block": (".cache/blocks/utopia/*.npz", [("backtest", *RECENT)]),
    "release": ("releases/*.parquet", [("run",), ADD, ("run",)]),
    "manifest": ("releases/*.json", [("run",), ADD]),
    "bulletin.json": ("reports/utopia/2019-06/bulletin.json", [("run",)]),
    "issued forecast": ("reports/utopia/2019-06/forecast.parquet", [("run",)]),
    "draft": ("reports/utopia/2020-01/*.*", [("bulletin", "finalize", "--note", "x", "--month", "2020-01")]),
    "scores": ("reports/utopia/backtests/recent/scores.parquet", [("compare", *RECENT)]),
    "decision": ("reports/utopia/retraining/*.json", [("retrain",)]),
    "champion's state": ("mlruns/champions/utopia/2/artifacts/model.joblib", [FORECAST]),
    "champion's card": ("mlruns/champions/utopia/2/champion.json", [FORECAST]),
    "registered state": ("mlruns/artifacts/models/*/artifacts/artifacts/model.joblib", [FORECAST]),
    "MLflow database": ("mlruns/mlflow.db", [("clean",), FORECAST, ("run",), ("retrain",)]),
}
"""Each kind of stored file: where it lies, and the commands that read it."""


def changed_bytes(content: bytes, number: int | None = None, key: str = "") -> list[bytes]:
    """``content`` with one bit changed, at each byte or at ``number`` of them."""
    rng = seeds.generator("damage", key)
    places = range(len(content)) if number is None else rng.choice(len(content), min(number, len(content)), False)
    out = []
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1 << int(rng.integers(8))
        out.append(bytes(changed))
    return out


def test_no_byte_of_a_block_changes_what_it_gives(tmp_path: Path) -> None:
    store = BlockStore(tmp_path)
    draws = seeds.generator("block").poisson(3, (2, 2, 2, 20)).astype(np.int32)
    store.save("k", draws, ["", "no data"], ["a warning"])
    path = tmp_path / "k.npz"
    for content in changed_bytes(path.read_bytes()):
        path.write_bytes(content)
        found = store.load("k")
        if found is not None:
            assert np.array_equal(found[0], draws)
            assert found[1:] == (["", "no data"], ["a warning"])


def test_no_byte_of_a_record_changes_unnoticed() -> None:
    record = {"month": "2020-01", "figure": 0.1, "none": None, "names": ["Hügel", "NA"], "inside": {"n": -3}}
    text = files.sealed(record).encode()
    assert files.unsealed(text) == record
    for content in changed_bytes(text):
        try:
            found = files.unsealed(content)
        except ValueError:
            continue
        # The word "seal" itself may be hit: whoever takes the record refuses what he does not know.
        assert found == record or set(found) - set(record)


def test_no_byte_of_the_scores_changes_unnoticed(tmp_path: Path) -> None:
    rng = seeds.generator("scores")
    table = pd.DataFrame({"model": pd.Categorical(["a", "b"] * 500), "value": rng.normal(size=1000).round(2)})
    table.attrs["truth"] = "a source"
    path = files.write_parquet(table, tmp_path / "scores.parquet")
    for content in changed_bytes(path.read_bytes(), 150):
        path.write_bytes(content)
        try:
            found = files.read_parquet(path)
        except ProvriskError:
            continue
        pd.testing.assert_frame_equal(found, table)
        assert found.attrs == table.attrs


def test_a_damaged_release_is_mended_by_the_same_file(tmp_path: Path) -> None:
    home = harness.make_project(tmp_path / "project")
    store = Store(find_project(home).releases)
    ((release, _),) = add.add_path(store, home / ADD[2], pd.Timestamp(2020, 6, 1))
    path = store.folder / f"{release.digest}.parquet"
    whole = path.read_bytes()
    for content in (changed_bytes(whole, 1)[0], None):
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ProvriskError, match="add the same file again"):
            store.table(release)
        add.add_path(store, home / ADD[2], pd.Timestamp(2020, 6, 1))
        assert path.read_bytes() == whole


@dataclass(frozen=True)
class Stored:
    """A project that holds one of everything, and the same laid by in ``before``."""

    home: Path
    before: Path


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    home = harness.make_project(tmp_path_factory.mktemp("stored") / "project")
    for command in (
        ADD, ("run",), ("bulletin", "--origin", "2019-05"), ("bulletin", "finalize", "--note", "x"), ("retrain",),
        ("backtest", *RECENT), ("run",),
    ):  # fmt: skip
        if command[-1] == "x":
            command = (*command, "--month", "2019-06")
        done = call(home, *command)
        assert done.code == 0, done.err
    return Stored(home, Path(shutil.copytree(home, home.parent / "before")))


def at_work(home: Path, commands: list[tuple[str, ...]]) -> list[Done]:
    """What each command said; all of them end well or with one sentence."""
    said = [call(home, *command) for command in commands]
    for command, done in zip(commands, said, strict=True):
        assert done.code == 0 or done.sentence, f"{command}: {done.code} {done.err}"
    return said


@pytest.mark.skipif(not DAMAGES, reason="nightly: PROVRISK_DAMAGES=8")
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_told_or_mended(stored: Stored, kind: str, record_property) -> None:
    where, commands = KINDS[kind]
    home = harness.laid_again(stored.before, stored.home)
    assert all(done.code == 0 for done in at_work(home, commands))
    undisturbed = harness.results(home)
    outcomes = {"told": 0, "mended or not read": 0}
    for number in range(DAMAGES):
        rng = seeds.generator("damaged file", kind, number)
        home = harness.laid_again(stored.before, stored.home)
        path = rng.choice(sorted(home.glob(where)))
        whole = path.read_bytes()
        damaged = changed_bytes(whole, 1, f"{kind} {number}")[0]
        path.write_bytes(damaged)
        said = at_work(home, commands)
        told = any(done.code for done in said)
        outcomes["told" if told else "mended or not read"] += 1
        if told:
            if not path.is_file() or path.read_bytes() == damaged:
                path.write_bytes(whole)
            assert all(done.code == 0 for done in at_work(home, commands)), kind
        name = str(path.relative_to(home))
        off = [text for text in harness.differences(harness.results(home), undisturbed) if not text.startswith(name)]
        assert off == [], (kind, number, [done.err for done in said])
    record_property("damage", f"{kind}: {outcomes}")
    print(kind, outcomes)


@pytest.mark.skipif(not DAMAGES, reason="nightly: PROVRISK_DAMAGES=8")
def test_a_damaged_database_is_told_at_once(stored: Stored) -> None:
    home = harness.laid_again(stored.before, stored.home)
    path = home / "mlruns" / "mlflow.db"
    whole = path.read_bytes()
    aliases = [found.start() for found in re.finditer(b"champion", whole)]
    told = []
    for place in (3, 17, 100, whole.index(b"CREATE TABLE"), whole.index(b"alembic_version"), *aliases):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(bytes(changed))
        done = call(home, "run", "--again")
        assert done.code == 0 or (done.sentence and "is damaged" in done.err), done.err
        assert done.seconds < 60  # MLflow itself tries for two minutes
        told.append(done.code)
    assert told.count(2) >= 6
    path.write_bytes(whole)
    assert call(home, "run", "--again").code == 0
