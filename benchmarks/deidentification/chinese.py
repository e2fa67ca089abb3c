"""Chinese texts with known identifiers, from the templates beside this file and values that are drawn at random.

Nothing here is anyone's: numbers are drawn, and given the check digit that their form asks for. Each text also has, in
part of the templates, numbers that are no identifiers: orders, amounts, dates, numbers with a wrong check digit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.deidentification import chinese_values as values
from benchmarks.deidentification.scoring import Place

FOLDER = Path(__file__).resolve().parent / "templates"
SPLITS = ("development", "test")
SLOT = re.compile(r"\{(\w+)\}")
"""A place in a template that a value is put into."""

Slot = tuple[Callable[[Random], str], str | None]
"""What a slot draws, and the type of what it draws; None for what is no identifier."""
SLOTS: dict[str, Slot] = {
    "name": (values.name, "PERSON"),
    "address": (values.address, "LOCATION"),
    "id": (values.resident_id, "CN_RESIDENT_ID"),
    "old_id": (values.old_resident_id, "CN_RESIDENT_ID"),
    "mobile": (values.mobile, "PHONE_NUMBER"),
    "landline": (values.landline, "PHONE_NUMBER"),
    "card": (values.bank_card, "CN_BANK_CARD"),
    "passport": (values.passport, "PASSPORT"),
    "plate": (values.plate, "CN_LICENCE_PLATE"),
    "credit_code": (values.social_credit_code, "CN_SOCIAL_CREDIT_CODE"),
    "record": (values.record, "MEDICAL_RECORD"),
    "policy": (values.policy, "POLICY_NUMBER"),
    "email": (values.email, "EMAIL_ADDRESS"),
    "url": (values.url, "URL"),
    "ip": (values.ip, "IP_ADDRESS"),
    "birth": (values.date, "DATE_OF_BIRTH"),
    "date": (values.date, None),
    "amount": (values.amount, None),
    "order": (values.order, None),
    "wrong_id": (values.wrong_id, None),
    "wrong_card": (values.wrong_card, None),
    "digits": (values.digits, None),
}
WITH_FORM = (
    *("CN_RESIDENT_ID", "PHONE_NUMBER", "CN_BANK_CARD", "PASSPORT", "CN_LICENCE_PLATE", "CN_SOCIAL_CREDIT_CODE"),
    *("MEDICAL_RECORD", "POLICY_NUMBER", "EMAIL_ADDRESS", "URL", "IP_ADDRESS", "DATE_OF_BIRTH"),
)
"""The types that have a fixed pattern, a check digit or a word that names them."""


class Labelled(NamedTuple):
    """A text and what is in it.

    Args:
        text: the text.
        places: its identifiers, in order.
        domain: name of the templates' file: hospital, bank, law, insurance, staff.
    """

    text: str
    places: tuple[Place, ...]
    domain: str


def templates(split: str) -> Iterator[tuple[str, str]]:
    """Domain and template of each line of the split's files, in a fixed order."""
    for file in sorted((FOLDER / split).glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line:
                yield file.stem, line.replace("\\n", "\n")


def texts(split: str, count: int, seed: int) -> list[Labelled]:
    """So many texts of a split; the same for the same seed.

    Args:
        split: "development", to look at, or "test", to report.
        count: how many; the templates take turns.
        seed: of the values.
    """
    random = Random(f"{split} {seed}")
    lines = list(templates(split))
    return [filled(*lines[number % len(lines)], random, SLOTS) for number in range(count)]


def filled(domain: str, template: str, random: Random, slots: Mapping[str, Slot]) -> Labelled:
    """A template with values drawn for its slots."""
    text, places, position = "", [], 0
    for slot in SLOT.finditer(template):
        text += template[position : slot.start()]
        draw, kind = slots[slot[1]]
        value = draw(random)
        if kind is not None:
            places.append(Place(len(text), len(text) + len(value), kind))
        text += value
        position = slot.end()
    return Labelled(text + template[position:], tuple(places), domain)
