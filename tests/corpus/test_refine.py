"""The corpus stage from files to splits."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from vocation.corpus.refine import CorpusSettings, plan, refine
from vocation.errors import DataError
from vocation.ledger import read_counts, read_entries
from vocation.progress import SILENT
from vocation.records import Record, read_records
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

Write = Callable[..., Path]
Run = Callable[..., dict[str, Any]]
LABELS = ("lost card", "pin", "fees")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Refines sources below the test's folder into `out`."""

    def make(sources: list[dict[str, Any]], task: Task | None = None, **settings: Any) -> dict[str, Any]:
        (tmp_path / "out").mkdir(exist_ok=True)
        corpus = CorpusSettings.model_validate({"sources": sources, **settings})
        planned = plan(corpus, task or Classification(), tmp_path)
        return refine(corpus, task or Classification(), tmp_path, planned, tmp_path / "out", SILENT)

    return make


def table(count: int, first: int = 0) -> str:
    return "text,label\n" + "".join(f"Question {n},{LABELS[n % 3]}\n" for n in range(first, first + count))


def records(folder: Path, split: str, task: Task | None = None) -> list[Record]:
    return list(read_records(folder / "out" / f"{split}.parquet", (task or Classification()).record_schema))


def test_one_file_becomes_three_splits_with_their_summary(write: Write, run: Run, tmp_path: Path) -> None:
    write("a.csv", table(60) + "question  0,lost card\n\u200b,pin\nＱuestion 61,fees\n")
    summary = run([{"kind": "csv", "path": "a.csv"}])
    splits = {split: records(tmp_path, split) for split in ("train", "validation", "test")}
    assert {split: len(found) for split, found in splits.items()} == {
        split: described["records"] for split, described in summary["splits"].items()
    }
    assert sum(len(found) for found in splits.values()) == 61
    texts = {record.text.content for found in splits.values() for record in found}
    assert texts == {f"Question {n}" for n in (*range(60), 61)}
    for split, found in splits.items():
        assert summary["splits"][split]["labels"].keys() == {record.values["label"] for record in found} == set(LABELS)
    assert (summary["read"], summary["dropped"]) == (63, 2)
    assert summary["duplicates"]["train"] == 1
    assert summary["split_made"] == {"validation": True, "test": True}
    assert [(file["path"], file["rows"], file["encoding"]) for file in summary["files"]] == [("a.csv", 63, "utf-8")]
    assert json.loads(json.dumps(summary)) == summary
    assert not (tmp_path / "out" / "cleaned.parquet").exists()


def test_everything_that_was_dropped_or_edited_stands_in_the_ledger(write: Write, run: Run, tmp_path: Path) -> None:
    write("a.csv", table(60) + "question  0,lost card\n\u200b,pin\nＱuestion 61,fees\n")
    run([{"kind": "csv", "path": "a.csv"}])
    counts = {(count.action, count.step, count.reason): count.count for count in read_counts(tmp_path / "out")}
    assert counts == {
        ("dropped", "deduplication", "duplicate"): 1,
        ("dropped", "minimum_length", "empty text"): 1,
        ("edited", "unicode", "texts changed"): 1,
        ("edited", "whitespace", "texts changed"): 1,
    }
    duplicate = read_entries(tmp_path / "out", reason="duplicate")
    assert [(entry["row"], entry["detail"], entry["content"]) for entry in duplicate] == [
        (62, "same text as a.csv:2", "question 0")
    ]


def test_the_result_is_the_same_every_time_and_row_order_decides_nothing(
    write: Write, run: Run, tmp_path: Path
) -> None:
    write("a.csv", table(60))
    sides = []
    for _ in range(2):
        run([{"kind": "csv", "path": "a.csv"}])
        sides.append({split: records(tmp_path, split) for split in ("train", "validation", "test")})
    assert sides[0] == sides[1]


