"""The tuning stage: a model learns its task from the labelled rows of a corpus.

The folder gets `model/` (a `transformers` folder that `Predictor.load` reads), `history.json` and the ledger of what
encoding cut.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocation.artifacts import SCRATCH, Plan, sync, write_json
from vocation.cleaning import CleaningStep
from vocation.deidentification.settings import Deidentification
from vocation.errors import DataError, RecipeError, TrainingError, did_you_mean
from vocation.ledger import Ledger
from vocation.metrics import score
from vocation.modeling.pretrained import Pretrained, load_model, load_tokenizer
from vocation.prediction.batching import DEFAULT_TOKEN_BUDGET, example_logits
from vocation.prediction.predictor import Description, padding_of
from vocation.progress import Progress
from vocation.records import Record, read_records
from vocation.tasks import Encoding, Task
from vocation.training import checkpoints
from vocation.training.batches import Dealing, count_updates, updates
from vocation.training.loop import Descent, Step, train
from vocation.training.optimisers import adamw
from vocation.training.precision import accelerator
from vocation.training.schedules import learning_rate_schedule
from vocation.tuning.course import Course
from vocation.tuning.settings import TuningSettings

if TYPE_CHECKING:
    from accelerate import Accelerator
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

    from vocation.training.loop import Objective

VERSION = 1
_CHECKPOINTS = Path(SCRATCH) / "checkpoints"


@dataclass(frozen=True)
class Tuning:
    """What tuning starts from.

    Args:
        settings: how the model learns.
        task: what it learns.
        pretrained: where its weights come from.
        cleaning: the chain that cleaned the corpus; the finished model applies it to what it is given.
        deidentification: likewise, of the corpus; None where nothing was replaced.
        corpus: folder of the corpus artifact.
    """

    settings: TuningSettings
    task: Task
    pretrained: Pretrained
    cleaning: Sequence[CleaningStep]
    corpus: Path
    deidentification: Deidentification | None = None


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
    lesson = _prepare(tuning, folder, progress)
    course, reason = _train(lesson, tuning.settings, folder, progress)
    _finish(lesson, tuning, folder, course)
    write_json(
        folder / "history.json",
        {
            **course.state(),
            "best_step": course.best["step"],
            "selection_metric": course.metric,
            "stopped": reason,
        },
    )
    return _summary(lesson, tuning, course)


def check_length(task: Task, tokenizer: PreTrainedTokenizerFast, name: str) -> None:
    """Refuses a task whose windows are longer than the model can read.

    Raises:
        RecipeError: `task.max_length` exceeds the tokenizer's limit.
    """
    wanted = getattr(task, "max_length", 0)
    if wanted > tokenizer.model_max_length:
        raise RecipeError(
            f"task.max_length is {wanted}, and {name} reads at most {tokenizer.model_max_length} tokens at once.\n"
            f"  what to do: set task.max_length to {tokenizer.model_max_length} or less"
        )


def refuse_cuts(task: Task, cuts: Sequence[Mapping[str, Any]], cut_rows: int, rows: int, largest: float) -> None:
    """Refuses training on rows of which too many lose a part.

    Args:
        task: what cuts, and knows what to do about each reason.
        cuts: `reason` and `rows` of each way in which something is lost.
        cut_rows: training rows that lose something.
        rows: training rows.
        largest: share of them that may be cut.

    Raises:
        DataError: more are cut.
    """
    if cut_rows > largest * rows:
        raise DataError(
            "Too many of the training rows would lose a part",
            received=f"{cut_rows:,} of {rows:,} rows: "
            + ", ".join(f"{cut['reason']} ({cut['rows']:,})" for cut in cuts),
            allowed=f"{largest:.0%} of the rows, as `tuning.largest_cut` says",
            remedy="; ".join(task.cut_remedies[cut["reason"]] for cut in cuts)
            + "; or raise `tuning.largest_cut` where what is left is enough",
        )


@dataclass(frozen=True)
class _Lesson:
    """Everything that training needs in memory."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    task: Task
    head_labels: list[str]
    labels: list[str]
    objective: Objective
    accelerator: Accelerator
    training: Encoding
    validation: Encoding
    validation_records: list[Record]
    metric: str


