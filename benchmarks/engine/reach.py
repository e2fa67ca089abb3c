"""What is learned, and how soon: the engine beside the Trainer of transformers, from start to score, over seeds.

    .venv/bin/python -m benchmarks.engine.reach                 # three seeds: about 25 minutes of an idle machine
    .venv/bin/python -m benchmarks.engine.reach --seeds 1

Bank customers' questions (Banking77, CC BY 4.0), every tenth training row held out for validation. The Trainer
fine-tunes every weight with rows of like length together; Vocation does the same, and once more with the lower half of
the layers frozen, whose outputs it computes once. The latter's time is that until the validation accuracy is what the
Trainer's was in the end. Seconds count from loading the model to the last update, what is kept of frozen layers
included and scoring left out. reach.json has every measurement; what stands there is not measured again.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.engine.speed import machine
from benchmarks.engine.workloads import MODEL, ROOT
from benchmarks.quality.run import t_interval

RESULTS = Path(__file__).resolve().parent / "reach.json"
EPOCHS, BATCH, RATE, WARMUP = 2, 16, 3e-4, 0.1
SEEDS = (1, 2, 3)
SCORED = 4  # Times an epoch that the frozen one is scored.
FROZEN = 3
SYSTEMS = {
    "trainer": "Trainer, dynamic",
    "vocation": "Vocation, every weight",
    "frozen": f"Vocation, {FROZEN} of 6 layers frozen, to the Trainer's score",
}


def _rows() -> dict[str, list[Any]]:
    from vocation.records import Record
    from vocation.text import Text

    found: dict[str, list[Any]] = {"train": [], "validation": [], "test": []}
    for split in ("train", "test"):
        path = ROOT / "examples" / "bank-intents" / "data" / f"{split}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            for row, fields in enumerate(csv.DictReader(file)):
                record = Record(str(row), {"text": Text(fields["text"])}, {"label": fields["category"]})
                found["validation" if split == "train" and row % 10 == 0 else split].append(record)
    return found


class _Lesson:
    """The rows, encoded, and how a model's answers are scored."""

    def __init__(self) -> None:
        from vocation.modeling.pretrained import load_tokenizer, resolve
        from vocation.prediction.predictor import padding_of
        from vocation.tasks.classification import Classification

        self.task, self.rows, self.pretrained = Classification(), _rows(), resolve(MODEL, ROOT)
        self.tokenizer = load_tokenizer(self.pretrained.folder)
        self.padding = padding_of(self.tokenizer)
        labels = sorted({label for record in self.rows["train"] for label in self.task.labels(record)})
        self.head_labels = self.task.head_labels(labels)
        self.encoded = {
            split: self.task.encode(records, self.tokenizer, self.head_labels) for split, records in self.rows.items()
        }

    def accuracy(self, model: Any, split: str) -> float:
        """Of a model on a split."""
        from vocation.prediction.batching import example_logits

        examples = self.encoded[split].examples
        logits = example_logits(model, examples, self.padding)
        right = [int(row.argmax()) == int(one.targets[0]) for row, one in zip(logits, examples, strict=True)]
        return mean(right)


def trainer(lesson: _Lesson, seed: int) -> dict[str, Any]:
    """The Trainer's run."""
    from transformers import DataCollatorWithPadding, Trainer, TrainingArguments

    from benchmarks.engine.sides import _row
    from vocation.modeling.pretrained import load_model

    rows = [_row(example) for example in lesson.encoded["train"].examples]
    clock = time.perf_counter()
    model = load_model(lesson.task.model_class(), lesson.pretrained.folder, lesson.head_labels, seed)
    steps = -(-len(rows) // BATCH) * EPOCHS
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=BATCH,
            learning_rate=RATE,
            lr_scheduler_type="linear",
            warmup_steps=round(WARMUP * steps),
            num_train_epochs=EPOCHS,
            train_sampling_strategy="group_by_length",
            weight_decay=0.01,
            max_grad_norm=1.0,
            use_cpu=True,
            seed=seed,
            report_to=[],
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
        )
        collate = DataCollatorWithPadding(lesson.tokenizer)
        Trainer(model=model, args=arguments, train_dataset=rows, data_collator=collate).train()
    seconds = time.perf_counter() - clock
    return {"seconds": seconds, **{split: lesson.accuracy(model, split) for split in ("validation", "test")}}


