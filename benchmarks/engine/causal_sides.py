"""One system of the benchmark of causal models, in a process of its own: it trains whenever it is told to.

    python -m benchmarks.engine.causal_sides SYSTEM WORKLOAD DATA UPDATES SEED

A line on standard input means: "go", train UPDATES more and answer with a line of JSON; "score", answer with the mean
loss of the tokens of held-out answers. Every system trains the same updates of rank 8 (LoRA) beside every linear map of
the same model, on the same chats, 8 an update, with AdamW in float32 (the `products` ones: matrix products of bfloat16
numbers, summed in float32), gradients clipped at 1. Where a system holds padded rows, it holds 4 at a time.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

from benchmarks.engine.causal_workloads import LONGEST, ROOT, Chat, Workload, load
from benchmarks.engine.sides import Done, answer

BATCH, AT_ONCE, RATE = 8, 4, 5e-4
TOKEN_BUDGET = 1536
FOREVER = 1000  # Epochs; nobody waits for them.


def adapted(workload: Workload, seed: int) -> Any:
    """The model with the update of low rank that every system trains."""
    import torch
    from peft import LoraConfig, inject_adapter_in_model
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(workload.folder, dtype=torch.float32)
    model.config.use_cache = False
    torch.manual_seed(seed)
    config = LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", exclude_modules=["lm_head"])
    return inject_adapter_in_model(config, model).train()


def vocation(model: Any, workload: Workload, seed: int, *, products: bool) -> Iterator[Done]:
    """Updates of Vocation's engine."""
    from vocation.prediction.predictor import padding_of
    from vocation.training.batches import Dealing, updates
    from vocation.training.causal import causal_objective
    from vocation.training.causal_engine import install
    from vocation.training.loop import Descent, train
    from vocation.training.optimisers import adamw
    from vocation.training.precision import accelerator

    install(model)
    given = updates(workload.examples, padding_of(workload.tokenizer), Dealing(BATCH, TOKEN_BUDGET, FOREVER, seed))
    descent = Descent(adamw(model, 0.01), lambda _: RATE, 1.0)
    device = accelerator("bfloat16" if products else "float32", "cpu")
    for step in train(model, given, causal_objective(model), descent, device, seed):
        yield Done(step.examples, step.tokens + step.examples)  # The last token of a chat is a target alone.


def trainer(model: Any, workload: Workload, seed: int, *, padded: bool, products: bool) -> Iterator[Done]:
    """Updates of the `Trainer` of transformers."""
    import torch
    from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments

    if products:
        torch.set_float32_matmul_precision("medium")
    padding: Mapping[str, Any] = {"padding": "max_length", "max_length": LONGEST} if padded else {}
    collate: Any = DataCollatorForSeq2Seq(workload.tokenizer, **padding)
    rows = [_row(chat) for chat in workload.training]

    def made(collated: Callable[[list[Any]], Any], turns: Any) -> Any:
        strategy = "random" if padded else "group_by_length"
        arguments = TrainingArguments(**_arguments(seed), train_sampling_strategy=strategy)
        return Trainer(model=model, args=arguments, train_dataset=rows, data_collator=collated, callbacks=[turns])

    return _in_turns(made, collate)


