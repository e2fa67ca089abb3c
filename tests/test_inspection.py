"""`vocation check`: what a run would do and what is wrong, without doing it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.projects import Command, Finished, NewProject, Project, csv_rows
from vocation.errors import DataError, ModelError, RecipeError, TrainingError
from vocation.inspection import inspect

Copy = Callable[[Finished], Project]
STAGES = ("corpus", "examination", "tuning", "evaluation")


@pytest.fixture
def project(new_project: NewProject) -> Project:
    return new_project()


def problems(recipe: Path, *overrides: str) -> list[str]:
    return [finding.problem for finding in inspect(recipe, overrides).findings]


def test_forecast_tells_what_a_run_would_do(project: Project) -> None:
    forecast = inspect(project.recipe)
    assert forecast.stages == dict.fromkeys(STAGES, False)
    assert {name: split["records"] for name, split in forecast.corpus["splits"].items()} == {
        "train": 42,
        "validation": 6,
        "test": 12,
    }
    assert forecast.updates == 12, "two epochs of 42 rows in updates of 8"
    assert all(split["cuts"] == [] for split in forecast.examined["splits"].values())


def test_forecast_counts_the_updates_that_tuning_makes(topics: Finished) -> None:
    (tuning,) = [m for m in topics.project.artifacts().values() if m["stage"] == "tuning"]
    assert inspect(topics.project.recipe).updates == tuning["summary"]["steps"]


def test_nothing_stays_of_a_check(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = sorted(project.folder.rglob("*"))
    inspect(project.recipe)
    assert sorted(project.folder.rglob("*")) == before
    assert list(scratch.iterdir()) == []


def test_stages_done_before_are_known(topics: Finished) -> None:
    assert inspect(topics.project.recipe).stages == dict.fromkeys(STAGES, True)
    changed = inspect(topics.project.recipe, ["tuning.seed=8"])
    assert changed.stages == {**dict.fromkeys(STAGES, False), "corpus": True, "examination": True}


def test_stages_done_before_in_another_output_folder_are_known(topics: Finished, copy_of: Copy) -> None:
    project = copy_of(topics)
    output = (project.folder / "runs").rename(project.folder / "elsewhere")
    assert inspect(project.recipe, output=output).stages == dict.fromkeys(STAGES, True)
    assert not any(inspect(project.recipe).stages.values())


def test_check_says_what_would_be_kept(vocation: Command, topics: Finished) -> None:
    outcome = vocation("check", topics.project.recipe, "--set", "tuning.seed=8")
    assert outcome.status == 0
    assert "  corpus: done before, will be kept" in outcome.out.splitlines()
    assert "  tuning: will be done" in outcome.out.splitlines()
    assert "Training: 12 updates in 2 epochs at most." in outcome.out
    assert "The recipe, the data and the model fit together. Nothing was trained.\n" in outcome.out


def test_small_validation_split_is_told(project: Project) -> None:
    assert "Validation has 6 rows: the best checkpoint is chosen with much chance." in problems(project.recipe)


def test_missing_test_split_is_told(project: Project) -> None:
    found = problems(project.recipe, "corpus.splitting.test=0")
    assert "There is no test split: results will be those on validation, which also chose the checkpoint." in found


def test_labels_with_few_rows_are_told(project: Project) -> None:
    (project.folder / "rows.csv").write_text(csv_rows() + "a new one,rare\nanother new one,rare\n", encoding="utf-8")
    assert any(
        problem.startswith("1 label has fewer than 8 training examples: rare (") for problem in problems(project.recipe)
    )


def test_conflicting_labels_are_told(project: Project) -> None:
    rows = csv_rows()
    (project.folder / "rows.csv").write_text(
        rows + rows.splitlines()[1].replace(",card", ",rate") + "\n", encoding="utf-8"
    )
    assert "1 text carries more than one answer (2 rows)." in problems(project.recipe)


def test_overlap_of_given_splits_is_told(project: Project) -> None:
    (project.folder / "test.csv").write_text("\n".join(csv_rows().splitlines()[:7]) + "\n", encoding="utf-8")
    project.change(
        "      path: rows.csv", "      path: rows.csv\n    - kind: csv\n      path: test.csv\n      split: test"
    )
    project.change("      path: rows.csv", "      path: rows.csv\n      split: train")
    assert any(
        problem.startswith("6 texts stand in both train and test; 6 rows were taken out of train.")
        for problem in problems(project.recipe)
    )


def test_texts_that_would_be_cut_are_told(project: Project) -> None:
    forecast = inspect(project.recipe, ["task.max_length=8", "tuning.largest_cut=1"])
    assert forecast.examined["splits"]["train"]["cut_rows"] == 42
    (cut,) = [f for f in forecast.findings if f.problem.startswith("Rows of more than 8 tokens would lose their ends:")]
    assert "42 of 42 in train, 6 of 6 in validation, 12 of 12 in test; together " in cut.problem
    assert cut.remedy.startswith("raise task.max_length, if the model can read more")


def test_a_run_that_would_cut_too_much_is_refused_by_check_and_by_run(vocation: Command, project: Project) -> None:
    for command in ("check", "run"):
        outcome = vocation(command, project.recipe, "--set", "task.max_length=8", "--set", "tuning.largest_cut=0.9")
        assert outcome.status == 1
        assert "Too many of the training rows would lose a part" in outcome.err
        assert "42 of 42 rows: text longer than max_length (42)" in outcome.err


def test_many_files_are_shown_by_folder(vocation: Command, project: Project) -> None:
    header, *rows = csv_rows().splitlines()
    (project.folder / "rows.csv").unlink()
    (project.folder / "parts").mkdir()
    for number in range(30):
        content = "\n".join([header, *rows[number::30]])
        (project.folder / "parts" / f"{number}.csv").write_text(content + "\n", encoding="utf-8")
    project.change("path: rows.csv", "path: parts")
    outcome = vocation("check", project.recipe)
    assert outcome.status == 0, outcome.err
    assert "parts/ (30 files)" in outcome.out
    assert "parts/7.csv" not in outcome.out


@pytest.mark.parametrize(
    ("override", "error", "message"),
    [
        ("model=starter:minilmm", ModelError, r"no starter 'minilmm'\. Did you mean 'minilm'\?"),
        ("model=./nowhere", ModelError, r"nowhere does not exist\.\n  what to do: correct `model`"),
        (
            "task.max_length=1000",
            RecipeError,
            r"task\.max_length is 1000, and model reads at most 160 tokens at once\.",
        ),
        ("corpus.splitting.validation=0", DataError, r"the corpus has no validation split, and tuning needs one"),
        ("tuning.early_stopping.metric=acuracy", RecipeError, r"early_stopping\.metric is 'acuracy'.*'accuracy'\?"),
    ],
)
def test_what_a_run_would_refuse_late_is_refused_now(
    project: Project, override: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        inspect(project.recipe, [override])


def test_evaluation_split_that_will_not_be_there_is_refused_now(project: Project) -> None:
    with pytest.raises(DataError, match="the corpus has no test split, and evaluation needs one"):
        inspect(project.recipe, ["corpus.splitting.test=0", "evaluation.split=test"])


def test_what_a_random_split_would_have_promised_is_told_on_request(vocation: Command, project: Project) -> None:
    """Each row names its patient, and the label is the patient's: who splits by rows tests what was learned."""
    labels = {f"patient{number:02}": "abc"[number % 3] for number in range(60)}
    rows = [f"{name} visit {visit} went well,{label},{name}" for name, label in labels.items() for visit in range(5)]
    (project.folder / "rows.csv").write_text("\n".join(["text,label,who", *rows]) + "\n", encoding="utf-8")
    project.change("path: rows.csv", "path: rows.csv\n      columns: {group: who}")
    assert "by chance" not in vocation("check", project.recipe).out
    outcome = vocation("check", project.recipe, "--leakage")
    assert outcome.status == 0, outcome.err
    assert "Splits of single rows by chance flatter the result: the baseline's accuracy is " in outcome.out


