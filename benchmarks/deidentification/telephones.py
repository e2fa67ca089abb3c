"""Telephone numbers of the world in texts made from templates, beside presidio.

Made as those of `chinese.py`: values are drawn at random, and beside them stand numbers that are no telephone's.
Detectors are written with a view of the development templates; those of the test split are only counted.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from random import Random
from typing import Any

from benchmarks.deidentification import telephone_values as values
from benchmarks.deidentification.chinese import FOLDER, SPLITS, Labelled, Slot, filled
from benchmarks.deidentification.scoring import Find, count

TYPE = "PHONE_NUMBER"
SLOTS: dict[str, Slot] = {
    "phone": (values.phone, TYPE),
    "written": (values.written, TYPE),
    "international": (values.international, TYPE),
    "order": (values.order, None),
    "id": (values.code, None),
    "date": (values.date, None),
    "datetime": (values.datetime, None),
    "amount": (values.amount, None),
    "yuan": (values.yuan, None),
    "thousands": (values.thousands, None),
    "version": (values.version, None),
    "coordinates": (values.coordinates, None),
    "statute": (values.statute, None),
    "isbn": (values.isbn, None),
    "issn": (lambda random: f"{values.digits(random, 4)}-{values.digits(random, 4)}", None),
    "iban": (values.iban, None),
    "account": (values.account, None),
    "years": (values.years, None),
    "pages": (values.pages, None),
    "lab": (values.laboratory, None),
    "range": (lambda random: f"{random.uniform(1, 9):.2f}-{random.uniform(10, 99):.2f}", None),
    "decimal": (lambda random: f"{random.uniform(0, 99):.6f}", None),
    "small": (lambda random: values.digits(random, random.choice((2, 3, 4))), None),
    "zip": (
        lambda random: f"{random.randint(501, 99950):05}{random.choice(('', f'-{values.digits(random, 4)}'))}",
        None,
    ),
    "ssn": (lambda random: f"{random.randint(100, 600)}-{random.randint(10, 99)}-{values.digits(random, 4)}", None),
    "ip": (lambda random: ".".join(str(random.randint(10, 254)) for _ in range(4)), None),
    "cas": (lambda random: f"{values.digits(random, 4)}-{random.randint(10, 99)}-{random.choice(string.digits)}", None),
    "ein": (lambda random: f"{random.randint(10, 99)}-{values.digits(random, 7)}", None),
    "ndc": (lambda random: f"{random.randint(2, 99999):05}-{values.digits(random, 4)}-{random.randint(10, 99)}", None),
    "docket": (lambda random: f"{random.randint(10, 24)}-{values.digits(random, 5)}", None),
}
"""What is put into a template: telephone numbers of any form, in groups, or with a calling code; and other numbers."""


def templates(split: str) -> list[str]:
    """The templates of a split, in a fixed order."""
    lines = (FOLDER / "telephones" / f"{split}.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines]


def texts(split: str, number: int, seed: int) -> list[Labelled]:
    """So many texts of a split; the templates take turns, and the same seed gives the same texts."""
    random, lines = Random(f"telephones {split} {seed}"), templates(split)
    return [filled("telephones", lines[place % len(lines)], random, SLOTS) for place in range(number)]


def measure(number: int, seed: int, systems: Mapping[str, Find]) -> dict[str, Any]:
    """Scores of each system in each split."""
    results: dict[str, Any] = {}
    for split in SPLITS:
        rows = texts(split, number, seed)
        contents, gold = [row.text for row in rows], [row.places for row in rows]
        scores = {name: count(gold, find(contents), (TYPE,))[TYPE].scores() for name, find in systems.items()}
        results[split] = {"texts": number, "templates": len(templates(split)), "systems": scores}
    return results