def _prepare(tuning: Tuning, folder: Path, progress: Progress) -> _Lesson:
    task, settings = tuning.task, tuning.settings
    training_records = read_split(tuning.corpus, "train", task)
    validation_records = read_split(tuning.corpus, "validation", task)
    labels = sorted({label for record in training_records for label in task.labels(record)})
    head_labels = task.head_labels(labels)
    tokenizer = load_tokenizer(tuning.pretrained.folder)
    check_length(task, tokenizer, tuning.pretrained.name)
    with Ledger(folder) as ledger:
        training = _encode(task, training_records, tokenizer, head_labels, ledger, "train")
        validation = _encode(task, validation_records, tokenizer, head_labels, ledger, "validation")
        for count in ledger.summary():
            progress.note(f"{count.count} rows: {count.reason} (in the ledger)")
    reasons = Counter(cut.reason for cut in training.cuts)
    cuts = [{"reason": reason, "rows": count} for reason, count in reasons.most_common()]
    refuse_cuts(task, cuts, len({cut.record for cut in training.cuts}), len(training_records), settings.largest_cut)
    device = accelerator(settings.precision)
    model = load_model(task.model_class(), tuning.pretrained.folder, head_labels, settings.seed)
    objective: Objective = task.objective
    for strategy in settings.strategies:
        model = strategy.attach(model)
        objective = strategy.wrap(objective)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        kinds = ", ".join(strategy.kind for strategy in settings.strategies)
        raise TrainingError(f"tuning.strategies ({kinds}) leave no weight that trains.")
    return _Lesson(
        model=model.to(device.device),
        tokenizer=tokenizer,
        task=task,
        head_labels=head_labels,
        labels=labels,
        objective=objective,
        accelerator=device,
        training=training,
        validation=validation,
        validation_records=validation_records,
        metric=selection_metric(settings, task, validation_records, labels),
    )


def _train(lesson: _Lesson, settings: TuningSettings, folder: Path, progress: Progress) -> tuple[Course, str]:
    examples = lesson.training.examples
    dealing = Dealing(settings.batch_size, settings.token_budget, settings.epochs, settings.seed)
    per_epoch = count_updates(len(examples), dealing)
    total = per_epoch * settings.epochs
    optimiser = adamw(lesson.model, settings.weight_decay)
    saved = checkpoints.restore(folder / _CHECKPOINTS, lesson.model, optimiser)
    course = Course.from_state(saved) if saved else Course(lesson.metric)
    done = len(course.steps)
    if done:
        progress.note(f"going on after update {done} of {total}")
    rate = learning_rate_schedule(settings.learning_rate, total, settings.warmup, settings.schedule)
    steps = train(
        lesson.model,
        updates(examples, padding_of(lesson.tokenizer), dealing, done),
        lesson.objective,
        Descent(optimiser, rate, settings.max_gradient_norm),
        lesson.accelerator,
        settings.seed,
    )
    stop = _stop_reason(course, settings, total)
    clock = time.monotonic()
    read = int(course.total("examples"))
    with progress.bar("tuning", len(examples) * settings.epochs, "texts", read) as bar:
        for step in steps if stop is None else ():
            course.add_step(step)
            bar.advance(step.examples, f"epoch {step.epoch} loss {step.loss:.3f}")
            share = settings.evaluations_per_epoch
            scored = step.number * share // per_epoch > (step.number - 1) * share // per_epoch
            if scored:
                _evaluate(lesson, course, step, folder, progress)
            stop = _stop_reason(course, settings, total)
            if scored or stop or time.monotonic() - clock >= settings.checkpoint_minutes * 60:
                checkpoints.save(folder / _CHECKPOINTS, step.number, lesson.model, optimiser, course.state())
                _forget_older_bests(folder / _CHECKPOINTS, course)
                clock = time.monotonic()
            if stop:
                break
    assert stop is not None
    return course, stop


def _stop_reason(course: Course, settings: TuningSettings, total: int) -> str | None:
    patience = settings.early_stopping.patience
    if course.evaluations and patience is not None and course.without_improvement() >= patience:
        return f"no better {course.metric} in {patience} evaluations"
    return "all epochs done" if len(course.steps) >= total else None


