"""Windows over long texts: every token tagged once, every aligned entity given back exactly, the others counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.modeling.pretrained import load_tokenizer
from vocation.modeling.tag_decoding import decode_tags, tag_names
from vocation.modeling.tag_windows import Window, tag_window, windows
from vocation.text import Span

Subtokens = Literal["all", "first"]
NAMES = tag_names(["A", "病"])
TAG_INDEX = {name: index for index, name in enumerate(NAMES)}
CHINESE = "患者肺炎痛𠮷"
FOLDERS = ("bert_folder", "roberta_folder", "llama_folder")


@dataclass(frozen=True)
class Document:
    """A text, and spans of whole words (or Chinese characters) of it that do not overlap."""

    content: str
    spans: tuple[Span, ...]
    max_length: int
    stride: int


@st.composite
def documents(draw: st.DrawFn, *, spaced: bool) -> Document:
    """English words, Chinese characters and emoji; all between spaces, or Chinese without any."""
    english = st.text("abcdehrstz", min_size=1, max_size=9)
    units = draw(st.lists(st.one_of(english, st.sampled_from([*CHINESE, "😀"])), min_size=1, max_size=40))
    content, places = "", []
    for unit in units:
        joined = not content or (not spaced and (unit in CHINESE or content[-1] in CHINESE))
        content += "" if joined else draw(st.sampled_from([" ", "  ", "\n"]))
        places.append((len(content), len(content) + len(unit)))
        content += unit
    spans, position = [], 0
    while position < len(units):
        last = min(position + draw(st.integers(1, 6)), len(units))
        if draw(st.booleans()):
            spans.append(Span(places[position][0], places[last - 1][1], draw(st.sampled_from(["A", "病"]))))
        position = last
    max_length = draw(st.integers(8, 24))
    return Document(content, tuple(spans), max_length, draw(st.integers(0, max_length // 2)))


def windows_of(document: Document, tokenizer: Any, subtokens: Subtokens, max_length: int | None = None) -> list[Window]:
    encoded = tokenizer(
        [document.content],
        truncation=True,
        max_length=max_length or document.max_length,
        stride=document.stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    return list(windows(encoded, [document.content], subtokens))


def tagged(window: Window) -> list[tuple[int, int]]:
    """The places that the window's tags speak of."""
    return [(int(start), int(end)) for start, end in window.offsets if end > start]


def given_back(found: Sequence[Window], spans: Sequence[Span]) -> tuple[list[Span], int]:
    """What a tagger without mistakes would answer, and how many entities the windows report as inexact."""
    offsets, tags, missed = [], [], 0
    for window in found:
        targets, inexact = tag_window(window, spans, TAG_INDEX)
        owned = window.offsets[:, 1] > window.offsets[:, 0]
        assert ((targets >= 0) == owned).all()
        offsets += window.offsets[owned].tolist()
        tags += targets[owned].tolist()
        missed += inexact
    assert not illegal([NAMES[tag] for tag in tags])
    entities, _ = decode_tags(np.eye(len(NAMES), dtype=np.float32)[tags] * 20, NAMES) if tags else ([], 1.0)
    return [Span(offsets[first][0], offsets[last - 1][1], label) for first, last, label, _ in entities], missed


def illegal(tags: Sequence[str]) -> bool:
    """Whether an I- follows anything but a B- or I- of its type."""
    return any(tag[0] == "I" and before[1:] != tag[1:] for before, tag in zip(["O", *tags], tags, strict=False))


@pytest.mark.parametrize("subtokens", ["all", "first"])
@pytest.mark.parametrize("folder", FOLDERS)
@given(data=st.data())
def test_every_aligned_entity_is_given_back_exactly(
    request: pytest.FixtureRequest, folder: str, subtokens: Subtokens, data: st.DataObject
) -> None:
    document = data.draw(documents(spaced=subtokens == "first"))
    tokenizer = load(request.getfixturevalue(folder))
    assert given_back(windows_of(document, tokenizer, subtokens), document.spans) == (list(document.spans), 0)


@pytest.mark.parametrize("subtokens", ["all", "first"])
@pytest.mark.parametrize("folder", FOLDERS)
@given(data=st.data())
def test_every_token_is_tagged_in_exactly_one_window(
    request: pytest.FixtureRequest, folder: str, subtokens: Subtokens, data: st.DataObject
) -> None:
    document = data.draw(documents(spaced=False))
    tokenizer = load(request.getfixturevalue(folder))
    (whole,) = windows_of(document, tokenizer, subtokens, max_length=10_000)
    owners = [set(tagged(window)) for window in windows_of(document, tokenizer, subtokens)]
    assert sum(len(places) for places in owners) == len(set(tagged(whole)))
    assert set().union(*owners) == set(tagged(whole))


def test_neighbours_share_the_overlap_evenly(bert_folder: Path) -> None:
    content = " ".join("abcdefghij")
    document = Document(content, (), max_length=8, stride=4)
    letters = [
        "".join(content[start] for start, _ in tagged(w)) for w in windows_of(document, load(bert_folder), "all")
    ]
    assert letters == ["abcd", "ef", "ghij"]  # Read: abcdef, cdefgh, efghij.


def test_an_entity_that_crosses_windows_goes_on_in_the_second(bert_folder: Path) -> None:
    content = " ".join("abcdefghij")
    document = Document(content, (Span(4, 15, "A"),), max_length=8, stride=0)
    first, second = windows_of(document, load(bert_folder), "all")
    names = [[NAMES[tag] for tag in tag_window(w, document.spans, TAG_INDEX)[0] if tag >= 0] for w in (first, second)]
    assert names == [["O", "O", "B-A", "I-A", "I-A", "I-A"], ["I-A", "I-A", "O", "O"]]


def test_a_word_that_a_window_cuts_keeps_its_whole_extent(bert_folder: Path) -> None:
    document = Document("a b c d zzzzzzzz", (Span(8, 16, "A"),), max_length=8, stride=2)
    found = windows_of(document, load(bert_folder), "first")
    assert len(found) > 1
    assert [place for window in found for place in tagged(window)][-1] == (8, 16)
    assert given_back(found, document.spans) == (list(document.spans), 0)


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize(("start", "end"), [(4, 6), (5, 8), (5, 7)])
def test_a_boundary_inside_a_token_is_counted(
    request: pytest.FixtureRequest, folder: str, start: int, end: int
) -> None:
    spans = (Span(start, end, "A"), Span(9, 12, "A"))
    document = Document("the card was lost", spans, max_length=12, stride=0)
    found, missed = given_back(windows_of(document, load(request.getfixturevalue(folder)), "all"), spans)
    assert found == [Span(4, 8, "A"), Span(9, 12, "A")]
    assert missed == 1


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_entity_with_space_at_its_edges_still_has_a_beginning(request: pytest.FixtureRequest, folder: str) -> None:
    document = Document("my card was lost", (Span(2, 8, "A"),), max_length=12, stride=0)
    found, _ = given_back(windows_of(document, load(request.getfixturevalue(folder)), "all"), document.spans)
    assert found == [Span(3, 7, "A")]


def test_entities_of_an_unknown_type_are_left_out(bert_folder: Path) -> None:
    document = Document("my card was lost", (Span(3, 7, "new"), Span(12, 16, "A")), max_length=12, stride=0)
    found, missed = given_back(windows_of(document, load(bert_folder), "all"), document.spans)
    assert (found, missed) == ([Span(12, 16, "A")], 0)


def load(folder: Path) -> Any:
    if folder not in _LOADED:
        _LOADED[folder] = load_tokenizer(folder)
    return _LOADED[folder]


_LOADED: dict[Path, Any] = {}
