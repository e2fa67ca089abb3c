"""Identifiers with a form or a check digit that stand in the texts of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.examination.samples import Samples, split_files
from vocation.ledger import Ledger
from vocation.records import read_in_batches
from vocation.tasks import Task

if TYPE_CHECKING:
    from vocation.deidentification import Finding

_NAMES_AND_PLACES = {"PERSON", "LOCATION", "STREET_ADDRESS"}
_PREFIX = "identifier: "
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
    scanner, samples, texts = Scanner(tuple(chosen)), Samples(ledger, "identifiers"), 0
    for split, path in split_files(folder):
        for records in read_in_batches(path, task.record_schema, most=most):
            for name in task.record_schema.texts:
                contents = [record.texts[name].content for record in records]
                texts += len(contents)
                for record, content, findings in zip(records, contents, scanner.scan(contents), strict=True):
                    for finding in findings:
                        if samples.wanted(finding.category):
                            excerpt = _without(content, findings, finding)
                            samples.keep(_PREFIX + finding.category, record, split, excerpt, finding.detector)
    return {"texts": texts, "found": samples.finish(_PREFIX)}


def _without(content: str, findings: Sequence[Finding], shown: Finding) -> str:
    """The surroundings of a finding, every identifier in them replaced by its category."""
    start, end = max(0, shown.start - _AROUND), min(len(content), shown.end + _AROUND)
    parts, place = [], start
    for finding in findings:
        if finding.end > start and finding.start < end:
            parts += [content[place : finding.start], f"[{finding.category}]"]
            place = finding.end
    return "".join([*parts, content[place:end]])
