"""The diagonal Fisher information: squares of the gradients of single examples, with labels from the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from vocation.training.fisher import diagonal_fisher


class Linear(torch.nn.Module):
    """Logits [N, 3] of positions of width 4."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.layer = torch.nn.Linear(4, 3, dtype=torch.float64)
        self.dropout = torch.nn.Dropout(0.5)
        self.unused = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))


def scores(model: Any, batch: Mapping[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    learned = batch["targets"] != -100
    return model.dropout(model.layer(batch["inputs"]))[learned], batch["targets"][learned]


def examples(count: int, positions: int = 1) -> list[dict[str, torch.Tensor]]:
    generator = torch.Generator().manual_seed(5)
    return [
        {
            "inputs": torch.randn(positions, 4, dtype=torch.float64, generator=generator),
            "targets": torch.randint(0, 3, (positions,), generator=generator),
        }
        for _ in range(count)
    ]


def expected_gold(model: Linear, given: list[dict[str, torch.Tensor]]) -> torch.Tensor:
    """∂ log p(y|x) / ∂W = Σ_n (1[c = y_n] − p_c) x_n, squared and averaged."""
    total = torch.zeros(3, 4, dtype=torch.float64)
    for example in given:
        probabilities = model.layer(example["inputs"]).softmax(-1).detach()
        hot = torch.nn.functional.one_hot(example["targets"], 3)
        total += ((hot - probabilities).T @ example["inputs"]) ** 2
    return total / len(given)


@pytest.mark.parametrize("positions", [1, 5])
def test_gold_labels_give_the_empirical_fisher(positions: int) -> None:
    model, given = Linear().train(), examples(7, positions)
    told: list[int] = []
    fisher = diagonal_fisher(model, dict(model.named_parameters()), given, scores, "gold", told.append)
    torch.testing.assert_close(fisher["layer.weight"], expected_gold(model, given), atol=1e-12, rtol=0)
    assert not fisher["unused"].any()
    assert told == [1] * 7
    parameters = list(model.layer.parameters())
    together = {name: torch.cat([example[name] for example in given]) for name in given[0]}
    logits, classes = scores(model.eval(), together)
    mean = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, classes), parameters)[0]
    assert not torch.allclose(fisher["layer.weight"], mean**2, rtol=0.5), "a batch's gradient would be something else"


def test_sampled_labels_estimate_the_fisher_information() -> None:
    """E_y (1[c = y] − p_c)² x² = p_c (1 − p_c) x²; its mean over many draws is met."""
    model, (example,) = Linear(), examples(1)
    fisher = diagonal_fisher(model, dict(model.named_parameters()), [example] * 4000, scores)
    probabilities = model.layer(example["inputs"]).softmax(-1).detach()[0]
    variance = (probabilities * (1 - probabilities)).unsqueeze(1)
    exact = variance * example["inputs"] ** 2
    torch.testing.assert_close(fisher["layer.weight"], exact, rtol=0.1, atol=0)
    gold = diagonal_fisher(model, dict(model.named_parameters()), [example], scores, "gold")
    assert not torch.allclose(gold["layer.weight"], exact, rtol=0.1)


def test_gold_labels_underrate_the_curvature_where_the_model_fits_its_rows() -> None:
    """With p ≈ 0.95 for the right label, (1 − p)² is a twentieth of p (1 − p)."""
    model = Linear()
    with torch.no_grad():
        model.layer.weight.mul_(8)
    fitted = []
    for example in examples(2000):
        surest, label = model.layer(example["inputs"]).softmax(-1).max(-1)
        if 0.9 < surest < 0.99:
            fitted.append({**example, "targets": label})
    assert len(fitted) > 200
    parameters = dict(model.named_parameters())
    sampled, gold = (diagonal_fisher(model, parameters, fitted, scores, labels) for labels in ("sampled", "gold"))
    assert sampled["layer.weight"].mean() > 10 * gold["layer.weight"].mean()


def test_equal_calls_give_equal_numbers_and_leave_the_generator_alone() -> None:
    model, given = Linear(), examples(9)
    torch.manual_seed(1)
    first = diagonal_fisher(model, dict(model.named_parameters()), given, scores)
    after = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(after, torch.rand(1))
    second = diagonal_fisher(model, dict(model.named_parameters()), given, scores)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_examples_without_a_target_are_passed_over() -> None:
    model, given = Linear(), examples(4)
    empty = {"inputs": torch.ones(1, 4, dtype=torch.float64), "targets": torch.tensor([-100])}
    parameters = dict(model.named_parameters())
    fisher = diagonal_fisher(model, parameters, [empty, *given], scores, "gold")
    torch.testing.assert_close(fisher["layer.weight"], expected_gold(model, given))
    with pytest.raises(ValueError, match="no example has a target"):
        diagonal_fisher(model, parameters, [empty], scores)
