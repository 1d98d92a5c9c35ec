"""The status of a study: champion, data, jobs, due commands, newest bulletin. Read from the journal and the folders.

No heavy package is imported, so that it may be called every minute. The champion is the one set by the project's own
jobs; after a change in MLflow's pages run ``provrisk retrain``, which reads the registry.
"""

import contextlib
import datetime
import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from provrisk import journal, notebook
from provrisk.journal import Entry
from provrisk.text import plain

SHOWN = 5
"""Number of past jobs shown."""


@dataclass(frozen=True)
class Status:
    """The status of a study.

    ``champion``: model, version, fitted_to (the last month it learnt from). ``data``: source, origin, digest as the
    last job read them, and ``changed``: whether a file of the study, its models or releases has changed since.
    ``running`` and ``past``: jobs, newest first. ``due``: commands, each with the reason. ``bulletin``: the newest
    issue's month, state and path.
    """

    study: str
    title: str
    champion: dict[str, Any] | None
    data: dict[str, Any] | None
    running: list[Entry]
    past: list[Entry]
    due: list[dict[str, str]]
    bulletin: dict[str, str] | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "title": self.title,
            "champion": self.champion,
            "data": self.data,
            "jobs": {"running": [_record(one) for one in self.running], "past": [_record(one) for one in self.past]},
            "due": self.due,
            "bulletin": self.bulletin,
        }

    def lines(self) -> dict[str, str]:
        """As text: entries by name."""
        champion, data, bulletin = self.champion, self.data, self.bulletin
        lines = {"study": f"{self.study} ({self.title})" if self.title else self.study}
        if data:
            changed = "; files have changed since" if data["changed"] else ""
            lines["data"] = f"{data['source']}, up to {data['origin']}, digest {data['digest']}{changed}"
        else:
            lines["data"] = "no job has read them yet"
        lines["champion"] = (
            f"{champion['model']}, version {champion['version']}, fitted up to {champion['fitted_to']}"
            + (f" ({champion['note']})" if champion.get("note") else "")
            if champion
            else "none yet"
        )
        for number, one in enumerate(self.running, start=1):
            lines["running" if number == 1 else f"running {number}"] = (
                f"{one.kind} since {one.started} (process {one.pid} on {one.host})"
                + (f", {one.step}" if one.step else "")
            )
        for number, one in enumerate(self.past, start=1):
            reason = one.said.get("error") or one.said.get("reason")
            lines[f"job -{number}"] = f"{one.kind}, {one.started}, {one.status}, {one.seconds:.0f} s" + (
                f": {reason}" if reason else ""
            )
        lines["bulletin"] = f"{bulletin['month']}, {bulletin['state']}: {bulletin['path']}" if bulletin else "none yet"
        lines["due"] = "; ".join(f"{one['command']} ({one['why']})" for one in self.due) or "nothing"
        return lines

    def _repr_html_(self) -> str:
        return notebook.facts(f"Status of {self.study}", self.lines())


def status_of(root: Path, home: Path, study: str, today: datetime.date | None = None) -> Status:
    """The status of ``study`` of the project in ``root``, with results in ``home``."""
    found = journal.entries(home / "mlruns", study)
    now = journal.inputs(root, home, study)
    done = [one for one in found if one.status in journal.DONE]
    champion = next((one.said["champion"] for one in done if one.said.get("champion")), None)
    read = next((one for one in done if one.said.get("data") and one.said.get("as_usual")), None)
    data = {**read.said["data"], "changed": read.said.get("inputs") != now} if read else None
    bulletin = _newest_bulletin(home / "reports" / study)
    return Status(
        study=study,
        title=_title(root / "features" / study / "study.toml"),
        champion=champion,
        data=data,
        running=[one for one in found if one.status == journal.RUNNING],
        past=[one for one in found if one.status != journal.RUNNING][:SHOWN],
        due=[
            {**one, "why": one["why"] + _hindrance(root, study)} if one["command"] == "provrisk retrain" else one
            for one in _due(done, now, champion, today or datetime.date.today())
        ],
        bulletin=bulletin,
    )


def _due(done: list[Entry], now: str, champion: dict[str, Any] | None, today: datetime.date) -> list[dict[str, str]]:
    """The due commands, with reasons."""
    usual = [one for one in done if one.said.get("as_usual")]
    due = []
    fitted = next((one for one in usual if one.kind == "retrain" or one.said.get("promoted")), None)
    if champion is None:
        due.append({"command": "provrisk retrain", "why": "there is no champion"})
    elif fitted is None or fitted.said.get("inputs") != now:
        due.append({"command": "provrisk retrain", "why": "data, models or settings have changed since"})
    written = next((one for one in usual if one.kind == "run"), None)
    why = None
    if written is None:
        why = "no bulletin was written from the newest data"
    elif written.said.get("inputs") != now:
        why = "data, models or settings have changed since the last one"
    elif champion and (written.said.get("champion") or champion)["version"] != champion["version"]:
        why = "the champion has changed since the last one"
    elif _begun(written.said, today):
        why = "its month has begun, and the data allow a later one"
    if why:
        due.append({"command": "provrisk run", "why": why})
    return due


def _hindrance(root: Path, study: str) -> str:
    """What must be written before a retraining can run: the protocol named in its rules; else nothing."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        rules = tomllib.loads((root / "models" / "promotion.toml").read_text(encoding="utf-8"))
        protocols = tomllib.loads((root / "features" / study / "protocols.toml").read_text(encoding="utf-8"))
        if rules["protocol"] not in protocols:
            return plain(f"; first write the protocol {rules['protocol']!r} into protocols.toml")
    return ""


def _begun(said: dict[str, Any], today: datetime.date) -> bool:
    """Whether the month of the last bulletin has begun and the forecast includes a later one that has not."""
    last = str(said.get("last_target") or "")
    return bool(last) and not said.get("historical") and said["month"] <= f"{today:%Y-%m}" < last


def _title(path: Path) -> str:
    """The study's title, safe to show; empty if its file cannot be read, which the jobs will report."""
    with contextlib.suppress(OSError, ValueError):
        return plain(str(tomllib.loads(path.read_text(encoding="utf-8")).get("title", "")))
    return ""


def _newest_bulletin(reports: Path) -> dict[str, str] | None:
    for path in sorted(reports.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]/bulletin.json"), reverse=True):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            document = json.loads(path.read_bytes())["document"]
            return {"month": document["month"], "state": document["state"], "path": str(path.with_suffix(".html"))}
    return None


def _record(entry: Entry) -> dict[str, Any]:
    said = asdict(entry)
    return {**said.pop("said"), **said}
