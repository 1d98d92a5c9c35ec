"""The registered champion of a study: versions, aliases ``champion`` and ``previous``, and copy on disk."""

import hashlib
import importlib.metadata
import itertools
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import joblib
import mlflow
import pandas as pd
import requests
import xarray as xr
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, RESOURCE_DOES_NOT_EXIST, ErrorCode

import provrisk
from provrisk import files
from provrisk.errors import ProvriskError, refused
from provrisk.evaluation.backtest.block_store import code_key
from provrisk.evaluation.backtest.fitted import Fitted
from provrisk.evaluation.champion import CARD, STATE, Champion, open_folder, same
from provrisk.tracking import database
from provrisk.tracking.runs import Tracker
from provrisk.tracking.served import LOADER, as_input, signature
from provrisk.tracking.session import apart

CHAMPION, PREVIOUS, NEXT = "champion", "previous", "next"
"""Aliases; ``next`` is that of a version that is about to become champion again."""


class Registry:
    """The versions of a study's forecaster."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker, self.client = tracker, tracker.client
        self.name = f"provrisk-{tracker.study.name}"
        self.copies = tracker.study.project.mlruns / "champions" / tracker.study.name

    def champion(self) -> Champion | None:
        """The champion, or none if there is none yet. A stored model whose digest has changed is not opened."""
        with self.tracker.asking():
            found = self._alias(CHAMPION)
            if found is None and (path := self.tracker.database) and (what := database.damage(path)):
                raise database.damaged(path, what)  # must be certain: the next job would make one
            return replace(self._open(found), chosen=self._chosen(found)) if found else None

    def register(
        self, name: str, recipe: str, fitted: Fitted, table: pd.DataFrame, panel: xr.Dataset, settings: dict[str, int],
        run_id: str,
    ) -> str:  # fmt: skip
        """Store ``fitted`` as a new version without making it champion; returns the version.

        ``settings`` has its ``draws`` and ``seed``; ``run_id`` is the run of its backtest, which identifies all that
        the fit depends on: a version registered for it before is not registered again. A copy of the version is in
        ``mlruns/champions/``, which can be moved.
        """
        with self.tracker.asking():
            where = f"name='{self.name}' and run_id='{run_id}'"
            made = next(iter(self.client.search_model_versions(where)), None)
            made = made or self._register(name, recipe, fitted, table, panel, settings, run_id)
            self._open(made)
            return str(made.version)

    def _register(
        self, name: str, recipe: str, fitted: Fitted, table: pd.DataFrame, panel: xr.Dataset, settings: dict[str, int],
        run_id: str,
    ) -> ModelVersion:  # fmt: skip
        with self.tracker.speaking(), tempfile.TemporaryDirectory() as scratch, mlflow.start_run(run_id=run_id):
            state, loader = Path(scratch, STATE), Path(scratch, "loader.py")
            joblib.dump({"name": name, "model": fitted, "code": code_key(), **settings}, state)
            loader.write_text(LOADER)
            # Under the study's own name, which is read from the folder.
            study = self.tracker.study
            folder = Path(shutil.copytree(study.folder, Path(scratch, study.name)))
            logged = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(loader),
                artifacts={"state": str(state), "study": str(folder)},
                signature=signature(table),
                input_example=as_input(table).tail(36 * table.province.nunique()),
                pip_requirements=[f"provrisk=={importlib.metadata.version('provrisk')}"],
                metadata={"method": provrisk.METHOD_VERSION},
            )
            sha = hashlib.sha256(state.read_bytes()).hexdigest()
        try:
            self.client.create_registered_model(self.name)
        except MlflowException as error:  # it exists from the second version on
            if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise
        tags = self.tracker.tags(panel) | {"model": name, "recipe": recipe, "sha256": sha}
        return self.client.create_model_version(
            self.name, logged.model_uri, run_id, tags=tags, model_id=logged.model_id
        )

    def promote(self, version: str) -> None:
        """Make ``version`` the champion; the old one becomes ``previous``. The champion's alias moves last."""
        with self.tracker.asking():
            old = self._alias(CHAMPION)
            if old and str(old.version) != version:
                self.client.set_registered_model_alias(self.name, PREVIOUS, old.version)
            self.client.set_registered_model_alias(self.name, CHAMPION, version)
            self.client.delete_registered_model_alias(self.name, NEXT)

    def rollback(self, to: str | None = None) -> tuple[str, str]:
        """Make version ``to``, by default ``previous``, champion again; returns its version and the one before.

        The version left is not ``previous`` afterwards: a second call does not bring it back. The aliases
        do not move at once: ``next`` marks the target until all have, so that a call after a killed one continues.
        Raises ``ProvriskError`` if there is no such version, or its files are gone.
        """
        with self.tracker.asking():
            now, aim = self._alias(CHAMPION), self._alias(NEXT)
            target = self._version(to) if to else aim or self._alias(PREVIOUS)
            if now is None or target is None:
                name, held = self.tracker.study.name, ", ".join(self.versions())
                there = f"name a version with --to (there are {held})" if held else "there was only one"
                raise ProvriskError(f"{name} has no previous champion to go back to: {there}.")
            self._open(target)
            if now.version != target.version:
                self.client.set_registered_model_alias(self.name, NEXT, target.version)
                self.client.set_registered_model_alias(self.name, CHAMPION, target.version)
            for alias in (PREVIOUS, NEXT) if now.version != target.version or aim else ():
                if self._alias(alias):
                    self.client.delete_registered_model_alias(self.name, alias)
            return str(target.version), str(now.version)

    def versions(self) -> list[str]:
        """The registered versions, oldest first."""
        with self.tracker.asking():
            found = self.client.search_model_versions(f"name='{self.name}'", max_results=1000)
            return sorted((str(one.version) for one in found), key=int)

    def _version(self, version: str) -> ModelVersion:
        if version not in self.versions():
            held = ", ".join(self.versions()) or "none"
            raise ProvriskError(f"{self.name} has no version {version!r}; it has {held}.")
        return self.client.get_model_version(self.name, version)

    def runs(self) -> set[str]:
        """The runs of registered versions."""
        with self.tracker.asking():
            found, token = set(), None
            while token != "":
                page = self.client.search_model_versions(f"name='{self.name}'", page_token=token)
                found |= {str(version.run_id) for version in page}
                token = page.token or ""
            return found

    def _chosen(self, version: ModelVersion) -> str:
        """The last month of the data of the first of the consecutive versions with the recipe of ``version``."""
        every = self.client.search_model_versions(f"name='{self.name}'", max_results=1000)
        newest_first = sorted(every, key=lambda one: -int(one.version))
        before = [one for one in newest_first if int(one.version) <= int(version.version)]
        row = itertools.takewhile(lambda one: one.tags.get("model") == version.tags.get("model"), before)
        return str(min(one.tags["data_until"] for one in row))

    def _alias(self, alias: str) -> ModelVersion | None:
        """The version with ``alias``; None only if the store confirms that there is none."""
        try:
            versions = self.client.get_registered_model(self.name).aliases
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
                raise
            return None
        return self.client.get_model_version(self.name, versions[alias]) if alias in versions else None

    def _open(self, version: ModelVersion) -> Champion:
        """The version's copy on disk, made again if it is not the registered one."""
        copy = self.copies / str(version.version)
        state, sha256 = copy / "artifacts" / STATE, version.tags.get("sha256")
        if sha256 is None:
            raise ProvriskError(
                f"Version {version.version} of {self.name} has no digest, so it was not registered by provrisk: it is "
                "not opened; give the alias to another version."
            )
        if not state.is_file() or not same(state.read_bytes(), sha256):
            self._copy(version)
        card = files.sealed(_card(version))
        if not (copy / CARD).is_file() or (copy / CARD).read_bytes() != card.encode():
            files.write(copy / CARD, card)
        return open_folder(copy, sha256)

    def _copy(self, version: ModelVersion) -> None:
        """Copy a version out of the store, whose artifact paths are absolute, to a folder that can be moved."""
        copy = self.copies / str(version.version)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=copy.parent, prefix=".", suffix=files.PART) as scratch:
            try:
                uri = f"models:/{self.name}/{version.version}"
                with apart():
                    mlflow.set_tracking_uri(self.tracker.uri)
                    mlflow.set_registry_uri(self.tracker.uri)
                    folder = Path(mlflow.artifacts.download_artifacts(uri, dst_path=scratch))
            except (MlflowException, OSError) as error:
                if isinstance(error, requests.RequestException) or "API request to" in str(error):
                    raise self.tracker.unusable(error) from None
                if isinstance(error, OSError) and (told := refused(error, copy)):
                    raise told from None
                raise ProvriskError(
                    f"Version {version.version} of {self.name} is in the MLflow store, its files are missing: restore "
                    f"{copy} from a copy of the project, or run 'provrisk retrain' with an empty mlruns/."
                ) from None
            files.write(folder / CARD, files.sealed(_card(version)))
            shutil.rmtree(copy, ignore_errors=True)
            folder.rename(copy)


def _card(version: ModelVersion) -> dict[str, str]:
    """The tags of a version beside its files."""
    return dict(sorted({**version.tags, "version": str(version.version)}.items()))
