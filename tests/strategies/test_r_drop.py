"""R-Drop: its formula, with masks that are known; and models in which it could do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.strategies.still import Records, Still, context, cross_entropies, differ, kl
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.strategies.neftune import Neftune
from vocation.strategies.r_drop import RDrop
from vocation.tasks.classification import Classification


def drop(still: Still, probability: float) -> None:
    for module in still.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = probability


@pytest.mark.parametrize("alpha", [0.5, 4.0])
def test_it_is_the_formula_of_two_passes_with_their_masks(each_still: Still, alpha: float) -> None:
    drop(each_still, 0.3)
    parts = [[0, 1, 2, 3, 4, 5]]
    found = each_still.gradients(RDrop(alpha=alpha).wrap(each_still.objective(), context()), parts, seed=6)
    torch.manual_seed(6)
    batch = each_still.batch(range(6))
    (one, classes), (two, _) = (each_still.task.scores(each_still.model, batch) for _ in range(2))
    loss = cross_entropies(one, classes) + cross_entropies(two, classes) + alpha * 0.5 * (kl(one, two) + kl(two, one))
    loss.backward()
    gradients = {name: weight.grad for name, weight in each_still.model.named_parameters() if weight.grad is not None}
    assert differ(found, (loss.item(), gradients)) < each_still.exact
    if any(isinstance(module, torch.nn.Dropout) for module in each_still.model.modules()):
        assert float(kl(one, two).detach()) > 1e-3
    each_still.model.zero_grad()


def test_dividing_an_update_without_dropout_changes_nothing(each_still: Still) -> None:
    objective = RDrop().wrap(each_still.objective(), context())
    whole = each_still.gradients(objective, [[0, 1, 2, 3, 4, 5]])
    assert differ(each_still.gradients(objective, [[5, 1], [0, 3, 2, 4]]), whole) < each_still.exact
    assert whole[0] == pytest.approx(
        2 * each_still.gradients(each_still.objective(), [range(6)])[0], abs=each_still.exact
    )


def test_it_asks_for_agreement(bert_folder: Path, intents: Records) -> None:
    """After some updates two passes agree more than after plain training."""

    def apart(alpha: float) -> float:
        taught = trial(bert_folder, Classification(), intents(16, 1), [RDrop(alpha=alpha)], epochs=10)
        taught.learn(20)
        rows = taught.data.training.examples
        total, model = 0.0, taught.lesson.model.train()
        torch.manual_seed(0)
        for row in rows * 3:
            inputs = {name: torch.tensor(values)[None] for name, values in row.features.items()}
            with torch.no_grad():
                one, two = (model(**inputs).logits for _ in range(2))
            total += float(kl(one, two))
        return total

    assert apart(5.0) < 0.8 * apart(1e-6)


def test_a_model_without_dropout_is_refused(llama_folder: Path, intents: Records) -> None:
    with pytest.raises(TrainingError, match=r"this model has no dropout(?s:.)*what to do: choose smart"):
        trial(llama_folder, Classification(), intents(16, 1), [RDrop()])


def test_it_compares_passes_with_other_noise_too(texts: Still) -> None:
    """Each of its passes is a whole one of what it is listed behind."""
    logits: list[torch.Tensor] = []
    noisy = Neftune(alpha=5).wrap(texts.objective(), context())

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Any:
        outcome = noisy(model, batch)
        logits.append(outcome.logits.detach())
        return outcome

    RDrop().wrap(noisy.wrapped(run), context())(texts.model, texts.batch(range(4)))
    assert len(logits) == 2
    assert not torch.equal(*logits)
