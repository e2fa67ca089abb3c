"""Changes of a batch's token embeddings, and the geometry in which they are measured: that of each example alone.

Norms run over the tokens and the width of one example, so neither the others of its batch nor padding changes them.
Shapes: B batch, T tokens, D width of the embeddings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import torch

Norm = Literal["l2", "linf"]
"""l2: the root of the sum of all squares of an example; linf: its largest absolute value."""


@contextmanager
def shifted(model: Any, shift: torch.Tensor) -> Iterator[None]:
    """Within it, the model adds a shift to the token embeddings that it looks up.

    Args:
        model: a `transformers` model.
        shift: [B, T, D], zero where there is padding.
    """

    def add(_module: Any, _arguments: Any, output: torch.Tensor) -> torch.Tensor:
        return output + shift

    hook = model.get_input_embeddings().register_forward_hook(add)
    try:
        yield
    finally:
        hook.remove()


def no_shift(model: Any, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Zeros [B, T, D] in the precision of the embeddings."""
    import torch

    embedding, mask = model.get_input_embeddings(), batch["attention_mask"]
    return torch.zeros(*mask.shape, embedding.embedding_dim, dtype=embedding.weight.dtype, device=mask.device)


def real_tokens(batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """[B, T, 1], 1 where a token stands and 0 where there is padding."""
    return batch["attention_mask"].unsqueeze(-1)


def uniform_noise(model: Any, batch: Mapping[str, torch.Tensor], size: float) -> torch.Tensor:
    """Noise of size / √(t · D) · U(−1, 1) for each example of t tokens, [B, T, D]; zero at padding.

    The division makes the expected L2 norm of an example, size / √3, independent of its length.
    """
    real = real_tokens(batch)
    noise = no_shift(model, batch).uniform_(-1, 1) * real
    elements = real.sum((1, 2), keepdim=True, dtype=noise.dtype) * noise.shape[-1]  # [B, 1, 1]
    return noise * (size / elements.sqrt())


def norms(values: torch.Tensor, norm: Norm) -> torch.Tensor:
    """The norm of each example, [B, 1, 1], given [B, T, D]."""
    if norm == "l2":
        return values.square().sum((1, 2), keepdim=True).sqrt()
    return values.abs().amax((1, 2), keepdim=True)


def normalised(values: torch.Tensor, norm: Norm) -> torch.Tensor:
    """Each example divided by its norm; an example of zeros stays one. [B, T, D]."""
    sizes = norms(values, norm)
    return values / sizes.where(sizes > 0, 1.0)


def steepest(gradient: torch.Tensor, norm: Norm) -> torch.Tensor:
    """Of all directions of norm 1 the one that goes up most: g / ‖g‖₂, or sign(g). [B, T, D]."""
    return normalised(gradient, norm) if norm == "l2" else gradient.sign()


def projected(shift: torch.Tensor, epsilon: float, norm: Norm) -> torch.Tensor:
    """The nearest point of each example's ball of radius ε, [B, T, D]."""
    if norm == "linf":
        return shift.clamp(-epsilon, epsilon)
    sizes = norms(shift, "l2")
    return shift * (epsilon / sizes.where(sizes > epsilon, epsilon))
