"""Objectives that ask predictions to stay what they are: under other dropout masks, nearby inputs, or older weights.

Shapes: N positions that are learned from, L labels, B batch, T tokens, D width of the embeddings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vocation.training.draws import Draws
from vocation.training.objective import Objective, Outcome
from vocation.training.older_weights import OlderWeights
from vocation.training.perturbation import no_shift, normalised, projected, real_tokens, shifted

if TYPE_CHECKING:
    import torch

    from vocation.training.perturbation import Norm


def symmetric_divergence(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """KL(p ‖ q) + KL(q ‖ p) = Σ_l (p_l − q_l) · (log p_l − log q_l) of each position, [N].

    Args:
        one: logits [N, L] of p.
        other: logits [N, L] of q.
    """
    log_p, log_q = (_wide(logits).log_softmax(-1) for logits in (one, other))
    return ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum(-1)


def _wide(logits: torch.Tensor) -> torch.Tensor:
    return logits.float() if logits.dtype.itemsize < 4 else logits


def two_passes(objective: Objective, alpha: float) -> Objective:
    """L₁ + L₂ + α · ½ · (KL(p₁ ‖ p₂) + KL(p₂ ‖ p₁)) of two passes, each with its dropout masks (Liang et al., 2021).

    Its logits are those of the first pass. Two forward and two backward passes.
    """

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        first, second = objective(model, batch), objective(model, batch)
        apart = symmetric_divergence(first.logits, second.logits).sum()
        return first._replace(loss=first.loss + second.loss + alpha / 2 * apart)

    return objective.wrapped(run)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Where the neighbour is looked for whose predictions differ most.

    Args:
        epsilon: ε, radius of the ball, in the norm.
        sigma: σ, standard deviation of the normal noise at which the search starts.
        eta: η, size of a step, in the norm.
        steps: how many are taken.
        norm: in which steps and ball are measured.
    """

    epsilon: float
    sigma: float
    eta: float
    steps: int
    norm: Norm

    def start(self, model: Any, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """σ · N(0, 1), [B, T, D]; zero at padding."""
        return no_shift(model, batch).normal_(0, self.sigma) * real_tokens(batch)

    def next(self, shift: torch.Tensor, gradient: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Π(shift + η · g / ‖g‖), [B, T, D]."""
        moved = shift.detach() + self.eta * normalised(gradient * real, self.norm)
        return projected(moved, self.epsilon, self.norm)


@dataclass(frozen=True, slots=True)
class Proximity:
    """How the model is held near its older self.

    Args:
        older: its weights.
        mu: μ, the weight of the divergence.
    """

    older: OlderWeights
    mu: float

    def logits(self, objective: Objective, model: Any, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Of the older self, [N, L], without gradients."""
        import torch

        with torch.no_grad(), self.older.standing_in():
            return objective(model, batch).logits


def smooth(objective: Objective, lambda_s: float, near: Neighbourhood, proximity: Proximity | None = None) -> Objective:
    """L(x) + λ · R + μ · D (Jiang et al., 2020), with D(p, q) = KL(p ‖ q) + KL(q ‖ p) in both.

    R = max over ‖x̃ − x‖ ≤ ε of D(f(x̃), f(x)) is the smoothness-inducing regulariser, D(f(x), f̃(x)) the Bregman
    divergence from the older self f̃ of the momentum proximal point method. All passes have the same dropout masks.
    Its logits are those of x. With K steps K + 2 forward passes, two backward passes, and K backward passes without the
    gradients of weights; the older self is one more forward pass.
    """

    def run(model: Any, batch: Mapping[str, torch.Tensor]) -> Outcome:
        import torch

        shift = near.start(model, batch)
        draws = Draws(shift.device)
        older = proximity.logits(objective, model, batch) if proximity else None
        draws.again()
        clean = objective(model, batch)
        for _ in range(near.steps):
            shift.requires_grad_()
            draws.again()
            with shifted(model, shift):
                logits = objective(model, batch).logits
            apart = symmetric_divergence(logits, clean.logits.detach()).sum()
            (gradient,) = torch.autograd.grad(apart, shift)
            shift = near.next(shift, gradient, real_tokens(batch))
        draws.again()
        with shifted(model, shift):
            logits = objective(model, batch).logits
        loss = clean.loss + lambda_s * symmetric_divergence(logits, clean.logits).sum()
        if proximity and older is not None:
            loss = loss + proximity.mu * symmetric_divergence(clean.logits, older).sum()
        return clean._replace(loss=loss)

    return objective.wrapped(run)
