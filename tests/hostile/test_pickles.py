"""Models are code: what is opened was registered by this project, is unchanged, and nobody else may write to it."""

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from unittest import mock

import joblib
import numpy as np
import pytest

from helpers import ROOT
from hostile import places
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.block_store import BlockStore
from provrisk.evaluation.champion import open_folder
from provrisk.models.from_file import build
from provrisk.study import find_project
from provrisk.study.schema import ModelFile
from provrisk.tracking.registry import Registry
from provrisk.tracking.runs import Tracker


class Wicked:
    """A pickle that leaves a file where it is opened."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.mark),)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return places.copy(places.issued() / "mlruns" / "champions" / "small" / "1", tmp_path / "1")


def test_a_changed_model_is_not_opened(copy: Path, tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    joblib.dump({"name": "x", "model": Wicked(mark)}, copy / "artifacts" / "model.joblib")
    with pytest.raises(ProvriskError, match="is not the file that was registered"):
        open_folder(copy)
    assert not mark.exists()


def test_a_copy_that_was_changed_with_its_card_is_fetched_anew_from_the_store(tmp_path: Path) -> None:
    root = places.copy(places.issued(), tmp_path / "project")
    folder, mark = root / "mlruns" / "champions" / "small" / "1", tmp_path / "owned"
    joblib.dump({"name": "x", "model": Wicked(mark)}, folder / "artifacts" / "model.joblib")
    card = json.loads((folder / "champion.json").read_text())
    card["sha256"] = hashlib.sha256((folder / "artifacts" / "model.joblib").read_bytes()).hexdigest()
    (folder / "champion.json").write_text(json.dumps(card))
    project = find_project(root)
    champion = Registry(Tracker(project.study("small"))).champion()
    assert champion is not None
    assert champion.name in ("ewma_nb", "conflictology")
    assert not mark.exists()


@pytest.mark.parametrize("part", ["", "artifacts", "artifacts/model.joblib"])
def test_what_anybody_may_write_to_is_not_opened(copy: Path, part: str) -> None:
    path = copy / part
    path.chmod(path.stat().st_mode | 0o002)
    with pytest.raises(ProvriskError, match="All users may write to"):
        open_folder(copy)
    path.chmod(path.stat().st_mode & ~0o002)
    assert open_folder(copy).version == "1"


def test_a_block_with_a_pickle_in_it_is_none(tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    np.savez(tmp_path / "k.npz", draws=np.array([Wicked(mark)], dtype=object), notes="{}", digest="x")
    assert BlockStore(tmp_path).load("k") is None
    assert not mark.exists()


@pytest.mark.parametrize(
    "model", ["os:system", "subprocess:Popen", "builtins:eval", "provrisk.study:Project", "no.such:Thing"]
)
def test_a_model_file_calls_nothing_but_models(model: str) -> None:
    with pytest.raises(ProvriskError, match="is not a model|cannot load"):
        build("x", ModelFile(title="x", model=model, description="x", settings={}))


def test_every_door_for_pickles_is_known() -> None:
    doors = re.compile(
        r"\b(pickle|cloudpickle|dill|shelve|marshal|yaml)\b|joblib\.load|allow_pickle=True|read_pickle|eval\(|exec\("
    )
    found = {
        str(path.relative_to(ROOT / "src" / "provrisk"))
        for path in (ROOT / "src").rglob("*.py")
        if any(
            doors.search(line) for line in re.sub(r'""".*?"""|#[^\n]*', "", path.read_text(), flags=re.S).splitlines()
        )
    }
    assert found == {"evaluation/champion.py", "tracking/served.py"}


def test_a_password_in_the_address_of_the_store_is_not_shown() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root = places.copy(places.project(), Path(scratch, "project"))
        uri = "http://analyst:sesame4711@127.0.0.1:9"
        with mock.patch.dict(os.environ, {"MLFLOW_TRACKING_URI": uri, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}):
            project = find_project(root)
            with pytest.raises(ProvriskError, match=r"at http://127.0.0.1:9 does not answer") as raised:
                Tracker(project.study("small"))
        assert "sesame4711" not in str(raised.value)
        assert "analyst" not in str(raised.value)
