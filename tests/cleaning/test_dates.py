"""The step `dates`."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.cleaning.dates import _DATE, Dates, _dates
from vocation.text import Span, Text

SAME_DAY = [
    "2023年5月1日",
    "2023年05月01日",
    "2023 年 5 月 1 日",
    "二〇二三年五月一日",
    "二零二三年五月一日",
    "2023/5/1",
    "2023-5-1",
    "2023.5.1",
    "May 1, 2023",
    "May 1st 2023",
    "1 May 2023",
    "1st of May, 2023",
    "1-May-2023",
    "MAY 1, 2023",
]


@pytest.mark.parametrize("written", SAME_DAY)
def test_a_day_has_one_form(written: str) -> None:
    assert Dates()(Text(f"on {written}.")).content == "on 2023-05-01."
    assert Dates(form="chinese")(Text(f"于{written}，")).content == "于2023年5月1日，"
    assert Dates(form="english")(Text(written)).content == "May 1, 2023"


@pytest.mark.parametrize(
    "content",
    [
        "2023-02-30",
        "2023年13月1日",
        "31 April 2023",
        "03/04/2023",
        "2023年",
        "2023年5月",
        "2019年10月号",
        "农历二〇二三年五月一日",
        "2023年5月1日至3日",
        "version 2023.5.1",
        "v2023.5.1",
        "版本2023.5.1",
        "2023.5.1.4",
        "/2023/05/01/a.html",
        "a2023-5-1",
        "12023年5月1日",
        "2023-05-01T10:00",
        "10.1000/2023-5-12-3",
        "may 1 2023",
    ],
)
def test_what_is_no_day_for_certain_stays(content: str) -> None:
    text = Text(content)
    assert Dates()(text) is text


def test_which_comes_first_is_asked_only_where_it_matters() -> None:
    assert Dates()(Text("25/12/2023 12/25/2023 5/5/2023")).content == "2023-12-25 2023-12-25 2023-05-05"
    assert Dates(day_first=True)(Text("03/04/2023")).content == "2023-04-03"
    assert Dates(day_first=False)(Text("03/04/2023")).content == "2023-03-04"


def test_months_of_a_year_on_demand() -> None:
    step = Dates(year_months=True)
    assert step(Text("2023年5月、May 2023、2023年5月份")).content == "2023-05、2023-05、2023-05"
    assert step(Text("2023年5月底")).content == "2023年5月底"


def test_a_digit_behind_a_date_stays_apart_from_it() -> None:
    assert Dates()(Text("2023年5月1日10时")).content == "2023-05-01 10时"


@pytest.mark.parametrize("space", range(24, 80))
def test_a_date_far_behind_a_year_without_one_is_read_to_its_end(space: int) -> None:
    written = f"2012年{'号' * space}2014年7月28日，"
    assert Dates()(Text(written)).content == f"2012年{'号' * space}2014-07-28，"


FRAGMENTS = "2023 1999 年 5 月 12 日 - / . May _ 二〇二三 of a".replace("_", " ").split(" ")


@given(st.lists(st.sampled_from([*FRAGMENTS, " ", "文" * 30]), max_size=60).map("".join))
def test_looking_around_years_finds_what_looking_everywhere_finds(content: str) -> None:
    assert [match.span() for match in _dates(content)] == [match.span() for match in _DATE.finditer(content)]


def test_what_was_searched_is_not_searched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    covered: list[int] = []

    class Counting:
        def search(self, content: str, start: int, end: int) -> None:
            covered.append(min(end, len(content)) - start)

    monkeypatch.setattr("vocation.cleaning.dates._DATE", Counting())
    content = "1234 5678 " * 5_000
    assert list(_dates(content)) == []
    assert len(content) <= sum(covered) < 1.2 * len(content)


def test_spans_move_and_a_date_that_a_span_ends_within_stays() -> None:
    text = Dates()(Text("自2023年5月1日起施行", (Span(1, 10, "DATE"), Span(10, 13, "REST"))))
    assert [text.content[span.start : span.end] for span in text.spans] == ["2023-05-01", "起施行"]
    half = Text("自2023年5月1日起", (Span(1, 6, "YEAR"),))
    assert Dates()(half) is half


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_goes_through_all_forms_and_back(day: date) -> None:
    written = day.isoformat()
    text = Text(written)
    for form in ("chinese", "english", "iso"):
        text = Dates.model_validate({"form": form})(text)
        assert (text.content == written) == (form == "iso")