def test_given_splits_overlap_conflicts_and_unlabelled_text_together(write: Write, run: Run, tmp_path: Path) -> None:
    write("train.csv", table(40) + "Question 100,pin\nquestion 1,fees\n")
    write("test.csv", table(9, first=99))
    write("raw.txt", "Question 101\n\nSomething new\n\nquestion 2\n\nsomething NEW\n")
    sources = [
        {"kind": "csv", "path": "train.csv", "split": "train"},
        {"kind": "csv", "path": "test.csv", "split": "test"},
        {"kind": "plain_text", "path": "raw.txt", "split": "unlabelled"},
    ]
    summary = run(sources)
    assert [record.text.content for record in records(tmp_path, "unlabelled")] == ["Something new", "question 2"]
    assert len(records(tmp_path, "test")) == 9
    assert "Question 100" not in {record.text.content for record in records(tmp_path, "train")}
    assert summary["overlap"] == [{"between": ["train", "test"], "texts": 1, "rows": 1, "action": "removed from train"}]
    assert summary["conflicts"] == {"texts": 1, "rows": 2}
    assert summary["split_made"] == {"validation": True, "test": False}
    assert summary["duplicates"]["unlabelled"] == 1
    conflict = read_entries(tmp_path / "out", reason="conflicting answers")
    assert {entry["detail"] for entry in conflict} == {"pin (train.csv:3); fees (train.csv:43)"}
    leaked = read_entries(tmp_path / "out", reason="text stands in validation or test")
    assert "Question 101" in {entry["content"] for entry in leaked}


def test_equal_texts_with_different_answers_never_straddle_given_and_made_splits(
    write: Write, run: Run, tmp_path: Path
) -> None:
    write("train.csv", table(30))
    write("rest.csv", table(60).replace("lost card", "pin"))
    sources = [{"kind": "csv", "path": "train.csv", "split": "train"}, {"kind": "csv", "path": "rest.csv"}]
    assert run(sources, deduplication={"conflicts": "keep"})["conflicts"]["texts"] == 10
    train, *others = ({record.text.content for record in records(tmp_path, s)} for s in ("train", "validation", "test"))
    assert all(others)
    assert all(train.isdisjoint(texts) for texts in others)


@pytest.mark.parametrize("given", ["validation", "test"])
def test_rows_without_a_split_leave_or_stop_the_run_when_their_text_is_held_out(
    write: Write, run: Run, tmp_path: Path, given: str
) -> None:
    write("held_out.csv", table(9))
    write("rest.csv", table(60))
    sources = [{"kind": "csv", "path": "held_out.csv", "split": given}, {"kind": "csv", "path": "rest.csv"}]
    assert run(sources)["overlap"] == [
        {"between": ["train", given], "texts": 9, "rows": 9, "action": "removed from train"}
    ]
    assert len(records(tmp_path, given)) == 9
    with pytest.raises(DataError, match=f"9 texts stand in both train and {given}"):
        run(sources, deduplication={"overlap": "refuse"})


def test_entities_keep_their_spans_through_cleaning(write: Write, run: Run, tmp_path: Path) -> None:
    sentences = [f"患 O\n者 O\nＡ B-TEST\nＢ I-TEST\n{n} I-TEST\n。 O\n" for n in range(30)]
    write("a.conll", "\n".join(sentences))
    summary = run([{"kind": "conll", "path": "a.conll"}], Entities())
    assert summary["splits"]["train"]["labels"] == {"TEST": summary["splits"]["train"]["records"]}
    for record in records(tmp_path, "test", Entities()):
        (span,) = record.text.spans
        assert record.text.content[span.start : span.end].startswith("AB")
        assert record.text.content.endswith("。")


