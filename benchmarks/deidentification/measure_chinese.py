"""How well identifiers are found in generated Chinese texts, beside presidio, and which are missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.deidentification import chinese, presidio_side
from benchmarks.deidentification.chinese import Labelled
from benchmarks.deidentification.scoring import Find, Place, count, overlap
from benchmarks.deidentification.timing import speeds
from benchmarks.deidentification.vocation_side import ours

OURS = "vocation, all"
"""The system whose misses are listed."""
NAMES = ("PERSON", "LOCATION")
"""The types that have no form: names, and addresses of any length."""
_BESIDE = 6  # characters of the template that are shown on each side


def measure_chinese(texts: int, seed: int) -> dict[str, Any]:
    """Scores by type of each system, of the templates that were looked at and of those that were not.

    Args:
        texts: of each split.
        seed: of the values.
    """
    systems: dict[str, tuple[Find, int]] = {
        "vocation, patterns": (ours(names=False, dates=False), 5),
        OURS: (ours(names=True, dates=False), 3),
        "presidio, Chinese": (presidio_side.chinese(), 1),
    }
    results: dict[str, Any] = {"seed": seed}
    for split in chinese.SPLITS:
        rows = chinese.texts(split, texts, seed)
        contents = [row.text for row in rows]
        found = {name: one_type(find(contents)) for name, (find, _) in systems.items()}
        speed = speeds(systems, contents)
        results[split] = {
            "texts": texts,
            "templates": len(list(chinese.templates(split))),
            "characters": sum(map(len, contents)) / texts,
            "systems": {
                name: {
                    "types": {
                        kind: one.scores()
                        for kind, one in count(
                            [row.places for row in rows], places, (*chinese.WITH_FORM, *NAMES)
                        ).items()
                    },
                    "texts_per_second": speed[name],
                }
                for name, places in found.items()
            },
            "missed": missed(split, rows, found[OURS]),
        }
    return results


def one_type(places: Sequence[Sequence[Place]]) -> list[list[Place]]:
    """The places with an address of any length as a LOCATION, as the truth has it."""
    return [
        [place._replace(type="LOCATION") if place.type == "STREET_ADDRESS" else place for place in text]
        for text in places
    ]


def missed(split: str, rows: Sequence[Labelled], found: Sequence[Sequence[Place]]) -> list[dict[str, Any]]:
    """Which slots of which templates hold what is not found with its bounds, the most frequent first.

    Args:
        split: of the texts.
        rows: the texts, template by template in turns, as `chinese.texts` gives them.
        found: what was found in each.
    """
    lines = list(chinese.templates(split))
    gold, whole, partly = Counter[tuple[int, int]](), Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for number, (row, places) in enumerate(zip(rows, found, strict=True)):
        for slot, place in enumerate(row.places):
            where = (number % len(lines), slot)
            gold[where] += 1
            whole[where] += place in places
            partly[where] += place not in places and any(overlap(place, one) for one in places)
    listed = []
    for where, total in gold.items():
        domain, template = lines[where[0]]
        kind, shown = _slot(template, where[1])
        if whole[where] < total:
            lost = {"gold": total, "bounds": partly[where], "missed": total - whole[where] - partly[where]}
            listed.append({"type": kind, "domain": domain, "where": shown, **lost})
    return sorted(listed, key=lambda one: (one["type"], -one["missed"] - one["bounds"]))


def _slot(template: str, number: int) -> tuple[str, str]:
    """The type of a template's slot that has one, and what stands beside it."""
    slots = [slot for slot in chinese.SLOT.finditer(template) if chinese.SLOTS[slot[1]][1]]
    slot = slots[number]
    before, behind = template[: slot.start()][-_BESIDE:], template[slot.end() :][:_BESIDE]
    return str(chinese.SLOTS[slot[1]][1]), f"{before}{slot[0]}{behind}".replace("\n", " ")
