"""What two processes do together for `test_processes.py`; run as a script by each of them.

    python pair.py BERT ROBERTA OUT

The launcher's variables (RANK, LOCAL_RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT) say which process it is. Weights and
findings go into the folder OUT. The lessons are made by the same functions as in the test, which learns them alone.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from tests.strategies.training import Trial, trial
from vocation.errors import AbandonedError
from vocation.modeling.pretrained import resolve
from vocation.prediction.predictor import padding_of
from vocation.progress import SILENT
from vocation.records import Record, write_records
from vocation.strategies.full import Full
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.text import Span, Text
from vocation.training import checkpoints, precision, processes
from vocation.training.batches import Dealing, updates
from vocation.training.divergence import DivergedError
from vocation.training.kept_weights import whole_weights
from vocation.training.loop import Descent, Step, train
from vocation.training.objective import Objective, Outcome
from vocation.tuning import lesson as lessons
from vocation.tuning import tune
from vocation.tuning.material import Tuning
from vocation.tuning.settings import TuningSettings

WORDS = ("card", "money", "fever", "transfer")
FILLING = ("the", "late", "patient", "has", "my", "cough", "with") * 3
DEALING = Dealing(10, 48, 4, seed=1)
UPDATES = 5


def rows(task: str, count: int = 23) -> list[Record]:
    """Texts of very different lengths."""
    records = []
    for row in range(count):
        content = " ".join([WORDS[row % 4], *FILLING[: row % 17]])
        label = WORDS[row % 4]
        text = Text(content, (Span(0, len(label), label),) if task == "entities" and row % 3 else ())
        records.append(Record(str(row), {"text": text}, {"label": label}, "rows", row))
    return records


def tuning_of(model: Path, corpus: Path) -> Tuning:
    """What the tuning stage starts from, its corpus written."""
    task = Classification()
    corpus.mkdir(exist_ok=True)
    for split, count in (("train", 23), ("validation", 9)):
        write_records(corpus / f"{split}.parquet", rows("classification", count), task.record_schema)
    settings = TuningSettings(epochs=2, batch_size=10, token_budget=48, learning_rate=1e-3, checkpoint_minutes=0)
    return Tuning(settings, task, resolve(str(model), model), (), corpus)


def lesson_of(task: str, folder: Path) -> Trial:
    """Equal lessons wherever it is called: in float64, without dropout, on texts of very different lengths."""
    learned = trial(folder, Entities() if task == "entities" else Classification(), rows(task), [Full()])
    learned.lesson.model.double()
    for module in learned.lesson.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return learned


def learn(
    taught: Trial,
    dealing: Dealing = DEALING,
    done: int = 0,
    until: int = UPDATES,
    objective: Objective | None = None,
) -> list[Step]:
    """Some updates, of each of which this process takes its share."""
    lesson, data = taught.lesson, taught.data
    given = updates(data.training.examples, padding_of(data.tokenizer), dealing, done, lesson.share)
    descent = Descent(lesson.optimiser, lambda number: 1e-3 / number, 0.3, lesson.companions)
    return list(
        train(
            lesson.engine,
            islice(given, until - done),
            objective or lesson.objective,
            descent,
            lesson.accelerator,
            1,
        )
    )


def weights(taught: Trial) -> dict[str, torch.Tensor]:
    whole = whole_weights(taught.lesson.model)
    return {name: value.clone() for name, value in (whole or taught.lesson.model.state_dict()).items()}


def narrow(objective: Objective, tokens: int) -> Objective:
    """A device whose memory suffices for so many padded tokens."""

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        if batch["input_ids"].numel() > tokens:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return objective(model, batch)

    return objective.wrapped(run)


def spoiled(objective: Objective) -> Objective:
    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        outcome = objective(model, batch)
        return outcome._replace(loss=outcome.loss * math.nan)

    return objective.wrapped(run)


class Pair:
    """One of the two processes.

    Args:
        bert: folder of a model.
        roberta: folder of another.
        out: where findings go.
    """

    def __init__(self, bert: Path, roberta: Path, out: Path) -> None:
        self.bert, self.roberta, self.out = bert, roberta, out
        self.team = processes.join()
        self.found: dict[str, Any] = {}

    def keep(self, name: str, taught: Trial) -> None:
        """Writes the weights that this process has at the end."""
        save_file(weights(taught), self.out / f"{name}-{self.team.index}.safetensors")

    def exactness(self) -> None:
        for name, task, folder in (("cls", "classification", self.bert), ("ner", "entities", self.roberta)):
            taught = lesson_of(task, folder)
            steps = learn(taught)
            self.keep(name, taught)
            self.found[name] = [[step.loss, step.gradient_norm, step.targets, step.examples] for step in steps]
        self.found["agree"] = self.team.agree(taught.lesson.model)

    def resumption(self) -> None:
        """Three updates together, whose checkpoint a single process goes on from."""
        taught = lesson_of("classification", self.bert)
        learn(taught, until=3)
        if self.team.is_main:
            checkpoints.save(self.out / "together", 3, taught.lesson.model, taught.lesson.optimiser, {"done": 3})

    def single_row(self) -> None:
        """An update of one row, of which one process has nothing."""
        taught = lesson_of("classification", self.bert)
        self.found["single"] = [step.loss for step in learn(taught, Dealing(1, 48, 1, seed=1), until=3)]
        self.keep("single", taught)

    def gradients(self) -> None:
        both, one, none = (torch.nn.Parameter(torch.zeros(2)) for _ in range(3))
        both.grad = torch.full((2,), 1.0 + self.team.index)
        one.grad = torch.ones(2) if self.team.index else None
        self.team.sum_gradients([both, one, none])
        assert one.grad is not None
        self.found["gradients"] = [both.grad.tolist(), one.grad.tolist(), none.grad]

    def memory(self) -> None:
        """One of the processes has little memory."""
        taught = lesson_of("classification", self.bert)
        objective = narrow(taught.lesson.objective, 40 if self.team.index else 10**6)
        steps = learn(taught, Dealing(10, 96, 4, seed=1), objective=objective)
        self.found["budgets"] = [step.token_budget for step in steps]
        self.keep("memory", taught)

    def divergence(self) -> None:
        taught = lesson_of("classification", self.bert)
        objective = spoiled(taught.lesson.objective) if self.team.index else taught.lesson.objective
        with pytest.raises(DivergedError) as caught:
            learn(taught, objective=objective)
        self.found["diverged"] = caught.value.update.number

    def sharding(self) -> None:
        """FSDP as `accelerate` sets it up on GPUs, on the processor."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lessons, "accelerator", _fsdp)
            taught = lesson_of("classification", self.bert)
            assert taught.lesson.sharded
            learn(taught, until=3)
            folder, lesson = self.out / "sharded", taught.lesson
            if self.team.is_main:
                checkpoints.save(folder, 3, lesson.model, lesson.optimiser, {"done": 3})
            else:
                checkpoints.take_part(lesson.model, lesson.optimiser)
            learn(taught, done=3)
            self.keep("fsdp", taught)
            again = lesson_of("classification", self.bert)
            self.team.share(None)  # Until the checkpoint is there.
            assert checkpoints.restore(folder, again.lesson.model, again.lesson.optimiser) == {"done": 3}
            learn(again, done=3)
            self.keep("fsdp again", again)
            self.tune()
            divided: Any = next(iter(again.lesson.model.parameters()))
            self.found["sharded"] = [divided.to_local().shape[0], divided.shape[0]]

    def tune(self) -> None:
        """The whole stage; the main process writes, the other assists."""
        folder = self.out / "tuning"
        folder.mkdir(exist_ok=True)
        tuning = tuning_of(self.bert, self.out / f"corpus-{self.team.index}")
        if self.team.is_main:
            self.found["summary"] = tune.tune(tuning, folder, SILENT)
        else:
            tune.assist(tuning, folder)

    def words(self) -> None:
        """Last, as a failure is for good."""
        told = [self.team.share(value) for value in ({"中": [1, 0.1 + 0.2]}, None)]
        drifted = torch.nn.Linear(2, 2)
        drifted.weight.data.fill_(1.0 + self.team.index * 1e-7)
        self.found |= {"told": told, "same": self.team.agree(drifted)}
        try:
            with self.team.failure_told():
                if self.team.is_main:
                    raise KeyboardInterrupt
                self.team.hear()
        except (KeyboardInterrupt, AbandonedError) as error:
            self.found["end"] = type(error).__name__
        self.found["failed"] = self.team.main_failed(1.0)

    def run(self) -> None:
        self.found["device"] = [precision.accelerator().num_processes, str(precision.accelerator().device)]
        parts = (self.exactness, self.resumption, self.single_row, self.gradients, self.memory, self.divergence)
        for part in (*parts, self.sharding, self.words):
            part()
        content = json.dumps(self.found)
        (self.out / f"found-{self.team.index}.json").write_text(content, encoding="utf-8")
        processes.leave()


def _fsdp(chosen: precision.Precision) -> Any:
    """An accelerator as it is under examples/accelerate/fsdp.yaml, but on the processor, where it has no FSDP."""
    from accelerate.state import AcceleratorState, PartialState
    from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin

    made = precision.accelerator(chosen, device="cpu")
    plugin = FullyShardedDataParallelPlugin(
        fsdp_version=2,
        auto_wrap_policy="transformer_based_wrap",
        reshard_after_forward=True,
        cpu_ram_efficient_loading=False,
    )
    PartialState._shared_state["distributed_type"] = DistributedType.FSDP
    AcceleratorState._shared_state.update(distributed_type=DistributedType.FSDP, fsdp_plugin=plugin)
    return made


if __name__ == "__main__":
    Pair(*map(Path, sys.argv[1:])).run()
