"""Damaged text: what a cleaning step that the recipe does not name would still mend, or what nothing mends."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

from vocation.cleaning.html import Html
from vocation.examination.samples import Samples, split_files
from vocation.language import misread_gbk
from vocation.ledger import Ledger
from vocation.records import read_in_batches
from vocation.tasks import Task
from vocation.text import Text

_BEFORE, _AFTER = 40, 80  # Characters shown around a fault.
_LEAST_OF_GB = 4
_MARKUP = Html()
_LATIN_RUN = re.compile(
    "[\x80-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2026\u2030\u2039\u203a\u20ac\u2122]{2,}"
)
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")

Test = Callable[[str], int | None]
"""Where a text is damaged; None where it is not."""


def text_faults(folder: Path, task: Task, most: int, ledger: Ledger) -> dict[str, Any]:
    """Looks for what is left of damage after cleaning.

    A few rows of each fault go to the ledger, with what stands around it.

    Args:
        folder: of the corpus.
        task: of the records.
        most: texts of each split that are looked at.
        ledger: takes counts and samples.

    Returns:
        `texts` that were looked at, and `found`: texts with each fault, the most frequent first.
    """
    samples, texts = Samples(ledger, "text_faults"), 0
    for split, path in split_files(folder):
        for record in chain.from_iterable(read_in_batches(path, task.record_schema, most=most)):
            for text in record.texts.values():
                texts += 1
                for fault, place in _faults(text.content):
                    if samples.wanted(fault):
                        samples.keep(fault, record, split, text.content[max(0, place - _BEFORE) : place + _AFTER])
    return {"texts": texts, "found": samples.finish()}


def _faults(content: str) -> list[tuple[str, int]]:
    found = [(fault, test(content)) for fault, test in _TESTS.items()]
    return [(fault, place) for fault, place in found if place is not None]


def _html(content: str) -> int | None:
    """Where the step `html` would change the text."""
    cleaned = _MARKUP(Text(content)).content
    if cleaned == content:
        return None
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(content, cleaned, strict=False)))


def _mojibake(content: str) -> int | None:
    """Where UTF-8 or GB 2312 was read as Latin-1 or Windows-1252, or UTF-8 as GBK.

    A run of characters beyond ASCII counts if its bytes, read as they should have been, are text: of UTF-8 no other
    text's bytes are, from two on; those of GB 2312 may be, so that four are asked for.
    """
    for run in _LATIN_RUN.finditer(content):
        chinese = len(run[0]) >= _LEAST_OF_GB and len(set(run[0])) >= _LEAST_OF_GB - 1  # No row of ××××.
        if _reads_as(run[0], "utf-8") or (chinese and _reads_as(run[0], "gb2312")):
            return run.start()
    for run in misread_gbk.RUN.finditer(content):
        if misread_gbk.read_anew(run[0]) is not None:
            return run.start()
    return None


def _reads_as(run: str, encoding: str) -> bool:
    for misread in ("cp1252", "latin-1"):
        try:
            run.encode(misread).decode(encoding)
        except UnicodeError:
            continue
        return True
    return False


def _replaced(content: str) -> int | None:
    place = content.find("\ufffd")
    return None if place < 0 else place


def _private(content: str) -> int | None:
    found = _PRIVATE_USE.search(content)
    return found.start() if found else None


_TESTS: Mapping[str, Test] = {
    "mark-up": _html,
    "mojibake": _mojibake,
    "replacement character": _replaced,
    "private use character": _private,
}
