"""Finished runs: a folder that names the artifacts of a recipe, with the recipe itself and the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from vocation.artifacts import Artifact, load, write_errors, write_json
from vocation.errors import ArtifactError
from vocation.evaluation.report.write import DataFindings, write_report
from vocation.examination.findings import findings
from vocation.examination.page.write import Examined, Title, write_data_page
from vocation.examination.words import words_of
from vocation.recipe import Recipe, load_recipe

RUN_FILE = "run.json"
RECIPE_FILE = "recipe.yaml"
REPORT_FILE = "report.html"
_HEAD = (
    "# The recipe of this run, with every default written out. Its paths start from the folder of the recipe that\n"
    "# was run; to run it again from here, put it back there.\n"
)
DATA_PAGE = "data.html"
_STAGES = ("corpus", "examination", "tuning", "evaluation")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run.

    Args:
        folder: where its recipe and report lie.
        corpus: clean, split records.
        examination: what is worth knowing of them.
        tuning: the model and the course of its training.
        evaluation: what the model is worth.
    """

    folder: Path
    corpus: Artifact
    examination: Artifact
    tuning: Artifact
    evaluation: Artifact

    @property
    def report(self) -> Path:
        """The page to open first."""
        return self.folder / REPORT_FILE

    @property
    def data_page(self) -> Path:
        """The page that shows the data."""
        return self.folder / DATA_PAGE

    @property
    def stages(self) -> dict[str, Artifact]:
        """The artifacts by the names of their stages, in order."""
        return {stage: getattr(self, stage) for stage in _STAGES}

    @property
    def model(self) -> Path:
        """The model folder, which plain `transformers` loads."""
        return self.tuning.folder / "model"

    @property
    def reused(self) -> bool:
        """Whether every stage had been done before."""
        return all(artifact.reused for artifact in self.stages.values())


def publish_run(recipe: Recipe, root: Path, stages: Mapping[str, Artifact]) -> Run:
    """Writes the run's folder: `recipe.yaml` with every default, `run.json`, and the pages where they changed.

    Args:
        recipe: what was done.
        root: folder of all runs and artifacts.
        stages: the artifact of each stage.

    Raises:
        ArtifactError: the folder cannot be written, or the disk is full.
    """
    run = named_run(recipe, root, stages)
    folder = run.folder
    text = _HEAD + recipe.dump()
    written = folder / RECIPE_FILE
    names = {stage: artifact.folder.name for stage, artifact in run.stages.items()}
    pages = (run.report, run.data_page)
    with write_errors(root):
        folder.mkdir(parents=True, exist_ok=True)
        if not (written.exists() and written.read_text(encoding="utf-8") == text and all(map(Path.exists, pages))):
            _write_pages(run, recipe, text)
            written.write_text(text, encoding="utf-8")
        write_json(folder / RUN_FILE, {"name": recipe.name, "store": "../store", "artifacts": names})
    return run


def named_run(recipe: Recipe, root: Path, stages: Mapping[str, Artifact]) -> Run:
    """A run whose stages are done, of which nothing is written here; see `publish_run`."""
    return Run(root / f"{recipe.name}-{stages['evaluation'].key[:8]}", **stages)


def page_title(recipe: Recipe) -> Title:
    """What stands above the data page of a recipe."""
    return Title(recipe.name, recipe.model, recipe.task.kind, recipe.corpus.deidentification is not None)


def _write_pages(run: Run, recipe: Recipe, recipe_yaml: str) -> None:
    language = recipe.evaluation.language
    examined = Examined(run.corpus.folder, run.corpus.summary, run.examination.folder, run.examination.summary)
    write_data_page(run.data_page, examined, page_title(recipe), language)
    found = [asdict(finding) for finding in findings(examined.facts, words_of(language))]
    write_report(
        run.report,
        recipe_yaml=recipe_yaml,
        corpus=run.corpus,
        tuning=run.tuning,
        evaluation=run.evaluation,
        found=DataFindings(found, DATA_PAGE),
    )


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
