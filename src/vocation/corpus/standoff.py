"""Writing brat standoff: for each row a text file, and a file with one annotation a line."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vocation.artifacts import sync
from vocation.corpus.row_faults import nothing_to_write
from vocation.corpus.written_rows import WrittenSpan, relations_of, text_and_spans, unwritable, with_ids
from vocation.errors import ArtifactError, DataError

RELATION = re.compile(r"(R\S+)\t(\S+) Arg1:(\S+) Arg2:(\S+)\s*")
"""A relation between two annotations: id, type, and the ids of both."""
OTHER = re.compile(r"[EAMNR#]\S*\t.+|\*\t.+")
"""Events, attributes, modifications, normalisations, relations of other arguments, notes, equivalences."""
_ID = re.compile(r"T\S+")
_TYPE = re.compile(r"\S+")
_ONE_LINE = re.compile(r"[^\r\n]+")
_NAME = re.compile(r"[^./\\\0\r\n][^/\\\0\r\n]*")
_LONGEST_NAME = 200
_MANY = 32


def write_standoff(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes rows as a folder of documents, or one row as one document where the path ends in .ann.

    A folder appears whole or not at all; it may be there already if it is empty.

    Returns:
        How many rows there were.

    Raises:
        DataError: there are none, or one holds what brat cannot keep; names the row.
        ArtifactError: the files cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.brat")
    try:
        temporary.mkdir()
        count = _write_all(path, temporary, rows)
        _sync_all(temporary)
        if path.suffix == ".ann":
            for ending in (".txt", ".ann"):  # The annotations last: they are what is looked for.
                (temporary / f"{path.stem}{ending}").replace(path.with_suffix(ending))
        else:
            temporary.replace(path)  # Fails where a folder with files stands already.
        sync(path.parent)
    except OSError as error:
        raise ArtifactError(
            f"{path} cannot be written: {error.strerror or error}\n"
            "  what to do: name a folder that is not there yet or is empty, or a file that ends in .ann"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return count


def _sync_all(folder: Path) -> None:
    """Makes sure that all files of a folder are on the disk; where there are many, all of the system's at once."""
    files = list(folder.iterdir())
    if len(files) > _MANY and hasattr(os, "sync"):
        os.sync()
        return
    for file in files:
        sync(file)


def _write_all(path: Path, folder: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes two files a row into a folder; returns how many rows there were."""
    names: set[str] = set()
    for number, row in enumerate(rows, start=1):
        if path.suffix == ".ann" and number > 1:
            raise _many(path)
        try:
            name = path.stem if path.suffix == ".ann" else _document(row, number, names)
            text, annotations = _standoff(row)
            for ending, content in ((".txt", text), (".ann", "".join(f"{line}\n" for line in annotations))):
                with (folder / f"{name}{ending}").open("w", encoding="utf-8", newline="") as file:
                    file.write(content)
        except (DataError, UnicodeEncodeError) as error:
            raise unwritable(error, path, number) from error
        names.add(name.casefold())
    if not names:
        raise nothing_to_write(path)
    return len(names)


def _document(row: Mapping[str, Any], number: int, taken: set[str]) -> str:
    name = row.get("document", f"{number:06}")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name.encode(errors="replace")) > _LONGEST_NAME:
        raise DataError(
            "The name of the document cannot be that of a file",
            column="document",
            received=repr(name)[:60],
            allowed=f"at most {_LONGEST_NAME} bytes without / and \\, that do not begin with a dot",
            remedy="give it another name, or leave out the field `document`",
        )
    if name.casefold() in taken:
        raise DataError(
            "Two documents have the same name",
            column="document",
            received=repr(name)[:60],
            remedy="give each its own name, or leave out the field `document`",
        )
    return name


def _standoff(row: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The text of a row and the lines of its annotations."""
    text, spans = text_and_spans(row)
    if not text.strip() or "\0" in text or text.startswith("\ufeff"):
        raise DataError(
            "brat cannot keep this text",
            received=repr(text[:40]),
            allowed="a text that is not empty, without NUL and byte-order mark",
            remedy="clean the texts first",
        )
    spans = with_ids(spans, "T{}")
    annotations = [_line(text, span) for span in spans]
    for number, relation in enumerate(relations_of(row, spans), start=1):
        annotation = "{id}\t{type} Arg1:{from_id} Arg2:{to_id}".format(**{"id": f"R{number}", **relation})
        if not RELATION.fullmatch(annotation):
            raise DataError(
                "brat cannot keep this relation",
                column="relations",
                received=repr(relation)[:60],
                allowed="a type without blanks, and an id that begins with R",
                remedy="rename the type, or leave out the id",
            )
        annotations.append(annotation)
    for note in row.get("notes", ()):
        if not isinstance(note, str) or not OTHER.fullmatch(note):
            raise DataError(
                "A note is not a line of brat", column="notes", received=repr(note)[:60], remedy="remove it"
            )
        annotations.append(note)
    return text, annotations


def _line(text: str, span: WrittenSpan) -> str:
    pieces = [
        (span.start + match.start(), span.start + match.end())
        for match in _ONE_LINE.finditer(text[span.start : span.end])
    ]
    if not pieces or (pieces[0][0], pieces[-1][1]) != span[:2] or not _TYPE.fullmatch(span.label):
        raise DataError(
            "brat cannot keep this span",
            column="spans",
            received=f"{span.label!r} at {span.start}:{span.end}"[:60],
            allowed="a label without blanks, and a span that does not begin or end with a line break",
            remedy="rename the label, or move the border",
        )
    if not _ID.fullmatch(span.id or ""):
        raise DataError(
            "The id of a span is not one of brat",
            column="spans",
            received=repr(span.id)[:60],
            allowed="T and a number",
            remedy="leave out the ids of spans, or write them as T1, T2, …",
        )
    places = ";".join(f"{start} {end}" for start, end in pieces)
    return f"{span.id}\t{span.label} {places}\t{' '.join(text[start:end] for start, end in pieces)}"


def _many(path: Path) -> DataError:
    return DataError(
        "There are several rows, and one .ann file holds one document",
        file=path,
        row=2,
        remedy="name a folder to write to, without the ending .ann",
    )
