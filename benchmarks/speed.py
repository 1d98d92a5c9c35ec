"""What the jobs cost that users wait for, compared with what they cost at the last release.

    make speed                          # every row
    make speed ROWS="light run"         # these
    python benchmarks/speed.py --store  # the figures become those that later runs are compared with

A row is a project of its own and one or more lines, each a job in processes of its own: processor seconds (user and
system, with its children's), seconds by the clock, and the peak memory of the largest process. Other machines are
slower or faster, and this one is when others are at work on it: before and after each job a fixed piece of work is
timed, and a ratio is that of the jobs' seconds in its units. Nothing is judged here; ``reach`` is what was asked for.
"""

import argparse
import csv
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "benchmarks" / "speed.json"
DATA = Path(os.environ.get("PROVRISK_DATA") or "/nonexistent")
GED = DATA / "ucdp_ged_v19_1_iraq.csv"
QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""One thread a process, so that workers do not wait for each other."""
KEEP = frozenset({"PATH", "HOME", "LANG", "PYTHONPATH", "VIRTUAL_ENV", "PROVRISK_DATA", "PROVRISK_GED", "TMPDIR"})
PYTHON = sys.executable
PROVRISK = (PYTHON, "-m", "provrisk")

Command = tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One job: commands, run one after the other in the row's project, and what is made before the clock starts.

    ``seconds`` is asked of the processor's, or of the ``clock``; ``gib`` of the memory. ``times``: a short job is run
    so often, and its best counts. ``outside``: it is run in the repository instead.
    """

    title: str
    commands: tuple[Command, ...]
    seconds: float
    gib: float | None = None
    make: Callable[[Path], None] | None = None
    times: int = 1
    clock: bool = False
    outside: bool = False


@dataclass(frozen=True)
class Cost:
    """Processor seconds, seconds by the clock, peak memory in MiB, and seconds of the reference around it."""

    seconds: float
    clock: float
    mib: float
    reference: float = 0.0

    def plus(self, other: "Cost") -> "Cost":
        """What both cost, one after the other."""
        return Cost(self.seconds + other.seconds, self.clock + other.clock, max(self.mib, other.mib))


def without_last_month(home: Path) -> None:
    """The bundled record as it stood a month ago; ``with_last_month`` gives the rest."""
    path = home / "features" / "iraq" / "monthly.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    last = lines[-1].partition(",")[0]
    path.write_text("\n".join(line for line in lines if not line.startswith(last)) + "\n", encoding="utf-8")


def with_last_month(home: Path) -> None:
    """The bundled record as it is."""
    shutil.copy(ROOT / "features" / "iraq" / "monthly.csv", home / "features" / "iraq" / "monthly.csv")


def champion(home: Path) -> None:
    """A first run, which stores a champion."""
    subprocess.run([*PROVRISK, "-q", "run"], cwd=home, check=True)


def ged_file(home: Path, rows: int = 420_000) -> None:
    """``ged191.csv``: the rows of the real file for Iraq, repeated with new identifiers."""
    with GED.open(encoding="utf-8", newline="") as source:
        header, *real = csv.reader(source)
    real = [row for row in real if not row[0].startswith("#")]
    at = header.index("id")
    with (home / "ged191.csv").open("w", encoding="utf-8", newline="") as target:
        out = csv.writer(target)
        out.writerow(header)
        for number in range(rows):
            turn, which = divmod(number, len(real))
            row = list(real[which])
            row[at] = f"{turn}{row[at]}"
            out.writerow(row)


