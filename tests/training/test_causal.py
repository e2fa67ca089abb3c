"""The objective of causal language models: the cross-entropy of the answers, however it is computed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.causal_models import adapted, batch, gradients, largest_error, obvious_loss, tiny, use_exact_norms
from vocation.training import causal
from vocation.training.causal import causal_objective, next_token_targets, reads_packed, scores
from vocation.training.causal_engine import install
from vocation.training.objective import cross_entropy, objective_of


def test_what_follows_is_the_target_where_it_is_learned() -> None:
    ids, targets = next_token_targets(np.array([5, 6, 7, 8]), np.array([True, False, True, True]))
    assert ids.tolist() == [5, 6, 7]
    assert targets.tolist() == [-100, 7, 8]


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_loss_and_gradient_are_those_of_each_example_alone(packed: bool, left: bool) -> None:
    model, other = tiny(torch.float64), tiny(torch.float64)
    if packed:
        install(model)
        assert reads_packed(model)
    use_exact_norms(other)
    for module in (model.model.norm,) if packed else model.modules():
        use_exact_norms(module)
    tensors = batch([21, 9, 14, 7], left=left)
    outcome = causal_objective(model)(model, tensors)
    expected = obvious_loss(other, tensors)
    torch.testing.assert_close(outcome.loss, expected, rtol=0, atol=1e-10)
    outcome.loss.backward()
    expected.backward()
    assert largest_error(gradients(model), gradients(other)) < 1e-10
    assert int(outcome.targets) == len(outcome.classes) == int((tensors["targets"] != -100).sum())


def test_logits_are_there_for_those_who_ask_and_gradients_flow_through_them() -> None:
    model = tiny(torch.float64)
    tensors = batch([12, 9])
    outcome = causal_objective(model)(model, tensors)
    assert outcome.logits.shape == (int(outcome.targets), 97)
    per_position = cross_entropy(outcome.logits, outcome.classes)
    torch.testing.assert_close(per_position.sum(), outcome.loss, rtol=0, atol=1e-10)
    doubled = outcome._replace(loss=2 * outcome.loss)
    assert torch.equal(doubled.logits, outcome.logits)
    outcome.loss.backward()
    by_loss = gradients(model)
    cross_entropy(causal_objective(model)(model, tensors).logits, outcome.classes).sum().backward()
    assert largest_error(gradients(model), by_loss) < 1e-10


def test_another_loss_of_a_position_gets_the_logits_of_all() -> None:
    def focal(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        losses = cross_entropy(logits, classes)
        return (1 - (-losses).exp()) ** 2 * losses

    model, tensors = tiny(torch.float64), batch([12, 9])
    outcome = causal_objective(model, focal)(model, tensors)
    expected = objective_of(scores, focal)(model, tensors)
    assert type(outcome) is type(expected)
    assert torch.equal(outcome.loss, expected.loss)
    assert outcome.loss.item() < causal_objective(model)(model, tensors).loss.item()


@pytest.mark.parametrize(
    "reset", [lambda model: model, lambda model: install(model) and model], ids=["plain", "packed"]
)
def test_logits_that_are_more_than_a_product_are_the_model_s_own(reset: Callable[[Any], Any]) -> None:
    """Gemma 2 bounds its logits: 5 tanh(x / 5)."""
    model = reset(tiny(model_type="gemma2", final_logit_softcapping=5.0, query_pre_attn_scalar=6, sliding_window=400))
    tensors = batch([12, 9])
    outcome = causal_objective(model)(model, tensors)
    whole = model(input_ids=tensors["input_ids"], attention_mask=tensors["attention_mask"]).logits
    expected = whole[tensors["targets"] != -100]
    torch.testing.assert_close(outcome.logits, expected, rtol=0, atol=1e-6)
    assert float(expected.detach().abs().max()) <= 5.0


def test_a_head_that_something_is_attached_to_is_not_bypassed() -> None:
    model = tiny()
    seen: list[Any] = []
    handle = model.lm_head.register_forward_hook(lambda *given: seen.append(given))
    causal_objective(model)(model, batch([12, 9]))
    assert seen
    handle.remove()
    biased = tiny(tie_word_embeddings=False)
    biased.lm_head = torch.nn.Linear(24, 97)
    assert not causal._has_plain_head(biased)


def test_who_changes_what_goes_in_finds_examples_in_rows() -> None:
    """Noise on embeddings, perturbations and virtual tokens hook into the embedding or the body."""
    model, tensors = tiny(), batch([12, 9])
    install(model)
    expected = causal_objective(model)(model, tensors).loss
    shapes: list[torch.Size] = []
    for module in (model.model.embed_tokens, model.model):
        handle = module.register_forward_pre_hook(
            lambda _, given, named: shapes.append((*given, *named.values())[0].shape), with_kwargs=True
        )
        loss = causal_objective(model)(model, tensors).loss
        handle.remove()
        torch.testing.assert_close(loss, expected, rtol=1e-5, atol=1e-5)
    assert shapes == [torch.Size([2, 12]), torch.Size([2, 12])]


@pytest.mark.parametrize("packed", [False, True])
def test_an_update_is_the_same_however_it_is_divided(packed: bool) -> None:
    model = adapted(tiny(torch.float64))
    if packed:
        install(model)
        use_exact_norms(model.model.norm)
    else:
        use_exact_norms(model)
    objective = causal_objective(model)
    tensors = batch([21, 9, 14, 7, 30])
    objective(model, tensors).loss.backward()
    whole = gradients(model)
    for rows in ([0, 3], [1], [2, 4]):
        objective(model, {name: tensor[rows] for name, tensor in tensors.items()}).loss.backward()
    assert largest_error(gradients(model), whole) < 1e-10


def test_a_batch_without_targets_has_no_loss_and_no_gradient() -> None:
    model = copy.deepcopy(tiny())
    install(model)
    tensors = batch([12, 9])
    tensors["targets"][:] = -100
    outcome = causal_objective(model)(model, tensors)
    outcome.loss.backward()
    assert outcome.loss.item() == 0.0
    assert int(outcome.targets) == 0
    assert not any(gradient.any() for gradient in gradients(model).values())
