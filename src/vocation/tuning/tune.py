"""The tuning stage: a model learns its task from the labelled rows of a corpus.

The folder gets `model/` (a `transformers` folder that `Predictor.load` reads), `history.json` and the ledger of what
encoding cut.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vocation.artifacts import SCRATCH, Plan, write_json
from vocation.errors import ArtifactError, TrainingError
from vocation.modeling.additions import save_model
from vocation.prediction.predictor import Description, padding_of
from vocation.progress import SILENT, Progress
from vocation.training import checkpoints
from vocation.training.batches import Item, epoch_order, lengths_of, updates
from vocation.training.companions import in_place
from vocation.training.determinism import determinism
from vocation.training.divergence import DivergedError, Watch
from vocation.training.kept_weights import load_weights, save_weights
from vocation.training.loop import Descent, Step, train
from vocation.tuning.choice import settle
from vocation.tuning.course import Course
from vocation.tuning.kept_batch import keep_batch
from vocation.tuning.lesson import Lesson, attached, deal, prepare
from vocation.tuning.material import Data, Tuning, prepare_data
from vocation.tuning.requirements import read_split
from vocation.tuning.scoring import validation_logits, validation_metrics
from vocation.tuning.settings import TuningSettings

VERSION = 2
_CHECKPOINTS = Path(SCRATCH) / "checkpoints"
_DIVERGED = Path(SCRATCH) / "diverged"
_WITHOUT_EFFECT = {"checkpoint_minutes", "largest_cut", "gradient_checkpointing"}


def plan(tuning: Tuning, corpus_key: str) -> Plan:
    """What the artifact is made from.

    How often checkpoints are written, what is refused, and what is computed twice to save memory does not change it.
    """
    settings = {
        "tuning": tuning.settings.model_dump(mode="json", exclude=_WITHOUT_EFFECT),
        "task": tuning.task.model_dump(mode="json"),
    }
    supplies = {name: supply.key for name, supply in tuning.supplies.items()}
    return Plan("tuning", VERSION, settings, {"corpus": corpus_key, "model": tuning.pretrained.fingerprint, **supplies})


def tune(tuning: Tuning, folder: Path, progress: Progress) -> dict[str, Any]:
    """Trains, or goes on from the last checkpoint in the folder; returns the summary for the manifest.

    Checkpoints stay in the folder's scratch part until the artifact is published. Of several processes the main one
    calls this, and the others `assist`.

    Raises:
        DataError: there is nothing to train or to validate on.
        DivergedError: training diverged; what the model was given then is in the folder's scratch part.
        TrainingError: the strategies leave nothing to train, or do not fit.
        ResourceError: memory does not suffice for a single example.
        RecipeError: the recipe asks for a metric or a length that the task or the model does not have.
    """
    data = prepare_data(tuning, folder, progress)
    tuning, choices = settle(tuning, data, folder, progress)
    lesson = prepare(tuning, data)
    for penalty in lesson.penalties:
        progress.note(penalty.description)
    course, reason = _train(lesson, data, tuning, folder, progress)
    _finish(lesson, data, tuning, folder / _CHECKPOINTS / _best_name(course.best["step"]), folder / "model")
    write_json(
        folder / "history.json",
        {
            **course.state(),
            "best_step": course.best["step"],
            "selection_metric": course.metric,
            "stopped": reason,
        },
    )
    return {**_summary(lesson, data, tuning, course), "choices": choices}


def assist(tuning: Tuning, folder: Path) -> None:
    """What every other process does while the main one tunes: its share of each update. It writes nothing.

    Args:
        tuning: as the main process has it.
        folder: that the main process tunes in, on a disk that both see.
    """
    with tempfile.TemporaryDirectory(prefix="vocation-") as scratch:
        data = prepare_data(tuning, Path(scratch), SILENT)
        tuning, _ = settle(tuning, data, Path(scratch), SILENT)
    _train(prepare(tuning, data), data, tuning, folder, SILENT)


def _train(lesson: Lesson, data: Data, tuning: Tuning, folder: Path, progress: Progress) -> tuple[Course, str]:
    settings, saving = tuning.settings, folder / _CHECKPOINTS
    course = _resume(lesson, data, settings, saving, progress)
    stop, watch = _stop_reason(course, settings, lesson.updates), Watch(course.steps)
    examples = data.training.examples if stop else _inputs(lesson, data, folder, progress)
    clock = time.monotonic()
    try:
        with progress.bar("tuning", _examples(lesson, examples), "texts", int(course.total("examples"))) as bar:
            for step in _steps(lesson, data, examples, course, watch) if stop is None else ():
                _enter(step, course, progress)
                bar.advance(step.examples, f"epoch {step.epoch} loss {step.loss:.3f}")
                share, per_epoch = settings.evaluations_per_epoch, lesson.updates_per_epoch
                scored = step.number * share // per_epoch > (step.number - 1) * share // per_epoch
                if scored:
                    _evaluate(lesson, data, tuning, course, step, progress)
                    if course.evaluations[-1]["best"]:
                        _save_best(lesson, saving, step.number)
                stop = _stop_reason(course, settings, lesson.updates)
                by_clock = time.monotonic() - clock >= settings.checkpoint_minutes * 60
                if not watch.absurd and _main_says(lesson, scored or bool(stop) or by_clock):
                    _save(lesson, saving, step.number, course)
                    clock = time.monotonic()
                if stop:
                    break
    except DivergedError as diverged:
        raise _kept(diverged, data, tuning, course, folder) if lesson.team.is_main else diverged from None
    assert stop is not None
    return course, stop


def _resume(lesson: Lesson, data: Data, settings: TuningSettings, saving: Path, progress: Progress) -> Course:
    """The course so far, with the weights and moments of its last checkpoint in place; a new one where there is none.

    Raises:
        ArtifactError: the processes do not see the same checkpoint.
    """
    newest = checkpoints.newest_of(saving)
    mine = newest.name if newest else None
    told = lesson.team.share(mine)
    if mine != told:
        raise ArtifactError(
            f"The main process goes on from {told}, and process {lesson.team.index} finds {mine} in {saving}.\n"
            "  what to do: put --output on a disk that all machines share"
        )
    saved = checkpoints.restore(saving, lesson.model, lesson.optimiser, lesson.companions)
    course = Course.from_state(saved) if saved else Course(data.metric, settings.token_budget)
    if course.steps:
        progress.note(f"going on after update {len(course.steps)} of {lesson.updates}")
    return course


def _steps(lesson: Lesson, data: Data, examples: Sequence[Item], course: Course, watch: Watch) -> Iterator[Step]:
    """The updates that are left."""
    dealing = replace(lesson.dealing, token_budget=course.token_budget)
    return train(
        lesson.engine,
        updates(examples, padding_of(data.tokenizer), dealing, len(course.steps), lesson.share),
        lesson.objective,
        Descent(lesson.optimiser, lesson.learning_rate, lesson.max_gradient_norm, lesson.companions, watch),
        lesson.accelerator,
        lesson.dealing.seed,
    )


def _enter(step: Step, course: Course, progress: Progress) -> None:
    shortage = course.add_step(step)
    if shortage:
        progress.note(
            f"memory ran out at update {step.number}: token_budget {shortage['before']:,} → {shortage['after']:,} from "
            "here on; the update was repeated, and the result stays the same"
        )


def _kept(diverged: DivergedError, data: Data, tuning: Tuning, course: Course, folder: Path) -> DivergedError:
    """The error, after its batch was written."""
    records = read_split(tuning.corpus, "train", tuning.task)
    place, last = folder / _DIVERGED, checkpoints.newest_of(folder / _CHECKPOINTS)
    keep_batch(diverged, data.training.examples, padding_of(data.tokenizer), records, course.steps, place)
    kept = f"{place} (batch.safetensors: what the model was given; batch.json: the rows' ids and the numbers before)"
    return diverged.keeping(f"{kept}, and {last}" if last else kept)


def _main_says(lesson: Lesson, due: bool) -> bool:
    """Whether the main process saves now; the others need to know only where they take part."""
    return bool(lesson.team.gathered([due])[0][0]) if lesson.sharded else due


def _save(lesson: Lesson, saving: Path, number: int, course: Course) -> None:
    if not lesson.resumable:
        return
    if lesson.team.is_main:
        checkpoints.save(saving, number, lesson.model, lesson.optimiser, course.state(), lesson.companions)
        _forget_older_bests(saving, course)
    elif lesson.sharded:
        checkpoints.take_part(lesson.model, lesson.optimiser)


def _inputs(lesson: Lesson, data: Data, folder: Path, progress: Progress) -> Sequence[Item]:
    """What is dealt out: the training examples, with the outputs of the frozen layers where there are such."""
    examples = data.training.examples
    if lesson.prefix is None:
        return examples
    progress.note(f"the first {len(lesson.prefix.layers)} layers are frozen: computed once, and kept")
    with progress.bar("frozen layers", len(examples), "texts") as bar:
        return lesson.prefix.outputs(examples, padding_of(data.tokenizer), folder / SCRATCH, bar.advance)


def _examples(lesson: Lesson, examples: Sequence[Item]) -> int:
    """How many examples the whole training reads."""
    order = epoch_order(lengths_of(examples), lesson.dealing, 1)
    return sum(len(update) for update in order) * lesson.dealing.epochs


def _stop_reason(course: Course, settings: TuningSettings, total: int) -> str | None:
    patience = settings.early_stopping.patience
    if course.evaluations and patience is not None and course.without_improvement() >= patience:
        return f"no better {course.metric} in {patience} evaluations"
    return "all epochs done" if len(course.steps) >= total else None


def _evaluate(lesson: Lesson, data: Data, tuning: Tuning, course: Course, step: Step, progress: Progress) -> None:
    """Scores the weights as they are on validation; every process enters what the main one found.

    Raises:
        TrainingError: the processes no longer have the same weights.
    """
    if not lesson.sharded and not lesson.team.agree(lesson.model):
        raise TrainingError(
            f"The processes have different weights after update {step.number}: something that depends on the process "
            "changes them beside the gradients.\n  what to do: train in one process, and report it"
        )
    if lesson.team.is_main or lesson.sharded:
        logits = validation_logits(lesson, data)
    if not lesson.team.is_main:
        course.evaluations.append(lesson.team.hear())
        return
    metrics = validation_metrics(logits, data, tuning.task)
    recent = [entry["loss"] for entry in course.steps if entry["epoch"] == step.epoch]
    overall = {name: value for name, value in metrics.items() if ":" not in name}
    best = course.add_evaluation(step, sum(recent) / len(recent), overall)
    lesson.team.tell(course.evaluations[-1])
    value = metrics[course.metric]
    progress.note(
        f"epoch {step.epoch}, update {step.number}: {course.metric} {value:.4f}{' (best so far)' if best else ''}"
    )


def _best_name(number: int) -> str:
    return f"best-{number:08d}.safetensors"


def _save_best(lesson: Lesson, folder: Path, number: int) -> None:
    with in_place(lesson.companions):
        if lesson.team.is_main:
            folder.mkdir(parents=True, exist_ok=True)
            save_weights(folder / _best_name(number), lesson.model, lesson.optimiser)
        elif lesson.sharded:
            checkpoints.take_part(lesson.model)


def _forget_older_bests(folder: Path, course: Course) -> None:
    """Only once a checkpoint names the new best: whoever goes on from an older one needs the best of then."""
    for best in folder.glob("best-*.safetensors"):
        if course.evaluations and best.name < _best_name(course.best["step"]):
            best.unlink()


def _finish(lesson: Lesson, data: Data, tuning: Tuning, weights: Path, target: Path) -> None:
    # What divided a model has changed it: the finished one is made anew.
    model = attached(tuning, data, deal(tuning, data)[1]) if lesson.divided else lesson.model
    load_weights(weights, model, lesson.optimiser)
    lesson.release()
    for strategy in reversed(tuning.settings.strategies):
        model = strategy.detach(model)
    save_model(model, target)
    data.tokenizer.save_pretrained(target)
    Description(
        task=tuning.task,
        cleaning=tuple(tuning.cleaning),
        head_labels=tuple(data.head_labels),
        deidentification=tuning.deidentification,
    ).write(target)


def _summary(lesson: Lesson, data: Data, tuning: Tuning, course: Course) -> dict[str, Any]:
    seconds = course.total("seconds")
    cut: Counter[str] = Counter(cut.reason for cut in (*data.training.cuts, *data.validation.cuts))
    return {
        "model": tuning.pretrained.name,
        "labels": data.labels,
        "parameters": lesson.parameters,
        "trained_parameters": lesson.trained_parameters,
        "device": str(lesson.accelerator.device),
        "precision": {"no": "float32", "bf16": "bfloat16"}[lesson.accelerator.mixed_precision],
        "determinism": determinism(lesson.accelerator, lesson.model),
        "token_budget": course.token_budget,
        "shortages": course.shortages,
        "strategies": [strategy.kind for strategy in tuning.settings.strategies],
        "steps": len(course.steps),
        "epochs": course.steps[-1]["epoch"],
        "best_step": course.best["step"],
        "best_value": course.best["selected"],
        "selection_metric": course.metric,
        "seconds": round(seconds, 1),
        "texts_per_second": round(course.total("examples") / seconds, 1),
        "tokens_per_second": round(course.total("tokens") / seconds, 1),
        "cut": dict(cut),
    }
