"""The format `excel`."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from vocation.corpus import opening
from vocation.corpus.formats.excel import Excel
from vocation.errors import DataError
from vocation.records import Row

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DATE, TIME, DURATION = 1, 2, 3  # Styles of cells.


def cell(reference: str, value: Any, style: int = 0) -> str:
    """One cell of a sheet's XML; strings stand in the cell itself."""
    if isinstance(value, bool):
        return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'


def workbook(path: Path, *sheets: Sequence[str]) -> Path:
    """Writes a workbook whose sheets hold these cells, each sheet named 表1, 表2, …"""
    names = [f"表{number}" for number in range(1, len(sheets) + 1)]
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, start=1))
    related = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{related}'
        f'<Relationship Id="s" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/>'
        '<xf numFmtId="22"/><xf numFmtId="46"/></cellXfs></styleSheet>',
    }
    for number, cells in enumerate(sheets, start=1):
        rows: dict[str, str] = {}
        for item in cells:
            row = item.split('"')[1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            rows[row] = rows.get(row, "") + item
        data = "".join(f'<row r="{row}">{content}</row>' for row, content in rows.items())
        files[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData></worksheet>'
        )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in files.items():
            container.writestr(name, content)
    return path


def read(path: Path, **settings: Any) -> list[Row]:
    return list(Excel(path="x", **settings).rows(path))


HEADER = [cell("A1", "text"), cell("B1", "label")]


def test_cells_are_the_text_that_a_person_sees(tmp_path: Path) -> None:
    names = ["text", "whole", "part", "long", "sum", "date", "time", "span", "truth"]
    letters = "ABCDEFGHI"
    header = [cell(f"{letter}1", name) for letter, name in zip(letters, names, strict=True)]
    values = [
        cell("A2", '第一行\nline, "two"'),
        cell("B2", 7.0),
        cell("C2", 1.5),
        cell("D2", 123456789012),
        cell("E2", 0.1 + 0.2),
        cell("F2", 45047, DATE),
        cell("G2", 45047.4375, TIME),
        cell("H2", 1.25, DURATION),
        cell("I2", True),
    ]
    (row,) = read(workbook(tmp_path / "a.xlsx", [*header, *values]))
    assert list(row.fields.values()) == [
        '第一行\nline, "two"',
        "7",
        "1.5",
        "123456789012",
        "0.3",
        "2023-05-01",
        "2023-05-01T10:30:00",
        "30:00:00",
        "TRUE",
    ]


def test_rows_keep_the_numbers_that_a_person_sees_and_blank_ones_are_left_out(tmp_path: Path) -> None:
    cells = [
        cell("B3", "text"),
        cell("C3", "label"),
        cell("B4", "one"),
        cell("C4", "a"),
        cell("B6", " "),
        cell("B7", "two"),
    ]
    rows = read(workbook(tmp_path / "a.xlsx", cells))
    assert [(row.number, row.fields) for row in rows] == [
        (4, {"text": "one", "label": "a"}),
        (7, {"text": "two", "label": ""}),
    ]


@pytest.mark.parametrize("sheet", [2, "表2"])
def test_a_sheet_is_chosen_by_place_or_name(tmp_path: Path, sheet: int | str) -> None:
    path = workbook(tmp_path / "a.xlsx", [*HEADER, cell("A2", "x")], [*HEADER, cell("A2", "y")])
    assert read(path)[0].fields["text"] == "x"
    assert read(path, sheet=sheet)[0].fields["text"] == "y"


@pytest.mark.parametrize("sheet", [0, 3, "表"])
def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, sheet: int | str) -> None:
    with pytest.raises(DataError, match="There is no sheet") as caught:
        read(workbook(tmp_path / "a.xlsx", HEADER, HEADER), sheet=sheet)
    assert caught.value.received == "表1, 表2"


def test_columns_without_a_name_are_called_by_their_letter_and_names_can_be_given(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [cell("B1", "text"), cell("B2", "x"), cell("C2", "y"), cell("D1", "label")])
    assert read(path)[0].fields == {"text": "x", "C": "y", "label": ""}
    named = read(path, header=("one", "two", "three"))
    assert [row.fields for row in named] == [
        {"one": "text", "two": "", "three": "label"},
        {"one": "x", "two": "y", "three": ""},
    ]
    short = read(path, header=("one",))
    assert [str(row.fault.problem) if row.fault else "" for row in short] == [
        "The row has more cells than there are columns"
    ] * 2


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Two columns have the name 'text'"):
        read(workbook(tmp_path / "a.xlsx", [cell("A1", "text"), cell("B1", "text"), cell("A2", "x")]))


@pytest.mark.parametrize(("cells", "problem"), [([], "The file is empty"), (HEADER, "The file has no rows")])
def test_a_sheet_without_rows_is_refused(tmp_path: Path, cells: list[str], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        read(workbook(tmp_path / "a.xlsx", cells))


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls"])
@pytest.mark.parametrize("keep", [0, 4, 0.5, -3])
def test_a_truncated_workbook_is_refused(tmp_path: Path, name: str, keep: float) -> None:
    path = workbook(tmp_path / name, [*HEADER, cell("A2", "x")])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2 if keep == 0.5 else int(keep)])
    with pytest.raises(DataError, match="damaged, cut off" if keep else "empty"):
        read(path)


def test_a_workbook_that_is_none_is_refused(tmp_path: Path) -> None:
    for name, content in {
        "a.xls": b"text,label\nx,y\n",
        "b.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=r"workbook cannot be read|The file is text, and is read"):
            read(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w") as container:
        container.writestr("hello.txt", "hello")
    with pytest.raises(DataError, match="workbook cannot be read"):
        read(tmp_path / "c.xlsx")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [*HEADER, cell("A2", "x")])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as container, container.open("xl/media/a", "w") as file:
        for _ in range((opening.HARMLESS >> 20) + 8):
            file.write(bytes(1 << 20))
    with pytest.raises(DataError, match="unpacks to far more"):
        read(path)


def test_a_cell_in_the_far_corner_is_refused_before_room_is_made_for_the_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [*HEADER, cell("A2", "x"), cell("XFD1048576", "far")])
    with pytest.raises(DataError, match="lies so far from the others") as caught:
        read(path)
    assert "1048576 rows and 16384 columns" in str(caught.value.received)


def test_spans_that_stand_in_their_cell_as_json_are_a_list(tmp_path: Path) -> None:
    header = [cell("A1", "text"), cell("B1", "found")]
    path = workbook(tmp_path / "a.xlsx", [*header, cell("A2", "in Bonn"), cell("B2", '[[3, 7, "CITY"]]')])
    assert read(path, columns={"spans": "found"})[0].fields == {"text": "in Bonn", "found": [[3, 7, "CITY"]]}
    assert read(path)[0].fields["found"] == '[[3, 7, "CITY"]]'
