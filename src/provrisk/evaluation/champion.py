"""A champion: a fitted recipe with its provenance, and the folder that it is opened from without MLflow."""

import hashlib
import io
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import joblib
import xarray as xr
from pydantic import BaseModel, Field

from provrisk import files
from provrisk.errors import ProvriskError
from provrisk.evaluation.backtest.block_store import code_key
from provrisk.evaluation.backtest.fitted import Fitted, forecast
from provrisk.study.schema import Month

STATE, CARD = "model.joblib", "champion.json"


@dataclass(frozen=True)
class Champion:
    """A fitted model of the registry: its name in ``models/``, the model, its version, and what it was fitted on.

    ``chosen`` is the last month of the data used to choose its recipe: scores up to then do not test it. ``code`` is
    the digest of the code that fitted it.
    """

    name: str
    model: Fitted
    version: str
    fitted_until: str
    data_digest: str
    recipe: str
    chosen: str = ""
    code: str = ""

    def forecast(self, panel: xr.Dataset, horizons: Sequence[int], draws: int, seed: int) -> xr.DataArray:
        """The champion's forecast at the panel's origin, as ``fitted.forecast``.

        Raises ``OutdatedError`` if other code fitted it and it cannot forecast with that of today.
        """
        try:
            return forecast(panel, self.name, self.model, horizons, draws, seed)
        except ProvriskError:
            raise
        except Exception as error:  # the state of older code may raise any error
            if self.code == code_key():
                raise
            raise OutdatedError(
                f"The champion {self.name}, version {self.version}, was fitted by other code and cannot forecast with "
                f"the code of today ({type(error).__name__}): run 'provrisk retrain', which fits it again."
            ) from None


class OutdatedError(ProvriskError):
    """A champion that other code fitted, which cannot forecast."""


class Card(BaseModel):
    """``champion.json`` of a copy: the tags of its registration, of which these are needed."""

    sha256: str = Field(pattern="^[0-9a-f]{16,64}$")
    version: str
    data_until: Month
    data_digest: str
    recipe: str


def same(content: bytes, sha256: str) -> bool:
    """Whether ``content`` has the digest ``sha256``; early versions stored only its first 16 digits."""
    return hashlib.sha256(content).hexdigest().startswith(sha256)


def open_folder(folder: Path, sha256: str | None = None) -> Champion:
    """The champion in ``folder``, a copy that ``register`` made.

    Its digest must be ``sha256``, by default that of its card. It is a pickle: open only folders that
    you or your colleagues wrote. Raises ``ProvriskError`` if it is another folder or was changed.
    """
    path = folder / "artifacts" / STATE
    try:
        card = Card.model_validate(files.unsealed((folder / CARD).read_bytes()))
        writable = [one for one in (folder, path.parent, path) if one.stat().st_mode & stat.S_IWOTH]
        content = path.read_bytes()
    except (OSError, ValueError):
        raise ProvriskError(
            f"{folder} is not an exported champion: name a folder of mlruns/champions/STUDY/."
        ) from None
    if writable:
        raise ProvriskError(
            f"All users may write to {writable[0]}, and a model is code: 'chmod o-w' it, or do not use it."
        )
    if not same(content, sha256 or card.sha256):
        raise ProvriskError(
            f"The champion in {folder} is not the file that was registered: restore it from a copy, or delete mlruns/ "
            "to train a new one."
        )
    try:
        state = joblib.load(io.BytesIO(content))  # the checked content, not the present file
        name, model, code = str(state["name"]), state["model"], str(state.get("code", ""))
    except (AttributeError, ImportError) as error:
        raise ProvriskError(
            f"The champion in {folder} needs code that is not here ({error}): install the provrisk that fitted it, "
            "put your own model back, or move mlruns/ away and run 'provrisk retrain'."
        ) from None
    except Exception as error:  # a pickle may raise any error
        raise ProvriskError(
            f"The champion in {folder} cannot be opened ({type(error).__name__}): restore it from a copy, or move "
            "mlruns/ away and run 'provrisk retrain'."
        ) from None
    return Champion(name, model, card.version, card.data_until, card.data_digest, card.recipe, card.data_until, code)
