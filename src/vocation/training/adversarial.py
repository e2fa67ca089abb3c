"""Objectives on the worst inputs nearby: token embeddings are moved to where the loss grows most.

Every example has an adversary of its own, whose size is measured over its own tokens (see `perturbation`), so the
result does not depend on which examples share a batch. All passes over a batch draw the same dropout masks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vocation.errors import TrainingError
from vocation.training.draws import Draws
from vocation.training.objective import Objective, Outcome
from vocation.training.perturbation import (
    Norm,
    no_shift,
    normalised,
    projected,
    real_tokens,
    shifted,
    steepest,
    uniform_noise,
)

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Ascent:
    """How an adversary climbs.

    Args:
        steps: K.
        step_size: α, in the norm, of each step.
        epsilon: ε, the radius of the ball that it stays in; None leaves it free.
        start: size of the uniform noise that it starts from, see `uniform_noise`; 0 starts at the input itself.
        norm: in which steps and ball are measured.
    """

    steps: int
    step_size: float
    epsilon: float | None
    start: float
    norm: Norm = "l2"

    def first(self, model: Any, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Where it starts, [B, T, D]."""
        if not self.start:
            return no_shift(model, batch)
        if self.norm == "linf":
            return no_shift(model, batch).uniform_(-self.start, self.start) * real_tokens(batch)
        return uniform_noise(model, batch, self.start)

    def next(self, shift: torch.Tensor, gradient: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Π(δ + α · the steepest direction), [B, T, D].

        Args:
            shift: δ.
            gradient: of the loss by δ.
            real: [B, T, 1], 0 at padding, which stays where it is.
        """
        moved = shift.detach() + self.step_size * steepest(gradient * real, self.norm)
        return moved if self.epsilon is None else projected(moved, self.epsilon, self.norm)


def fast_gradient(objective: Objective, epsilon: float, weight: float) -> Objective:
    """L(x) + weight · L(x + r) with r = ε · g / ‖g‖₂ and g = ∇_x L(x) (Miyato et al., 2017).

    Its logits are those of x. Two forward passes, two backward passes, and one backward pass without the gradients of
    weights.
    """

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        import torch

        shift = no_shift(model, batch).requires_grad_()
        draws = Draws(shift.device)
        with shifted(model, shift):
            clean = objective(model, batch)
        (gradient,) = torch.autograd.grad(clean.loss, shift, retain_graph=True)
        draws.again()
        with shifted(model, epsilon * normalised(gradient * real_tokens(batch), "l2")):
            worst = objective(model, batch)
        return clean._replace(loss=clean.loss + weight * worst.loss)

    return objective.wrapped(run)


def projected_gradient(objective: Objective, ascent: Ascent, clean_weight: float) -> Objective:
    """clean_weight · L(x) + L(x + δ_K), where δ climbs K steps in its ball (Madry et al., 2018).

    Its logits are those of x where x has a weight, and those of x + δ_K where not. K + 1 forward passes, one backward
    pass, and K backward passes without the gradients of weights; one more of the first two where x has a weight.
    """

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        import torch

        shift = ascent.first(model, batch)
        draws = Draws(shift.device)
        clean = objective(model, batch) if clean_weight else None
        for _ in range(ascent.steps):
            shift.requires_grad_()
            draws.again()
            with shifted(model, shift):
                loss = objective(model, batch).loss
            (gradient,) = torch.autograd.grad(loss, shift)
            shift = ascent.next(shift, gradient, real_tokens(batch))
        draws.again()
        with shifted(model, shift):
            worst = objective(model, batch)
        return worst if clean is None else clean._replace(loss=clean_weight * clean.loss + worst.loss)

    return objective.wrapped(run)


def free_large_batch(objective: Objective, ascent: Ascent) -> Objective:
    """1/K · Σ_{t<K} L(x + δ_t), where δ_0 is the start and each next one climbs a step (Zhu et al., 2020).

    The gradients of each pass serve twice, for the weights and for the next step. Its logits are those of x + δ_{K−1}.
    K forward and K backward passes, of which one is in memory at a time.
    """

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        import torch

        from vocation.training.replay import with_gradients

        weights = [weight for weight in model.parameters() if weight.requires_grad]
        sums: list[torch.Tensor | None] = [None] * len(weights)
        shift = ascent.first(model, batch)
        value = shift.new_zeros(())
        draws = Draws(shift.device)
        for _ in range(ascent.steps - 1):
            shift.requires_grad_()
            draws.again()
            with shifted(model, shift):
                loss = objective(model, batch).loss / ascent.steps
            gradient, *gradients = torch.autograd.grad(loss, [shift, *weights], allow_unused=True)
            _add(sums, gradients)
            value = value + loss.detach()
            shift = ascent.next(shift, gradient, real_tokens(batch))
        draws.again()
        with shifted(model, shift.detach()):
            last = objective(model, batch)
        return last._replace(loss=with_gradients(value, weights, sums) + last.loss / ascent.steps)

    return objective.wrapped(run)


def _add(sums: list[torch.Tensor | None], gradients: Sequence[torch.Tensor | None]) -> None:
    """Adds gradients to their sums, in place."""
    if all(
        gradient is None for gradient in gradients
    ):  # Otherwise all steps but the last would silently teach nothing.
        raise TrainingError(
            "freelb: the loss gives the model's weights no gradient, as where they are divided over processes (FSDP).\n"
            "  what to do: train with every weight in each process, or choose fgm or pgd"
        )
    for place, gradient in enumerate(gradients):
        if gradient is not None:
            before = sums[place]
            sums[place] = gradient if before is None else before + gradient
