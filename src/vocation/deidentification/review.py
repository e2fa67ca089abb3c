"""A sample for people to check, and what their verdicts say."""

from __future__ import annotations

import csv
import hashlib
import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, TextIO

from vocation.deidentification import Finding
from vocation.deidentification.risk import Share
from vocation.errors import DataError

_CONTEXT = 40  # Characters shown on each side of a finding.
_TEXT = 400  # Characters shown of a text in which nothing was found.
_FEWEST_CHINESE, _FEWEST_LETTERS = 2, 5
_RIGHT, _WRONG = "right", "wrong"
_VERDICTS = {
    **dict.fromkeys(("right", "r", "yes", "y", "1", "true", "对", "是", "正确"), _RIGHT),
    **dict.fromkeys(("wrong", "w", "no", "n", "0", "false", "错", "否", "错误"), _WRONG),
}
REVIEWERS = ("reviewer_1", "reviewer_2")
_COLUMNS = ("question", "file", "row", "field", "category", "score", "found", "context", *REVIEWERS)
_CLEAN = "is nothing missed here?"
_FOUND = "is this found rightly?"


class Place(NamedTuple):
    """Where a text stands.

    Args:
        file: its file.
        row: 1-based number of its row.
        field: name of its field.
    """

    file: str
    row: int
    field: str


@dataclass
class ReviewSample:
    """Chooses what people are to check, with bounded memory and always the same: the places decide, not their order.

    Args:
        each: how many findings of each category, and how many texts without a finding that have words.
    """

    each: int = 50
    _kept: dict[str, list[tuple[int, tuple[str, ...]]]] = field(default_factory=dict, repr=False)

    def add(self, place: Place, content: str, findings: Sequence[Finding]) -> None:
        """Offers the findings of one text, or the text itself where there are none."""
        where = (place.file, str(place.row), place.field)
        for finding in findings:
            start, end = max(0, finding.start - _CONTEXT), finding.end + _CONTEXT
            found = content[finding.start : finding.end]
            context = f"{content[start : finding.start]}⟦{found}⟧{content[finding.end : end]}"
            entry = (_FOUND, *where, finding.category, f"{finding.score:.2f}", found, context)
            self._offer(finding.category, entry, f"{where}{finding.start}")
        if not findings and _has_words(content):
            self._offer("", (_CLEAN, *where, "", "", "", content[:_TEXT]), str(where))

    def write(self, file: TextIO) -> int:
        """Writes the sample as a CSV with two empty columns for verdicts; returns how many rows it has."""
        rows = [entry for category in sorted(self._kept) for _, entry in sorted(self._kept[category], reverse=True)]
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows((*map(_harmless, entry), "", "") for entry in rows)
        return len(rows)

    def _offer(self, category: str, entry: tuple[str, ...], place: str) -> None:
        heap = self._kept.setdefault(category, [])
        rank = -int.from_bytes(hashlib.blake2b(place.encode(), digest_size=8).digest(), "big")
        if len(heap) < self.each:
            heapq.heappush(heap, (rank, entry))
        elif (rank, entry) > heap[0]:
            heapq.heapreplace(heap, (rank, entry))


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the verdicts of a filled sample say.

    Args:
        precision: findings that are right, by category and, as "", of all; of two reviewers the first counts.
        clean: texts without a finding in which nothing was missed; None where there are no verdicts on them.
        kappa: Cohen's kappa of the two reviewers (1960); None where fewer than two filled their column, or all verdicts
            are the same, where it is not defined.
        both: how many rows both reviewers filled.
        agreed: in how many of these they agree.
    """

    precision: Mapping[str, Share]
    clean: Share | None
    kappa: float | None
    both: int
    agreed: int


def read_agreement(path: Path) -> Agreement:
    """Reads a sample whose columns `reviewer_1` and, where there is a second, `reviewer_2` were filled in.

    A verdict is "right" or "wrong" (yes and no, 对 and 错, 1 and 0 as well); an empty cell is no verdict.

    Raises:
        DataError: it cannot be read, lacks a column, has another word for a verdict, or has no verdict at all.
    """
    first: list[tuple[str, str]] = []
    pairs: list[tuple[str, str]] = []
    for number, row in _rows(path):
        one, two = (_verdict(row.get(name, ""), path, number, name) for name in REVIEWERS)
        if one:
            first.append((row["category"], one))
        if one and two:
            pairs.append((one, two))
    if not first:
        raise DataError(
            "The sample has no verdict",
            file=path,
            column=REVIEWERS[0],
            allowed="right or wrong in each row that was checked",
            remedy="fill in the column reviewer_1, and reviewer_2 for the agreement of two people",
        )
    found = [(category, verdict) for category, verdict in first if category]
    categories = sorted({category for category, _ in found})
    clean = [verdict for category, verdict in first if not category]
    return Agreement(
        {
            name: _share([verdict for category, verdict in found if name in ("", category)])
            for name in ("", *categories)
        },
        _share(clean) if clean else None,
        _kappa(pairs),
        len(pairs),
        sum(one == two for one, two in pairs),
    )


def _has_words(content: str) -> bool:
    """Whether there is something to read: two Chinese characters, or five letters; 4, F and 男 name nobody."""
    letters = [character for character in content if character.isalpha()]
    chinese = sum("\u4e00" <= character <= "\u9fff" for character in letters)
    return chinese >= _FEWEST_CHINESE or len(letters) >= _FEWEST_LETTERS


def _share(verdicts: Sequence[str]) -> Share:
    return Share.of(sum(verdict == _RIGHT for verdict in verdicts), len(verdicts))


def _kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """(observed - expected) / (1 - expected) agreement."""
    total = len(pairs)
    if not total:
        return None
    observed = sum(one == two for one, two in pairs) / total
    rights = [sum(pair[place] == _RIGHT for pair in pairs) / total for place in (0, 1)]
    expected = rights[0] * rights[1] + (1 - rights[0]) * (1 - rights[1])
    return None if expected == 1 else (observed - expected) / (1 - expected)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in ("category", *REVIEWERS) if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(
                    f"There is no column {missing[0]!r}",
                    file=path,
                    received=", ".join(reader.fieldnames or ()),
                    remedy="give the review.csv that an audit wrote, with its columns",
                )
            for row in reader:
                yield reader.line_num, {name: value or "" for name, value in row.items() if isinstance(name, str)}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"The sample cannot be read: {error}", file=path, allowed="a CSV file in UTF-8") from error


def _verdict(cell: str, path: Path, row: int, column: str) -> Literal["right", "wrong", ""]:
    word = cell.strip().casefold()
    if not word:
        return ""
    verdict = _VERDICTS.get(word)
    if verdict is None:
        raise DataError(
            "A verdict is not understood",
            file=path,
            row=row,
            column=column,
            received=repr(cell[:60]),
            allowed="right or wrong",
        )
    return "right" if verdict == _RIGHT else "wrong"


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula (CWE-1236)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell
