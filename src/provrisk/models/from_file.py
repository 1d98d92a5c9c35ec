"""From a model file to a model: its class by import path, its settings as arguments."""

import importlib
import inspect

from provrisk.errors import ProvriskError
from provrisk.models.base import Combiner, Model
from provrisk.study.schema import ModelFile


def build(name: str, file: ModelFile) -> Model | Combiner:
    """The unfitted model that the file ``models/<name>.toml`` describes.

    Raises ``ProvriskError`` if its class cannot be imported or does not take one of the settings.
    """
    module, _, class_name = file.model.partition(":")
    try:
        cls = getattr(importlib.import_module(module), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ProvriskError(f"models/{name}.toml: cannot load {file.model!r} ({error}): correct the path.") from None
    if not (inspect.isclass(cls) and issubclass(cls, Model | Combiner)):
        # Checked before it is called: a file of settings must not start any program it likes.
        raise ProvriskError(f"models/{name}.toml: {file.model!r} is not a model: name a subclass of Model or Combiner.")
    known = list(inspect.signature(cls).parameters)
    for setting in file.settings:
        if setting not in known:
            raise ProvriskError(
                f"models/{name}.toml: {class_name} has no setting {setting!r}; it takes {', '.join(known) or 'none'}."
            )
    return cls(**file.settings)
