"""The loop: exact accumulation, clipping, determinism, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vocation.errors import TrainingError
from vocation.modeling.pretrained import load_model, load_tokenizer
from vocation.records import Record
from vocation.tasks import Example
from vocation.tasks.entities import Entities
from vocation.training.batches import Batch, Padding, Update, pad
from vocation.training.loop import Descent, Step, train
from vocation.training.objective import Objective, Outcome, cross_entropy
from vocation.training.precision import accelerator, processor_rounds

Records = Callable[[int, int], list[Record]]
State = dict[str, torch.Tensor]
PADDING = Padding(token=0)


def run_summed(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
    """Cross-entropy in the model's own precision; the objectives of the tasks compute in float32."""
    logits = model(**{name: value for name, value in batch.items() if name != "targets"}).logits
    targets = batch["targets"]
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return Outcome(loss, (targets != -100).sum(), logits, targets)


summed_loss = Objective(run_summed, cross_entropy, Entities().scores)


@pytest.fixture(scope="module")
def examples(bert_folder: Path, mentions: Records) -> list[Example]:
    """Texts with very different numbers of targets."""
    records = mentions(8, 1)
    examples = Entities().encode(records, load_tokenizer(bert_folder), HEAD).examples
    for index in (0, 3, 5):  # Of these one target alone is learned from.
        examples[index].targets[2:] = -100
    return examples


HEAD = Entities().head_labels(["card", "fever", "money"])


@pytest.fixture
def model_of(bert_folder: Path) -> Callable[..., Any]:
    """Makes equal models; `dropout` is off unless asked for."""

    def make(dropout: float = 0.0) -> Any:
        model = load_model(Entities().model_class(), bert_folder, HEAD, seed=1)
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = dropout
        return model

    return make


def update_of(examples: Sequence[Example], sizes: Sequence[int], number: int = 1) -> Update:
    """One update, divided into micro-batches of the given sizes."""
    bounds = np.cumsum([0, *sizes])
    parts = [examples[start:end] for start, end in pairwise(bounds)]
    return Update(number, 1, [pad(part, PADDING) for part in parts])


def descend(
    model: Any,
    given: Sequence[Update],
    *,
    clip: float = 1e9,
    rate: float = 0.5,
    seed: int = 1,
    precision: Any = "float32",
) -> tuple[list[Step], State]:
    """Plain gradient descent, whose new weights show the gradient itself; the steps and the new weights."""
    descent = Descent(torch.optim.SGD(model.parameters(), lr=0.0), lambda _: rate, clip)
    steps = list(train(model, given, summed_loss, descent, accelerator(precision, device="cpu"), seed))
    return steps, {name: value.detach().clone() for name, value in model.named_parameters()}


def largest_difference(one: State, other: State) -> float:
    return max(float((one[name] - other[name]).detach().abs().max()) for name in one)


@pytest.mark.parametrize("sizes", [[1] * 8, [3, 5], [7, 1], [2, 2, 2, 2]])
def test_dividing_an_update_does_not_change_it(
    examples: list[Example], model_of: Callable[..., Any], sizes: list[int]
) -> None:
    whole_steps, whole = descend(model_of().double(), [update_of(examples, [8])])
    steps, divided = descend(model_of().double(), [update_of(examples, sizes)])
    before = dict(model_of().double().named_parameters())
    assert largest_difference(whole, divided) < 1e-10
    assert largest_difference(whole, before) > 1e-3
    assert steps[0].loss == pytest.approx(whole_steps[0].loss, abs=1e-10)
    assert steps[0].gradient_norm == pytest.approx(whole_steps[0].gradient_norm, abs=1e-10)
    assert (steps[0].targets, steps[0].examples, steps[0].tokens) == (
        sum(int((example.targets != -100).sum()) for example in examples),
        8,
        sum(len(example) for example in examples),
    )


def test_the_mean_of_micro_batch_means_would_be_another_update(
    examples: list[Example], model_of: Callable[..., Any]
) -> None:
    """Shows that the test above sees the usual mistake."""
    model = model_of().double()
    batches = update_of(examples, [1] * 8).batches
    assert len({batch.targets for batch in batches}) > 1
    for batch in batches:
        loss, count, *_ = summed_loss(model.train(), batch.tensors)
        (loss / count / len(batches)).backward()
    naive = {name: value.detach() - 0.5 * grad_of(value) for name, value in model.named_parameters()}
    _, exact = descend(model_of().double(), [update_of(examples, [8])])
    assert largest_difference(naive, exact) > 1e-3


def grad_of(value: torch.nn.Parameter) -> torch.Tensor:
    return torch.zeros_like(value) if value.grad is None else value.grad


