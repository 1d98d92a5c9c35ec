"""Numbers packed into text: whole steps in as few bytes as they need, deflated, in base64."""

import base64
import zlib

import numpy as np

WIDEST = 4

Entry = tuple[str, int, int, float, int]
"""How to read an array again: name, contender (-1: of none), bytes a value, step, length.

A value is its integer times the step; the largest integer stands for a missing one. The lowest bytes of all values come
first, then the next, since like bytes deflate better. Without bytes, the script works the array out from others.
"""


class Packer:
    """Collects arrays; ``index`` says how to read ``text`` again."""

    def __init__(self) -> None:
        self.index: list[Entry] = []
        self._parts: list[bytes] = []

    def add(self, name: str, values: np.ndarray, step: float, contender: int = -1) -> None:
        """Add ``values`` (none negative, NaN is missing) to the nearest ``step``.

        It is made coarser, in tens, where nothing is lost by it, and where they are huge.
        """
        flat = np.ravel(values).astype(float)
        missing = np.isnan(flat)
        whole = np.rint(np.where(missing, 0, flat) / step)
        while whole.any() and (whole.max() >= _missing(WIDEST) or not (whole % 10).any()):
            step, whole = step * 10, np.rint(whole / 10)
        width = next(n for n in range(1, WIDEST + 1) if whole.max(initial=0) < _missing(n))
        codes = np.where(missing, _missing(width), whole).astype("<u4")
        self.index.append((name, contender, width, step, flat.size))
        self._parts.append(codes.view("u1").reshape(-1, 4)[:, :width].T.tobytes())

    def leave_out(self, name: str, contender: int) -> None:
        """Note that the script computes ``name``."""
        self.index.append((name, contender, 0, 0, 0))

    @property
    def text(self) -> str:
        """The packed arrays as text for the page."""
        return base64.b64encode(zlib.compress(b"".join(self._parts), 9)).decode()


def _missing(width: int) -> int:
    return 256**width - 1
