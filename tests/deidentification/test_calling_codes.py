"""Calling codes, and where an international number ends."""

from __future__ import annotations

import pytest

from vocation.deidentification.calling_codes import LENGTHS, calling_code, international_end


@pytest.mark.parametrize(("digits", "code"), [("14155552671", "1"), ("79161234567", "7"), ("447700900123", "44")])
def test_code_is_the_shortest_that_exists(digits: str, code: str) -> None:
    assert calling_code(digits) == code


@pytest.mark.parametrize(
    ("digits", "code"), [("85212345678", "852"), ("35312345678", "353"), ("999123456", None), ("28912345", None)]
)
def test_codes_of_three_digits(digits: str, code: str | None) -> None:
    assert calling_code(digits) == code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1-984-182-0190 12 people", "1-984-182-0190"),
        ("44 7700 900123 2023", "44 7700 900123"),
        ("41 (0)96 471 07 95", "41 (0)96 471 07 95"),
        ("65 6123 4567 89", "65 6123 4567"),
        ("358 9 1234567 2) father", "358 9 1234567"),
        ("62 (021) 1234-5678", "62 (021) 1234-5678"),
        ("683 7079", "683 7079"),
    ],
)
def test_digits_beyond_what_a_country_has_are_another_number(text: str, number: str) -> None:
    end = international_end(text, 0, len(text))
    assert end is not None
    assert text[:end] == number


def test_every_code_is_told_from_all_others() -> None:
    assert len(LENGTHS) == 215
    assert not any(one != other and other.startswith(one) for one in LENGTHS for other in LENGTHS)
    assert all(0 < fewest <= most <= 15 - len(code) for code, (fewest, most) in LENGTHS.items())


def test_too_few_digits_or_no_code_are_no_number() -> None:
    assert international_end("44 123", 0, 6) is None
    assert international_end("289 1234567", 0, 11) is None
    assert international_end("1415555267199", 0, 13) is None
