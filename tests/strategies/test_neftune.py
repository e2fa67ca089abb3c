"""NEFTune: how large the noise is, where it is, and that predictions are made without it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.strategies.still import LogitsOf, Records, Still, context, cross_entropies, differ
from tests.strategies.training import largest_difference, trial
from vocation.strategies.neftune import Neftune
from vocation.tasks.classification import Classification
from vocation.training.perturbation import uniform_noise


def twin(logits_of: LogitsOf, embeddings: torch.Tensor) -> torch.Tensor:
    """L(x + 5 / √(t · D) · U(−1, 1)) of one text."""
    noise = torch.zeros(embeddings.shape, dtype=torch.float64).uniform_(-1, 1)
    _, tokens, width = embeddings.shape
    return cross_entropies(*logits_of(embeddings + 5 / (tokens * width) ** 0.5 * noise))


def test_it_is_the_formula_text_by_text(each_still: Still) -> None:
    alone = [[row] for row in range(6)]
    found = each_still.gradients(Neftune(alpha=5).wrap(each_still.objective(), context()), alone, seed=2)
    assert differ(found, each_still.twin(twin, range(6), seed=2)) < each_still.exact
    assert differ(found, each_still.gradients(each_still.objective(), alone)) > 1e-3
    assert differ(found, each_still.gradients(Neftune(alpha=10).wrap(each_still.objective(), context()), alone)) > 1e-3


def test_the_noise_of_a_text_is_sized_by_its_own_tokens(texts: Still) -> None:
    batch = texts.batch(range(8))
    mask, real = batch["attention_mask"], batch["attention_mask"].sum(1)
    assert len(set(real.tolist())) > 2
    torch.manual_seed(1)
    noise = torch.stack([uniform_noise(texts.model, batch, 5.0) for _ in range(200)])  # [200, B, T, D]
    assert float(noise.permute(1, 2, 0, 3)[mask == 0].abs().max()) == 0
    largest = noise.abs().amax((0, 2, 3))
    torch.testing.assert_close(largest, 5 / (real * 32).sqrt().double(), rtol=0.01, atol=0)
    sizes = noise.square().sum((2, 3)).sqrt().mean(0)
    torch.testing.assert_close(sizes, torch.full_like(sizes, 5 / 3**0.5), rtol=0.02, atol=0)


def test_noise_depends_on_the_update_alone_and_predictions_have_none(bert_folder: Path, intents: Records) -> None:
    one, other = (trial(bert_folder, Classification(), intents(16, 1), [Neftune()]) for _ in range(2))
    assert [step.loss for step in one.learn(3)] == [step.loss for step in other.learn(3)]
    assert largest_difference(one.logits(), one.logits()) == 0
    plain = trial(bert_folder, Classification(), intents(16, 1), [Neftune(alpha=1e-9)])
    assert one.learn(1)[0].loss != plain.learn(1)[0].loss


@pytest.mark.parametrize("alpha", [0.0, -1.0])
def test_no_noise_is_no_strategy(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        Neftune(alpha=alpha)
