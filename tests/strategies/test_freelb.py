"""FreeLB: its formula by a loop over the texts and the steps; what each pass teaches; what is kept in memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.strategies.still import PARTS, LogitsOf, Records, Still, Twin, context, cross_entropies, differ, slope
from tests.strategies.training import trial
from vocation.errors import TrainingError
from vocation.strategies.freelb import Freelb
from vocation.tasks.classification import Classification
from vocation.training.objective import Outcome

EXACT = 1e-10


def climb(steps: int, epsilon: float | None = 0.5, start: float = 0.0) -> Twin:
    """1/K · Σ L(x + δ_t) with steps of 0.3."""

    def twin(logits_of: LogitsOf, embeddings: torch.Tensor) -> torch.Tensor:
        delta = torch.zeros(embeddings.shape, dtype=torch.float64)
        if start:
            delta = start * delta.uniform_(-1, 1) / embeddings.numel() ** 0.5
        total = torch.zeros((), dtype=torch.float64)
        for _ in range(steps):
            total = total + cross_entropies(*logits_of(embeddings + delta)) / steps
            at = (embeddings.detach() + delta).requires_grad_()
            gradient = slope(cross_entropies(*logits_of(at)), at)
            delta = delta + 0.3 * gradient / torch.linalg.vector_norm(gradient)
            if epsilon and (size := torch.linalg.vector_norm(delta)) > epsilon:
                delta = delta * epsilon / size
        return total

    return twin


@pytest.mark.parametrize("epsilon", [0.5, None])
def test_it_is_the_formula_text_by_text_however_the_update_is_divided(each_still: Still, epsilon: float | None) -> None:
    freelb = Freelb(steps=3, step_size=0.3, epsilon=epsilon, start=0.0)
    expected = each_still.twin(climb(3, epsilon), range(6))
    for parts in PARTS:
        found = each_still.gradients(freelb.wrap(each_still.objective(), context()), parts)
        assert differ(found, expected) < each_still.exact
    last_alone = freelb.model_copy(update={"steps": 1})
    assert differ(each_still.gradients(last_alone.wrap(each_still.objective(), context()), PARTS[0]), expected) > 1e-2


def test_the_start_is_drawn_by_the_length_of_the_text(texts: Still) -> None:
    freelb = Freelb(steps=2, step_size=0.3, epsilon=0.5, start=0.4)
    alone = [[row] for row in range(8)]
    found = texts.gradients(freelb.wrap(texts.objective(), context()), alone, seed=3)
    assert differ(found, texts.twin(climb(2, start=0.4), range(8), seed=3)) < EXACT
    assert differ(found, texts.twin(climb(2), range(8), seed=3)) > 1e-4


def test_one_step_from_the_text_is_plain_training(texts: Still) -> None:
    one = Freelb(steps=1, start=0.0).wrap(texts.objective(), context())
    assert differ(texts.gradients(one, [range(8)]), texts.gradients(texts.objective(), [range(8)])) == 0


def test_all_steps_have_the_same_dropout_masks(texts: Still) -> None:
    for module in texts.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.3
    plain = texts.gradients(texts.objective(), [range(8)])
    after_one = torch.rand(1)
    still = Freelb(steps=3, step_size=1e-12, start=0.0)
    assert differ(texts.gradients(still.wrap(texts.objective(), context()), [range(8)]), plain) < 1e-8
    assert torch.equal(torch.rand(1), after_one)


def test_one_pass_is_in_memory_at_a_time(texts: Still) -> None:
    alive: list[int] = []
    graphs: list[Any] = []

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        outcome = inner(model, batch)
        assert outcome.logits.grad_fn is not None
        graphs.append(outcome.logits.grad_fn.next_functions[0][0])
        alive.append(sum(has_saved(graph) for graph in graphs))
        return outcome

    inner = texts.objective()
    texts.gradients(Freelb(steps=4).wrap(inner.wrapped(run), context()), [range(8)])
    assert alive == [1, 1, 1, 1]


def has_saved(node: Any) -> bool:
    """Whether a node of the graph still holds what its backward pass needs."""
    while node is not None:
        saved = [name for name in dir(node) if name.startswith("_saved_")]
        try:
            if any(isinstance(getattr(node, name), torch.Tensor) for name in saved):
                return True
        except RuntimeError:  # It has been freed.
            return False
        node = next((below for below, _ in node.next_functions if below is not None), None)
    return False


def test_layers_that_are_computed_twice_give_the_same_gradients(bert_folder: Path, intents: Records) -> None:
    found = [
        trial(bert_folder, Classification(), intents(8, 1), [Freelb(start=0.0)], gradient_checkpointing=twice)
        for twice in (False, True)
    ]
    plain, twice = (taught.gradients() for taught in found)
    assert max(float((plain[name] - twice[name]).abs().max()) for name in plain) < EXACT


def test_weights_that_the_loss_does_not_reach_are_refused(texts: Still) -> None:
    elsewhere = torch.nn.Linear(3, 3)

    class Divided:
        """Gives other weights than those that it computes with, as FSDP does."""

        def parameters(self) -> Any:
            return elsewhere.parameters()

        def __getattr__(self, name: str) -> Any:
            return getattr(texts.model, name)

        def __call__(self, **inputs: torch.Tensor) -> Any:
            return texts.model(**inputs)

    objective = Freelb().wrap(texts.objective(), context())
    with pytest.raises(TrainingError, match=r"freelb: (?s:.)*what to do"):
        objective(Divided(), texts.batch(range(3)))


def test_it_trains_in_bfloat16_as_in_float32(bert_folder: Path, intents: Records) -> None:
    losses = [
        [
            step.loss
            for step in trial(bert_folder, Classification(), intents(16, 1), [Freelb()], precision=name).learn(3)
        ]
        for name in ("float32", "bfloat16")
    ]
    assert losses[1] == pytest.approx(losses[0], rel=0.1)