def test_a_record_whose_span_is_cut_is_dropped(write: Write, run: Run, tmp_path: Path) -> None:
    rows = [{"text": f"cafe\u0301 number {n}", "spans": [[0, 4 if n == 7 else 5, "PLACE"]]} for n in range(30)]
    write("a.jsonl", "\n".join(json.dumps(row) for row in rows))
    assert run([{"kind": "jsonl", "path": "a.jsonl"}], Entities())["dropped"] == 1
    (entry,) = read_entries(tmp_path / "out")
    assert (entry["row"], entry["reason"]) == (8, "a labelled span was cut")


def test_the_limit_leaves_a_sample_of_train_alone(write: Write, run: Run, tmp_path: Path) -> None:
    write("a.csv", table(90))
    full = run([{"kind": "csv", "path": "a.csv"}])["splits"]
    summary = run([{"kind": "csv", "path": "a.csv"}], limit=12)
    assert summary["splits"]["train"]["labels"] == dict.fromkeys(sorted(LABELS), 4)
    assert summary["splits"]["test"] == full["test"]
    sampled_out = [count for count in read_counts(tmp_path / "out") if count.reason == "sampled out"]
    assert [count.count for count in sampled_out] == [full["train"]["records"] - 12]
    assert {entry["split"] for entry in read_entries(tmp_path / "out", reason="sampled out")} == {"train"}


def test_unseen_labels_are_refused_or_dropped(write: Write, run: Run, tmp_path: Path) -> None:
    write("train.csv", table(40))
    write("test.csv", table(9, first=99) + "What?,pni\n")
    sources = [
        {"kind": "csv", "path": "train.csv", "split": "train"},
        {"kind": "csv", "path": "test.csv", "split": "test"},
    ]
    with pytest.raises(DataError, match=r"test\.csv, row 11: The label 'pni' in test .* Did you mean 'pin'"):
        run(sources)
    assert run(sources, unseen_labels="drop")["splits"]["test"]["records"] == 9


def test_rows_of_one_group_stay_on_one_side(write: Write, run: Run, tmp_path: Path) -> None:
    lines = "".join(f"Question {n},{LABELS[n % 3]},patient {n // 6}\n" for n in range(90))
    write("a.csv", "text,label,patient\n" + lines)
    run([{"kind": "csv", "path": "a.csv", "columns": {"group": "patient"}}])
    groups = [{record.group for record in records(tmp_path, split)} for split in ("train", "validation", "test")]
    assert all(groups)
    assert sum(len(found) for found in groups) == 15


def test_a_corpus_that_came_to_nothing_says_what_was_dropped(write: Write, run: Run) -> None:
    write("a.csv", "text,label\n\u200b,a\n\u200b ,b\n")
    with pytest.raises(DataError, match="No training rows are left") as caught:
        run([{"kind": "csv", "path": "a.csv"}])
    assert caught.value.received == "0 rows after cleaning; dropped: 2 × empty text"


def test_one_class_alone_and_a_class_with_one_row_are_refused(write: Write, run: Run) -> None:
    write("a.csv", "text,label\n" + "".join(f"Question {n},pin\n" for n in range(20)))
    with pytest.raises(DataError, match="All training rows have the same label"):
        run([{"kind": "csv", "path": "a.csv"}])
    write("a.csv", table(20) + "Only one,rare\n")
    with pytest.raises(DataError, match=r"a\.csv, row 22: The label 'rare' stands in one row alone"):
        run([{"kind": "csv", "path": "a.csv"}])


