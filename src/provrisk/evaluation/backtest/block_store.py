"""Finished blocks on disk, under a key of all their inputs."""

import contextlib
import hashlib
import inspect
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr
from sklearn.base import BaseEstimator

import provrisk
from provrisk import files
from provrisk.evaluation.backtest.recipes import in_order
from provrisk.models.base import Combiner, Model

ROOMS = ("models", "features", "seeds.py", "evaluation/backtest")
"""The code that draws depend on: after a change in it, stored blocks are not used."""

DAMAGED = (OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile)
"""The errors of reading a damaged block."""


class BlockStore:
    """Arrays of draws by key. A file is written whole or not at all, so a killed run leaves only finished blocks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, key: str) -> tuple[np.ndarray, list[str], list[str]] | None:
        """The draws stored under ``key``, the failure of each origin ("": none) and the warnings; or None.

        A damaged file is none. Reading a block marks it as used now.
        """
        path = self.folder / f"{key}.npz"
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                draws, notes = stored["draws"], json.loads(str(stored["notes"]))
                if files.digest(draws.tobytes()) == str(stored["digest"]):
                    with contextlib.suppress(OSError):
                        path.touch()
                    return draws.astype(np.int32), notes["failures"], notes["warnings"]
        except DAMAGED:
            pass
        return None

    def save(self, key: str, draws: np.ndarray, failures: list[str], warnings: list[str]) -> None:
        """Store ``draws`` (origin, province, horizon, draw) in the smallest type that holds them."""
        small = draws.astype(np.min_scalar_type(int(draws.max(initial=0))))
        digest = files.digest(small.tobytes())
        notes = json.dumps({"failures": failures, "warnings": warnings})
        buffer = io.BytesIO()
        # As ``np.savez_compressed`` writes it, but a fifth of its time for a tenth more bytes.
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as block:
            for name, value in {"draws": small, "notes": notes, "digest": digest}.items():
                with block.open(f"{name}.npy", "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, np.asanyarray(value), allow_pickle=False)
        files.write(self.folder / f"{key}.npz", buffer.getvalue())


def key(*parts: object) -> str:
    """A stable digest of ``parts``."""
    return hashlib.blake2b(json.dumps(parts, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def settings_key(model: BaseEstimator) -> str:
    """A digest of a model's class, its settings and the code that it runs on."""
    cls = type(model)
    return key(cls.__module__, cls.__qualname__, model.get_params(), code_key(), _source(inspect.getsourcefile(cls)))


def recipe_key(name: str, recipes: Mapping[str, Model | Combiner]) -> str:
    """A digest of a recipe and of all that it is made of."""
    return key([(part, settings_key(recipes[part])) for part in in_order(recipes, [name])])


def content_key(views: list[xr.Dataset]) -> str:
    """A digest of what a model may see in ``views``: every value, name and month."""
    digest = hashlib.blake2b(digest_size=16)
    for view in views:
        for name in sorted(map(str, view.variables)):
            variable = view.variables[name]  # as a DataArray it would take ten times as long
            values = variable.to_numpy()
            digest.update(f"{name}{variable.dims}{values.shape}".encode())
            digest.update(np.ascontiguousarray(values if values.dtype != object else values.astype("U")).tobytes())
        digest.update(f"{view.attrs['study']}{view.attrs['origin']}{view.attrs['target']}".encode())
    return digest.hexdigest()


@cache
def code_key() -> str:
    """A digest of the code that draws depend on."""
    package = Path(provrisk.__file__).parent
    paths = [path for room in ROOMS for path in sorted([package / room, *(package / room).glob("**/*.py")])]
    return key(*(_source(str(path)) for path in paths if path.is_file()))


@cache
def _source(path: str | None) -> str:
    return files.digest(Path(path).read_bytes()) if path else ""
