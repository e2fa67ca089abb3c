"""The story of a run: what is done, what is kept, and what a change of the recipe redoes."""

from __future__ import annotations

import html.parser
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.projects import Command, Finished, NewProject, Project
from vocation import pipeline
from vocation.errors import ArtifactError

Copy = Callable[[Finished], Project]


class Notes:
    """A progress that keeps the notes and the titles of bars."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def note(self, message: str) -> None:
        self.told.append(message.strip())

    def bar(self, description: str, total: int | None, unit: str, done: int = 0) -> Any:
        from vocation.progress import SILENT

        self.told.append(description)
        return SILENT.bar(description, total, unit, done)


def stages(names: Mapping[str, Any]) -> dict[str, str]:
    """The artifact of each stage; there must be one only."""
    found = {name.partition("-")[0]: name for name in names}
    assert len(found) == len(names)
    return found


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file with its time and number on the disk, locks aside."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in folder.rglob("*")
        if path.is_file() and "locks" not in path.parts and path.name != "run.json"
    }


def test_run_leaves_four_artifacts_two_pages_and_its_recipe(topics: Finished) -> None:
    assert sorted(stages(topics.project.artifacts())) == ["corpus", "evaluation", "examination", "tuning"]
    names = sorted(path.name for path in topics.folder.iterdir())
    assert names == ["data.html", "recipe.yaml", "report.html", "run.json"]
    assert list((topics.project.store / "partial").iterdir()) == []


def test_each_artifact_names_those_it_was_made_from(topics: Finished) -> None:
    manifests = {name.partition("-")[0]: manifest for name, manifest in topics.project.artifacts().items()}
    assert list(manifests["corpus"]["inputs"]) == ["rows.csv"]
    assert manifests["tuning"]["inputs"]["corpus"] == manifests["corpus"]["key"]
    assert manifests["evaluation"]["inputs"] == {
        "corpus": manifests["corpus"]["key"],
        "tuning": manifests["tuning"]["key"],
    }


@pytest.mark.parametrize("finished", ["topics", "drugs"])
def test_report_needs_nothing_but_the_data_page(request: pytest.FixtureRequest, finished: str) -> None:
    run: Finished = request.getfixturevalue(finished)
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    links: list[str] = []

    class Links(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "link", "iframe", "object", "embed")
            links.extend(value or "" for name, value in attributes if name in ("src", "href", "srcset", "xlink:href"))

    Links().feed(page)
    assert {link.partition("#")[0] for link in links if not link.startswith("data:")} == {"", "data.html"}
    assert run.folder.name.rpartition("-")[0] in page
    assert "<svg" in page


def test_unchanged_recipe_does_nothing_and_says_so(vocation: Command, topics: Finished, copy_of: Copy) -> None:
    project = copy_of(topics)
    before = files(project.folder)
    outcome = vocation("run", project.recipe)
    assert outcome.out.startswith("Nothing to do: every stage of this recipe was done before")
    assert outcome.err.count("done before, kept") == 4
    assert files(project.folder) == before
    assert "Nothing to do" not in topics.outcome.out


@pytest.mark.parametrize(
    ("override", "redone"),
    [
        ("tuning.learning_rate=2e-3", ["tuning", "evaluation"]),
        ("tuning.checkpoint_minutes=0", []),
        ("evaluation.resamples=200", ["evaluation"]),
        ("evaluation.language=zh", []),
        ("name=other", []),
        ("task.max_length=90", ["examination", "tuning", "evaluation"]),
        ("examination.texts=7", ["examination"]),
        ("corpus.splitting.seed=5", ["corpus", "examination", "tuning", "evaluation"]),
    ],
)
def test_change_redoes_what_depends_on_it_and_nothing_else(
    topics: Finished, copy_of: Copy, override: str, redone: list[str]
) -> None:
    project = copy_of(topics)
    before = project.artifacts()
    notes = Notes()
    run = pipeline.run(project.recipe, [override], progress=notes)
    assert [stage for stage, artifact in run.stages.items() if not artifact.reused] == redone
    assert run.reused == (not redone)
    assert ("tuning" in notes.told) == ("tuning" in redone), "no training without need"
    assert set(before) <= set(project.artifacts()), "what was done before stays"
    assert len(project.artifacts()) == len(before) + len(redone)


def test_change_of_the_data_redoes_everything(topics: Finished, copy_of: Copy) -> None:
    project = copy_of(topics)
    with (project.folder / "rows.csv").open("a", encoding="utf-8") as file:
        file.write("one more card is gone,card\n")
    run = pipeline.run(project.recipe, ["tuning.epochs=1"])
    assert not any(artifact.reused for artifact in run.stages.values())
    assert run.corpus.summary["read"] == 61


def test_change_of_the_model_keeps_the_corpus(topics: Finished, copy_of: Copy, roberta_folder: Path) -> None:
    run = pipeline.run(copy_of(topics).recipe, [f"model={roberta_folder}"])
    assert (run.corpus.reused, run.tuning.reused, run.evaluation.reused) == (True, False, False)


def test_change_of_the_language_writes_the_report_anew(topics: Finished, copy_of: Copy) -> None:
    project = copy_of(topics)
    english = topics.folder / "report.html"
    run = pipeline.run(project.recipe, ["evaluation.language=zh"])
    assert run.folder.name == topics.folder.name
    assert run.report.read_text("utf-8") != english.read_text("utf-8")
    assert "语言" in run.report.read_text("utf-8") or "结果" in run.report.read_text("utf-8")


def test_other_name_gets_its_own_folder_and_shares_the_artifacts(topics: Finished, copy_of: Copy) -> None:
    run = pipeline.run(copy_of(topics).recipe, ["name=other"])
    assert run.folder.name == topics.folder.name.replace("topics", "other")
    assert run.report.exists()


def test_another_output_folder_starts_from_nothing(topics: Finished, tmp_path: Path) -> None:
    run = pipeline.run(topics.project.recipe, ["tuning.epochs=1"], tmp_path / "elsewhere")
    assert run.folder.parent == tmp_path / "elsewhere"
    assert not run.corpus.reused
    assert json.loads((run.folder / "run.json").read_text())["store"] == "../store"


def test_equal_projects_give_equal_weights_and_metrics(topics: Finished, new_project: NewProject) -> None:
    run = pipeline.run(new_project().recipe)
    (tuning,) = topics.project.store.glob("tuning-*")
    assert run.tuning.folder.name == tuning.name
    assert (run.model / "model.safetensors").read_bytes() == (tuning / "model" / "model.safetensors").read_bytes()
    (evaluation,) = topics.project.store.glob("evaluation-*")
    metrics = [(folder / "metrics.json").read_bytes() for folder in (run.evaluation.folder, evaluation)]
    assert metrics[0] == metrics[1]


def test_library_call_prints_nothing(new_project: NewProject, capfd: pytest.CaptureFixture[str]) -> None:
    pipeline.run(str(new_project("entities").recipe), ["tuning.epochs=1"])
    assert capfd.readouterr() == ("", "")


def test_damaged_artifact_is_refused_with_what_to_do(vocation: Command, topics: Finished, copy_of: Copy) -> None:
    project = copy_of(topics)
    (weights,) = project.store.glob("tuning-*/model/model.safetensors")
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ArtifactError, match=r"model\.safetensors is damaged: its manifest says \d+ bytes"):
        pipeline.run(project.recipe)
    folder = weights.parent.parent
    outcome = vocation("run", project.recipe)
    assert outcome.status == 1
    assert outcome.err.endswith(f"what to do: delete {folder} and run again\n")
