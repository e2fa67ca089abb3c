"""Losses of a position, each made around another one, so that they compose.

Shapes: N positions, L labels. Wherever an inner loss is named, it is a `PointLoss`, such as cross-entropy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vocation.training.objective import cross_entropy

if TYPE_CHECKING:
    import torch

    from vocation.training.objective import PointLoss


def smoothed(inner: PointLoss, epsilon: float) -> PointLoss:
    """(1 − ε) · ℓ(class) + ε / L · Σ_l ℓ(l): the loss where every label has ε / L of the target (Szegedy et al., 2016).

    With cross-entropy inside it is that of the smoothed target. Otherwise the inner loss is computed for each label in
    turn, on N · L · L numbers.
    """

    def point_loss(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        if inner is cross_entropy:
            wide = logits.float() if logits.dtype.itemsize < 4 else logits
            every = -wide.log_softmax(-1).mean(-1)
        else:
            positions, labels = logits.shape
            each = classes.new_tensor(range(labels)).repeat_interleave(positions)
            every = inner(logits.repeat(labels, 1), each).view(labels, positions).mean(0)
        return (1 - epsilon) * inner(logits, classes) + epsilon * every

    return point_loss


def focused(inner: PointLoss, gamma: float) -> PointLoss:
    """(1 − p)^γ · ℓ(class), with p the predicted probability of the class (Lin et al., 2017)."""

    def point_loss(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        import torch

        missing = -torch.expm1(-cross_entropy(logits, classes))  # 1 − p, exact also where p is nearly 1.
        smallest = torch.finfo(missing.dtype).tiny  # At 0 a root has no finite slope.
        return missing.clamp_min(smallest) ** gamma * inner(logits, classes)

    return point_loss


def weighted(inner: PointLoss, weights: Sequence[float]) -> PointLoss:
    """w[class] · ℓ(class).

    Args:
        inner: ℓ.
        weights: w, [L].
    """

    def point_loss(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        losses = inner(logits, classes)
        return losses.new_tensor(weights)[classes] * losses

    return point_loss


def effective_number_weights(counts: NDArray[np.int64], beta: float) -> NDArray[np.float64]:
    """(1 − β) / (1 − β^n) of each class, scaled to sum to the number of classes, [L] (Cui et al., 2019).

    (1 − β^n) / (1 − β) is the effective number of n samples: each new one is less likely to be new. β = 0 weighs all
    classes alike, β → 1 by 1 / n. A class without samples counts as one with a single sample.

    Args:
        counts: n, [L].
        beta: at least 0 and below 1.
    """
    weights = (1 - beta) / -np.expm1(np.maximum(counts, 1) * np.log(beta)) if beta else np.ones(len(counts))
    return np.asarray(weights * (len(counts) / weights.sum()))


def balanced_weights(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """1 / n of each class, [L]; a class without samples counts as one with a single sample."""
    return np.asarray(1.0 / np.maximum(counts, 1))


def scaled_to_mean_one(weights: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights in the same proportions, whose mean over all targets is 1, so that the learning rate keeps its meaning.

    Args:
        weights: of each class, [L], all above 0.
        counts: how often each class is a target, [L]; one at least is above 0.
    """
    return np.asarray(weights * (counts.sum() / (weights @ counts)))
