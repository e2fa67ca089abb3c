"""The tuning stage: a model learns its task from the labelled rows of a corpus.

The folder gets `model/` (a `transformers` folder that `Predictor.load` reads), `history.json` and the ledger of what
encoding cut.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import SCRATCH, Plan, sync, write_json
from vocation.metrics import score
from vocation.prediction.batching import DEFAULT_TOKEN_BUDGET, example_logits
from vocation.prediction.predictor import Description, padding_of
from vocation.progress import Progress
from vocation.tasks import Task
from vocation.training import checkpoints
from vocation.training.batches import Item, epoch_order, lengths_of, updates
from vocation.training.companions import Companion
from vocation.training.loop import Descent, Step, train
from vocation.tuning.course import Course
from vocation.tuning.lesson import Data, Lesson, Tuning, prepare, prepare_data
from vocation.tuning.settings import TuningSettings

if TYPE_CHECKING:
    from transformers import PreTrainedModel

VERSION = 1
_CHECKPOINTS = Path(SCRATCH) / "checkpoints"


def plan(tuning: Tuning, corpus_key: str) -> Plan:
    """What the artifact is made from. How often checkpoints are written, and what is refused, does not change it."""
    settings = {
        "tuning": tuning.settings.model_dump(mode="json", exclude={"checkpoint_minutes", "largest_cut"}),
        "task": tuning.task.model_dump(mode="json"),
    }
    return Plan("tuning", VERSION, settings, {"corpus": corpus_key, "model": tuning.pretrained.fingerprint})


def tune(tuning: Tuning, folder: Path, progress: Progress) -> dict[str, Any]:
    """Trains, or goes on from the last checkpoint in the folder; returns the summary for the manifest.

    Checkpoints stay in the folder's scratch part until the artifact is published.

    Raises:
        DataError: there is nothing to train or to validate on.
        TrainingError: training diverged, or the strategies leave nothing to train.
        RecipeError: the recipe asks for a metric or a length that the task or the model does not have.
    """
    data = prepare_data(tuning, folder, progress)
    lesson = prepare(tuning, data)
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
    return _summary(lesson, data, tuning, course)


def _train(lesson: Lesson, data: Data, tuning: Tuning, folder: Path, progress: Progress) -> tuple[Course, str]:
    settings, saving = tuning.settings, folder / _CHECKPOINTS
    model, optimiser, companions = lesson.model, lesson.optimiser, lesson.companions
    saved = checkpoints.restore(saving, model, optimiser, companions)
    course = Course.from_state(saved) if saved else Course(data.metric)
    done, per_epoch, total = len(course.steps), lesson.updates_per_epoch, lesson.updates
    if done:
        progress.note(f"going on after update {done} of {total}")
    examples = _inputs(lesson, data, folder, progress)
    steps = train(
        model,
        updates(examples, padding_of(data.tokenizer), lesson.dealing, done),
        lesson.objective,
        Descent(optimiser, lesson.learning_rate, settings.max_gradient_norm, companions),
        lesson.accelerator,
        settings.seed,
    )
    stop = _stop_reason(course, settings, total)
    clock = time.monotonic()
    read = int(course.total("examples"))
    with progress.bar("tuning", _examples(lesson, examples), "texts", read) as bar:
        for step in steps if stop is None else ():
            course.add_step(step)
            bar.advance(step.examples, f"epoch {step.epoch} loss {step.loss:.3f}")
            share = settings.evaluations_per_epoch
            scored = step.number * share // per_epoch > (step.number - 1) * share // per_epoch
            if scored:
                with _in_place(companions):
                    _evaluate(lesson, data, tuning.task, course, step, progress)
                    if course.evaluations[-1]["best"]:
                        _save_best(model, saving, step.number)
            stop = _stop_reason(course, settings, total)
            if scored or stop or time.monotonic() - clock >= settings.checkpoint_minutes * 60:
                checkpoints.save(saving, step.number, model, optimiser, course.state(), companions)
                _forget_older_bests(saving, course)
                clock = time.monotonic()
            if stop:
                break
    assert stop is not None
    return course, stop


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


@contextmanager
def _in_place(companions: Sequence[Companion]) -> Iterator[None]:
    with ExitStack() as stack:
        for companion in companions:
            stack.enter_context(companion.in_place())
        yield


def _stop_reason(course: Course, settings: TuningSettings, total: int) -> str | None:
    patience = settings.early_stopping.patience
    if course.evaluations and patience is not None and course.without_improvement() >= patience:
        return f"no better {course.metric} in {patience} evaluations"
    return "all epochs done" if len(course.steps) >= total else None


def _evaluate(lesson: Lesson, data: Data, task: Task, course: Course, step: Step, progress: Progress) -> None:
    records, examples = data.validation_records, data.validation.examples
    logits = example_logits(lesson.model, examples, padding_of(data.tokenizer), DEFAULT_TOKEN_BUDGET)
    predictions = task.decode(logits, examples, records, data.head_labels)
    gold = [task.answer(record) for record in records]
    metrics = score(gold, [prediction.answer for prediction in predictions], data.labels, task.answers)
    recent = [entry["loss"] for entry in course.steps if entry["epoch"] == step.epoch]
    overall = {name: value for name, value in metrics.items() if ":" not in name}
    best = course.add_evaluation(step, sum(recent) / len(recent), overall)
    value = metrics[course.metric]
    progress.note(
        f"epoch {step.epoch}, update {step.number}: {course.metric} {value:.4f}{' (best so far)' if best else ''}"
    )


def _best_name(number: int) -> str:
    return f"best-{number:08d}.safetensors"


def _save_best(model: PreTrainedModel, folder: Path, number: int) -> None:
    from safetensors.torch import save_model

    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / "best-partial.safetensors"
    save_model(model, str(temporary))
    sync(temporary)
    temporary.replace(folder / _best_name(number))


def _forget_older_bests(folder: Path, course: Course) -> None:
    """Only once a checkpoint names the new best: whoever goes on from an older one needs the best of then."""
    for best in folder.glob("best-*.safetensors"):
        if course.evaluations and best.name < _best_name(course.best["step"]):
            best.unlink()


def _finish(lesson: Lesson, data: Data, tuning: Tuning, weights: Path, target: Path) -> None:
    from safetensors.torch import load_model as load_weights

    model = lesson.model
    load_weights(model, str(weights))
    lesson.release()
    for strategy in reversed(tuning.settings.strategies):
        model = strategy.detach(model)
    model.save_pretrained(target)
    data.tokenizer.save_pretrained(target)
    Description(
        task=tuning.task,
        cleaning=tuple(tuning.cleaning),
        head_labels=tuple(data.head_labels),
        deidentification=tuning.deidentification,
    ).write(target)


def _summary(lesson: Lesson, data: Data, tuning: Tuning, course: Course) -> dict[str, Any]:
    parameters = list(lesson.model.parameters())
    seconds = course.total("seconds")
    cut: Counter[str] = Counter(cut.reason for cut in (*data.training.cuts, *data.validation.cuts))
    return {
        "model": tuning.pretrained.name,
        "labels": data.labels,
        "parameters": sum(parameter.numel() for parameter in parameters),
        "trained_parameters": sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        "device": str(lesson.accelerator.device),
        "precision": {"no": "float32", "bf16": "bfloat16"}[lesson.accelerator.mixed_precision],
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
