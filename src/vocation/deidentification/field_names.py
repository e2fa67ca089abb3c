"""Identifiers in the names of fields: a first line that is data already, objects with telephone numbers as keys.

Names are kept when a file is written without its identifiers: nothing takes their place, as rows would no longer have
the same columns. So a file with an identifier in a name is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vocation.deidentification import Finding
from vocation.deidentification.detectors import NAMED
from vocation.deidentification.scanner import Scanner
from vocation.deidentification.settings import Deidentification
from vocation.errors import DataError
from vocation.records import Row

_ORDINARY = frozenset(("LOCATION", "URL", "DATE_TIME", "ORGANIZATION"))
"""What columns and keys are often called, and what names no person: countries, the terms of JSON-LD, months."""
_WORDED = frozenset(("PERSON", "STREET_ADDRESS"))
"""What common names of columns look like as well: Grace, Billing Street, 高压."""
_FEW = 2
"""Bare numbers in a line of data, such as an age; more are the names of columns: 10, 11, 12."""
_REMEMBERED = 1 << 16
"""Names that are remembered as looked at; keys of objects may be without number."""


class FieldNames:
    """Looks at the names of the fields of rows, each once.

    Args:
        settings: what is looked for; kept categories may stand in names too.
        path: the file, for messages.
        table: whether its first line has the names of the columns.
    """

    def __init__(self, settings: Deidentification, path: Path, *, table: bool) -> None:
        self._scanner = Scanner(settings.chosen_detectors(), settings.minimum_score)
        self._ignored = _ORDINARY | set(settings.keep)
        self._path, self._table = path, table
        self._seen: set[str] = set()

    def look(self, row: Row) -> None:
        """Looks at the names of a row's fields, and at the keys of objects inside them.

        Raises:
            DataError: one holds an identifier; the message says where, and not what it is.
        """
        new = [name for name in dict.fromkeys(_names(row.fields)) if name not in self._seen]
        if not new:
            return
        if len(self._seen) > _REMEMBERED:
            self._seen.clear()
        self._seen.update(new)
        numbered = 0 < sum(map(_is_amount, new)) <= _FEW
        for name, findings in zip(new, self._scanner.scan(new), strict=True):
            for finding in findings:
                if finding.category not in self._ignored and _counts(finding, name, numbered=numbered):
                    raise self._refused(row, name, finding.category)

    def _refused(self, row: Row, name: str, category: str) -> DataError:
        columns = [str(column) for column in row.fields]
        if self._table and name in columns:
            return DataError(
                "The first line looks like data: a name of a column holds an identifier, and would be written as it is",
                file=self._path,
                row=1,
                received=f"{category} in the name of column {columns.index(name) + 1}",
                allowed="a first line with names such as name, phone, note",
                remedy="name the columns: put such a line before the data, or run `vocation convert FILE NEW.csv "
                "--set from.header='[name, phone]'` and de-identify NEW.csv",
            )
        return DataError(
            "A key holds an identifier, and would be written as it is",
            file=self._path,
            row=row.number,
            received=f"{category} in a key",
            allowed='identifiers in values alone, as {"phone": "…"}',
            remedy='write what stands in keys as values, as [{"phone": "…", "note": "…"}] for {"…": "…"}, '
            "and run again",
        )


def _counts(finding: Finding, name: str, *, numbered: bool) -> bool:
    """Whether it is an identifier in a name.

    One in words needs a Chinese word that says so (患者张三), or an amount as a neighbour: Grace Period is no person.

    Args:
        finding: what was found.
        name: the whole name.
        numbered: whether another name is an amount.
    """
    whole = finding.end - finding.start == len(name.strip())
    said = finding.score >= NAMED and finding.detector.startswith("chinese_")
    return finding.category not in _WORDED or said or (whole and numbered)


def _is_amount(name: str) -> bool:
    """Whether it is a number such as an age: neither the number of a column nor a year."""
    stripped = name.strip()
    return stripped.isdecimal() and len(stripped) in (2, 3)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield str(name)
            if isinstance(part, Mapping | list | tuple):
                yield from _names(part)
    elif isinstance(value, list | tuple):
        for part in value:
            if isinstance(part, Mapping | list | tuple):
                yield from _names(part)
