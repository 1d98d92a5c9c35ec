"""Random generators keyed by what is computed, so that results do not depend on who computes it."""

import hashlib

import numpy as np


def generator(*key: object) -> np.random.Generator:
    """A generator that is a function of ``key`` alone: same key, same numbers, in any process.

    ``hash()`` is salted per process, so the key goes through BLAKE2 instead.
    """
    digest = hashlib.blake2b("\x1f".join(map(str, key)).encode(), digest_size=32).digest()
    return np.random.default_rng(np.random.SeedSequence(list(np.frombuffer(digest, dtype=np.uint32))))
