"""Tag schemes: spans from tags and back, and every illegal sequence refused at its place."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.tagging import IllegalTagError, Scheme, TokenSpan, detect_scheme, spans_from_tags, tags_from_spans

SCHEMES: tuple[Scheme, ...] = get_args(Scheme)


@st.composite
def spans(draw: st.DrawFn) -> tuple[list[TokenSpan], int]:
    found: list[TokenSpan] = []
    position = 0
    for _ in range(draw(st.integers(0, 6))):
        first = position + draw(st.integers(0, 3))
        position = first + draw(st.integers(1, 4))
        found.append((first, position, draw(st.sampled_from(["LOC", "PER", "B-x"]))))
    return found, position + draw(st.integers(0, 3))


def test_there_are_four_schemes() -> None:
    assert SCHEMES == ("BIO", "IOB1", "BIOES", "BMES")


@pytest.mark.parametrize("scheme", SCHEMES)
@given(case=spans())
def test_tags_of_spans_give_the_spans_back(scheme: Scheme, case: tuple[list[TokenSpan], int]) -> None:
    found, length = case
    tags = tags_from_spans(found, length, scheme)
    assert len(tags) == length
    assert spans_from_tags(tags, scheme) == found


@given(case=spans(), scheme=st.sampled_from(["BIO", "BIOES", "BMES"]))
def test_the_scheme_is_detected_from_its_tags_or_the_detected_one_reads_the_same(
    case: tuple[list[TokenSpan], int], scheme: Scheme
) -> None:
    found, length = case
    tags = tags_from_spans(found, length, scheme)
    assert spans_from_tags(tags, detect_scheme(set(tags))) == found


@pytest.mark.parametrize(
    ("scheme", "tags", "expected"),
    [
        ("BIO", ["B-A", "I-A", "B-A", "O", "B-B"], [(0, 2, "A"), (2, 3, "A"), (4, 5, "B")]),
        ("IOB1", ["I-A", "I-A", "B-A", "O", "I-B"], [(0, 2, "A"), (2, 3, "A"), (4, 5, "B")]),
        ("BIOES", ["B-A", "I-A", "E-A", "S-A", "O"], [(0, 3, "A"), (3, 4, "A")]),
        ("BMES", ["B_A", "M_A", "E_A", "S_A", "O"], [(0, 3, "A"), (3, 4, "A")]),
    ],
)
def test_spans_of_each_scheme(scheme: Scheme, tags: list[str], expected: list[TokenSpan]) -> None:
    assert spans_from_tags(tags, scheme) == expected


@pytest.mark.parametrize(
    ("scheme", "tags", "position", "allowed"),
    [
        ("BIO", ["O", "I-A"], 1, "O or B-…"),
        ("BIO", ["B-A", "I-B"], 1, "O, B-… or I-A"),
        ("BIO", ["B-A", "E-A"], 1, "O, B-…, I-…"),
        ("BIOES", ["B-A", "B-A"], 1, "I-A or E-A"),
        ("BIO", ["B-A", "Disease"], 1, "O, B-…, I-…"),
        ("BIO", ["B-"], 0, "O, B-…, I-…"),
        ("IOB1", ["I-A", "S-A"], 1, "O, B-…, I-…"),
        ("BIOES", ["I-A"], 0, "O, B-… or S-…"),
        ("BIOES", ["E-A"], 0, "O, B-… or S-…"),
        ("BIOES", ["B-A", "O"], 1, "I-A or E-A"),
        ("BIOES", ["B-A", "S-A"], 1, "I-A or E-A"),
        ("BIOES", ["B-A", "E-B"], 1, "I-A or E-A"),
        ("BIOES", ["B-A"], 1, "I-A or E-A"),
        ("BMES", ["B-A", "M-A"], 2, "M-A or E-A"),
        ("BMES", ["B-A", "I-A"], 1, "O, B-…, M-…, E-…, S-…"),
    ],
)
def test_an_illegal_tag_is_refused_with_its_place_and_what_may_stand_there(
    scheme: Scheme, tags: list[str], position: int, allowed: str
) -> None:
    with pytest.raises(IllegalTagError) as caught:
        spans_from_tags(tags, scheme)
    assert caught.value.position == position
    assert caught.value.allowed == allowed
    assert f"position {position}" in str(caught.value)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [({"O"}, "BIO"), ({"B-A", "I-A"}, "BIO"), ({"S-A"}, "BIOES"), ({"B-A", "E-A", "I-A"}, "BIOES"), ({"M-A"}, "BMES")],
)
def test_detection_by_letters(tags: set[str], expected: Scheme) -> None:
    assert detect_scheme(tags) == expected


@pytest.mark.parametrize(("tags", "shown"), [({"B-A", "U-A"}, "U-A"), ({"I-A", "M-A"}, "I, M"), ({"noun"}, "noun")])
def test_letters_of_no_scheme_are_refused_with_the_tags_that_are_strange(tags: set[str], shown: str) -> None:
    with pytest.raises(ValueError, match=f"no tag scheme has {shown}; known schemes: BIO, IOB1, BIOES, BMES"):
        detect_scheme(tags)


@pytest.mark.parametrize("wrong", [[(0, 0, "A")], [(0, 2, "A"), (1, 3, "A")], [(3, 5, "A")]])
def test_spans_that_tags_cannot_express_are_refused(wrong: list[TokenSpan]) -> None:
    with pytest.raises(ValueError, match="is empty, overlaps another, or is not within 4 tokens"):
        tags_from_spans(wrong, 4, "BIO")