def sft(model: Any, workload: Workload, seed: int) -> Iterator[Done]:
    """Updates of the `SFTTrainer` of TRL, which pads each batch to its longest."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    collate = DataCollatorForLanguageModeling(workload.tokenizer.pad_token_id)
    rows = [
        {"input_ids": chat.ids.tolist(), "completion_mask": chat.learned.astype(int).tolist()}
        for chat in workload.training
    ]

    def made(collated: Callable[[list[Any]], Any], turns: Any) -> Any:
        arguments = SFTConfig(
            **_arguments(seed),
            train_sampling_strategy="group_by_length",
            max_length=LONGEST,
            gradient_checkpointing=False,
            bf16=False,
        )
        return SFTTrainer(
            model=model,
            args=arguments,
            train_dataset=Dataset.from_list(rows),
            data_collator=collated,
            processing_class=workload.tokenizer,
            callbacks=[turns],
        )

    return _in_turns(made, collate)


def _arguments(seed: int) -> dict[str, Any]:
    return {
        "output_dir": str(ROOT / "runs" / "engine"),
        "per_device_train_batch_size": AT_ONCE,
        "gradient_accumulation_steps": BATCH // AT_ONCE,
        "learning_rate": RATE,
        "lr_scheduler_type": "constant",
        "num_train_epochs": FOREVER,
        "weight_decay": 0.01,
        "max_grad_norm": 1.0,
        "use_cpu": True,
        "seed": seed,
        "report_to": [],
        "save_strategy": "no",
        "logging_strategy": "no",
        "disable_tqdm": True,
    }


def _in_turns(made: Callable[[Callable[[list[Any]], Any], Any], Any], collate: Any) -> Iterator[Done]:
    """Runs a trainer in a thread, from which its updates are handed over one by one."""
    from transformers import TrainerCallback

    done: Queue[Done] = Queue()
    wanted: Queue[None] = Queue()
    read = [0, 0]

    def collated(given: list[Any]) -> Any:
        read[0] += len(given)
        read[1] += sum(len(row["input_ids"]) for row in given)
        return collate([dict(row) for row in given])

    class Turns(TrainerCallback):
        """Hands over after each update."""

        def on_step_end(self, *_: Any, **__: Any) -> None:
            done.put(Done(*read))
            read[:] = [0, 0]
            wanted.get()

    Thread(target=made(collated, Turns()).train, daemon=True).start()
    while True:
        yield done.get()
        wanted.put(None)


def _row(chat: Chat) -> dict[str, Any]:
    return {"input_ids": chat.ids.tolist(), "attention_mask": [1] * len(chat.ids), "labels": chat.labels}


SYSTEMS: Mapping[str, Callable[[Any, Workload, int], Iterator[Done]]] = {
    "vocation": lambda *given: vocation(*given, products=False),
    "trainer, padded": lambda *given: trainer(*given, padded=True, products=False),
    "trainer, dynamic": lambda *given: trainer(*given, padded=False, products=False),
    "sft": sft,
    "vocation, products": lambda *given: vocation(*given, products=True),
    "trainer, dynamic, products": lambda *given: trainer(*given, padded=False, products=True),
}


def score(model: Any, workload: Workload) -> float:
    """Mean loss of the tokens of held-out answers, chat by chat, the plain way."""
    import torch

    total, count = 0.0, 0
    model.eval()
    with torch.no_grad():
        for chat in workload.held_out:
            logits = model(input_ids=torch.from_numpy(chat.ids)[None], use_cache=False).logits[0, :-1]
            learned = torch.from_numpy(chat.learned[1:])
            targets = torch.from_numpy(chat.ids[1:])[learned]
            total += float(torch.nn.functional.cross_entropy(logits[learned], targets, reduction="sum"))
            count += len(targets)
    model.train()
    return total / count


def main(system: str, name: str, data: str, count: str, seed: str) -> None:
    """Answers until standard input ends; the first answer, after one update, says how long starting took."""
    begun = time.perf_counter()
    workload = load(name, Path(data))
    encoded = time.perf_counter()
    model = adapted(workload, int(seed))
    steps = SYSTEMS[system](model, workload, int(seed))
    next(steps)
    answer(start=time.perf_counter() - encoded, encode=encoded - begun)
    for line in sys.stdin:
        if line.strip() == "score":
            answer(loss=score(model, workload))
            continue
        clock = time.perf_counter()
        done = [next(steps) for _ in range(int(count))]
        seconds = time.perf_counter() - clock
        texts, tokens = sum(step.texts for step in done), sum(step.tokens for step in done)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        answer(seconds=seconds, texts=texts, tokens=tokens, peak=peak)


if __name__ == "__main__":
    main(*sys.argv[1:])
