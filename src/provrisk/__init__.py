"""Monthly forecasts of insurgent attacks by province, risk scores, and a bulletin that checks itself.

From Python, ``import provrisk as pr`` has a function for every command (see ``provrisk.api``), and
``pr.ProvriskError`` for errors that the user can correct. They are loaded on first use, so that the import is fast.
"""

import importlib

from provrisk.errors import ProvriskError

METHOD_VERSION = "2"
"""Increased with every change of method that changes published numbers; printed in every bulletin."""

__all__ = ["METHOD_VERSION", "ProvriskError", "__version__"]


def __getattr__(name: str) -> object:
    # By name, not by an import statement: every room imports this module, and the API stands above them all.
    if name == "__version__":
        return str(importlib.import_module("provrisk.version").version())
    public = importlib.import_module("provrisk.api")
    if name in public.__all__ or name in public.OLD:
        return getattr(public, name)
    raise AttributeError(f"module 'provrisk' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *importlib.import_module("provrisk.api").__all__])
