"""Check digits: whether a number carries the right one, and which one a new number needs.

Every function takes a number without separators. A `…_digit` function gives what stands at the number's check
position; a `…_valid` function says whether what stands there is right.
"""

from __future__ import annotations

from datetime import date
from typing import Final

_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_VIN_VALUES = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ", (*range(10), *range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)), strict=True
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)

PROVINCES: Final = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for code in range(first, last + 1)
)
"""First two digits of a Chinese region code (GB/T 2260); 83 is for residents from Taiwan, 91 for foreign residents."""

_SEPARATORS = str.maketrans("", "", " -.")


def compact(number: str) -> str:
    """The number without spaces, dashes and dots, in capitals."""
    return number.translate(_SEPARATORS).upper()


def luhn_valid(number: str) -> bool:
    """Whether digits pass the Luhn test (ISO/IEC 7812-1, annex B)."""
    digits = number.encode("ascii")
    return (sum(digits[-1::-2]) + sum(digits[-2::-2].translate(_DOUBLED)) - len(digits) * ord("0")) % 10 == 0


def luhn_digit(body: str) -> str:
    """The digit that makes `body` pass the Luhn test when it is put behind it."""
    return next(digit for digit in "0123456789" if luhn_valid(body + digit))


def resident_id_digit(body: str) -> str:
    """The 18th character of a Chinese resident ID from its first 17 digits (GB 11643, ISO 7064 MOD 11-2)."""
    total = sum(weight * int(digit) for weight, digit in zip(_RESIDENT_WEIGHTS, body, strict=True))
    return "10X98765432"[total % 11]


def resident_id_valid(number: str) -> bool:
    """Whether 18 characters are a Chinese resident ID: region, date of birth and check digit (GB 11643).

    A card of a foreign permanent resident begins with 9 and is built the same way.
    """
    if number[:2] not in PROVINCES and number[0] != "9":
        return False
    return date_exists(number[6:14]) and resident_id_digit(number[:17]) == number[17]


def date_exists(digits: str) -> bool:
    """Whether YYYYMMDD is a day between 1880 and 2099."""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    if not (1880 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= 31):
        return False
    if day <= 28:
        return True
    following = date(year + month // 12, month % 12 + 1, 1)
    return day <= (following - date(year, month, 1)).days


def social_credit_digit(body: str) -> str:
    """The 18th character of a unified social credit code from its first 17 (GB 32100)."""
    total = sum(weight * _CREDIT_VALUES[character] for weight, character in zip(_CREDIT_WEIGHTS, body, strict=True))
    return _CREDIT_ALPHABET[-total % 31]


def organisation_digit(body: str) -> str:
    """The 9th character of an organisation code from its first 8 (GB 11714)."""
    total = sum(weight * int(character, 36) for weight, character in zip(_ORGANISATION_WEIGHTS, body, strict=True))
    return "0123456789X0"[-total % 11]


def social_credit_valid(number: str) -> bool:
    """Whether 18 characters are a unified social credit code: alphabet and check character (GB 32100)."""
    if not all(character in _CREDIT_VALUES for character in number):
        return False
    return social_credit_digit(number[:17]) == number[17]


def iban_valid(number: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616, ISO 7064 MOD 97-10); its length is not looked at."""
    return _iban_remainder(number[4:] + number[:4]) == 1


def iban_digits(country: str, account: str) -> str:
    """The two check digits of an IBAN with this country code and account."""
    return f"{98 - _iban_remainder(f'{account}{country}00'):02}"


def _iban_remainder(rearranged: str) -> int:
    return int("".join(str(int(character, 36)) for character in rearranged)) % 97


def nhs_digit(body: str) -> str | None:
    """The 10th digit of an NHS number from its first 9 (modulus 11); None where no digit fits."""
    check = -sum((10 - place) * int(digit) for place, digit in enumerate(body)) % 11
    return str(check) if check < 10 else None


def nhs_valid(number: str) -> bool:
    """Whether 10 digits are an NHS number: its check digit is right, and its digits are not all the same."""
    return nhs_digit(number[:9]) == number[9] and len(set(number)) > 1


def vin_digit(number: str) -> str:
    """The 9th character of a vehicle identification number of 17 (GB 16735, 49 CFR 565)."""
    total = sum(weight * _VIN_VALUES[character] for weight, character in zip(_VIN_WEIGHTS, number, strict=True))
    return "0123456789X"[total % 11]


def vin_valid(number: str) -> bool:
    """Whether 17 characters carry the check digit of a vehicle identification number."""
    return all(character in _VIN_VALUES for character in number) and vin_digit(number) == number[8]
