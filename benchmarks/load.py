"""What the program carries, and how its cost grows: provinces, event rows, MLflow runs, past bulletins, releases.

    python benchmarks/load.py                  # every step at three sizes, a table at the end (an hour)
    python benchmarks/load.py runs             # one step at its sizes
    python benchmarks/load.py models 100 300   # or at others

Each size has a process of its own, but for stores that grow. Of each part of a step: processor seconds (user and
system, of this process and its children) and the peak of its resident memory; at the end the exponents of their growth
with size, fitted on a log scale. What is needed to begin with is made before the clock starts.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

import features
from provrisk import files, months, seeds
from provrisk.events.counting import counts as tables
from provrisk.events.counting.load import from_releases, load_counts
from provrisk.events.formats.raw_file import open_file
from provrisk.events.releases.release_store import Store
from provrisk.events.sources.ucdp import NEEDED
from provrisk.features.panel import build_panel, panel_upto
from provrisk.study import Project, Study, find_project

ROOT = Path(__file__).resolve().parents[1]
SIZES = {
    "provinces": (400, 1200, 3600),
    "models": (100, 300, 900),
    "events": (250_000, 1_000_000, 4_000_000),
    "runs": (500, 1000, 2000),
    "bulletins": (50, 100, 200),
    "releases": (50, 100, 200),
}
MODELS = (
    "zero", "last_month", "seasonal_naive", "ewma_nb", "conflictology", "smoothed_conflictology",
    "conflictology_mixture", "croston_sba", "tsb", "fast_slow", "self_exciting", "hurdle",
)  # fmt: skip
MONTHS = 420
PROTOCOL = "[load]\norigins = 2\nhorizons = 6\ndraws = 1000\nrefit_every = 12\n"


class Clock:
    """Costs by part: {part: [processor seconds, peak MiB]}."""

    def __init__(self) -> None:
        self.parts: dict[str, list[float]] = {}

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (Linux)
        before = _processor()
        yield
        self.parts[part] = [round(_processor() - before, 3), _peak()]
        print(part, *self.parts[part], file=sys.stderr, flush=True)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak() -> int:
    """The most resident memory since it was last reset, MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


