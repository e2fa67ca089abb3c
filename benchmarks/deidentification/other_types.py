"""Types that neither the English set nor the Chinese texts have: texts made from templates, with their scores.

Made as those of `chinese.py`: values are drawn at random, and beside them stand numbers that are no identifiers.
"""

from __future__ import annotations

import string
from random import Random
from typing import Any

from benchmarks.deidentification.chinese import FOLDER, SPLITS, Labelled, Slot, filled
from benchmarks.deidentification.scoring import count
from benchmarks.deidentification.vocation_side import ours
from vocation.deidentification import checks

_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_HEXADECIMAL = "0123456789abcdef"


def _drawn(random: Random, alphabet: str, size: int) -> str:
    return "".join(random.choice(alphabet) for _ in range(size))


def _digits(random: Random, size: int) -> str:
    return random.choice("123456789") + _drawn(random, string.digits, size - 1)


def nhs(random: Random) -> str:
    """A number with its check digit, in one run or in groups."""
    body, digit = "", None
    while digit is None:
        body = _digits(random, 9)
        digit = checks.nhs_digit(body)
    mark = random.choice(("", " ", "-"))
    return f"{body[:3]}{mark}{body[3:6]}{mark}{body[6:]}{digit}"


def mac(random: Random) -> str:
    """An address with colons, dashes or dots."""
    pairs = [_drawn(random, _HEXADECIMAL, 2) for _ in range(6)]
    pairs[0] = "3c"  # never six equal ones
    written = random.choice(
        (":".join(pairs), "-".join(pairs).upper(), ".".join("".join(pairs)[i : i + 4] for i in (0, 4, 8)))
    )
    return str(written)


def vin(random: Random) -> str:
    """A number of 17 characters with its check digit."""
    body = _drawn(random, _VIN_LETTERS, 3) + _drawn(random, _VIN_LETTERS + string.digits, 9) + _digits(random, 5)
    return body[:8] + checks.vin_digit(body) + body[9:]


def european_vin(random: Random) -> str:
    """One with Z in the place of the check digit, as European makers write it."""
    number = vin(random)
    return f"{number[:8]}Z{number[9:]}"


def wrong_vin(random: Random) -> str:
    """A part's number: 18 characters, which no vehicle has."""
    return _digits(random, 9) + _drawn(random, _VIN_LETTERS, 3) + _digits(random, 6)


def licence(random: Random) -> str:
    """A number of a driving licence in the form of some state, or of the United Kingdom."""
    forms = (
        lambda: random.choice(string.ascii_uppercase) + _digits(random, 7),
        lambda: random.choice(string.ascii_uppercase) + _digits(random, 12),
        lambda: _digits(random, 8),
        lambda: (
            _drawn(random, string.ascii_uppercase, 5) + _digits(random, 6) + _drawn(random, _VIN_LETTERS, 2) + "9AB"
        ),
    )
    return random.choice(forms)()


def account(random: Random) -> str:
    """An account number in one run or in groups."""
    number = _digits(random, random.choice((8, 10, 12)))
    return random.choice(
        (number, " ".join(number[i : i + 4] for i in range(0, len(number), 4)), f"{number[:2]}-{number[2:]}")
    )


def permit(random: Random) -> str:
    """A number of a travel permit."""
    return random.choice(
        (f"C{_digits(random, 8)}", f"H{_digits(random, 8)}", f"M{_digits(random, 10)}", _digits(random, 8))
    )


def wechat(random: Random) -> str:
    """A name in WeChat."""
    return random.choice(
        (f"wxid_{_drawn(random, _HEXADECIMAL, 10)}", f"Li_{_digits(random, 6)}", f"zhang{_digits(random, 4)}")
    )


SLOTS: dict[str, Slot] = {
    "nhs": (nhs, "UK_NHS"),
    "mac": (mac, "MAC_ADDRESS"),
    "vin": (vin, "VEHICLE_IDENTIFICATION_NUMBER"),
    "european_vin": (european_vin, "VEHICLE_IDENTIFICATION_NUMBER"),
    "licence": (licence, "US_DRIVER_LICENSE"),
    "account": (account, "ACCOUNT_NUMBER"),
    "permit": (permit, "CN_TRAVEL_PERMIT"),
    "wechat": (wechat, "SOCIAL_ACCOUNT"),
    "qq": (lambda random: _digits(random, random.choice((8, 9, 10))), "SOCIAL_ACCOUNT"),
    "wrong_vin": (wrong_vin, None),
    "ten_digits": (lambda random: _digits(random, 10), None),
    "small": (lambda random: _digits(random, random.choice((1, 2, 3))), None),
    "hex": (lambda random: _drawn(random, _HEXADECIMAL, 12), None),
    "date": (
        lambda random: f"{random.randint(1995, 2024)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}",
        None,
    ),
    "amount": (lambda random: f"{random.randint(10, 9999)}.{random.randint(0, 99):02}", None),
}
TYPES = tuple(dict.fromkeys(kind for _, kind in SLOTS.values() if kind))
"""The types, each once."""


def templates(split: str) -> list[str]:
    """The templates of a split, in a fixed order."""
    return (FOLDER / "other" / f"{split}.txt").read_text(encoding="utf-8").splitlines()


def texts(split: str, number: int, seed: int) -> list[Labelled]:
    """So many texts of a split; the templates take turns, and the same seed gives the same texts."""
    random, lines = Random(f"other {split} {seed}"), templates(split)
    return [filled("other", lines[place % len(lines)], random, SLOTS) for place in range(number)]


def measure(number: int, seed: int) -> dict[str, Any]:
    """Our scores by type in each split."""
    find = ours(names=False, dates=False)
    results = {}
    for split in SPLITS:
        rows = texts(split, number, seed)
        counts = count([row.places for row in rows], find([row.text for row in rows]), TYPES)
        scores = {kind: one.scores() for kind, one in counts.items()}
        results[split] = {"texts": number, "templates": len(templates(split)), "types": scores}
    return results
