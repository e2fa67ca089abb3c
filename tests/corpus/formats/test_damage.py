"""What every format does with files that are damaged, or made to do harm: an error that says where, and what to do."""

from __future__ import annotations

import gzip
import random
import shutil
import sys
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import docx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.corpus.formats.samples import ENDINGS, OTHERS, SAMPLES, sample, table
from tests.corpus.formats.test_excel import HEADER, cell, workbook
from tests.corpus.formats.test_pdf import pdf, shown
from vocation.component import kinds
from vocation.corpus import opening
from vocation.corpus.formats import Format, WritableFormat
from vocation.corpus.reading import read, source_files
from vocation.errors import DataError
from vocation.ledger import Ledger
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

KINDS = (*SAMPLES, *OTHERS)
JSON = ("alpaca", "doccano", "json", "jsonl", "label_studio", "messages", "sharegpt", "squad")
CUTS, FLIPS = 60, 60


def format_(kind: str, **settings: Any) -> Format:
    component = kinds("vocation.corpus.formats")[kind].model_validate({"path": "x", **settings})
    assert isinstance(component, Format)
    return component


def problems(reader: Format, path: Path) -> list[DataError]:
    """What is wrong with a file and with its rows; anything but a DataError fails the test that asks."""
    found: list[DataError] = []
    try:
        found += [row.fault for row in reader.rows(path) if row.fault]
    except DataError as error:
        found.append(error)
    for problem in found:
        assert problem.file is not None, problem
        assert problem.remedy, problem
    return found


