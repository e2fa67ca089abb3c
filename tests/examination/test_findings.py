"""What is worth knowing of a corpus: each fault is told with what to do about it, and sound data is not accused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vocation.corpus.refine import CorpusSettings, plan, refine
from vocation.examination.examine import Examination, examine
from vocation.examination.findings import Facts, findings
from vocation.examination.settings import ExaminationSettings
from vocation.examination.words import words_of
from vocation.ledger import read_counts
from vocation.modeling.pretrained import resolve
from vocation.progress import SILENT
from vocation.tasks.classification import Classification

Rows = list[tuple[str, str, str, str, str]]
OAK = "the old oak in the yard of the school was felled in the storm of last winter, and nobody was hurt by it"
FIR = "a new pump was fitted to the second line of the plant before the inspection, which took a whole morning"
WORDS = ["amber", "birch", "cedar", "dahlia", "elder", "fern", "gorse", "hazel"]
WORDS += ["iris", "juniper", "kale", "larch", "maple", "nettle", "olive", "poppy"]


@pytest.fixture
def facts(tmp_path: Path, bert_folder: Path) -> Any:
    """Refines and examines rows of split, text, label, group and time."""

    def of(rows: Rows, max_length: int = 160, run: str = "first", model: Path = bert_folder, **settings: Any) -> Facts:
        sources = []
        for split in dict.fromkeys(row[0] for row in rows):
            lines = [",".join(f'"{cell}"' for cell in row[1:]) for row in rows if row[0] == split]
            content = "\n".join(["text,label,group,time", *lines])
            (tmp_path / f"{split}.csv").write_text(content + "\n", encoding="utf-8", newline="")
            columns = {"group": "group", "time": "time"}
            sources.append({"kind": "csv", "path": f"{split}.csv", "split": split, "columns": columns})
        corpus = CorpusSettings.model_validate({"sources": sources, "unseen_labels": "drop", **settings})
        task = Classification(max_length=max_length)
        folder, examined_folder = (tmp_path / run / name for name in ("corpus", "examination"))
        folder.mkdir(parents=True)
        examined_folder.mkdir()
        summary = refine(corpus, task, tmp_path, plan(corpus, task, tmp_path), folder, SILENT)
        examination = Examination(
            ExaminationSettings(leakage=False),
            task,
            resolve(str(model), tmp_path),
            folder,
            summary,
            [step.kind for step in corpus.cleaning],
            deidentified=False,
        )
        examined = examine(examination, examined_folder, SILENT)
        return Facts(summary, examined, read_counts(folder))

    return of


def sound(split: str, count: int, year: int) -> Rows:
    return [
        (
            split,
            f"{WORDS[n % 16]} {WORDS[n // 16 % 16]} {split} note {n}",
            "ab"[n % 2],
            f"{split}{n}",
            f"{year}-01-{n % 28 + 1:02}",
        )
        for n in range(count)
    ]


def three_splits() -> Rows:
    return sound("train", 200, 2020) + sound("validation", 100, 2021) + sound("test", 100, 2022)


def problems(facts: Facts) -> list[str]:
    found = findings(facts, words_of("en"))
    assert all(finding.remedy and finding.section for finding in found)
    return [finding.problem for finding in found]


def test_sound_data_is_not_accused(facts: Any) -> None:
    assert problems(facts(three_splits())) == []


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (
            [("train", OAK, "a", "x", "2020-01-01"), ("test", OAK, "a", "y", "2022-01-01")],
            "1 text stands in both train and test; 1 row was taken out of train.",
        ),
        (
            [("train", OAK, "a", "x", "2020-01-01"), ("test", f"{OAK} today", "a", "y", "2022-01-01")],
            "1 row of train with nearly the text of a row of test; nothing was taken out.",
        ),
        (
            [("train", FIR, "a", "x", "2020-01-01"), ("train", FIR.replace("whole", "full"), "b", "y", "2020-01-01")],
            "2 training rows have near-duplicates with another answer.",
        ),
        (
            [("train", FIR, "a", "x", "2020-01-01"), ("train", FIR, "b", "y", "2020-01-01")],
            "1 text carries more than one answer (2 rows).",
        ),
        (
            [("train", OAK, "a", "patient 7", "2020-01-01"), ("test", FIR, "a", "patient 7", "2022-01-01")],
            "1 group stands in both train and test (1 and 1 row).",
        ),
        ([("train", OAK, "a", "x", "2023-06-01")], "1 row of train came later than the oldest row of test."),
        (
            [("train", f"{OAK} write to ann@example.org", "a", "x", "2020-01-01")],
            "Of 401 texts looked at, some hold what identifies a person: EMAIL_ADDRESS 1.",
        ),
        (
            [("train", f"{OAK} &lt; 5 mg", "a", "x", "2020-01-01")],
            "Of 401 texts, 1 holds HTML entities or tags.",
        ),
        (
            [("train", OAK, "a", "x", "2020-01-01"), ("train", OAK, "a", "x", "2020-01-01")],
            "Some rows repeat an earlier text: 1 in train.",
        ),
        (
            [("train", OAK, "rare", "x", "2020-01-01")],
            "1 label has fewer than 8 training examples: rare (1).",
        ),
    ],
)
def test_each_fault_is_told(facts: Any, faults: Rows, told: str) -> None:
    assert told in problems(facts(three_splits() + faults))


def test_near_duplicates_are_told_with_the_largest_cluster(facts: Any) -> None:
    rows = [("train", f"{OAK} {word}", "a", word, "2020-01-01") for word in ("winter", "spring", "autumn")]
    (found,) = problems(facts(three_splits() + rows))
    assert found == (
        "3 rows are near-duplicates of one another, in 1 cluster; the largest has 3 (the first is train.csv:202)."
    )


def test_labels_that_drift_are_told(facts: Any) -> None:
    rows = [
        (split, text, "a" if split == "test" else label, group, time)
        for split, text, label, group, time in three_splits()
    ]
    found = problems(facts(rows))
    assert any(problem.startswith("The labels of train and test differ by 50%, more than chance") for problem in found)


def test_rows_that_were_left_out_are_told(facts: Any) -> None:
    rows = [*three_splits(), ("train", "", "a", "x", "2020-01-01")]
    assert problems(facts(rows, invalid_rows="drop")) == [
        "1 row (0.2%) could not be used: 1 × The text is missing (first: train.csv:202)."
    ]


def test_line_breaks_inside_cells_and_mixed_line_ends_are_told(facts: Any, tmp_path: Path) -> None:
    rows = [*three_splits(), ("train", "amber\nbirch", "a", "x", "2020-01-01")]
    assert problems(facts(rows)) == ["1 row has a line break inside a cell (first: train.csv:202)."]
    found = facts([*three_splits(), ("train", "amber\r\nbirch", "a", "x", "2020-01-01")], run="again")
    assert problems(found) == [
        "Line ends of several kinds stand in 1 file: train.csv (1 CRLF, 202 LF).",
        "1 row has a line break inside a cell (first: train.csv:202).",
    ]


def test_a_byte_order_mark_is_told(facts: Any) -> None:
    found = facts(three_splits())
    (first, *others) = found.corpus["files"]
    corpus = {**found.corpus, "files": [{**first, "encoding": "utf-8-sig"}, *others]}
    assert problems(Facts(corpus, found.examined, found.counts)) == ["1 file begins with a byte-order mark: train.csv."]


def test_small_letters_for_a_model_that_knows_capitals_are_told(
    facts: Any, bert_folder: Path, roberta_folder: Path
) -> None:
    told = "The step `case` makes all letters small, and the model would tell capitals apart."
    steps = {"cleaning": ["case"]}
    assert told not in problems(facts(three_splits(), run="uncased", model=bert_folder, **steps))
    assert told in problems(facts(three_splits(), run="cased", model=roberta_folder, **steps))
    assert told not in problems(facts(three_splits(), run="kept", model=roberta_folder))


def test_rows_left_out_for_being_near_another_are_told(facts: Any) -> None:
    rows = [("unlabelled", OAK, "a", "x", "2020-01-01"), ("unlabelled", f"{OAK} today", "a", "y", "2020-01-01")]
    assert "1 row was left out, being nearly equal to one that stays." in problems(facts(three_splits() + rows))


def test_labels_that_are_not_tested_and_labels_that_hardly_differ_are_told(facts: Any) -> None:
    rows = [("train", f"{WORDS[n]} {OAK[n:]}", "A.", f"x{n}", "2020-01-01") for n in range(12)]
    found = problems(facts(three_splits() + rows))
    assert "1 label of train stands in no row of test: A.." in found
    assert "Some labels differ by case, width, spacing or punctuation alone: A. / a." in found


def test_labels_with_lost_characters_are_told(facts: Any) -> None:
    rows = [("train", OAK, "a\ufffd", "x", "2020-01-01")]
    assert "1 label holds characters that were lost: a\ufffd." in problems(facts(three_splits() + rows))


def test_texts_that_would_be_cut_are_told_once_for_all_splits(facts: Any) -> None:
    rows = [*three_splits(), ("train", "cough " * 200, "a", "x", "2020-01-01"), ("test", OAK, "a", "y", "2022-01-01")]
    (found,) = problems(facts(rows, max_length=60))
    assert found.startswith("Rows of more than 60 tokens would lose their ends: 1 of 201 in train, 1 of 101 in test; ")


def test_what_a_random_split_promises_is_told_when_it_was_measured(facts: Any) -> None:
    found = facts(three_splits())
    interval = {"value": 0.5, "low": 0.4, "high": 0.6}
    leakage = {"metric": "accuracy", "honest": interval, "random": interval, "difference": interval, "flatters": True}
    told = problems(Facts(found.corpus, {**found.examined, "leakage": leakage}, found.counts))
    assert told == [
        "Splits of single rows by chance flatter the result: the baseline's accuracy is 0.500 [0.400, 0.600] on these "
        "splits, 0.500 [0.400, 0.600] on random ones of as many rows (difference +0.500 [+0.400, +0.600])."
    ]


def test_findings_are_told_in_chinese(facts: Any) -> None:
    found = facts([*three_splits(), ("train", f"{OAK} ann@example.org", "a", "x", "2020-01-01")])
    (finding,) = findings(found, words_of("zh"))
    assert finding.problem == "在查看的 401 段文本中，有些含有可识别个人的信息：EMAIL_ADDRESS 1。"