def provinces(number: int, home: Path, clock: Clock) -> None:
    """A grid of provinces over 420 months: the counts, and the panel of every feature."""
    study = _grid(number, home)
    counts = features.simulated(study, MONTHS)
    with clock("counts written and read"):
        tables.write_csv(counts, study.bundled_counts)
        counts = load_counts(study).counts
    with clock("panel of every feature"):
        panel = build_panel(study, counts)
    with clock("the same cut at one origin"):
        panel_upto(panel, panel.indexes["month"][MONTHS // 2])


def models(number: int, home: Path, clock: Clock) -> None:
    """Twelve models at once through a backtest of two origins, 420 months, six horizons, 1,000 draws."""
    from provrisk.events.counting.load import LoadedCounts
    from provrisk.jobs.backtest import run_backtest, write
    from provrisk.jobs.snapshot import snapshot_of

    counts = features.simulated(_grid(number, home), MONTHS)
    study = find_project(home).study()  # the features that a study has by default
    snapshot = snapshot_of(study, LoadedCounts(counts, "simulated", pd.Series(dtype="int64")))
    with clock("twelve models through a backtest of two origins"):
        tested = run_backtest(snapshot, "load")
    with clock("its scores and forecasts written"):
        write(tested)
    with clock("the backtest once more, from stored blocks"):
        run_backtest(snapshot, "load")


def _grid(number: int, home: Path) -> Study:
    """A project of twelve models and a study of provinces in a grid, with every feature."""
    folder = home / "features" / "grid"
    folder.mkdir(parents=True)
    (home / "models").mkdir()
    for name in MODELS:
        (home / "models" / f"{name}.toml").write_bytes((ROOT / "models" / f"{name}.toml").read_bytes())
    study = features.grid_study(folder, number)
    (folder / "protocols.toml").write_text(PROTOCOL)
    return study


def events(number: int, home: Path, clock: Clock) -> None:
    """A UCDP file of so many rows: read and stored, then read back, placed and counted."""
    study = _iraq(home).study()
    rng = seeds.generator("load events")
    where = study.provinces
    row = rng.integers(len(where), size=number)
    day = (pd.Timestamp(2004, 1, 1) + pd.to_timedelta(rng.integers(5478, size=number), unit="D")).strftime("%Y-%m-%d")
    text = dict.fromkeys(NEEDED, "1") | {
        "id": np.arange(number).astype(str), "year": day.str[:4], "date_start": day, "date_end": day,
        "adm_1": where.index.to_numpy()[row] + " province", "latitude": where.latitude.to_numpy()[row],
        "longitude": where.longitude.to_numpy()[row], "side_a": "Government of Iraq", "side_b": "IS",
        "side_b_new_id": rng.choice(["234", "999"], number), "best": rng.geometric(0.3, number).astype(str),
    }  # fmt: skip
    path = home / "ged191.csv"
    pd.DataFrame(text, columns=list(NEEDED)).to_csv(path, index=False)
    del text, day, row
    store = Store(find_project(home).releases)
    with clock("file read and stored"):
        release, _ = store.add(open_file(path), pd.Timestamp(2019, 6, 15), "benchmark")
    with clock("read back, placed and counted"):
        loaded = from_releases(study, store, [release])
    assert loaded.counts.attacks.sum() + loaded.set_aside.sum() == number


def runs(sizes: Sequence[int], home: Path) -> Iterator[Clock]:
    """An MLflow store that grows, five runs a job: what every command asks it, and keeping it small."""
    from mlflow.entities import Metric, Param, RunTag

    from provrisk.jobs.backtest import run_backtest, write
    from provrisk.jobs.backtest_runs import log
    from provrisk.jobs.rollback import clean
    from provrisk.jobs.snapshot import load_snapshot
    from provrisk.jobs.status import status_of
    from provrisk.tracking.registry import Registry
    from provrisk.tracking.runs import Tracker

    study = _iraq(home).study()
    snapshot = load_snapshot(study)
    tracker = Tracker(study)
    tags = tracker.tags(snapshot.panel)
    tested = run_backtest(snapshot, "quick", ["ewma_nb"])
    folder = write(tested)
    metrics = [Metric(f"score_{i}", i / 7, 0, horizon) for i in range(24) for horizon in range(7)]
    params = [Param(f"p{i}", str(i)) for i in range(6)]
    jobs = 0
    for size in sizes:
        while jobs < size // 5:
            parent = None
            for name in ("month", "ewma_nb", "conflictology", "ingarch", "ensemble"):
                own = {"mlflow.parentRunId": parent} if parent else {"job": "month", "job_key": str(jobs)}
                run = tracker.client.create_run(tracker.experiment, run_name=name, tags=tags | own).info.run_id
                parent = parent or run
                tracker.client.log_batch(run, metrics=metrics, params=params, tags=[RunTag("warnings", "0")])
                tracker.client.set_terminated(run)
            jobs += 1
        clock = Clock()
        with clock("store opened"):
            Tracker(study)
        with clock("is there a champion"):
            Registry(tracker).champion()
        with clock("status"):
            status_of(home, home, study.name)
        with clock("a job logged"):
            log(tested, tracker, "month", folder, f"new {size}")
        with clock("clean of the oldest twelve jobs"):
            clean(study, jobs - 11)
        jobs -= 11
        yield clock


def bulletins(sizes: Sequence[int], home: Path) -> Iterator[Clock]:
    """Final issues that become more: the list of issues, the newest final one, status, another made final."""
    from provrisk.jobs.issue import previous_forecast, stop_if_nothing_new
    from provrisk.jobs.monthly_run import run_month
    from provrisk.jobs.past_issue import finalise
    from provrisk.jobs.snapshot import load_snapshot
    from provrisk.jobs.status import status_of
    from provrisk.reports.bulletin import stored_issues
    from provrisk.reports.pages import front_page
    from provrisk.reports.render import pdf
    from provrisk.risk.issue_date import Issue

    pdf.render = lambda page, title: None  # seconds that do not depend on the size
    project = _iraq(home)
    study = project.study()
    result = run_month(study)
    panel = load_snapshot(study).panel
    newest = stored_issues.read(result.issue.folder)
    month = months.parse(newest.document.month)
    issue = Issue(month, months.shift(month, -1), 1, historical=True)
    back = 1
    for size in sizes:
        while back < size:
            label = months.label(months.shift(month, -back))
            folder = Path(shutil.copytree(newest.folder, newest.folder.with_name(label)))
            old = newest.document.model_copy(update={"month": label, "origin": "2018-01", "digest": "old"})
            stored = newest.stored.model_copy(update={"document": old.finalised("2019-01-01", "checked")})
            files.write(folder / stored_issues.RECORD, files.sealed(stored.model_dump(mode="json", exclude={"seal"})))
            back += 1
        shutil.rmtree(project.blocks.parent / "issues")
        clock = Clock()
        with clock("list of issues, from nothing"):
            front_page.write(study, panel)
        with clock("list of issues, as every month"):
            front_page.write(study, panel)
        with clock("newest final issue, for a draft"):
            stop_if_nothing_new(study, panel)
            assert previous_forecast(study, issue, None) is not None
        with clock("status"):
            status_of(home, home, study.name)
        if size == sizes[-1]:
            with clock("finalize (at the largest size only)"):
                finalise(study, "checked")
        yield clock


def releases(number: int, home: Path, clock: Clock) -> None:
    """So many monthly releases of 100 rows: adding one more, the list, the counts."""
    project = _iraq(home)
    store = Store(project.releases)
    rows = pd.DataFrame([dict.fromkeys(NEEDED, "1") | {"side_b_new_id": "234", "adm_1": "Nineveh"}] * 100)

    def add(month: int) -> None:
        when = months.shift(months.parse("2004-01"), month)
        day = f"{when:%Y-%m}-05"
        path = home / f"GEDEvent_v{when:%y}_0_{when.month}.csv"
        own = {"id": [f"{month}-{i}" for i in range(100)], "year": f"{when:%Y}", "date_start": day, "date_end": day}
        rows.assign(latitude="36.3", longitude="43.1", **own).to_csv(path, index=False)
        store.add(open_file(path), months.shift(when, 2), "benchmark")

    for month in range(number - 1):
        add(month)
    with clock("one more added"):
        add(number - 1)
    with clock("listed"):
        assert len(store.releases()) == number
    with clock("counted"):
        load_counts(project.study())


def _iraq(home: Path) -> Project:
    """The shipped study with three quick candidates, in a project of its own."""
    for room in ("features", "models"):
        shutil.copytree(ROOT / room, home / room)
    path = home / "features" / "iraq" / "study.toml"
    text = path.read_text(encoding="utf-8")
    given = ", ".join(f'"{name}"' for name in tomllib.loads(text)["backtest"]["candidates"])
    path.write_text(text.replace(given, '"ewma_nb"'), encoding="utf-8")
    return find_project(home)


STEPS: dict[str, Callable[[int, Path, Clock], None]] = {
    "provinces": provinces, "models": models, "events": events, "releases": releases,
}  # fmt: skip
GROWING: dict[str, Callable[[Sequence[int], Path], Iterator[Clock]]] = {"runs": runs, "bulletins": bulletins}
"""Steps whose stores grow from size to size, since it takes long to fill them."""


def alone(step: str, sizes: list[int]) -> list[dict[str, list[float]]]:
    """A step at its sizes, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        if step in GROWING:
            return [clock.parts for clock in GROWING[step](sizes, Path(folder))]
        clock = Clock()
        STEPS[step](sizes[0], Path(folder), clock)
        return [clock.parts]


def exponent(sizes: list[int], costs: list[float]) -> float:
    """The power of size with which a cost grows: least squares on a log scale."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(costs, 1e-3)), 1)[0])


def grown(step: str, sizes: list[int]) -> list[str]:
    """A Markdown table: the parts of a step at its sizes, with the exponents of their growth."""
    together = [sizes] if step in GROWING else [[size] for size in sizes]
    found = []
    for some in together:
        command = [sys.executable, __file__, "--here", step, *map(str, some)]
        found += json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    unit = "provinces" if step == "models" else step
    rows = [f"| part | {' | '.join(f'{size:,} {unit}' for size in sizes)} | exponent |", "|---|---|---|---|---|"]
    for part in found[-1]:
        costs = [one.get(part) for one in found]
        cells = " | ".join(f"{cost[0]:.2f} s, {cost[1]:,.0f} MiB" if cost else "" for cost in costs)
        power = f"{exponent(sizes, [cost[0] for cost in costs]):.2f}" if all(costs) else ""  # type: ignore[index]
        rows.append(f"| {step}: {part} | {cells} | {power} |")
    return rows


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--here"]:
        print(json.dumps(alone(arguments[1], [int(text) for text in arguments[2:]])))
        return
    for step in arguments[:1] or [*STEPS, *GROWING]:
        sizes = [int(text) for text in arguments[1:]] or list(SIZES[step])
        print("\n".join(["", *grown(step, sizes)]), flush=True)


if __name__ == "__main__":
    main()