def refused(kind: str, path: Path, task: Task, **settings: Any) -> DataError:
    """The error with which a file is refused when a task reads it."""
    source = format_(kind, **{**settings, "path": path.name})
    (path.parent / "ledger").mkdir(exist_ok=True)
    (file,) = source_files([source], path.parent)
    with Ledger(path.parent / "ledger") as ledger, pytest.raises(DataError) as caught:
        list(read(file, task, "refuse", ledger))
    assert caught.value.file is not None
    assert caught.value.row is not None
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_cut_off_anywhere_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    whole = path.read_bytes()
    assert problems(format_(kind), path) == []
    generator = random.Random(0)
    cuts = generator.sample(range(len(whole)), min(CUTS, len(whole)))
    wrong = 0
    for cut in cuts:
        path.write_bytes(whole[:cut])
        wrong += bool(problems(format_(kind), path))
    assert wrong >= len(cuts) * (0.15 if kind in {"html", "markdown", "plain_text", "csv"} else 0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_a_wrong_byte_anywhere_is_read_or_refused(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    whole, wrong = path.read_bytes(), 0
    generator = random.Random(0)
    for _ in range(FLIPS):
        damaged = bytearray(whole)
        damaged[generator.randrange(len(whole))] = generator.randrange(256)
        path.write_bytes(damaged)
        wrong += bool(problems(format_(kind), path))
    assert wrong


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    error = refused(kind, path, Classification(), columns={"text": "nope"}, constants={"label": "a"})
    assert "nope" in str(error)
    assert error.received


@pytest.mark.parametrize("kind", JSON)
def test_quotes_inside_a_json_text_are_refused_with_their_place(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    path.write_text(SAMPLES[kind].replace("你好", '他说"你好"'), encoding="utf-8")
    problem = problems(format_(kind), path)[0]
    assert "not valid JSON" in problem.problem
    assert problem.row == 1 or "line 1" in str(problem.received)


DIGITS = "9" * (sys.get_int_max_str_digits() + 1)


@pytest.mark.parametrize("kind", JSON)
@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (f'"n": {DIGITS}, ', "too many digits"),
        (f'"n": [{{"x": -{DIGITS}}}], ', "too many digits"),
        ('"n": 1, "n": 2, ', "stands twice in one object"),
        ('"n": {"x": 1, "y": {}, "x": 1}, ', "stands twice in one object"),
    ],
)
def test_json_that_cannot_be_read_for_certain_makes_a_faulty_row_and_the_rest_is_read(
    tmp_path: Path, kind: str, more: str, problem: str
) -> None:
    path = sample(kind, tmp_path)
    begin, brace, rest = SAMPLES[kind].partition('{"data": [{' if kind == "squad" else "{")
    path.write_text(begin + brace + more + rest, encoding="utf-8")
    found = list(format_(kind).rows(path))
    assert [bool(row.fault) for row in found] == ([True] if kind == "squad" else [True, False])
    fault = found[0].fault
    assert fault is not None
    assert problem in fault.problem
    assert (fault.file, fault.row) == (path, 1)
    assert fault.remedy


@pytest.mark.parametrize("line", ['"a"b",x', 'a,"b""c"d', '"never closed,x', '"a" ,x'])
def test_quotes_inside_a_csv_cell_are_refused_with_the_row(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text,label\na,b\n{line}\nc,d\n")
    (problem,) = problems(format_("csv"), path)
    assert "quotes" in problem.problem
    assert problem.row == 3


def test_quotes_inside_a_function_call_and_in_front_matter_do_no_harm(tmp_path: Path) -> None:
    call = {"from": "function_call", "value": '{"name": "f", "arguments": {"q": "a"b"}}'}
    table("sharegpt", tmp_path / "a.jsonl", [{"conversations": [{"from": "human", "value": "x"}, call]}])
    (problem,) = problems(format_("sharegpt"), tmp_path / "a.jsonl")
    assert problem.row == 1
    (tmp_path / "a.md").write_text('---\ntitle: "a" b"\n---\ntext\n')
    (row,) = format_("markdown").rows(tmp_path / "a.md")
    assert "title" in row.fields
    assert "text" in row.fields["text"]


def _region(start: int, end: int) -> dict[str, Any]:
    return {"type": "labels", "value": {"start": start, "end": end, "labels": ["X"]}}


def _written_spans(kind: str, path: Path, *spans: tuple[int, int]) -> None:
    """A file of a format whose one text, of six characters, has spans."""
    if kind == "label_studio":
        results = [_region(*span) for span in spans]
        table(kind, path, [{"data": {"text": "second"}, "annotations": [{"result": results}]}])
    elif kind == "doccano":
        table(kind, path, [{"text": "second", "label": [[*span, "X"] for span in spans]}])
    elif kind == "brat":
        path.with_suffix(".txt").write_text("second")
        lines = (f"T{n}\tX {start} {end}\t{'second'[start:end]}\n" for n, (start, end) in enumerate(spans, 1))
        path.write_text("".join(lines))
    else:
        entries = [{"start": start, "end": end, "label": "X"} for start, end in spans]
        table(kind, path, [{"text": "second", "spans": entries}])


WITH_SPANS = {
    "brat": ".ann", "datasets": ".arrow", "doccano": ".jsonl", "json": ".json", "jsonl": ".jsonl",
    "label_studio": ".json", "parquet": ".parquet",
}  # fmt: skip
"""Formats whose files state the places of spans, and their endings. CoNLL tags tokens; no place can be wrong there."""


@pytest.mark.parametrize("kind", WITH_SPANS)
@pytest.mark.parametrize("span", [(0, 7), (5, 99), (3, 3), (4, 2)])
def test_a_span_outside_its_text_is_refused_with_its_row(tmp_path: Path, kind: str, span: tuple[int, int]) -> None:
    path = tmp_path / f"a{WITH_SPANS[kind]}"
    _written_spans(kind, path, (0, 2), span)
    assert refused(kind, path, Entities()).row in {1, 2}


@pytest.mark.parametrize("kind", WITH_SPANS)
def test_spans_that_overlap_are_refused_where_the_task_tags_tokens(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a{WITH_SPANS[kind]}"
    _written_spans(kind, path, (0, 4), (2, 6))
    assert "overlap" in refused(kind, path, Entities()).problem


def test_spans_that_overlap_or_lie_outside_cannot_be_written_as_tags(tmp_path: Path) -> None:
    writer = format_("conll")
    assert isinstance(writer, WritableFormat)
    for other in ((2, 6), (0, 7)):
        spans = [{"start": start, "end": end, "label": "X"} for start, end in ((0, 4), other)]
        with pytest.raises(DataError, match=r"overlap|does not lie in its text") as caught:
            writer.write(tmp_path / "a.conll", [{"text": "second", "spans": spans}])
        assert caught.value.row == 1
        assert caught.value.remedy


@pytest.mark.parametrize("start", [-5, 4, 99])
def test_an_answer_outside_its_context_is_refused(tmp_path: Path, start: int) -> None:
    answers = [{"text": "cond", "answer_start": start}]
    questions = [{"question": "?", "id": "1", "answers": answers}]
    table("squad", tmp_path / "a.json", [{"paragraphs": [{"context": "second", "qas": questions}]}])
    path = tmp_path / "b.json"
    path.write_text(f'{{"data": {(tmp_path / "a.json").read_text()}}}')
    (problem,) = problems(format_("squad"), path)
    assert "does not stand" in problem.problem
    assert problem.row == 1


EMPTY_ROWS: dict[str, Any] = {
    "alpaca": {"instruction": "", "input": "", "output": ""},
    "datasets": {"text": "", "label": "a"},
    "doccano": {"text": "", "label": []},
    "excel": {"text": " ", "label": "a"},
    "json": {"text": "", "label": "a"},
    "jsonl": {"text": " ", "label": "a"},
    "label_studio": {"data": {"text": ""}, "annotations": [{"result": []}]},
    "messages": {"messages": []},
    "parquet": {"text": "", "label": "a"},
    "sharegpt": {"conversations": []},
}
EMPTY_FILES = {
    "brat": " \n", "conll": "\n \n", "csv": 'text,label\n" ",a\n', "html": "<p> </p>", "markdown": "<!-- -->\n",
    "plain_text": " \n",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"squad"}))
def test_an_empty_document_is_refused(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    if kind in EMPTY_ROWS:
        table(kind, path, [EMPTY_ROWS[kind]])
    elif kind == "docx":
        docx.Document().save(str(path))
    elif kind == "pdf":
        path.write_bytes(pdf(""))
    else:
        (path.with_suffix(".txt") if kind == "brat" else path).write_text(EMPTY_FILES[kind])
    found = problems(format_(kind), path)
    error = found[0] if found else refused(kind, path, Classification(), constants={"label": "a"})
    assert error.remedy


def test_an_empty_context_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"data": [{"paragraphs": [{"context": "", "qas": [{"question": "?", "answers": []}]}]}]}')
    assert "context" in problems(format_("squad"), path)[0].problem


LONG = 100 << 20
FIRST = {
    "alpaca": '{"output": "x", "instruction": "', "csv": 'text\n"', "doccano": '{"text": "', "json": '[{"text": "',
    "html": "<p>", "jsonl": '{"text": "', "label_studio": '[{"annotations": [], "data": {"text": "',
    "messages": '{"messages": [{"role": "user", "content": "', "squad": '{"data": [{"paragraphs": [{"context": "',
    "sharegpt": '{"conversations": [{"from": "human", "value": "', "brat": "T1\tX 0 2\t",
}  # fmt: skip
"""How a file begins whose next line never ends."""


def _rewrite(path: Path, name: str, old: bytes, new: bytes) -> None:
    """Replaces a piece of one member of a ZIP container, and compresses nothing."""
    with zipfile.ZipFile(path) as container:
        members = {member: container.read(member) for member in container.namelist()}
    assert old in members[name]
    members[name] = members[name].replace(old, new)
    with zipfile.ZipFile(path, "w") as container:
        for member, content in members.items():
            container.writestr(member, content)


def _long_line(kind: str, path: Path) -> None:
    if kind in ("parquet", "datasets"):
        table(kind, path, [{"text": "x" * LONG, "label": "a"}])
    elif kind == "excel":
        _rewrite(path, "xl/worksheets/sheet1.xml", b"second", b"x" * LONG)
    elif kind == "docx":
        runs = b"<w:r><w:t>" + b"x" * (1 << 20) + b"</w:t></w:r>"
        _rewrite(path, "word/document.xml", b"<w:body><w:p>", b"<w:body><w:p>" + runs * (LONG >> 20))
    else:
        with path.open("wb") as file:
            file.write(FIRST.get(kind, "").encode())
            for _ in range(LONG >> 20):
                file.write(b"x" * (1 << 20))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "pdf"])
