"""Strategies against overfitting and imbalance together, and beside those that choose what trains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from tests.strategies.still import PARTS, LogitsOf, Records, Still, context, cross_entropies, differ, slope
from tests.strategies.training import trial
from vocation.strategies import Strategy
from vocation.strategies.class_balanced import ClassBalanced
from vocation.strategies.class_balanced_batches import ClassBalancedBatches
from vocation.strategies.class_weights import ClassWeights
from vocation.strategies.fgm import Fgm
from vocation.strategies.focal import Focal
from vocation.strategies.freelb import Freelb
from vocation.strategies.freeze import Freeze
from vocation.strategies.full import Full
from vocation.strategies.label_smoothing import LabelSmoothing
from vocation.strategies.lora import Lora
from vocation.strategies.mixup import Mixup
from vocation.strategies.neftune import Neftune
from vocation.strategies.oversampling import Oversampling
from vocation.strategies.pgd import Pgd
from vocation.strategies.prefix import Prefix
from vocation.strategies.prompt import Prompt
from vocation.strategies.r_drop import RDrop
from vocation.strategies.smart import Smart
from vocation.strategies.undersampling import Undersampling
from vocation.tasks import Task
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.objective import cross_entropy
from vocation.tuning.settings import TuningSettings

BY_CHANCE_ALONE: list[list[Strategy]] = [
    [Full(), ClassWeights(), LabelSmoothing(), Focal(), Fgm()],
    [Full(), RDrop(), Freelb(start=0.0, steps=3)],
    [Full(), Fgm(), RDrop()],
    [Full(), ClassBalanced(), Pgd(random_start=False, clean_weight=1.0), RDrop()],
    [Full(), Oversampling(), ClassBalancedBatches(), Focal(), Fgm()],
    [Full(), Undersampling(), Mixup(), RDrop(), Fgm()],
]
BESIDE: list[list[Strategy]] = [
    [Lora(rank=4), Fgm(), LabelSmoothing()],
    [Freeze(layers=1), Smart(mu=1.0), Neftune()],
    [Prompt(tokens=4), Freelb()],
    [Prefix(tokens=4), Pgd(), ClassWeights()],
    [Full(), Neftune(), RDrop(), Smart()],
]
TASKS: dict[str, Task] = {"classification": Classification(max_length=128), "entities": Entities(max_length=128)}


def names(strategies: Sequence[Strategy]) -> str:
    return " ".join(strategy.kind for strategy in strategies)


@pytest.mark.parametrize("strategies", BY_CHANCE_ALONE, ids=names)
def test_dividing_an_update_does_not_change_it(strategies: list[Strategy], bert_folder: Path, intents: Records) -> None:
    """In float64 and without dropout, where nothing is left to chance but what is drawn for the whole update."""
    taught = trial(bert_folder, Classification(), intents(16, 1), strategies)
    torch.manual_seed(2)
    whole = taught.gradients()
    for budget in (1, 40):
        torch.manual_seed(2)
        divided = taught.gradients(budget)
        assert max(float((whole[name] - divided[name]).abs().max()) for name in whole) < 1e-10
    plain = trial(bert_folder, Classification(), intents(16, 1), [Full()]).gradients()
    assert max(float((whole[name] - plain[name]).abs().max()) for name in whole) > 1e-3


@pytest.mark.parametrize("task_name", TASKS)
@pytest.mark.parametrize("strategies", BESIDE, ids=names)
def test_they_train_beside_what_chooses_the_weights(
    strategies: list[Strategy], task_name: str, bert_folder: Path, request: pytest.FixtureRequest
) -> None:
    records: Records = request.getfixturevalue("mentions" if task_name == "entities" else "intents")
    losses = [
        [step.loss for step in trial(bert_folder, TASKS[task_name], records(16, 1), strategies).learn(3)]
        for _ in range(2)
    ]
    assert losses[0] == losses[1]
    assert all(0 < loss < 100 for loss in losses[0])


def test_an_adversary_of_a_shaped_loss_climbs_that_loss(each_still: Still) -> None:
    """Its steps follow the loss that is learned from, weights and all."""
    counts = tuple(range(1, len(each_still.head_labels) + 1))
    seen = context(each_still.head_labels, counts)
    shaped = Focal().shape(ClassWeights().shape(cross_entropy, seen), seen)
    weights = torch.tensor([1 / n for n in counts], dtype=torch.float64)
    weights *= sum(counts) / (weights * torch.tensor(counts)).sum()

    def loss(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        p = logits.softmax(-1)[torch.arange(len(classes)), classes]
        return -(weights[classes] * (1 - p) ** 2 * p.log()).sum()

    def twin(logits_of: LogitsOf, embeddings: torch.Tensor) -> torch.Tensor:
        at = embeddings.detach().requires_grad_()
        gradient = slope(loss(*logits_of(at)), at)
        return loss(*logits_of(embeddings)) + loss(*logits_of(embeddings + gradient / gradient.norm()))

    found = each_still.gradients(Fgm().wrap(each_still.objective(shaped), seen), PARTS[0])
    assert differ(found, each_still.twin(twin, range(6))) < each_still.exact

    def other(logits_of: LogitsOf, embeddings: torch.Tensor) -> torch.Tensor:
        """Climbs cross-entropy."""
        at = embeddings.detach().requires_grad_()
        gradient = slope(cross_entropies(*logits_of(at)), at)
        return loss(*logits_of(embeddings)) + loss(*logits_of(embeddings + gradient / gradient.norm()))

    several = each_still.batch(range(6))["targets"].numel() > 6  # The weight of a single target turns nothing.
    assert (differ(found, each_still.twin(other, range(6))) > 1e-4) == several


@pytest.mark.parametrize(
    "pair",
    [(Fgm(), Smart()), (Pgd(), Freelb()), (ClassWeights(), ClassBalanced()), (RDrop(), RDrop()), (Focal(), Focal())],
    ids=names,
)
def test_what_contradicts_each_other_is_refused(pair: tuple[Strategy, ...]) -> None:
    with pytest.raises(ValueError, match="contradict each other"):
        TuningSettings(strategies=(Full(), *pair))


def test_nothing_of_frozen_layers_is_kept_where_their_inputs_change(bert_folder: Path, intents: Records) -> None:
    frozen = trial(bert_folder, Classification(), intents(16, 1), [Freeze(layers=1)])
    assert frozen.lesson.prefix is not None
    for strategy in (Fgm(), Pgd(), Freelb(), Smart(), Neftune()):
        taught = trial(bert_folder, Classification(), intents(16, 1), [Freeze(layers=1), strategy])
        assert taught.lesson.prefix is None