def vocation(lesson: _Lesson, seed: int, *, frozen: bool, target: float = 2.0) -> dict[str, Any]:
    """Vocation's run; it ends as soon as the validation accuracy is the target, where it is scored on the way."""
    from vocation.strategies.freeze import Freeze
    from vocation.strategies.full import Full
    from vocation.training.batches import updates
    from vocation.training.loop import Descent, train
    from vocation.tuning.lesson import prepare
    from vocation.tuning.material import Data, Tuning
    from vocation.tuning.settings import TuningSettings

    settings = TuningSettings(
        strategies=(Freeze(layers=FROZEN) if frozen else Full(),),
        learning_rate=RATE,
        epochs=EPOCHS,
        batch_size=BATCH,
        warmup=WARMUP,
        seed=seed,
    )
    training = lesson.encoded["train"]
    data = Data(lesson.tokenizer, [], lesson.head_labels, training, training, [], "")
    clock = time.perf_counter()
    ready = prepare(Tuning(settings, lesson.task, lesson.pretrained, (), ROOT), data)
    examples: Any = training.examples
    scratch = tempfile.TemporaryDirectory()
    if ready.prefix is not None:
        examples = ready.prefix.outputs(examples, lesson.padding, Path(scratch.name), lambda _: None)
    given = updates(examples, lesson.padding, ready.dealing)
    descent = Descent(ready.optimiser, ready.learning_rate, ready.max_gradient_norm, ready.companions)
    seconds, scored = 0.0, []
    for step in train(ready.model, given, ready.objective, descent, ready.accelerator, seed):
        seconds, every = seconds + time.perf_counter() - clock, ready.updates_per_epoch // SCORED
        if frozen and step.number % every == 0:
            scored.append((seconds, lesson.accuracy(ready.model, "validation")))
            if scored[-1][1] >= target:
                break
        clock = time.perf_counter()
    found = {"seconds": seconds, "scored": scored, "updates": step.number, "of": ready.updates}
    ready.release()
    return {**found, **{split: lesson.accuracy(ready.model, split) for split in ("validation", "test")}}


def child(system: str, seed: int, target: float) -> None:
    """One run, in a process of its own; its last line on standard output is what it measured."""
    lesson = _Lesson()
    found = (
        trainer(lesson, seed)
        if system == "trainer"
        else vocation(lesson, seed, frozen=system == "frozen", target=target)
    )
    print(json.dumps(found), flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures what reach.json does not have yet, and writes it there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="*", default=SEEDS)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child:
        child(given.child[0], int(given.child[1]), float(given.child[2]))
        return
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"runs": {}}
    for seed in given.seeds:
        runs = kept["runs"].setdefault(str(seed), {})
        for system in SYSTEMS:
            if system in runs:
                continue
            target = runs["trainer"]["validation"] if system == "frozen" else 2.0
            command = [sys.executable, "-m", "benchmarks.engine.reach", "--child", system, str(seed), str(target)]
            environment = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
            done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
            runs[system] = json.loads(done.stdout.splitlines()[-1])
            one = runs[system]
            told = f"{one['seconds']:.0f} s, validation {one['validation']:.4f}, test {one['test']:.4f}"
            print(f"seed {seed}, {system}: {told}", flush=True)
            RESULTS.write_text(json.dumps({**kept, "machine": machine()}, indent=1) + "\n", encoding="utf-8")


def page(results: Mapping[str, Any]) -> list[str]:
    """The section of the page."""
    runs, box = list(results["runs"].values()), results["machine"]
    lines = [
        "## From start to score",
        "",
        f"Bank customers' questions (Banking77, 77 classes, 9,002 rows to learn from, 1,001 to validate on, 3,084 of "
        f"test), `{MODEL}`, {BATCH} rows an update, AdamW, a learning rate of {RATE:g} that rises over a tenth of the "
        f"updates and then falls, {EPOCHS} epochs, the same for all; {len(runs)} seeds, means with their 95 % "
        "intervals (Student's t). Seconds count from loading the model; what is kept of frozen layers is included, "
        "scoring left out. The frozen one ends as soon as its validation accuracy, scored four times an epoch, is "
        "that of the Trainer in the end.",
        "",
        "| system | seconds | faster by | validation, % | test, % | test, beside the Trainer, points |",
        "|---|---|---|---|---|---|",
    ]
    for system, words in SYSTEMS.items():
        each = [run[system] for run in runs]
        faster = [run["trainer"]["seconds"] / run[system]["seconds"] for run in runs]
        beside = [100 * (run[system]["test"] - run["trainer"]["test"]) for run in runs]
        cells = [
            _told([one["seconds"] for one in each], 0),
            "" if system == "trainer" else _told(faster, 2) + " ×",
            _told([100 * one["validation"] for one in each], 2),
            _told([100 * one["test"] for one in each], 2),
            "" if system == "trainer" else _told(beside, 2),
        ]
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    reached = sum(run["frozen"]["validation"] >= run["trainer"]["validation"] for run in runs)
    lines += [
        "",
        f"The frozen one reached the Trainer's score with {reached} of {len(runs)} seeds (aim: with all, in a third of "
        "the time); with the others it is shown after all its epochs. The aim for every weight: a mean within 0.3 "
        "points of the Trainer's.",
        "",
        f"{box['processor']}, {box['threads']} threads, Python {box['python']}; "
        + ", ".join(f"{name} {version}" for name, version in box["packages"].items())
        + ".",
        "",
    ]
    return lines


def _told(values: Sequence[float], digits: int) -> str:
    if len(values) == 1:
        return f"{values[0]:,.{digits}f}"
    low, high = t_interval(values)
    return f"{mean(values):,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


if __name__ == "__main__":
    main()
