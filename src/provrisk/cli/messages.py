"""Messages of a running command: errors and, with ``--verbose``, each step, on stderr and in a log file."""

import logging
import sys
import time
from pathlib import Path

LOGGER = logging.getLogger("provrisk.cli")
TENTHS = 10


def begin(verbose: bool, quiet: bool, log: Path | None) -> None:
    """Set up messages: steps on stderr if ``verbose``, only errors if ``quiet``."""
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    for old in LOGGER.handlers[:]:
        LOGGER.removeHandler(old)
        old.close()
    on_screen = logging.StreamHandler(sys.stderr)
    on_screen.setLevel(logging.INFO if verbose and not quiet else logging.ERROR if quiet else logging.WARNING)
    on_screen.setFormatter(logging.Formatter("provrisk: %(message)s"))
    LOGGER.addHandler(on_screen)
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        kept = logging.FileHandler(log, encoding="utf-8")
        kept.setFormatter(_utc("%(asctime)sZ %(process)d %(levelname)s %(message)s"))
        LOGGER.addHandler(kept)
    LOGGER.info("%s", " ".join(["provrisk", *sys.argv[1:]]))


def error(sentence: str) -> None:
    """Report why the command ended."""
    if LOGGER.handlers:
        LOGGER.error("%s", sentence)
    else:  # the options were not read yet
        print(f"provrisk: {sentence}", file=sys.stderr)


def step(sentence: str, aloud: bool = False) -> None:
    """Report a step of the work: in the log and with ``--verbose``, or ``aloud``, unless ``--quiet``."""
    LOGGER.log(logging.WARNING if aloud else logging.INFO, "%s", sentence)


def shows_bars() -> bool:
    """Whether to show a progress bar on stderr: not with ``verbose`` and not with ``quiet``."""
    levels = [one.level for one in LOGGER.handlers if type(one) is logging.StreamHandler]
    return not levels or levels[0] == logging.WARNING


class Steps:
    """Reports each kind of work at its start, at every tenth and at its end, with the time left."""

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        self._began: dict[str, float] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        began = self._began.setdefault(what, time.monotonic())
        tenth = TENTHS * done // max(total, 1)
        if self._told.get(what) == tenth:
            return
        self._told[what] = tenth
        left = (time.monotonic() - began) * (total - done) / done if done else None
        step(f"{what}: {done} of {total}" + (f", about {left:,.0f} s left" if left else ""))


def _utc(text: str) -> logging.Formatter:
    made = logging.Formatter(text, datefmt="%Y-%m-%dT%H:%M:%S")
    made.converter = time.gmtime
    return made
