"""Equal and nearly equal texts: duplicates, conflicting answers, and overlap between splits.

Two rows have equal texts when `vocation.corpus.index.text_key` is equal: width, case and spacing do not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vocation.component import Settings
from vocation.corpus.index import SPLIT_NAMES, TEST, TRAIN, UNLABELLED, UNSPLIT, VALIDATION, Index, rows_in_common
from vocation.corpus.near_duplicates.rows import NearDuplicates, Stays, preference
from vocation.corpus.verdicts import Verdict
from vocation.errors import DataError
from vocation.ledger import Action

_STEP = "deduplication"
_PAIRS = ((TRAIN, VALIDATION), (TRAIN, TEST), (VALIDATION, TEST))


class DeduplicationSettings(Settings):
    """What happens to rows whose texts are equal or nearly equal.

    Of training rows (and rows that are still to be split) with equal text and equal answer one stays. Rows of a
    given validation or test split are never dropped for repeating another of the same split, because results are
    compared on them; they are reported. Unlabelled rows that repeat one another, or a validation or test text, go.
    """

    conflicts: Literal["keep", "drop", "refuse"] = Field(
        default="keep",
        description="Training rows with equal text and different answers: keep one of each answer, drop them all, or "
        "stop. They are reported in any case.",
    )
    overlap: Literal["remove_from_train", "report", "refuse"] = Field(
        default="remove_from_train",
        description="Texts that stand in two given splits: remove them from train (and from validation what is in "
        "test), only report them, or stop. They are reported in any case.",
    )
    stays: Stays = Field(
        default="first",
        description="Which of equal or nearly equal rows stays: the first in the order of reading, the longest, or the "
        "newest by the column that a source's `columns: {time: …}` names.",
    )
    near: NearDuplicates | None = Field(
        default=NearDuplicates(),
        description="What counts as nearly equal, and what happens to it; null looks for none.",
    )


@dataclass(slots=True)
class Overlap:
    """Texts that stand in two given splits.

    Args:
        between: the two, the one that gives way first.
        texts: number of texts.
        rows: number of rows in the split that gives way.
        action: what was done.
    """

    between: tuple[str, str]
    texts: int
    rows: int
    action: str


@dataclass(slots=True)
class Deduplication:
    """What was decided.

    Args:
        kept: [N] whether the row stays.
        verdicts: for the ledger.
        duplicates: rows that repeat another of their split: dropped in train, reported in validation and test.
        conflicting_texts: number of texts with more than one answer.
        conflicting_rows: number of rows with these texts.
        overlaps: a pair of given splits each, where there are any.
    """

    kept: NDArray[np.bool_]
    verdicts: list[Verdict]
    duplicates: dict[str, int]
    conflicting_texts: int
    conflicting_rows: int
    overlaps: list[Overlap]

    def summary(self) -> dict[str, Any]:
        """The part of the corpus manifest that is about equal texts."""
        return {
            "duplicates": self.duplicates,
            "conflicts": {"texts": self.conflicting_texts, "rows": self.conflicting_rows},
            "overlap": [
                {"between": list(o.between), "texts": o.texts, "rows": o.rows, "action": o.action}
                for o in self.overlaps
            ],
        }


def deduplicate(index: Index, settings: DeduplicationSettings) -> Deduplication:
    """Finds rows with equal texts and decides which stay.

    Raises:
        DataError: there are conflicts or overlaps, and the settings refuse them.
    """
    found = _Findings()
    rank = preference(index, settings.stays)
    for rows in rows_in_common(index.text):
        _judge(rows[np.argsort(rank[rows])], index, settings, found)
    _refuse(index, settings, found)
    kept = np.ones(len(index), dtype=np.bool_)
    for dropped in (found.repeats, found.overlapping, found.contradicting):
        kept[list(dropped)] = False
    counts = {
        "train": _count(found.repeats, index, UNSPLIT, TRAIN),
        "validation": _count(found.given_repeats, index, VALIDATION),
        "test": _count(found.given_repeats, index, TEST),
        "unlabelled": _count(found.repeats, index, UNLABELLED),
    }
    return Deduplication(
        kept=kept,
        verdicts=_verdicts(index, found),
        duplicates=counts,
        conflicting_texts=len(found.conflicts),
        conflicting_rows=sum(len(rows) for rows in found.conflicts),
        overlaps=_overlaps(settings, found),
    )


def unlabelled_overlap(index: Index, split: NDArray[np.int8]) -> list[Verdict]:
    """The unlabelled rows whose text, or one nearly equal to it, stands in validation or test: a model must not have
    read its test.

    Args:
        index: of all rows.
        split: [N] codes of the final splits.
    """
    held_out = np.flatnonzero((split == VALIDATION) | (split == TEST))
    left = np.flatnonzero(split == UNLABELLED)
    verdicts = []
    for numbers, reason, how in (
        (index.text, "text stands in validation or test", "same text as"),
        (index.cluster, "text nearly stands in validation or test", "nearly the text of"),
    ):
        found = np.isin(numbers[left], numbers[held_out])
        if found.any():
            place = _held_out_place(index, split, numbers, held_out, how)
            verdicts.append(Verdict("dropped", _STEP, reason, left[found], place))
        left = left[~found]
    return verdicts


def _held_out_place(
    index: Index, split: NDArray[np.int8], numbers: NDArray[np.int64], held_out: NDArray[np.int64], how: str
) -> Callable[[int], str]:
    source = dict(zip(numbers[held_out].tolist(), held_out.tolist(), strict=True))

    def detail(row: int) -> str:
        other = source[int(numbers[row])]
        return f"{how} {index.place(other)} in {SPLIT_NAMES[int(split[other])]}"

    return detail


@dataclass(slots=True)
class _Findings:
    """Rows by what is wrong with them; where a row repeats another, which."""

    repeats: dict[int, int] = field(default_factory=dict)
    given_repeats: dict[int, int] = field(default_factory=dict)
    contradicting: set[int] = field(default_factory=set)
    conflicts: list[NDArray[np.int64]] = field(default_factory=list)
    overlapping: dict[int, int] = field(default_factory=dict)
    pairs: dict[tuple[int, int], list[tuple[list[int], int]]] = field(default_factory=lambda: defaultdict(list))


def _judge(rows: NDArray[np.int64], index: Index, settings: DeduplicationSettings, found: _Findings) -> None:
    """Decides on the rows of one text, the one that is to stay first."""
    sides: dict[int, list[int]] = defaultdict(list)
    for row in rows.tolist():
        given = int(index.given[row])
        sides[TRAIN if given == UNSPLIT else given].append(row)
    _repeats(sides.pop(UNLABELLED, []), index, found.repeats)
    for split in (VALIDATION, TEST):
        _repeats(sides.get(split, []), index, found.given_repeats)
    for lesser, greater in _PAIRS:
        if lesser in sides and greater in sides:
            found.pairs[lesser, greater].append((sides[lesser], sides[greater][0]))
            if settings.overlap == "remove_from_train":
                found.overlapping |= dict.fromkeys(sides[lesser], sides[greater][0])
    labelled = np.array(sorted(row for side in sides.values() for row in side), dtype=np.int64)
    if len(np.unique(index.answer[labelled])) > 1:
        found.conflicts.append(labelled)
        if settings.conflicts == "drop":
            found.contradicting |= set(sides.get(TRAIN, [])) - found.overlapping.keys()
    left = [r for r in sides.get(TRAIN, []) if r not in found.overlapping and r not in found.contradicting]
    _repeats(left, index, found.repeats)


def _repeats(rows: list[int], index: Index, repeats: dict[int, int]) -> None:
    first: dict[int, int] = {}
    for row in rows:
        other = first.setdefault(int(index.answer[row]), row)
        if other != row:
            repeats[row] = other


def _count(rows: Collection[int], index: Index, *given: int) -> int:
    return sum(int(index.given[row]) in given for row in rows)


def _verdicts(index: Index, found: _Findings) -> list[Verdict]:
    answers = {int(row): rows for rows in found.conflicts for row in rows}

    def same(others: dict[int, int]) -> Callable[[int], str]:
        return lambda row: f"same text as {index.place(others[row])}"

    def both(row: int) -> str:
        return _answers(index, answers[row])

    reported = {row: greater for pairs in found.pairs.values() for rows, greater in pairs for row in rows}
    kinds: list[tuple[Action, str, Collection[int], Callable[[int], str]]] = [
        ("dropped", "duplicate", found.repeats, same(found.repeats)),
        ("reported", "duplicate in a given split", found.given_repeats, same(found.given_repeats)),
        ("reported", "conflicting answers", answers, both),
        ("dropped", "conflicting answers", found.contradicting, both),
        ("dropped", "text stands in two given splits", found.overlapping, same(found.overlapping)),
    ]
    if not found.overlapping:
        kinds.append(("reported", "text stands in two given splits", reported, same(reported)))
    return [
        Verdict(action, _STEP, reason, np.array(sorted(rows), dtype=np.int64), detail)
        for action, reason, rows, detail in kinds
        if rows
    ]


def _answers(index: Index, rows: NDArray[np.int64], limit: int = 10, width: int | None = None) -> str:
    first: dict[int, int] = {}
    for row in rows.tolist():
        first.setdefault(int(index.answer[row]), row)
    words = [f"{index.answer_words(row, width)} ({index.place(row)})" for row in list(first.values())[:limit]]
    return "; ".join(words) + (f"; and {len(first) - limit} more" if len(first) > limit else "")


def _overlaps(settings: DeduplicationSettings, found: _Findings) -> list[Overlap]:
    overlaps = []
    for lesser, greater in _PAIRS:
        if pairs := found.pairs.get((lesser, greater)):
            removed = settings.overlap == "remove_from_train"
            action = f"removed from {SPLIT_NAMES[lesser]}" if removed else "reported"
            rows = sum(len(lesser_rows) for lesser_rows, _ in pairs)
            overlaps.append(Overlap((SPLIT_NAMES[lesser], SPLIT_NAMES[greater]), len(pairs), rows, action))
    return overlaps


def _refuse(index: Index, settings: DeduplicationSettings, found: _Findings) -> None:
    if found.conflicts and settings.conflicts == "refuse":
        row = int(found.conflicts[0][0])
        raise DataError(
            f"Equal texts have different answers ({len(found.conflicts)} texts)",
            file=index.files[index.file[row]],
            row=int(index.line[row]),
            received=_answers(index, found.conflicts[0], width=60),
            allowed="one answer a text, because `corpus.deduplication.conflicts` is refuse",
            remedy="correct the answers, or set `conflicts: keep` or `conflicts: drop`",
        )
    for (lesser, greater), pairs in found.pairs.items():
        if settings.overlap == "refuse":
            rows, other = pairs[0]
            raise DataError(
                f"{len(pairs)} texts stand in both {SPLIT_NAMES[lesser]} and {SPLIT_NAMES[greater]}",
                file=index.files[index.file[rows[0]]],
                row=int(index.line[rows[0]]),
                received=f"the text of {index.place(other)}",
                allowed="splits without common texts, because `corpus.deduplication.overlap` is refuse",
                remedy="take the rows out of one split, or set `overlap: remove_from_train`",
            )
