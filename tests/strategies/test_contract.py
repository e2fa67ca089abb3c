"""What every strategy promises: something trains, the objective stays one, what it trained is loaded again."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.strategies.earlier import needed_by
from tests.strategies.training import largest_difference, trial
from vocation.component import kinds
from vocation.errors import TrainingError
from vocation.modeling.additions import save_model
from vocation.modeling.pretrained import load_model
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.strategies.adapter import Adapter
from vocation.strategies.bitfit import Bitfit
from vocation.strategies.class_balanced import ClassBalanced
from vocation.strategies.class_balanced_batches import ClassBalancedBatches
from vocation.strategies.class_weights import ClassWeights
from vocation.strategies.distillation import Distillation
from vocation.strategies.ema import Ema
from vocation.strategies.ewc import Ewc
from vocation.strategies.fgm import Fgm
from vocation.strategies.focal import Focal
from vocation.strategies.freelb import Freelb
from vocation.strategies.freeze import Freeze
from vocation.strategies.full import Full
from vocation.strategies.ia3 import Ia3
from vocation.strategies.l2_sp import L2Sp
from vocation.strategies.label_smoothing import LabelSmoothing
from vocation.strategies.layerwise_decay import LayerwiseDecay
from vocation.strategies.lora import Lora
from vocation.strategies.mixup import Mixup
from vocation.strategies.neftune import Neftune
from vocation.strategies.oversampling import Oversampling
from vocation.strategies.pgd import Pgd
from vocation.strategies.prefix import Prefix
from vocation.strategies.prompt import Prompt
from vocation.strategies.qlora import Qlora
from vocation.strategies.r_drop import RDrop
from vocation.strategies.rehearsal import Rehearsal
from vocation.strategies.reinitialise import Reinitialise
from vocation.strategies.smart import Smart
from vocation.strategies.swa import Swa
from vocation.strategies.undersampling import Undersampling
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities

STRATEGIES: list[Strategy] = [
    Adapter(bottleneck=8),
    Bitfit(),
    ClassBalanced(),
    ClassBalancedBatches(),
    ClassWeights(),
    Distillation(teacher="earlier"),
    Ema(),
    Ewc(previous="earlier"),
    Fgm(),
    Focal(),
    Freelb(),
    Freeze(layers=1),
    Full(),
    Ia3(),
    L2Sp(),
    LabelSmoothing(),
    LayerwiseDecay(),
    Lora(rank=4),
    Mixup(),
    Neftune(),
    Oversampling(),
    Pgd(),
    Prefix(tokens=4),
    Prompt(tokens=4),
    RDrop(),
    Rehearsal(previous="earlier"),
    Reinitialise(),
    Smart(mu=1.0),
    Swa(),
    Undersampling(),
]
ELSEWHERE: set[type[Strategy]] = {Qlora}  # Trains on a GPU alone; tests/strategies/test_qlora.py.
TASKS: dict[str, Task] = {"classification": Classification(max_length=128), "entities": Entities(max_length=128)}
BY_CLASS = (ClassBalancedBatches, Mixup, Oversampling, Undersampling)
"""They need examples of one class each."""
FOLDERS = ("bert_folder", "roberta_folder")

Records = Callable[[int, int], list[Record]]


def test_all_strategies_of_the_family_are_tested_here() -> None:
    family = kinds("vocation.strategies")
    assert len(family) == 31
    assert {type(strategy) for strategy in STRATEGIES} | ELSEWHERE == set(family.values())
    assert set(TASKS) == set(kinds("vocation.tasks"))


@pytest.mark.parametrize("folder_name", FOLDERS)
@pytest.mark.parametrize("task_name", TASKS)
@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.kind)
def test_what_it_trained_is_loaded_again(
    strategy: Strategy, task_name: str, folder_name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    task, folder = TASKS[task_name], request.getfixturevalue(folder_name)
    records: Records = request.getfixturevalue("mentions" if task.record_schema.spans else "intents")
    supplies = needed_by(strategy, tmp_path / "earlier", folder, task, records(16, 2))
    if task_name == "entities" and isinstance(strategy, BY_CLASS):
        with pytest.raises(TrainingError, match=f"{strategy.kind} .*have none or several"):
            trial(folder, task, records(16, 1), [strategy], supplies)
        return
    taught = trial(folder, task, records(16, 1), [strategy], supplies)
    before = taught.logits()
    steps = taught.learn(2)
    assert len(steps) == 2
    after = taught.logits()
    assert largest_difference(after, before) > 1e-4
    save_model(taught.detached(), tmp_path)
    again = load_model(task.model_class(), tmp_path, None, seed=0)
    assert largest_difference(taught.logits(again), after) < 1e-5
    plain = tmp_path
    if not strategy.mergeable:
        with pytest.raises((OSError, ValueError)):  # Nobody takes the base for the whole.
            task.model_class().from_pretrained(tmp_path)
        plain = tmp_path / "base"
    loaded, info = task.model_class().from_pretrained(plain, output_loading_info=True)
    assert not info["missing_keys"]
    assert not info["unexpected_keys"]
    difference = largest_difference(taught.logits(loaded), after)
    assert difference < 1e-5 if strategy.mergeable else difference > 1e-4
    assert pickle.loads(pickle.dumps(strategy)) == strategy


def test_a_strategy_that_defines_nothing_changes_nothing(bert_folder: Path, intents: Records) -> None:
    class Nothing(Strategy):
        """Leaves every part as it is."""

    plain, other = (trial(bert_folder, Classification(), intents(16, 1), [*given]) for given in ([Full()], [Nothing()]))
    assert [step.loss for step in plain.learn(2)] == [step.loss for step in other.learn(2)]
    assert largest_difference(plain.logits(), other.logits()) == 0