def test_a_line_of_100_megabytes_is_refused_within_bounded_memory(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    _long_line(kind, path)
    tracemalloc.start()
    try:
        (problem,) = problems(format_(kind), path)
        assert tracemalloc.get_traced_memory()[1] < 6 * opening.LONGEST_LINE
    finally:
        tracemalloc.stop()
    assert "too long to be one row" in problem.problem
    assert problem.row in {1, 2, 3}


def test_a_pdf_document_of_more_text_than_a_row_may_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vocation.corpus.formats.pdf.LONGEST_LINE", 1000)  # Real ones would take minutes.
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(*[shown("x" * 400)] * 3))
    (problem,) = problems(format_("pdf"), path)
    assert "too long to be one row" in problem.problem
    assert problem.row == 3


def test_a_text_of_100_megabytes_beside_annotations_is_refused(tmp_path: Path) -> None:
    path = sample("brat", tmp_path)
    path.with_suffix(".txt").write_bytes(b"x" * LONG)
    assert "too long to be one row" in problems(format_("brat"), path)[0].problem


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not format_(kind).binary and kind != "brat"])
def test_a_compressed_bomb_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a{ENDINGS.get(kind, '')}.gz"
    path.write_bytes(gzip.compress(FIRST.get(kind, "").encode() + b" " * LONG))
    (problem,) = problems(format_(kind), path)
    assert "unpacks to far more" in problem.problem


