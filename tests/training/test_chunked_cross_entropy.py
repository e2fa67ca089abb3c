"""Cross-entropy in parts is torch's: values, gradients, and the memory that it is for."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from vocation.training.chunked_cross_entropy import chunked_cross_entropy


def inputs(
    dtype: torch.dtype, positions: int = 23, vocabulary: int = 57
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(3)
    hidden = (3 * torch.randn(positions, 11, dtype=dtype)).requires_grad_()
    weight = torch.randn(vocabulary, 11, dtype=dtype, requires_grad=True)
    return hidden, weight, torch.randint(vocabulary, (positions,))


@pytest.mark.parametrize("positions", [1, 4, 23, 1000, None])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-4)])
def test_value_and_gradients_are_those_of_torch(dtype: torch.dtype, tolerance: float, positions: int | None) -> None:
    ours, theirs = inputs(dtype), inputs(dtype)
    loss = chunked_cross_entropy(*ours, positions)
    expected = functional.cross_entropy(theirs[0] @ theirs[1].t(), theirs[2], reduction="sum")
    torch.testing.assert_close(loss, expected, rtol=tolerance / 100, atol=tolerance)
    (loss / 7).backward()
    (expected / 7).backward()
    for one, other in zip(ours[:2], theirs[:2], strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=0, atol=tolerance)
        assert one.grad is not None
        assert float(one.grad.abs().max()) > 0.1


@pytest.mark.parametrize("frozen", [0, 1])
def test_what_is_frozen_gets_no_gradient(frozen: int) -> None:
    hidden, weight, classes = inputs(torch.float64)
    both = (hidden, weight)
    both[frozen].requires_grad_(False)
    chunked_cross_entropy(hidden, weight, classes).backward()
    assert both[frozen].grad is None
    assert both[1 - frozen].grad is not None


def test_a_weight_that_is_also_the_embedding_gets_both_gradients() -> None:
    ours, theirs = inputs(torch.float64)[1], inputs(torch.float64)[1]
    ids, classes = torch.tensor([3, 5, 5, 9]), torch.tensor([5, 5, 9, 0])
    chunked_cross_entropy(functional.embedding(ids, ours).tanh(), ours, classes, 3).backward()
    functional.cross_entropy(functional.embedding(ids, theirs).tanh() @ theirs.t(), classes, reduction="sum").backward()
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=0, atol=1e-10)


def test_the_gradient_is_the_numerical_one() -> None:
    hidden, weight, classes = inputs(torch.float64, positions=4, vocabulary=7)
    torch.autograd.gradcheck(lambda hidden, weight: chunked_cross_entropy(hidden, weight, classes, 3), (hidden, weight))


def test_a_second_backward_pass_gives_the_same() -> None:
    hidden, weight, classes = inputs(torch.float64)
    loss = chunked_cross_entropy(hidden, weight, classes)
    (first,) = torch.autograd.grad(loss, hidden, retain_graph=True)
    (second,) = torch.autograd.grad(3 * loss, hidden)
    torch.testing.assert_close(3 * first, second, rtol=0, atol=1e-12)


def test_certain_and_hopeless_predictions_have_finite_losses() -> None:
    weight = torch.tensor([[1.0], [-1.0], [0.0]])
    hidden = torch.tensor([[200.0], [200.0]], requires_grad=True)
    loss = chunked_cross_entropy(hidden, weight, torch.tensor([0, 1]))
    assert loss.item() == pytest.approx(400.0)
    loss.backward()
    assert hidden.grad is not None
    torch.testing.assert_close(hidden.grad, torch.tensor([[0.0], [2.0]]))


def test_what_is_no_number_is_not_hidden() -> None:
    hidden, weight, classes = inputs(torch.float32)
    spoilt = hidden.detach().clone()
    spoilt[5, 0] = torch.nan
    assert not torch.isfinite(chunked_cross_entropy(spoilt, weight, classes))


def test_no_positions_cost_nothing() -> None:
    hidden, weight, classes = inputs(torch.float32)
    loss = chunked_cross_entropy(hidden[:0], weight, classes[:0])
    loss.backward()
    assert loss.item() == 0.0
    assert weight.grad is not None
    assert not weight.grad.any()


def test_the_logits_of_all_positions_are_never_held() -> None:
    """Torch's way has at least the logits and their gradient; ours a part of them."""
    hidden, weight, classes = inputs(torch.float32, positions=600, vocabulary=5000)

    def largest(positions: int) -> int:
        with torch.autograd.profiler.profile(profile_memory=True) as seen:
            chunked_cross_entropy(hidden, weight, classes, positions).backward()
        return max(int(event.cpu_memory_usage) for event in seen.function_events)

    assert largest(30) < 600 * 5000 * 4 / 4
    assert largest(600) >= 600 * 5000 * 4
