"""AdamW, set up as encoders are fine-tuned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def adamw(model: torch.nn.Module, weight_decay: float, factors: Mapping[str, float] | None = None) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter, 2019) over the weights that train, fused where the device has it.

    Biases and layer-norm weights, that is all tensors of one dimension, do not decay (as in Devlin et al., 2019).
    β = (0.9, 0.999), ε = 1e-8. The learning rate is set anew before every update.

    Args:
        model: holds the weights.
        weight_decay: of the tensors that decay.
        factors: of the learning rate, by the names of parameters; 1 where a name is missing.

    Raises:
        ValueError: nothing trains.
    """
    import torch

    groups: dict[tuple[float, float], dict[str, Any]] = {}
    fused = True
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            decay, factor = weight_decay if parameter.ndim >= 2 else 0.0, (factors or {}).get(name, 1.0)
            group = groups.setdefault((factor, -decay), {"params": [], "weight_decay": decay, "factor": factor})
            group["params"].append(parameter)
            fused &= parameter.device.type in ("cpu", "cuda", "mps")
    return torch.optim.AdamW([groups[key] for key in sorted(groups)], lr=0.0, fused=fused)
