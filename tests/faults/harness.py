"""A small project, its commands in processes that can be killed anywhere, and what they left behind.

A command runs in a fork of this process, with everything imported: seconds of imports would take most of
the kills, and the moments that matter are those at which something is written.
"""

import contextlib
import os
import pickle
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers import ROOT
from provrisk import cli, files
from provrisk.jobs import monthly_run, retrain  # noqa: F401  (so that a fork has them)
from provrisk.jobs.studies.example import write_example
from provrisk.jobs.studies.new import new_study
from provrisk.reports.document import Page
from provrisk.reports.render import pdf
from provrisk.study import find_project

MODELS = ("conflictology", "ewma_nb", "last_month")
PROTOCOLS = "".join(
    f'[{name}]\norigins = 14\nhorizons = {horizons}\ndraws = 1000\nrefit_every = 6\n'
    for name, horizons in (("recent", 2), ("quick", 3))
)  # fmt: skip
ADD = ("data", "add", "utopia-ged201.csv", "--available", "2020-06-01")
WRITING = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
"""Audit events by which a process changes the disk, besides opening a file to write."""


def make_project(folder: Path) -> Path:
    """The made-up country of docs/new-country.md with three quick models, short protocols and its event file."""
    shutil.copytree(ROOT / "features", folder / "features")
    (folder / "models").mkdir()
    for name in MODELS:
        shutil.copy(ROOT / "models" / f"{name}.toml", folder / "models")
    rules = (ROOT / "models" / "promotion.toml").read_text()
    rules = re.sub(r"challenger = .*", 'challenger = "ewma_nb"', rules)
    rules = rules.replace("p_better = 0.02", "p_better = 0.49")
    rules = rules.replace("[0.72, 0.88]", "[0.0, 1.0]").replace("[0.8, 1.25]", "[0.1, 9.0]")
    (folder / "models" / "promotion.toml").write_text(rules)
    events = folder / "utopia-ged201.csv"
    write_example(events)
    new_study(find_project(folder), "utopia", events, "Utopia", "Red Front")
    shutil.rmtree(folder / "features" / "iraq")
    study = folder / "features" / "utopia"
    (study / "protocols.toml").write_text(PROTOCOLS)
    text = (study / "study.toml").read_text(encoding="utf-8")
    # The first champion is not the challenger, so that a retraining has something to decide.
    text = re.sub(r"(candidates|benchmarks) = .*", r'\1 = ["last_month"]', text)
    (study / "study.toml").write_text(text, encoding="utf-8")
    return folder


PRINTER = """
import pickle, sys
from provrisk.reports.render import pdf
sys.stdout.buffer.write(pdf.render(pickle.load(sys.stdin.buffer)))
"""


def _set_elsewhere(page: Page) -> bytes:
    """The PDF, set in a process of its own: Typst's threads do not outlive a fork of a process that has used it."""
    command = [sys.executable, "-c", PRINTER]
    return subprocess.run(command, input=pickle.dumps(page), capture_output=True, check=True).stdout


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code (minus the signal that killed it), what it said, seconds."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def sentence(self) -> bool:
        """It said in one line what to do, and is no fault of the program."""
        return self.code in (2, 75) and self.err.splitlines()[-1].startswith("provrisk: ") and "fault" not in self.err


class Command:
    """``provrisk ARGUMENTS`` at work in ``home``, in a process group of its own.

    ``first`` is called in that process before the command.
    """

    def __init__(self, home: Path, *arguments: str, first: Callable[[], None] | None = None, **env: str) -> None:
        self.log = Path(tempfile.mkdtemp(prefix="provrisk-faults-"))
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            self._work(home, arguments, first, env)

    def _work(self, home: Path, arguments: tuple[str, ...], first: Callable[[], None] | None, env: dict) -> None:
        code: object = 70
        try:
            os.setsid()
            for number, name in ((1, "out"), (2, "err")):
                os.dup2(os.open(self.log / name, os.O_WRONLY | os.O_CREAT), number)
            sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
            for name in [name for name in os.environ if name.startswith("MLFLOW_TRACKING")]:
                del os.environ[name]
            os.environ |= env
            time.tzset()
            os.chdir(home)
            sys.argv = ["provrisk", *arguments]
            pdf.render = _set_elsewhere
            if first:
                first()
            try:
                cli.main()
                code = 0
            except SystemExit as ended:
                code = ended.code or 0
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code if isinstance(code, int) else 1)

    def kill(self) -> None:
        """End it and all that it started, at once; it may have ended by itself."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def wait(self) -> Done:
        _, status = os.waitpid(self.pid, 0)
        seconds = time.monotonic() - self.started
        out, err = ((self.log / name).read_text(encoding="utf-8", errors="replace") for name in ("out", "err"))
        shutil.rmtree(self.log)
        return Done(os.waitstatus_to_exitcode(status), out, err, seconds)


def call(home: Path, *arguments: str, first: Callable[[], None] | None = None, **env: str) -> Done:
    """Run a command to its end."""
    return Command(home, *arguments, first=first, **env).wait()


def changes(event: str, details: tuple) -> bool:
    """Whether an audit event is about to change the disk."""
    if event == "open":
        mode, flags = details[1], details[2]
        return bool(mode and set(mode) & set("wax+")) or bool(flags and flags & (os.O_WRONLY | os.O_RDWR))
    return event in WRITING


def die_at(number: int) -> Callable[[], None]:
    """Have a process kill its group just before its change ``number`` (from 1) of the disk."""
    seen = [0]

    def hook(event: str, details: tuple) -> None:
        if changes(event, details):
            seen[0] += 1
            if seen[0] == number:
                os.killpg(0, signal.SIGKILL)

    return lambda: sys.addaudithook(hook)


def laid_again(before: Path, home: Path) -> Path:
    """The project as it was kept in ``before``, at ``home`` again: the paths in MLflow's store are absolute."""
    shutil.rmtree(home, ignore_errors=True)
    return Path(shutil.copytree(before, home))


