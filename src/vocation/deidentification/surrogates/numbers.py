"""Invented numbers and addresses of machines: right in form and check digit, in ranges that are never given out.

    CN_RESIDENT_ID             region 99, which GB/T 2260 does not have; the date of birth shifts with other dates
    PHONE_NUMBER               154 (China, not assigned); 555-01xx (North America, for fiction); 07700 900xxx (Ofcom);
                               +999 (reserved by the ITU); else 000, with which no number begins
    CREDIT_CARD, CN_BANK_CARD  9999: a national card of country 999, which ISO 3166 leaves to its users
    IBAN_CODE                  country XX, which ISO 3166 leaves to its users
    CN_SOCIAL_CREDIT_CODE      region 999999
    US_SSN                     area 666, never assigned
    UK_NHS                     999, kept for tests
    IP_ADDRESS                 198.18.0.0/15 (RFC 2544) and 2001:db8::/32 (RFC 3849)
    EMAIL_ADDRESS, URL         example.com, .org and .net (RFC 2606)
    MAC_ADDRESS                locally administered
    CN_LICENCE_PLATE           the letter I, which no plate has
    PASSPORT (Chinese form)    EI or EO, with which no passport begins

Other numbers keep their shape only: letters and digits change, and nothing says that nobody has such a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from vocation.deidentification import checks
from vocation.deidentification.surrogates.draws import Draw, Draws
from vocation.deidentification.surrogates.names import person
from vocation.deidentification.surrogates.shifts import shifted_digits

_DIGIT = re.compile("[0-9]")
_CARD_PREFIX = "9999"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_PLATE_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_EXAMPLE_DOMAINS = ("example.com", "example.org", "example.net")
_TOP_LEVEL = re.compile(r"\A(?:https?://)?(?:www\.)?")
_UK_MOBILE = re.compile(r"(?:\+44|0044|0)7[0-9]{9}")
_CHINESE_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")
_CHINESE_LANDLINE = re.compile(r"(?:\+86|0086)?(010|02[0-9]|0[3-9][0-9]{2})([2-9][0-9]{6,7})")
_NORTH_AMERICAN = re.compile(r"(?:\+1|001|1)?([2-9][0-9]{2})([2-9][0-9]{2})([0-9]{4})(.*)", re.DOTALL)


def reshaped(value: str, draw: Draw) -> str:
    """A value of the same shape: digits for digits, letters for letters in their case; the rest stays."""
    return "".join(_reshaped_character(character, draw) for character in value)


def _reshaped_character(character: str, draw: Draw) -> str:
    if character.isdecimal():
        return str(draw.below(10))
    if character.isascii() and character.isalpha():
        chosen = draw.among(_LETTERS)
        return chosen if character.isupper() else chosen.lower()
    return chr(0x4E00 + draw.below(0x2000)) if "\u4e00" <= character <= "\u9fff" else character


def _poured(characters: str, value: str) -> str:
    """New characters in the places of the letters and digits of `value`; separators stay."""
    rest = iter(characters)
    return "".join(next(rest, "") if character.isalnum() else character for character in value) + "".join(rest)


def _card(value: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("card", canonical)
    body = _CARD_PREFIX + draw.digits(max(len(canonical) - len(_CARD_PREFIX) - 1, 0))
    return _poured(body + checks.luhn_digit(body), value)


def _resident_id(value: str, canonical: str, draws: Draws) -> str | None:
    number = canonical.upper()
    born = number[6:14] if len(number) == 18 else f"19{number[6:12]}"
    moved = shifted_digits(born, draws.shift())
    if len(number) not in (15, 18) or moved is None:
        return None
    draw = draws.of("resident", canonical)
    # The last digit of the sequence is odd for men and even for women.
    sex = number[16] if len(number) == 18 else number[14]
    sequence = draw.digits(2) + str(2 * draw.below(5) + int(sex) % 2)
    region = "99" + draw.digits(4)
    if len(number) == 15:
        return _poured(region + moved[2:] + sequence, value)
    body = region + moved + sequence
    return _poured(body + checks.resident_id_digit(body), value)


def _social_credit_code(value: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("organisation code", canonical)
    organisation = draw.digits(8)
    body = f"91999999{organisation}{checks.organisation_digit(organisation)}"
    return _poured(body + checks.social_credit_digit(body), value)


def _iban(value: str, canonical: str, draws: Draws) -> str:
    account = reshaped(canonical[4:].upper(), draws.of("iban", canonical))
    number = f"XX{checks.iban_digits('XX', account)}{account}"
    return _poured(number if value[:1].isupper() else number.lower(), value)


def _social_security_number(value: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("ssn", canonical)
    return _poured(f"666{draw.below(99) + 1:02}{draw.below(9999) + 1:04}", value)


def _health_service_number(value: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("nhs", canonical)
    while True:
        body = "999" + draw.digits(6)
        digit = checks.nhs_digit(body)
        if digit is not None:
            return _poured(body + digit, value)


def _phone(value: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("phone", "".join(_DIGIT.findall(canonical))[-9:])
    number = re.sub(r"[^0-9+]", "", canonical)
    if match := _CHINESE_MOBILE.fullmatch(number):
        return _poured_digits(number[: match.start(1)] + "154" + draw.digits(8), value)
    if _UK_MOBILE.fullmatch(number):
        return _poured_digits(f"{number[:-10]}7700900{draw.digits(3)}", value)
    if match := _CHINESE_LANDLINE.fullmatch(number):
        # No subscriber's number begins with 0.
        return _poured_digits(number[: match.start(2)] + "0" + draw.digits(len(match[2]) - 1), value)
    if match := _NORTH_AMERICAN.fullmatch(number):
        area = f"{draw.below(8) + 2}{draw.digits(2)}"
        line = f"{area}55501{draw.digits(2)}"
        return _poured_digits(number[: match.start(1)] + line + draw.digits(len(match[4])), value)
    if number.startswith("+"):
        return _poured_digits("999" + draw.digits(len(number) - 4), value)
    return _poured_digits("000" + draw.digits(max(len(number) - 3, 0)), value)


def _poured_digits(number: str, value: str) -> str:
    """New digits in the places of the digits of `value`; letters such as ext stay."""
    rest = iter(_DIGIT.findall(number))
    return "".join(next(rest, "0") if character.isdecimal() else character for character in value)


def _email(_: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("email", canonical)
    name = person(draw.among(("Anna", "Peter", "Maria", "James", "Susan", "Robert")), draws).lower()
    return f"{name}.{draw.digits(6)}@{draw.among(_EXAMPLE_DOMAINS)}"


def _url(value: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("url", canonical)
    start = _TOP_LEVEL.match(value)
    path = f"/{draw.below(1 << 32):08x}"
    return f"{start[0] if start else ''}{draw.among(_EXAMPLE_DOMAINS)}{path}"


def _ip_address(value: str, _: str, draws: Draws) -> str:
    draw = draws.of("ip", value.casefold())
    if ":" in value:
        return "2001:db8:" + ":".join(f"{draw.below(1 << 16):x}" for _ in range(6))
    return f"198.{18 + draw.below(2)}.{draw.below(256)}.{draw.below(254) + 1}"


def _mac_address(value: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("mac", canonical)
    number = f"{draw.below(16):x}{draw.among('26ae')}{draw.below(1 << 40):010x}"
    return _poured(number.upper() if value.isupper() else number, value)


def _licence_plate(value: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("plate", canonical)
    places = [place for place, character in enumerate(value) if character.isalnum()]
    characters = list(reshaped(value, draw))
    characters[places[0]] = draw.among(_PLATE_PROVINCES)
    characters[places[-2]] = "I"
    return "".join(characters)


def _passport(value: str, canonical: str, draws: Draws) -> str:
    draw = draws.of("passport", canonical)
    if re.fullmatch(r"[a-z][0-9]{8}|[a-z]{2}[0-9]{7}", canonical):
        return _poured("E" + draw.among("IO") + draw.digits(7), value)
    return reshaped(value, draw)


NUMBERS: Mapping[str, Callable[[str, str, Draws], str | None]] = {
    "CREDIT_CARD": _card,
    "CN_BANK_CARD": _card,
    "CN_RESIDENT_ID": _resident_id,
    "CN_SOCIAL_CREDIT_CODE": _social_credit_code,
    "IBAN_CODE": _iban,
    "US_SSN": _social_security_number,
    "UK_NHS": _health_service_number,
    "PHONE_NUMBER": _phone,
    "EMAIL_ADDRESS": _email,
    "URL": _url,
    "IP_ADDRESS": _ip_address,
    "MAC_ADDRESS": _mac_address,
    "CN_LICENCE_PLATE": _licence_plate,
    "PASSPORT": _passport,
}
"""What is invented for each category, from the value, its canonical form, and the draws."""
