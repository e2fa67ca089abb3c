"""Clusters of near-duplicates: candidate pairs checked exactly, and joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from vocation.component import Settings
from vocation.corpus.near_duplicates.banding import choose
from vocation.corpus.near_duplicates.candidates import candidate_pairs
from vocation.corpus.near_duplicates.shingling import Shingling
from vocation.corpus.near_duplicates.signatures import PLAIN_CHARACTERS, Signer
from vocation.corpus.workers import spread

if TYPE_CHECKING:
    import pyarrow as pa

PERMUTATIONS = 128
"""Largest number of hashes in a signature, as common tools have it; `banding.choose` may take fewer."""
_LINE = 16
"""Keys in a line of the processor's cache."""

Batches = Callable[[], Iterator["tuple[NDArray[np.int64], pa.StringArray]"]]
"""Streams texts anew with each call."""


class NearDuplicateSettings(Settings):
    """The part of `NearDuplicates` that says which texts count as nearly the same."""

    threshold: float = Field(
        default=0.8, ge=0.3, le=1, description="Smallest Jaccard similarity of the shingles of near-duplicates."
    )
    words: int = Field(default=3, ge=1, le=20, description="Words in a shingle.")
    characters: int = Field(
        default=5, ge=1, le=50, description="Characters in a shingle of Chinese, Japanese or Korean text."
    )


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Near-duplicates of N texts.

    Args:
        cluster: [N] the first text of each text's cluster; its own place for a text that is on its own.
        nearest: [N] the text that it was found to be a near-duplicate of, an earlier one if there is any; -1 for a text
            that is on its own.
        similarity: [N] Jaccard similarity of the two; 0 where there is none.
    """

    cluster: NDArray[np.int64]
    nearest: NDArray[np.int64]
    similarity: NDArray[np.float64]


def find_clusters(batches: Batches, count: int, characters: int, settings: NearDuplicateSettings) -> Clusters:
    """The clusters of near-duplicate texts, connected by pairs at or above the threshold.

    Texts are read twice, as streams: once for their signatures (4 bytes a band and text are kept; with what pairs them,
    about 160 bytes a text at the peak, as `benchmarks/corpus` measures with 22 bands and a million texts), and once for
    the shingles of those in candidate pairs (4 bytes a shingle are kept).

    Args:
        batches: each call streams all texts anew, in batches of places [n], which rise, and an Arrow array [n] of
            strings; places that no batch holds are on their own.
        count: number of places, N.
        characters: of all texts, about: decides whether compiled code is worth its start.
        settings: what counts as near.
    """
    shape = Shingling(settings.words, settings.characters)
    signer = Signer(shape, choose(settings.threshold, PERMUTATIONS), compiled=characters >= PLAIN_CHARACTERS)
    pairs = _candidates(batches, count, signer)
    similarity = _compare(batches, count, pairs, signer, settings.threshold)
    near = similarity >= settings.threshold
    return _join(pairs[near], similarity[near], count, compiled=signer.compiled)


def _candidates(batches: Batches, count: int, signer: Signer) -> NDArray[np.int64]:
    """[P, 2] places of the pairs to check."""
    table = np.empty((signer.banding.bands, count + _odd_lines(count)), dtype=np.uint32)
    comparable, places = np.empty(count, dtype=np.bool_), np.empty(count, dtype=np.int64)
    end = 0
    for place, texts in batches():
        start, end = end, end + len(place)
        comparable[start:end] = signer.fill_keys(texts, table[:, start:end])
        places[start:end] = place
    pairs = candidate_pairs(table[:, :end], comparable[:end], compiled=signer.compiled, threads=signer.threads)
    return places[pairs]


def _odd_lines(count: int) -> int:
    """By how many keys to lengthen each band's row, so that rows begin an odd number of cache lines apart.

    Keys of one text are written to all bands at once: at distances of powers of two they would fall on one set of the
    processor's cache.
    """
    lines = -(-count // _LINE) | 1
    return lines * _LINE - count


def _compare(
    batches: Batches, count: int, pairs: NDArray[np.int64], signer: Signer, threshold: float
) -> NDArray[np.float64]:
    """[P] the exact similarity of each pair at or above the threshold; of another pair, something below."""
    import pyarrow as pa

    if not len(pairs):
        return np.empty(0, dtype=np.float64)
    involved = np.zeros(count, dtype=np.bool_)
    involved[pairs] = True
    sets, sizes, seen = [], [], []
    for places, texts in batches():
        wanted = involved[places]
        if wanted.any():
            found, bounds = signer.shingles(texts.filter(pa.array(wanted)))
            sets.append(found)
            sizes.append(np.diff(bounds))
            seen.append(places[wanted])
    shingles, size, place = np.concatenate(sets), np.concatenate(sizes), np.concatenate(seen)
    bounds = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    at = np.empty(count, dtype=np.int64)
    at[place] = np.arange(len(place))
    left, right = at[pairs[:, 0]], at[pairs[:, 1]]
    if signer.compiled:
        return _similarities(shingles, bounds, (left, right), threshold, signer.threads)
    return np.array([_jaccard(shingles, bounds, one, two) for one, two in zip(left, right, strict=True)], dtype=float)


def _similarities(
    shingles: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    threshold: float,
    threads: int,
) -> NDArray[np.float64]:
    """As `_jaccard`, of all pairs, compiled."""
    from vocation.corpus.near_duplicates.compiled_pairs import similarities

    parts = zip(*(np.array_split(side, threads) for side in pairs), strict=True)
    return np.concatenate(
        spread(lambda part: similarities(shingles, bounds, part[0], part[1], threshold), parts, threads)
    )


def _jaccard(shingles: NDArray[np.uint32], bounds: NDArray[np.int64], one: int, two: int) -> float:
    first, second = shingles[bounds[one] : bounds[one + 1]], shingles[bounds[two] : bounds[two + 1]]
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / (len(first) + len(second) - common)


def _join(pairs: NDArray[np.int64], similarity: NDArray[np.float64], count: int, *, compiled: bool) -> Clusters:
    if compiled:
        from vocation.corpus.near_duplicates.compiled_pairs import join

        return Clusters(*join(pairs, similarity, count))
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    number, component = connected_components(graph, directed=False)
    first = np.empty(number, dtype=np.int64)
    first[component[::-1]] = np.arange(count)[::-1]  # The last to be written is the first text of the component.
    cluster = first[component]
    nearest, best = np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=np.float64)
    for side in (1, 0):  # Where a text has earlier near-duplicates, the most similar of those; else of the later ones.
        order = np.lexsort((-pairs[:, 1 - side], similarity))
        this, other = pairs[order, side], pairs[order, 1 - side]
        alone = nearest[this] < 0 if side == 0 else np.ones(len(this), dtype=np.bool_)
        chosen = np.full(count, -1, dtype=np.int64)
        chosen[this[alone]] = np.flatnonzero(alone)
        rows = np.flatnonzero(chosen >= 0)
        nearest[rows], best[rows] = other[chosen[rows]], similarity[order][chosen[rows]]
    return Clusters(cluster, nearest, best)
