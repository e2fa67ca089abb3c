"""Invented values: right in form, of nobody, and consistent."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.deidentification import checks
from vocation.deidentification.keys import Key
from vocation.deidentification.lexicons import chinese_names
from vocation.deidentification.surrogates import invented
from vocation.deidentification.surrogates.draws import Draw, Draws
from vocation.deidentification.surrogates.names import organisation, person
from vocation.deidentification.surrogates.places import address, location
from vocation.deidentification.surrogates.shifts import shifted

KEY = Key(b"a secret of many letters")
DRAWS = Draws(KEY, "doc", "doc", 365)


def new(value: str, category: str) -> str:
    canonical = re.sub(r"[\s.\-/()]+", "", value.casefold())
    result = invented(value, category, canonical, DRAWS)
    assert result is not None
    assert result != value
    return result


def draws(scope: str = "doc", group: str = "doc") -> Draws:
    return Draws(KEY, scope, group, 365)


def test_numbers_have_right_check_digits_in_ranges_that_are_never_given_out() -> None:
    card = new("4111 1111 1111 1111", "CREDIT_CARD")
    assert re.fullmatch(r"9999 \d{4} \d{4} \d{4}", card)
    assert checks.luhn_valid(card.replace(" ", ""))
    resident = new("11010119900307753X", "CN_RESIDENT_ID")
    assert resident.startswith("99")
    assert checks.resident_id_digit(resident[:17]) == resident[17]
    iban = new("GB33 BUKB 2020 1555 5555 55", "IBAN_CODE")
    assert iban.startswith("XX")
    assert checks.iban_valid(iban.replace(" ", ""))
    assert checks.nhs_valid(new("943 476 5919", "UK_NHS").replace(" ", ""))
    assert new("460-89-9847", "US_SSN").startswith("666-")
    code = new("91350100M000100Y43", "CN_SOCIAL_CREDIT_CODE")
    assert code[2:8] == "999999"
    assert checks.social_credit_valid(code)
    assert checks.organisation_digit(code[8:16]) == code[16]


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("13800138000", r"154\d{8}"),
        ("+86 138 0013 8000", r"\+86 154 \d{4} \d{4}"),
        ("010-62345678", r"010-0\d{7}"),
        ("(541) 714-1388", r"\([2-9]\d\d\) 555-01\d\d"),
        ("+1-541-714-1388x12", r"\+1-[2-9]\d\d-555-01\d\dx\d\d"),
        ("07911 123456", r"07700 900\d{3}"),
        ("+46 157 548 89", r"\+999? ?\d.*|\+99 9\d.*"),
        ("416 60 039", r"000 \d\d \d{3}"),
    ],
)
def test_telephone_numbers_keep_their_format_and_reach_nobody(value: str, pattern: str) -> None:
    assert re.fullmatch(pattern, new(value, "PHONE_NUMBER"))


@pytest.mark.parametrize(
    ("category", "value", "pattern"),
    [
        ("EMAIL_ADDRESS", "ann.lee@bank.com", r"[a-z.]+\.\d{6}@example\.(com|org|net)"),
        ("URL", "https://example.org/ann", r"https:/{2}example\.(com|org|net)/[0-9a-f]{8}"),
        ("IP_ADDRESS", "10.2.3.4", r"198\.1[89]\.\d+\.\d+"),
        ("IP_ADDRESS", "6e40:4041::eb4", r"2001:db8:[0-9a-f:]+"),
        ("MAC_ADDRESS", "00:1B:44:11:3A:B7", r"[0-9A-F][26AE](:[0-9A-F]{2}){5}"),
        ("CN_LICENCE_PLATE", "京A12345", r"[\u4e00-\u9fff][A-Z]\d{3}I\d"),
        ("PASSPORT", "E12345678", r"E[IO]\d{7}"),
        ("MEDICAL_RECORD", "MR-20231", r"[A-Z]{2}-\d{5}"),
    ],
)
def test_other_numbers_keep_their_form(category: str, value: str, pattern: str) -> None:
    assert re.fullmatch(pattern, new(value, category))


def test_a_person_is_one_person_however_the_name_is_written() -> None:
    first, last = person("Ann Smith", DRAWS).split()
    assert person("Ann", DRAWS) == first
    assert person("Mr. Smith", DRAWS) == f"Mr. {last}"
    assert person("SMITH", DRAWS) == last.upper()
    assert person("Ann Smith", draws("elsewhere")) != f"{first} {last}"


def test_a_chinese_name_keeps_its_length_and_its_surname_stays_one() -> None:
    name = person("王建国", DRAWS)
    assert len(name) == 3
    assert name[0] in chinese_names().family
    assert name != "王建国"
    assert person("王", DRAWS) == name[0]
    assert len(person("欧阳明月", DRAWS)) == 3  # a surname of one character is as good
    assert person("张某某", DRAWS).endswith("某某")
    assert "·" in person("买买提·艾力", DRAWS)


def test_addresses_and_places_keep_their_form() -> None:
    assert re.fullmatch(
        r"\d\d [A-Z]\w+ Avenue, [A-Z]\w+, IL 00\d{3}", address("24 Clarke Avenue, Springfield, IL 62704", DRAWS)
    )
    chinese = address("北京市朝阳区建国路88号", DRAWS)
    assert re.fullmatch(r"[\u4e00-\u9fff]+市[\u4e00-\u9fff]+区[\u4e00-\u9fff]+路\d\d号", chinese)
    assert not {"北京", "朝阳", "建国"} & {chinese[place : place + 2] for place in range(len(chinese))}
    assert location("France", DRAWS) != "France"
    assert location("Aberdeen", DRAWS).isalpha()


def test_a_company_keeps_its_legal_form() -> None:
    assert organisation("北京某某科技有限公司", "x", DRAWS).endswith("有限公司")
    assert organisation("Smith Widgets Ltd", "x", DRAWS).endswith(" Ltd")


@given(st.dates(date(1900, 1, 1), date(2090, 1, 1)), st.integers(-400, 400))
def test_a_date_moves_by_the_shift_in_each_way_to_write_it(day: date, days: int) -> None:
    moved = day + timedelta(days)
    month = f"{day:%B}", f"{moved:%B}"
    assert shifted(f"{day:%Y-%m-%d}", days) == f"{moved:%Y-%m-%d}"
    assert shifted(f"{day.year}年{day.month}月{day.day}日", days) == f"{moved.year}年{moved.month}月{moved.day}日"
    assert shifted(f"{month[0]} {day.day}, {day.year}", days) == f"{month[1]} {moved.day}, {moved.year}"
    assert shifted(f"{day.day} {month[0]} {day.year}", days) == f"{moved.day} {month[1]} {moved.year}"
    assert shifted(f"{day.month}/{day.day}/{day.year}", days) == f"{moved.month}/{moved.day}/{moved.year}"


@pytest.mark.parametrize(
    ("value", "days", "expected"),
    [
        ("二〇二三年五月一日", 30, "二〇二三年五月三十一日"),
        ("二〇二三年十二月三十一日", 1, "二〇二四年一月一日"),
        ("1st May 2023", 1, "2nd May 2023"),
        ("MAY 3, 1976", 30, "JUNE 2, 1976"),
        ("3 Sept 2020", 30, "3 Oct 2020"),
        ("2023-05-01 22:50:23", 1, "2023-05-02 22:50:23"),
        ("25.12.2023", 10, "4.1.2024"),
        ("2023年5月", 30, "2023年6月"),
        ("5月1日", -1, "4月30日"),
        ("Tuesday", 1, "Wednesday"),
        ("星期天", 1, "星期一"),
        ("Tue, 2 May 2023", 1, "Wed, 3 May 2023"),
        ("soon", 1, None),
        ("2004", 1, None),
        ("31 February 2023", 1, None),
        ("9999-12-31", 1, None),
    ],
)
def test_dates_in_words_and_figures_move(value: str, days: int, expected: str | None) -> None:
    assert shifted(value, days) == expected


def test_intervals_within_a_group_stay_true_and_groups_differ() -> None:
    admitted, discharged = (invented(day, "DATE_TIME", day, DRAWS) for day in ("2023-05-01", "2023-05-20"))
    assert admitted
    assert discharged
    assert date.fromisoformat(discharged) - date.fromisoformat(admitted) == timedelta(19)
    shifts = {draws(group=f"patient {number}").shift() for number in range(50)}
    assert len(shifts) > 30
    assert all(0 < abs(shift) <= 365 for shift in shifts)


def test_the_birth_date_in_a_resident_id_shifts_with_the_other_dates() -> None:
    resident = new("11010119900307753X", "CN_RESIDENT_ID")
    assert resident[6:14] == (date(1990, 3, 7) + timedelta(DRAWS.shift())).strftime("%Y%m%d")
    assert int(resident[16]) % 2 == 1  # a man stays a man


def test_a_drawn_row_is_the_same_for_the_same_seed_and_covers_its_range() -> None:
    assert [Draw(b"a").below(1000) for _ in range(2)] == [Draw(b"a").below(1000)] * 2
    draw = Draw(b"seed")
    assert {draw.below(6) for _ in range(60)} == set(range(6))
    assert len(Draw(b"x").digits(12)) == 12
