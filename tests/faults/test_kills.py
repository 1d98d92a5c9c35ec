"""Jobs killed at moments drawn by a seed: the next call goes on, and ends as if nothing had happened.

``PROVRISK_KILLS=100 pytest tests/faults`` is the nightly figure; by default a few. Half of the moments are times, half
are changes of the disk, each as likely as the other.
"""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import harness
import pytest
from harness import ADD, call

from provrisk import seeds

KILLS = int(os.environ.get("PROVRISK_KILLS", "4"))
JOBS = {
    "run": ("run",),
    "retrain": ("retrain",),
    "backtest": ("backtest", "--protocol", "recent", "--draws-out", "ewma_nb"),
    "data add": ADD,
}
SHARES = {"run": 0.4, "retrain": 0.3, "backtest": 0.2, "data add": 0.1}


@dataclass(frozen=True)
class Whole:
    """A job undisturbed: its ``home``, the project as it was before it, what it left, seconds, changes of the disk."""

    home: Path
    before: Path
    results: dict[str, object]
    seconds: float
    changes: int


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Whole]:
    home = harness.make_project(tmp_path_factory.mktemp("whole") / "project")
    found = {}
    for job in ("data add", "run", "retrain", "backtest"):
        before = Path(shutil.copytree(home, home.parent / job))
        done, number = harness.call_counted(home, *JOBS[job])
        assert done.code == 0, done.err
        found[job] = Whole(home, before, harness.results(home), done.seconds, number)
    return found


def moments() -> list[tuple[str, int]]:
    return [(job, number) for job, share in SHARES.items() for number in range(max(1, round(share * KILLS)))]


@pytest.mark.parametrize(("job", "number"), moments())
def test_a_killed_job_is_finished_by_the_next_call(
    whole: dict[str, Whole], job: str, number: int, record_property
) -> None:
    undisturbed, rng = whole[job], seeds.generator("kills", job, number)
    home = harness.laid_again(undisturbed.before, undisturbed.home)
    if number % 2:
        moment = rng.uniform(0, undisturbed.seconds)
        command = harness.Command(home, *JOBS[job])
        time.sleep(moment)
        command.kill()
        said, done = f"at {moment:.2f} of {undisturbed.seconds:.2f} s", command.wait()
    else:
        change = int(rng.integers(1, undisturbed.changes + 1))
        said = f"before change {change} of {undisturbed.changes}"
        done = call(home, *JOBS[job], first=harness.die_at(change))
    left = call(home, *JOBS[job])
    assert left.code == 0, f"killed {said} ({done.code}): {left.err}"
    assert harness.differences(harness.results(home), undisturbed.results) == [], f"killed {said} ({done.code})"
    record_property("kill", f"{job} {said}, {done.code}")
