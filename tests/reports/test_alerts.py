"""Alerts: what the rules see, the forms they are written in, and that each is told once."""

import dataclasses
import http.server
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pandas as pd
import pytest

from provrisk import months
from provrisk.evaluation.data_checks import Finding
from provrisk.jobs import send_alerts
from provrisk.jobs.data_checks import DataStopError
from provrisk.reports import alerts
from provrisk.reports.bulletin.content import BulletinContent
from provrisk.risk.scorecard import PreviousForecast
from provrisk.study import Project, Study

ATOM, CAP = f"{{{alerts.ATOM}}}", f"{{{alerts.CAP}}}"


def ruled(study: Study, **rules: object) -> Study:
    own = study.file.alerts.model_copy(update=rules)
    return dataclasses.replace(study, file=study.file.model_copy(update={"alerts": own}))


@pytest.fixture
def desk(content: BulletinContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    monkeypatch.delenv(send_alerts.NOTIFY, raising=False)
    return dataclasses.replace(content.study, project=Project(content.study.project.root, home=tmp_path))


@pytest.fixture
def service() -> Iterator[tuple[str, list[dict[str, str]], list[int]]]:
    """A local server that plays a webhook: its address, what it was sent, and the answers that it gives."""
    told: list[dict[str, str]] = []
    answers: list[int] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answers.pop(0) if answers else 200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"json://user:s3cret@127.0.0.1:{server.server_port}/hook", told, answers
    finally:
        server.shutdown()


def test_the_rules_see_what_changed(content: BulletinContent) -> None:
    assert content.last is not None
    silent = PreviousForecast(
        content.last.forecast.copy(data=np.zeros(content.last.forecast.shape, int)), 1, issued=True
    )
    found = alerts.of_issue(dataclasses.replace(content, last=silent))
    rose = [alert for alert in found if alert.rule == "level_rose"]
    assert {alert.province for alert in rose} == set(content.risk.province[content.risk.level != "none"])
    nineveh = next(alert for alert in rose if alert.province == "Nineveh")
    assert "Nineveh, January 2019: the level rises from below 1 to low" in nineveh.text
    assert (nineveh.where, nineveh.figure) == ("2019-01/bulletin.html", pytest.approx(content.risk.expected[0]))
    # December's three attacks were the fewest since May 2004, and so below every month of the last three years.
    (country,) = (alert for alert in found if alert.rule == "unlike" and not alert.province)
    assert country.text == "Iraq, December 2018: 3 attacks, fewer than in any month of the last 3 years."
    assert not [alert for alert in found if alert.rule in ("watch_list", "escalation")]
    low = dataclasses.replace(content, study=ruled(content.study, escalation=0.3, level_rose=False, unlike_years=()))
    assert [alert.province for alert in alerts.of_issue(low)] == ["Nineveh"]
    busy = PreviousForecast(content.last.forecast.copy(data=np.full(content.last.forecast.shape, 50)), 1, issued=True)
    gone = alerts.of_issue(dataclasses.replace(content, last=busy))
    assert {alert.rule for alert in gone} == {"watch_list", "unlike"}
    assert len([alert for alert in gone if alert.rule == "watch_list"]) == 18
    assert "no longer on the watch list" in gone[1].text


def test_a_month_must_stand_out_of_whole_years() -> None:
    def of(values: list[float]) -> object:
        index = pd.date_range("2015-01", periods=len(values), freq="MS")
        return alerts._standing_out(pd.Series(values, index=index), (1, 3), lows=True)

    assert of([5.0] * 36 + [6]) == (3, "most")
    assert of([7.0] + [5.0] * 35 + [6]) == (1, "most")
    assert of([5.0] * 36 + [4]) == (3, "fewest")
    assert of([5.0] * 36 + [5]) is None
    assert of([5.0] * 11 + [6]) is None
    assert of([5.0] * 35 + [np.nan, 6]) is None


def test_late_data_are_told_from_the_day_they_are_late(content: BulletinContent) -> None:
    study, origin = ruled(content.study, late_days=45), months.parse("2018-12")
    assert alerts.late(study, origin, pd.Timestamp("2019-03-17")) == []
    (alert,) = alerts.late(study, origin, pd.Timestamp("2019-03-18"))
    assert alert.text == "Islamic State in Iraq: no data for January 2019 yet, 45 days after its end."
    assert alerts.late(content.study, origin, pd.Timestamp("2030-01-01")) == []


def test_each_is_kept_and_fed_once(desk: Study, content: BulletinContent) -> None:
    found = alerts.of_issue(content)
    assert send_alerts.send(desk, found) == found
    folder = desk.reports
    first = (folder / "alerts.json").read_bytes()
    assert send_alerts.send(desk, found) == []
    assert (folder / "alerts.json").read_bytes() == first
    feed = Xml.parse(folder / "alerts.xml").getroot()  # noqa: S314 - our own file
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == [alert.text for alert in found]
    assert feed.find(f"{ATOM}entry/{ATOM}link").attrib["href"] == "2019-01/bulletin.html"  # type: ignore[union-attr]
    for name in ("id", "title", "updated"):  # what RFC 4287 asks for
        assert feed.findtext(f"{ATOM}{name}")
    assert not (folder / "alerts").exists()


def test_cap_messages_have_what_the_protocol_asks_for_in_its_order(desk: Study, content: BulletinContent) -> None:
    found = alerts.of_issue(dataclasses.replace(content, study=ruled(content.study, escalation=0.3)))
    send_alerts.send(ruled(desk, cap=True), found)
    paths = sorted((desk.reports / "alerts").glob("*.cap.xml"))
    assert len(paths) == len(found)
    root = Xml.parse(next(path for path in paths if "Nineveh" in path.name)).getroot()  # noqa: S314 - our own file
    assert [child.tag.removeprefix(CAP) for child in root] == [
        "identifier", "sender", "sent", "status", "msgType", "scope", "info",
    ]  # fmt: skip
    assert [child.tag.removeprefix(CAP) for child in root.find(f"{CAP}info")] == [  # type: ignore[arg-type]
        "language", "category", "event", "urgency", "severity", "certainty", "headline", "description", "area",
    ]  # fmt: skip
    assert not set(" ,<&") & set(str(root.findtext(f"{CAP}identifier")))
    assert root.findtext(f"{CAP}info/{CAP}area/{CAP}geocode/{CAP}value") == "IQ-NI"


def test_an_address_is_told_once_and_a_failing_one_later(
    desk: Study, content: BulletinContent, service: tuple[str, list[dict[str, str]], list[int]],
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    pytest.importorskip("apprise")
    address, told, answers = service
    closed = "json://127.0.0.1:9/never"
    monkeypatch.setenv(send_alerts.NOTIFY, f"{address} {closed}")
    found = alerts.of_issue(content)
    answers.append(500)
    with caplog.at_level(logging.DEBUG):
        send_alerts.send(desk, found)
        assert len(told) == 1  # refused
        send_alerts.send(desk, [])
        assert len(told) == 2
        send_alerts.send(desk, found)
    assert len(told) == 2  # the same alert is sent once
    assert all(alert.text in told[1]["message"] for alert in found)
    assert told[1]["title"] == "Islamic State in Iraq"
    assert "s3cret" not in caplog.text
    assert "Address 2 of PROVRISK_NOTIFY was not reached" in caplog.text
    assert "s3cret" not in (desk.reports / "alerts.json").read_text(encoding="utf-8")


def test_a_stop_is_told_and_still_stops(desk: Study, content: BulletinContent) -> None:
    finding = Finding("total", "stop", "bad data", "900 where 3 were due")
    with pytest.raises(DataStopError), send_alerts.send_if_stopped(desk, content.panel):
        raise DataStopError([finding])
    (kept,) = json.loads((desk.reports / "alerts.json").read_text(encoding="utf-8"))["alerts"]
    assert kept["text"] == "Islamic State in Iraq: the data checks stopped the job: 900 where 3 were due."