def large_file(home: Path, rows: int = 10_000_000) -> None:
    """``ged191.csv``: made-up rows of the 18 columns of GED that are needed, a twentieth at a time."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from pyarrow import csv as arrow

    from provrisk.events.sources.ucdp import NEEDED
    from provrisk.study import find_project

    rng = np.random.default_rng(1)
    where = find_project(ROOT).study("iraq").provinces
    names = (where.index + " province").to_numpy(str)
    part, writer = rows // 20, None
    for turn in range(20):
        at = rng.integers(len(where), size=part)
        day = (np.datetime64("2004-01-01") + rng.integers(5478, size=part)).astype(str)
        text = dict.fromkeys(NEEDED, np.full(part, "1")) | {
            "id": np.arange(turn * part, (turn + 1) * part), "year": day.astype("U4"), "date_start": day,
            "date_end": day, "adm_1": names[at], "latitude": where.latitude.to_numpy()[at],
            "longitude": where.longitude.to_numpy()[at], "side_a": np.full(part, "Government of Iraq"),
            "side_b": np.full(part, "IS"), "side_b_new_id": rng.choice(np.array(["234", "999"]), part),
            "best": rng.geometric(0.3, part),
        }  # fmt: skip
        table = pa.Table.from_pandas(pd.DataFrame(text, columns=list(NEEDED)), preserve_index=False)
        writer = writer or arrow.CSVWriter(home / "ged191.csv", table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _provrisk(*words: str) -> tuple[Command, ...]:
    return ((*PROVRISK, *words),)


ADDED = _provrisk("data", "add", "ged191.csv", "--available", "2020-01-15")
COUNTED = _provrisk("data", "counts", "--out", "counts.csv", "--accept", "benchmark")
RUN, RETRAIN = _provrisk("run", "--workers", "2"), _provrisk("retrain", "--workers", "2")
ROWS: dict[str, tuple[Line, ...]] = {
    "light": (
        Line("`provrisk --help`", _provrisk("--help"), 0.25, times=5),
        Line("`provrisk status`", _provrisk("status"), 0.5, times=5),
        Line("`provrisk data check`", _provrisk("data", "check"), 1.5, times=3),
    ),
    "champion": (
        Line(
            "champion on `iraq-2010`, one process, with scores and MLflow",
            _provrisk("backtest", "--protocol", "iraq-2010", "--models", "ensemble"),
            10,
        ),
    ),
    "recipes": (
        Line(
            "all recipes of `models/` on `iraq-2010`, with scores and MLflow",
            _provrisk("backtest", "--protocol", "iraq-2010", "--workers", "2"),
            120,
            clock=True,
        ),
    ),
    "retrain": (
        Line("`retrain`, nothing stored", RETRAIN, 180, make=without_last_month, clock=True),
        Line("`retrain`, one month later", RETRAIN, 40, make=with_last_month, clock=True),
    ),
    "run": (
        Line("`make run` after set-up, nothing stored", RUN, 25, make=without_last_month, clock=True),
        Line("monthly `run` from a stored champion, bulletin and PDF", _provrisk("run"), 10, make=with_last_month),
    ),
    "evidence": (
        Line("first `evidence test all`", _provrisk("evidence", "test", "all"), 60),
        Line("`evidence test all` again", _provrisk("evidence", "test", "all"), 5),
    ),
    "scenario": (
        Line(
            "first `scenario`, champion stored",
            _provrisk("scenario", "--driver", "prison_break", "--provinces", "Nineveh", "--month", "2019-02"),
            60,
            make=champion,
        ),
    ),
    "large": (
        Line(
            "champion, 3,600 units x 420 months, fit and 12 horizons",
            ((PYTHON, str(ROOT / "benchmarks" / "skill_speed.py")),),
            30,
            2.5,
        ),
    ),
    "ged": (
        Line(
            "a file of 420,000 GED rows: read, place, count",
            _provrisk("data", "counts", "ged191.csv", "--out", "counts.csv", "--accept", "benchmark"),
            6,
            make=ged_file,
        ),
        Line("the same into the store", ADDED, 6),
        Line("the same counted from the store", COUNTED, 6),
    ),
    "million": (
        Line(
            "ten million rows of 18 columns into the store and counted", ADDED + COUNTED, 50, 5.0, make=large_file
        ),
    ),
    "setup": (
        Line(
            "set-up of the environment",
            (
                (PYTHON, "-m", "venv", "{home}/venv"),
                ("{home}/venv/bin/pip", "install", "--quiet", "--constraint", "constraints.txt", "."),
            ),
            60,
            outside=True,
        ),
    ),
    "tests": (
        Line("`make test`", ((PYTHON, "-m", "pytest", "--numprocesses", "2"),), 360, clock=True, outside=True),
        Line("`make test-fast`", (("make", "test-fast"),), 30, clock=True, outside=True),
    ),
}  # fmt: skip
NEEDS = {"ged": GED}
"""Files without which a row is skipped."""


def measured(name: str) -> Iterator[tuple[Line, Cost]]:
    """The lines of a row, in order, in one project."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for room in ("features", "models"):
            shutil.copytree(ROOT / room, home / room)
        for number, line in enumerate(ROWS[name]):
            if line.make is not None:
                _job((PYTHON, __file__, "--make", name, str(number)), home)
            before = reference()
            cost = min((_line(line, home) for _ in range(line.times)), key=lambda one: one.seconds)
            yield line, Cost(cost.seconds, cost.clock, cost.mib, (before + reference()) / 2)


