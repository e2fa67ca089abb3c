"""Whether what is written reads back: every set of a data folder, in every format that can be written.

    .venv/bin/python -m benchmarks.corpus.round_trips DATA          # measure, and write round_trips.json and README.md
    .venv/bin/python -m benchmarks.corpus.round_trips DATA --table  # only the table

All rows of a set are written in a format, read back, and compared field by field: texts, spans, labels, groups. A row
that the format refuses is told with its reason, and the others are written without it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.corpus.real_sets import SETS
from vocation.component import kinds
from vocation.corpus.formats import WritableFormat
from vocation.errors import DataError

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "round_trips.json"
MANY_FILES = 2000
"""Rows of a set that are written as brat, which has two files a row."""
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "csv": ("a.csv", {}),
    "json": ("a.json", {}),
    "jsonl": ("a.jsonl", {}),
    "parquet": ("a.parquet", {}),
    "alpaca": ("a.json", {}),
    "sharegpt": ("a.json", {}),
    "messages": ("a.jsonl", {}),
    "conll": ("a.conll", {"joiner": ""}),
    "label_studio": ("a.json", {"split": "unlabelled"}),  # Some sets have no labels.
    "doccano": ("a.jsonl", {}),
    "brat": ("folder", {}),
}
"""Every format that can be written: the name of the file, and settings."""
NEEDED = dict.fromkeys(("alpaca", "sharegpt", "messages"), "messages")
NEEDED |= dict.fromkeys(("conll", "label_studio", "doccano", "brat"), "text")
"""The field without which a row cannot be written in a format."""

Fields = Mapping[str, Any]


def round_trip(kind: str, rows: Sequence[Fields], scratch: Path) -> dict[str, Any]:
    """Writes rows in a format, reads them back and compares.

    Returns:
        `rows` and `written` (counts), `equal` (how many came back as they were), `refused` (problems with counts),
        `left_out` (fields that the format has no place for), and `example`, the first row that came back otherwise.
    """
    name, settings = FORMATS[kind]
    writer = kinds("vocation.corpus.formats")[kind].model_validate({"path": name, **settings})
    assert isinstance(writer, WritableFormat)
    if writer.tabular:
        names = tuple(dict.fromkeys(name for row in rows for name in row))
        rows = [{name: row.get(name) for name in names} for row in rows]
    kept, refused = _writable(writer, scratch / name, rows)
    result: dict[str, Any] = {"rows": len(rows), "written": len(kept), "equal": 0, "refused": dict(refused)}
    left_out = {name for row in kept for name in row} - set(writer.keeps or {name for row in kept for name in row})
    result["left_out"] = sorted(left_out)
    if not kept:
        return result
    files = writer.files(scratch / name) if (scratch / name).is_dir() else [scratch / name]
    found = [row for file in files for row in writer.rows(file)]
    expected = [_expected(kind, writer, row) for row in kept]
    pairs = list(zip(found, expected, strict=False))
    different = [(row.fields, wanted) for row, wanted in pairs if row.fault or _comparable(kind, row.fields) != wanted]
    result["equal"] = len(pairs) - len(different) if len(found) == len(kept) else 0
    if different:
        result["example"] = [json.dumps(side, ensure_ascii=False, default=str)[:300] for side in different[0]]
    return result


def _writable(writer: WritableFormat, path: Path, rows: Sequence[Fields]) -> tuple[list[Fields], Counter[str]]:
    """The rows that a format takes, which are then in the file, and the problems of the others."""
    kept, refused, rest = list[Fields](), Counter[str](), list(rows)
    while rest:
        try:
            writer.write(path, rest)
        except DataError as error:
            if error.row is None:
                raise
            refused[error.problem] += 1
            kept += rest[: error.row - 1]
            rest = rest[error.row :]
        else:
            kept += rest
            rest = []
        _remove(path)
    if kept:
        writer.write(path, kept)
    return kept, refused


def _remove(path: Path) -> None:
    if path.is_dir():
        for file in path.iterdir():
            file.unlink()
        path.rmdir()
    path.unlink(missing_ok=True)


def _expected(kind: str, writer: WritableFormat, row: Fields) -> Any:
    fields = {name: value for name, value in row.items() if writer.keeps is None or name in writer.keeps}
    if kind == "csv":
        return {name: _cell(name, value) for name, value in fields.items()}
    return _comparable(kind, fields)


def _cell(name: str, value: Any) -> Any:
    """What is read of a cell: its text, and spans as a list."""
    text = "" if value is None else value
    if name == "spans" and isinstance(value, list):
        return value
    return text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)


def _comparable(kind: str, fields: Fields) -> Any:
    """Fields without what a format adds (names of documents, empty lists) and with spans in one order."""
    kept = {name: value for name, value in fields.items() if name != "document"}
    for name in ("spans", "relations", "label"):
        if kind in ("label_studio", "doccano", "brat", "conll") and not kept.get(name):
            kept.pop(name, None)
    if isinstance(kept.get("spans"), list):
        kept["spans"] = sorted(kept["spans"], key=lambda span: (span["start"], span["end"], span["label"], str(span)))
        if kind in ("label_studio", "doccano", "brat", "conll") and "relations" not in kept:
            kept["spans"] = [{name: span[name] for name in ("start", "end", "label")} for span in kept["spans"]]
    if kind == "parquet":
        return json.loads(json.dumps(kept), object_hook=lambda value: {k: v for k, v in value.items() if v is not None})
    return kept


def page(results: Mapping[str, Any]) -> list[str]:
    """Its part of README.md."""
    notes: dict[str, int] = {}
    rows = []
    for name, measured in results["sets"].items():
        cells = [_table_cell(measured[kind], notes) for kind in FORMATS]
        rows.append(f"| {name} | {measured['json']['rows']:,} | {' | '.join(cells)} |")
    trips = [measured[kind] for measured in results["sets"].values() for kind in FORMATS]
    written, equal = (sum(trip[key] for trip in trips) for key in ("written", "equal"))
    return [
        "## Round trips",
        "",
        "Every real set in every format that can be written, read back and compared field by field (texts, spans, "
        f"labels, groups): {equal:,} of {written:,} rows that were written came back equal. ✓ is all rows of the set. "
        "A row that a format cannot keep is refused when it is written; numbers are the rows that were kept, the notes "
        "say why the others were not.",
        "",
        f"| set | rows | {' | '.join(FORMATS)} |",
        f"|---|---|{'---|' * len(FORMATS)}",
        *rows,
        "",
        *(f"- [{number}] {text}" for text, number in notes.items()),
        "",
        f'CoNLL is written with `joiner: ""`. Of brat, which has two files a row, the first {MANY_FILES:,} rows. CSV '
        "keeps strings; other values come back as their JSON text, null as an empty cell.",
        "",
    ]


def _table_cell(measured: Mapping[str, Any], notes: dict[str, int]) -> str:
    if not measured["written"]:
        return f"– {_note(next(iter(measured['refused'])), notes)}"
    marks = [_note(f"Refused: {problem}.", notes) for problem in measured["refused"]]
    marks += [_note(f"No place for {', '.join(measured['left_out'])}.", notes)] if measured["left_out"] else []
    if measured["equal"] != measured["written"]:
        return f"**{measured['equal']:,} of {measured['written']:,}** {' '.join(marks)}".strip()
    whole = "✓" if measured["written"] == measured["rows"] else f"{measured['written']:,}"
    return f"{whole} {' '.join(marks)}".strip()


def _note(text: str, notes: dict[str, int]) -> str:
    number = notes.setdefault(text, len(notes) + 1)
    return f"[{number}]"


def measure(data: Path) -> dict[str, Any]:
    """All sets in all formats."""
    results: dict[str, Any] = {}
    for name, real in SETS.items():
        rows = list(real.rows(data / name))
        results[name] = {}
        for kind in FORMATS:
            chosen = list(islice(rows, MANY_FILES)) if kind == "brat" else rows
            if kind in NEEDED and NEEDED[kind] not in chosen[0]:
                nothing = {"rows": len(chosen), "written": 0, "equal": 0, "left_out": []}
                results[name][kind] = {**nothing, "refused": {f"A row needs `{NEEDED[kind]}`": len(chosen)}}
                continue
            with tempfile.TemporaryDirectory() as scratch:
                results[name][kind] = round_trip(kind, chosen, Path(scratch))
            print(name, kind, results[name][kind], flush=True)
    return {"sets": results}


def main() -> None:
    """Measures everything and writes both files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the sets, each in a folder of its name")
    parser.add_argument("--table", action="store_true", help="measure nothing; write README.md from the results")
    arguments = parser.parse_args()
    if not arguments.table:
        text = json.dumps(measure(arguments.data), ensure_ascii=False, indent=1)
        RESULTS.write_text(text + "\n", encoding="utf-8")
    from benchmarks.corpus import page as whole_page

    whole_page.write()


if __name__ == "__main__":
    main()