def skewed(project: Project) -> None:
    """Leaves 8 rows of refund and of rate beside 20 of card."""
    header, *rows = csv_rows().splitlines()
    kept = [row for number, row in enumerate(rows) if row.endswith(",card") or number < 24]
    (project.folder / "rows.csv").write_text("\n".join([header, *kept]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("kind", ["oversampling", "undersampling", "class_balanced_batches"])
def test_forecast_counts_the_updates_of_sampled_rows(vocation: Command, project: Project, kind: str) -> None:
    skewed(project)
    override = f"tuning.strategies=[full, {kind}]"
    forecast, plain = inspect(project.recipe, [override]), inspect(project.recipe)
    outcome = vocation("run", project.recipe, "--set", override)
    assert outcome.status == 0, outcome.err
    (tuning,) = [m for m in project.artifacts().values() if m["stage"] == "tuning"]
    assert forecast.updates == tuning["summary"]["steps"]
    assert (forecast.updates == plain.updates) == (kind == "class_balanced_batches")


@pytest.mark.parametrize(
    ("strategies", "message"),
    [
        ("[{kind: class_weights, weights: {cards: 2}}]", r"class_weights names 'cards'.*Did you mean 'card'\?"),
        ("[class_balanced_batches, oversampling]", "list oversampling before class_balanced_batches"),
    ],
)
def test_losses_and_samplings_that_do_not_fit_are_refused_now(project: Project, strategies: str, message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        inspect(project.recipe, [f"tuning.strategies={strategies}"])


def test_sampling_of_entities_is_refused_now(new_project: NewProject) -> None:
    with pytest.raises(TrainingError, match=r"oversampling deals out .* have none or several(?s:.)*what to do"):
        inspect(new_project("entities").recipe, ["tuning.strategies=[oversampling]"])
