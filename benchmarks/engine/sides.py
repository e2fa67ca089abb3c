"""One system of the speed benchmark, in a process of its own: it trains some updates whenever it is told to.

    python -m benchmarks.engine.sides SYSTEM WORKLOAD DATA UPDATES

A line on standard input means: train UPDATES more, then answer with a line of JSON. Every system trains the same model
on the same rows, 16 an update, with AdamW in float32 (the `products` ones: matrix products of bfloat16 numbers, summed
in float32, everything else in float32), gradients clipped at 1.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.engine.workloads import MODEL, ROOT, Workload, load

BATCH, RATE, SEED = 16, 1e-4, 1
FOREVER = 1000  # Epochs; nobody waits for them.


@dataclass(frozen=True)
class Done:
    """What some updates were.

    Args:
        texts: examples that were read.
        tokens: of them, padding left out.
    """

    texts: int
    tokens: int


def vocation(workload: Workload, *, products: bool) -> Iterator[Done]:
    """Updates of Vocation's engine, as the tuning stage runs it."""
    from vocation.modeling.pretrained import load_tokenizer, resolve
    from vocation.prediction.predictor import padding_of
    from vocation.training.batches import updates
    from vocation.training.loop import Descent, train
    from vocation.tuning.lesson import prepare
    from vocation.tuning.material import Data, Tuning
    from vocation.tuning.settings import TuningSettings

    pretrained = resolve(MODEL, ROOT)
    settings = TuningSettings(
        learning_rate=RATE,
        epochs=FOREVER,
        batch_size=BATCH,
        schedule="constant",
        warmup=0.0,
        seed=SEED,
        precision="bfloat16" if products else "float32",
    )
    tokenizer = load_tokenizer(pretrained.folder)
    data = Data(tokenizer, [], workload.head_labels, workload.encoding, workload.encoding, [], "")
    lesson = prepare(Tuning(settings, workload.task, pretrained, (), ROOT), data)
    given = updates(workload.encoding.examples, padding_of(tokenizer), lesson.dealing)
    descent = Descent(lesson.optimiser, lesson.learning_rate, 1.0, lesson.companions)
    for step in train(lesson.model, given, lesson.objective, descent, lesson.accelerator, SEED):
        yield Done(step.examples, step.tokens)


def trainer(workload: Workload, *, padded: bool, products: bool) -> Iterator[Done]:
    """Updates of the `Trainer` of transformers, which run in a thread and are handed over one by one."""
    from queue import Queue
    from threading import Thread

    import torch

    if products:
        torch.set_float32_matmul_precision("medium")
    done: Queue[Done] = Queue()
    wanted: Queue[None] = Queue()

    def after(what: Done) -> None:
        done.put(what)
        wanted.get()

    run = _trainer(workload, padded, after)
    Thread(target=run, daemon=True).start()
    while True:
        yield done.get()
        wanted.put(None)


def _trainer(workload: Workload, padded: bool, after: Callable[[Done], None]) -> Callable[[], Any]:
    from transformers import (
        DataCollatorForTokenClassification,
        DataCollatorWithPadding,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    from vocation.modeling.pretrained import load_model, load_tokenizer, resolve

    folder = resolve(MODEL, ROOT).folder
    tokenizer = load_tokenizer(folder)
    model = load_model(workload.task.model_class(), folder, workload.head_labels, SEED)
    rows = [_row(example) for example in workload.encoding.examples]
    padding: Mapping[str, Any] = {"padding": "max_length", "max_length": workload.padded} if padded else {}
    per_token = workload.task.kind == "entities"
    collate = (DataCollatorForTokenClassification if per_token else DataCollatorWithPadding)(tokenizer, **padding)
    read = [0, 0]

    def collated(given: list[Any]) -> dict[str, Any]:
        batch: dict[str, Any] = collate([dict(row) for row in given])
        read[0] += len(given)
        read[1] += sum(len(row["input_ids"]) for row in given)
        return batch

    class Turns(TrainerCallback):
        """Hands over after each update."""

        def on_step_end(self, *_: Any, **__: Any) -> None:
            what = Done(*read)
            read[:] = [0, 0]
            after(what)

    arguments = TrainingArguments(
        output_dir=str(ROOT / "runs" / "engine"),
        per_device_train_batch_size=BATCH,
        learning_rate=RATE,
        lr_scheduler_type="constant",
        num_train_epochs=FOREVER,
        train_sampling_strategy="random" if padded else "group_by_length",
        weight_decay=0.01,
        max_grad_norm=1.0,
        use_cpu=True,
        seed=SEED,
        report_to=[],
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
    )
    made = Trainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        data_collator=collated,
        callbacks=[Turns()],
    )
    return made.train


def _row(example: Any) -> dict[str, Any]:
    targets = example.targets.tolist()
    features = {name: values.tolist() for name, values in example.features.items()}
    return {**features, "labels": targets if len(targets) > 1 else targets[0]}


SYSTEMS: Mapping[str, Callable[[Workload], Iterator[Done]]] = {
    "vocation": lambda workload: vocation(workload, products=False),
    "trainer, padded": lambda workload: trainer(workload, padded=True, products=False),
    "trainer, dynamic": lambda workload: trainer(workload, padded=False, products=False),
    "vocation, products": lambda workload: vocation(workload, products=True),
    "trainer, dynamic, products": lambda workload: trainer(workload, padded=False, products=True),
}


def main(system: str, name: str, data: str, count: str) -> None:
    """Answers until standard input ends; the first answer, after one update, says how long starting took."""
    begun = time.perf_counter()
    workload = load(name, Path(data))
    encoded = time.perf_counter()
    steps = SYSTEMS[system](workload)
    next(steps)
    answer(start=time.perf_counter() - encoded, encode=encoded - begun)
    for _ in sys.stdin:
        clock = time.perf_counter()
        done = [next(steps) for _ in range(int(count))]
        seconds = time.perf_counter() - clock
        texts, tokens = sum(step.texts for step in done), sum(step.tokens for step in done)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        answer(seconds=seconds, texts=texts, tokens=tokens, peak=peak)


def answer(**values: float) -> None:
    """One line of JSON on standard output."""
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