def call_counted(home: Path, *arguments: str) -> tuple[Done, int]:
    """Run a command to its end; also returns how often it changed the disk."""
    with tempfile.TemporaryFile() as seen:
        file = seen.fileno()
        done = call(
            home, *arguments, first=lambda: sys.addaudithook(lambda e, d: changes(e, d) and os.write(file, b"."))
        )
        return done, os.fstat(file).st_size


def results(home: Path, store: Path | None = None) -> dict[str, object]:
    """What the program stands for afterwards: every report and release, the champion, the jobs that did not fail.

    ``store`` is the database of MLflow, by default the project's own. Seconds that a fit took are left out, and what
    a killed process was writing, which no reader looks at.
    """
    found: dict[str, object] = {}
    for room in ("reports", "releases"):
        for path in sorted((home / room).rglob("*")):
            if path.is_file() and path.name != ".lock" and not path.name.endswith(files.PART):
                content = path.read_bytes()
                if path.parent.name == "retraining":
                    content = re.sub(rb"\d+\.\d s to fit", b"s to fit", content)
                    content = re.sub(rb'"quick",\s*"passed": true,\s*"figure": [\d.e-]+', b"", content)
                    content = re.sub(rb'"seal": "\w+"', b"", content)
                if path.parent.name == "releases" and path.suffix == ".json":  # when it was added is no result
                    content = re.sub(rb'"(added|seal)": "[^"]+"', b"", content)
                found[str(path.relative_to(home))] = content
    store = store or home / "mlruns" / "mlflow.db"
    if store.is_file():
        with contextlib.closing(sqlite3.connect(store)) as db:
            found["aliases"] = sorted(db.execute("select alias, version from registered_model_aliases"))
            keys = "'model', 'recipe', 'sha256', 'data_digest'"
            found["versions"] = sorted(
                db.execute(f"select version, key, value from model_version_tags where key in ({keys})")  # noqa: S608 - names of our own
            )
            found["runs"] = sorted(
                db.execute(
                    "select run.name, run.status, count(*) from runs run "
                    "left join tags tag on tag.run_uuid = run.run_uuid and tag.key = 'mlflow.parentRunId' "
                    "left join runs parent on parent.run_uuid = tag.value "
                    "where coalesce(parent.status, run.status) not in ('KILLED', 'FAILED') "
                    "and run.lifecycle_stage = 'active' group by run.name, run.status"
                )
            )
    return found


def differences(now: dict[str, object], then: dict[str, object]) -> list[str]:
    """Where two results differ, in words."""
    return [
        f"{name}: {'not there' if name not in now else 'not requested' if name not in then else 'differs'}"
        + (f" ({now[name]} for {then[name]})" if isinstance(now.get(name), list) and name in then else "")
        for name in sorted(now.keys() | then.keys())
        if now.get(name) != then.get(name)
    ]


class Server:
    """A real MLflow server on loopback, on a store that outlives it: a SQLite file in ``folder``, or at ``uri``."""

    def __init__(self, folder: Path, uri: str | None = None) -> None:
        self.store = folder / "s.db"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        store = ["--backend-store-uri", uri or f"sqlite:///{self.store}", "--artifacts-destination", str(folder / "a")]
        self.command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--port", str(self.port), *store]

    def __enter__(self) -> "Server":
        env = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(self.command, env=env, start_new_session=True, **quiet)
        for _ in range(480):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/health", timeout=1)  # noqa: S310 - loopback
                return self
            time.sleep(0.25)
        raise RuntimeError("the MLflow server did not start")

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def gone_after(self, number: int) -> None:
        """Take the server away before request ``number`` of this process."""
        seen = [0]

        def hook(event: str, details: tuple) -> None:
            if event != "http.client.send":
                return
            seen[0] += 1
            if seen[0] == number:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)

        sys.addaudithook(hook)