def _bomb(kind: str, path: Path) -> None:
    """A small file of a container format that holds one text of 4 MB very often."""
    text = "x" * (4 << 20)
    if kind == "parquet":
        column = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array([text]))
        nested = pa.array([[{"role": "user", "content": text}]] * 20)
        pq.write_table(pa.table({"text": column}), path, compression="zstd")
        pq.write_table(pa.table({"messages": nested}), path.with_name("nested.parquet"), compression="zstd")
    elif kind == "excel":
        workbook(path, [*HEADER, *(cell(f"A{number}", text) for number in range(2, 30))])
    elif kind == "docx":
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as container:
            container.writestr("word/media/a", text * 30)
    else:
        stream = zlib.compress(b" " * (200 << 20), 9)
        page = pdf("CONTENT").replace(
            b"<< /Length 7 >>\nstream\nCONTENT",
            f"<< /Filter /FlateDecode /Length {len(stream)} >>\nstream\n".encode() + stream,
        )
        path.write_bytes(page)


@pytest.mark.parametrize("kind", ["docx", "excel", "parquet", "pdf"])
def test_a_container_that_holds_far_more_than_its_size_is_refused(tmp_path: Path, kind: str) -> None:
    path = sample(kind, tmp_path)
    _bomb(kind, path)
    for file in {path, *tmp_path.glob("nested.*")}:
        assert file.stat().st_size < 1 << 20
        problem = problems(format_(kind), file)[0]
        assert "unpacks to far more" in problem.problem or (kind == "pdf" and "no text" in problem.problem)


@pytest.mark.parametrize("kind", KINDS)
def test_a_link_that_leads_out_of_the_folder_of_a_source_is_refused(tmp_path: Path, kind: str) -> None:
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    outside.mkdir()
    inside.mkdir()
    reader = format_(kind)
    secret = sample(kind, outside)
    name = f"link{reader.suffixes[0]}"
    shutil.copy(secret, inside / f"kept{reader.suffixes[0]}")
    (inside / name).symlink_to(secret)
    with pytest.raises(DataError, match="leads out of its folder") as caught:
        reader.files(inside)
    assert caught.value.file == inside / name
    assert caught.value.remedy
