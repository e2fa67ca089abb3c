"""The commands: what they print, with which status they end, and what they cost."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import vocation as package
from tests.projects import Command, Finished, NewProject, Project, block_network, command, environment, in_process
from vocation.recipe import json_schema

COMMANDS = ("init", "check", "run", "show", "compare", "predict", "schema")
HEAVY = {"torch", "transformers", "pyarrow", "numpy", "sklearn", "altair", "accelerate"}


def test_help_lists_every_command(vocation: Command) -> None:
    outcome = vocation("--help")
    assert outcome.status == 0
    assert [name for name in COMMANDS if re.search(rf"│ {name} ", outcome.out)] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_has_an_example(vocation: Command, name: str) -> None:
    outcome = vocation(name, "--help")
    assert outcome.status == 0
    assert re.search(rf"Example: `vocation {name}\b.*`", outcome.out)


def test_help_names_the_folder_of_runs(vocation: Command) -> None:
    text = " ".join(re.sub("[│╭╮╰╯─]", " ", vocation("run", "--help").out).split())
    assert "Folder of all runs and artifacts; `runs` beside the recipe unless given." in text


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        ('["--help"]', HEAVY | {"pydantic", "yaml"}),
        ('["run", "--help"]', HEAVY),  # Typer itself reads the options of a command with pydantic.
        ('["--version"]', HEAVY),
    ],
)
def test_help_and_version_import_nothing_heavy(arguments: str, heavy: set[str]) -> None:
    program = (
        f"import sys; from vocation import cli; sys.argv[1:] = {arguments}\n"
        "try: cli.main()\n"
        "finally: print('imported', *{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment()
    )
    imported = set(done.stderr.split())
    assert {"imported", "vocation", "typer"} <= imported
    assert imported & heavy == set()


def test_version_is_the_package_s(vocation: Command) -> None:
    assert vocation("--version").out == f"vocation {package.__version__}\n"


def test_no_command_shows_the_help(vocation: Command) -> None:
    assert "Usage" in vocation().out


def test_schema_is_valid_json(vocation: Command) -> None:
    outcome = vocation("schema")
    assert outcome.status == 0
    assert json.loads(outcome.out) == json.loads(json.dumps(json_schema()))


@pytest.mark.parametrize("arguments", [("run",), ("run", "recipe.yaml", "--sett", "a=b"), ("trian", "recipe.yaml")])
def test_wrong_usage_is_told_with_status_2(vocation: Command, arguments: tuple[str, ...]) -> None:
    outcome = vocation(*arguments)
    assert outcome.status == 2
    assert "Usage: vocation" in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("name", ["check", "run"])
def test_error_goes_to_standard_error_with_status_1(vocation: Command, tmp_path: Path, name: str) -> None:
    outcome = vocation(name, tmp_path / "recipe.yaml")
    assert outcome == (1, "", f"error: The recipe {tmp_path / 'recipe.yaml'} does not exist.\n")


@pytest.mark.parametrize("task", ["classification", "entities"])
def test_project_as_it_is_written_passes_its_check(vocation: Command, tmp_path: Path, task: str) -> None:
    folder = tmp_path / "my-project"
    outcome = vocation("init", folder, "--task", task)
    assert outcome.out.splitlines() == [
        f"Wrote {folder / 'recipe.yaml'} and a small sample beside it. Next:",
        f"  vocation check {folder / 'recipe.yaml'}",
        f"  vocation run {folder / 'recipe.yaml'}",
    ]
    outcome = vocation("check", folder / "recipe.yaml", "--offline")
    assert outcome.status == 0
    assert f"my-project: starter:minilm learns {task}" in outcome.out
    assert "The recipe, the data and the model fit together. Nothing was trained." in outcome.out
    assert [str(path.relative_to(folder / "runs")) for path in (folder / "runs").rglob("*.*")] == [
        "checks/my-project.html"
    ], "the data page, and nothing else"


@pytest.mark.parametrize("task", ["classification", "entities"])
def test_whole_journey_from_an_empty_folder(vocation: Command, tmp_path: Path, bert_folder: Path, task: str) -> None:
    recipe = tmp_path / "first" / "recipe.yaml"
    small = [f"--set=model={bert_folder}", "--set=tuning.epochs=1", "--set=corpus.limit=48"]
    small += ["--set=evaluation.resamples=100"]
    assert vocation("init", recipe.parent, "--task", task).status == 0
    first = vocation("run", recipe, *small)
    assert first.status == 0, first.err
    assert "Nothing to do" not in first.out
    again = vocation("run", recipe, *small)
    assert "Nothing to do: every stage of this recipe was done before, with the same settings and data." in again.out
    second = vocation("run", recipe, *small, "--set=tuning.learning_rate=2e-5")
    assert [line.split(": ")[1] for line in stage_lines(second.err)] == ["done before, kept"] * 2 + ["done"] * 2
    runs = sorted((recipe.parent / "runs").glob("first-*"))
    assert len(runs) == 2
    shown = vocation("show", runs[0])
    assert shown.status == 0
    assert f"Report: {runs[0] / 'report.html'}" in shown.out
    compared = vocation("compare", *runs)
    assert f"{runs[1].name} minus {runs[0].name}, paired" in compared.out
    predicted = vocation("predict", recipe, "What is the exchange rate?")
    assert json.loads(predicted.out)["text"] == "What is the exchange rate?"


def stage_lines(err: str) -> list[str]:
    """What a run says of its stages, without their times."""
    return [
        re.sub(r"done in \d+ s", "done", line.strip())
        for line in err.splitlines()
        if re.search(r"  \w+-[0-9a-f]{12}: ", line)
    ]


def test_run_ends_with_results_report_and_model(topics: Finished) -> None:
    lines = topics.outcome.out.splitlines()
    assert lines[0].strip() == "Results on 12 rows of test"
    assert any("accuracy" in line and "tfidf_logistic" not in line for line in lines)
    assert "baseline (tfidf_logistic)" in topics.outcome.out
    assert lines[-3] == f"Report: {topics.folder / 'report.html'}"
    assert lines[-2] == f"Data:   {topics.folder / 'data.html'}"
    assert lines[-1] == f"Model:  {next(topics.project.store.glob('tuning-*')) / 'model'}"


def test_run_tells_its_stages_as_plain_lines_in_a_pipe(topics: Finished) -> None:
    lines = topics.outcome.err.splitlines()
    assert [line.partition("-")[0].strip() for line in stage_lines(topics.outcome.err)] == [
        "corpus",
        "examination",
        "tuning",
        "evaluation",
    ]
    assert "  tuning: model learns classification" in lines
    assert any(
        re.fullmatch(r"  tuning: 8\d/8\d texts, [\d,.]+ texts/s, epoch 2 loss [\d.]+, took .*", line) for line in lines
    )
    assert not any(character in topics.outcome.err for character in "\x1b\r━")


def test_show_summarises_the_run(vocation: Command, topics: Finished) -> None:
    shown = vocation("show", topics.folder).out
    for part in (
        topics.folder.name,
        "rows.csv",
        "What goes in",
        "What comes out",
        "Tuning: model, ",
        "12 updates",
        "Results on 12 rows of test",
        f"Report: {topics.folder / 'report.html'}",
    ):
        assert part in shown


def test_show_finds_a_run_by_its_recipe_and_by_its_folder_of_runs(vocation: Command, drugs: Finished) -> None:
    shown = vocation("show", drugs.folder)
    assert shown.status == 0
    assert vocation("show", drugs.project.recipe) == shown
    assert vocation("show", drugs.folder.parent) == shown


@pytest.mark.parametrize("name", ["show", "predict"])
def test_place_without_a_run_is_refused(vocation: Command, tmp_path: Path, name: str) -> None:
    outcome = vocation(name, tmp_path, *(["text"] if name == "predict" else []))
    assert outcome.status == 1
    assert outcome.err.startswith(f"error: There is no finished run at {tmp_path}.\n  allowed: the folder of a run")
    assert outcome.err.endswith("what to do: vocation run recipe.yaml\n")


def test_runs_of_different_tasks_are_not_compared(vocation: Command, topics: Finished, drugs: Finished) -> None:
    outcome = vocation("compare", topics.folder, drugs.folder)
    assert outcome.status == 0
    assert f"{drugs.folder.name} beside {topics.folder.name}: not comparable: another kind of task." in outcome.out


def test_run_beside_itself_differs_by_nothing(vocation: Command, topics: Finished) -> None:
    outcome = vocation("compare", topics.folder, topics.folder)
    assert re.search(r"accuracy +│ +0\.0000 \[0\.0000, 0\.0000\]", outcome.out)


def test_texts_are_answered_as_json_lines(vocation: Command, topics: Finished) -> None:
    outcome = vocation("predict", topics.folder, "my card was lost", "信用卡丢了")
    answers = [json.loads(line) for line in outcome.out.splitlines()]
    assert [answer["text"] for answer in answers] == ["my card was lost", "信用卡丢了"]
    assert "信用卡丢了" in outcome.out
    for answer in answers:
        assert answer["prediction"] in ("card", "rate", "refund")
        assert 1 / 3 <= answer["confidence"] <= 1


def test_found_spans_are_shown_with_their_texts(vocation: Command, drugs: Finished) -> None:
    text = "take aspirin on monday not codeine"
    (line,) = vocation("predict", drugs.folder, text).out.splitlines()
    answer = json.loads(line)
    for span in answer["prediction"]:
        assert text[span["start"] : span["end"]] == span["text"]
        assert span["label"] == "Drug"


@pytest.mark.parametrize(
    ("source", "target"), [("in.csv", "out.parquet"), ("in.csv", "out.csv"), ("in.jsonl", "out.jsonl")]
)
def test_file_is_answered_row_by_row(
    vocation: Command, topics: Finished, tmp_path: Path, source: str, target: str
) -> None:
    texts = ["my card was lost", "which rate, and when"]
    content = 'question\nmy card was lost\n"which rate, and when"\n'
    if source == "in.jsonl":
        content = "".join(json.dumps({"question": text}) + "\n" for text in texts)
    (tmp_path / source).write_text(content, encoding="utf-8")
    outcome = vocation(
        "predict", topics.folder, "--file", tmp_path / source, "--column", "question", "--out", tmp_path / target
    )
    assert outcome.out == f"Wrote 2 answers to {tmp_path / target}\n"
    alone = [json.loads(line) for line in vocation("predict", topics.folder, *texts).out.splitlines()]
    if target == "out.parquet":
        rows = pq.read_table(tmp_path / target).to_pylist()
        assert [(row["question"], row["prediction"]) for row in rows] == [
            (answer["text"], answer["prediction"]) for answer in alone
        ]
        assert [row["confidence"] for row in rows] == pytest.approx(
            [answer["confidence"] for answer in alone], abs=1e-4
        )
    written = (tmp_path / target).read_bytes()
    assert all(text.encode() in written for text in texts)


def test_answers_go_beside_the_file_unless_told_otherwise(vocation: Command, topics: Finished, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\nmy card\n", encoding="utf-8")
    outcome = vocation("predict", topics.folder, "--file", tmp_path / "in.csv")
    assert outcome.out == f"Wrote 1 answers to {tmp_path / 'in.predictions.csv'}\n"
    assert (tmp_path / "in.predictions.csv").read_text().startswith("text,prediction,confidence\nmy card,")


def test_prediction_without_anything_to_answer_is_refused_before_the_model_is_loaded(vocation: Command) -> None:
    outcome = vocation("predict", "nowhere")
    assert outcome.status == 1
    assert outcome.err.startswith("error: predict needs something to answer.")


def test_offline_run_tries_no_connection(topics: Finished) -> None:
    assert "--offline" in topics.arguments
    assert "CONNECTION" not in topics.outcome.err


@pytest.mark.parametrize("offline", [True, False])
def test_hub_model_is_looked_for_online_only_without_offline(
    new_project: NewProject, tmp_path: Path, offline: bool
) -> None:
    blocked = block_network(tmp_path)
    options = ["--offline"] if offline else []
    outcome = in_process("run", new_project().recipe, "--set=model=owner/model", *options, env=blocked)
    assert outcome.status == 1
    assert "Traceback" not in outcome.err
    assert "error: The model 'owner/model' is no starter and no folder, and it was not found on the hub." in outcome.err
    assert ("Offline mode is on, and the model is not in the local cache." in outcome.err) == offline
    assert ("CONNECTION" not in outcome.err) == offline


def test_reader_that_leaves_early_is_no_error_to_tell() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command("schema"), stdout=writing, stderr=subprocess.PIPE, check=False, env=environment())
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.fixture
def other_rate(vocation: Command, topics: Finished, copy_of: Callable[[Finished], Project]) -> Project:
    """The project of topics, run a second time with another learning rate."""
    project = copy_of(topics)
    assert vocation("run", project.recipe, "--set", "tuning.learning_rate=2e-5").status == 0
    return project


def test_two_runs_are_compared_on_the_same_rows(vocation: Command, topics: Finished, other_rate: Project) -> None:
    (other,) = [path for path in (other_rate.folder / "runs").glob("topics-*") if path.name != topics.folder.name]
    outcome = vocation("compare", topics.folder, other)
    assert outcome.status == 0
    assert f"{other.name} minus {topics.folder.name}, paired" in outcome.out
    assert "not comparable" not in outcome.out
