"""Near-duplicate rows: what goes, what is only reported, and which row of a cluster stays."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vocation.corpus.refine import CorpusSettings, plan, refine
from vocation.errors import RecipeError
from vocation.ledger import read_entries
from vocation.progress import SILENT
from vocation.records import read_records
from vocation.tasks.classification import Classification

Run = Callable[..., dict[str, Any]]
ONE = "The borrower shall repay the principal together with all accrued interest on the last day of the term"
NEAR = ONE.replace("last day", "final day")
LONGER = ONE + " without delay"
OTHER = "A completely different sentence about the maintenance of pumps in a factory near the river"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Refines files of rows (split, text, label, time) with the near-duplicate settings given."""

    def make(rows: list[tuple[str | None, str, str, str]], stays: str = "first", **near: Any) -> dict[str, Any]:
        sources = []
        for split in dict.fromkeys(row[0] for row in rows):
            name = f"{split}.csv"
            chosen = [row[1:] for row in rows if row[0] == split]
            lines = ["text,label,time", *(",".join(f'"{cell}"' for cell in row) for row in chosen)]
            (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
            sources.append({"kind": "csv", "path": name, "split": split, "columns": {"time": "time"}})
        corpus = CorpusSettings.model_validate(
            {
                "sources": sources,
                "deduplication": {"stays": stays, "near": {"threshold": 0.6, **near}},
                "splitting": {"validation": 0, "test": 0},
                "unseen_labels": "drop",
            }
        )
        task = Classification()
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        (tmp_path / "out").mkdir()
        return refine(corpus, task, tmp_path, plan(corpus, task, tmp_path), tmp_path / "out", SILENT)

    return make


def texts(folder: Path, split: str) -> list[str]:
    path = folder / "out" / f"{split}.parquet"
    return [record.text.content for record in read_records(path, Classification().record_schema)]


def entries(folder: Path) -> list[tuple[str, str, str]]:
    return [
        (entry["action"], entry["reason"], entry["content"])
        for entry in read_entries(folder / "out")
        if entry["step"] == "near_duplicates"
    ]


TRAIN = [
    ("train", ONE, "a", "2020-01-01"),
    ("train", NEAR, "a", "2022-01-01"),
    ("train", LONGER, "a", "2021-01-01"),
    ("train", OTHER, "b", "2020-01-01"),
]


def test_labelled_near_duplicates_stay_and_are_counted_unless_the_recipe_drops_them(run: Run, tmp_path: Path) -> None:
    summary = run(TRAIN)
    assert texts(tmp_path, "train") == [ONE, NEAR, LONGER, OTHER]
    assert (summary["near_duplicates"]["clusters"], summary["near_duplicates"]["rows"]) == (1, 3)
    assert summary["near_duplicates"]["examples"] == [
        {"rows": 3, "places": ["train.csv:2", "train.csv:3", "train.csv:4"]}
    ]
    run(TRAIN, labelled="drop")
    assert texts(tmp_path, "train") == [ONE, OTHER]
    assert entries(tmp_path) == [("dropped", "near-duplicate", NEAR), ("dropped", "near-duplicate", LONGER)]


@pytest.mark.parametrize(("stays", "kept"), [("first", ONE), ("longest", LONGER), ("newest", NEAR)])
def test_the_row_that_stays_is_a_choice(run: Run, tmp_path: Path, stays: str, kept: str) -> None:
    run(TRAIN, stays, labelled="drop")
    assert texts(tmp_path, "train") == [kept, OTHER]


def test_of_equal_texts_the_newest_stays_where_the_recipe_says_so(run: Run, tmp_path: Path) -> None:
    run([("train", ONE, "a", "2020-01-01"), ("train", ONE.upper(), "a", "2023-05-01"), *TRAIN[3:]], "newest")
    assert texts(tmp_path, "train") == [ONE.upper(), OTHER]


def test_near_duplicates_with_different_answers_are_reported_and_stay(run: Run, tmp_path: Path) -> None:
    rows = [TRAIN[0], ("train", NEAR, "b", "2022-01-01")]
    summary = run(rows, labelled="drop")
    assert texts(tmp_path, "train") == [ONE, NEAR]
    assert summary["near_duplicates"]["conflicting_rows"] == 2
    assert entries(tmp_path) == [("reported", "near-duplicates with different answers", text) for text in (ONE, NEAR)]


def test_near_duplicates_across_given_splits_are_reported_or_removed(run: Run, tmp_path: Path) -> None:
    rows = [*TRAIN, ("test", NEAR.replace("accrued", "due"), "a", "2024-01-01"), ("test", OTHER + " bank", "b", "2024")]
    summary = run(rows)
    assert len(texts(tmp_path, "train")) == 4
    assert summary["near_duplicates"]["overlap"] == [{"between": ["train", "test"], "rows": 4, "action": "reported"}]
    rows += [("train", "Something else altogether that nobody tests in any way at all", "b", "2020")]
    rows += [("train", "The weather was mild and the harvest came in early this year", "a", "2020")]
    run(rows, overlap="remove_from_train")
    assert len(texts(tmp_path, "train")) == 2
    assert {action for action, _, _ in entries(tmp_path)} == {"dropped"}


def test_unlabelled_text_near_a_test_row_goes_and_of_a_cluster_one_stays(run: Run, tmp_path: Path) -> None:
    new = "Pump seven of the second line was taken apart and its worn bearing replaced on Monday"
    rows = [
        ("train", "a text of its own that is quite unlike the others here", "a", "2020"),
        ("train", OTHER, "b", "2020"),
        ("test", ONE, "a", "2020"),
        ("unlabelled", NEAR, "", "2020"),
        ("unlabelled", new, "", "2020"),
        ("unlabelled", new.replace("Monday", "Friday"), "", "2020"),
    ]
    run(rows)
    assert texts(tmp_path, "unlabelled") == [new]
    reasons = {entry["content"]: entry["reason"] for entry in read_entries(tmp_path / "out")}
    assert reasons == {
        NEAR: "text nearly stands in validation or test",
        new.replace("Monday", "Friday"): "near-duplicate",
    }
    run(rows, unlabelled="keep")
    assert len(texts(tmp_path, "unlabelled")) == 2


def test_the_newest_needs_a_time(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\nx,a\ny,b\n", encoding="utf-8")
    corpus = CorpusSettings.model_validate(
        {"sources": [{"kind": "csv", "path": "a.csv", "split": "train"}], "deduplication": {"stays": "newest"}}
    )
    (tmp_path / "out").mkdir()
    task = Classification()
    planned = plan(corpus, task, tmp_path)
    with pytest.raises(RecipeError, match=r"corpus\.deduplication\.stays is newest, and no source maps a column"):
        refine(corpus, task, tmp_path, planned, tmp_path / "out", SILENT)
