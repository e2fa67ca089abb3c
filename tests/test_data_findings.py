"""What is worth knowing of a corpus: each fault is told with what to do about it, and sound data is not accused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vocation.corpus.refine import CorpusSettings, plan, refine
from vocation.data_findings import corpus_findings, identifier_findings
from vocation.ledger import read_counts
from vocation.progress import SILENT
from vocation.tasks.classification import Classification

TASK = Classification()
OAK = "the old oak in the yard of the school was felled in the storm of last winter, and nobody was hurt by it"
FIR = "a new pump was fitted to the second line of the plant before the inspection, which took a whole morning"


def problems(folder: Path, rows: list[tuple[str, str, str, str, str]], **settings: Any) -> list[str]:
    """Of rows with split, text, label, group and time."""
    sources = []
    for split in dict.fromkeys(row[0] for row in rows):
        lines = [
            "text,label,group,time",
            *(",".join(f'"{cell}"' for cell in row[1:]) for row in rows if row[0] == split),
        ]
        (folder / f"{split}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        columns = {"group": "group", "time": "time"}
        sources.append({"kind": "csv", "path": f"{split}.csv", "split": split, "columns": columns})
    corpus = CorpusSettings.model_validate({"sources": sources, "unseen_labels": "drop", **settings})
    (folder / "out").mkdir(exist_ok=True)
    summary = refine(corpus, TASK, folder, plan(corpus, TASK, folder), folder / "out", SILENT)
    found = [*corpus_findings(summary, read_counts(folder / "out")), *identifier_findings(folder / "out", TASK)]
    assert all(finding.remedy for finding in found)
    return [finding.problem for finding in found]


def sound(split: str, count: int, year: int) -> list[tuple[str, str, str, str, str]]:
    words = ["amber", "birch", "cedar", "dahlia", "elder", "fern", "gorse", "hazel"]
    words += ["iris", "juniper", "kale", "larch", "maple", "nettle", "olive", "poppy"]
    return [
        (
            split,
            f"{words[n % 16]} {words[n // 16 % 16]} {split} note {n}",
            "ab"[n % 2],
            f"{split}{n}",
            f"{year}-01-{n % 28 + 1:02}",
        )
        for n in range(count)
    ]


def test_sound_data_is_not_accused(tmp_path: Path) -> None:
    rows = sound("train", 200, 2020) + sound("validation", 100, 2021) + sound("test", 100, 2022)
    assert problems(tmp_path, rows) == []


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (
            [("train", OAK, "a", "x", "2020-01-01"), ("test", f"{OAK} today", "a", "y", "2022-01-01")],
            "1 rows of train are nearly the text of a row of test (reported).",
        ),
        (
            [("train", FIR, "a", "x", "2020-01-01"), ("train", FIR.replace("whole", "full"), "b", "y", "2020-01-01")],
            "2 training rows have near-duplicates with another answer.",
        ),
        (
            [("train", OAK, "a", "patient 7", "2020-01-01"), ("test", FIR, "a", "patient 7", "2022-01-01")],
            "1 groups stand in both train and test (1 and 1 rows).",
        ),
        ([("train", OAK, "a", "x", "2023-06-01")], "1 rows of train are newer than the oldest row of test."),
        (
            [("train", f"{OAK} write to ann@example.org", "a", "x", "2020-01-01")],
            "Of 401 texts looked at, some hold what identifies a person: EMAIL_ADDRESS in 1.",
        ),
    ],
)
def test_each_fault_is_told(tmp_path: Path, faults: list[tuple[str, str, str, str, str]], told: str) -> None:
    rows = sound("train", 200, 2020) + sound("validation", 100, 2021) + sound("test", 100, 2022)
    assert told in problems(tmp_path, rows + faults)


def test_near_duplicates_are_told_with_the_largest_cluster(tmp_path: Path) -> None:
    rows = sound("train", 200, 2020) + sound("validation", 100, 2021) + sound("test", 100, 2022)
    rows += [("train", f"{OAK} {word}", "a", word, "2020-01-01") for word in ("winter", "spring", "autumn")]
    (found,) = problems(tmp_path, rows)
    assert found.startswith(
        "3 rows are near-duplicates of one another, in 1 clusters; the largest has 3 (train.csv:202"
    )


def test_labels_that_drift_are_told(tmp_path: Path) -> None:
    rows = sound("train", 200, 2020) + sound("validation", 100, 2021) + sound("test", 100, 2022)
    rows = [(split, text, "a" if split == "test" else label, group, time) for split, text, label, group, time in rows]
    assert any(
        found.startswith("The labels of train and test differ by 50%, more than chance makes: ")
        for found in problems(tmp_path, rows)
    )


def test_rows_that_were_left_out_are_told(tmp_path: Path) -> None:
    rows = sound("train", 200, 2020) + sound("validation", 100, 2021) + sound("test", 100, 2022)
    rows += [("train", "", "a", "x", "2020-01-01")]
    assert problems(tmp_path, rows, invalid_rows="drop") == ["1 rows could not be used and were left out."]
