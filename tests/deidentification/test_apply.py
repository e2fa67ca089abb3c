"""Replacements in texts: labelled spans stay exact, protected ranges do not protect identifiers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vocation.deidentification import Finding
from vocation.deidentification.apply import replace_findings
from vocation.text import Span, Text


def finding(start: int, end: int) -> Finding:
    return Finding(start, end, "PERSON", 1.0, "test")


def tag(value: str, category: str) -> str:
    return f"[{category}]"


def test_spans_behind_around_and_inside_a_finding_stay_exact() -> None:
    text = Text("Ann Lee has fever", (Span(0, 3, "GIVEN"), Span(0, 7, "PERSON"), Span(12, 17, "SYMPTOM")))
    done, made = replace_findings(text, [finding(0, 7)], tag)
    assert [(done.content[span.start : span.end], span.label) for span in done.spans] == [
        ("[PERSON]", "GIVEN"),
        ("[PERSON][PERSON]", "PERSON"),
        ("fever", "SYMPTOM"),
    ]
    assert not done.cut
    assert "".join(one.old for one in made) == "Ann Lee"


def test_a_mask_is_cut_where_the_label_ends_and_shows_no_more_than_it_would_alone() -> None:
    text = Text("1234567890", (Span(0, 5, "X"),))
    done, _ = replace_findings(text, [finding(0, 10)], lambda value, _: "*" * (len(value) - 4) + value[-4:])
    assert done.content == "******7890"
    assert done.spans == (Span(0, 5, "X"),)


def test_a_label_on_a_removed_identifier_is_reported_as_cut() -> None:
    done, _ = replace_findings(Text("Ann ill", (Span(0, 3, "PERSON"),)), [finding(0, 3)], lambda *_: "")
    assert done.content == " ill"
    assert [span.label for span in done.cut] == ["PERSON"]


def test_a_protected_term_does_not_protect_an_identifier_in_it() -> None:
    text = Text("Ann ill H2O").protect([(0, 5), (8, 11)])
    done, _ = replace_findings(text, [finding(0, 3)], tag)
    assert done.content == "[PERSON] ill H2O"
    assert done.content[slice(*done.protected[0])] == "H2O"
    assert len(done.protected) == 1


@given(st.data())
def test_no_label_is_ever_cut_and_what_is_outside_of_findings_never_changes(data: st.DataObject) -> None:
    content = data.draw(st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=4, max_size=30))
    bounds = st.integers(0, len(content))
    pairs = data.draw(st.lists(st.tuples(bounds, bounds).filter(lambda pair: pair[0] < pair[1]), max_size=4))
    cuts = sorted(data.draw(st.sets(bounds, max_size=6)))
    findings = [finding(start, end) for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    text = Text(content, tuple(Span(start, end, str(number)) for number, (start, end) in enumerate(pairs)))
    done, made = replace_findings(text, findings, tag)
    assert not done.cut
    assert len(done.spans) == len(text.spans)
    assert "".join(one.old for one in made) == "".join(content[one.start : one.end] for one in findings)
    for span, before in zip(
        sorted(done.spans, key=lambda span: span.label), sorted(text.spans, key=lambda span: span.label), strict=True
    ):
        untouched = not any(one.start < before.end and before.start < one.end for one in findings)
        if untouched:
            assert done.content[span.start : span.end] == content[before.start : before.end]
