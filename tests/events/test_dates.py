"""Days as a whole column allows them to be read."""

import datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_files import ACLED, write
from provrisk.errors import ProvriskError
from provrisk.events.formats.dates import in_iso, in_months, read_days
from provrisk.events.formats.raw_file import open_file
from provrisk.events.sources import registry
from provrisk.events.sources.mapped import Mapping

DAYS = st.dates(datetime.date(1989, 1, 1), datetime.date(2035, 12, 31))


def read(*texts: str, told: str | None = None) -> list[str]:
    return (
        read_days(pd.Series(texts, dtype="str"), "The column 'when'", told).dt.strftime("%Y-%m-%d").fillna("").tolist()
    )


@pytest.mark.parametrize(
    "text",
    [
        "2020-01-05", "2020-1-5", "2020/01/05", "2020.01.05", "20200105", "2020-01-05 00:00:00", "2020-01-05T23:59:00Z",
        "2020-01-05T23:30:00+03:00", "2020-01-05T00:30:00-05:00", "05 January 2020", "5-Jan-2020", "January 5, 2020",
        "5 January 2020 14:00", "05.01.2020", "43835", "43835.75", "1578200000", "1578200000.0", "1578200000000",
        "1.5782e12", " 2020-01-05 ",
    ],
)  # fmt: skip
def test_a_day_is_read_in_any_usual_form(text: str) -> None:
    assert read(text) == ["2020-01-05"]


@pytest.mark.slow
@given(st.lists(DAYS, min_size=1, max_size=20), st.booleans(), st.sampled_from("/-"))
def test_a_column_with_days_and_months_turned_is_read_right_or_asked_about(
    days: list[datetime.date], day_first: bool, sign: str
) -> None:
    form = sign.join(("%d", "%m", "%Y") if day_first else ("%m", "%d", "%Y"))
    texts = [day.strftime(form) for day in days]
    right = [day.isoformat() for day in days]
    assert read(*texts, told="dmy" if day_first else "mdy") == right
    assert read(*texts, told=form) == right
    if any(day.day > 12 for day in days):
        assert read(*texts) == right
    else:
        with pytest.raises(ProvriskError, match="--date-format dmy or --date-format mdy"):
            read(*texts)


def test_two_orders_in_one_column_are_refused_and_a_slip_is_not() -> None:
    with pytest.raises(ProvriskError, match="2 dates with the day first and 1 with the month first"):
        read("13/02/2020", "14/02/2020", "02/13/2020")
    assert read(*["13/02/2020"] * 3, *(f"{n}/03/2020" for n in range(13, 32)), *["25/04/2019"] * 4)[-1] == "2019-04-25"
    many = [f"{d}/{m:02d}/20{y}" for d in range(13, 29) for m in range(1, 13) for y in range(10, 12)]
    assert read(*many, "04/13/2020")[-1] == ""  # the slip alone is not read


def test_dates_that_a_spreadsheet_turned_are_refused() -> None:
    left = [f"{day}/03/2020" for day in range(13, 29)]
    taken = [f"2020-{day:02d}-03" for day in range(1, 13)]  # it was 03/01, 03/02, ... with the day first
    with pytest.raises(ProvriskError, match="a spreadsheet seems to have exchanged"):
        read(*left, *taken)


@pytest.mark.parametrize("text", ["", "NA", "soon", "0", "2020-13-01", "2020-02-30", "99999999", "0001-01-01", "1e30"])
def test_what_is_no_day_is_missing_and_stays_as_it_is(text: str) -> None:
    assert read(text) == [""]
    assert in_iso(pd.Series([text], dtype="str"), "it").tolist() == [text]


def test_an_answer_that_is_none_is_refused() -> None:
    with pytest.raises(ProvriskError, match="use dmy or mdy"):
        read("02/03/2020", told="european")


def test_months_are_read_in_any_usual_form() -> None:
    texts = ["2020-03", "2020-3", "2020M03", "03/2020", "Mar 2020", "March 2020", "202003", "2020-03-01", "43900"]
    assert set(in_months(pd.Series(texts, dtype="str"), "it")) == {"2020-03"}
    assert in_months(pd.Series(["2020-13", "total"], dtype="str"), "it").tolist() == ["2020-13", "total"]


def test_a_file_is_read_as_its_user_answers(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ACLED, {"event_date": "02/03/2020"}, {"event_date": "04/05/2020"})
    with pytest.raises(ProvriskError, match=r"'event_date' of a\.csv has dates such as 02/03/2020"):
        registry.recognise(open_file(path))
    answered = open_file(path, date_format="dmy")
    assert registry.recognise(answered)[0].table.event_date.tolist() == ["2020-03-02", "2020-05-04"]
    assert answered.digest != open_file(path).digest  # another answer is another release


def test_a_mapping_that_names_its_form_is_taken_at_its_word(tmp_path: Path) -> None:
    columns = {"date": "when", "province": "place"}
    said = Mapping.model_validate({"name": "Log", "key": "log", "columns": columns, "date_format": "%m/%d/%Y"})
    (tmp_path / "a.csv").write_text("when,place\n02/03/2020,Alpha\n")
    assert registry.recognise(open_file(tmp_path / "a.csv"), said)[0].table.when.tolist() == ["02/03/2020"]
    free = said.model_copy(update={"date_format": "%Y-%m-%d"})
    (tmp_path / "a.csv").write_text("when,place\n22/03/2020,Alpha\n")
    assert registry.recognise(open_file(tmp_path / "a.csv"), free)[0].table.when.tolist() == ["2020-03-22"]
