"""The format `brat`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocation.corpus.formats.brat import Brat
from vocation.errors import ArtifactError, DataError
from vocation.records import Row

TEXT = "Severe gout\nand 😀 renal\nfailure."


def read(tmp_path: Path, annotations: str, text: str | bytes = TEXT, **settings: Any) -> Row:
    path = tmp_path / "doc.ann"
    path.write_text(annotations, encoding="utf-8")
    (tmp_path / "doc.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    (row,) = Brat(path="doc.ann", **settings).rows(path)
    return row


def written(path: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    assert Brat(path="x").write(path, rows) == len(rows)
    files = [path] if path.is_file() else Brat(path="x").files(path)
    return [dict(row.fields) for file in files for row in Brat(path="x").rows(file)]


def span(start: int, end: int, label: str = "X", **more: str) -> dict[str, Any]:
    return {"start": start, "end": end, "label": label, **more}


def test_spans_relations_and_notes_are_read(tmp_path: Path) -> None:
    row = read(
        tmp_path,
        "T1\tDisease 7 11\tgout\nT2\tDisease 18 31\trenal failure\nR1\tWith Arg1:T1 Arg2:T2\nA1\tNegated T1\n"
        "#1\tAnnotatorNotes T1\tcheck\n*\tEquiv T1 T2\nE1\tEvent:T1 Theme:T2\nR2\tOf Whole:T1 Part:T2\n",
    )
    assert row.fault is None
    assert row.fields == {
        "document": "doc",
        "text": TEXT,
        "spans": [span(7, 11, "Disease", id="T1"), span(18, 31, "Disease", id="T2")],
        "relations": [{"id": "R1", "type": "With", "from_id": "T1", "to_id": "T2"}],
        "notes": [
            "A1\tNegated T1",
            "#1\tAnnotatorNotes T1\tcheck",
            "*\tEquiv T1 T2",
            "E1\tEvent:T1 Theme:T2",
            "R2\tOf Whole:T1 Part:T2",
        ],
    }


def test_an_empty_file_of_annotations_is_a_text_without_labels(tmp_path: Path) -> None:
    assert read(tmp_path, "").fields == {"document": "doc", "text": TEXT, "spans": []}


@pytest.mark.parametrize(("offsets", "place"), [("code_points", "18 23"), ("utf16", "19 24"), ("bytes", "21 26")])
def test_offsets_are_counted_as_the_settings_say(tmp_path: Path, offsets: str, place: str) -> None:
    assert read(tmp_path, f"T1\tD {place}\trenal\n", offsets=offsets).fields["spans"] == [span(18, 23, "D")]


def test_offsets_in_another_unit_are_a_fault_that_names_it_and_the_line(tmp_path: Path) -> None:
    fault = read(tmp_path, "T1\tD 7 11\tgout\nT2\tD 19 24\trenal\n").fault
    assert fault is not None
    assert fault.row == 2
    assert "set `offsets: utf16`" in str(fault)


def test_line_ends_of_windows_count_as_two_characters(tmp_path: Path) -> None:
    row = read(tmp_path, "T1\tD 7 15\tgout and\n".replace("7 15", "7 16"), text=b"Severe gout\r\nand")
    assert row.fault is None
    assert row.fields["spans"] == [span(7, 16, "D")]


def test_pieces_with_only_blanks_between_them_are_one_span(tmp_path: Path) -> None:
    row = read(tmp_path, "T1\tD 18 23;24 31\trenal failure\n")
    assert row.fields["spans"] == [span(18, 31, "D")]


def test_pieces_with_words_between_them_are_refused_or_taken_with_what_is_between(tmp_path: Path) -> None:
    line = "T1\tD 0 6;18 23\tSevere renal\n"
    fault = read(tmp_path, line).fault
    assert fault is not None
    assert "discontinuous: envelope" in str(fault)
    assert read(tmp_path, line, discontinuous="envelope").fields["spans"] == [span(0, 23, "D")]


@pytest.mark.parametrize(
    ("annotations", "line", "problem"),
    [
        ("T1\tD 0 5\tSevere\n", 1, "do not fit the text that the file quotes"),
        ("T1\tD 0 6;18 23\tother words\n", 1, "do not fit the text that the file quotes"),
        ("\nT1\tD 0 99\tgout\n", 2, "does not lie in its text"),
        ("T1\tD 0 6;18 99\tSevere x\n", 1, "does not lie in its text"),
        ("T1\tD 6 6\t\n", 1, "span is empty"),
        ("T1\tD 18 23;0 6\trenal Severe\n", 1, "out of order"),
        ("T1 D 0 6 Severe\n", 1, "not an annotation"),
        ("T1\tD 0\tSevere\n", 1, "not an annotation"),
        ("T1\tD 7 11\tgout\nT1\tD 0 6\tSevere\n", 1, "same id"),
        ("T1\tD 7 11\tgo", 1, "do not fit"),
    ],
)
def test_a_faulty_line_is_the_fault_of_its_document(tmp_path: Path, annotations: str, line: int, problem: str) -> None:
    row = read(tmp_path, annotations)
    assert row.fault is not None
    assert problem in str(row.fault)
    assert row.fault.row == line
    assert row.fault.remedy
    assert row.fields["text"] == TEXT


def test_annotations_without_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ann").write_text("")
    with pytest.raises(DataError, match=r"a\.txt is missing"):
        list(Brat(path="a.ann").rows(tmp_path / "a.ann"))


def test_a_text_that_a_link_brings_in_from_elsewhere_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "a.ann").write_text("")
    (folder / "a.txt").symlink_to("../secret")
    with pytest.raises(DataError, match="leads out of its folder"):
        list(Brat(path="a.ann").rows(folder / "a.ann"))


def test_an_empty_text_and_a_file_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="The file is empty"):
        read(tmp_path, "", text=" \n")
    with pytest.raises(DataError, match="not one of annotations"):
        list(Brat(path="doc.txt").rows(tmp_path / "doc.txt"))


def test_a_folder_is_its_annotation_files(tmp_path: Path) -> None:
    for name in ("b.ann", "a.ann", "a.txt", "b.txt", ".c.ann"):
        (tmp_path / name).write_text("text")
    assert [path.name for path in Brat(path=".").files(tmp_path)] == ["a.ann", "b.ann"]


def test_documents_are_written_and_read_back(tmp_path: Path) -> None:
    rows = [
        {
            "document": "a.1",
            "text": TEXT,
            "spans": [span(7, 11, "D", id="T5"), span(18, 31, "D", id="T1")],
            "relations": [{"id": "R1", "type": "With", "from_id": "T5", "to_id": "T1"}],
            "notes": ["A1\tNegated T5"],
        },
        {"document": "b", "text": "两\r\n行", "spans": [span(0, 4), span(0, 1, "Y")]},
    ]
    found = written(tmp_path / "out", rows)
    assert (tmp_path / "out" / "a.1.ann").read_text(encoding="utf-8").splitlines()[1] == (
        "T1\tD 18 23;24 31\trenal failure"
    )
    assert found[0] == rows[0]
    assert found[1]["text"] == rows[1]["text"]
    assert sorted(found[1]["spans"], key=str) == sorted(rows[1]["spans"], key=str)


def test_one_row_is_written_as_one_file_and_two_are_not(tmp_path: Path) -> None:
    rows = [{"text": "a", "spans": [span(0, 1)]}]
    assert written(tmp_path / "one.ann", rows) == [{"document": "one", **rows[0]}]
    with pytest.raises(DataError, match="several rows"):
        written(tmp_path / "two.ann", rows * 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.ann", "one.txt"]


@settings(max_examples=40)  # Each writes two files to the disk.
@given(data=st.data())
def test_every_text_and_its_spans_read_back(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    text = "a" + data.draw(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)) + "b"
    bounds = st.integers(0, len(text))
    drawn = data.draw(st.sets(st.tuples(bounds, bounds).map(sorted).map(tuple), max_size=5))
    spans = [
        span(start, end)
        for start, end in sorted(drawn)
        if start < end and text[start] not in "\r\n" and text[end - 1] not in "\r\n"
    ]
    path = tmp_path_factory.mktemp("brat") / "any.ann"
    assert written(path, [{"text": text, "spans": spans}]) == [{"document": "any", "text": text, "spans": spans}]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "a", "spans": [span(0, 1, "X Y")]}, "cannot keep this span"),
        ({"text": "a\nb", "spans": [span(1, 3)]}, "cannot keep this span"),
        ({"text": "a", "spans": [span(0, 1, id="7")]}, "not one of brat"),
        ({"text": " "}, "cannot keep this text"),
        ({"text": "a\0"}, "cannot keep this text"),
        ({"text": "a\ud800"}, "half of a surrogate pair"),
        ({"text": "a", "document": "../a"}, "cannot be that of a file"),
        ({"text": "a", "document": "/etc/a"}, "cannot be that of a file"),
        ({"text": "a", "document": ".."}, "cannot be that of a file"),
        ({"text": "a", "document": "FIRST"}, "same name"),
        ({"text": "a", "relations": [{"from_id": "T1", "to_id": "T2", "type": "X"}]}, "relation is malformed"),
        ({"text": "a", "relations": ["T1"]}, "relation is malformed"),
        (
            {
                "text": "a",
                "spans": [span(0, 1, id="T1")],
                "relations": [{"from_id": "T1", "to_id": "T1", "type": "X Y"}],
            },
            "cannot keep this relation",
        ),
        ({"text": "a", "notes": ["T9\tX 0 1\ta"]}, "not a line of brat"),
        ({"text": "a", "notes": ["#1\tX T1\ta\nT9\tX 0 1\ta"]}, "not a line of brat"),
        ({"spans": []}, "no text"),
    ],
)
def test_what_brat_cannot_keep_is_refused_with_the_row_and_nothing_is_written(
    tmp_path: Path, row: dict[str, Any], problem: str
) -> None:
    with pytest.raises(DataError, match=problem) as caught:
        written(tmp_path / "out", [{"text": "a", "document": "first"}, row])
    assert caught.value.row == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(ArtifactError, match="cannot be written"):
        written(tmp_path, [{"text": "a"}])
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_no_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no rows to write"):
        written(tmp_path / "out", [])
