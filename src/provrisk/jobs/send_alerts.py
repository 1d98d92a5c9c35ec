"""Alerts: stored beside the front page and sent to the configured addresses, each once; a failure never ends a job."""

import contextlib
import json
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
import xarray as xr

from provrisk import files, months
from provrisk.jobs.data_checks import DataStopError
from provrisk.reports import alerts
from provrisk.reports.alerts import Alert
from provrisk.reports.language import speaking
from provrisk.study import Study

NOTIFY = "PROVRISK_NOTIFY"
"""The environment variable with the addresses for alerts, as Apprise writes them, separated by spaces."""

KEPT = 500
LOGGER = logging.getLogger("provrisk.cli")


def send(study: Study, found: Sequence[Alert]) -> list[Alert]:
    """Store the new alerts of ``found`` in ``alerts.json`` and the feed, and send them; returns them.

    Alerts that could not be sent to an address are sent by the next job.
    """
    folder = study.reports
    kept = _kept(study)
    known = {one["id"] for one in kept}
    new = [alert for alert in found if alert.id not in known]
    addresses = {files.digest(address.encode())[:12]: address for address in os.environ.get(NOTIFY, "").split()}
    kept = [*({**asdict(alert), "waiting": list(addresses)} for alert in new), *kept][:KEPT]
    if study.file.alerts.cap:
        for alert in new:
            name = re.sub(r"[^A-Za-z0-9_-]+", "_", alert.id)
            files.write(folder / "alerts" / f"{name}.cap.xml", alerts.cap(study, alert))
    _write(study, kept)  # before anything is sent: recipients can look it up
    if _send(study, kept, addresses):
        _write(study, kept)
    return new


def send_if_late(study: Study, panel: xr.Dataset, today: pd.Timestamp | None = None) -> None:
    """Alert if newer data than those of ``panel`` are overdue on ``today`` (default: now)."""
    now = today if today is not None else pd.Timestamp.now()
    if late := alerts.late(study, months.parse(panel.attrs["origin"]), now):
        send(study, late)


@contextlib.contextmanager
def send_if_stopped(study: Study, panel: xr.Dataset) -> Iterator[None]:
    """Context manager: sends an alert if the data checks stop the job."""
    try:
        yield
    except DataStopError as error:
        reasons = [one.text for one in error.findings if one.level == "stop"]
        send(study, alerts.stopped(study, months.parse(panel.attrs["origin"]), pd.Timestamp.now(), reasons))
        raise


def _kept(study: Study) -> list[dict[str, Any]]:
    """The earlier alerts, newest first; none if the file is missing or cannot be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads((study.reports / "alerts.json").read_text(encoding="utf-8"))["alerts"]
        return [one for one in found if set(one) == {*Alert.__dataclass_fields__, "waiting"}]
    return []


def _write(study: Study, kept: Sequence[dict[str, Any]]) -> None:
    folder = study.reports
    files.write(folder / "alerts.json", json.dumps({"alerts": kept}, ensure_ascii=False, indent=1) + "\n")
    shown = [Alert(**{name: one[name] for name in Alert.__dataclass_fields__}) for one in kept]
    with speaking(study.file.language[0], study):
        files.write(folder / "alerts.xml", alerts.atom(study, shown))


def _send(study: Study, kept: Sequence[dict[str, Any]], addresses: Mapping[str, str]) -> bool:
    """Send each address its waiting alerts; returns whether any was sent. A failing address is named by its number."""
    waiting = {key: [one for one in kept if key in one["waiting"]] for key in addresses}
    if not any(waiting.values()):
        return False
    try:
        import apprise
    except ImportError:
        LOGGER.warning("%s is set, but nothing was sent: install provrisk with the extra [notify].", NOTIFY)
        return False
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its messages show addresses, which hold secrets
    sent = False
    for number, (key, address) in enumerate(addresses.items(), 1):
        if not waiting[key]:
            continue
        if not _delivered(apprise, address, study, waiting[key]):
            LOGGER.warning("Address %d of %s was not reached: its alerts are sent by the next job.", number, NOTIFY)
            continue
        for one in waiting[key]:
            one["waiting"].remove(key)
        sent = True
    return sent


def _delivered(apprise: Any, address: str, study: Study, waiting: Sequence[dict[str, Any]]) -> bool:
    body = "\n\n".join(f"{one['text']}\n{one['rule']}; {study.name}/{one['where']}" for one in waiting)
    try:
        sender = apprise.Apprise()
        return bool(sender.add(address) and sender.notify(title=study.file.title, body=body))
    except Exception:  # an error in a plug-in must not lose a forecast
        return False
