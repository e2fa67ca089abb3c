"""Near-duplicates among the rows of the cleaned corpus: who is near whom, and which rows go for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vocation.corpus.index import SPLIT_NAMES, TEST, TRAIN, UNLABELLED, UNSPLIT, VALIDATION, Index, with_clusters
from vocation.corpus.near_duplicates.clustering import NearDuplicateSettings, find_clusters
from vocation.corpus.verdicts import Verdict
from vocation.errors import RecipeError
from vocation.progress import Progress
from vocation.records import RecordSchema, record_batches

if TYPE_CHECKING:
    import pyarrow as pa

Stays = Literal["first", "longest", "newest"]
_STEP = "near_duplicates"
_BATCH, _BATCH_BYTES = 50_000, 1 << 22
"""Rows and bytes of texts from which on a batch is full: enough for all cores, little beside what is kept."""
_EXAMPLES = 5
_PAIRS = ((TRAIN, VALIDATION), (TRAIN, TEST), (VALIDATION, TEST))


class NearDuplicates(NearDuplicateSettings):
    """Which texts count as nearly the same, and what happens to them.

    Texts are compared by their sets of shingles: runs of neighbouring words, or of characters in Chinese, Japanese and
    Korean. Candidates are found by MinHash and banding (Broder, 1997; Leskovec, Rajaraman and Ullman, 2014) and then
    compared exactly, so that what is reported is never below the threshold; a pair right at it is missed with a
    probability of at most 2 %. Rows joined by such pairs are a cluster. Rows of one cluster always get into one split.
    Unlabelled rows in the cluster of a validation or test row go, because a model must not have read its test.
    """

    unlabelled: Literal["drop", "keep"] = Field(
        default="drop", description="Whether of the unlabelled rows of a cluster only one stays."
    )
    labelled: Literal["drop", "keep"] = Field(
        default="keep",
        description="Whether of the training rows of a cluster that have the same answer only one stays. Ways of "
        "saying the same are worth learning from, so that they are kept by default.",
    )
    overlap: Literal["report", "remove_from_train"] = Field(
        default="report",
        description="Near-duplicates that stand in two given splits: only report them, or remove them from train (and "
        "from validation what is near test).",
    )


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Who is near whom.

    Args:
        index: of all rows, with their clusters.
        nearest: [N] a row that each row's text is nearly that of, -1 where there is none.
        similarity: [N] Jaccard similarity of the two.
    """

    index: Index
    nearest: NDArray[np.int64]
    similarity: NDArray[np.float64]

    def near(self, row: int) -> str:
        """What a row is near to, in words."""
        return f"{self.similarity[row]:.2f} similar to {self.index.place(int(self.nearest[row]))}"


@dataclass(frozen=True, slots=True, eq=False)
class NearDuplicateDecision:
    """What was decided.

    Args:
        kept: [N] whether the row stays.
        verdicts: for the ledger.
        summary: for the manifest.
    """

    kept: NDArray[np.bool_]
    verdicts: list[Verdict] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)


def find_neighbours(
    index: Index, cleaned: Sequence[Path], schema: RecordSchema, settings: NearDuplicates, progress: Progress
) -> Neighbours:
    """Compares all texts of the cleaned corpus, each once however many rows have it.

    Args:
        index: of all rows.
        cleaned: files with the rows' records, in the order of the index.
        schema: of the records; the texts of a record are compared together.
        settings: what counts as near.
        progress: shows both passes over the texts.
    """
    _, first = np.unique(index.text, return_index=True)
    once = np.zeros(len(index), dtype=np.bool_)
    once[first] = True
    with progress.bar("near-duplicates", total=2 * len(index), unit="rows") as bar:
        left = 2 * len(index)

        def batches() -> Iterator[tuple[NDArray[np.int64], pa.StringArray]]:
            nonlocal left
            for start, texts in _texts(cleaned, schema):
                chosen = once[start : start + len(texts)]
                yield start + np.flatnonzero(chosen), _filter(texts, chosen)
                bar.advance(len(texts))
                left -= len(texts)

        found = find_clusters(batches, len(index), int(index.length.sum()), settings)
        bar.advance(left)  # Without candidates there is no second pass.
    own = first[index.text]  # The row that stands for each row's text.
    return Neighbours(with_clusters(index, found.cluster[own]), found.nearest[own], found.similarity[own])


def decide(
    neighbours: Neighbours, kept: NDArray[np.bool_], settings: NearDuplicates, stays: Stays, *, labels: bool
) -> NearDuplicateDecision:
    """Which rows go for being near others.

    Args:
        neighbours: who is near whom.
        kept: [N] whether a row has stayed so far.
        settings: what happens to them.
        stays: which row of a cluster.
        labels: whether answers are labels of whole texts, which nearly equal texts can have in common; spans cannot.
    """
    index, kept = neighbours.index, kept.copy()
    verdicts = []
    training = (index.given == UNSPLIT) | (index.given == TRAIN)
    overlaps = []
    for lesser, greater in _PAIRS:
        rows = _in_both(index, kept, training if lesser == TRAIN else index.given == lesser, index.given == greater)
        if len(rows):
            removed = settings.overlap == "remove_from_train"
            kept[rows] &= not removed
            reason = "near-duplicate in two given splits"
            verdicts.append(Verdict("dropped" if removed else "reported", _STEP, reason, rows, neighbours.near))
            names = [SPLIT_NAMES[lesser], SPLIT_NAMES[greater]]
            action = f"removed from {names[0]}" if removed else "reported"
            overlaps.append({"between": names, "rows": len(rows), "action": action})
    for chosen, same_answer, wanted in (
        (index.given == UNLABELLED, False, settings.unlabelled == "drop"),
        (training, labels, settings.labelled == "drop"),
    ):
        rows = _others(index, np.flatnonzero(chosen & kept), preference(index, stays), same_answer=same_answer)
        if wanted and len(rows):
            kept[rows] = False
            verdicts.append(Verdict("dropped", _STEP, "near-duplicate", rows, neighbours.near))
    conflicting = _conflicting(index, np.flatnonzero(training & kept)) if labels else np.empty(0, dtype=np.int64)
    if len(conflicting):
        reason = "near-duplicates with different answers"
        verdicts.append(Verdict("reported", _STEP, reason, conflicting, neighbours.near))
    return NearDuplicateDecision(kept, verdicts, _summary(neighbours, overlaps, conflicting))


