"""The index: the little that the corpus decisions need to know of every row.

Rows themselves stay on disk. Here each is a few numbers, about 90 bytes in all, so that duplicates, conflicts,
overlaps and splits are decided for millions of rows in memory. Row i of the index is record i of the cleaned corpus.
"""

from __future__ import annotations

import hashlib
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from vocation.records import Record
from vocation.tasks import Task

UNSPLIT, TRAIN, VALIDATION, TEST, UNLABELLED, DROPPED = -1, 0, 1, 2, 3, 4
"""Codes of splits in the index. UNSPLIT rows are still to be divided; DROPPED rows are in no split."""
SPLIT_NAMES = {TRAIN: "train", VALIDATION: "validation", TEST: "test", UNLABELLED: "unlabelled"}
SPLIT_CODES = {name: code for code, name in SPLIT_NAMES.items()}

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_NO_TIME = np.iinfo(np.int64).min  # What numpy keeps for NaT.


def text_key(record: Record) -> bytes:
    """16 bytes that are equal for records of equal texts, whatever their width, case and spacing.

    BLAKE2 over the texts after NFKC, case folding, and folding of white space.
    """
    digest = hashlib.blake2b(digest_size=16)
    for text in record.texts.values():
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.content).casefold())
        part = " ".join(folded.split()).encode("utf-8", errors="surrogatepass")
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.digest()


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Arrays over the N rows of the cleaned corpus.

    Args:
        text: [N] number of the row's text; equal texts (see `text_key`) have equal numbers.
        cluster: [N] number of the row's cluster of nearly equal texts, which no split may part; the number of the text
            itself until `with_clusters` gives others.
        answer: [N] digest of the gold answer; 0 for unlabelled rows.
        group: [N] number of the row's group, -1 for a row on its own.
        time: [N] when the row is from, in UTC and microseconds; NaT for a row without a time.
        given: [N] split that the recipe gives, or UNSPLIT.
        order: [N] hash of the row's id: an order that does not depend on the order of reading.
        length: [N] characters of all its texts.
        file: [N] place in `files`.
        line: [N] row number in that file.
        label: [M] labels of all rows one after the other, as places in `labels`.
        label_start: [N + 1] where the labels of each row begin in `label`.
        labels: names of labels, sorted.
        files: names of files.
    """

    text: NDArray[np.int64]
    cluster: NDArray[np.int64]
    answer: NDArray[np.uint64]
    group: NDArray[np.int64]
    time: NDArray[np.datetime64]
    given: NDArray[np.int8]
    order: NDArray[np.uint64]
    length: NDArray[np.int64]
    file: NDArray[np.int32]
    line: NDArray[np.int64]
    label: NDArray[np.int32]
    label_start: NDArray[np.int64]
    labels: tuple[str, ...]
    files: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.text)

    def place(self, row: int) -> str:
        """Where a row was read, as "file:row"."""
        return f"{self.files[self.file[row]]}:{self.line[row]}"

    def source_rows(self) -> int:
        """How many rows of source files there are; the pieces of a divided text are from one."""
        return len(np.unique(np.stack([self.file.astype(np.int64), self.line]), axis=1).T)

    def labels_of(self, row: int) -> NDArray[np.int32]:
        """Labels of a row, with repetitions, as places in `labels`."""
        return self.label[self.label_start[row] : self.label_start[row + 1]]

    def answer_words(self, row: int, width: int | None = None) -> str:
        """The row's labels in words, such as "lost_card" or "Disease ×2", each cut to `width` characters."""
        counts = Counter(self.labels[label] for label in self.labels_of(row))
        words = (name[:width] if count == 1 else f"{name[:width]} ×{count}" for name, count in sorted(counts.items()))
        return ", ".join(words) or "nothing"

    def label_rows(self) -> NDArray[np.int64]:
        """[M] the row that each entry of `label` belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.label_start))

    def label_counts(self, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        """[L] how often each label occurs in the rows that the mask [N] names."""
        return np.bincount(self.label[rows[self.label_rows()]], minlength=len(self.labels))


class IndexBuilder:
    """Takes records one by one and makes their index.

    Args:
        task: says what answers and labels a record has.
        files: names of all source files.
    """

    def __init__(self, task: Task, files: Sequence[str]) -> None:
        self._task = task
        self._files = {name: place for place, name in enumerate(files)}
        self._labels: dict[str, int] = {}
        self._keys = bytearray()
        self._answers, self._orders = array("Q"), array("Q")
        self._groups, self._times = bytearray(), array("q")
        self._lengths, self._lines = array("q"), array("q")
        self._given, self._file, self._label, self._label_counts = array("b"), array("i"), array("i"), array("q")

    def add(self, record: Record, split: str | None) -> None:
        """Adds the next record.

        Args:
            record: cleaned.
            split: the split that the recipe gives to it, if any.
        """
        unlabelled = split == "unlabelled"
        self._keys += text_key(record)
        self._answers.append(0 if unlabelled else _number(repr(self._task.answer(record))) or 1)
        self._groups += _digest(f"{record.group}", 16) if record.group is not None else bytes(16)
        self._times.append(_NO_TIME if record.time is None else (record.time - _EPOCH) // _MICROSECOND)
        self._given.append(UNSPLIT if split is None else SPLIT_CODES[split])
        self._orders.append(_number(record.id))
        self._lengths.append(sum(len(text.content) for text in record.texts.values()))
        self._file.append(self._files[record.file])
        self._lines.append(record.row)
        labels = () if unlabelled else self._task.labels(record)
        self._label.extend(self._labels.setdefault(label, len(self._labels)) for label in labels)
        self._label_counts.append(len(labels))

    def finish(self) -> Index:
        """The index of all records added."""
        names = sorted(self._labels)
        rank = np.zeros(len(names), dtype=np.int32)
        for place, name in enumerate(names):
            rank[self._labels[name]] = place
        text = _numbered(self._keys)
        return Index(
            text=text,
            cluster=text,
            answer=np.array(self._answers, dtype=np.uint64),
            group=_numbered(self._groups, nothing=bytes(16)),
            time=np.array(self._times, dtype=np.int64).view("datetime64[us]"),
            given=np.array(self._given, dtype=np.int8),
            order=np.array(self._orders, dtype=np.uint64),
            length=np.array(self._lengths, dtype=np.int64),
            file=np.array(self._file, dtype=np.int32),
            line=np.array(self._lines, dtype=np.int64),
            label=rank[np.array(self._label, dtype=np.int32)],
            label_start=np.concatenate([[0], np.cumsum(np.array(self._label_counts, dtype=np.int64))]).astype(np.int64),
            labels=tuple(names),
            files=tuple(self._files),
        )


def with_clusters(index: Index, cluster: NDArray[np.int64]) -> Index:
    """The same index with clusters of nearly equal texts.

    Clusters that share a text become one, so that rows of equal texts are in one cluster whatever the numbers say.

    Args:
        index: of all rows.
        cluster: [N] equal numbers for rows of one cluster.
    """
    return replace(index, cluster=connected(index.text, cluster))


def connected(*numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """[N] numbers from 0 that are equal for rows that any of several numberings ties together, also by way of others.

    Args:
        numbers: [N] each; rows of equal number are tied, one with a negative number is on its own.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, nodes, size = [], [], len(numbers[0])
    nodes_before = size  # A node for each row, then one for each number.
    for each in numbers:
        tied = np.flatnonzero(each >= 0)
        distinct, place = np.unique(each[tied], return_inverse=True)
        rows.append(tied)
        nodes.append(nodes_before + place)
        nodes_before += len(distinct)
    edges = (np.concatenate(rows), np.concatenate(nodes))
    graph = coo_array((np.ones(len(edges[0]), dtype=np.int8), edges), shape=(nodes_before, nodes_before))
    _, component = connected_components(graph, directed=False)
    _, result = np.unique(component[:size], return_inverse=True)
    return result.astype(np.int64)


def rows_in_common(numbers: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """For each number that more than one row has: those rows, in order.

    Args:
        numbers: [N] not negative.
    """
    rows = np.flatnonzero(np.bincount(numbers)[numbers] > 1) if len(numbers) else np.empty(0, dtype=np.int64)
    rows = rows[np.argsort(numbers[rows], kind="stable")]
    if len(rows):
        yield from np.split(rows, np.flatnonzero(np.diff(numbers[rows])) + 1)


def _digest(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", errors="surrogatepass"), digest_size=size).digest()


def _number(text: str) -> int:
    return int.from_bytes(_digest(text, 8), "little")


def _numbered(digests: bytearray, nothing: bytes | None = None) -> NDArray[np.int64]:
    """[N] equal numbers for equal 16-byte digests; -1 for `nothing`."""
    keys = np.frombuffer(bytes(digests), dtype=np.dtype("V16")).view([("high", "<u8"), ("low", "<u8")])
    _, numbers = np.unique(keys, return_inverse=True)
    numbers = numbers.astype(np.int64).reshape(-1)
    if nothing is not None:
        numbers[keys == np.frombuffer(nothing, dtype=keys.dtype)[0]] = -1
    return numbers
