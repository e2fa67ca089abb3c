"""Where long numbers begin."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.deidentification import cards
from vocation.deidentification.detectors import cn_resident_id, uk_nhs, us_ssn
from vocation.deidentification.long_numbers import beginnings, numbers

PATTERNS = (cards._CARD, us_ssn._SSN, uk_nhs._NHS, cn_resident_id._EIGHTEEN, cn_resident_id._FIFTEEN)
PIECES = ("4111 1111 1111 1111", "536-90-4399", "943 476 5919", "110101199003077539", "110101900307753")
SIGNS = ("0", "7", "12", " ", "-", ".", "(", ")", "（", "）", "+", "/", "x", "号", "，", "\n")


def test_numbers_of_seven_digits_begin_at_their_digit_sign_or_bracket() -> None:
    assert beginnings("12 345 67 and +44 123 4567") == [0, 14, 15, 18]
    assert beginnings("(0755)88886666，1234567") == [0, 1, 6, 15]
    assert beginnings("123456 and 1, 2, 3, 4, 5, 6, 7") == []


@pytest.mark.parametrize("pattern", PATTERNS)
@given(st.lists(st.sampled_from((*PIECES, *SIGNS)), max_size=8).map("".join))
def test_patterns_are_found_where_a_search_finds_them(pattern: re.Pattern[str], text: str) -> None:
    assert [one.span() for one in numbers(pattern, text)] == [one.span() for one in pattern.finditer(text)]


def test_each_pattern_is_found_somewhere() -> None:
    assert all(numbers(pattern, ", ".join(PIECES)) for pattern in PATTERNS)


def test_what_overlaps_is_left_out() -> None:
    assert [one.span() for one in numbers(re.compile("[0-9]+(?: [0-9]+)?"), "1234567 1234567 1234567")] == [
        (0, 15),
        (16, 23),
    ]