def _evaluate(lesson: _Lesson, course: Course, step: Step, folder: Path, progress: Progress) -> None:
    task, records = lesson.task, lesson.validation_records
    logits = example_logits(
        lesson.model, lesson.validation.examples, padding_of(lesson.tokenizer), DEFAULT_TOKEN_BUDGET
    )
    answers = [
        prediction.answer for prediction in task.decode(logits, lesson.validation.examples, records, lesson.head_labels)
    ]
    gold = [task.answer(record) for record in records]
    metrics = score(gold, answers, lesson.labels, task.answers)
    recent = [entry["loss"] for entry in course.steps if entry["epoch"] == step.epoch]
    overall = {name: value for name, value in metrics.items() if ":" not in name}
    best = course.add_evaluation(step, sum(recent) / len(recent), overall)
    value = metrics[course.metric]
    progress.note(
        f"epoch {step.epoch}, update {step.number}: {course.metric} {value:.4f}{' (best so far)' if best else ''}"
    )
    if best:
        _save_best(lesson.model, folder / _CHECKPOINTS, step.number)


def _save_best(model: PreTrainedModel, folder: Path, number: int) -> None:
    from safetensors.torch import save_model

    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / "best-partial.safetensors"
    save_model(model, str(temporary))
    sync(temporary)
    temporary.replace(folder / f"best-{number:08d}.safetensors")


def _forget_older_bests(folder: Path, course: Course) -> None:
    """Only once a checkpoint names the new best: whoever goes on from an older one needs the best of then."""
    for best in folder.glob("best-*.safetensors"):
        if course.evaluations and best.name < f"best-{course.best['step']:08d}.safetensors":
            best.unlink()


def _finish(lesson: _Lesson, tuning: Tuning, folder: Path, course: Course) -> None:
    from safetensors.torch import load_model as load_weights

    load_weights(lesson.model, str(folder / _CHECKPOINTS / f"best-{course.best['step']:08d}.safetensors"))
    model = lesson.model
    for strategy in reversed(tuning.settings.strategies):
        model = strategy.detach(model)
    target = folder / "model"
    model.save_pretrained(target)
    lesson.tokenizer.save_pretrained(target)
    Description(
        task=tuning.task,
        cleaning=tuple(tuning.cleaning),
        head_labels=tuple(lesson.head_labels),
        deidentification=tuning.deidentification,
    ).write(target)


def _summary(lesson: _Lesson, tuning: Tuning, course: Course) -> dict[str, Any]:
    parameters = list(lesson.model.parameters())
    seconds = course.total("seconds")
    cut: Counter[str] = Counter(cut.reason for cut in (*lesson.training.cuts, *lesson.validation.cuts))
    return {
        "model": tuning.pretrained.name,
        "labels": lesson.labels,
        "parameters": sum(parameter.numel() for parameter in parameters),
        "trained_parameters": sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        "device": str(lesson.accelerator.device),
        "precision": {"no": "float32", "bf16": "bfloat16"}[lesson.accelerator.mixed_precision],
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


def read_split(corpus: Path, split: str, task: Task) -> list[Record]:
    """The records of a split that tuning needs.

    Raises:
        DataError: the corpus has no such split.
    """
    path = corpus / f"{split}.parquet"
    records = list(read_records(path, task.record_schema)) if path.exists() else []
    if not records:
        raise DataError(
            f"the corpus has no {split} split, and tuning needs one",
            remedy="give a source `split: " + split + "`, or set corpus.splitting.validation above 0",
        )
    return records


def _encode(
    task: Task,
    records: Sequence[Record],
    tokenizer: PreTrainedTokenizerFast,
    head_labels: Sequence[str],
    ledger: Ledger,
    split: str,
) -> Encoding:
    encoding = task.encode(records, tokenizer, head_labels)
    for cut in encoding.cuts:
        ledger.add("cut", task.kind, cut.reason, records[cut.record], split=split, detail=cut.detail)
    return encoding


def selection_metric(settings: TuningSettings, task: Task, records: Sequence[Record], labels: Sequence[str]) -> str:
    """Name of the metric that chooses the best checkpoint.

    Raises:
        RecipeError: the recipe names one that the task does not have.
    """
    chosen = settings.early_stopping.metric or task.selection_metric
    gold = [task.answer(record) for record in records[:1]]
    known = sorted(name for name in score(gold, gold, labels, task.answers) if ":" not in name)
    if chosen not in known:
        raise RecipeError(
            f"tuning.early_stopping.metric is {chosen!r}, which {task.kind} does not have."
            f"{did_you_mean(chosen, known)}\n"
            f"  allowed: {', '.join(known)}"
        )
    return chosen