def test_gradients_are_clipped_as_torch_clips_them(examples: list[Example], model_of: Callable[..., Any]) -> None:
    model = model_of().double()
    loss, count, *_ = summed_loss(model.train(), pad(examples, PADDING).tensors)
    (loss / count).backward()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.01)
    expected = {name: value.detach() - 0.5 * grad_of(value) for name, value in model.named_parameters()}
    (step,), clipped = descend(model_of().double(), [update_of(examples, [3, 5])], clip=0.01)
    assert step.gradient_norm == pytest.approx(float(norm), abs=1e-10)
    assert step.gradient_norm > 1
    assert largest_difference(expected, clipped) < 1e-10
    _, free = descend(model_of().double(), [update_of(examples, [3, 5])])
    assert largest_difference(free, clipped) > 1e-3


def test_equal_seeds_give_equal_bits_and_others_do_not(examples: list[Example], model_of: Callable[..., Any]) -> None:
    given = [update_of(examples, [8], number) for number in (1, 2, 3)]
    one, other, third = (descend(model_of(dropout=0.3), given, seed=seed)[1] for seed in (1, 1, 2))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert largest_difference(one, third) > 1e-4


def test_dropout_depends_on_the_number_of_the_update_alone(
    examples: list[Example], model_of: Callable[..., Any]
) -> None:
    """So a run that goes on after update 1 draws in update 2 what it would have drawn."""
    halves = model_of(dropout=0.3)
    descend(halves, [update_of(examples, [8], 1)])
    torch.manual_seed(12345)
    _, resumed = descend(halves, [update_of(examples, [8], 2)])
    _, straight = descend(model_of(dropout=0.3), [update_of(examples, [8], number) for number in (1, 2)])
    assert all(torch.equal(resumed[name], straight[name]) for name in resumed)
    _, same_masks = descend(model_of(dropout=0.3), [update_of(examples, [8], 1)] * 2)
    assert largest_difference(same_masks, straight) > 1e-4


def test_steps_tell_what_happened(examples: list[Example], model_of: Callable[..., Any]) -> None:
    model, rates = model_of(), {1: 0.25, 2: 0.125}
    descent = Descent(torch.optim.SGD(model.parameters(), lr=0.0), rates.__getitem__, 1.0)
    given = [update_of(examples, [4, 4], number) for number in (1, 2)]
    steps = list(train(model, given, summed_loss, descent, accelerator(device="cpu"), 1))
    assert [(step.number, step.epoch, step.learning_rate) for step in steps] == [(1, 1, 0.25), (2, 1, 0.125)]
    assert all(math.isfinite(step.loss) and step.loss > 0 and step.seconds >= 0 for step in steps)
    assert model.training


@pytest.mark.parametrize("spoiled", [math.nan, math.inf])
def test_a_loss_that_is_no_number_ends_training_before_it_spoils_the_weights(
    examples: list[Example], model_of: Callable[..., Any], spoiled: float
) -> None:
    def spoil(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        outcome = summed_loss(model, batch)
        return outcome._replace(loss=outcome.loss * spoiled)

    model = model_of()
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    descent = Descent(torch.optim.SGD(model.parameters(), lr=0.0), lambda _: 0.1, 1.0)
    given = [update_of(examples, [8], 7)]
    with pytest.raises(TrainingError, match=r"diverged at update 7: loss (nan|inf)") as caught:
        list(train(model, given, summed_loss.wrapped(spoil), descent, accelerator(device="cpu"), 1))
    assert "lower tuning.learning_rate" in str(caught.value)
    assert all(torch.equal(before[name], value) for name, value in model.named_parameters())


def test_an_update_without_targets_changes_nothing(examples: list[Example], model_of: Callable[..., Any]) -> None:
    batch = pad(examples[:2], PADDING)
    silent = Batch({**batch.tensors, "targets": torch.full_like(batch.tensors["targets"], -100)}, 0, batch.tokens)
    model = model_of()
    before = {name: value.detach().clone() for name, value in model.named_parameters()}
    (step,), after = descend(model, [Update(1, 1, [silent])])
    assert (step.loss, step.targets) == (0.0, 0)
    assert largest_difference(before, after) == 0


def test_bfloat16_learns_nearly_what_float32_learns(
    examples: list[Example], model_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    units = processor_rounds()
    monkeypatch.setattr("vocation.training.precision.processor_rounds", lambda: True)
    given = [update_of(examples, [4, 4], number) for number in (1, 2, 3)]
    half_steps, half = descend(model_of(), given, rate=0.05, precision="bfloat16")
    full_steps, _ = descend(model_of(), given, rate=0.05)
    assert all(value.dtype == torch.float32 for value in half.values())
    assert ([step.loss for step in half_steps] != [step.loss for step in full_steps]) == units
    assert [step.loss for step in half_steps] == pytest.approx([step.loss for step in full_steps], rel=0.1)
