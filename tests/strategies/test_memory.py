"""Memory that runs out within any strategy's passes leaves nothing behind: the repeated update is the same."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.strategies.earlier import needed_by
from tests.strategies.test_contract import STRATEGIES
from tests.strategies.training import Trial, largest_difference, trial
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies import Strategy
from vocation.tasks.classification import Classification
from vocation.training.batches import Dealing, updates
from vocation.training.loop import Descent, Step, train

SEVERAL_PASSES = {"distillation", "fgm", "freelb", "pgd", "r_drop", "smart"}
CASES = [
    (strategy, failing)
    for strategy in STRATEGIES
    for failing in ((1, 2, 3) if strategy.kind in SEVERAL_PASSES else (2,))
]
"""Of strategies that read a micro-batch several times, any of these passes fails."""


@pytest.mark.parametrize(("strategy", "failing"), CASES, ids=lambda value: getattr(value, "kind", str(value)))
def test_what_ran_out_of_memory_and_was_repeated_is_what_the_smaller_budget_gives(
    strategy: Strategy, failing: int, bert_folder: Path, intents: Callable[[int, int], list[Record]], tmp_path: Path
) -> None:
    """The pass that fails may be in the midst of what a strategy does with a micro-batch."""
    task, records = Classification(), intents(48, 1)
    supplies = needed_by(strategy, tmp_path / "earlier", bert_folder, task, records)
    short, small = (trial(bert_folder, task, records, [strategy], supplies) for _ in range(2))
    steps = _learn(short, 128, failing)
    expected = _learn(small, steps[0].token_budget)
    assert steps[0].token_budget < 128
    assert [step.loss for step in steps] == [step.loss for step in expected]
    assert largest_difference(list(short.weights().values()), list(small.weights().values())) == 0


def _learn(taught: Trial, token_budget: int, failing: int = 0) -> list[Step]:
    """Two updates, in the first of which a forward pass fails, the `failing`-th (1-based; 0 for none)."""
    calls: list[int] = []

    def fail(*_: Any) -> None:
        calls.append(1)
        if len(calls) == failing:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    lesson, data = taught.lesson, taught.data
    hook = lesson.model.register_forward_pre_hook(fail)
    dealing = Dealing(24, token_budget, 1, seed=1, order=lesson.dealing.order)
    given = islice(updates(data.training.examples, padding_of(data.tokenizer), dealing), 2)
    descent = Descent(lesson.optimiser, lambda _: 1e-3, 1.0, lesson.companions)
    steps = list(train(lesson.model, given, lesson.objective, descent, lesson.accelerator, 1))
    hook.remove()
    return steps