def preference(index: Index, stays: Stays) -> NDArray[np.int64]:
    """[N] a number that is smallest for the row that stays, the first one where rows are equal.

    Raises:
        RecipeError: the newest is to stay, and no row has a time.
    """
    rows = np.arange(len(index), dtype=np.int64)
    if stays == "first":
        return rows
    if stays == "longest":
        order = np.lexsort((rows, -index.length))
    else:
        if len(index) and bool(np.isnat(index.time).all()):
            raise RecipeError(
                "corpus.deduplication.stays is newest, and no source maps a column of times.\n"
                "  what to do: set `columns: {time: COLUMN}` of the sources, or choose first or longest"
            )
        old_first = np.where(np.isnat(index.time), np.iinfo(np.int64).min, index.time.view(np.int64))
        order = np.lexsort((rows, -np.maximum(old_first, -np.iinfo(np.int64).max)))
    rank = np.empty(len(index), dtype=np.int64)
    rank[order] = rows
    return rank


def _texts(cleaned: Sequence[Path], schema: RecordSchema) -> Iterator[tuple[int, Any]]:
    """The texts of the records in batches, each with the row that it begins at."""
    import pyarrow as pa
    import pyarrow.compute as pc

    start, held, rows = 0, list[Any](), 0
    for batch in record_batches(cleaned, _BATCH, schema.texts):
        columns = [batch.column(name) for name in schema.texts]
        held.append(columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, "\n"))
        rows += len(batch)
        if rows >= _BATCH or sum(texts.nbytes for texts in held) >= _BATCH_BYTES:
            yield start, pa.concat_arrays(held)
            start, held, rows = start + rows, [], 0
    if held:
        yield start, pa.concat_arrays(held)


def _filter(texts: Any, chosen: NDArray[np.bool_]) -> Any:
    import pyarrow as pa

    return texts if chosen.all() else texts.filter(pa.array(chosen))


def _in_both(
    index: Index, kept: NDArray[np.bool_], lesser: NDArray[np.bool_], greater: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Rows of the lesser split in the cluster of a row of the greater one, other than those of equal text."""
    rows = np.flatnonzero(lesser & kept)
    near = np.isin(index.cluster[rows], index.cluster[greater & kept])
    return rows[near & ~np.isin(index.text[rows], index.text[greater & kept])]


def _others(index: Index, rows: NDArray[np.int64], rank: NDArray[np.int64], *, same_answer: bool) -> NDArray[np.int64]:
    """Of the rows of a cluster (and of equal answer), all but the preferred one."""
    answer = index.answer[rows] if same_answer else np.zeros(len(rows), dtype=np.uint64)
    order = np.lexsort((rank[rows], answer, index.cluster[rows]))
    cluster, answer, ordered = index.cluster[rows][order], answer[order], rows[order]
    follows = np.zeros(len(rows), dtype=np.bool_)
    follows[1:] = (cluster[1:] == cluster[:-1]) & (answer[1:] == answer[:-1])
    return np.sort(ordered[follows])


def _conflicting(index: Index, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows whose cluster has several texts, and rows of several answers."""
    pairs = np.unique(np.stack([index.cluster[rows].astype(np.uint64), index.answer[rows]]), axis=1)
    clusters, counts = np.unique(pairs[0], return_counts=True)
    texts = np.unique(np.stack([index.cluster[rows], index.text[rows]]), axis=1)[0]
    several, texts_in = np.unique(texts, return_counts=True)
    conflicting = np.intersect1d(clusters[counts > 1].astype(np.int64), several[texts_in > 1])
    return rows[np.isin(index.cluster[rows], conflicting)]


def _summary(neighbours: Neighbours, overlaps: list[dict[str, Any]], conflicting: NDArray[np.int64]) -> dict[str, Any]:
    """Clusters of more than one text: how many, how large, and the largest as examples (by their places)."""
    index = neighbours.index
    _, first = np.unique(index.text, return_index=True)
    clusters, counts = np.unique(index.cluster[first], return_counts=True)
    large = np.flatnonzero(counts > 1)
    largest = large[np.argsort(-counts[large], kind="stable")][:_EXAMPLES]
    examples = []
    for cluster in clusters[largest]:
        rows = np.flatnonzero(index.cluster == cluster)
        examples.append({"rows": len(rows), "places": [index.place(int(row)) for row in rows[:_EXAMPLES]]})
    return {
        "clusters": len(large),
        "rows": int(np.isin(index.cluster, clusters[large]).sum()),
        "overlap": overlaps,
        "conflicting_rows": len(conflicting),
        "examples": examples,
    }
