"""The real sets of a data folder as rows, their columns mapped to the fields of Vocation; each as its README says."""

from __future__ import annotations

import importlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from vocation.component import kinds
from vocation.corpus.finding import find_files
from vocation.corpus.formats import Format

Rows = Iterator[dict[str, Any]]
etree: Any = importlib.import_module("lxml.etree")  # It has no types of its own.
_XML = etree.XMLParser(resolve_entities=False, no_network=True)


@dataclass(frozen=True)
class RealSet:
    """A set, and how its rows are read.

    Args:
        kind: the format that reads it; "" where none does and `load` reads it.
        paths: globs below the set's folder.
        settings: of the format.
        columns: which column holds which field.
        change: makes the fields of a row those of Vocation, where renaming is not enough.
        load: reads one file where no format does.
    """

    kind: str
    paths: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: row
    load: Callable[[Path], Rows] | None = None

    def rows(self, folder: Path) -> Rows:
        """The rows of all files, by name; rows that are faulty in the file are left out.

        Raises:
            DataError: a file cannot be read.
        """
        names = {column: name for name, column in self.columns.items()}
        for pattern in self.paths:
            kind = kinds("vocation.corpus.formats")[self.kind or "plain_text"]
            reader = kind.model_validate({"path": pattern, **self.settings})
            assert isinstance(reader, Format)
            for path in find_files(reader, folder, "path"):
                found = (
                    self.load(path) if self.load else (dict(row.fields) for row in reader.rows(path) if not row.fault)
                )
                for row in found:
                    yield self.change({names.get(name, name): value for name, value in row.items()})


def _conversation(question: str, answer: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(row: dict[str, Any]) -> dict[str, Any]:
        asked, answered = row.pop(question), row.pop(answer)
        answered = "\n".join(answered) if isinstance(answered, list) else answered
        messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
        return {**row, "messages": messages}

    return change


def _maintie(row: dict[str, Any]) -> dict[str, Any]:
    """Entities of tokens, some inside others, become spans of characters with ids; relations refer to these.

    The text is the tokens with blanks between them, as it is in all rows but five, whose tokens were corrected.
    """
    starts = list(accumulate((len(token) + 1 for token in row["tokens"]), initial=0))
    spans = [
        {
            "start": starts[entity["start"]],
            "end": starts[entity["end"] - 1] + len(row["tokens"][entity["end"] - 1]),
            "label": entity["type"],
            "id": f"T{number}",
        }
        for number, entity in enumerate(row["entities"], start=1)
    ]
    relations = [
        {
            "id": f"R{number}",
            "from_id": f"T{relation['head'] + 1}",
            "to_id": f"T{relation['tail'] + 1}",
            "type": relation["type"],
        }
        for number, relation in enumerate(row["relations"], start=1)
    ]
    return {"text": " ".join(row["tokens"]), "spans": spans, "relations": relations}


def _presidio(row: dict[str, Any]) -> dict[str, Any]:
    spans = [
        {"start": span["start_position"], "end": span["end_position"], "label": span["entity_type"]}
        for span in row["spans"]
    ]
    return {"text": row["text"], "spans": spans, "group": str(row["template_id"])}


def _pubmedqa(path: Path) -> Rows:
    for key, row in json.loads(path.read_text(encoding="utf-8")).items():
        yield {
            "group": key,
            "text": "\n".join(row["CONTEXTS"]),
            "question": row["QUESTION"],
            "label": row["final_decision"],
        }


def _medquad(path: Path) -> Rows:
    document = etree.parse(str(path), _XML)
    for pair in document.iter("QAPair"):
        question, answer = pair.findtext("Question"), pair.findtext("Answer")
        if question and answer and answer.strip():
            yield {"question": question, "answer": answer, "group": path.stem}


def _scientsbank(path: Path) -> Rows:
    with zipfile.ZipFile(path) as container:
        for name in sorted(name for name in container.namelist() if name.endswith(".xml")):
            question = etree.fromstring(container.read(name), _XML)
            for answer in question.iter("studentAnswer"):
                if answer.text:
                    asked = question.findtext("questionText") or ""
                    yield {"text": answer.text, "question": asked, "label": answer.get("accuracy"), "group": name}


_TABS = {"delimiter": "\t", "quotes": False}
SETS: dict[str, RealSet] = {
    "banking77": RealSet("csv", ("banking_data/*.csv",), columns={"label": "category"}),
    "cjrc_legalqa_zh": RealSet("squad", ("阅读理解/data/*.json",), columns={"group": "paragraph"}),
    "cmedqq_zh": RealSet("csv", ("data/cMedQQ/*.txt",), {**_TABS, "header": ["label", "text", "second"]}),
    "cmedtc_zh": RealSet("csv", ("data/cMedTC/*.txt",), {**_TABS, "header": ["label", "text"]}),
    "dictionaries": RealSet("csv", ("data/THUOCL_*.txt",), {**_TABS, "header": ["text", "count"]}),
    "gaokao_zh": RealSet("json", ("Data/**/*.json",), {"key": "example"}, change=_conversation("question", "answer")),
    "laws_zh": RealSet("markdown", ("*/**/*.md",)),
    "maintie": RealSet("json", ("data/gold_release.json",), change=_maintie),
    "medquad": RealSet("", ("*_QA*/*.xml",), change=_conversation("question", "answer"), load=_medquad),
    "mts_dialog": RealSet(
        "csv",
        ("Main-Dataset/*.csv",),
        columns={"label": "section_header"},
        change=_conversation("dialogue", "section_text"),
    ),
    "ncbi_disease_ner": RealSet("conll", ("data/**/*.tsv",)),
    "pii_presidio": RealSet("json", ("data/synth_dataset_v2.json",), columns={"text": "full_text"}, change=_presidio),
    "pubmedqa": RealSet("", ("data/ori_pqal.json",), load=_pubmedqa),
    "resume_ner_zh": RealSet("conll", ("data/**/*.bmes",)),
    "scientsbank": RealSet("", ("*.zip",), load=_scientsbank),
    "tcm_gb18030_zh": RealSet("plain_text", ("*.txt",), {"undecodable": "replace"}),
}
"""Every set of the folder; medquad, pubmedqa and scientsbank are XML or an object of objects, which no format reads."""
