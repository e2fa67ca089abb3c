"""Check digits, against published examples and by their laws."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.deidentification import checks

DIGITS = "0123456789"


def numbers(length: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=length, max_size=length)


@pytest.mark.parametrize(
    ("valid", "number"),
    [
        (checks.luhn_valid, "79927398713"),  # the example of the standard's annex
        (checks.luhn_valid, "4111111111111111"),
        (checks.luhn_valid, "378282246310005"),
        (checks.resident_id_valid, "11010519491231002X"),  # GB 11643, appendix
        (checks.resident_id_valid, "440524188001010014"),
        (checks.social_credit_valid, "91350100M000100Y43"),  # GB 32100, appendix
        (checks.iban_valid, "GB29NWBK60161331926819"),  # IBAN registry
        (checks.iban_valid, "DE89370400440532013000"),
        (checks.iban_valid, "FR1420041010050500013M02606"),
        (checks.nhs_valid, "9434765919"),
        (checks.vin_valid, "1M8GDM9AXKP042788"),
        (checks.vin_valid, "11111111111111111"),
    ],
)
def test_published_examples_are_valid(valid: Callable[[str], bool], number: str) -> None:
    assert valid(number)


@pytest.mark.parametrize(
    ("valid", "number"),
    [
        (checks.luhn_valid, "4111111111111111"),
        (checks.resident_id_valid, "110101199003077539"),
        (checks.social_credit_valid, "91350100M000100Y43"),
        (checks.iban_valid, "DE89370400440532013000"),
        (checks.nhs_valid, "9434765919"),
    ],
)
def test_every_other_last_character_is_wrong(valid: Callable[[str], bool], number: str) -> None:
    assert valid(number)
    others = set("0123456789") - {number[-1]}
    assert not any(valid(number[:-1] + other) for other in others)


@given(numbers(15))
def test_luhn_digit_makes_a_number_valid(body: str) -> None:
    assert checks.luhn_valid(body + checks.luhn_digit(body))


@given(st.sampled_from(sorted(checks.PROVINCES)), st.dates(date(1900, 1, 1), date(2050, 1, 1)), numbers(7))
def test_resident_id_digit_makes_a_number_valid(province: str, birth: date, rest: str) -> None:
    body = f"{province}{rest[:4]}{birth:%Y%m%d}{rest[4:]}"
    assert checks.resident_id_valid(body + checks.resident_id_digit(body))


@given(numbers(8), st.integers(0, 10**8 - 1))
def test_a_date_exists_where_the_calendar_has_it(digits: str, number: int) -> None:
    for candidate in (digits, f"{number:08}", f"19{number % 100:02}022{number % 10}"):
        try:
            known = 1880 <= date(int(candidate[:4]), int(candidate[4:6]), int(candidate[6:])).year < 2100
        except ValueError:
            known = False
        assert checks.date_exists(candidate) == known


@pytest.mark.parametrize("number", ["990101199003077536", "110101199002307534", "110101199013077532"])
def test_resident_ids_of_no_region_or_day_are_invalid(number: str) -> None:
    corrected = number[:17] + checks.resident_id_digit(number[:17])
    assert checks.resident_id_valid(corrected) == (number[0] == "9" and checks.date_exists(number[6:14]))


@given(st.sampled_from(["GB", "DE", "NO"]), st.text(DIGITS + "ABCXYZ", min_size=11, max_size=26))
def test_iban_digits_make_a_number_valid(country: str, account: str) -> None:
    assert checks.iban_valid(f"{country}{checks.iban_digits(country, account)}{account}")


@given(numbers(9))
def test_nhs_digit_makes_a_number_valid_where_there_is_one(body: str) -> None:
    digit = checks.nhs_digit(body)
    if digit is None:
        assert not any(checks.nhs_valid(body + other) for other in DIGITS)
    else:
        assert checks.nhs_valid(body + digit) == (len(set(body + digit)) > 1)


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8))
def test_social_credit_code_has_two_checks(organisation: str) -> None:
    body = f"91110000{organisation}{checks.organisation_digit(organisation)}"
    assert checks.social_credit_valid(body + checks.social_credit_digit(body))


def test_codes_with_letters_outside_of_the_alphabet_are_invalid() -> None:
    assert not checks.social_credit_valid("91350100I000100Y43")
    assert not checks.vin_valid("1M8GDM9AXKPO42788")


def test_separators_are_taken_out() -> None:
    assert checks.compact("gb29 nwbk-6016.13") == "GB29NWBK601613"
