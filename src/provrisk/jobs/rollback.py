"""Return to an earlier champion, and delete old results of a study."""

from dataclasses import dataclass
from typing import Any

from provrisk import files, journal
from provrisk.jobs.lock import only_one
from provrisk.study import Study
from provrisk.tracking.registry import Registry
from provrisk.tracking.runs import Tracker


@dataclass(frozen=True)
class RolledBack:
    """A rollback: the champion's version now and before, its model, the reason, and whether anything changed."""

    version: str
    before: str
    model: str
    fitted_to: str
    data_digest: str
    note: str
    changed: bool

    def __str__(self) -> str:
        if not self.changed:
            return f"Version {self.version} ({self.model}) is the champion already: nothing was changed."
        return f"Version {self.version} ({self.model}) is champion again, in place of version {self.before}."

    def noted(self) -> dict[str, Any]:
        """Its entry in the journal."""
        card = card_of(self.model, self.version, self.fitted_to, self.data_digest)
        card["note"] = f"rolled back from version {self.before}: {self.note}"
        return {"status": "done" if self.changed else "unchanged", "reason": self.note, "champion": card}


@dataclass(frozen=True)
class Cleaned:
    """What ``clean`` deleted, or would delete: runs, blocks of backtests, and the bytes of the blocks."""

    runs: int
    blocks: int
    bytes: int
    dry_run: bool


def card_of(model: str, version: str, fitted_to: str, digest: str) -> dict[str, str]:
    """What the journal keeps of a champion, with the last month and the digest of the data that it was fitted to."""
    return {"model": model, "version": version, "fitted_to": fitted_to, "data_digest": digest}


@journal.recorded("rollback", lambda done, arguments: done.noted())
def rollback(study: Study, to: str | None = None, note: str = "no reason given") -> RolledBack:
    """Make the previous champion, or version ``to``, champion again; it stays so when called again.

    ``note`` says why. Raises ``ProvriskError`` if there is no such version, or no previous champion.
    """
    with only_one(study):
        registry = Registry(Tracker(study))
        now, before = registry.rollback(to)
        champion = registry.champion()
        assert champion is not None  # noqa: S101 - checked in the registry just before
        return RolledBack(
            now, before, champion.name, champion.fitted_until, champion.data_digest, note, changed=now != before
        )


def clean(study: Study, keep: int, dry_run: bool = False) -> Cleaned:
    """Delete jobs older than the ``keep`` newest, and blocks not used since; with ``dry_run`` only count them."""
    with only_one(study):
        tracker = Tracker(study)
        jobs = tracker.jobs(keep)
        runs = tracker.old_runs(keep, Registry(tracker).runs())
        oldest = min((run.info.start_time for run in jobs), default=0) / 1000
        # A job's blocks are older than its run, which is logged when it ends: an hour covers the longest backtest.
        held = (path for path in study.blocks.glob("*") if path.suffix in (".npz", ".json"))
        old = [path for path in held if path.stat().st_mtime < oldest - 3600]
        size = sum(path.stat().st_size for path in old)
        if not dry_run:
            tracker.delete_runs(runs)
            for path in old:
                path.unlink(missing_ok=True)
            files.sweep(study.blocks)
    return Cleaned(len(runs), len(old), size, dry_run)