def _line(line: Line, home: Path) -> Cost:
    costs = [
        _job(tuple(word.format(home=home) for word in command), ROOT if line.outside else home)
        for command in line.commands
    ]
    return reduce(Cost.plus, costs)


def reference() -> float:
    """Processor seconds of a fixed piece of work: what Python, sorting and arithmetic cost here and now."""
    return _job((PYTHON, "-I", "-c", REFERENCE), ROOT).seconds


REFERENCE = """
import numpy as np
counts = {}
for number in range(1_000_000):
    key = str(number % 1000)
    counts[key] = counts.get(key, 0) + number
values = np.random.default_rng(1).gamma(0.5, size=4_000_000)
values.sort()
np.log1p(values).cumsum()
"""


def _job(command: Command, folder: Path) -> Cost:
    """Run ``command`` in ``folder``; what it and its children cost. Ends the program if it fails."""
    environment = {name: value for name, value in os.environ.items() if name in KEEP} | QUIET
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        clock = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            tail = said.read().decode(errors="replace")[-2000:]
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
    return Cost(used.ru_utime + used.ru_stime, clock, used.ru_maxrss / 1024)


def told(line: Line, cost: Cost, stored: Cost | None) -> str:
    """A row of the table."""
    last = f"{stored.seconds:.1f} s, {stored.mib:,.0f} MiB" if stored else "none"
    ratio = "-"
    if stored:
        time_ratio = cost.seconds / cost.reference / (stored.seconds / stored.reference)
        ratio = f"{time_ratio:.2f}, {cost.mib / stored.mib:.2f}"
    reach = f"{line.seconds:g} s" + " by the clock" * line.clock + (f", {line.gib:g} GiB" if line.gib else "")
    now = f"{cost.seconds:.2f} s | {cost.clock:.1f} s | {cost.mib:,.0f} MiB"
    return f"| {line.title} | {now} | {last} | {ratio} | {reach} |"


HEAD = (
    "| job | processor | clock | peak memory | at the last release | ratio to it: time, memory | reach |\n"
    "|---|---|---|---|---|---|---|"
)


def run(names: list[str], store: bool) -> None:
    """Measure the rows, print the table as it grows, and store the figures if that is asked for."""
    held = json.loads(STORED.read_text(encoding="utf-8")) if STORED.is_file() else {"lines": {}}
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}", end="; ")
    print(f"compared with {held.get('release', 'nothing')}\n\n{HEAD}", flush=True)
    for name in names:
        if name in NEEDS and not NEEDS[name].is_file():
            print(f"| {name}: skipped, it needs {NEEDS[name].name} in the folder PROVRISK_DATA | | | | | | |")
            continue
        for line, cost in measured(name):
            stored = held["lines"].get(line.title)
            print(told(line, cost, Cost(**stored) if stored else None), flush=True)
            if store:
                rounded = {key: round(value, 3) for key, value in asdict(cost).items()}
                held["lines"][line.title] = rounded
                STORED.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    if sys.argv[1:2] == ["--make"]:  # a process of its own, in the project
        make = ROWS[sys.argv[2]][int(sys.argv[3])].make
        assert make is not None
        make(Path.cwd())
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", help=f"Which, of {', '.join(ROWS)}; by default all.")
    parser.add_argument("--store", action="store_true", help="Keep the figures in benchmarks/speed.json.")
    asked = parser.parse_args()
    unknown = [name for name in asked.rows if name not in ROWS]
    if unknown:
        parser.error(f"no row {', '.join(unknown)}: there are {', '.join(ROWS)}")
    run(asked.rows or list(ROWS), asked.store)


if __name__ == "__main__":
    main()
