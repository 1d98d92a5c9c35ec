"""How this process keeps memory between one large array and the next."""

import ctypes
import sys
from functools import cache

MIB = 2**20
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # as <malloc.h> numbers them


@cache
def keep_freed() -> None:
    """Let this process use the memory of arrays that are gone for the next ones.

    The C library of most Linux systems gives a large array back to the system as soon as it is gone, and the system
    clears every page of the next one: in a backtest, whose arrays are many and short-lived, that is half of the time.
    Arrays above 32 MiB, the most that the library allows, still go back at once. On other systems nothing is done.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, 32 * MIB)
        mallopt(TRIM_THRESHOLD, 256 * MIB)
