"""However an update is divided - micro-batches of any token budget, more or less padding - it is the same update.

In float64, without dropout, over several updates of AdamW with clipping, for every task and three families of models.
The third pads on the left, and `transformers` computes its norms and rotary positions in float32 whatever the weights
are, which is why it is held to less.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.strategies.training import Trial, trial
from vocation.prediction.predictor import padding_of
from vocation.records import Record
from vocation.strategies.full import Full
from vocation.tasks import Example, Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.batches import Dealing, Padding, Share, Update, pad, updates
from vocation.training.loop import Descent, Step, train
from vocation.training.objective import Outcome

Records = Callable[[int, int], list[Record]]
State = Mapping[str, torch.Tensor]
TASKS: dict[str, Task] = {"classification": Classification(), "entities": Entities(max_length=16, stride=4)}
TOLERANCES = {"bert_folder": 1e-10, "roberta_folder": 1e-10, "llama_folder": 1e-4}
UPDATES = 5
CLIP = 0.3


@pytest.fixture(params=TOLERANCES)
def family(request: pytest.FixtureRequest) -> tuple[Path, float]:
    """The folder of a model, and how far weights may be apart."""
    return request.getfixturevalue(request.param), TOLERANCES[request.param]


@pytest.fixture
def tolerance(family: tuple[Path, float]) -> float:
    return family[1]


@pytest.fixture(params=TASKS)
def make(
    request: pytest.FixtureRequest, family: tuple[Path, float], intents: Records, mentions: Records
) -> Callable[[], Trial]:
    """Makes equal lessons in float64, without dropout."""
    task = TASKS[request.param]
    records = (mentions if task.record_schema.spans else intents)(30, 1)

    def new() -> Trial:
        taught = trial(family[0], task, records, [Full()], weight_decay=0.1)
        taught.lesson.model.double()
        for module in taught.lesson.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        return taught

    return new


def given(taught: Trial, token_budget: int) -> list[Update]:
    """The first updates, 10 examples each."""
    dealing = Dealing(10, token_budget, 4, seed=1)
    return list(islice(updates(taught.data.training.examples, padding_of(taught.data.tokenizer), dealing), UPDATES))


def learn(taught: Trial, chosen: Sequence[Update]) -> tuple[list[Step], State]:
    descent = Descent(taught.lesson.optimiser, lambda number: 1e-3 / number, CLIP)
    lesson = taught.lesson
    return list(train(lesson.model, chosen, lesson.objective, descent, lesson.accelerator, 1)), taught.weights()


def slow_twin(taught: Trial) -> State:
    """One example at a time without any padding, gradients added up by hand, AdamW and clipping as torch has them."""
    lesson, examples = taught.lesson, taught.data.training.examples
    lesson.model.train()
    for update in given(taught, 10**6):
        assert update.indices is not None
        chosen = [examples[index] for index in update.indices]
        targets = sum(int((example.targets != -100).sum()) for example in chosen)
        total = {name: torch.zeros_like(value) for name, value in lesson.model.named_parameters()}
        for example in chosen:
            batch = pad([example], padding_of(taught.data.tokenizer))
            lesson.model.zero_grad()
            lesson.objective(lesson.model, batch.tensors).loss.backward()
            for name, value in lesson.model.named_parameters():
                total[name] += torch.zeros_like(value) if value.grad is None else value.grad / targets
        for name, value in lesson.model.named_parameters():
            value.grad = total[name]
        torch.nn.utils.clip_grad_norm_(lesson.model.parameters(), CLIP)
        for group in lesson.optimiser.param_groups:
            group["lr"] = 1e-3 / update.number
        lesson.optimiser.step()
    return taught.weights()


def largest_difference(one: State, other: State) -> float:
    return max(float((one[name] - other[name]).abs().max()) for name in one)


def test_any_token_budget_gives_the_update_of_one_padded_batch_and_of_single_examples(
    make: Callable[[], Trial], tolerance: float
) -> None:
    taught = make()
    before = taught.weights()
    steps, whole = learn(taught, given(taught, 10**6))
    assert all(step.gradient_norm > CLIP for step in steps), "clipping takes part"
    assert largest_difference(whole, before) > 1e-3
    parts = set()
    for budget in (16, 40, 100, 333):
        divided = make()
        chosen = given(divided, budget)
        parts.add(sum(len(update.batches) for update in chosen))
        others, weights = learn(divided, chosen)
        assert largest_difference(weights, whole) < tolerance
        for one, other in zip(steps, others, strict=True):
            assert other.loss == pytest.approx(one.loss, abs=tolerance)
            assert other.gradient_norm == pytest.approx(one.gradient_norm, abs=tolerance)
            assert (one.targets, one.examples, one.tokens) == (other.targets, other.examples, other.tokens)
    assert len(parts) >= 3
    assert largest_difference(slow_twin(make()), whole) < tolerance


def test_the_mean_of_the_means_of_micro_batches_would_be_seen(make: Callable[[], Trial]) -> None:
    """The usual mistake, made on purpose: every micro-batch counts the same."""
    taught, wrong = make(), make()
    _, whole = learn(taught, given(taught, 10**6))
    model, objective = wrong.lesson.model, wrong.lesson.objective

    def mean(_: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        outcome = objective(model, batch)
        return outcome._replace(loss=outcome.loss / outcome.targets.clamp(min=1))

    descent = Descent(wrong.lesson.optimiser, lambda number: 1e-3 / number, CLIP)
    list(train(model, given(wrong, 40), objective.wrapped(mean), descent, wrong.lesson.accelerator, 1))
    assert largest_difference(wrong.weights(), whole) > 1e-6


@pytest.fixture
def examples(bert_folder: Path, mentions: Records) -> list[Example]:
    """Texts with different numbers of targets."""
    return trial(bert_folder, Entities(), mentions(30, 1), [Full()]).data.training.examples


@pytest.mark.parametrize("count", [2, 3, 16])
def test_the_shares_of_all_processes_are_the_update(examples: list[Example], count: int) -> None:
    """Every process knows the targets of the whole update; together they have each example once."""
    dealing = Dealing(10, 60, 1, seed=1)
    alone = list(updates(examples, Padding(0), dealing))
    shares = [list(updates(examples, Padding(0), dealing, share=Share(index, count))) for index in range(count)]
    for place, whole in enumerate(alone):
        parts = [share[place] for share in shares]
        assert {part.size for part in parts} == {whole.size}
        batches = [batch for part in parts for batch in part.batches]
        assert sum(batch.targets for batch in batches) == whole.size.targets
        assert sum(batch.tokens for batch in batches) == whole.size.tokens
        assert sum(len(batch.tensors["targets"]) for batch in batches) == whole.size.examples
        tokens = [sum(batch.tokens for batch in part.batches) for part in parts]
        longest = max(len(examples[index]) for index in np.asarray(whole.indices))
        assert max(tokens) - min(tokens) <= longest


def test_even_shares_have_equally_many_micro_batches_and_learn_from_nothing_twice(examples: list[Example]) -> None:
    dealing = Dealing(11, 40, 1, seed=1)
    shares = [next(updates(examples, Padding(0), dealing, share=Share(index, 4, even=True))) for index in range(4)]
    assert len({len(share.batches) for share in shares}) == 1
    assert sum(batch.targets for share in shares for batch in share.batches) == shares[0].size.targets
    uneven = [next(updates(examples, Padding(0), dealing, share=Share(index, 16))) for index in range(16)]
    assert {len(share.batches) for share in uneven} == {0, 1}
