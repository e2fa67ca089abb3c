"""PGD: its formula by a loop over the texts and the steps, the ball, the start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.strategies.still import PARTS, LogitsOf, Records, Still, Twin, context, cross_entropies, differ, slope
from tests.strategies.training import trial
from vocation.strategies.pgd import Pgd
from vocation.tasks.classification import Classification
from vocation.training.perturbation import Norm

EXACT = 1e-10


def climb(norm: Norm, steps: int, start: Callable[[torch.Tensor], torch.Tensor], clean_weight: float = 0.0) -> Twin:
    """clean_weight · L(x) + L(x + δ), δ after some steps of 0.3 in a ball of 0.5."""

    def twin(logits_of: LogitsOf, embeddings: torch.Tensor) -> torch.Tensor:
        delta = start(embeddings)
        for _ in range(steps):
            at = (embeddings.detach() + delta).requires_grad_()
            gradient = slope(cross_entropies(*logits_of(at)), at)
            if norm == "l2":
                delta = delta + 0.3 * gradient / torch.linalg.vector_norm(gradient)
                if (size := torch.linalg.vector_norm(delta)) > 0.5:
                    delta = delta * 0.5 / size
            else:
                delta = torch.clip(delta + 0.3 * torch.sign(gradient), -0.5, 0.5)
        worst = cross_entropies(*logits_of(embeddings + delta))
        return worst + clean_weight * cross_entropies(*logits_of(embeddings)) if clean_weight else worst

    return twin


@pytest.mark.parametrize(("norm", "clean_weight"), [("l2", 0.0), ("linf", 0.0), ("l2", 0.5)])
def test_it_is_the_formula_text_by_text_however_the_update_is_divided(
    each_still: Still, norm: Norm, clean_weight: float
) -> None:
    pgd = Pgd(steps=3, epsilon=0.5, step_size=0.3, norm=norm, random_start=False, clean_weight=clean_weight)
    expected = each_still.twin(climb(norm, 3, torch.zeros_like, clean_weight), range(6))
    for parts in PARTS:
        found = each_still.gradients(pgd.wrap(each_still.objective(), context()), parts)
        assert differ(found, expected) < each_still.exact
    for other in (pgd.model_copy(update={"steps": 2}), pgd.model_copy(update={"epsilon": 0.2})):
        found = each_still.gradients(other.wrap(each_still.objective(), context()), PARTS[0])
        assert differ(found, expected) > 1e-2, "steps and ball matter"


def noise(norm: Norm) -> Callable[[torch.Tensor], torch.Tensor]:
    """What a text alone starts from in a ball of 0.5."""

    def start(embeddings: torch.Tensor) -> torch.Tensor:
        drawn = torch.zeros(embeddings.shape, dtype=torch.float64).uniform_(-1, 1)
        return 0.5 * drawn / embeddings.numel() ** 0.5 if norm == "l2" else 0.5 * drawn

    return start


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_the_start_is_drawn_in_the_ball(texts: Still, norm: Norm) -> None:
    pgd = Pgd(steps=2, epsilon=0.5, step_size=0.3, norm=norm)
    alone = [[row] for row in range(8)]
    found = texts.gradients(pgd.wrap(texts.objective(), context()), alone, seed=3)
    assert differ(found, texts.twin(climb(norm, 2, noise(norm)), range(8), seed=3)) < EXACT
    assert differ(found, texts.twin(climb(norm, 2, torch.zeros_like), range(8), seed=3)) > 1e-4


def test_the_worst_text_in_the_ball_is_worse_than_the_text(texts: Still) -> None:
    plain, _ = texts.gradients(texts.objective(), [range(8)])
    losses = [
        texts.gradients(Pgd(steps=steps, random_start=False).wrap(texts.objective(), context()), [range(8)])[0]
        for steps in (1, 3, 9)
    ]
    assert plain < losses[0] < losses[1] < losses[2]


def test_it_trains_in_bfloat16_as_in_float32(bert_folder: Path, intents: Records) -> None:
    losses = [
        [step.loss for step in trial(bert_folder, Classification(), intents(16, 1), [Pgd()], precision=name).learn(3)]
        for name in ("float32", "bfloat16")
    ]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)
