"""The loss of knowledge distillation: its formula, torch's KL divergence, and T²."""

from __future__ import annotations

import math

import pytest
import torch

from vocation.training.distillation import soft_target_loss


def slow(student: list[float], teacher: list[float], temperature: float) -> float:
    def softmax(logits: list[float]) -> list[float]:
        powers = [math.exp(logit / temperature) for logit in logits]
        return [power / sum(powers) for power in powers]

    p, q = softmax(teacher), softmax(student)
    return temperature**2 * sum(a * (math.log(a) - math.log(b)) for a, b in zip(p, q, strict=True))


@pytest.mark.parametrize("temperature", [0.7, 1.0, 4.0])
def test_values_and_gradients_are_those_of_the_formula(temperature: float) -> None:
    torch.manual_seed(1)
    student = torch.randn(6, 5, dtype=torch.float64, requires_grad=True)
    teacher = torch.randn(6, 5, dtype=torch.float64)
    loss = soft_target_loss(student, teacher, temperature)
    wanted = [slow(*rows, temperature) for rows in zip(student.tolist(), teacher.tolist(), strict=True)]
    assert loss.tolist() == pytest.approx(wanted, abs=1e-12)
    theirs = torch.nn.functional.kl_div(
        (student / temperature).log_softmax(-1),
        (teacher / temperature).log_softmax(-1),
        reduction="none",
        log_target=True,
    ).sum(-1)
    torch.testing.assert_close(loss, temperature**2 * theirs, atol=1e-12, rtol=0)
    loss.sum().backward()
    difference = (student / temperature).softmax(-1) - (teacher / temperature).softmax(-1)
    assert student.grad is not None
    torch.testing.assert_close(student.grad, temperature * difference.detach(), atol=1e-12, rtol=0)


def test_gradients_keep_their_size_when_the_temperature_rises() -> None:
    """At high temperatures it is (student − teacher) / L for logits with mean 0 (Hinton et al., equation 4)."""
    torch.manual_seed(2)
    student, teacher = torch.randn(2, 1, 4, dtype=torch.float64).unbind(0)
    student, teacher = (logits - logits.mean() for logits in (student, teacher))
    student.requires_grad_()
    soft_target_loss(student, teacher, 1e4).sum().backward()
    assert student.grad is not None
    torch.testing.assert_close(student.grad, (student - teacher).detach() / 4, rtol=1e-3, atol=1e-6)


def test_equal_logits_cost_nothing_and_half_precision_is_widened() -> None:
    logits = torch.randn(3, 4)
    assert soft_target_loss(logits, logits + 7, 2.0).abs().max() < 1e-5
    half = soft_target_loss(logits.bfloat16(), -logits.bfloat16(), 2.0)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, soft_target_loss(logits, -logits, 2.0), rtol=0.05, atol=0.05)
