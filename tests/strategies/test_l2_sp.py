"""L2-SP against its formula."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.modeling.body import body_parameters
from vocation.records import Record
from vocation.strategies import Context, Strategy
from vocation.strategies.full import Full
from vocation.strategies.l2_sp import L2Sp
from vocation.tasks.classification import Classification

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Records = Callable[[int, int], list[Record]]


class Free(Strategy):
    """Pulls at nothing, and keeps the embeddings whole as l2_sp does."""

    compares_weights = True


def test_the_gradient_is_that_of_the_formula(bert_folder: Path, intents: Records) -> None:
    alpha, beta = 0.7, 0.03
    drawn, free = (
        trial(bert_folder, Classification(), intents(16, 1), [strategy])
        for strategy in (L2Sp(alpha=alpha, beta=beta), Free())
    )
    start = drawn.weights()
    for taught in (drawn, free):
        torch.manual_seed(4)
        with torch.no_grad():
            for value in taught.lesson.model.parameters():  # Away from the start.
                value.add_(torch.randn_like(value), alpha=0.1)
    gradients, plain = drawn.gradients(), free.gradients()
    body, weights = body_parameters(drawn.lesson.model), dict(drawn.lesson.model.named_parameters())
    assert len(weights) - len(body) == 2
    for name, gradient in gradients.items():
        weight: torch.Tensor = weights[name].detach()
        pull = alpha * (weight - start[name].double()) if name in body else beta * weight
        torch.testing.assert_close(gradient, plain[name] + pull, atol=1e-10, rtol=0)
        assert float(pull.abs().max()) > 1e-4


def test_an_update_does_not_depend_on_how_it_is_divided(bert_folder: Path, intents: Records) -> None:
    taught = trial(bert_folder, Classification(), intents(16, 1), [L2Sp(alpha=5.0, beta=3.0)])
    once, divided = taught.gradients(), taught.gradients(token_budget=16)
    for name, value in once.items():
        torch.testing.assert_close(divided[name], value, atol=1e-10, rtol=0)


def test_the_body_stays_nearer_to_its_start(bert_folder: Path, intents: Records) -> None:
    moved = []
    for strategy in (L2Sp(alpha=0.0, beta=0.0), L2Sp(alpha=10.0)):
        taught = trial(bert_folder, Classification(), intents(16, 1), [strategy])
        before = taught.weights()
        taught.learn(8)
        body, after = body_parameters(taught.lesson.model), taught.weights()
        moved.append(sum(float((after[name] - before[name]).square().sum()) for name in body))
    assert moved[1] < 0.5 * moved[0]


class Frozen(Strategy):
    """Leaves the head alone to train."""

    def attach(self, model: PreTrainedModel, context: Context) -> PreTrainedModel:
        model.base_model.requires_grad_(False)
        return model


def test_a_frozen_body_is_refused_and_what_is_drawn_is_told(bert_folder: Path, intents: Records) -> None:
    with pytest.raises(TrainingError, match="no weight of the body trains"):
        trial(bert_folder, Classification(), intents(16, 1), [Frozen(), L2Sp()])
    (penalty,) = trial(bert_folder, Classification(), intents(16, 1), [Full(), L2Sp()]).lesson.penalties
    assert penalty.description == (
        "l2_sp: 39 weight tensors of the body are drawn to their start, 2 of the head to zero"
    )
