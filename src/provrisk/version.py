"""The version of the program, as it was installed."""

import functools
import importlib.metadata


@functools.cache
def version() -> str:
    """The version, such as ``0.2.0``."""
    return importlib.metadata.version("provrisk")
