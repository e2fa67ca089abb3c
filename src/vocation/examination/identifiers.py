"""Identifiers with a form or a check digit that stand in the texts of a corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.ledger import Ledger
from vocation.records import Record, read_in_batches
from vocation.tasks import Task

if TYPE_CHECKING:
    from vocation.deidentification import Finding

_NAMES_AND_PLACES = {"PERSON", "LOCATION", "STREET_ADDRESS"}
_SAMPLES = 5
_AROUND = 60  # Characters shown on either side.


def identifiers_in(folder: Path, task: Task, most: int, ledger: Ledger) -> dict[str, Any]:
    """Looks for identifiers; names and places, which have no form, are not looked for.

    A few rows of each category go to the ledger, with the identifiers themselves replaced by their category.

    Args:
        folder: of the corpus.
        task: of the records.
        most: texts of each split that are looked at.
        ledger: takes counts and samples.

    Returns:
        `texts` that were looked at, and `found`: how many identifiers of each category, most frequent first.
    """
    from vocation.deidentification.scanner import Scanner
    from vocation.deidentification.settings import default_detectors

    chosen = [d for d in default_detectors(("en", "zh")) if not set(d.found_categories()) & _NAMES_AND_PLACES]
    scanner, found, texts = Scanner(tuple(chosen)), Counter[str](), 0
    for path in sorted(folder.glob("*.parquet")):
        if path.stem == "ledger":
            continue
        for records in read_in_batches(path, task.record_schema, most=most):
            for name in task.record_schema.texts:
                contents = [record.texts[name].content for record in records]
                texts += len(contents)
                for record, content, findings in zip(records, contents, scanner.scan(contents), strict=True):
                    _enter(ledger, path.stem, record, (content, findings), found)
    for category, count in found.items():
        ledger.count("reported", "identifiers", _reason(category), max(0, count - _SAMPLES))
    return {"texts": texts, "found": dict(found.most_common())}


def _enter(
    ledger: Ledger, split: str, record: Record, looked: tuple[str, Sequence[Finding]], found: Counter[str]
) -> None:
    """Counts the findings of a text, and keeps those that are among the first of their category as samples."""
    content, findings = looked
    for finding in findings:
        found[finding.category] += 1
        if found[finding.category] <= _SAMPLES:
            excerpt = _without(content, findings, finding)
            ledger.add_row(
                "reported",
                "identifiers",
                _reason(finding.category),
                record.file,
                record.row,
                excerpt,
                split=split,
                id=record.id,
                detail=finding.detector,
            )


def _without(content: str, findings: Sequence[Finding], shown: Finding) -> str:
    """The surroundings of a finding, every identifier in them replaced by its category."""
    start, end = max(0, shown.start - _AROUND), min(len(content), shown.end + _AROUND)
    parts, place = [], start
    for finding in findings:
        if finding.end > start and finding.start < end:
            parts += [content[place : finding.start], f"[{finding.category}]"]
            place = finding.end
    return "".join([*parts, content[place:end]])


def _reason(category: str) -> str:
    return f"identifier: {category}"
