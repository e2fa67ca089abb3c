"""Chinese and English numbers, against every number that can be counted to and forms that are none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.language.numerals import in_chinese, plain, value

DIGITS = "零一二三四五六七八九"


def counted(number: int) -> str:
    """A slow twin below 10,000: digit by digit, with a zero for each gap."""
    text = ""
    for size, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            text += DIGITS[digit] + unit
        elif text and number % size:
            text += "零"
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.removeprefix("一") if text.startswith("一十") else text or "零"


def test_every_number_below_ten_thousand_is_read_as_it_is_counted() -> None:
    for number in range(10_000):
        assert in_chinese(number) == counted(number)
        assert value(counted(number)) == number


@given(st.integers(0, 10**16 - 1))
def test_what_is_written_is_read_back(number: int) -> None:
    assert value(in_chinese(number)) == number


@pytest.mark.parametrize(
    ("written", "worth"),
    [
        ("三亿五千万", "350000000"),
        ("一亿零三", "100000003"),
        ("十万零三千", "103000"),
        ("三万亿", "3000000000000"),
        ("两千零五十", "2050"),
        ("一百一十", "110"),
        ("一百十", "110"),
        ("壹佰贰拾万", "1200000"),
        ("三十萬", "300000"),
        ("三点一四", "3.14"),
        ("零点零五", "0.05"),
        ("3.5万", "35000"),
        ("3亿5千万", "350000000"),
        ("3万2000", "32000"),
        ("1,234.5亿", "123450000000"),
        ("2.5 million", "2500000"),
        ("1,234", "1234"),
    ],
)
def test_numbers_are_worth_what_they_say(written: str, worth: str) -> None:
    found = value(written)
    assert found is not None
    assert plain(found) == worth


@pytest.mark.parametrize(
    "written",
    [
        "二三十",
        "千万",
        "万",
        "百",
        "一二三",
        "二〇二三",
        "一百二",
        "一千零零五",
        "十十",
        "万一",
        "三百零",
        "3万5",
        "5万3亿",
        "零三",
    ],
)
def test_what_would_be_written_otherwise_is_no_number(written: str) -> None:
    assert value(written) is None


def test_very_long_numerals_are_given_up() -> None:
    assert value("一" * 10_000) is None
    assert value("九千亿亿亿") is None


def test_plain_numbers_have_no_exponent_and_no_zeros_at_the_end() -> None:
    assert [plain(Decimal(text)) for text in ("1E+5", "3.500", "100", "0.0")] == ["100000", "3.5", "100", "0"]
