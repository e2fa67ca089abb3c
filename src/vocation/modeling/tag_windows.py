"""Windows over long texts for tagging, each token being scored in exactly one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vocation.text import Span

_IGNORED = -100  # torch's cross-entropy leaves this target out


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A window of tokens.

    Args:
        index: its position among all windows of the tokenizer's output.
        record: index of the text that it came from.
        offsets: [T, 2] characters that each position's tag speaks of; (0, 0) where the position carries no tag:
            special tokens, later sub-tokens of a word if only the first is tagged, and tokens which a neighbouring
            window owns.
        first: whether the text begins in this window.
    """

    index: int
    record: int
    offsets: NDArray[np.int64]
    first: bool


def windows(encoded: Any, contents: Sequence[str], subtokens: Literal["all", "first"]) -> Iterator[Window]:
    """The windows of tokenized texts.

    Of the tokens that two neighbouring windows share, the earlier window owns the first half and the later one the
    second, so that every token is tagged where it has the most context on its poorer side.

    Args:
        encoded: a fast tokenizer's output with `offset_mapping` and `overflow_to_sample_mapping`.
        contents: the texts.
        subtokens: whether all sub-tokens of a word are tagged or the first alone, which then stands for the word.
    """
    owners = encoded["overflow_to_sample_mapping"]
    tokens = [
        _trimmed(np.asarray(offsets), contents[owner])
        for offsets, owner in zip(encoded["offset_mapping"], owners, strict=True)
    ]
    bounds = _owned_bounds(tokens, owners)
    if subtokens == "first":
        tokens = _whole_words(tokens, owners, [encoded.word_ids(index) for index in range(len(tokens))])
    for index, (owner, offsets, (low, high)) in enumerate(zip(owners, tokens, bounds, strict=True)):
        owned = (offsets[:, 0] >= low) & (offsets[:, 0] < high)
        first = index == 0 or owners[index - 1] != owner
        yield Window(index, owner, np.where(owned[:, None], offsets, 0), first)


def tag_window(window: Window, spans: Sequence[Span], tag_index: Mapping[str, int]) -> tuple[NDArray[np.int64], int]:
    """The BIO targets of a window.

    Args:
        window: from `windows`.
        spans: the text's entities, ordered and not overlapping.
        tag_index: number of each tag name, such as "B-Disease"; entities of a type that has none are left out.

    Returns:
        Targets [T], ignored where the position carries no tag, and the number of entities one of whose boundaries
        is not that of a token owned here, so that the tags cannot give them back exactly.
    """
    targets = np.full(len(window.offsets), _IGNORED, dtype=np.int64)
    (positions,) = np.nonzero(window.offsets[:, 1] > window.offsets[:, 0])
    if not len(positions):
        return targets, 0
    starts, ends = window.offsets[positions].T
    tags = np.full(len(positions), tag_index["O"], dtype=np.int64)
    missed = 0
    for span in spans:
        if f"B-{span.label}" not in tag_index or span.end <= starts[0] or span.start >= ends[-1]:
            continue
        begin = int(np.searchsorted(ends, span.start, side="right"))
        stop = int(np.searchsorted(starts, span.end, side="left"))
        if begin == stop:  # The tokenizer dropped all its characters.
            missed += 1
            continue
        tags[begin:stop] = tag_index[f"I-{span.label}"]
        continued = begin == 0 and not window.first and span.start < starts[0]
        if not continued:
            tags[begin] = tag_index[f"B-{span.label}"]
        runs_on = stop == len(ends) and span.end > ends[-1]
        missed += (not continued and starts[begin] != span.start) or (not runs_on and ends[stop - 1] != span.end)
    targets[positions] = tags
    return targets, missed


def _trimmed(offsets: NDArray[np.int64], content: str) -> NDArray[np.int64]:
    """Offsets without the white space that some tokenizers count into a token."""
    offsets = offsets.astype(np.int64).reshape(-1, 2).copy()
    for row in offsets:
        while row[0] < row[1] and content[row[0]].isspace():
            row[0] += 1
        while row[0] < row[1] and content[row[1] - 1].isspace():
            row[1] -= 1
    return offsets


def _whole_words(
    tokens: Sequence[NDArray[np.int64]], owners: Sequence[int], words: Sequence[Sequence[int | None]]
) -> list[NDArray[np.int64]]:
    """The first sub-token of each word gets the word's offsets, the others none.

    A word that the end of a window cuts keeps its whole extent, and a window that begins inside a word tags nothing
    of it.
    """
    extents: dict[tuple[int, int | None], tuple[int, int]] = {}
    for offsets, owner, ids in zip(tokens, owners, words, strict=True):
        for (start, end), word in zip(offsets.tolist(), ids, strict=True):
            if word is not None and start < end:
                low, high = extents.get((owner, word), (start, end))
                extents[owner, word] = (min(low, start), max(high, end))
    results = []
    for offsets, owner, ids in zip(tokens, owners, words, strict=True):
        result, tagged = np.zeros_like(offsets), set()
        for position, word in enumerate(ids):
            start, end = offsets[position]
            if word not in tagged and start < end and start == extents[owner, word][0]:
                result[position] = extents[owner, word]
                tagged.add(word)
        results.append(result)
    return results


def _owned_bounds(tokens: Sequence[NDArray[np.int64]], owners: Sequence[int]) -> list[tuple[int, int]]:
    """For each window, the range of characters in which the tokens that it owns begin."""
    low = [0] * len(tokens)
    high = [np.iinfo(np.int64).max] * len(tokens)
    for later in range(1, len(tokens)):
        earlier = later - 1
        if owners[earlier] != owners[later]:
            continue
        begins = tokens[later][tokens[later][:, 1] > tokens[later][:, 0], 0]
        ends = tokens[earlier][tokens[earlier][:, 1] > tokens[earlier][:, 0], 0]
        shared = begins[begins <= ends[-1]] if len(ends) and len(begins) else begins[:0]
        if len(shared):
            border = int(shared[len(shared) // 2])
        else:
            border = int(begins[0]) if len(begins) else high[earlier]
        high[earlier] = low[later] = border
    return list(zip(low, high, strict=True))
