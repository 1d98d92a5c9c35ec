"""Jobs killed at moments drawn by a seed: the next call goes on, and ends as if nothing had happened.

``PROVRISK_KILLS=100 pytest tests/faults`` is the nightly figure; by default one ``run`` and one ``data add``.
Half of the moments are times, half are changes of the disk, each as likely as the other.
"""

import os
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import harness
import mlflow
import pytest
from harness import ADD, call

from provrisk import seeds

KILLS = int(os.environ.get("PROVRISK_KILLS", "0"))
nightly = pytest.mark.skipif(KILLS < 100, reason="nightly: PROVRISK_KILLS=100")
JOBS = {
    "run": ("run",),
    "retrain": ("retrain",),
    "backtest": ("backtest", "--protocol", "recent", "--samples", "draws.parquet"),
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
    for job in ("data add", "run", "retrain", "backtest") if KILLS else ("data add", "run"):
        before = Path(shutil.copytree(home, home.parent / job))
        done, number = harness.call_counted(home, *JOBS[job])
        assert done.code == 0, done.err
        found[job] = Whole(home, before, harness.results(home), done.seconds, number)
    return found


def moments() -> list[tuple[str, int]]:
    some = {job: max(1, round(share * KILLS)) for job, share in SHARES.items()} if KILLS else {"run": 1, "data add": 1}
    return [(job, number) for job, much in some.items() for number in range(much)]


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


def before_asking(method: str, number: int) -> Callable[[], None]:
    """Have a process kill its group just before its call ``number`` of a method of MLflow's client."""

    def patch() -> None:
        whole, seen = getattr(mlflow.MlflowClient, method), [0]

        def counted(*arguments: object, **named: object) -> object:
            seen[0] += 1
            if seen[0] == number:
                os.killpg(0, signal.SIGKILL)
            return whole(*arguments, **named)

        setattr(mlflow.MlflowClient, method, counted)

    return patch


@pytest.mark.parametrize(
    ("job", "method", "number"),
    [
        ("run", "create_model_version", 1),
        ("run", "set_registered_model_alias", 1),
        ("run", "delete_registered_model_alias", 1),
        ("retrain", "create_model_version", 1),
        ("retrain", "set_registered_model_alias", 1),
        ("retrain", "set_registered_model_alias", 2),
        ("retrain", "delete_registered_model_alias", 1),
    ],
)
@nightly
def test_a_job_killed_while_the_champion_changes_is_finished(
    whole: dict[str, Whole], job: str, method: str, number: int
) -> None:
    undisturbed = whole[job]
    home = harness.laid_again(undisturbed.before, undisturbed.home)
    assert call(home, *JOBS[job], first=before_asking(method, number)).code == -signal.SIGKILL
    assert call(home, *JOBS[job]).code == 0
    assert harness.differences(harness.results(home), undisturbed.results) == []


@nightly
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_rollback_that_was_killed_is_finished_by_the_next(whole: dict[str, Whole], number: int) -> None:
    before, home = whole["backtest"].before, whole["backtest"].home  # two champions are there
    harness.laid_again(before, home)
    assert harness.results(home)["aliases"] == [("champion", 2), ("previous", 1)]
    done = call(home, "rollback", first=before_asking("set_registered_model_alias", number))
    assert done.code == -signal.SIGKILL
    assert call(home, "rollback").code == 0
    assert harness.results(home)["aliases"] == [("champion", 1), ("previous", 2)]
