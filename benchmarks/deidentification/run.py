"""How well and how fast identifiers are found: beside presidio on English texts, and on Chinese ones of our own.

    .venv/bin/python -m benchmarks.deidentification.run --data DIR [--resumes DIR] [--spacy-model NAME_OR_DIR]

`--data` holds `synth_dataset_v2.json` of presidio-research (MIT), `--resumes` the files of ResumeNER (Zhang and Yang
2018). Presidio's side needs presidio-analyzer and spaCy.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.deidentification import other_types, presidio_side, resumes, telephones
from benchmarks.deidentification.measure_chinese import measure_chinese
from benchmarks.deidentification.page import page
from benchmarks.deidentification.scoring import Count, Find, Place, count, pooled
from benchmarks.deidentification.timing import speeds
from benchmarks.deidentification.vocation_side import ours

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results.json"

FIXED = ("CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "URL", "US_SSN")
"""The types of the English set that have a check digit or a form like no other."""
LOOSE = ("PHONE_NUMBER", "US_DRIVER_LICENSE", "DATE_TIME")
"""Those that have patterns."""
NAMES = ("PERSON", "LOCATION")
"""Those that patterns do not find."""
_ONE_TYPE = {"DOMAIN_NAME": "URL", "GPE": "LOCATION", "STREET_ADDRESS": "LOCATION", "DATE_OF_BIRTH": "DATE_TIME"}


def english(data: Path) -> dict[str, tuple[list[str], list[list[Place]]]]:
    """Texts and gold of the English set: "development" are those of even templates, "test" the others."""
    rows = json.loads((data / "synth_dataset_v2.json").read_text(encoding="utf-8"))
    parts: dict[str, tuple[list[str], list[list[Place]]]] = {"development": ([], []), "test": ([], [])}
    for row in rows:
        texts, gold = parts["test" if row["template_id"] % 2 else "development"]
        texts.append(row["full_text"])
        gold.append([Place(s["start_position"], s["end_position"], s["entity_type"]) for s in row["spans"]])
    return parts


def one_type(places: Sequence[Sequence[Place]]) -> list[list[Place]]:
    """The places with one name for each type, whatever a set or a tool calls it; none twice."""
    return [
        list(dict.fromkeys(place._replace(type=_ONE_TYPE.get(place.type, place.type)) for place in text))
        for text in places
    ]


def _scores(counts: Mapping[str, Count]) -> dict[str, Any]:
    by_type = {name: one.scores() for name, one in counts.items()}
    return {"types": by_type, "fixed": pooled(counts, FIXED).scores()}


def measure_english(data: Path, systems: Mapping[str, tuple[Find, int]]) -> dict[str, Any]:
    """Scores by split and type, and texts a second, of each system on the English set."""
    parts = english(data)
    results: dict[str, Any] = {"texts": {split: len(texts) for split, (texts, _) in parts.items()}, "systems": {}}
    for name, (find, _) in systems.items():
        one: dict[str, Any] = {}
        totals: dict[str, Count] = {}
        for split, (texts, gold) in parts.items():
            counts = count(one_type(gold), one_type(find(texts)), (*FIXED, *LOOSE, *NAMES))
            one[split] = _scores(counts)
            totals = {kind: totals.get(kind, Count()) + counts[kind] for kind in counts}
        one["all"] = _scores(totals)
        results["systems"][name] = one
    for name, value in speeds(systems, [text for texts, _ in parts.values() for text in texts]).items():
        results["systems"][name]["texts_per_second"] = value
        print(f"{name}: {value:,.0f} texts a second")
    return results


def main() -> None:
    """Measures, and writes the results and the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of synth_dataset_v2.json")
    parser.add_argument("--resumes", type=Path, help="folder of train.char.bmes, dev.char.bmes and test.char.bmes")
    parser.add_argument("--spacy-model", help="for presidio's default set: a model's name or folder")
    parser.add_argument("--texts", type=int, default=4000, help="Chinese texts of each split")
    arguments = parser.parse_args()
    systems: dict[str, tuple[Find, int]] = {
        "vocation, patterns": (ours(names=False, dates=False), 15),
        "vocation, patterns and dates": (ours(names=False, dates=True), 15),
        "presidio, patterns": (presidio_side.patterns(), 3),
        "vocation, all": (ours(names=True, dates=True), 5),
    }
    if arguments.spacy_model:
        systems["presidio, default"] = (presidio_side.default(arguments.spacy_model), 1)
    results = {
        "machine": {"processor": platform.machine(), "python": platform.python_version()},
        "versions": presidio_side.versions(arguments.spacy_model),
        "english": measure_english(arguments.data, systems),
        "chinese": measure_chinese(arguments.texts, seed=1),
        "other": other_types.measure(2800, seed=1),
        "telephones": telephones.measure(4200, 1, {name: find for name, (find, _) in systems.items()}),
        "resumes": resumes.measure(arguments.resumes) if arguments.resumes else None,
    }
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (FOLDER / "README.md").write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
