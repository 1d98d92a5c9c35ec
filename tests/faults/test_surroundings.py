"""A full disk, folders that may not be written to, another clock and alphabet, a server that goes away, two at once.

``PROVRISK_KILLS=100 pytest tests/faults`` tries them all; by default the quick ones.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import filelock
import harness
import pytest
from harness import ADD, Command, Done, Server, call

from helpers import need
from provrisk import seeds
from provrisk.errors import ProvriskError
from provrisk.jobs.lock import only_one
from provrisk.study import find_project

NIGHTLY = int(os.environ.get("PROVRISK_KILLS", "0")) >= 100
nightly = pytest.mark.skipif(not NIGHTLY, reason="nightly: PROVRISK_KILLS=100")
MIB = 1 << 20
JOBS = {
    "data add": ADD, "run": ("run",), "retrain": ("retrain",), "backtest": ("backtest", "--protocol", "recent"),
}  # fmt: skip


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with its release, and nothing else."""
    home = harness.make_project(tmp_path_factory.mktemp("bare") / "project")
    assert call(home, *ADD).code == 0
    return home


def mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own in memory, of a size that ``mount -o remount`` changes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    need(os.geteuid() == 0 and mount("-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)), "may not mount a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def resize(disk: Path, size: int) -> None:
    assert mount("-o", f"remount,size={size}", str(disk))


def used(disk: Path) -> int:
    status = os.statvfs(disk)
    return (status.f_blocks - status.f_bfree) * status.f_frsize


@nightly
@pytest.mark.parametrize("job", JOBS)
def test_a_full_disk_is_told_and_the_job_goes_on_when_there_is_room(disk: Path, bare: Path, job: str) -> None:
    home = Path(shutil.copytree(bare, disk / "project"))
    if job == "data add":
        shutil.rmtree(home / "releases")
    if job in ("retrain", "backtest"):
        assert call(home, "run").code == 0
    before = Path(shutil.copytree(home, bare.parent / f"before {job}"))
    start = used(disk)
    assert call(home, *JOBS[job]).code == 0
    undisturbed, end = harness.results(home), used(disk)
    told = set()
    for number in range(6):
        resize(disk, 64 * MIB)
        harness.laid_again(before, home)
        resize(disk, start + int(seeds.generator("full", job, number).uniform(0, end - start)))
        done = call(home, *JOBS[job])
        assert done.code == 0 or done.sentence, f"{done.code} {done.err}"
        told.add(done.code)
        resize(disk, 64 * MIB)
        left = call(home, *JOBS[job])
        assert left.code == 0, left.err
        assert harness.differences(harness.results(home), undisturbed) == [], done.err
    assert 2 in told


@pytest.mark.parametrize("size", [0, 8192])
def test_a_release_that_finds_no_room_is_not_kept_by_half(disk: Path, size: int) -> None:
    home = harness.make_project(disk / "project")
    resize(disk, used(disk) + size)
    done = call(home, *ADD)
    assert done.sentence
    assert "The disk is full" in done.err
    resize(disk, 64 * MIB)
    assert call(home, *ADD).code == 0
    assert not list((home / "releases").glob(".*.part"))


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """``folder`` as one that nobody may write to, root neither."""
    folder.mkdir(parents=True, exist_ok=True)
    need(os.geteuid() == 0 and mount("--bind", str(folder), str(folder)), "may not mount a folder")
    try:
        assert mount("-o", "remount,ro,bind", str(folder))
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@nightly
@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("room", ["", "reports", "mlruns", ".cache", "releases"])
def test_a_folder_that_may_not_be_written_to_is_told(bare: Path, tmp_path: Path, job: str, room: str) -> None:
    home = Path(shutil.copytree(bare, tmp_path / "project"))
    if job == "data add":
        shutil.rmtree(home / "releases")
    if job == "retrain":
        assert call(home, "run").code == 0
    before = Path(shutil.copytree(home, tmp_path / "before"))
    assert call(home, *JOBS[job]).code == 0
    undisturbed = harness.results(home)
    harness.laid_again(before, home)
    with read_only(home / room):
        done = call(home, *JOBS[job])
    assert done.code == 0 or done.sentence, f"{done.code} {done.err}"
    left = call(home, *JOBS[job])
    assert left.code == 0, left.err
    assert harness.differences(harness.results(home), undisturbed) == [], done.err


def test_a_store_that_may_not_be_written_to_is_told(bare: Path) -> None:
    with read_only(bare / "mlruns"):
        done = call(bare, "run")
    assert done.sentence
    assert "cannot be read or written" in done.err


@nightly
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu"])
@pytest.mark.parametrize("language", ["C", "POSIX", "C.UTF-8"])
def test_the_clock_and_the_alphabet_change_nothing(bare: Path, tmp_path: Path, zone: str, language: str) -> None:
    home = Path(shutil.copytree(bare, tmp_path / "project"))
    before = Path(shutil.copytree(home, tmp_path / "before"))
    assert call(home, "run").code == 0
    undisturbed = harness.results(home)
    harness.laid_again(before, home)
    program = "from provrisk.cli import main; main()"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "MLFLOW_TRACKING"))}
    env |= {"TZ": zone, "LC_ALL": language, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", program, "run"], cwd=home, env=env, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert harness.differences(harness.results(home), undisturbed) == []


def test_a_terminal_that_knows_no_such_sign_shows_another(bare: Path) -> None:
    command = [sys.executable, "-m", "provrisk", "features", "list"]
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=bare, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@nightly
@pytest.mark.parametrize("number", range(6))
def test_a_server_that_goes_away_in_the_middle_is_told(bare: Path, tmp_path: Path, number: int) -> None:
    home = Path(shutil.copytree(bare, tmp_path / "project"))
    before = Path(shutil.copytree(home, tmp_path / "before"))
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
    with Server(folders[0]) as server:
        assert call(home, "run", MLFLOW_TRACKING_URI=server.url).code == 0
        undisturbed = harness.results(home, server.store)
    harness.laid_again(before, home)
    request = int(seeds.generator("server", number).integers(4, 120))
    with Server(folders[1]) as server:
        done = call(home, "run", first=lambda: server.gone_after(request), MLFLOW_TRACKING_URI=server.url)
    assert done.sentence, f"request {request}: {done.code} {done.err}"
    assert "does not answer" in done.err
    with server:
        left = call(home, "run", MLFLOW_TRACKING_URI=server.url)
    assert left.code == 0, left.err
    assert harness.differences(harness.results(home, server.store), undisturbed) == [], f"request {request}"


def both(home: Path, one: tuple[str, ...], other: tuple[str, ...]) -> list[Done]:
    """Two commands begun at once."""
    commands = [Command(home, *one), Command(home, *other)]
    said = [command.wait() for command in commands]
    for done in said:
        assert done.code == 0 or done.sentence, f"{done.code} {done.err}"
    return said


@nightly
@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("number", range(3))
def test_two_of_a_kind_at_once_do_what_one_does(bare: Path, tmp_path: Path, job: str, number: int) -> None:
    home = Path(shutil.copytree(bare, tmp_path / "project"))
    if job == "data add":
        shutil.rmtree(home / "releases")
    if number and job == "retrain":
        assert call(home, "run").code == 0
    before = Path(shutil.copytree(home, tmp_path / "before"))
    assert call(home, *JOBS[job]).code == 0
    undisturbed = harness.results(home)
    harness.laid_again(before, home)
    both(home, JOBS[job], JOBS[job])
    assert harness.differences(harness.results(home), undisturbed) == []


@nightly
@pytest.mark.parametrize("other", ["retrain", "backtest"])
def test_two_different_jobs_at_once_leave_one_champion(bare: Path, tmp_path: Path, other: str) -> None:
    home = Path(shutil.copytree(bare, tmp_path / "project"))
    both(home, JOBS["run"], JOBS[other])
    assert call(home, "run", "--again").code == 0
    found = harness.results(home)
    assert [alias for alias, _ in found["aliases"]].count("champion") == 1  # type: ignore[attr-defined]
    assert {status for _, status, _ in found["runs"]} == {"FINISHED"}  # type: ignore[attr-defined]


def test_a_job_that_finds_another_at_work_says_so(bare: Path) -> None:
    project = find_project(bare)
    project.mlruns.mkdir(exist_ok=True)
    with (
        filelock.FileLock(project.mlruns / "utopia.lock"),
        pytest.raises(ProvriskError, match="Another job of utopia"),
        only_one(project.study(), wait=0.1),
    ):
        pass
