"""Telephone numbers of the world, and numbers that look like some: each function draws one.

Half of the telephone numbers come from Faker's providers of all locales, half have the form of a region's examples in
libphonenumber's metadata (`telephone_formats.tsv`, 479 forms of 245 regions), their last digits drawn at random.
"""

from __future__ import annotations

import importlib
import pkgutil
import string
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import faker.providers.phone_number as providers
from faker import Generator

from vocation.deidentification.checks import iban_digits

FORMATS = Path(__file__).resolve().parent / "telephone_formats.tsv"
_FEWEST = 7  # digits; shorter ones are service numbers


def digits(random: Random, size: int) -> str:
    """So many digits, the first no zero."""
    return random.choice("123456789") + "".join(random.choice(string.digits) for _ in range(size - 1))


@cache
def _generators() -> dict[str, Any]:
    found = {}
    for module in pkgutil.iter_modules(providers.__path__):
        provider = importlib.import_module(f"{providers.__name__}.{module.name}").Provider
        if hasattr(provider, "phone_number"):
            found[module.name] = Generator()
            found[module.name].add_provider(provider)
    return found


def locales() -> tuple[str, ...]:
    """The locales that numbers are drawn from."""
    return tuple(_generators())


@cache
def _formats() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """National and international forms, # for a digit."""
    rows = [line.split("\t") for line in FORMATS.read_text(encoding="utf-8").splitlines()[1:]]
    return tuple(row[1] for row in rows if row[1]), tuple(row[2] for row in rows)


def phone(random: Random) -> str:
    """A number of any country in any form, now and then with an extension."""
    if random.random() < 0.5:
        return _of_locale(random, random.choice(locales()))
    national, international = _formats()
    number = _drawn(random, random.choice(random.choice((national, national, international))))
    if "-" not in number:
        number = _separated(number, random.choice((" ", " ", " ", ".", "-")))
    if sum(map(str.isdecimal, number)) < _FEWEST:
        return phone(random)
    return number + (random.choice((" ext. ", " x", "x")) + digits(random, 3) if random.random() < 0.1 else "")


def written(random: Random) -> str:
    """One in groups: with separators."""
    while True:
        number = phone(random)
        if not number.lstrip("+").isdecimal():
            return number


def international(random: Random) -> str:
    """One with its calling code: behind + or 00, whole or in groups."""
    number = _drawn(random, random.choice(_formats()[1]))
    forms = (number, number, number.replace(" ", "-"), number.replace("+", "00"), number.replace("+", "00 "))
    drawn = random.choice((*forms, number.replace(" ", "").replace("-", "")))
    return drawn if sum(map(str.isdecimal, number)) >= _FEWEST else international(random)


def _of_locale(random: Random, locale: str) -> str:
    generator = _generators()[locale]
    generator.random = random
    while True:
        number = str(generator.phone_number())
        if sum(map(str.isdecimal, number)) >= _FEWEST:
            return number


def _separated(number: str, mark: str) -> str:
    """Another mark between the groups; dots only where they make neither a fraction nor the address of a machine."""
    groups = number.split()
    machine = len(groups) == 4 and all(len(group) <= 3 for group in groups)
    return number if mark == "." and (len(groups) < 3 or machine) else mark.join(groups)


def _drawn(random: Random, form: str) -> str:
    return "".join(random.choice(string.digits) if character == "#" else character for character in form)


def code(random: Random) -> str:
    """A code of a customer, a file or a part: digits in one run or in groups, some with letters."""
    forms = (
        lambda: digits(random, random.randint(7, 12)),
        lambda: f"{digits(random, 2)}-{digits(random, 3)}-{digits(random, 3)}",
        lambda: f"{digits(random, 4)}-{digits(random, 4)}",
        lambda: f"{digits(random, 3)} {digits(random, 3)} {digits(random, 3)}",
        lambda: f"{random.choice(string.ascii_uppercase)}{digits(random, 8)}",
        lambda: f"{random.choice(string.ascii_uppercase)}-{digits(random, 5)}-{digits(random, 3)}",
    )
    return random.choice(forms)()