def test_progress_counts_every_kilobyte_and_row(write: Write, tmp_path: Path) -> None:
    size = write("a.csv", table(300) + "Question 1,pin\n").stat().st_size
    seen: list[tuple[str, int | None, list[int]]] = []

    class Bar:
        def __init__(self, amounts: list[int]) -> None:
            self._amounts = amounts

        def advance(self, amount: int, status: str = "") -> None:
            self._amounts.append(amount)

    class Recorder:
        def note(self, message: str) -> None:
            raise AssertionError(message)

        def bar(self, description: str, total: int | None, unit: str, done: int = 0) -> nullcontext[Bar]:
            seen.append((description, total, []))
            return nullcontext(Bar(seen[-1][2]))

    (tmp_path / "out").mkdir()
    settings = CorpusSettings.model_validate({"sources": [{"kind": "csv", "path": "a.csv"}]})
    planned = plan(settings, Classification(), tmp_path)
    refine(settings, Classification(), tmp_path, planned, tmp_path / "out", Recorder())
    kilobytes = -(-size // 1024)
    assert [(description, total, sum(amounts)) for description, total, amounts in seen] == [
        ("reading", kilobytes, kilobytes),
        ("near-duplicates", 602, 602),
        ("writing", 301, 301),
    ]


def test_the_plan_changes_with_settings_task_kind_and_content_only(write: Write, tmp_path: Path) -> None:
    path = write("a.csv", table(3))
    settings = CorpusSettings.model_validate({"sources": [{"kind": "csv", "path": "a.csv"}]})
    first = plan(settings, Classification(), tmp_path)
    assert plan(settings, Classification(max_length=64), tmp_path).key == first.key
    assert plan(settings, Entities(), tmp_path).key != first.key
    assert plan(settings.model_copy(update={"limit": 3}), Classification(), tmp_path).key != first.key
    assert list(first.inputs) == ["a.csv"]
    assert json.loads(json.dumps(first.settings))["corpus"]["sources"][0]["delimiter"] == "auto"
    path.write_bytes(path.read_bytes() + b"new,pin\n")
    assert plan(settings, Classification(), tmp_path).key != first.key


def overwrite(folder: Path) -> None:
    (folder / "a.csv").write_text(table(30).replace("Question 7", "Question x"), encoding="utf-8")


def add_a_file(folder: Path) -> None:
    (folder / "b.csv").write_text(table(3, first=50), encoding="utf-8")


def remove_a_file(folder: Path) -> None:
    (folder / "c.csv").unlink()


@pytest.mark.parametrize(("change", "name"), [(overwrite, "a.csv"), (add_a_file, "b.csv"), (remove_a_file, "c.csv")])
def test_files_that_change_after_they_were_planned_are_refused(
    write: Write, tmp_path: Path, change: Callable[[Path], None], name: str
) -> None:
    write("a.csv", table(30))
    write("c.csv", table(30, first=100))
    (tmp_path / "out").mkdir()
    settings = CorpusSettings.model_validate({"sources": [{"kind": "csv", "path": "*.csv"}]})
    planned = plan(settings, Classification(), tmp_path)
    refine(settings, Classification(), tmp_path, planned, tmp_path / "out", SILENT)
    change(tmp_path)
    (tmp_path / "again").mkdir()
    with pytest.raises(DataError, match="changed while it was read") as caught:
        refine(settings, Classification(), tmp_path, planned, tmp_path / "again", SILENT)
    assert caught.value.file == name
    assert "run again" in str(caught.value.remedy)


def test_a_file_that_changes_while_its_rows_are_read_is_refused(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.csv", table(30))
    (tmp_path / "out").mkdir()
    settings = CorpusSettings.model_validate({"sources": [{"kind": "csv", "path": "a.csv"}]})
    planned = plan(settings, Classification(), tmp_path)
    read = Classification.read

    def read_and_change(task: Classification, fields: Any) -> Any:
        overwrite(tmp_path)
        return read(task, fields)

    monkeypatch.setattr(Classification, "read", read_and_change)
    with pytest.raises(DataError, match=r"a\.csv: The file changed while it was read"):
        refine(settings, Classification(), tmp_path, planned, tmp_path / "out", SILENT)


def test_a_file_that_cannot_be_read_is_refused_when_it_is_planned(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a.csv", table(30))
    settings = CorpusSettings.model_validate({"sources": [{"kind": "csv", "path": "a.csv"}]})

    def refused(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("vocation.artifacts.hash_file", refused)
    with pytest.raises(DataError, match=r"^a\.csv: The file cannot be read: Permission denied") as caught:
        plan(settings, Classification(), tmp_path)
    assert "permission" in str(caught.value.remedy)


def test_the_default_chain_is_unicode_whitespace_minimum_length() -> None:
    settings = CorpusSettings.model_validate({"sources": [{"kind": "csv", "path": "a.csv"}]})
    assert [step.kind for step in settings.cleaning] == ["unicode", "whitespace", "minimum_length"]
    assert CorpusSettings.model_validate(settings.model_dump(mode="json")) == settings


def test_a_recipe_splits_by_time_and_the_times_stay_with_the_records(write: Write, run: Run, tmp_path: Path) -> None:
    rows = "".join(f"Question {n},{LABELS[n % 3]},2023年{1 + n // 28}月{1 + n % 28}日\n" for n in range(100))
    write("a.csv", f"text,label,day\n{rows}")
    run([{"kind": "csv", "path": "a.csv", "columns": {"time": "day"}}], splitting="time")
    times = {name: [record.time for record in records(tmp_path, name)] for name in ("train", "validation", "test")}
    assert {name: len(found) for name, found in times.items()} == {"train": 70, "validation": 10, "test": 20}
    known = {name: [time for time in found if time is not None] for name, found in times.items()}
    assert known == times
    assert max(known["train"]) < min(known["validation"]) <= max(known["validation"]) < min(known["test"])


def test_the_folds_of_a_recipe_test_every_row_once(write: Write, run: Run, tmp_path: Path) -> None:
    write("a.csv", table(60))
    tested: list[str] = []
    for fold in range(3):
        run([{"kind": "csv", "path": "a.csv"}], splitting={"kind": "folds", "folds": 3, "fold": fold})
        tested += [record.id for record in records(tmp_path, "test")]
    assert sorted(tested) == sorted(f"a.csv:{row}" for row in range(2, 62))


@pytest.mark.parametrize(("stays", "kept"), [("newest", "2023-09-01"), ("first", "2012-08-31")])
def test_of_versions_of_a_document_the_one_with_the_latest_date_in_its_name_stays(
    write: Write, run: Run, tmp_path: Path, stays: str, kept: str
) -> None:
    articles = "".join(f"第{n}条 当事人在民事诉讼中享有第{n * 7}项权利，承担第{n * 11}项义务。\n\n" for n in range(60))
    for day in ("2012-08-31", "2017-06-27", "2023-09-01"):
        write(f"laws/民事诉讼法({day}).md", f"# 民事诉讼法\n\n{articles}本法自{day}起施行。\n")
    write("laws/_index.md", "# 法律\n\n本目录收录法律。\n")
    write("a.csv", table(30))
    laws = {"kind": "markdown", "path": "laws", "split": "unlabelled", "columns": {"time": "file_date"}}
    run([{"kind": "csv", "path": "a.csv"}, laws], deduplication={"stays": stays})
    texts = {record.file: record.text.content for record in records(tmp_path, "unlabelled")}
    assert set(texts) == {f"laws/民事诉讼法({kept}).md", "laws/_index.md"}
    assert kept in texts[f"laws/民事诉讼法({kept}).md"]


def test_the_summary_counts_line_ends_and_rows_with_a_line_break_in_a_cell(write: Write, run: Run) -> None:
    write("a.csv", table(30).replace("\n", "\r\n", 10) + '"one\ntwo",pin\n"three\nfour",pin\n')
    write("b.txt", "one\r\rtwo\r")
    summary = run([{"kind": "csv", "path": "a.csv"}, {"kind": "plain_text", "path": "b.txt", "split": "unlabelled"}])
    table_file, text_file = summary["files"]
    assert table_file["line_ends"] == {"crlf": 10, "lf": 25, "cr": 0}
    assert table_file["broken_cells"] == {"rows": 2, "first": 32}
    assert text_file["line_ends"] == {"crlf": 0, "lf": 0, "cr": 3}
    assert "broken_cells" not in text_file
