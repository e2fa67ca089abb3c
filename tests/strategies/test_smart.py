"""SMART: both parts by a loop over the texts, the search, the older weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.strategies.still import (
    PARTS,
    Gradients,
    LogitsOf,
    Records,
    Still,
    Twin,
    context,
    cross_entropies,
    differ,
    kl,
    slope,
)
from tests.strategies.training import trial
from vocation.strategies.full import Full
from vocation.strategies.smart import Smart
from vocation.tasks.classification import Classification
from vocation.training.objective import Objective
from vocation.training.perturbation import Norm

EXACT = 1e-10
SETTINGS: dict[str, Any] = {"lambda_s": 2.0, "epsilon": 0.3, "sigma": 0.05, "eta": 0.2}


def symmetric(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return kl(one, other) + kl(other, one)


def twin_of(norm: Norm, steps: int) -> Twin:
    """L(x) + 2 · (KL + KL) at the neighbour that some steps of 0.2 find in a ball of 0.3."""

    def twin(logits_of: LogitsOf, embeddings: torch.Tensor) -> torch.Tensor:
        delta = 0.05 * torch.zeros(embeddings.shape, dtype=torch.float64).normal_()
        logits, classes = logits_of(embeddings)
        for _ in range(steps):
            at = (embeddings.detach() + delta).requires_grad_()
            gradient = slope(symmetric(logits_of(at)[0], logits.detach()), at)
            if norm == "l2":
                delta = delta + 0.2 * gradient / torch.linalg.vector_norm(gradient)
                if (size := torch.linalg.vector_norm(delta)) > 0.3:
                    delta = delta * 0.3 / size
            else:
                delta = torch.clip(delta + 0.2 * gradient / gradient.abs().max(), -0.3, 0.3)
        return cross_entropies(logits, classes) + 2 * symmetric(logits_of(embeddings + delta)[0], logits)

    return twin


@pytest.mark.parametrize(("norm", "steps"), [("linf", 1), ("linf", 3), ("l2", 2)])
def test_smoothness_is_the_formula_text_by_text(each_still: Still, norm: Norm, steps: int) -> None:
    smart = Smart(**SETTINGS, norm=norm, steps=steps)
    alone = [[row] for row in range(6)]
    found = each_still.gradients(smart.wrap(each_still.objective(), context()), alone, seed=4)
    assert differ(found, each_still.twin(twin_of(norm, steps), range(6), seed=4)) < each_still.exact
    plain = each_still.gradients(each_still.objective(), alone)
    assert differ(found, plain) > 1e-2
    found = each_still.gradients(
        Smart(**{**SETTINGS, "epsilon": 1e-9}, norm=norm).wrap(each_still.objective(), context()), alone
    )
    assert differ(found, plain) < max(1e-8, each_still.exact), "in a ball without extent there is no neighbour"


def test_padding_and_the_others_of_a_batch_change_nothing(each_still: Still, monkeypatch: pytest.MonkeyPatch) -> None:
    """The noise is drawn for a batch, so here it is the same for every token."""

    def equal(tensor: torch.Tensor, mean: float = 0, std: float = 1) -> torch.Tensor:
        return tensor.copy_(mean + std * torch.linspace(-1, 1, tensor.shape[-1]))

    monkeypatch.setattr(torch.Tensor, "normal_", equal)
    smart = Smart(**SETTINGS).wrap(each_still.objective(), context())
    expected = each_still.gradients(smart, [[row] for row in range(6)])
    for parts in PARTS:
        assert differ(each_still.gradients(smart, parts), expected) < each_still.exact


def with_older(smart: Smart, still: Still, updates: int) -> tuple[Objective, Any]:
    companion = smart.companion(still.model, context(updates=updates))
    assert companion is not None
    return companion.wrap(smart.wrap(still.objective(), context())), companion


def learn(still: Still, objective: Objective, companion: Any, parts: Sequence[Sequence[int]]) -> None:
    """One update of gradient descent for each part, and what the companion does after it."""
    for number, part in enumerate(parts, start=1):
        _, gradients = still.gradients(objective, [part], seed=number)
        with torch.no_grad():
            for name, weight in still.model.named_parameters():
                weight.sub_(0.1 * gradients[name])
        if companion:
            companion.after_update(number, 1)


def test_the_proximal_part_is_the_formula_over_several_updates(texts: Still) -> None:
    smart = Smart(**SETTINGS, mu=0.7, beta=0.8)
    smoothness = Smart(**SETTINGS).wrap(texts.objective(), context())
    start = {name: weight.detach().clone() for name, weight in texts.model.named_parameters()}
    parts = [[0, 1, 2], [3, 4], [5, 6, 7], [1, 3, 5]]

    objective, companion = with_older(smart, texts, updates=20)
    learn(texts, objective, companion, parts)
    found = {name: weight.detach().clone() for name, weight in texts.model.named_parameters()}

    put(texts.model, start)
    older = dict(start)
    for number, part in enumerate(parts, start=1):
        now = {name: weight.detach().clone() for name, weight in texts.model.named_parameters()}
        batch = texts.batch(part)
        put(texts.model, older)
        with torch.no_grad():
            before, _ = texts.task.scores(texts.model, batch)
        put(texts.model, now)
        _, gradients = texts.gradients(smoothness, [part], seed=number)
        logits, _ = texts.task.scores(texts.model, batch)
        (0.7 * symmetric(logits, before)).backward()
        for name, weight in texts.model.named_parameters():
            weight.data = now[name] - 0.1 * (gradients[name] + (0 if weight.grad is None else weight.grad))
            older[name] = 0.8 * older[name] + 0.2 * weight.detach()
        texts.model.zero_grad()
    assert largest(found, dict(texts.model.named_parameters())) < EXACT

    put(texts.model, start)
    learn(texts, smoothness, None, parts)
    assert largest(found, dict(texts.model.named_parameters())) > 1e-4


def put(model: Any, weights: Mapping[str, torch.Tensor]) -> None:
    for name, weight in model.named_parameters():
        weight.data = weights[name].clone()


def largest(one: Gradients, other: Mapping[str, torch.Tensor]) -> float:
    return max(float((one[name] - other[name]).detach().abs().max()) for name in one)


def test_the_first_tenth_of_the_updates_forgets_sooner(texts: Still) -> None:
    smart = Smart(mu=1.0, beta=0.999)
    _, companion = with_older(smart, texts, updates=20)
    name, weight = next(iter(texts.model.named_parameters()))
    expected = weight.detach().clone()
    for number in range(1, 6):
        with torch.no_grad():
            weight += 1.0
        companion.after_update(number, 1)
        beta = 0.99 if number <= 2 else 0.999
        expected = beta * expected + (1 - beta) * weight.detach()
        torch.testing.assert_close(companion.tensors()[name], expected, atol=1e-12, rtol=0)


def test_the_model_is_itself_again_where_a_pass_fails(texts: Still) -> None:
    objective, companion = with_older(Smart(mu=1.0), texts, updates=20)
    with torch.no_grad():
        for weight in texts.model.parameters():
            weight.add_(1.0)
    before = {name: weight.detach().clone() for name, weight in texts.model.named_parameters()}
    broken = texts.batch(range(3))
    broken["input_ids"][:] = 10**6
    with pytest.raises(IndexError):
        objective(texts.model, broken)
    assert largest(before, dict(texts.model.named_parameters())) == 0
    assert largest(dict(companion.tensors()), dict(texts.model.named_parameters())) == pytest.approx(1.0)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_with_equal_masks_and_weights_nothing_is_apart(bert_folder: Path, intents: Records, precision: str) -> None:
    """In the first update f and its older self are the same, dropout and lower precision included."""
    settings: dict[str, Any] = {"epsilon": 1e-9, "sigma": 1e-9}
    losses = [
        trial(bert_folder, Classification(), intents(16, 1), [Full(), *given], precision=precision).learn(2)
        for given in ([Smart(**settings, mu=50.0)], [Smart(**settings)])
    ]
    with_it, without = ([step.loss for step in steps] for steps in losses)
    assert with_it[0] == pytest.approx(without[0], abs=1e-5)
    assert with_it[1] > without[1] + 1e-4, "after an update they are apart"