def order(random: Random) -> str:
    """An order, an invoice or a transaction."""
    year = random.randint(2015, 2025)
    forms = (digits(random, 8), digits(random, 10), digits(random, 12), f"{year}-{digits(random, 6)}")
    return random.choice((*forms, f"{digits(random, 3)}-{digits(random, 7)}-{digits(random, 7)}"))


def date(random: Random) -> str:
    """A day in figures."""
    year, month, day = random.randint(1950, 2025), random.randint(1, 12), random.randint(1, 28)
    forms = (f"{year}-{month:02}-{day:02}", f"{day:02}.{month:02}.{year}", f"{month}/{day}/{year}")
    return random.choice((*forms, f"{day:02}-{month:02}-{year % 100:02}", f"{year}{month:02}{day:02}"))


def datetime(random: Random) -> str:
    """A day with a time."""
    return f"{date(random)} {random.randint(0, 23):02}:{random.randint(0, 59):02}:{random.randint(0, 59):02}"


def amount(random: Random) -> str:
    """An amount of money in one of the ways in which countries write it."""
    whole, cents = random.randint(1_000_000, 99_999_999), random.randint(0, 99)
    grouped = f"{whole:,}"
    forms = (f"${grouped}.{cents:02}", f"{grouped.replace(',', '.')},{cents:02} EUR", f"{grouped.replace(',', ' ')} €")
    return random.choice((*forms, f"USD {grouped.replace(',', ' ')}", f"{whole} USD", f"£{whole}.{cents:02}"))


def yuan(random: Random) -> str:
    """An amount in Chinese."""
    number = random.randint(1_000_000, 99_999_999)
    return random.choice((f"{number}元", f"{number:,}.00元", f"{number / 10000:.4f}万元", f"￥{number}"))


def thousands(random: Random) -> str:
    """A count, in groups of three digits."""
    return f"{random.randint(1_000_000, 999_999_999):,}".replace(",", random.choice((" ", " ", ",", ".")))


def version(random: Random) -> str:
    """A version of a program."""
    one, two, three, four = (random.randint(0, 20) for _ in range(4))
    return random.choice((f"{one}.{two}.{three}", f"v{one}.{two}.{three}.{four}", f"{one}.{two}.{digits(random, 5)}"))


def coordinates(random: Random) -> str:
    """A place on earth."""
    latitude, longitude = random.uniform(10, 80), random.uniform(-170, 170)
    return random.choice((f"{latitude:.6f}, {longitude:.6f}", f"{latitude:.4f},{longitude:.4f}"))


def statute(random: Random) -> str:
    """A place in a code of law."""
    forms = (f"{random.randint(1, 40)}-{random.randint(100, 999)}-{random.randint(10, 99)}", digits(random, 3))
    return random.choice((*forms, f"{digits(random, 2)}.{digits(random, 2)}.{digits(random, 3)}"))


def isbn(random: Random) -> str:
    """Ten or thirteen digits in groups."""
    body = f"{random.randint(0, 9)}-{digits(random, 4)}-{digits(random, 4)}-{random.randint(0, 9)}"
    return random.choice((body, f"978-{body}", f"978{body}".replace("-", "")))


def iban(random: Random) -> str:
    """A German account in groups of four."""
    account = digits(random, 18)
    number = f"DE{iban_digits('DE', account)}{account}"
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def account(random: Random) -> str:
    """An account in one run or in groups."""
    number = digits(random, random.choice((8, 10, 12)))
    return random.choice((number, f"{number[:2]}-{number[2:]}", " ".join(number[i : i + 4] for i in range(0, 12, 4))))


def years(random: Random) -> str:
    """Some years."""
    first = random.randint(1980, 2020)
    return f"{first}{random.choice('-/')}{first + random.randint(1, 5)}"


def pages(random: Random) -> str:
    """Some pages of a volume."""
    first = random.randint(1000, 9000)
    return f"{first}-{first + random.randint(1, 40)}"


def laboratory(random: Random) -> str:
    """A value with its range, or several values."""
    value = random.uniform(1, 300)
    bounds = f"{value * 0.8:.2f}-{value * 1.2:.2f}"
    return random.choice((f"{value:.1f} ({bounds})", bounds, f"{int(value * 1000)} - {int(value * 1500)} /µl"))
