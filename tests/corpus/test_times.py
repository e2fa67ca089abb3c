"""Times in the forms in which sources write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.times import parse_time
from vocation.errors import DataError

FIRST = datetime.fromisoformat("0002-01-01")
MONTHS = ("January", "Feb.", "March", "Apr", "May", "June", "Jul", "August", "Sept", "October", "Nov", "December")
dates = st.dates(date(1000, 1, 1))
FORMS = [
    lambda day: day.isoformat(),
    lambda day: f"{day:%Y%m%d}",
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}.{day.month:02}.{day.day:02}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.year} 年 {day.month:02} 月 {day.day:02} 号",
    lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}",
    lambda day: f"{day.day:02}-{MONTHS[day.month - 1][:3]}-{day.year}",
    lambda day: f"{MONTHS[day.month - 1]} {day.day}, {day.year}",
    lambda day: f"{day.day:02}.{day.month:02}.{day.year}",
]


@pytest.mark.parametrize("form", FORMS)
@given(day=dates)
def test_a_date_is_read_from_every_form(form: Any, day: date) -> None:
    assert parse_time(form(day)) == datetime(day.year, day.month, day.day, tzinfo=UTC)


@given(moment=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]), min_value=FIRST))
def test_a_moment_in_iso_8601_comes_back_in_utc(moment: datetime) -> None:
    found = parse_time(moment.isoformat())
    assert found == moment
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2023年5月1日下午3时20分", "2023-05-01T15:20"),
        ("2023年5月1日 上午9点", "2023-05-01T09:00"),
        ("2023年5月1日中午12:30", "2023-05-01T12:30"),
        ("2023年5月1日凌晨12点05分", "2023-05-01T00:05"),
        ("２０２３年５月１日１４：３０：０５", None),
        ("２０２３年５月１日 １４：３０：０５", "2023-05-01T14:30:05"),
        ("二〇二三年十一月三十日", "2023-11-30"),
        ("二零一八年十月二十一日", "2018-10-21"),
        ("一九九九年二月", "1999-02-01"),
        ("2023年5月", "2023-05-01"),
        ("2023-05", "2023-05-01"),
        ("2023年", "2023-01-01"),
        ("2023", "2023-01-01"),
        ("May 2023", "2023-05-01"),
        ("Monday, 1st of May 2023", "2023-05-01"),
        ("Mon, 01 May 2023 12:30:00 GMT", "2023-05-01T12:30"),
        ("Sept. 3rd, 2023 3:05 PM", "2023-09-03T15:05"),
        ("12/31/2023 12:00 am", "2023-12-31"),
        ("31/12/2023 12:00 pm", "2023-12-31T12:00"),
        ("2023/05/01 23:59:59.5 +0800", "2023-05-01T15:59:59.5"),
        ("05/05/2023", "2023-05-05"),
        ("20230501143005", "2023-05-01T14:30:05"),
        ("1682951400", "2023-05-01T14:30"),
        (1682951400, "2023-05-01T14:30"),
        (1682951400000, "2023-05-01T14:30"),
        (1682951400.5, "2023-05-01T14:30:00.5"),
        (2023, "2023-01-01"),
        (date(2023, 5, 1), "2023-05-01"),
        (datetime(2023, 5, 1, 8, tzinfo=timezone(timedelta(hours=8))), "2023-05-01"),
    ],
)
def test_common_forms_of_times(written: Any, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(DataError):
            parse_time(written)
    else:
        assert parse_time(written) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("nothing", [None, "", " \t", float("nan")])
def test_a_missing_value_is_no_time(nothing: Any) -> None:
    assert parse_time(nothing) is None


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("05/06/2023", "may be read with the day first or the month first"),
        ("2023-13-01", "none of the calendar: month must be in 1..12"),
        ("2023年2月30日", "none of the calendar: day is out of range for month"),
        ("2023/5/1 25:00", "an hour, minute or second that no day has"),
        ("2023/5/1 13:00 pm", "The hour does not fit its half of the day"),
        ("9999-12-31T23:00:00-10:00", "none of the calendar"),
        ("tomorrow", "in no form that is known"),
        ("1 Mayday 2023", "in no form that is known"),
        (7, "neither a year nor seconds"),
        (float("inf"), "neither a year nor seconds"),
        (True, "neither a text nor a number"),
        (["2023"], "neither a text nor a number"),
    ],
)
def test_what_is_no_time_is_refused_with_what_may_stand_there(written: Any, problem: str) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        parse_time(written)
    assert caught.value.column == "time"
    assert "2023-05-01" in str(caught.value)


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_nothing_but_a_data_error_comes_of_any_value(value: Any) -> None:
    try:
        found = parse_time(value)
    except DataError:
        return
    assert found is None or found.tzinfo is UTC
