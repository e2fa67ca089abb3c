"""The format `conll`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocation.corpus.formats.conll import Conll
from vocation.errors import DataError
from vocation.records import Row
from vocation.tagging import Scheme, tags_from_spans


def read(tmp_path: Path, content: str, **settings: Any) -> list[Row]:
    path = tmp_path / "a.conll"
    path.write_text(content, encoding="utf-8")
    return list(Conll(path="a.conll", **settings).rows(path))


def covered(row: Row) -> list[tuple[str, str]]:
    return [(row.fields["text"][span["start"] : span["end"]], span["label"]) for span in row.fields["spans"]]


def test_english_words_are_joined_by_spaces_and_spans_have_exact_offsets(tmp_path: Path) -> None:
    rows = read(tmp_path, "Familial\tB-Disease\nADPKD\tI-Disease\n.\tO\n\nNo\tO\nAPC\tB-Disease\n")
    assert [(row.number, row.fields["text"]) for row in rows] == [(1, "Familial ADPKD ."), (5, "No APC")]
    assert rows[0].fields["spans"] == [{"start": 0, "end": 14, "label": "Disease"}]
    assert covered(rows[1]) == [("APC", "Disease")]


def test_chinese_characters_are_joined_by_nothing_digits_between_them_too(tmp_path: Path) -> None:
    rows = read(tmp_path, "高 B-NAME\n勇 E-NAME\n， O\n1 O\n9 O\n6 O\n年 O\n\n任 O\n总 B-TITLE\n裁 E-TITLE\n")
    assert [row.fields["text"] for row in rows] == ["高勇，196年", "任总裁"]
    assert covered(rows[0]) == [("高勇", "NAME")]
    assert covered(rows[1]) == [("总裁", "TITLE")]


def test_chinese_words_and_latin_words_in_one_sentence(tmp_path: Path) -> None:
    rows = read(tmp_path, "北京 B-LOC\n大学 I-LOC\n的 O\nDeep O\nLearning O\n课程 O\n")
    assert rows[0].fields["text"] == "北京大学的Deep Learning课程"


def test_the_joiner_can_be_given(tmp_path: Path) -> None:
    assert read(tmp_path, "a O\nb O\n", joiner="")[0].fields["text"] == "ab"
    assert read(tmp_path, "中 O\n文 O\n", joiner=" ")[0].fields["text"] == "中 文"


def test_documents_and_comments_are_left_out_and_a_number_sign_is_a_token(tmp_path: Path) -> None:
    content = "-DOCSTART- -X- O O\n\n# sent_id = 1\n# text = Go home\nGo O\n# O\n\n# O\nOK O\n"
    assert [(row.number, row.fields["text"]) for row in read(tmp_path, content)] == [(5, "Go #"), (8, "# OK")]


def test_columns_can_be_chosen(tmp_path: Path) -> None:
    rows = read(tmp_path, "1 EU NNP B-ORG x\n2 rejects VBZ O x\n", token_column=1, tag_column=-2)
    assert rows[0].fields["text"] == "EU rejects"
    assert covered(rows[0]) == [("EU", "ORG")]


def test_a_tab_separated_token_may_hold_a_space(tmp_path: Path) -> None:
    rows = read(tmp_path, "New York\tB-LOC\nNY\tB-LOC\n")
    assert covered(rows[0]) == [("New York", "LOC"), ("NY", "LOC")]


@pytest.mark.parametrize(
    ("content", "settings", "line", "received", "allowed"),
    [
        ("a O\nb I-X\n", {}, 2, "I-X (token 'b')", "O or B-…"),
        ("a B-X\nb I-Y\n", {}, 2, "I-Y (token 'b')", "O, B-… or I-X"),
        ("a B-X\nb M-X\n", {}, 2, "end of the sentence", "M-X or E-X"),
        ("a B-X\nb I-X\nc E-X\n\nd O\ne E-X\n", {}, 6, "E-X (token 'e')", "O, B-… or S-…"),
        ("a B-X\nb I-X\n", {"scheme": "BMES"}, 2, "I-X (token 'b')", "O, B-…, M-…, E-…, S-…"),
    ],
)
def test_an_illegal_tag_sequence_is_a_fault_with_its_line(
    tmp_path: Path, content: str, settings: dict[str, Any], line: int, received: str, allowed: str
) -> None:
    fault = read(tmp_path, content + "\nlast O\n", **settings)[-2].fault
    assert fault is not None
    assert "The tag sequence is not legal" in fault.problem
    assert (fault.row, fault.received, fault.allowed) == (line, received, allowed)
    assert fault.remedy is not None
    assert "invalid_rows: drop" in fault.remedy


def test_iob1_is_refused_as_bio_and_read_when_it_is_named(tmp_path: Path) -> None:
    content = "a I-X\nb I-X\nc B-X\n"
    fault = read(tmp_path, content)[0].fault
    assert fault is not None
    assert "scheme: IOB1" in str(fault)
    assert covered(read(tmp_path, content, scheme="IOB1")[0]) == [("a b", "X"), ("c", "X")]


@pytest.mark.parametrize("alone", ["alone", "  O"])
def test_a_line_with_too_few_columns_is_the_fault_of_its_sentence(tmp_path: Path, alone: str) -> None:
    rows = read(tmp_path, f"first B-X\n\na B-X\n{alone}\nb E-X\n\nlast B-X\n")
    assert [row.number for row in rows] == [1, 3, 7]
    assert [row.fault and row.fault.row for row in rows] == [None, 4, None]
    fault = rows[1].fault
    assert fault is not None
    assert "too few columns" in fault.problem
    assert fault.remedy is not None
    assert "corpus.invalid_rows: drop" in fault.remedy
    assert rows[1].fields == {"text": f"a {alone.strip()} b", "spans": []}
    assert covered(rows[2]) == [("last", "X")]


def test_a_file_in_which_no_line_has_the_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 1: The line has too few columns"):
        read(tmp_path, "one\ntwo\n\nthree\n")


def test_a_column_that_a_line_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 1: The line has too few columns") as caught:
        read(tmp_path, "EU B-ORG\n", tag_column=3)
    assert caught.value.received == "2 columns: 'EU | B-ORG'"


@pytest.mark.parametrize(("line", "what"), [("\tO", "token"), ("word\t", "tag")])
def test_an_empty_cell_is_the_fault_of_its_sentence(tmp_path: Path, line: str, what: str) -> None:
    rows = read(tmp_path, f"a\tO\n{line}\n\nlast\tO\n")
    assert [row.fault is None for row in rows] == [False, True]
    assert f"row 2: The {what} is empty" in str(rows[0].fault)


@pytest.mark.parametrize("line", ["\u3000\tO", " \tO", "\u3000 O"])
def test_a_token_may_be_white_space_where_the_separator_leaves_no_doubt(tmp_path: Path, line: str) -> None:
    separator = "\t" if "\t" in line else " "
    content = f"高{separator}B-NAME\n{line}\n勇{separator}O\n"
    (row,) = read(tmp_path, content)
    assert row.fault is None
    assert row.fields["text"] == f"高{line[0]}勇"
    assert covered(row) == [("高", "NAME")]


def test_tags_of_no_scheme_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="The tags cannot be read: no tag scheme has NNP"):
        read(tmp_path, "EU NNP\n")


def test_unlabelled_files_need_no_tags(tmp_path: Path) -> None:
    rows = read(tmp_path, "just\ntokens\n", split="unlabelled")
    assert rows[0].fields == {"text": "just tokens", "spans": []}


@pytest.mark.parametrize("scheme", ["BIO", "BIOES", "BMES"])
@given(data=st.data())
def test_spans_cover_the_very_tokens_that_were_tagged(
    tmp_path_factory: pytest.TempPathFactory, scheme: Scheme, data: st.DataObject
) -> None:
    tokens = data.draw(st.lists(st.text("aB9中文，가é", min_size=1, max_size=3), min_size=1, max_size=12))
    bounds = sorted(data.draw(st.sets(st.integers(0, len(tokens)), max_size=4)))
    pairs = [(first, end, "X") for first, end in zip(bounds[::2], bounds[1::2], strict=False)]
    lines = [f"{token}\t{tag}" for token, tag in zip(tokens, tags_from_spans(pairs, len(tokens), scheme), strict=True)]
    path = tmp_path_factory.getbasetemp() / "any.conll"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (row,) = Conll(path="x").rows(path)
    found = [text.replace(" ", "") for text, _ in covered(row)]
    assert found == ["".join(tokens[first:end]) for first, end, _ in pairs]
    assert row.fields["text"].replace(" ", "") == "".join(tokens)


def written(tmp_path: Path, rows: list[dict[str, Any]], **settings: Any) -> list[dict[str, Any]]:
    path, component = tmp_path / "out.conll", Conll(path="out.conll", **settings)
    assert component.write(path, rows) == len(rows)
    return [dict(row.fields) for row in component.rows(path)]


def span(start: int, end: int, label: str = "X") -> dict[str, Any]:
    return {"start": start, "end": end, "label": label}


@pytest.mark.parametrize("scheme", ["auto", "BIO", "IOB1", "BIOES", "BMES"])
@pytest.mark.parametrize("columns", [(0, -1), (1, 3), (-1, 0), (1, -2)])
def test_rows_that_are_written_read_back(tmp_path: Path, scheme: str, columns: tuple[int, int]) -> None:
    rows: list[dict[str, Any]] = [
        {"text": "Familial ADPKD , mild", "spans": [span(0, 14), span(17, 21, "Y")]},
        {"text": "患者196年胃痛，用5mg aspirin", "spans": [span(2, 5), span(5, 6), span(6, 8)]},
        {"text": "# no comment", "spans": []},
    ]
    assert written(tmp_path, rows, scheme=scheme, token_column=columns[0], tag_column=columns[1]) == rows


@given(data=st.data())
def test_with_an_empty_joiner_every_text_of_one_line_reads_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = data.draw(st.text("aB9中文，가 é#-\u3000\xa0😀", min_size=1, max_size=20))
    bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    spans = [span(*pair) for pair in zip(bounds[::2], bounds[1::2], strict=False)]
    rows = [{"text": text, "spans": spans}]
    assert written(tmp_path_factory.getbasetemp(), rows, joiner="") == rows


@given(data=st.data())
def test_what_is_written_reads_back_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    rows = []
    for text in data.draw(st.lists(st.text("aB9中文，\n\t 가", min_size=1, max_size=12), min_size=1, max_size=4)):
        bounds = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=4)))
        spans = [span(*pair) for pair in zip(bounds[::2], bounds[1::2], strict=False)]
        rows.append({"text": text, "spans": spans})
    try:
        assert written(tmp_path_factory.getbasetemp(), rows) == rows
    except DataError as error:
        if "CoNLL cannot keep" not in str(error) or error.row is None:
            raise


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "a b", "spans": [span(0, 3), span(2, 3)]}, "spans that overlap"),
        ({"text": "a  b"}, "blanks or line breaks"),
        ({"text": "a\nb"}, "blanks or line breaks"),
        ({"text": "ADPKD's", "spans": [span(0, 5)]}, "blanks or line breaks"),
        ({"text": "a b", "spans": [span(0, 2)]}, "begins or ends with blanks"),
        ({"text": "a b", "spans": [span(0, 1, "X\tY")]}, "a label with blanks"),
        ({"text": " "}, "no token"),
        ({"text": "a\0b"}, "read as something else"),
        ({"text": "-DOCSTART- x"}, "read as something else"),
        ({"text": "a\ud800"}, "half of a surrogate pair"),
        ({"text": "a", "spans": [span(0, 9)]}, "does not lie in its text"),
        ({"text": 3}, "no text"),
    ],
)
def test_what_conll_cannot_keep_is_refused_with_the_row_and_nothing_is_written(
    tmp_path: Path, row: dict[str, Any], problem: str
) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        written(tmp_path, [{"text": "good", "spans": []}, row])
    assert caught.value.row == 2
    assert list(tmp_path.iterdir()) == []


def test_a_space_that_a_file_in_characters_would_lose_is_refused_with_its_row(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"text": "B a", "spans": []}, {"text": "中文" * 20, "spans": []}]
    with pytest.raises(DataError, match="CoNLL cannot keep blanks") as caught:
        written(tmp_path, rows)
    assert caught.value.row == 1
    assert written(tmp_path, rows[:1]) == rows[:1]


def test_loose_spacing_keeps_words_and_spans(tmp_path: Path) -> None:
    rows = [{"text": "ADPKD,\nand  APC.", "spans": [span(0, 5), span(12, 15)]}]
    (row,) = written(tmp_path, rows, spacing="loosen")
    assert row["text"] == "ADPKD , and APC ."
    assert [row["text"][found["start"] : found["end"]] for found in row["spans"]] == ["ADPKD", "APC"]


def test_compressed_files_are_written_and_read(tmp_path: Path) -> None:
    path, rows = tmp_path / "out.conll.gz", [{"text": "a b", "spans": [span(0, 3)]}]
    assert Conll(path="x").write(path, rows) == 1
    assert path.read_bytes().startswith(b"\x1f\x8b")
    assert [dict(row.fields) for row in Conll(path="x").rows(path)] == rows
