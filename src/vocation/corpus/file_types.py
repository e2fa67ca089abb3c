"""What a file is by its first bytes, for files that are given as something else.

The marks are those of the formats' own specifications, as `file` knows them; each holds bytes that no text has, but for
PDF's, which no text begins with.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from vocation.errors import DataError

_HEAD = 512
_ZIP = b"PK\x03\x04"
_ARCHIVE, _DAMAGED = "a ZIP archive", "a ZIP container that is damaged or cut off"
_MARKS = (
    (b"PAR1\x15", "a Parquet file", "read it by `kind: parquet`"),
    (b"ARROW1\0\0", "an Arrow file", "read it by `kind: datasets`"),
    (b"%PDF-", "a PDF document", "read it by `kind: pdf`"),
    (b"\x1f\x8b\x08", "a gzip file", "give its name the ending .gz, and it is unpacked while it is read"),
    (
        b"\x28\xb5\x2f\xfd",
        "a zstd file",
        "give its name the ending .zst, and it is unpacked while it is read",
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a file of Office 97-2003, or one with a password",
        "read an Excel workbook (.xls) by `kind: excel`; save any other again as .docx or as text, without a password",
    ),
    (b"PK\x05\x06", "an empty ZIP archive", "give another file"),
)
_CONTAINERS = (
    ("xl/", "an Excel workbook", "read it by `kind: excel`"),
    ("word/", "a Word document", "read it by `kind: docx`"),
    ("ppt/", "a PowerPoint file", "save it as PDF and read that by `kind: pdf`"),
)
_TEXTS = ((b"{", "JSON lines", "`kind: jsonl`"), (b"[", "JSON", "`kind: json`"), (b"<", "HTML or XML", "`kind: html`"))


def mistaken(path: Path, head: bytes, wanted: str) -> DataError | None:
    """The error for a file that is plainly of another type than it is read as; None where its beginning says nothing.

    Args:
        path: the file.
        head: its first bytes, 8 or more where it has them.
        wanted: what it is read as: "text", or one of the names above, such as "an Excel workbook".
    """
    for mark, name, remedy in _MARKS:
        if head.startswith(mark):
            return None if name == wanted else _error(path, wanted, name, remedy)
    if not head.startswith(_ZIP):
        return None
    name, remedy = _container(path)
    if name == wanted or (wanted != "text" and name in (_DAMAGED, _ARCHIVE)):
        return None  # Whoever reads containers has words of its own for these.
    return _error(path, wanted, name, remedy)


def mistaken_binary(path: Path, wanted: str) -> DataError | None:
    """As `mistaken`, for a file that is read as a binary one and cannot be: it may also be text.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if (found := mistaken(path, head, wanted)) or not _is_text(head):
        return found
    if any(head.startswith(mark) or mark.startswith(head) for mark, _, _ in _MARKS):
        return None  # What it should be, or so short that it may be: cut off or damaged.
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    found_kinds = ((name, kind) for mark, name, kind in _TEXTS if start.startswith(mark))
    name, kind = next(found_kinds, ("a table", "`kind: csv`"))
    return _error(path, wanted, "text", f"it looks like {name}, which {kind} reads")


def _container(path: Path) -> tuple[str, str]:
    """What a ZIP container is, by the names in it, and what can be done."""
    try:
        with zipfile.ZipFile(path) as container:
            names = [name.replace("\\", "/") for name in container.namelist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return _DAMAGED, "copy or download it again"
    for folder, name, remedy in _CONTAINERS:
        if any(entry.startswith(folder) for entry in names):
            return name, remedy
    return _ARCHIVE, "unpack it and give the files in it"


def _is_text(head: bytes) -> bool:
    """Whether the beginning of a file has no control character but those of lines, and no byte that is in no text."""
    return bool(head) and not any(byte in (0x7F, 0xFF) or (byte < 0x20 and byte not in b"\t\n\r\f") for byte in head)


def _error(path: Path, wanted: str, name: str, remedy: str) -> DataError:
    return DataError(
        f"The file is {name}, and is read as {wanted}",
        file=path,
        received=f"{path.stat().st_size} bytes that begin as {name}",
        remedy=remedy,
    )
