"""Finished runs: a folder that names the artifacts of a recipe, with the recipe itself and the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from vocation.artifacts import Artifact, load, write_errors, write_json
from vocation.errors import ArtifactError
from vocation.evaluation.report.write import write_report
from vocation.recipe import Recipe, load_recipe

RUN_FILE = "run.json"
RECIPE_FILE = "recipe.yaml"
REPORT_FILE = "report.html"
_HEAD = (
    "# The recipe of this run, with every default written out. Its paths start from the folder of the recipe that\n"
    "# was run; to run it again from here, put it back there.\n"
)
_STAGES = ("corpus", "tuning", "evaluation")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run.

    Args:
        folder: where its recipe and report lie.
        corpus: clean, split records.
        tuning: the model and the course of its training.
        evaluation: what the model is worth.
    """

    folder: Path
    corpus: Artifact
    tuning: Artifact
    evaluation: Artifact

    @property
    def report(self) -> Path:
        """The page to open first."""
        return self.folder / REPORT_FILE

    @property
    def model(self) -> Path:
        """The model folder, which plain `transformers` loads."""
        return self.tuning.folder / "model"

    @property
    def reused(self) -> bool:
        """Whether every stage had been done before."""
        return all(artifact.reused for artifact in (self.corpus, self.tuning, self.evaluation))


def publish_run(recipe: Recipe, root: Path, *, corpus: Artifact, tuning: Artifact, evaluation: Artifact) -> Run:
    """Writes the run's folder: `recipe.yaml` with every default, `run.json`, and the report where it changed.

    Args:
        recipe: what was done.
        root: folder of all runs and artifacts.
        corpus: the artifacts of the stages.
        tuning: see corpus.
        evaluation: see corpus.

    Raises:
        ArtifactError: the folder cannot be written, or the disk is full.
    """
    folder = root / f"{recipe.name}-{evaluation.key[:8]}"
    run = Run(folder, corpus, tuning, evaluation)
    text = _HEAD + recipe.dump()
    written = folder / RECIPE_FILE
    stages = {"corpus": corpus, "tuning": tuning, "evaluation": evaluation}
    names = {stage: artifact.folder.name for stage, artifact in stages.items()}
    with write_errors(root):
        folder.mkdir(parents=True, exist_ok=True)
        if not run.report.exists() or not written.exists() or written.read_text(encoding="utf-8") != text:
            write_report(run.report, recipe_yaml=text, corpus=corpus, tuning=tuning, evaluation=evaluation)
            written.write_text(text, encoding="utf-8")
        write_json(folder / RUN_FILE, {"name": recipe.name, "store": "../store", "artifacts": names})
    return run


def find_run(place: str | Path) -> Run:
    """The run at a place.

    Args:
        place: a run's folder, a folder of runs (the newest in it is taken), or a recipe with a `runs` folder beside
            it (the newest run of its name is taken).

    Raises:
        ArtifactError: there is no finished run, or one of its artifacts is missing or damaged.
        RecipeError: the place is a file, and not a recipe.
    """
    path = Path(place)
    folder, name = (path.parent / "runs", load_recipe(path).name) if path.is_file() else (path, None)
    if not (folder / RUN_FILE).exists():
        found = [file for file in folder.glob(f"*/{RUN_FILE}") if name in (None, file.parent.name.rpartition("-")[0])]
        newest = max(found, key=lambda file: file.stat().st_mtime_ns, default=None)
        if newest is None:
            raise ArtifactError(
                f"There is no finished run at {path}.\n"
                "  allowed: the folder of a run (it holds run.json), a folder of runs, or a recipe that was run\n"
                "  what to do: vocation run recipe.yaml"
            )
        folder = newest.parent
    try:
        content = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
        store = (folder / content["store"]).resolve()
        artifacts = {stage: load(store / content["artifacts"][stage], reused=True) for stage in _STAGES}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{folder / RUN_FILE} cannot be read: {error}.\n  what to do: vocation run the recipe again"
        ) from error
    return Run(folder, **artifacts)
