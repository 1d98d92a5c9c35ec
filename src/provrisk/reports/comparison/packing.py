"""Numbers packed into text: whole steps in the smallest integers, deflated, in base64."""

import base64
import zlib
from collections.abc import Iterable

import numpy as np

TYPES = ("u1", "u2", "u4")


class Packer:
    """Collects arrays; ``index`` says how to read ``text`` again.

    An entry of the index is name, contender (-1: of none), type, step, length. A value is its integer times the step;
    the largest integer of a type stands for a missing value. Integers have their lowest byte first.
    """

    def __init__(self) -> None:
        self.index: list[tuple[str, int, str, float, int]] = []
        self._parts: list[bytes] = []

    def add(self, name: str, values: np.ndarray, step: float, contender: int = -1) -> None:
        """Add ``values`` (none negative, NaN is missing) to the nearest ``step``; a coarser one where they are huge."""
        flat = np.ravel(values).astype(float)
        missing = np.isnan(flat)
        while True:
            whole = np.rint(np.where(missing, 0, flat) / step)
            fits = [kind for kind in TYPES if whole.max(initial=0) < np.iinfo(kind).max]
            if fits:
                break
            step *= 10
        kind = fits[0]
        codes = np.where(missing, np.iinfo(kind).max, whole).astype(f"<{kind}")
        self.index.append((name, contender, kind, step, flat.size))
        self._parts.append(codes.tobytes())

    @property
    def text(self) -> str:
        return base64.b64encode(zlib.compress(b"".join(self._parts), 9)).decode()


def decode(text: str, index: Iterable[tuple[str, int, str, float, int]]) -> dict[tuple[str, int], np.ndarray]:
    """What a page holds, by name and contender, as the page's own script reads it."""
    content, offset = zlib.decompress(base64.b64decode(text)), 0
    found = {}
    for name, contender, kind, step, length in index:
        codes = np.frombuffer(content, f"<{kind}", length, offset)
        found[name, contender] = np.where(codes == np.iinfo(kind).max, np.nan, codes * step)
        offset += codes.nbytes
    return found
