"""Mixup: its formula against mixed representations, its pairs however an update is divided, its λ, its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.strategies.still import Records, Still, context, cross_entropies, differ, still
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.prediction.predictor import padding_of
from vocation.strategies.class_weights import ClassWeights
from vocation.strategies.full import Full
from vocation.strategies.mixup import Mixup
from vocation.strategies.r_drop import RDrop
from vocation.tasks.classification import Classification
from vocation.tasks.entities import Entities
from vocation.training.batches import Dealing, Share, epoch_order, every_example, updates
from vocation.training.losses import weighted
from vocation.training.mixing import Paired
from vocation.training.objective import cross_entropy

EXACT = 1e-10


@pytest.fixture(params=["bert_folder", "roberta_folder"])
def model(request: pytest.FixtureRequest, intents: Records) -> Still:
    return still(request.getfixturevalue(request.param), Classification(), intents(8, 1))


def share_of(seed: int, alpha: float) -> float:
    return float(np.random.default_rng(seed).beta(alpha, alpha))


@pytest.mark.parametrize("alpha", [0.2, 1.0])
def test_it_is_the_loss_of_mixed_representations_text_by_text(model: Still, alpha: float) -> None:
    """What the last linear layer reads of two texts is mixed by hand, for each text with its partner alone."""
    rows, seed = [0, 1, 2, 3, 4], 2
    found = model.gradients(Mixup(alpha=alpha).wrap(model.objective(), context()), [rows], seed=seed)
    share = share_of(seed, alpha)
    assert 0.01 < share < 0.99
    last = [module for module in model.model.classifier.modules() if isinstance(module, torch.nn.Linear)][-1]
    last = last if isinstance(last, torch.nn.Linear) else model.model.classifier
    total = torch.zeros((), dtype=torch.float64)
    for row, partner in zip(rows, [1, 0, 3, 2, 4], strict=True):
        reads: list[torch.Tensor] = []
        hook = last.register_forward_pre_hook(lambda module, given, reads=reads: reads.append(given[0]))
        targets = [model.task.scores(model.model, model.batch([which]))[1] for which in (row, partner)]
        hook.remove()
        logits = last(share * reads[0] + (1 - share) * reads[1])
        for part, target in zip((share, 1 - share), targets, strict=True):
            total = total + part * cross_entropies(logits, target)
    total.backward()
    gradients = {
        name: weight.grad.clone() for name, weight in model.model.named_parameters() if weight.grad is not None
    }
    model.model.zero_grad()
    assert differ(found, (total.item(), gradients)) < EXACT
    assert differ(found, model.gradients(model.objective(), [rows])) > 1e-2


def test_the_loss_that_is_mixed_is_the_one_that_was_shaped(texts: Still) -> None:
    """Each of the two labels has its own weight."""
    weights = [3.0, 1.0, 0.2]
    mixed = Mixup(alpha=1.0).wrap(texts.objective(weighted(cross_entropy, weights)), context())
    torch.manual_seed(5)
    outcome = mixed(texts.model, texts.batch([0, 1]))
    share = share_of(5, 1.0)
    logits, classes = texts.task.scores(texts.model, texts.batch([0, 1]))
    expected = torch.zeros((), dtype=torch.float64)
    for row, partner in ((0, 1), (1, 0)):
        mixture = (share * logits[row] + (1 - share) * logits[partner])[None]
        for part, which in ((share, row), (1 - share, partner)):
            expected = expected + part * weights[classes[which]] * cross_entropies(mixture, classes[which : which + 1])
    assert outcome.loss.item() == pytest.approx(expected.item(), abs=EXACT)


@pytest.mark.parametrize("batch_size", [8, 7])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_pairs_stay_together_however_an_update_is_divided(
    bert_folder: Path, intents: Records, batch_size: int, processes: int
) -> None:
    taught = trial(bert_folder, Classification(), intents(31, 1), [Mixup()], batch_size=batch_size)
    examples, padding = taught.data.training.examples, padding_of(taught.data.tokenizer)
    whole = Dealing(batch_size, 10_000, 1, 1, taught.lesson.dealing.order, together=2)
    small = Dealing(batch_size, 30, 1, 1, taught.lesson.dealing.order, together=2)
    pairs = [pairs_of(update.batches) for update in updates(examples, padding, whole)]
    divided: list[set[frozenset[tuple[int, ...]]]] = [set() for _ in pairs]
    parts = 0
    for process in range(processes):
        for place, update in enumerate(updates(examples, padding, small, share=Share(process, processes))):
            divided[place] |= pairs_of(update.batches)
            parts += len(update.batches)
    assert divided == pairs
    assert parts > len(pairs)


def pairs_of(batches: Any) -> set[frozenset[tuple[int, ...]]]:
    """The texts of each pair, as their ids without padding."""
    found = set()
    for batch in batches:
        rows = [
            tuple(ids[mask.bool()].tolist())
            for ids, mask in zip(batch.tensors["input_ids"], batch.tensors["attention_mask"], strict=True)
        ]
        found |= {frozenset(rows[start : start + 2]) for start in range(0, len(rows), 2)}
    return found


def test_dividing_an_update_changes_nothing(bert_folder: Path, intents: Records) -> None:
    taught = trial(bert_folder, Classification(), intents(16, 1), [Full(), Mixup(alpha=1.0)])
    torch.manual_seed(1)
    whole = taught.gradients()
    for budget in (1, 30, 60):
        torch.manual_seed(1)
        divided = taught.gradients(budget)
        assert max(float((whole[name] - divided[name]).abs().max()) for name in whole) < EXACT


def test_pairs_are_drawn_anew_in_each_epoch_and_depend_on_the_seed_alone() -> None:
    lengths: NDArray[np.int64] = np.random.default_rng(1).integers(4, 40, 400)
    plain, paired = (Dealing(16, 64, 3, 5, order) for order in (every_example, Paired(every_example)))
    first, again = epoch_order(lengths, paired, 1), epoch_order(lengths, paired, 1)
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert [sorted(update) for update in first] == [sorted(update) for update in epoch_order(lengths, plain, 1)]
    found = [
        {frozenset(update[start : start + 2].tolist()) for update in epoch_order(lengths, paired, epoch)
         for start in range(0, 16, 2)}
        for epoch in (1, 2, 3)
    ]  # fmt: skip
    assert len(found[0] & found[1]) < 20


def test_lambda_is_the_same_in_every_pass_of_an_update_and_another_in_the_next(texts: Still) -> None:
    mixed = Mixup(alpha=1.0).wrap(texts.objective(), context())
    losses = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        first = mixed(texts.model, texts.batch(range(4))).loss.item()
        torch.rand(9)
        assert mixed(texts.model, texts.batch(range(4))).loss.item() == first
        losses.append(first)
    assert losses[0] == losses[1] != losses[2]


def test_its_forward_pass_is_mixed_as_well(texts: Still) -> None:
    """So that another model, a teacher say, sees the same mixtures."""
    mixed = Mixup(alpha=1.0).wrap(texts.objective(), context())
    torch.manual_seed(3)
    logits, classes = mixed.scores(texts.model, texts.batch(range(4)))
    outcome = mixed(texts.model, texts.batch(range(4)))
    torch.testing.assert_close(logits, outcome.logits, atol=0, rtol=0)
    assert torch.equal(classes, outcome.classes)


def test_it_must_come_first_and_is_for_tasks_with_one_label(
    bert_folder: Path, intents: Records, mentions: Records
) -> None:
    trial(bert_folder, Classification(), intents(16, 1), [Full(), ClassWeights(), Mixup(), RDrop()]).learn(1)
    with pytest.raises(TrainingError, match=r"must come before them(?s:.)*list mixup first"):
        trial(bert_folder, Classification(), intents(16, 1), [RDrop(), Mixup()])
    with pytest.raises(TrainingError, match=r"16 of 16 have none or several(?s:.)*leave it out"):
        trial(bert_folder, Entities(), mentions(16, 1), [Mixup()])


def test_a_batch_of_other_processes_without_targets_costs_nothing(texts: Still) -> None:
    silent: Mapping[str, torch.Tensor] = {**texts.batch([0]), "targets": torch.full((1, 1), -100)}
    outcome = Mixup().wrap(texts.objective(), context())(texts.model, silent)
    assert (outcome.loss.item(), len(outcome.logits)) == (0.0, 0)
