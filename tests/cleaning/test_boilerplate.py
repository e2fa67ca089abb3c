"""The learning step `boilerplate`."""

from __future__ import annotations

import pickle
from collections import Counter

from vocation.cleaning import Drop
from vocation.cleaning.boilerplate import Boilerplate, Removal
from vocation.text import Span, Text


def learned(contents: list[str], step: Boilerplate | None = None) -> Removal:
    step = step or Boilerplate()
    counts: Counter[int] = Counter()
    for content in contents:
        counts.update(step.observe(Text(content)))
    assert all(0 <= key < 2**64 for key in counts)
    return step.learned({key: count for key, count in counts.items() if count > 1}, len(contents))


WORDS = ("fever", "cough", "疼痛", "nausea", "rash", "头晕", "fatigue", "edema")
REPORTS = [
    f"City Hospital\nReport no. {row}\n\n"
    f"The patient has {word}.\n{word} since day one.\nMore on {word}.\nIt stays {word}."
    f"\nPage {row} of 9\n第{row}页"
    for row, word in enumerate(WORDS)
]


def test_headers_footers_and_page_numbers_go_and_the_text_stays() -> None:
    removal = learned(REPORTS)
    cleaned = removal(Text(REPORTS[2]))
    assert isinstance(cleaned, Text)
    assert cleaned.content == "The patient has 疼痛.\n疼痛 since day one.\nMore on 疼痛.\nIt stays 疼痛."
    assert removal(Text("Another\ntext")) == Text("Another\ntext")


def test_the_step_alone_changes_nothing() -> None:
    assert Boilerplate()(Text(REPORTS[0])) == Text(REPORTS[0])


def test_numbers_count_on_demand() -> None:
    cleaned = learned(REPORTS, Boilerplate(ignore_numbers=False))(Text(REPORTS[2]))
    assert isinstance(cleaned, Text)
    assert "City Hospital" not in cleaned.content
    assert "Page 2 of 9" in cleaned.content


def test_a_line_with_a_labelled_span_stays() -> None:
    text = learned(REPORTS)(Text(REPORTS[0], (Span(0, 4, "PLACE"), Span(46, 51, "SIGN"))))
    assert isinstance(text, Text)
    assert text.cut == ()
    assert [text.content[span.start : span.end] for span in text.spans] == [
        REPORTS[0][span.start : span.end] for span in (Span(0, 4, ""), Span(46, 51, ""))
    ]
    assert text.content.startswith("City Hospital\n")
    assert "Report no." not in text.content


def test_lines_inside_need_a_larger_share_than_lines_at_the_edges() -> None:
    filler = ["a b", "c d", "e f"]
    contents = [
        "\n".join([f"top {word}", *filler, *(["A notice."] if row < 4 else []), *filler, f"end {word}"])
        for row, word in enumerate(WORDS)
    ]
    contents = [content.replace("a b", f"{row}a{row} {content[4:7]}") for row, content in enumerate(contents)]
    few = Boilerplate(minimum_texts=2, share=0.9, edge_share=0.1)
    many = Boilerplate(minimum_texts=2, share=0.4, edge_share=0.1)
    kept, gone = learned(contents, few)(Text(contents[0])), learned(contents, many)(Text(contents[0]))
    assert isinstance(kept, Text)
    assert isinstance(gone, Text)
    assert "A notice." in kept.content
    assert "A notice." not in gone.content


def test_a_line_in_too_few_texts_stays() -> None:
    contents = [f"Header\n{word} is here" for word in WORDS[:4]]
    assert learned(contents)(Text(contents[0])) == Text(contents[0])


def test_the_edges_of_pages_count_as_edges() -> None:
    pages = [
        "\f".join("\n".join([f"{word} {page} x{line}" for line in range(8)] + ["Footer"]) for page in "abc")
        for word in WORDS
    ]
    cleaned = learned(pages)(Text(pages[0]))
    assert isinstance(cleaned, Text)
    assert "Footer" not in cleaned.content
    assert cleaned.content.count("fever") == 24


def test_a_text_of_boilerplate_alone_is_dropped_and_one_line_never_touched() -> None:
    removal = learned(REPORTS)
    drop = removal(Text("City Hospital\nPage 4 of 7"))
    assert isinstance(drop, Drop)
    assert drop.reason == "boilerplate alone"
    assert removal(Text("City Hospital")) == Text("City Hospital")


def test_what_was_learned_can_be_pickled() -> None:
    removal = learned(REPORTS)
    assert pickle.loads(pickle.dumps(removal)) == removal
