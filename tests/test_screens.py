"""What the commands print: names as they are, whatever characters they hold."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.projects import Command, Finished, NewProject, Project
from vocation import pipeline, screens
from vocation.records import Prediction
from vocation.text import Span

Copy = Callable[[Finished], Project]
NAME = "trial [bold] [-x] [red]"


def test_names_with_brackets_are_shown_as_they_are(vocation: Command, topics: Finished, copy_of: Copy) -> None:
    project = copy_of(topics)
    project.change("name: topics", f'name: "{NAME}"')
    assert f"{NAME}: model learns classification" in vocation("check", project.recipe).out
    outcome = vocation("run", project.recipe)
    (folder,) = (project.folder / "runs").glob("trial*")
    assert f"Report: {folder / 'report.html'}" in outcome.out.splitlines()
    shown = vocation("show", folder).out
    assert shown.startswith(f"{folder.name}\n")
    assert folder.name in vocation("compare", folder, topics.folder).out


def test_labels_that_look_like_markup_are_shown_as_they_are(vocation: Command, new_project: NewProject) -> None:
    project = new_project()
    rows = (project.folder / "rows.csv").read_text(encoding="utf-8")
    extra = "".join(f"{text},[/b]\n" for text in ("one new row", "two new row", "three new row"))
    (project.folder / "rows.csv").write_text(rows + extra, encoding="utf-8")
    outcome = vocation("check", project.recipe)
    assert outcome.status == 0, outcome.err
    assert "training examples: [/b] (" in outcome.out


def test_ledger_is_shown_with_its_counts(vocation: Command, new_project: NewProject) -> None:
    project = new_project()
    rows = (project.folder / "rows.csv").read_text(encoding="utf-8")
    (project.folder / "rows.csv").write_text(rows + "a,card\n" + rows.splitlines()[1] + "\n", encoding="utf-8")
    outcome = vocation("check", project.recipe, "--set=corpus.cleaning=[{kind: minimum_length, characters: 5}]")
    shown = [" ".join(line.replace("│", " ").split()) for line in outcome.out.splitlines()]
    assert "What was dropped, edited or found" in shown
    assert any(line.startswith("dropped minimum_length ") and line.endswith(" 1") for line in shown), shown
    assert any(line.startswith("dropped deduplication ") and line.endswith(" 1") for line in shown), shown


def test_files_and_splits_are_shown(vocation: Command, topics: Finished) -> None:
    shown = [" ".join(line.replace("│", " ").split()) for line in vocation("show", topics.folder).out.splitlines()]
    assert "rows.csv csv utf-8 to be made 60" in shown
    assert any(line.startswith("train 42 3 ") for line in shown), shown
    assert any(line.startswith("test made here 12 3 ") for line in shown), shown


def test_metrics_stand_beside_the_baseline_s_with_their_intervals(vocation: Command, topics: Finished) -> None:
    (evaluation,) = topics.project.store.glob("evaluation-*/metrics.json")
    metrics = json.loads(evaluation.read_text())
    cells = []
    for column in ("model", "baseline", "difference"):
        cell = metrics[column]["accuracy"]
        cells.append(f"{cell['value']:.4f} [{cell['low']:.4f}, {cell['high']:.4f}]")
    (line,) = [line for line in vocation("show", topics.folder).out.splitlines() if line.startswith("│ accuracy ")]
    assert [cell.strip() for cell in line.strip("│").split("│")] == ["accuracy", *cells]


def test_comparison_names_the_runs_and_their_paired_difference(
    vocation: Command, topics: Finished, copy_of: Copy
) -> None:
    other = pipeline.run(copy_of(topics).recipe, ["tuning.epochs=1", "name=other"])
    out = vocation("compare", topics.folder, other.folder).out
    assert "Metrics with their intervals" in out
    assert f"{other.folder.name} minus {topics.folder.name}, paired" in out


def test_predictions_are_json_lines_in_any_script(capsys: pytest.CaptureFixture[str]) -> None:
    spans = (Span(0, 3, "物品"), Span(4, 5, "X"))
    screens.show_predictions(["信用卡 [丢]了", "a"], [Prediction(spans, 0.123456), Prediction("card", 1.0)])
    first, second = capsys.readouterr().out.splitlines()
    assert first == (
        '{"text": "信用卡 [丢]了", "prediction": [{"start": 0, "end": 3, "label": "物品", "text": "信用卡"}, '
        '{"start": 4, "end": 5, "label": "X", "text": "["}], "confidence": 0.1235}'
    )
    assert json.loads(second) == {"text": "a", "prediction": "card", "confidence": 1.0}
